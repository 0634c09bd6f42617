"""A violation whose course was played: what a scenario that demands otherwise is made of. Demands nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from runner.contract.contract import Contract
from runner.contract.local_time import LocalTimes
from runner.contract.property import Property
from validators.verify.acting import local
from validators.verify.playing import Played
from validators.verify.verdict import Violation

__all__ = ["MINUTE", "Case", "Plain"]

MINUTE: Final = timedelta(minutes=1)
Plain = dict[str, Any]
"""A part of a scenario as it is written."""


@dataclass(frozen=True, slots=True)
class Case:
    """A violation with the course as it was played, in a contract; `own` is the claim, if it is the template's own."""

    violation: Violation
    course: Played
    contract: Contract
    times: LocalTimes
    own: Property | None = None

    def at(self, minutes: int = 0) -> str:
        """The end of the course, or so many minutes later, as scenarios write it."""
        return local(self.times, self.course.ended + minutes * MINUTE)

    def window(self) -> dict[str, str]:
        """From the end of the course on, for a minute."""
        return {"from": self.at(), "until": self.at(1)}

    @property
    def last(self) -> str:
        """What is done last, in the words of the exploration."""
        return self.violation.steps[-1].label if self.violation.steps else ""
