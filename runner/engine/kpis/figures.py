"""The figures of one escalation, by the names that policies and scenarios use. Holds values; works nothing out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from runner.contract.policies.words import AmountMetric, CountMetric, KeptMetric, Metric, TimeMetric
from runner.engine.commands import Scalar

__all__ = ["AMOUNTS", "COUNTS", "KEPT", "TIMES", "Ending", "Figures", "spans_between"]

TIMES: tuple[TimeMetric, ...] = get_args(TimeMetric)
KEPT: tuple[KeptMetric, ...] = get_args(KeptMetric)
COUNTS: tuple[CountMetric, ...] = get_args(CountMetric)
AMOUNTS: tuple[AmountMetric, ...] = get_args(AmountMetric)

Ending = Literal["open", "closed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Figures:
    """One escalation as its decisions show it.

    `times` are in seconds. The ones that begin with `time_to` count from the opening, in wall time without the time
    spent waiting (`time_to_first_owner` from the ticket's creation, if that was the trigger); None where it has not
    happened. `longest_silence` is wall time: nights and weekends are silent too. `lateness` is the latest acceptance
    after its timebox, `runner_lateness` the latest that a deadline was handled. `kept` is None where it is not decided
    yet. `impact` is in whole currency units, None if nobody said; `fields` are the ticket's when it opened.
    """

    template: str
    opened_at: datetime
    epoch: int | None
    ending: Ending
    first_owner: str | None
    account: str | None
    fields: Mapping[str, Scalar]
    times: Mapping[TimeMetric, float | None]
    kept: Mapping[KeptMetric, bool | None]
    counts: Mapping[CountMetric, int]
    exceptions: Mapping[str, int]
    impact: int | None
    code: str | None

    def value(self, metric: Metric) -> float | bool | None:
        """One figure: seconds, a count, whole currency units, or whether it was kept; None if there is none yet."""
        for group in (self.times, self.kept, self.counts):
            if metric in group:
                found: float | bool | None = group[metric]  # type: ignore[index]
                return found
        return self.impact

    def plain(self) -> dict[str, object]:
        """All of it as JSON data, each figure by its name; without the ticket's fields."""
        return {
            "template": self.template,
            "epoch": self.epoch,
            "ending": self.ending,
            **{str(name): seconds for name, seconds in self.times.items()},
            **{str(name): kept for name, kept in self.kept.items()},
            **{str(name): count for name, count in self.counts.items()},
            "exceptions_by_class": dict(self.exceptions),
            "business_impact": self.impact,
            "code": self.code,
        }


def spans_between(before: Figures, after: Figures) -> Iterator[tuple[TimeMetric, float]]:
    """The times that a decision has made known, and at the close those that are only known in the end."""
    ended = after.ending == "closed" and before.ending != "closed"
    for name, seconds in after.times.items():
        if seconds is not None and (ended if name in _IN_THE_END else before.times[name] != seconds):
            yield name, seconds


_IN_THE_END = frozenset(("longest_silence", "waiting", "lateness", "runner_lateness"))
"""Times that go on growing until it is over."""
