"""Progress: an acceptance lapses when its owner stays silent. A reminder first, then the ladder asks anew."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.commands import Command, Progress
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.handoffs import must_hold
from runner.engine.ladder import ask_anew
from runner.engine.reasons import Reason
from runner.engine.state import Phase

__all__ = ["await_anew", "await_progress", "expire_progress", "show_progress"]


def show_progress(draft: Draft, command: Command, args: Progress) -> None:
    """The holder says how it goes on."""
    must_hold(draft, command)
    rule = draft.rule("/accept")
    draft.add(made(ev.ProgressShown, reason=Reason.PROGRESS, rule=rule, person=command.actor, text=args.text))


def await_progress(draft: Draft, command: Command) -> None:
    """Whatever the holder does counts as progress, taking it over first of all: the time is counted anew."""
    if draft.state.holder == command.actor:
        await_anew(draft)


def await_anew(draft: Draft) -> None:
    """Count the holder's time for progress anew; nothing if it is not awaited."""
    state, within = draft.state, draft.contract.progress_within
    if within is None or state.phase is not Phase.ACCEPTED or state.holder is None:
        return
    rule, due = draft.rule("/accept/progress_within"), draft.ends(within)
    draft.add(made(ev.ProgressAwaited, reason=Reason.PROGRESS, rule=rule, person=state.holder, due=due))


def expire_progress(draft: Draft) -> None:
    """Nothing came in time: the owner and the escalation owner are reminded; the second time the acceptance lapses."""
    state, within = draft.state, draft.contract.progress_within
    if within is None or state.holder is None or state.progress_due is None:
        raise AssertionError("progress of nobody is overdue")
    rule, due = draft.rule("/accept/progress_within"), state.progress_due
    reason = Reason.NO_PROGRESS
    if state.progress_reminded:
        ask_anew(draft, 0, reason, rule, due=due)
        draft.tell_manager("failover", reason, rule)
        return
    person, lapses_at = state.holder, draft.ends(within)
    draft.add(made(ev.ProgressMissed, reason=reason, rule=rule, person=person, due=due, lapses_at=lapses_at))
    for to in dict.fromkeys((person, draft.manager().id)):
        draft.tell(to, "no_progress", reason, rule)
