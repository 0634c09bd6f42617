"""The kinds of mutants, each a way to break the engine by rule, and how one is planted and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, get_args

from runner.engine import decision, draft, effects, transitions
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.events.base import About
from runner.engine.evolve import _APPLY, apply_event, evolve
from runner.engine.state import Phase
from tests.mutants.limits import limits, loosened
from tests.mutants.sources import (
    deadline_sorts,
    function_at,
    guards,
    modules,
    mutated,
    without_deadline,
)

__all__ = ["KINDS", "Mutant", "every_mutant", "planted", "steady"]

KINDS: dict[str, str] = {
    "row": "a row of the transition table is dropped: the phase stays as it is",
    "stop": "a row of the transition table is dropped: the event has no place to go",
    "scope": "a run of this point does not go on in this phase",
    "guard": "a test is turned round",
    "limit": "a limit is one higher, a comparison is moved by a step, a timebox is twice as long",
    "deadline": "a sort of deadline is not derived",
    "event": "an event is not decided",
    "apply": "an event is decided, and changes nothing",
    "record": "an event is applied, and not recorded",
    "effect": "an event asks nothing of the world",
    "message": "a message about this is not sent",
    "key": "a key of the decision row is left out",
}
FIXED = "runner.engine"


@dataclass(frozen=True)
class Mutant:
    """One way to break the engine. `name` is stable as long as the place it breaks is there; `line` is 0 for tables."""

    kind: str
    name: str
    text: str
    plant: Callable[[], Callable[[], None]]
    module: str = ""
    line: int = 0

    @property
    def id(self) -> str:
        """Kind and name: what the table and the command line call it."""
        return f"{self.kind}:{self.name}"

    @property
    def place(self) -> str:
        """The function that is broken, as `module.function`; empty for tables."""
        return self.name.rpartition(":")[0] if self.kind in ("guard", "limit") else ""


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The engine with this one thing wrong."""
    undo = mutant.plant()
    try:
        yield
    finally:
        undo()


def every_mutant() -> dict[str, Mutant]:
    """All of them, by id, in a fixed order."""
    makers = (_rows, _scopes, _deadlines, _events, _effects, _messages, _keys, _guards, _limits)
    found = {mutant.id: mutant for maker in makers for mutant in maker()}
    assert all(mutant.kind in KINDS for mutant in found.values())
    return found


def steady() -> dict[str, Mutant]:
    """All of them, by a name that stays when guards come and go beside it: kind, function, and what it says there."""
    found: dict[str, Mutant] = {}
    for mutant in every_mutant().values():
        name = f"{mutant.kind}:{mutant.place}: {' '.join(mutant.text.split())}" if mutant.place else mutant.id
        names = (name, *(f"{name} ({number})" for number in range(2, 100)))
        found[next(each for each in names if each not in found)] = mutant
    return found


