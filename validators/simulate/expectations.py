"""Assertions compared with what is: what was expected, and what was got instead. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from runner.contract.assertions import Ends, Look, looks
from runner.contract.expected_figures import NEVER, UNDECIDED, expected_figure
from runner.contract.local_time import LocalTimes
from runner.contract.policies import Metric
from runner.contract.values import format_duration, parse_instant
from runner.engine.events import EscalationClosed, StepUndone
from runner.engine.kpis import TIMES
from runner.engine.state import accountable, next_deadline
from runner.engine.undo import standing
from validators.simulate.simulation import Life, Simulation
from validators.simulate.virtual import Message

__all__ = ["Mismatch", "as_written", "mismatches", "state_words", "waits_for_the_world"]

_OF_THE_WORLD: Final = ("notified", "rooms", "channels", "said", "noted", "fields")
"""Words about what the world has done, which takes it until everything asked of it is done."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What does not hold: the key of the assertion (and below it), in words what was expected and what was got."""

    path: tuple[str, ...]
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class _Sight:
    """What an assertion looks at; with `among`, lists say who or what is among them."""

    simulation: Simulation
    key: str
    life: Life | None
    at: datetime
    times: LocalTimes
    among: bool


def mismatches(
    look: Look,
    simulation: Simulation,
    key: str,
    at: datetime,
    times: LocalTimes,
    *,
    awaited: Container[str] = (),
    among: bool = False,
) -> Iterator[Mismatch]:
    """What of an assertion does not hold now; `among`: a list need not be complete, unless it is empty.

    `awaited` are tickets that may be asked about before they exist.
    """
    if key not in simulation.world.tickets and key not in awaited:
        known = ", ".join(simulation.world.tickets) or "none"
        yield Mismatch(("ticket",), f"a ticket {key}", f"no such ticket; the tickets are {known}")
        return
    sight = _Sight(simulation, key, simulation.latest(key), at, times, among)
    for name in _given(look):
        if name in _LOOKS:
            expected, got = _LOOKS[name](sight, getattr(look, name))
        elif name in _LISTS:
            expected, got = _compared(sight, name, getattr(look, name))
        else:
            yield from _MAPS[name](sight, getattr(look, name))
            continue
        if expected != got:
            yield Mismatch((name,), expected, got)
    if isinstance(look, Ends):
        yield from _ended(sight, look)


def waits_for_the_world(look: Look) -> bool:
    """Whether it is about what the world does, and so is looked at only when that is done."""
    return any(getattr(look, name) is not None for name in _OF_THE_WORLD)


def as_written(look: Look) -> str:
    """The assertion in words: `state offered, owner anna-keller`."""
    return ", ".join(f"{name} {_as_words(getattr(look, name))}" for name in _given(look))


def state_words(look: Look, simulation: Simulation, key: str, at: datetime, times: LocalTimes) -> str:
    """What is there of all that an assertion looks at, in words."""
    life = simulation.latest(key)
    sight = _Sight(simulation, key, life, at, times, among=False)
    parts = [f"state {_state(sight, '')[1]}", f"owner {_owner(sight, '')[1]}"]
    for name in _given(look):
        if name in _LISTS:
            parts.append(f"{name} {_compared(sight, name, ())[1]}")
        elif name in _LOOKS and name not in ("state", "owner", "accountable", "next_deadline"):
            parts.append(f"{name} {_LOOKS[name](sight, getattr(look, name))[1]}")
    return ", ".join(parts)


def _given(look: Look) -> list[str]:
    return [name for name in looks(type(look)) if getattr(look, name) is not None and name not in ("code", "impact")]


def _as_words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_as_words(each)}" for name, each in value.items())
    return "no value" if value is None else str(value)


def _state(sight: _Sight, wanted: str) -> tuple[str, str]:
    return wanted, sight.life.state.phase.value if sight.life else "none"


def _template(sight: _Sight, wanted: str) -> tuple[str, str]:
    return wanted, sight.life.contract.name if sight.life else "none"


def _owner(sight: _Sight, wanted: str) -> tuple[str, str]:
    return wanted, (accountable(sight.life.state) if sight.life else None) or "nobody"


def _accountable(sight: _Sight, wanted: str) -> tuple[str, str]:
    return wanted, "nobody" if _owner(sight, "")[1] == "nobody" else "somebody"


def _reason(sight: _Sight, wanted: str) -> tuple[str, str]:
    turns = sight.life.turns if sight.life else []
    return wanted, turns[-1].reason.value if turns else "none"


def _next_deadline(sight: _Sight, wanted: str) -> tuple[str, str]:
    due = next_deadline(sight.life.state) if sight.life else None
    return sight.times.show(sight.times.instant(wanted)), sight.times.show(due) if due else "none"


_LOOKS: Final[Mapping[str, Callable[[_Sight, str], tuple[str, str]]]] = MappingProxyType(
    {
        "state": _state,
        "template": _template,
        "owner": _owner,
        "accountable": _accountable,
        "reason": _reason,
        "next_deadline": _next_deadline,
    }
)


def _compared(sight: _Sight, name: str, wanted: tuple[str, ...]) -> tuple[str, str]:
    find, none = _LISTS[name]
    found = sorted(find(sight))
    if name in _PARTS:
        missing = [part for part in wanted if not any(part in text for text in found)]
        got = _quoted(found) or none
        return (_quoted(missing), got) if missing or not wanted else (got, got)
    expected, got = _listed(name, wanted, none), _listed(name, found, none)
    if (sight.among or name == "recorded") and wanted and set(wanted) <= set(found):
        return expected, expected
    return expected, got


