"""What a rule looks at: the revision as it was read, the day, and what several rules need to know. Finds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from runner.contract.compile_calendar import compile_calendar
from runner.contract.contract import CalendarOf
from runner.contract.documents import Document, Documents
from runner.contract.load import Loaded, Revision
from runner.contract.policies import Calendars
from runner.contract.template import Block, Template
from runner.contract.waiver import Waiver
from runner.zones import zone
from validators.check.business_time import BusinessTime, starts_of
from validators.check.duty import Duty
from validators.check.routing import Analysis, analyse

__all__ = ["Subject"]


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
