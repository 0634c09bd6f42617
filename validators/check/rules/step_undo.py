"""SUR906 and SUR912: steps that change something and do not say how it is taken back. Takes nothing back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract.blocks import BlockInliner
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.misfit import shown
from runner.contract.policies import Actions
from runner.contract.rule import Rule
from runner.contract.template import POINTS
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_STEP = Rule(
    code="SUR906",
    name="step-without-undo",
    severity=Severity.WARNING,
    summary="A step changes something in the helpdesk and says neither how that is taken back nor why it is not.",
    why="When an escalation turns out to be wrong, what it has changed stays behind: a priority that nobody set, a "
    "ticket that nobody works on. Whoever wrote the step knows best what should become of it.",
    bad="""\
- set_fields: {vip: true}
""",
    good="""\
- set_fields: {vip: true}
  undo: {never: The customer stays important after the dispute.}
""",
    fix='Add `undo`: `restore` for fields, `{action: NAME}` for an action that takes it back, or `{never: "why"}`.',
)
_ACTION = Rule(
    code="SUR912",
    name="action-without-undo",
    severity=Severity.ERROR,
    summary="An action changes another system, and nothing says how that is taken back or why it cannot be.",
    why="Another system does not know that the escalation was a mistake. A refund, a lock, a restart stay as they are "
    "until somebody remembers them.",
    bad="""\
- action: {run: lock-account, with: {account: "{{ ticket.id }}"}}
""",
    good="""\
- action: {run: lock-account, with: {account: "{{ ticket.id }}"}}
  undo: {action: unlock-account}
""",
    fix="Name the action that takes it back, at the step or, for every use, at the action: `undo: NAME`. If there is "
    "none, say why: `irreversible` at the action, or `undo: {never: …}` at the step. An action that only reads has "
    "`changes_world: false`.",
)
RULES: Final = (_STEP, _ACTION)
_HELP: Final = {
    "set_fields": 'add undo: restore, or undo: {never: "why it stays"}',
    "assign": 'add undo: {never: "why it stays"}, or an action that takes it back',
    "create_ticket": 'add undo: {never: "why it stays"}, or an action that closes the ticket',
}

_CHANGING: Final = frozenset((*_HELP, "action"))


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every step where it is written, so one of a block once, however many templates use it."""
    actions = subject.documents.policy(Actions)
    unsure = False
    for document, steps in subject.steps:
        for path, step in steps:
            if step.get("undo") is not None or step.keys().isdisjoint(_CHANGING):
                continue
            kind = next((each for each in _HELP if each in step), None)
            if kind is not None:
                yield _STEP.found(document, (*path, kind), _what(kind, step[kind]), _HELP[kind], key=True)
            elif "action" in step and actions is not None:
                name = _run(step)
                unsure = unsure or name.startswith("$")
                yield from _action(document, path, name, actions)
    if unsure and actions is not None:
        yield from _given(subject, actions)


def _run(step: Mapping[str, Any]) -> str:
    """The name of the action that a step carries out, or the input that holds it; empty if that cannot be told."""
    action = step["action"]
    return str(action.get("run", "")) if isinstance(action, Mapping) else ""


def _what(kind: str, value: Any) -> str:  # noqa: ANN401 - plain data
    """What a step changes."""
    if kind == "set_fields":
        names = ", ".join(f"`{name}`" for name in value) if isinstance(value, Mapping) else "fields"
        did = f"writes {names}"
    elif kind == "create_ticket":
        subject = value.get("subject") if isinstance(value, Mapping) else None
        did = f"creates the ticket {shown(subject)}" if isinstance(subject, str) else "creates a ticket"
    else:
        did = "gives the ticket to somebody"
    return f"this step {did}, and does not say what becomes of that when it is rolled back"


def _action(document: Document, path: Path, name: str, actions: Actions) -> Iterator[Diagnostic]:
    declared = actions.actions.get(name)
    if declared is None or not declared.changes_world or declared.undo is not None or declared.irreversible is not None:
        return
    message = f"the action `{name}` changes another system, and nothing says how that is taken back"
    help_text = f"name the action that takes it back, as undo of `{name}` or of this step, or say why there is none"
    yield _ACTION.found(document, (*path, "action"), message, help_text, key=True)


def _given(subject: Subject, actions: Actions) -> Iterator[Diagnostic]:
    """The same for blocks to which the action is given: judged with what templates give, said once at the block."""
    inliner = BlockInliner({model.name: document for document, model in subject.blocks})
    for document, template in subject.templates:
        runbook = document.plain.get("runbook") or {}
        for point in POINTS:
            for flat in inliner.steps(document, template.name, runbook.get(point) or [], ("runbook", point)):
                if (
                    "action" in flat.plain
                    and flat.plain.get("undo") is None
                    and flat.source("action", "run")
                    != (
                        flat.document,
                        (*flat.path, "action", "run"),
                    )
                ):
                    yield from _action(flat.document, flat.path, _run(flat.plain), actions)
