"""What every body of the API is made of: names that may stand in the record, free texts that are set aside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StringConstraints

from runner.contract.misfit import Unfit
from runner.contract.values import Instant
from runner.engine import commands as cmd
from runner.service.ids import Ids, text_digest
from runner.store.port import Text

__all__ = ["Body", "Free", "Number", "Texts", "Value", "When", "Word", "within_reach"]

Free = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]
"""A text of a person; it goes into the side table."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""A name of something. It stands in the record for good, so it must not be a place for texts."""
Number = Annotated[int, Field(ge=0, le=10**9)]
"""That of an offer or an exception; bounded, because it stands in the record and in answers."""
_MOST_NUMBER, _LONGEST_ANSWER = 10**15, 100
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def within_reach(at: datetime) -> datetime:
    """The instant, if it lies in years for which somebody could mean it; raises Unfit, a ValueError, otherwise."""
    if _EARLIEST <= at < _LATEST:
        return at
    problem = f"`{at.date().isoformat()}` is not a day that anybody means"
    raise Unfit(problem, "write an instant in the years 2000 to 2199")


When = Annotated[Instant, AfterValidator(within_reach)]
"""An instant that a person names."""


def _value(value: object) -> cmd.Scalar:
    """What answers a question and stands in the record for good."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float) and abs(value) <= _MOST_NUMBER:
        return value
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_ANSWER:
        return value
    raise Unfit(
        f"an answer is true, false, a number up to {_MOST_NUMBER} or a name of at most {_LONGEST_ANSWER} characters",
        "put a text under `texts`",
    )


Value = Annotated[cmd.Scalar, PlainValidator(_value)]


class Texts:
    """Sets free texts aside: the command gets a salted digest, the store the text."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.kept: dict[str, Text] = {}

    def ref(self, text: str) -> str:
        """The digest that stands for a text."""
        salt = self._ids.salt()
        digest = text_digest(salt, text)
        self.kept[digest] = (salt, text)
        return digest

    def maybe(self, text: str | None) -> str | None:
        """The digest of a text, None for none."""
        return self.ref(text) if text is not None else None


class Body(BaseModel, ABC):
    """A body. Unknown keys are refused, and values of another type: "no" would otherwise pass for an answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @abstractmethod
    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        """The command; `facts` reads the ticket and is called only by those that need it."""
