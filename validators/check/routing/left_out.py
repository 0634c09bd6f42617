"""Tickets that a template is for and the scope leaves out: what the scope demands beyond the trigger, with an example.

A scope says in two ways what is ours: parts that only keep something out (`status: {not: solved}`), which hold for
every template alike, and demands. A trigger that does not say what the scope demands loses tickets that its author
means.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.contract.conditions import All, Condition, Not
from runner.engine.observation import ObservationKind
from runner.engine.routing import ADMITS
from validators.check.routing.asking import LOOKS, Answer, Asker
from validators.check.routing.witness import Witness, smallest

__all__ = ["left_out", "scope_is_empty"]


def left_out(ask: Asker, place: int) -> Witness | None:
    """A ticket that the template matches, that nothing keeps out, and that is out of scope; None if none was found."""
    scope = ask.table.scope
    parts: Sequence[Condition] = scope.parts if isinstance(scope, All) else (scope,)
    exclusions = [part for part in parts if isinstance(part, Not)]
    demands = [part for part in parts if not isinstance(part, Not)]
    if not demands:
        return None
    for kind in (kind for kind in LOOKS if ask.table.entries[place].on & ADMITS[kind]):
        must = [ask.formula(place, kind), *(ask.translated(part, kind) for part in exclusions)]
        must.append(ask.translated(Not(All(tuple(demands))), kind))
        found = ask.sketches(kind, must, (), Answer())
        witness = smallest(found, lambda ticket: ask.matches(place, ticket) and ask.is_out(ticket))
        if witness is not None:
            return witness
    return None


def scope_is_empty(ask: Asker) -> bool:
    """Whether no ticket at all is in scope, and that is certain."""
    answers = [ask.first(kind, [ask.scopes[kind]]) for kind in (ObservationKind.CREATED, ObservationKind.UPDATED)]
    return all(each.sketch is None and each.certain for each in answers)
