"""A template's own properties: claims of its files, held against every state, or against time when nobody acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from runner.contract.contract import Contract
from runner.contract.property import Look, Property
from runner.engine.state import State
from validators.verify.bounds import Bound, bound_between
from validators.verify.explore import Edge, Part
from validators.verify.properties import broken_state

__all__ = ["asks_for_two", "broken_claim", "classes_of", "is_so", "looked_at", "own_bounds", "undecided", "with_own"]


def is_so(look: Look, contract: Contract, state: State) -> bool:
    """Whether an escalation stands as a look says."""
    open_classes = {each.exception_class for each in state.exceptions.values()}
    handoff = any(offer.purpose == "handoff" for offer in state.offers.values())
    return (
        look.state in (None, state.phase.value)
        and look.rung in (None, contract.ladder[state.rung].name)
        and (look.exceptions is None or open_classes.issuperset(look.exceptions))
        and look.overdue in (None, state.outcome_missed)
        and look.handoff in (None, handoff)
    )


def classes_of(properties: Iterable[Property]) -> frozenset[str]:
    """The exception classes that claims name, each of which must be explored for itself."""
    return frozenset(name for each in properties for look in _looks(each) for name in look.exceptions or ())


def _looks(claim: Property) -> Iterator[Look]:
    between = (claim.leads_to.from_, claim.leads_to.to) if claim.leads_to is not None else ()
    yield from (look for look in (claim.when, claim.always, claim.never, *between) if look is not None)


def with_own(properties: Sequence[Property], part: Part, rungs: int) -> Callable[[Edge], Iterator[tuple[str, str]]]:
    """The check of a part's states: the guarantees and the claims. A ladder cut short says nothing of rungs."""
    whole = len(part.contract.ladder) == rungs
    claims = [
        each
        for each in properties
        if each.leads_to is None and (whole or all(look.rung is None for look in _looks(each)))
    ]
    if not claims:
        return broken_state

    def check(edge: Edge) -> Iterator[tuple[str, str]]:
        yield from broken_state(edge)
        state = edge.after
        if state is None or not edge.events:
            return
        for each in claims:
            words = broken_claim(each, part.contract, state)
            if words is not None:
                yield each.name, words

    return check


def broken_claim(claim: Property, contract: Contract, state: State) -> str | None:
    """How a state breaks a claim about how it stands; None if it does not."""
    if claim.never is not None and is_so(claim.never, contract, state):
        return f"it stands as it never may: {_said(claim.never)}"
    waits = claim.when is not None and not is_so(claim.when, contract, state)
    if claim.always is not None and not waits and not is_so(claim.always, contract, state):
        return f"it does not stand as it always must: {_said(claim.always)}"
    return None


def looked_at(properties: Iterable[Property], part: Part, states: Sequence[State]) -> set[str]:
    """The claims with a `when` that is so in some state of a part."""
    return {
        each.name
        for each in properties
        if each.when is not None and any(is_so(each.when, part.contract, state) for state in states)
    }


def undecided(properties: Iterable[Property], bounds: Iterable[Bound]) -> Iterator[tuple[str, str]]:
    """The claims that nothing explored can break, by name, and why: that they were kept says nothing."""
    begun = {each.name for each in bounds if each.story.scenes}
    for each in properties:
        if each.leads_to is not None:
            if each.name not in begun:
                yield (
                    each.name,
                    f"`{_said(each.leads_to.from_)}` never begins while nobody acts, so no time is known",
                )
        elif asks_for_two(each):
            yield each.name, "exceptions are explored one at a time, so two of them were never open together"


def asks_for_two(claim: Property) -> bool:
    """Whether a claim speaks of two exceptions that are open at once, which no exploration has."""
    return any(len(set(look.exceptions or ())) > 1 for look in _looks(claim))


def _said(look: Look) -> str:
    given = {name: getattr(look, name) for name in Look.model_fields if name in look.model_fields_set}
    return ", ".join(f"{name}: {_as_written(value)}" for name, value in given.items())


def _as_written(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def own_bounds(contract: Contract, properties: Iterable[Property]) -> tuple[Bound, ...]:
    """The claims about times, each with its longest time."""
    found = []
    for each in properties:
        if each.leads_to is not None:
            begin, end = each.leads_to.from_, each.leads_to.to
            words = f"from `{_said(begin)}` to `{_said(end)}`"

            def begins(edge: Edge, look: Look = begin) -> bool:
                return edge.after is not None and is_so(look, edge.contract, edge.after)

            def ends(edge: Edge, look: Look = end) -> bool:
                return edge.after is not None and is_so(look, edge.contract, edge.after)

            found.append(bound_between(contract, each.name, words, begins, ends, each.leads_to.within))
    return tuple(found)
