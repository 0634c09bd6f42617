"""`control`: the state without ids, texts, people's names and absolute times, for knowing alike states from others.

Two states with the same control go on alike, in another order of instants and with other people. Every field of the
state either has a part in it or is listed with the reason why it needs none; a test sees to that. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import MappingProxyType

from runner.contract.contract import Contract
from runner.engine.parts import Change, Offer, Run
from runner.engine.state import State, accountable

__all__ = ["LEFT_OUT", "PARTS", "control"]

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "escalation": "a name",
        "template": "one contract is looked at",
        "ticket": "a name",
        "now": "an instant; which deadlines are pending is a part",
        "opened_at": "an instant",
        "outcome_due": "an instant; whether it is pending is a part of `outcome_missed`",
        "accepted_at": "an instant; that somebody accepted after the outcome fell due is tried beside",
        "owners": "who stood on the rungs at the opening; only told",
        "asked": "who was asked is passed over as if nobody stood there; taking an acceptance back is tried with both",
        "conflicts": "who has a conflict of interest is passed over as if nobody stood there",
        "waited": "an amount of time; a wait is tried with all of it left and with none",
        "previous": "who answered before is told things, and may open it again, as others may",
        "substitute": "a name that nothing is decided on; looked at apart",
        "offer_count": "a counter for ids",
        "planned": "a position; the next of the sequence is asked from its beginning and at its end",
        "giver": "a person; handing back is tried with one",
        "away": "whose absence was told of; it is told of again",
        "handoffs": "a counter; a handoff is tried below and at its limit",
        "bounced": "pairs of people; a handoff back is tried with such a pair and without",
        "evidence": "proof is given or lacking in each command that asks for it",
        "restores": "a counter; setting back is tried below and at its limit",
        "exception_count": "a counter for ids",
        "occurrences": "a counter for ids",
        "links": "names of tickets",
        "answers": "what was said when accepting; for texts",
        "assignees": "who is told of a task that is open; whether one is open stands in the command",
        "proven_tasks": "whether a task was done at the proof is tried with both",
        "results": "for texts; what choices go by is a part of `runs`",
        "rolled_up_to": "which runs are over is a part of `stopped`",
        "rollback_count": "a counter for ids",
        "not_undone": "what is left of a rollback that failed is tried to be taken back after all",
        "delivery_count": "a counter for ids",
        "write_count": "a counter for ids",
        "record_write": "an id; whether the newest write is under way is a part of `writes`",
        "record": "what the ticket says; whether that is being written is a part of `writes`",
        "written": "values of fields; drift names them in its command",
        "settled": "a counter for readings of the ticket, which come as commands",
        "restored": "a counter; setting back is tried below and at its limit",
        "flagged": "values that were reported; drift is tried with new ones",
        "breached": "whether a time was missed; a close is tried with both",
        "failed_tasks": "whether a task was not created; resolving, and its creation after all, are tried with one",
        "postmortem": "whether there is one; a close is tried with both",
        "closed_at": "an instant; opening again is tried in time and too late",
        "linked": "a counter; told only",
        "last_linked": "names of tickets; told only",
    }
)
"""The fields that have no part in the control, each with why; "tried" is what an exploration must do for it."""


def _offers(state: State) -> Hashable:
    if not state.offers:
        return ()
    return tuple(sorted(_offer(state, offer) for offer in state.offers.values()))


def _offer(state: State, offer: Offer) -> tuple[str, ...]:
    run = state.runs.get(offer.run or "")
    return (
        offer.purpose,
        "" if offer.rung is None else str(offer.rung),
        offer.on_end,
        f"{offer.due is not None:d}{offer.quiet:d}{offer.sender is None:d}{offer.to in state.clarified:d}",
        "" if offer.planned is None else "planned",
        "" if offer.resume is None else f"{offer.resume} {offer.resume_for}",
        "" if run is None else f"{run.point} {offer.step}",
        "" if offer.exception is None else state.exceptions[offer.exception].exception_class,
    )


def _untold(state: State) -> Hashable:
    if not state.untold:
        return 0
    return state.untold if any(offer.purpose == "ladder" for offer in state.offers.values()) else 0


def _exceptions(state: State) -> Hashable:
    if not state.exceptions:
        return ()
    answers = accountable(state)
    return tuple(
        sorted(
            (
                each.exception_class,
                each.owned,
                "" if each.about is None else "owner" if each.about == answers else "else",
                sum(1 for task in each.tasks.values() if not task.done),
                sum(1 for task in each.open_tasks if task.due is not None and not task.overdue),
            )
            for each in state.exceptions.values()
        )
    )


def _waiting(state: State) -> Hashable:
    wait = state.waiting
    return None if wait is None else (wait.for_, wait.outcome_left is not None)


def _remedies(state: State) -> Hashable:
    return tuple(sorted(check.partition("/")[0] for check in state.remedies)) if state.remedies else ()


def _runs(state: State, names: Mapping[str, str]) -> Hashable:
    if not state.runs:
        return ()
    return tuple(sorted(_run(state, run, names) for run in state.runs.values()))


def _run(state: State, run: Run, names: Mapping[str, str]) -> tuple[str, int, int, bool, bool, bool, str]:
    said = sorted((name, sorted(result.items())) for name, result in run.results.items()) if run.results else ""
    taken_back = f"{run.id}/{run.step}" in state.taken_back
    return names[run.id], run.step, run.attempt, run.leaving, run.waiting, taken_back, str(said)


def _names(state: State) -> dict[str, str]:
    """Each run by its point and its place among those that are under way or have changed something."""
    known = {*state.runs, *(change.run for change in state.changes)}
    known |= {each.run for each in state.rollbacks.values() if each.run is not None}
    names, places = dict[str, str](), dict[str, int]()
    for run in sorted(known, key=_number) if len(known) > 1 else known:
        point = run.partition("#")[0]
        place = places[point] = places.get(point, -1) + 1
        names[run] = f"{point}#{place}"
    return names


def _number(run: str) -> int:
    return int(run.partition("#")[2])


def _pages(state: State) -> Hashable:
    if not state.pages:
        return ()
    return tuple(sorted((page.run.partition("#")[0], page.step) for page in state.pages.values()))


def _changes(state: State, names: Mapping[str, str]) -> Hashable:
    return tuple((names[each.run], each.step, each.undo, _tried(state, each)) for each in state.changes)


def _tried(state: State, change: Change) -> str:
    """Whether a rollback could not take it back: one under way, or one before."""
    return "" if change.failed is None else "now" if change.failed in state.rollbacks else "before"


def _stopped(state: State, names: Mapping[str, str]) -> Hashable:
    """Of the runs that have changed something, those that are being, or to be, taken back."""
    if not state.changes:
        return ()
    over = {
        change.run
        for change in state.changes
        if change.run in state.stopped or _number(change.run) <= state.rolled_up_to.get(change.run.partition("#")[0], 0)
    }
    return tuple(sorted(names[run] for run in over))


def _rollbacks(state: State, names: Mapping[str, str]) -> Hashable:
    return tuple(
        (
            each.run is None or names[each.run],
            each.step and _place(names, each.step),
            each.attempt,
            bool(each.not_undone),
        )
        for each in state.rollbacks.values()
    )


def _place(names: Mapping[str, str], key: str) -> str:
    run, _, step = key.rpartition("/")
    return f"{names.get(run, run.partition('#')[0])}/{step}"


def _deliveries(state: State) -> Hashable:
    if not state.deliveries:
        return ()
    answers = None if state.phase.over else accountable(state)
    return tuple(
        sorted(
            (each.to == answers, each.offer is not None and each.offer in state.offers)
            for each in state.deliveries.values()
        )
    )


def _writes(state: State) -> Hashable:
    return tuple(write == state.record_write for write in state.writes)


PARTS: frozenset[str] = frozenset(
    (
        "phase", "rung", "ladder_pass", "offered_in_pass", "untold", "holder", "keeper", "offers", "progress_due",
        "progress_reminded", "checklist_due", "clarification", "clarified", "waiting", "outcome_missed", "remind_at",
        "exceptions", "remedies", "runs", "tasks", "pages",
        "changes", "stopped", "taken_back",
        "rollbacks", "deliveries", "unreached", "writes", "rewrite_at", "unwritten", "gone", "replaced",
    )
)  # fmt: skip
"""The fields of the state that have a part in the control."""


def control(contract: Contract, state: State) -> Hashable:
    """The state without ids, texts, names and absolute times; equal for states that go on alike.

    What is over differs in what is left to be done alone, and in how it ended if it may be opened again.
    """
    over = state.phase.over
    work = () if _idle(state) else _work(state)
    if over:
        phase = "over" if contract.reopen_within is None else state.phase.value
        return phase, work, state.gone, state.replaced, state.unwritten
    return (
        state.phase,
        state.rung,
        state.ladder_pass,
        state.offered_in_pass,
        _untold(state),
        state.holder is not None,
        state.keeper is not None,
        _offers(state),
        state.progress_due is not None,
        state.progress_reminded,
        state.checklist_due is not None,
        state.clarification is not None,
        _waiting(state),
        state.outcome_missed,
        state.remind_at is not None,
        _exceptions(state),
        _remedies(state),
        bool(state.tasks),
        bool(state.unreached),
        state.rewrite_at is not None,
        state.unwritten,
        state.gone,
        work,
    )


def _work(state: State) -> Hashable:
    names = _names(state)
    return (
        _runs(state, names),
        _pages(state),
        _changes(state, names),
        _stopped(state, names),
        _rollbacks(state, names),
        _deliveries(state),
        _writes(state),
    )


def _idle(state: State) -> bool:
    return not (state.runs or state.pages or state.changes or state.rollbacks or state.deliveries or state.writes)
