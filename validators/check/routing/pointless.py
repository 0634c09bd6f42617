"""Parts of a condition that never make a difference: what is in scope, and what else is asked, says as much already.

Looks at what stands at the top of a trigger or of the scope: listed values, alternatives, and the scope's own parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from runner.contract.conditions import All, Any_, Condition, In, Not, condition_fields
from runner.engine.observation import ObservationKind
from runner.engine.routing import ADMITS
from validators.check.routing.asking import LOOKS, Asker
from validators.check.routing.formula import Formula

__all__ = ["Pointless", "pointless_in_scope", "pointless_in_trigger"]


@dataclass(frozen=True, slots=True)
class Pointless:
    """The part of a trigger, or of the scope if `template` is None; `item` is a value or an alternative within it."""

    template: str | None
    part: int
    item: int | None = None


def pointless_in_trigger(ask: Asker, place: int) -> Iterator[Pointless]:
    """The values and alternatives of a trigger with which no ticket in scope comes to match."""
    entry = ask.table.entries[place]
    kinds = [kind for kind in LOOKS if entry.on & ADMITS[kind]]
    scope = ask.table.scope
    parts = _parts(entry.condition)
    for index, part in enumerate(parts):
        others = [*parts[:index], *parts[index + 1 :]]
        if isinstance(part, In) and len(part.values) > 1:
            if any(part.field in condition_fields(other) for other in (*others, scope)):  # else each value may be had
                for item, value in enumerate(part.values):
                    if _never(ask, kinds, [In(part.field, (value,)), *others], [ask.scopes]):
                        yield Pointless(entry.name, index, item)
        elif isinstance(part, Any_):
            for item in _alternatives(ask, kinds, part, others, [ask.scopes]):
                yield Pointless(entry.name, index, item)


def pointless_in_scope(ask: Asker) -> Iterator[Pointless]:
    """The parts and alternatives of the scope that neither let a ticket in nor keep one out."""
    left = dict(enumerate(_parts(ask.table.scope)))
    for index, part in list(left.items()):
        others = [other for place, other in left.items() if place != index]
        if others and _never(ask, LOOKS, [Not(part), *others]):
            del left[index]  # of two that say the same, one must stay
            yield Pointless(None, index)
        elif isinstance(part, Any_):
            for item in _alternatives(ask, LOOKS, part, others):
                yield Pointless(None, index, item)


def _parts(condition: Condition) -> Sequence[Condition]:
    return condition.parts if isinstance(condition, All) else (condition,)


def _alternatives(
    ask: Asker,
    kinds: Sequence[ObservationKind],
    part: Any_,
    others: Sequence[Condition],
    known: Sequence[Mapping[ObservationKind, Formula]] = (),
) -> Iterator[int]:
    """The alternatives that hold only where another does."""
    left = dict(enumerate(part.parts))
    for item, branch in list(left.items()):
        rest = [Not(other) for place, other in left.items() if place != item]
        if rest and _never(ask, kinds, [branch, *rest, *others], known):
            del left[item]
            yield item


def _never(
    ask: Asker,
    kinds: Sequence[ObservationKind],
    conditions: Sequence[Condition],
    known: Sequence[Mapping[ObservationKind, Formula]] = (),
) -> bool:
    """Whether no ticket fulfils all of these, and that is certain; `known` are translated already."""
    for kind in kinds:
        must = [*(each[kind] for each in known), *(ask.translated(each, kind) for each in conditions)]
        answer = ask.first(kind, must)
        if answer.sketch is not None or not answer.certain:
            return False
    return True
