"""SUR903: no escalation starts the next without end. The loops themselves are found in `validators.check.loops`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.rule import Rule
from validators.check.loops import Edge, cycles
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR903",
    name="escalation-loop",
    severity=Severity.ERROR,
    summary="What an escalation does to a ticket, or the ticket that it creates, starts the next one without end.",
    why="Each round asks people again and creates more tickets. Nothing in the language ends it: the helpdesk fills up "
    "over night, and the one escalation that matters is lost among them.",
    bad="""\
scope:
  status: {not: solved}
""",
    good="""\
scope:
  status: {not: solved}
  type: {not: task}
""",
    fix="Give the tickets that steps create a value, such as a `type` of their own, that the scope of the Routing "
    "policy leaves out. Where two templates set a field to and fro, let only one of them set it.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Each loop once, at a step of it; nothing without a valid revision, since blocks are written out only there."""
    if subject.revision is None:
        return
    documents: dict[str, Document] = {model.name: each for each, model in subject.templates}
    documents |= {model.name: each for each, model in subject.blocks}
    loops, complete = cycles(subject.revision)
    routing = subject.documents.one("Routing")
    if not complete and routing is not None:
        message = (
            "too many steps create tickets or set fields that other templates ask for: not every loop was looked for"
        )
        unknown = _RULE.found(routing, ("scope",), message, "let the scope leave out what steps create", key=True)
        yield replace(unknown, severity=Severity.UNKNOWN)
    for cycle in loops:
        document, path = _place(documents, cycle[0])
        created = cycle[0].sort == "create"
        key = cycle[0].step.kind
        path = (*path, key, "fields") if created and cycle[0].step.args["fields"] else (*path, key)
        if created:
            message = f"the ticket created here starts the next escalation, and so on without end: {_way(cycle)}"
            help_text = "give it a value in `fields` that the scope of the Routing policy leaves out"
        elif cycle[0].sort == "close":
            message = f"the fields set here bring a closed ticket back, and so on without end: {_way(cycle)}"
            help_text = "leave the field as it is that puts a closed ticket out of the scope of the Routing policy"
        else:
            message = f"the fields set here start the next escalation, and so on without end: {_way(cycle)}"
            help_text = "let only one of these templates set the field, or let their conditions leave each other out"
        assumed = list(dict.fromkeys(field for edge in cycle for field in edge.assumed))
        if assumed:
            message += f"; assumed that {' and '.join(f'`{name}`' for name in assumed)} will fit"
        yield _RULE.found(document, path, message, help_text, key=True)


def _way(cycle: tuple[Edge, ...]) -> str:
    """`billing creates a ticket → rest sets fields → billing`."""
    did = {"create": "creates a ticket", "set": "sets fields", "close": "sets fields at the close"}
    return " → ".join((*(f"`{edge.source}` {did[edge.sort]}" for edge in cycle), f"`{cycle[-1].target}`"))


def _place(documents: dict[str, Document], edge: Edge) -> tuple[Document, Path]:
    """Where the step of an edge is written: `alarm#/steps/0`."""
    name, _, pointer = edge.place.partition("#/")
    return documents[name], tuple(int(part) if part.isdigit() else part for part in pointer.split("/"))
