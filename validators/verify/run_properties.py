"""What must hold of runs after every decision: they last as long as their state, and what they changed is taken back.

Written apart from the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.engine import events as ev
from runner.engine.state import Phase
from validators.verify.explore import Edge

__all__ = ["runs_in_their_state", "undone_or_reported"]

_O, _A, _W, _X, _R = Phase.OFFERED, Phase.ACCEPTED, Phase.WAITING, Phase.EXHAUSTED, Phase.RESOLVED
_WHILE: Final[Mapping[str, frozenset[Phase]]] = {
    "open": frozenset((_O, _A, _W, _X, _R)),
    "offered": frozenset((_O, _A, _X)),
    "failover": frozenset((_O, _X)),
    "accepted": frozenset((_A, _W)),
    "exhausted": frozenset((_X,)),
    "overdue": frozenset((_O, _A, _W, _X, _R)),
    "exception": frozenset((_O, _A, _W, _X)),
    "handoff": frozenset((_A, _W)),
    "resolved": frozenset((_R,)),
    "closed": frozenset((Phase.CLOSED,)),
}
"""The phases in which what belongs to a point goes on, as the documentation of states has it."""

_ON_THE_WAY: Final = frozenset(("OwnerReleased", "LadderExhausted"))
"""What may be followed by another change of phase in the same decision."""


def runs_in_their_state(edge: Edge) -> str | None:
    """What belongs to a state goes on in it, and is given up when it is left."""
    before, after = edge.before, edge.after
    if after is None or not after.runs or any(offer.quiet for offer in after.offers.values()):
        return None  # whoever has taken an acceptance back may take it again, and nothing has stopped meanwhile
    for run in after.runs.values():
        where = _WHILE[run.point.partition(":")[0]]
        if after.phase not in where and not run.leaving:
            return f"{run.point} goes on although it is {after.phase.value}"
        was = before.runs.get(run.id) if before is not None else None
        if run.leaving and not (was is not None and was.leaving) and _never_left(edge, where):
            return f"{run.point} is given up although it is {after.phase.value}"
    return None


def _never_left(edge: Edge, where: frozenset[Phase]) -> bool:
    """Whether a decision has stayed in some phases, on its way too."""
    ends = [state.phase for state in (edge.before, edge.after) if state is not None]
    return all(phase in where for phase in ends) and _ON_THE_WAY.isdisjoint(edge.kinds)


def undone_or_reported(edge: Edge) -> str | None:
    """What could not be taken back is reported, with somebody who sees to it."""
    for event in edge.events:
        if isinstance(event, ev.RollbackEnded) and event.not_undone:
            told = [e for e in edge.events if isinstance(e, ev.DeliveryRequested) and e.about == "not_undone"]
            raised = [e for e in edge.events if isinstance(e, ev.ExceptionRaised) and e.exception_class == "not_undone"]
            if not told and not raised:
                return "a rollback could not take everything back, and nobody hears of it"
        if isinstance(event, ev.StepUndone | ev.StepReleased) and _still_trouble(edge, f"{event.run}/{event.step}"):
            return "what could not be taken back was taken back after all, and it is still somebody's trouble"
    return None


def _still_trouble(edge: Edge, key: str) -> bool:
    """Whether an exception is open about a rollback of which nothing is left but this, which is undone now."""
    before, after = edge.before, edge.after
    if before is None or after is None:
        return False
    about = {name for name, keys in before.not_undone.items() if keys == (key,)}
    return any(
        each.exception_class == "not_undone" and each.about in about and not each.open_tasks
        for each in after.exceptions.values()
    )
