"""What must hold of runs after every decision: they last as long as their state, and what they changed is taken back.

Written apart from the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.engine import events as ev
from runner.engine.questions import APPROVED
from runner.engine.state import Phase, State
from validators.verify.explore import Edge

__all__ = ["latest_first", "refused_is_not_done", "runs_in_their_state", "undone_or_reported"]

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


_BACK: Final = frozenset(("RollbackEnded", "StepUndone", "StepReleased"))


def undone_or_reported(edge: Edge) -> str | None:
    """What has stopped, or is rolled back, is taken back to the end; what could not be is reported, with somebody who
    sees to it.
    """
    before, after = edge.before, edge.after
    if after is None:
        return None
    if not _BACK.isdisjoint(edge.kinds):
        words = _unreported(edge) or _left_standing(edge, after)
        if words is not None:
            return words
    if after.rollbacks and all(each.step is None for each in after.rollbacks.values()):
        return "a rollback is under way, and nothing is being taken back"
    if after.stopped and after.changes and _given_up(after):
        return "a run has stopped, and nobody takes back what it did"
    if before is not None and before.changes and before.changes is not after.changes and _forgotten(edge, after):
        return "something that was done is forgotten, and nothing says that it was taken back"
    return None


def _unreported(edge: Edge) -> str | None:
    for event in edge.events:
        if isinstance(event, ev.RollbackEnded) and event.not_undone:
            told = [e for e in edge.events if isinstance(e, ev.DeliveryRequested) and e.about == "not_undone"]
            raised = [e for e in edge.events if isinstance(e, ev.ExceptionRaised) and e.exception_class == "not_undone"]
            if not told and not raised:
                return "a rollback could not take everything back, and nobody hears of it"
        if isinstance(event, ev.StepUndone | ev.StepReleased) and _still_trouble(edge, f"{event.run}/{event.step}"):
            return "what could not be taken back was taken back after all, and it is still somebody's trouble"
    return None


def _left_standing(edge: Edge, after: State) -> str | None:
    """What nobody takes back of a rollback that is over."""
    began = {} if edge.before is None else {each.id: each.run for each in edge.before.rollbacks.values()}
    late = {f"{event.run}/{event.step}" for event in edge.events if isinstance(event, ev.ChangeLogged)}
    for event in edge.events:
        if isinstance(event, ev.RollbackStarted):
            began[event.rollback] = event.run
        elif isinstance(event, ev.RollbackEnded):
            run = began.get(event.rollback)
            rest = (each for each in after.changes if run in (None, each.run) and each.failed != event.rollback)
            if any(each.key not in late for each in rest):
                return "a rollback is over, and something that it was to take back still stands"
    return None


def _given_up(state: State) -> bool:
    """Whether something still stands of a run that has stopped, and no rollback is about it."""
    scopes = {each.run for each in state.rollbacks.values()}
    return None not in scopes and any(
        each.failed is None and each.run in state.stopped and each.run not in scopes for each in state.changes
    )


def _forgotten(edge: Edge, after: State) -> set[str]:
    """The changes that stand no longer, and of which nothing says why."""
    gone = {each.key for each in edge.before.changes} if edge.before is not None else set[str]()
    gone.difference_update(each.key for each in after.changes)
    for event in edge.events if gone else ():
        if isinstance(event, ev.StepUndone | ev.StepKept | ev.StepReleased | ev.ChangeLogged):
            gone.discard(f"{event.run}/{event.step}")
        elif isinstance(event, ev.RollbackEnded):
            gone.difference_update(event.not_undone)
    return gone


def latest_first(edge: Edge) -> str | None:
    """Of what a rollback has not tried yet it takes back the latest, of its run or of all; a second try is no step."""
    after = edge.after
    for event in edge.events:
        if isinstance(event, ev.UndoRequested) and event.attempt == 1 and after is not None:
            rollback = after.rollbacks.get(event.rollback)
            if rollback is None:
                return "a rollback is over while something is being taken back"
            left = [c.key for c in after.changes if rollback.run in (None, c.run) and c.failed != rollback.id]
            if left and left[-1] != f"{event.run}/{event.step}":
                return "a change is taken back before a later one"
    return None


def refused_is_not_done(edge: Edge) -> str | None:
    """What needs an approval and is refused does not go on, unless the contract says that it goes on anyway."""
    for event in edge.events:
        if isinstance(event, ev.QuestionAnswered) and event.answers.get(APPROVED) is False:
            step = edge.contract.runbook[event.run.partition("#")[0]][event.step]
            if step.kind == "approve" and step.on_error == "stop" and _goes_on(edge, event.run):
                return "an approval is refused, and its run goes on"
    return None


def _goes_on(edge: Edge, run: str) -> bool:
    return any(isinstance(each, ev.StepRequested) and each.run == run for each in edge.events)


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
