"""Waivers: findings that somebody lets stand in a file, with a reason and an end date. Shapes only; judges no finding.

A waiver says nothing to a runner: it is no part of a contract and changes no digest.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from runner.contract.misfit import Unfit
from runner.contract.values import Date, Seq, Strict, Text

__all__ = ["Waiver", "Waivers"]


def _exists(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise Unfit(f"`{text}` is not a day of the calendar", "write a day that exists, as in 2027-01-31") from None
    return text


class Waiver(Strict):
    """Takes findings of one rule out of the verdict of `surety check`, until a day."""

    code: Annotated[str, StringConstraints(pattern=r"^SUR[0-9]{3}$")]
    """The rule, as in `SUR403`; `surety rule` lists them. Gate rules cannot be waived."""
    at: Annotated[str, StringConstraints(pattern=r"^(/[^/]+)+$", max_length=300)] | None = None
    """The place in this file, as in `/accept/within`: what stands there and below; the whole file if not given."""
    reason: Text
    """Why the finding may stand, for whoever reads it after you."""
    until: Annotated[Date, AfterValidator(_exists)]
    """The last day on which the waiver holds; afterwards the findings count again."""

    @property
    def last_day(self) -> date:
        """`until`, as a date."""
        return date.fromisoformat(self.until)

    def covers(self, code: str, pointer: str) -> bool:
        """Whether a finding of this code at this JSON pointer of the same file is meant, on whatever day."""
        at = self.at or ""
        return code == self.code and (pointer == at or pointer.startswith(f"{at}/"))


Waivers = Seq[Waiver]
"""The waivers of one document."""
