"""Figures against the targets of a revision: what was asked, what was found, and whether it is kept. Blames nobody."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from runner.contract.policies.limits import Target, Targets
from runner.contract.policies.words import Metric
from runner.engine.kpis.figures import AMOUNTS, COUNTS, TIMES, Figures
from runner.engine.kpis.summary import times_of

__all__ = ["Verdict", "verdicts"]

Part = Literal["median", "p90", "share", "at_most"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One part of a target for one template, over `n` escalations; `kept` is None where there was nothing to judge.

    `found` is the median or the ninetieth percentile in seconds (None: for that many of them it never happened), the
    percentage that kept it, or the most that one escalation had. `misses` of the `n` did not keep it; None for a
    median and a percentile, which no single one keeps or misses.
    """

    template: str
    metric: Metric
    part: Part
    target: float
    found: float | None
    kept: bool | None
    n: int
    misses: int | None


def verdicts(targets: Targets, many: Iterable[Figures]) -> Iterator[Verdict]:
    """Each part of each target, template by template; a template's own target replaces that for every one."""
    by_template: dict[str, list[Figures]] = defaultdict(list)
    for each in many:
        by_template[each.template].append(each)
    for template, found in sorted(by_template.items()):
        wanted = {**targets.every, **targets.templates.get(template, {})}
        for metric, target in sorted(wanted.items()):
            yield from _judge(template, metric, target, found)


def _judge(template: str, metric: Metric, target: Target, many: Sequence[Figures]) -> Iterator[Verdict]:
    def verdict(part: Part, wanted: float, found: float | None, kept: bool, misses: int | None = None) -> Verdict:  # noqa: FBT001
        return Verdict(template, metric, part, wanted, found, kept if n else None, n, misses)

    if metric in TIMES:
        took = times_of(many, metric)
        n = len(took)
        for part, wanted, rank in (("median", target.median, None), ("p90", target.p90, 0.9)):
            if wanted is not None:
                found = math.inf if not n else median(took) if rank is None else took[math.ceil(rank * n) - 1]
                yield verdict(part, wanted, None if found == math.inf else found, found <= wanted)  # type: ignore[arg-type]
        if target.within is not None and target.share is not None:
            late = sum(each > target.within for each in took)
            yield verdict("share", target.share, _percent(n - late, n), (n - late) * 100 >= target.share * n, late)
    elif metric in COUNTS or metric in AMOUNTS:
        if target.at_most is not None:
            had = [value for each in many if (value := each.value(metric)) is not None]
            n = len(had)
            most, over = max(had, default=None), sum(value > target.at_most for value in had)
            yield verdict("at_most", target.at_most, most, not over, over)
    elif target.share is not None:
        decided = [value for each in many if (value := each.value(metric)) is not None]
        n, well = len(decided), sum(map(bool, decided))
        yield verdict("share", target.share, _percent(well, n), well * 100 >= target.share * n, n - well)


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
