"""Expectations compared with what is: what was expected, and what was got instead. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from runner.contract.expected_figures import NEVER, UNDECIDED, expected_figure
from runner.contract.local_time import LocalTimes
from runner.contract.policies import Metric
from runner.contract.scenario import Expect
from runner.contract.values import format_duration, parse_instant
from runner.engine.events import StepUndone
from runner.engine.kpis import TIMES
from runner.engine.state import accountable, next_deadline
from runner.engine.undo import standing
from runner.engine.words import is_owner_event
from validators.simulate.simulation import Life, Simulation

__all__ = ["Mismatch", "mismatches"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What does not hold: the key of the expectation (and below it), in words what was expected and what was got."""

    path: tuple[str, ...]
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class _Sight:
    """What an expectation looks at."""

    simulation: Simulation
    key: str
    life: Life | None
    at: datetime
    times: LocalTimes


def mismatches(
    expect: Expect, simulation: Simulation, key: str, at: datetime, times: LocalTimes, *, awaited: Container[str] = ()
) -> Iterator[Mismatch]:
    """What of an expectation does not hold now, after everything due by `at` was handled.

    `awaited` are tickets that may be asked about before they exist.
    """
    if key not in simulation.world.tickets and key not in awaited:
        known = ", ".join(simulation.world.tickets) or "none"
        yield Mismatch(("ticket",), f"a ticket {key}", f"no such ticket; the tickets are {known}")
        return
    sight = _Sight(simulation, key, simulation.latest(key), at, times)
    for name, look in _LOOKS.items():
        wanted = getattr(expect, name)
        if wanted is not None:
            expected, got = look(sight, wanted)
            if expected != got:
                yield Mismatch((name,), expected, got)
    yield from _fields(sight, expect.fields or {})
    yield from _kpis(sight, expect.kpis or {})


def _state(sight: _Sight, wanted: str) -> tuple[str, str]:
    return wanted, sight.life.state.phase.value if sight.life else "none"


def _template(sight: _Sight, wanted: str) -> tuple[str, str]:
    return wanted, sight.life.contract.name if sight.life else "none"


def _owner(sight: _Sight, wanted: str) -> tuple[str, str]:
    return wanted, (accountable(sight.life.state) if sight.life else None) or "nobody"


def _reason(sight: _Sight, wanted: str) -> tuple[str, str]:
    history = sight.life.history if sight.life else []
    changes = [event.reason.value for _, events in history for event in events if is_owner_event(event)]
    return wanted, changes[-1] if changes else "none"


def _next_deadline(sight: _Sight, wanted: str) -> tuple[str, str]:
    due = next_deadline(sight.life.state) if sight.life else None
    return sight.times.show(sight.times.instant(wanted)), sight.times.show(due) if due else "none"


def _notified(sight: _Sight, wanted: tuple[str, ...]) -> tuple[str, str]:
    told = {m.person for m in sight.simulation.world.messages if (m.at, m.ticket) == (sight.at, sight.key)}
    return _listed(wanted, "nobody"), _listed((person for person in told if person), "nobody")


def _rooms(sight: _Sight, wanted: tuple[str, ...]) -> tuple[str, str]:
    told = {m.room for m in sight.simulation.world.messages if (m.at, m.ticket) == (sight.at, sight.key)}
    return _listed(wanted, "no room"), _listed((room for room in told if room), "no room")


def _recorded(sight: _Sight, wanted: tuple[str, ...]) -> tuple[str, str]:
    history = sight.life.history if sight.life else []
    found = {event.reason.value for at, events in history if at == sight.at for event in events}
    expected = _listed(wanted, "nothing")
    return expected, expected if set(wanted) <= found else _listed(found, "nothing")


def _exceptions(sight: _Sight, wanted: tuple[str, ...]) -> tuple[str, str]:
    found = [each.exception_class for each in sight.life.state.exceptions.values()] if sight.life else []
    return ", ".join(sorted(wanted)) or "none", ", ".join(sorted(found)) or "none"


def _asked(sight: _Sight, wanted: tuple[str, ...]) -> tuple[str, str]:
    offers = sight.life.state.offers.values() if sight.life else ()
    found = [offer.to for offer in offers if offer.purpose == "question"]
    return _listed(wanted, "nobody"), _listed(found, "nobody")


def _standing(sight: _Sight, wanted: tuple[str, ...]) -> tuple[str, str]:
    found = [action for _, action, _ in standing(sight.life.contract, sight.life.state)] if sight.life else []
    return ", ".join(sorted(wanted)) or "none", ", ".join(sorted(found)) or "none"


def _undone(sight: _Sight, wanted: tuple[str, ...]) -> tuple[str, str]:
    found = list(_steps_undone(sight.life)) if sight.life else []
    return ", ".join(sorted(wanted)) or "none", ", ".join(sorted(found)) or "none"


def _steps_undone(life: Life) -> Iterator[str]:
    for _, events in life.history:
        for event in events:
            if isinstance(event, StepUndone):
                step = life.contract.runbook[event.run.partition("#")[0]][event.step]
                yield str(step.args.get("action", step.kind))


def _listed(names: Iterable[str], none: str) -> str:
    return ", ".join(sorted(set(names))) or none


_LOOKS: Final[Mapping[str, Callable[[_Sight, Any], tuple[str, str]]]] = MappingProxyType(
    {
        "state": _state,
        "template": _template,
        "owner": _owner,
        "reason": _reason,
        "next_deadline": _next_deadline,
        "notified": _notified,
        "rooms": _rooms,
        "recorded": _recorded,
        "asked": _asked,
        "exceptions": _exceptions,
        "standing": _standing,
        "undone": _undone,
    }
)


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
