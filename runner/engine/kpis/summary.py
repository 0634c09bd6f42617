"""Figures of many escalations: medians in which "never" is longer than any time, shares, and sums."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from runner.contract.policies.words import CountMetric, KeptMetric, TimeMetric
from runner.engine.kpis.figures import COUNTS, KEPT, TIMES, Ending, Figures

__all__ = ["Kept", "Spread", "Summary", "summarise", "times_of"]


@dataclass(frozen=True, slots=True)
class Spread:
    """How long it took, in seconds, over `n` escalations; for `never` of them it has not happened.

    What has not happened counts as longer than any time, so a median of None means: for half of them or more, never.
    `p90` is the time that nine of ten keep, `longest` the longest of those that happened.
    """

    n: int
    never: int
    median: float | None
    p90: float | None
    longest: float | None

    @property
    def never_share(self) -> float | None:
        """The share for which it has not happened, from 0 to 1; None of none."""
        return self.never / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Kept:
    """How often something was kept, missed, and not decided yet."""

    kept: int
    missed: int
    undecided: int

    @property
    def share(self) -> float | None:
        """The share of kept ones among those that are decided, from 0 to 1; None while none is."""
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


@dataclass(frozen=True, slots=True)
class Summary:
    """Many escalations. `counts` are sums; `impact` is the sum of what was said of `impact_known` of them."""

    count: int
    endings: Mapping[Ending, int]
    times: Mapping[TimeMetric, Spread]
    kept: Mapping[KeptMetric, Kept]
    counts: Mapping[CountMetric, int]
    exceptions: Mapping[str, int]
    impact: int
    impact_known: int

    def plain(self) -> dict[str, object]:
        """All of it as JSON data, each figure by its name."""
        return {
            "count": self.count,
            "endings": dict(self.endings),
            **{name: {**_slots(each), "never_share": each.never_share} for name, each in self.times.items()},
            **{name: {**_slots(each), "share": each.share} for name, each in self.kept.items()},
            **{str(name): count for name, count in self.counts.items()},
            "exceptions_by_class": dict(self.exceptions),
            "business_impact": self.impact,
            "business_impact_known": self.impact_known,
        }


def _slots(value: Spread | Kept) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}


def summarise(many: Sequence[Figures]) -> Summary:
    """Medians, shares and sums over escalations.

    One that was cancelled should not have been opened: what had not happened by then is not missing.
    """
    kept = {name: Counter(each.kept[name] for each in many) for name in KEPT}
    classes: Counter[str] = Counter()
    for each in many:
        classes.update(each.exceptions)
    endings = Counter(each.ending for each in many)
    impacts = [each.impact for each in many if each.impact is not None]
    order: tuple[Ending, ...] = ("open", "closed", "cancelled")
    return Summary(
        count=len(many),
        endings={ending: endings[ending] for ending in order},
        times={name: _spread(times_of(many, name)) for name in TIMES},
        kept={name: Kept(found[True], found[False], found[None]) for name, found in kept.items()},
        counts={name: sum(each.counts[name] for each in many) for name in COUNTS},
        exceptions=dict(sorted(classes.items())),
        impact=sum(impacts),
        impact_known=len(impacts),
    )


def times_of(many: Sequence[Figures], name: TimeMetric) -> list[float]:
    """The times of a figure in ascending order, infinite where it never happened."""
    found = [(each.times[name], each.ending) for each in many]
    return sorted(
        math.inf if took is None else took for took, ending in found if took is not None or ending != "cancelled"
    )


def _spread(took: list[float]) -> Spread:
    happened = [each for each in took if each != math.inf]
    if not took:
        return Spread(0, 0, None, None, None)
    p90 = took[math.ceil(0.9 * len(took)) - 1]
    return Spread(
        n=len(took),
        never=len(took) - len(happened),
        median=_or_never(median(took)),
        p90=_or_never(p90),
        longest=happened[-1] if happened else None,
    )


def _or_never(seconds: float) -> float | None:
    return None if seconds == math.inf else seconds
