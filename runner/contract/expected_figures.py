"""Key figures as a scenario states them: `45m`, `never`, `2`, `true`. Says what a figure may be; compares nothing."""

from __future__ import annotations

from typing import get_args

from runner.contract.misfit import Unfit, shown
from runner.contract.policies.words import AmountMetric, KeptMetric, Metric, TimeMetric
from runner.contract.values import parse_duration

__all__ = ["NEVER", "UNDECIDED", "expected_figure"]

NEVER = "never"
"""A time for what has not happened."""
UNDECIDED = "undecided"
"""What is neither kept nor missed yet; and an amount that nobody has said."""


def expected_figure(metric: Metric, written: object) -> float | bool | None:
    """The value that is meant: seconds, a count, an amount, or whether it was kept; None for what is not there.

    Raises Unfit, a ValueError, if the figure cannot have such a value.
    """
    if metric in get_args(TimeMetric):
        return _time(metric, written)
    if written == UNDECIDED and (metric in get_args(KeptMetric) or metric in get_args(AmountMetric)):
        return None
    if metric in get_args(KeptMetric):
        if isinstance(written, bool):
            return written
        raise _unfit(metric, written, "true, false or undecided")
    if isinstance(written, int) and not isinstance(written, bool):
        return written
    raise _unfit(metric, written, "a whole number")


def _time(metric: Metric, written: object) -> float | None:
    if written == NEVER:
        return None
    if written == 0 and not isinstance(written, bool):
        return 0.0
    try:
        return float(parse_duration(written))
    except Unfit as error:
        raise Unfit(
            f"`{metric}` is a time, and {error.problem}", f"{error.advice}; or write 0, or never", "kpis"
        ) from None


def _unfit(metric: Metric, written: object, allowed: str) -> Unfit:
    return Unfit(f"`{metric}` is {allowed}, found {shown(written)}", f"write {allowed}", "kpis")
