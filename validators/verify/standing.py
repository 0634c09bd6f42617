"""What must hold of how things stand after a decision, whatever was decided. Each is written apart from the engine."""

from __future__ import annotations

from typing import Final

from runner.engine.state import Phase, State, accountable, deadlines, next_deadline
from validators.verify.explore import Edge
from validators.verify.order import dated

__all__ = ["always_a_deadline", "exceptions_owned", "somebody_accountable"]

_HELD: Final = (Phase.ACCEPTED, Phase.WAITING, Phase.RESOLVED)


def somebody_accountable(edge: Edge) -> str | None:
    """Somebody is accountable from open to close, and nobody is asked for what is over or held."""
    state = edge.after
    if state is None:
        return "it was not opened"
    if state.phase.over:
        return "it is over, and somebody is still asked" if state.offers else None
    ladder = [offer for offer in state.offers.values() if offer.purpose == "ladder"]
    if state.phase in _HELD:
        if state.holder is None:
            return f"it is {state.phase.value}, and nobody holds it"
        return f"{len(ladder)} people are asked although somebody holds it" if ladder else None
    if state.holder is not None or len(ladder) != 1:
        return f"it is {state.phase.value}, and {len(ladder)} people are asked"
    if (ladder[0].on_end == "stay") != (state.phase is Phase.EXHAUSTED):
        return (
            "the last one is asked, and it is not exhausted" if ladder[0].on_end == "stay" else "exhausted for nobody"
        )
    return None if accountable(state) else "nobody is accountable"


def always_a_deadline(edge: Edge) -> str | None:
    """Something falls due until it is over, and every time that is set does."""
    state = edge.after
    if state is None or state.phase.over:
        return None
    derived = {(each.sort, each.key) for each in deadlines(state)}
    forgotten = next((each for each in dated(state) if each not in derived), None)
    if forgotten is not None:
        return f"a time is set, and it never falls due: {forgotten[0]}"
    if next_deadline(state) is None:
        return "nothing will ever fall due again"
    reminded = state.outcome_missed or state.phase in (Phase.EXHAUSTED, Phase.RESOLVED)
    if reminded and state.remind_at is None:
        return f"it is {'overdue' if state.outcome_missed else state.phase.value}, and nobody is ever reminded"
    asking = [offer for offer in state.offers.values() if offer.run is not None]
    if any(offer.run not in state.runs or state.runs[offer.run].due != offer.due for offer in asking):
        return "a question and its step do not fall due together"
    if state.phase is Phase.OFFERED and state.clarification is None and not _asked_until(state):
        return "somebody is asked without an end"
    if state.phase is Phase.WAITING and state.waiting is None:
        return "it waits without an end"
    return None


def _asked_until(state: State) -> bool:
    return any(offer.due is not None for offer in state.offers.values() if offer.purpose == "ladder")


def exceptions_owned(edge: Edge) -> str | None:
    """Every exception has an owner, or somebody is asked to be."""
    if edge.after is None:
        return None
    for each in edge.after.exceptions.values():
        asked = any(offer.exception == each.id for offer in edge.after.offers.values())
        if not each.owned and not asked:
            return f"nobody owns the exception {each.exception_class}, and nobody is asked to"
    return None