def _listed(name: str, names: Iterable[str], none: str) -> str:
    return ", ".join(sorted(names if name in _COUNTED else set(names))) or none


def _quoted(texts: Iterable[str]) -> str:
    return " and ".join(f"`{' '.join(text.split())}`" for text in texts)


def _notified(sight: _Sight) -> Iterator[str]:
    return (each.person for each in _messages(sight) if each.person is not None)


def _rooms(sight: _Sight) -> Iterator[str]:
    return (each.room for each in _messages(sight) if each.room is not None)


def _channels(sight: _Sight) -> Iterator[str]:
    return (each.channel for each in _messages(sight))


def _said(sight: _Sight) -> Iterator[str]:
    return (each.text for each in _messages(sight))


def _noted(sight: _Sight) -> Iterator[str]:
    ticket = sight.simulation.world.tickets.get(sight.key)
    if ticket is not None:
        description = ticket.fields.get("description")
        yield from (*([str(description)] if description else ()), *ticket.notes)


def _messages(sight: _Sight) -> Iterator[Message]:
    """What people and rooms were told at this very instant, which is the latest of all."""
    for message in reversed(sight.simulation.world.messages):
        if message.at < sight.at:
            return
        if message.ticket == sight.key:
            yield message


def _recorded(sight: _Sight) -> Iterator[str]:
    for at, events in reversed(sight.life.history if sight.life else []):
        if at < sight.at:
            return
        yield from (event.reason.value for event in events)


def _exceptions(sight: _Sight) -> Iterator[str]:
    return (each.exception_class for each in (sight.life.state.exceptions.values() if sight.life else ()))


def _asked(sight: _Sight) -> Iterator[str]:
    offers = sight.life.state.offers.values() if sight.life else ()
    return (offer.to for offer in offers if offer.purpose == "question")


def _standing(sight: _Sight) -> Iterator[str]:
    return (action for _, action, _ in standing(sight.life.contract, sight.life.state)) if sight.life else iter(())


def _undone(sight: _Sight) -> Iterator[str]:
    for _, events in sight.life.history if sight.life else ():
        for event in events:
            if isinstance(event, StepUndone) and sight.life is not None:
                step = sight.life.contract.runbook[event.run.partition("#")[0]][event.step]
                yield str(step.args.get("action", step.kind))


_PARTS: Final = ("said", "noted")
"""Of these, parts of texts are looked for."""
_COUNTED: Final = ("exceptions", "standing", "undone")
"""Of these, the same name may be there several times."""
_LISTS: Final[Mapping[str, tuple[Callable[[_Sight], Iterator[str]], str]]] = MappingProxyType(
    {
        "notified": (_notified, "nobody"),
        "rooms": (_rooms, "no room"),
        "channels": (_channels, "no channel"),
        "said": (_said, "nothing"),
        "noted": (_noted, "nothing"),
        "asked": (_asked, "nobody"),
        "recorded": (_recorded, "nothing"),
        "exceptions": (_exceptions, "none"),
        "standing": (_standing, "none"),
        "undone": (_undone, "none"),
    }
)


def _ended(sight: _Sight, ends: Ends) -> Iterator[Mismatch]:
    """With what it was closed, and when it came into its last state."""
    life = sight.life
    closed = [e for _, events in (life.history if life else ()) for e in events if isinstance(e, EscalationClosed)]
    over = closed[-1] if closed and life is not None and life.state.phase.over else None
    if ends.code is not None and (over is None or over.code != ends.code):
        yield Mismatch(("code",), ends.code, over.code if over is not None and over.code else "none")
    if ends.impact is not None and (over is None or over.impact != ends.impact):
        yield Mismatch(
            ("impact",), str(ends.impact), "none" if over is None or over.impact is None else str(over.impact)
        )
    if ends.at is not None:
        expected = sight.times.show(sight.times.instant(ends.at))
        got = sight.times.show(life.entered) if life is not None else "none"
        if expected != got:
            yield Mismatch(("at",), expected, got)


def _fields(sight: _Sight, wanted: Mapping[str, object]) -> Iterator[Mismatch]:
    declared = sight.simulation.fields
    ticket = sight.simulation.world.tickets.get(sight.key)
    for name, expected in sight.times.fields(declared, wanted).items():
        got = ticket.fields.get(name) if ticket is not None else None
        if got != expected:
            instant = declared[name].type == "instant"
            yield Mismatch(("fields", name), _shown(sight, expected, instant), _shown(sight, got, instant))


def _kpis(sight: _Sight, wanted: Mapping[Metric, object]) -> Iterator[Mismatch]:
    found = sight.life.kpis.figures(sight.at) if sight.life is not None else None
    for metric, written in wanted.items():
        expected = expected_figure(metric, written)
        got = found.value(metric) if found is not None else None
        if found is None or got != expected or isinstance(got, bool) != isinstance(expected, bool):
            yield Mismatch(("kpis", metric), _figure(metric, expected), _figure(metric, got) if found else "none")


def _figure(metric: Metric, value: object) -> str:
    """A figure as a scenario would state it."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return NEVER if metric in TIMES else UNDECIDED
        case float() if metric in TIMES:
            return format_duration(round(value)) if value else "0"
        case _:
            return str(value)


def _shown(sight: _Sight, value: object, instant: bool) -> str:  # noqa: FBT001 - a value is one or the other
    if value is None:
        return "no value"
    return sight.times.show(parse_instant(value)) if instant else str(value)


_MAPS: Final[Mapping[str, Callable[[_Sight, Any], Iterator[Mismatch]]]] = MappingProxyType(
    {"fields": _fields, "kpis": _kpis}
)