def _set(owner: Any, name: str, value: Any) -> Callable[[], None]:
    """Set an attribute; what is returned sets it back."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    return lambda: setattr(owner, name, before)


def _undo_all(undo: list[Callable[[], None]]) -> None:
    for each in undo:
        each()


def _code(module: str, place: str, make: Callable[[], Any]) -> Callable[[], Callable[[], None]]:
    return lambda: _set(function_at(module, place), "__code__", make())


# tables


def _rows() -> Iterator[Mutant]:
    for (phase, event), after in transitions.TRANSITIONS.items():
        rows = dict(transitions.TRANSITIONS)
        name = f"{phase.value}/{event}"
        del rows[phase, event]
        yield Mutant("stop", name, f"{name} -> {after.value}", _table("TRANSITIONS", rows))
        if after is not phase:
            rows = {**transitions.TRANSITIONS, (phase, event): phase}
            yield Mutant("row", name, f"{name} -> {after.value}", _table("TRANSITIONS", rows))


def _scopes() -> Iterator[Mutant]:
    for point, phases in transitions.RUN_SCOPES.items():
        for phase in sorted(phases):
            scopes = {**transitions.RUN_SCOPES, point: phases - {phase}}
            yield Mutant("scope", f"{point}/{phase.value}", f"runs of {point} in {phase.value}", _scoped(scopes))


def _table(name: str, rows: Mapping[Any, Any]) -> Callable[[], Callable[[], None]]:
    return lambda: _set(transitions, name, MappingProxyType(rows))


def _scoped(scopes: Mapping[str, frozenset[Phase]]) -> Callable[[], Callable[[], None]]:
    """The scopes are a table that other modules have imported, so it is changed where they look."""

    def plant() -> Callable[[], None]:
        everywhere = [each for each in modules() if "RUN_SCOPES" in vars(each)]
        undo = [_set(each, "RUN_SCOPES", MappingProxyType(scopes)) for each in everywhere]
        return partial(_undo_all, undo)

    return plant


# events


def _events() -> Iterator[Mutant]:
    for kind in sorted(each.__name__ for each in ev.EVENT_TYPES):
        yield Mutant("event", kind, f"{kind} is not decided", _adding(kind))
        yield Mutant("record", kind, f"{kind} is not recorded", _unrecorded(kind))
        if kind in _APPLY:
            yield Mutant("apply", kind, f"{kind} changes nothing", _unapplied(kind))


def _adding(kind: str, about: str | None = None) -> Callable[[], Callable[[], None]]:
    """Leave events of a kind out; of messages those about something."""
    honest = Draft.add

    def add(self: Draft, event: ev.Event) -> None:
        if event.type != kind or (about is not None and getattr(event, "about", None) != about):
            honest(self, event)

    return lambda: _set(Draft, "add", add)


def _unrecorded(kind: str) -> Callable[[], Callable[[], None]]:
    honest = Draft.add

    def add(self: Draft, event: ev.Event) -> None:
        if event.type != kind:
            honest(self, event)
        elif self._opened:
            apply_event(self.state, event, self.now)
        else:
            self.state, self._opened = evolve(None, event, self.now), True

    return lambda: _set(Draft, "add", add)


def _unapplied(kind: str) -> Callable[[], Callable[[], None]]:
    def plant() -> Callable[[], None]:
        honest = _APPLY.pop(kind)
        return lambda: _APPLY.__setitem__(kind, honest)

    return plant


def _effects() -> Iterator[Mutant]:
    for kind in effects.WITH_EFFECTS:
        rest = tuple(each for each in effects.WITH_EFFECTS if each is not kind)
        yield Mutant(
            "effect",
            kind.__name__,
            f"{kind.__name__} asks nothing",
            partial(_set, draft, "WITH_EFFECTS", rest),
        )


def _messages() -> Iterator[Mutant]:
    for about in sorted(get_args(About)):
        yield Mutant("message", about, f"no message about {about}", _adding("DeliveryRequested", about))


def _keys() -> Iterator[Mutant]:
    for key in ("seq", "now", "command", "contract", "roster", "epoch", "semantics", "tzdata", "events", "prev"):
        yield Mutant("key", key, f"rows without {key}", _without_key(key))


def _without_key(key: str) -> Callable[[], Callable[[], None]]:
    honest = decision._encode
    return lambda: _set(decision, "_encode", lambda row: honest({name: row[name] for name in row if name != key}))


# code


def _deadlines() -> Iterator[Mutant]:
    for module, place, sort, line in deadline_sorts():
        make = _code(module, place, partial(without_deadline, module, place, sort))
        yield Mutant("deadline", sort, f"no deadline of sort {sort}", make, module, line)


def _guards() -> Iterator[Mutant]:
    for module in modules():
        short = module.__name__.removeprefix(f"{FIXED}.")
        for guard in guards(module):
            name = f"{short}.{guard.place}:{guard.number}"
            make = _code(guard.module, guard.place, partial(mutated, guard))
            yield Mutant("guard", name, guard.text, make, guard.module, guard.line)


def _limits() -> Iterator[Mutant]:
    for module in modules():
        short = module.__name__.removeprefix(f"{FIXED}.")
        for limit in limits(module):
            make = _code(limit.module, limit.place, partial(loosened, limit))
            yield Mutant("limit", f"{short}.{limit.place}:{limit.number}", limit.text, make, limit.module, limit.line)
