"""SUR909 and SUR910: handoffs that lose knowledge, or that go to whoever has it already. Hands nothing over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.policies import EvidenceKinds
from runner.contract.rule import Rule
from runner.contract.template import Template
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_TOO_LITTLE = Rule(
    code="SUR909",
    name="handoff-carries-too-little",
    severity=Severity.WARNING,
    summary="A handoff may leave out what the receiver needs.",
    why="Whoever takes over must know why it comes to them, what to do next and by when, and must have what was "
    "gathered so far. What a handoff does not carry is found out a second time, while the customer waits.",
    bad="""\
handoff: {require: [reason, artifacts], accept_within: 30m, at_most: 2}
""",
    good="""\
handoff: {require: [reason, next_step, expected_at], accept_within: 30m, at_most: 2}
""",
    fix="Add `reason`, `next_step` and `expected_at` to `handoff.require`; also `artifacts` where evidence of the "
    "outcome stands in no ticket field, so that the ticket alone does not show it.",
)
_TO_ONESELF = Rule(
    code="SUR910",
    name="handoff-to-oneself",
    severity=Severity.WARNING,
    summary="A planned sequence of handoffs names somebody who holds the escalation at that moment.",
    why="Nobody can hand over to themselves, so the runner passes over that place and asks the next one. What was "
    "planned as a level of its own does not happen.",
    bad="""\
  sequence: [{team: desk}, {team: desk}, {role: manager}]
""",
    good="""\
  sequence: [{team: desk}, {role: manager}]
""",
    fix="Leave out the place that is named twice, or begin the sequence with whoever comes after the primary.",
)
RULES: Final = (_TOO_LITTLE, _TO_ONESELF)
_NEEDED: Final = {
    "reason": "why it is handed over",
    "next_step": "what to do next",
    "expected_at": "when to expect the result",
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every template's rules for handoffs."""
    kinds = subject.documents.policy(EvidenceKinds)
    for document, template in subject.templates:
        yield from _too_little(document, template, kinds)
        yield from _to_oneself(document, template)


def _too_little(document: Document, template: Template, kinds: EvidenceKinds | None) -> Iterator[Diagnostic]:
    require = template.handoff.require
    missing = {name: what for name, what in _NEEDED.items() if name not in require}
    if "artifacts" not in require and kinds is not None:
        loose = [
            name for name in template.outcome.evidence if name in kinds.evidence and kinds.evidence[name].field is None
        ]
        if loose:
            missing["artifacts"] = f"{' and '.join(loose)}, which no ticket field holds"
    if missing:
        found = ", ".join(require)
        message = f"a handoff carries only [{found}], so the receiver may not learn {'; nor '.join(missing.values())}"
        yield _TOO_LITTLE.found(document, ("handoff", "require"), message, f"add {', '.join(missing)}")


def _to_oneself(document: Document, template: Template) -> Iterator[Diagnostic]:
    """By reference alone: who stands behind two different references changes with the roster."""
    sequence = template.handoff.sequence
    before, who = template.owners.primary, "is the primary, who is asked first and so hands over first"
    if template.ladder[0].rung != "primary":
        before = getattr(template.owners, template.ladder[0].rung)
        who = "is the first rung of the ladder and so hands over first"
    for index, receiver in enumerate(sequence):
        if receiver == before:
            message = f"place {index + 1} of the sequence, {receiver}, {who}; nobody hands over to themselves"
            yield _TO_ONESELF.found(document, ("handoff", "sequence", index), message, "leave it out of the sequence")
        before, who = receiver, "has just taken over by the place before it"
