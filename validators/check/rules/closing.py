"""SUR905 and SUR908: what must hold before an escalation may close. Verifies nothing itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.policies import EvidenceKinds, Fields
from runner.contract.rule import Rule
from runner.contract.template import Template
from validators.check.conditions_written import demands
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_NOT_DEMANDED = Rule(
    code="SUR905",
    name="check-not-demanded",
    severity=Severity.ERROR,
    summary="A close does not demand that the ticket shows the true state, or that the people concerned were reached.",
    why="Three things make the record of an escalation true: somebody accepted it, the ticket says the same as the "
    "escalation, and those who were to be told have been reached. That somebody accepted is always demanded: "
    "`accept.checklist` cannot be left out, and nothing closes that nobody accepted. The other two hold only if "
    "`close.verify` names them.",
    bad="""\
  verify: [outcome_evidence, delivered]
""",
    good="""\
  verify: [outcome_evidence, tasks_done, fields_consistent, delivered]
""",
    fix="Add `fields_consistent` and `delivered` to `close.verify`. A manager may still close by an override, with a "
    "rationale that is kept.",
)
_NOTHING = Rule(
    code="SUR908",
    name="close-verifies-nothing",
    severity=Severity.ERROR,
    summary="An escalation can close although nothing proves its outcome.",
    why="The outcome is the reason for the whole contract. If its evidence is not asked for, or is there by itself "
    "from the first minute, then everybody who presses the button has reached it.",
    bad="""\
  verify: [tasks_done, fields_consistent, delivered]
""",
    good="""\
  verify: [outcome_evidence, tasks_done, fields_consistent, delivered]
""",
    fix="Name `outcome_evidence` in `close.verify`, and choose evidence that only a reached outcome can give: not a "
    "field that the ticket always has, that the trigger asks for, or that a step of this template writes.",
)
RULES: Final = (_NOT_DEMANDED, _NOTHING)
_DEMANDED: Final = (
    ("fields_consistent", "that the ticket shows who is accountable"),
    ("delivered", "that the people concerned were reached"),
)
_ALWAYS_RUN: Final = ("open", "accepted")
"""Points whose steps run before anybody can resolve; the others may never come, or come later."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every template's `close.verify`, and what it rests on."""
    fields, kinds = subject.documents.policy(Fields), subject.documents.policy(EvidenceKinds)
    kept = _kept_by_itself(fields) if fields else frozenset()
    for document, template in subject.templates:
        verify = template.close.verify
        found = ", ".join(verify)
        for name, what in _DEMANDED:
            if name not in verify:
                message = f"a close does not demand {what}: `verify` is [{found}], without `{name}`"
                yield _NOT_DEMANDED.found(document, ("close", "verify"), message, f"add {name} to the list")
        if "outcome_evidence" not in verify:
            message = f"a close does not ask for evidence of the outcome: `verify` is [{found}]"
            help_text = f"add outcome_evidence, so that it needs {' and '.join(template.outcome.evidence)}"
            yield _NOTHING.found(document, ("close", "verify"), message, help_text)
        elif kinds is not None:
            yield from _given_by_itself(document, template, kinds, kept)


def _kept_by_itself(fields: Fields) -> frozenset[str]:
    """Fields that every ticket has sooner or later without anybody proving anything."""
    record = fields.record
    return frozenset((record.state, record.owner, record.accepted_at, fields.lifecycle.field, fields.priority))


def _given_by_itself(
    document: Document, template: Template, kinds: EvidenceKinds, kept: Collection[str]
) -> Iterator[Diagnostic]:
    """An outcome all of whose evidence is there without anybody giving it."""
    reasons = []
    written: dict[str, str] | None = None
    for name in template.outcome.evidence:
        kind = kinds.evidence.get(name)
        if kind is None or kind.field is None:
            return  # SUR201, or somebody has to give it
        if written is None:
            written = _written(document)
        if kind.field in kept:
            reasons.append(f"every ticket has a value in `{kind.field}`")
        elif kind.field in written:
            reasons.append(f"a step at {written[kind.field]} writes `{kind.field}`")
        elif demands(document.plain["trigger"]["when"], kind.field):
            reasons.append(f"only a ticket with `{kind.field}` triggers it")
        else:
            return
    message = f"the evidence of the outcome is there before anything is reached: {'; '.join(reasons)}"
    help_text = "choose evidence that only a reached outcome can give"
    yield _NOTHING.found(document, ("outcome", "evidence"), message, help_text)


def _written(document: Document) -> dict[str, str]:
    """Fields that the template's own steps fill before anybody can resolve, by name, with the lifecycle point."""
    runbook = document.plain.get("runbook") or {}
    return {
        field: point
        for point in _ALWAYS_RUN
        for step in runbook.get(point) or ()
        for field, value in (step.get("set_fields") or {}).items()
        if value is not None
    }
