"""What a rule looks at: the revision as it was read, the day, and what several rules need to know. Finds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from runner.contract.compile_calendar import compile_calendar
from runner.contract.contract import CalendarOf
from runner.contract.documents import Document, Documents, Path
from runner.contract.load import Loaded, Revision
from runner.contract.policies import Calendars
from runner.contract.secret_text import Secret, secrets_in
from runner.contract.template import Block, Template
from runner.contract.text import is_liquid, message_form
from runner.contract.values import Box
from runner.contract.waiver import Waiver
from runner.contract.written_steps import WrittenStep, written_steps
from runner.zones import zone
from validators.check.business_time import BusinessTime, starts_of
from validators.check.duty import Duty
from validators.check.routing import Analysis, analyse

__all__ = ["Subject", "Text"]


class Text(NamedTuple):
    """A text as it is written in a step: where the step stands, and where the text stands in it.

    `form` is what of it is filled in: all that decides over its variables, and whether it is well-formed.
    """

    document: Document
    step_path: Path
    step: Mapping[str, Any]
    path: Path
    form: str


@dataclass(frozen=True)
class Subject:
    """A revision under examination. What takes work is a cached property: done once, and only if a rule asks."""

    loaded: Loaded
    today: date
    """The day to compare with: rules read no clock."""

    @property
    def revision(self) -> Revision | None:
        """The compiled revision; None if it has errors. A rule that needs it finds nothing without it."""
        return self.loaded.revision

    @property
    def documents(self) -> Documents:
        """Every document that could be read, valid revision or not."""
        return self.loaded.documents

    @cached_property
    def templates(self) -> tuple[tuple[Document, Template], ...]:
        """Every template that is valid in itself, with its document, in order of the paths."""
        every = self.documents.all("Template")
        return tuple((each, each.model) for each in every if isinstance(each.model, Template))

    @cached_property
    def blocks(self) -> tuple[tuple[Document, Block], ...]:
        """Every block that is valid in itself, with its document, in order of the paths."""
        every = self.documents.all("Block")
        return tuple((each, each.model) for each in every if isinstance(each.model, Block))

    @cached_property
    def steps(self) -> tuple[tuple[Document, list[WrittenStep]], ...]:
        """Every template, then every block, with its steps as they are written, those inside branches too."""
        documents = self.documents
        return tuple((each, written_steps(each)) for each in (*documents.all("Template"), *documents.all("Block")))

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """Every text of these steps in which Liquid would be filled in."""
        found: list[Text] = []
        for document, steps in self.steps:
            for step_path, step in steps:
                texts: list[tuple[Path, str]] = []
                for key, value in step.items():
                    if key != "choose":  # it only compares; the steps of its branches are steps of their own
                        _add_texts(value, (key,), texts)
                found += [Text(document, step_path, step, path, message_form(text)) for path, text in texts]
        return tuple(found)

    @cached_property
    def boxes(self) -> tuple[tuple[Document, Path, Box], ...]:
        """Every box of time in a template that counts by a calendar, and where it stands."""
        return tuple(
            (document, path, box)
            for document, template in self.templates
            for path, box in _boxes(template)
            if box is not None and box.calendar is not None
        )

    @cached_property
    def secrets(self) -> Mapping[str, tuple[Secret, ...]]:
        """What looks like a secret, by the path of the file, valid or not; only of files that hold any."""
        return {path: found for path, data in self.documents.sources.items() if (found := secrets_in(data))}

    @cached_property
    def waivers(self) -> tuple[tuple[Document, int, Waiver], ...]:
        """Every waiver, with the document in which it stands and its number there."""
        every = sorted((each for kind in self.documents.by_kind.values() for each in kind), key=lambda each: each.path)
        return tuple(
            (document, index, waiver)
            for document in every
            for index, waiver in enumerate(getattr(document.model, "waivers", ()))
        )

    @cached_property
    def duty(self) -> Duty | None:
        """Who is on call from `today` on; None without a valid revision."""
        return Duty(self.loaded.revision, self.today) if self.loaded.revision is not None else None

    @cached_property
    def business_time(self) -> BusinessTime:
        """The calendars as they are written, valid revision or not, for escalations that open from `today` on."""
        calendars = self.documents.policy(Calendars)

        def calendar_of(name: str) -> CalendarOf | None:
            if calendars is None or name not in calendars.calendars:
                return None
            return compile_calendar(calendars, name)

        return BusinessTime(calendar_of, zone, *starts_of(self.today, calendars.horizon if calendars else ""))

    @cached_property
    def routing(self) -> Analysis | None:
        """Which template can get which tickets; None without a valid revision."""
        return analyse(self.loaded.revision) if self.loaded.revision is not None else None


def _boxes(template: Template) -> list[tuple[Path, Box | None]]:
    accept, waiting = template.accept, template.waiting
    found: list[tuple[Path, Box | None]] = [
        (("outcome", "within"), template.outcome.within),
        (("accept", "within"), accept.within),
        (("accept", "checklist_within"), accept.checklist_within),
        (("accept", "progress_within"), accept.progress_within),
        (("accept", "clarify", "within"), accept.clarify.within if accept.clarify is not None else None),
        (("handoff", "accept_within"), template.handoff.accept_within),
        (("waiting", "at_most"), waiting.at_most if waiting is not None else None),
    ]
    for index, rung in enumerate(template.ladder):
        if rung.within is not None:
            found.append((("ladder", index, "within"), rung.within))
    for name, use in template.exceptions.items():
        if use.within is not None:
            found.append((("exceptions", name, "within"), use.within))
    return found


def _add_texts(value: Any, path: Path, found: list[tuple[Path, str]]) -> None:  # noqa: ANN401 - plain data
    if isinstance(value, str):
        if is_liquid(value):
            found.append((path, value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _add_texts(inner, (*path, key), found)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _add_texts(inner, (*path, index), found)
