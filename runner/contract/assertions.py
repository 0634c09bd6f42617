"""What a scenario asserts: at instants, all along, in time, and in the end. Shapes only; compared elsewhere.

The words are the same everywhere. Where something must never be, or be at some time, lists say who or what is among
them; everywhere else they are complete.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, JsonValue, StringConstraints, model_validator

from runner.contract.expected_figures import expected_figure
from runner.contract.misfit import Unfit
from runner.contract.policies import FieldName, Metric
from runner.contract.values import Duration, Name, Seq, Strict

__all__ = ["Always", "Ends", "Eventually", "Expect", "LocalTime", "Look", "Never", "OwnerChange", "looks"]

LocalTime = Annotated[
    str,
    StringConstraints(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2} )?([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?( first| second)?$"
    ),
]
"""Local time in the scenario's zone: `09:00`, `09:00:01`, or with a date `2026-03-04 09:00`. Of an hour that the clock
shows twice, `02:30 first` or `02:30 second`."""
Part = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""A part of a text, as it reads when everything is filled in."""
StateWord = Literal["none", "offered", "accepted", "waiting", "exhausted", "resolved", "closed", "cancelled"]
"""The states, and `none` where there was never an escalation."""


def _states_or_open(value: object) -> object:
    """A single word is not taken for a list of letters, nor for a state: one finding says what is meant."""
    if isinstance(value, str) and value != "open":
        raise Unfit(f"`while` is a list of states, or open; found the text `{value}`", f"write while: [{value}]")
    return value


While = Annotated[Literal["open"] | Seq[StateWord], BeforeValidator(_states_or_open)]
"""In which states; `open`: from the opening to the end."""


class _At(Strict):
    at: LocalTime
    """When."""


class Look(Strict):
    """What can be looked at; what is not given is not compared."""

    ticket: Name | None = None
    """Which ticket, by its key; not needed if there is one."""
    template: Name | None = None
    """The template of the escalation; with `state: none` not allowed."""
    state: StateWord | None = None
    """The state of the ticket's latest escalation; `none` if it never had one."""
    owner: Name | None = None
    """Who is accountable."""
    accountable: Literal["somebody", "nobody"] | None = None
    """Whether anybody is, whoever it may be."""
    reason: Name | None = None
    """The reason of the last change of owner."""
    notified: Seq[Name] | None = None
    """Everybody to whom a message went at exactly this instant, in any order."""
    rooms: Seq[Name] | None = None
    """Every room to which a message went at exactly this instant, in any order."""
    channels: Seq[Name] | None = None
    """Every channel that took a message at exactly this instant, in any order."""
    said: Seq[Part] | None = Field(default=None, min_length=1)
    """Parts of what messages said at exactly this instant, each in one of them; of those that the runner itself sends,
    what they are about: `offer`, `failover`, `reminder`, `wait_over` …"""
    noted: Seq[Part] | None = Field(default=None, min_length=1)
    """Parts of the description of the ticket and of the comments that steps have written to it so far; each is in one
    of them."""
    next_deadline: LocalTime | None = None
    """The next instant at which something falls due."""
    asked: Seq[Name] | None = None
    """Everybody who has an open question, in any order."""
    recorded: Seq[Name] | None = Field(default=None, min_length=1)
    """Reasons that are among those recorded at exactly this instant."""
    exceptions: Seq[Name] | None = None
    """Classes of the open exceptions."""
    standing: Seq[Name] | None = None
    """Actions whose effect holds, so that nothing may end yet."""
    undone: Seq[Name] | None = None
    """What was undone so far: actions by name, other steps by their kind."""
    fields: dict[FieldName, JsonValue] | None = Field(default=None, min_length=1)
    """Fields of the ticket as the runner left them; `null` for one without a value."""

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        words = looks(type(self))
        if all(getattr(self, key) is None for key in words):
            msg = f"this expectation asserts nothing: give at least one of {', '.join(words)}"
            raise ValueError(msg)
        return self


_CONDITIONS = frozenset(("at", "ticket", "from_", "until", "while_", "after", "within"))
"""Keys that say where and when to look."""


@cache
def looks(model: type[Look]) -> tuple[str, ...]:
    """The keys of an assertion that compare something."""
    return tuple(name for name in model.model_fields if name not in _CONDITIONS)


class _Figures(Look):
    """What can be looked at where time stands still."""

    kpis: dict[Metric, bool | int | str] | None = Field(default=None, min_length=1)
    """Key figures of the ticket's latest escalation up to now: times such as `45m`, `0` or `never`; numbers; `true`,
    `false` or `undecided` for what is kept or missed."""

    @model_validator(mode="after")
    def _figures_fit(self) -> Self:
        for metric, written in (self.kpis or {}).items():
            expected_figure(metric, written)
        return self


class Expect(_Figures, _At):
    """What must be true at an instant, after everything due by then has been handled."""


class _Span(Strict):
    from_: LocalTime | None = Field(default=None, alias="from")
    """From when on; from the first instant of the ticket if not given."""
    until: LocalTime | None = None
    """Until before when; to the end if not given."""
    while_: While | None = Field(default=None, alias="while")
    """Only in these states; `open`: from the opening of the escalation to its end."""


class Always(Look, _Span):
    """What must be true after every decision, and after whatever people do."""


class Never(Look, _Span):
    """What must not be true after any decision; if it has several words, never all of them at once."""


class _Window(Strict):
    after: LocalTime | None = None
    """From when on to look; from the first instant of the ticket if not given."""
    within: Duration | None = None
    """How long after that at the latest; at any time until the end if not given."""


class Eventually(Look, _Window):
    """What must be true at some time."""


class _Ended(Strict):
    at: LocalTime | None = None
    """When it came into the state in which it ends."""


class Ends(_Figures, _Ended):
    """What must be true at the last instant that the scenario names."""

    code: Name | None = None
    """The resolution code with which it was closed."""
    impact: int | None = None
    """The business impact that was stated, in whole currency units."""


class OwnerChange(_At):
    """A change of who is accountable."""

    ticket: Name | None = None
    """Of which ticket, where there are several."""
    owner: Name | None = None
    """Who is accountable from then on; nobody after the end."""
    reason: Name
    """Why."""
