"""Takes findings that a waiver covers out of the verdict, and keeps them in sight. Hides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.waiver import Waiver
from validators.check.registry import all_rules
from validators.check.rules.waivers import unused
from validators.check.selection import Selection
from validators.check.subject import Subject

__all__ = ["Waived", "sort_out"]


@dataclass(frozen=True, slots=True, order=True)
class Waived:
    """A finding that may stand, with the waiver's reason and last day."""

    finding: Diagnostic
    reason: str
    until: str


def sort_out(
    subject: Subject, findings: Iterable[Diagnostic], asked: Selection
) -> tuple[tuple[Diagnostic, ...], tuple[Waived, ...]]:
    """The findings that count, with those about waivers that waive nothing, and the waived ones; both sorted.

    What could not be answered is never waived: nobody knows what they would let stand. Whether a waiver waives nothing
    is judged only if its rule was asked, of a valid revision.
    """
    rules = all_rules()
    holding: dict[str, list[tuple[Document, int, Waiver]]] = {}
    for document, index, waiver in subject.waivers:
        if waiver.last_day >= subject.today and waiver.code in rules and rules[waiver.code].waivable:
            holding.setdefault(document.path, []).append((document, index, waiver))
    counting: list[Diagnostic] = []
    waived: list[Waived] = []
    used: set[tuple[str, int]] = set()
    for found in findings:
        file = found.location.file if found.location is not None else ""
        mine = [(index, each) for _, index, each in holding.get(file, ()) if each.covers(found.code, found.pointer)]
        used |= {(file, index) for index, _ in mine}
        if mine and found.severity is not Severity.UNKNOWN:
            waived.append(Waived(found, mine[0][1].reason, mine[0][1].until))
        else:
            counting.append(found)
    if subject.revision is not None and "SUR952" in asked:
        counting += [
            unused(document, index, waiver)
            for each in holding.values()
            for document, index, waiver in each
            if (document.path, index) not in used and waiver.code in asked
        ]
    return tuple(sorted(counting)), tuple(sorted(waived))
