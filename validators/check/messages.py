"""Message texts: well-formed Liquid that names only what is at hand. Renders nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity, nearest
from runner.contract.documents import Document, Documents
from runner.contract.nodes import Node, ScalarNode, SequenceNode, pointer_of
from runner.contract.policies import Fields
from runner.contract.template import RUNGS, Block
from runner.contract.text import is_liquid, message_gaps, message_problems, message_variables

__all__ = ["check_messages"]

_ALWAYS: Final = frozenset(
    (
        "ticket.id",
        "ticket.url",
        "ticket.created_at",
        "ticket.updated_at",
        "escalation.id",
        "escalation.template",
        "escalation.state",
        "escalation.opened_at",
        "escalation.outcome_due",
        "owner.name",
        "outcome.statement",
    )
)
_SOMETIMES: Final = frozenset(
    ("previous.name", "offer.accept_by", "created.ticket", *(f"owners.{rung}.name" for rung in RUNGS))
)
_Path = tuple[str | int, ...]


def check_messages(documents: Documents) -> list[Diagnostic]:
    """SUR401, SUR402, SUR403 over every text of runbooks and blocks."""
    fields = documents.policy(Fields)
    blocks = {each.model.name: each.model for each in documents.all("Block") if isinstance(each.model, Block)}
    found: list[Diagnostic] = []
    for document in (*documents.all("Template"), *documents.all("Block")):
        own = document.model.inputs if isinstance(document.model, Block) else {}
        root = "steps" if document.kind == "Block" else "runbook"
        node = document.root.get(root)
        if node is not None:
            for path, text, inputs in _texts(node, (root,), frozenset(own), blocks):
                found += _check(document, path, text, inputs, fields)
    return sorted(set(found))


def _texts(
    node: Node, path: _Path, inputs: frozenset[str], blocks: Mapping[str, Block]
) -> Iterator[tuple[_Path, str, frozenset[str]]]:
    """Every text with something to fill in: its path, itself, the names of the inputs at hand."""
    if isinstance(node, ScalarNode):
        if isinstance(node.value, str) and is_liquid(node.value):
            yield path, node.value, inputs
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield from _texts(item, (*path, index), inputs, blocks)
    else:
        used = node.get("use")
        block = blocks.get(str(used.value)) if isinstance(used, ScalarNode) else None
        for key, value in node.entries:
            # What is given to a block is a text of that block, with its inputs at hand.
            below = inputs | frozenset(block.inputs) if block and key.raw == "with" else inputs
            yield from _texts(value, (*path, key.raw), below, blocks)


def _check(
    document: Document, path: _Path, text: str, inputs: frozenset[str], fields: Fields | None
) -> Iterator[Diagnostic]:
    problems = message_problems(text)
    for problem in problems:
        help_text = "the language is Liquid, with {{ name | default: 'text' }}; see templates/README.md"
        yield _finding(document, "SUR401", Severity.ERROR, path, f"this text cannot be read: {problem}", help_text)
    if problems:
        return
    declared = frozenset(f"ticket.{name}" for name in fields.fields) if fields is not None else frozenset()
    sometimes = _SOMETIMES | declared | frozenset(f"inputs.{name}" for name in inputs)
    known = _ALWAYS | sometimes
    for name in message_variables(text):
        unsure = fields is None and name.startswith("ticket.")
        if name not in known and not unsure:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"at hand: {', '.join(sorted(_ALWAYS | _SOMETIMES))}"
            yield _finding(document, "SUR402", Severity.ERROR, path, f"`{name}` is nothing a message can name", hint)
    for name in message_gaps(text):
        if name in sometimes and not name.startswith("inputs."):
            message = f"`{name}` may have no value, and then this step fails"
            help_text = f"write {{{{ {name} | default: 'not stated' }}}}"
            yield _finding(document, "SUR403", Severity.WARNING, path, message, help_text)


def _finding(  # noqa: PLR0917 - the parts of a finding
    document: Document, code: str, severity: Severity, path: _Path, message: str, help_text: str
) -> Diagnostic:
    return Diagnostic(code, severity, message, document.at(*path), help_text, pointer_of(path))
