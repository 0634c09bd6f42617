"""What a check has shown, and what follows from it for the exit code. Shows nothing itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.load import Loaded
from runner.contract.rule import is_gate
from runner.contract.secret_text import blacked_out, hiding, secrets_in, without_secrets
from validators.check.registry import ask
from validators.check.selection import Selection, choose
from validators.check.subject import Subject
from validators.check.waivers import Waived, sort_out

__all__ = ["FAIL_ON", "Outcome", "Verdict", "compare", "examine", "restrict", "verdict"]

FAIL_ON: Final = ("error", "warning", "info", "never")
"""From which severity on a finding fails; `never` leaves only the question whether every answer is known."""
_LINE = re.compile(r"\bline [0-9]+, column [0-9]+")


class Verdict(StrEnum):
    """What the exit code says."""

    CLEAN = "clean"
    FINDINGS = "findings"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found, sorted."""

    findings: tuple[Diagnostic, ...]
    """What counts, also what could not be answered."""
    waived: tuple[Waived, ...] = ()
    """What a waiver takes out of the verdict."""
    new: frozenset[Diagnostic] | None = field(default=None)
    """Those of `findings` that the base does not have; None if there is no base."""
    elsewhere: int = 0
    """Errors of gate rules in files that were not asked for: they make the revision unusable all the same."""


def examine(loaded: Loaded, today: date, asked: Selection | None = None) -> Outcome:
    """Everything that counts and everything that is waived; `asked` limits the rules of the tool, None asks all."""
    chosen = asked if asked is not None else choose()
    subject = Subject(loaded, today)
    counting, waived = sort_out(subject, {*loaded.findings, *ask(subject, chosen.__contains__)}, chosen)
    files = [loaded.documents.sources[path] for path in subject.secrets]
    shown = without_secrets([each.finding for each in waived], files)
    reasons = _reasons(waived, files)
    return Outcome(
        tuple(sorted(without_secrets(counting, files))),
        tuple(sorted(map(Waived, shown, reasons, [each.until for each in waived]))),
    )


def _reasons(waived: Collection[Waived], files: Collection[bytes]) -> list[str]:
    """The reasons without the secrets of these files, and without what looks like one only as the reason reads."""
    dark = hiding(files)
    reasons = [each.reason if dark is None else dark(each.reason) for each in waived]
    return [blacked_out(each, secrets_in(each.encode())) for each in reasons]


def restrict(outcome: Outcome, wanted: Callable[[str], bool]) -> Outcome:
    """Only what is in the wanted files, and what is in no file at all; the rest is counted if it is a gate error."""

    def here(found: Diagnostic) -> bool:
        return found.location is None or wanted(found.location.file)

    shown = tuple(filter(here, outcome.findings))
    gone = [found for found in outcome.findings if not here(found)]
    return Outcome(
        shown,
        tuple(each for each in outcome.waived if here(each.finding)),
        None if outcome.new is None else outcome.new & frozenset(shown),
        outcome.elsewhere + sum(_is_gate_error(found) for found in gone),
    )


def compare(outcome: Outcome, base: Collection[Diagnostic]) -> Outcome:
    """Mark what the base does not have. A finding is the same if only its line has moved, or its place in a list."""
    new = _beyond(outcome.findings, base, _exactly)
    left = _beyond(base, outcome.findings, _exactly)
    return replace(outcome, new=frozenset(_beyond(new, left, _roughly)))


def verdict(outcome: Outcome, fail_on: str) -> Verdict:
    """FINDINGS if one is at or above `fail_on`, else UNKNOWN if an answer is missing, else CLEAN.

    With a base only what is new fails, and gate errors, on which a runner refuses however old they are.
    """
    failing = FAIL_ON[: FAIL_ON.index(fail_on) + 1] if fail_on != "never" else ()
    counting = [each for each in outcome.findings if _counts(outcome, each)]
    if failing and (outcome.elsewhere or any(each.severity.value in failing for each in counting)):
        return Verdict.FINDINGS
    if any(each.severity is Severity.UNKNOWN for each in outcome.findings):
        return Verdict.UNKNOWN
    return Verdict.CLEAN


def _counts(outcome: Outcome, found: Diagnostic) -> bool:
    return outcome.new is None or found in outcome.new or _is_gate_error(found)


def _is_gate_error(found: Diagnostic) -> bool:
    return is_gate(found.code) and found.severity is Severity.ERROR


def _beyond(
    ours: Iterable[Diagnostic], theirs: Iterable[Diagnostic], key: Callable[[Diagnostic], object]
) -> list[Diagnostic]:
    """Those of ours that theirs has not, each of theirs standing for one of ours."""
    known = Counter(map(key, theirs))
    left = []
    for found in ours:
        if known[key(found)]:
            known[key(found)] -= 1
        else:
            left.append(found)
    return left


def _exactly(found: Diagnostic) -> tuple[str, ...]:
    return (*_roughly(found), found.pointer)


def _roughly(found: Diagnostic) -> tuple[str, ...]:
    file = found.location.file if found.location is not None else ""
    return found.code, file, _LINE.sub("line", found.message)
