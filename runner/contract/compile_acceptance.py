"""How an offer is accepted and what may stop its clocks, closed for a contract. Refuses what refers to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner.contract import policies as pol
from runner.contract.contract import BoxOf, CheckOf, ClarifyOf, WaitingOf, closed_box
from runner.contract.documents import Document, Path
from runner.contract.references import References
from runner.contract.template import Template
from runner.contract.values import Box, OwnerRef

__all__ = ["ACCEPTANCE_PATHS", "Acceptance", "acceptance_boxes", "acceptance_of", "check_acceptance"]

ACCEPTANCE_PATHS: tuple[tuple[str, ...], ...] = (
    ("accept", "checklist_within"), ("accept", "progress_within"), ("accept", "clarify"), ("accept", "hours"),
    ("waiting",),
)  # fmt: skip
"""The places in a template to which rules of acceptance and waiting point."""
DATA_MISSING = "data-missing"
"""The exception class that a clarification raises which names none, where a template has it."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a contract says of acceptance and waiting, field by field."""

    checklist: tuple[CheckOf, ...]
    checklist_within: BoxOf | None
    progress_within: BoxOf | None
    clarify: ClarifyOf | None
    hours: str | None
    waiting: WaitingOf | None

    @property
    def fields(self) -> dict[str, Any]:
        """By the names of the contract's fields."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def boxes(self) -> list[BoxOf]:
        """Every amount of time in it; what nobody is asked outside of counts as one of a second."""
        hours = BoxOf(seconds=1, calendar=self.hours) if self.hours is not None else None
        clarify = self.clarify.within if self.clarify is not None else None
        waiting = self.waiting.at_most if self.waiting is not None else None
        every = (self.checklist_within, self.progress_within, clarify, waiting, hours)
        return [each for each in every if each is not None]


def acceptance_boxes(template: Template) -> dict[Path, Box | None]:
    """The amounts of time of acceptance and waiting, by where they stand."""
    accept, waiting = template.accept, template.waiting
    return {
        ("accept", "within"): accept.within,
        ("accept", "checklist_within"): accept.checklist_within,
        ("accept", "progress_within"): accept.progress_within,
        ("accept", "clarify", "within"): accept.clarify.within if accept.clarify is not None else None,
        ("waiting", "at_most"): waiting.at_most if waiting is not None else None,
    }


def check_acceptance(template: Template, document: Document, references: References) -> None:
    """Everything that acceptance names must exist; noted in `references`."""
    clarify, hours = template.accept.clarify, template.accept.hours
    if hours is not None:
        references.known("calendar", hours, document, ("accept", "hours"))
    if clarify is None:
        return
    path: Path = ("accept", "clarify")
    if isinstance(clarify.who, OwnerRef):
        references.owner(clarify.who, document, (*path, "who"))
    name = clarify.exception
    if name is not None and references.known("exception class", name, document, (*path, "exception")):
        if name in template.exceptions:
            return
        listed = ", ".join(template.exceptions) or "none"
        message = f"`{name}` is not among the exceptions of this template, which are: {listed}"
        references.wrong(document, "SUR201", (*path, "exception"), message, "list it under `exceptions` as well")


def acceptance_of(template: Template, checklists: pol.Checklists) -> Acceptance:
    """The closed form; only for a template in which nothing is wrong."""
    accept, waiting = template.accept, template.waiting
    return Acceptance(
        checklist=tuple(_check(name, checklists.items[name]) for name in accept.checklist),
        checklist_within=closed_box(accept.checklist_within),
        progress_within=closed_box(accept.progress_within),
        clarify=_clarify(template),
        hours=accept.hours,
        waiting=(
            WaitingOf(at_most=closed_box(waiting.at_most), then=waiting.then)
            if waiting is not None and waiting.at_most is not None and waiting.then is not None
            else None
        ),
    )


def _check(name: str, item: pol.ChecklistItem) -> CheckOf:
    return CheckOf(name=name, question=item.question, answer=item.answer, values=item.values)


def _clarify(template: Template) -> ClarifyOf | None:
    asked = template.accept.clarify
    if asked is None:
        return None
    name = asked.exception or (DATA_MISSING if DATA_MISSING in template.exceptions else None)
    return ClarifyOf(within=closed_box(asked.within), who=asked.who, exception=name)
