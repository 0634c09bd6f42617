"""What holds for every template: hard limits, and targets to be measured by. Shapes only."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import (
    AmountMetric,
    CountMetric,
    FieldName,
    KeptMetric,
    Metric,
    TimeMetric,
    Version,
)
from runner.contract.values import Duration, Name, Strict
from runner.contract.waiver import Waivers

__all__ = ["Limits", "Target", "Targets"]


class Limits(Strict):
    """What holds for every template."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Limits"]
    named_within: Duration
    """A primary and a secondary are named this soon after the trigger instant."""
    accept_within: dict[str, Duration]
    """The longest acceptance timebox by value of the priority field."""
    manager_knows_within: Duration
    """The longest time until a human has accepted or the escalation owner was told."""
    handoffs_at_most: int = Field(ge=0, le=20)
    """The most handoffs that a template may allow."""
    repeat_at_most: int = Field(ge=0, le=9)
    """The most extra passes through the ladder that a template may ask for."""
    remind_every: Duration
    """How often the escalation owner is told again when a time has passed."""
    untold_retries: int = Field(ge=0, le=9)
    """How often a rung is tried again because no channel took the message."""
    restores_at_most: int = Field(ge=0, le=9)
    """How often a ticket that was solved without proof is set back before it is only flagged."""
    step_within: Duration
    """How long a step of a runbook may take."""
    snooze_at_most: Duration = 86400
    """How far from now a reminder may be put off; a day, if not given."""
    approval_above: dict[FieldName, float] = {}
    """Amounts, by number field, from which on an action needs an approval before it."""
    waiting_at_most: Duration | None = None
    """The longest wait for a customer or a date that a template may allow."""
    silence_at_most: Duration | None = None
    """The longest time that an escalation may stand without anybody being asked or told."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""


class Target(Strict):
    """What a key figure should be; every part is optional, at least one is given."""

    median: Duration | None = None
    """Half of them are faster."""
    p90: Duration | None = None
    """Nine of ten are faster."""
    within: Duration | None = None
    """The time that `share` of them keep."""
    share: int | None = Field(default=None, ge=1, le=100)
    """Percent that are to keep `within`; without it, for what is kept or missed, such as `sla_compliance`."""
    at_most: int | None = Field(default=None, ge=0)
    """For what is counted, such as handoffs: the most for one escalation."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise Unfit("this target asks for nothing", "write for example {median: 2h} or {at_most: 3}")
        if self.within is not None and self.share is None:
            raise Unfit("`within` needs `share`", "write for example {within: 2h, share: 95}", "within")
        return self


class Targets(Strict):
    """What the key figures should be, for all and for single templates."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Targets"]
    every: dict[Metric, Target] = {}
    """For every template, by key figure."""
    templates: dict[Name, dict[Metric, Target]] = {}
    """For single templates instead, by name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        for key, groups in (("every", [self.every]), ("templates", list(self.templates.values()))):
            for by_metric in groups:
                for metric, target in by_metric.items():
                    _fits(metric, target, key)
        return self


_PARTS: tuple[tuple[tuple[str, ...], frozenset[str], str], ...] = (
    (get_args(TimeMetric), frozenset(("median", "p90", "within", "share")), "{median: 2h} or {within: 2h, share: 95}"),
    (get_args(KeptMetric), frozenset(("share",)), "{share: 95}"),
    (get_args(CountMetric) + get_args(AmountMetric), frozenset(("at_most",)), "{at_most: 3}"),
)
"""By key figure what can be asked of it, with an example."""


def _fits(metric: Metric, target: Target, key: str) -> None:
    """Raises Unfit if the target asks for something that the figure does not have."""
    for metrics, parts, example in _PARTS:
        odd = sorted(target.model_fields_set - parts)
        if metric in metrics and odd:
            raise Unfit(f"`{metric}` has no `{odd[0]}`", f"write for example {metric}: {example}", key)
        if metric in metrics and target.share is not None and "within" in parts and target.within is None:
            raise Unfit(f"`share` of `{metric}` needs `within`", f"write for example {metric}: {example}", key)
