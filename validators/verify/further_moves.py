"""Moves that only tell two versions of a contract apart: what lies between their limits, and what only one demands.

An exploration tries each limit of its own contract with both answers; two versions must be tried with the same number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.state import Phase, State
from validators.verify.acts import HELPDESK, TEXT, Move, but, facts_of, full, person
from validators.verify.explore import Part
from validators.verify.oracle import BOSS, NEW

__all__ = ["further_moves"]


def further_moves(base: Contract, head: Contract) -> Callable[[Part, State], Iterator[Move]]:
    """The moves of a part in a state beside its own; the same, by their words, for both versions."""
    if base.name != head.name:
        raise ValueError(f"{base.name} and {head.name} are no versions of one template")

    def further(part: Part, state: State) -> Iterator[Move]:
        if part.contract.evidence or part.contract.checklist:
            yield from _proofs(base, head, part.contract, state)
        if not state.phase.over and state.holder is not None:
            yield from _holders(base, head, part.contract, state, state.holder)
        yield from _managers(base, head, part.contract, state)

    return further


def _unlike(one: tuple[str, ...], other: tuple[str, ...]) -> list[str]:
    return sorted(set(one) ^ set(other))


def _proofs(base: Contract, head: Contract, contract: Contract, state: State) -> Iterator[Move]:
    """Everything that either version asks for, apart from one kind of proof; and the checklist of either."""
    kinds = tuple(tuple(need.name for need in each.evidence) for each in (base, head))
    for kind in _unlike(*kinds) if state.holder is not None else ():
        given = tuple(sorted({*kinds[0], *kinds[1]} - {kind}))
        facts = facts_of(contract, state).model_copy(update={"evidence": given})
        args = cmd.Resolve(evidence={}, facts=facts)
        yield person(state, f"resolve with all proof but {kind}", "owner", state.holder or "", args)
    if base.checklist != head.checklist:
        for offer in state.offers.values():
            for words, version in (("before", base), ("after", head)):
                if offer.purpose in ("ladder", "handoff"):
                    accept = cmd.Accept(offer=offer.id, answers=full(version))
                    label = f"accept the {offer.purpose} offer with the checklist as it was {words}"
                    yield person(state, label, "asked", offer.to, accept)


def _holders(base: Contract, head: Contract, contract: Contract, state: State, holder: str) -> Iterator[Move]:
    old, new = base.handoff, head.handoff
    given = {"reason": TEXT, "next_step": TEXT, "artifacts": (TEXT,), "expected_at": state.now}
    if old.at_most != new.at_most:
        least = min(old.at_most, new.at_most)
        label = f"hand it over once more, after {least} handoff{'s' * (least != 1)}"
        yield person(but(state, handoffs=least), label, "owner", holder, cmd.HandOver(to=NEW, **given))  # type: ignore[arg-type]
    for what in _unlike(old.require, new.require):
        but_one = {key: value for key, value in given.items() if key != what}
        args = cmd.HandOver(to=NEW, **but_one)  # type: ignore[arg-type] # as the command wants them
        yield person(state, f"hand it over without {what.replace('_', ' ')}", "owner", holder, args)
    for code in _unlike(base.resolution_codes, head.resolution_codes):
        if state.phase is Phase.RESOLVED:
            close = cmd.Close(code=code, facts=facts_of(contract, state))
            yield person(state, f"close as {code}", "owner", holder, close)
    before, after = base.limits.restores_at_most, head.limits.restores_at_most
    if before != after:
        bare = cmd.NoteSolvedOutside(facts=facts_of(contract, state, proven=False))
        often = but(state, restores=min(before, after))
        label = f"the ticket is solved without proof again, after it was set back {min(before, after)} times"
        yield Move(label, "helpdesk", often, HELPDESK, bare, state.now, kind="world")


def _managers(base: Contract, head: Contract, contract: Contract, state: State) -> Iterator[Move]:
    if state.phase is Phase.CLOSED and state.closed_at is not None:
        times = [each.reopen_within for each in (base, head)]
        shortest = min((each for each in times if each is not None), default=None)
        if times[0] != times[1] and shortest is not None:
            late = max(state.now, state.closed_at + timedelta(seconds=shortest + 1))
            label = "open it again when one of the two versions does not allow it any more"
            again = cmd.Reopen(text=TEXT)
            yield person(state, label, "manager", BOSS, again, jobs=contract.override_jobs[:1], at=late)
    if state.phase.over:
        return
    for job in _unlike(base.override_jobs, head.override_jobs):
        take = cmd.Override(action="take", text=TEXT)
        yield person(state, f"take it, as {job}", "somebody with the job", BOSS, take, jobs=(job,))
    least = min(base.limits.snooze_at_most, head.limits.snooze_at_most)
    if base.limits.snooze_at_most != head.limits.snooze_at_most and state.remind_at is not None:
        snooze = cmd.Snooze(until=state.now + timedelta(seconds=least + 1), text=TEXT)
        jobs = contract.override_jobs[:1]
        label = "put the reminder off for longer than one of the two versions allows"
        yield person(state, label, "manager", BOSS, snooze, jobs=jobs)
