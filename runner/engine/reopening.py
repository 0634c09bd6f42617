"""Opening again: what was resolved goes back to its owner; what was closed is asked anew, if there is still time."""

from __future__ import annotations

from datetime import timedelta

from runner.engine import events as ev
from runner.engine.commands import Command, NoteReopened, Reopen
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.handoffs import may_override
from runner.engine.hours import ends_in_hours
from runner.engine.ladder import climb, offer_to
from runner.engine.progress import await_anew
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.roster_change import replace_absent_holder
from runner.engine.state import Phase

__all__ = ["note_reopened", "reopen", "take_back"]


def note_reopened(draft: Draft, command: Command, args: NoteReopened) -> None:
    """The helpdesk says that the ticket is not done any more: nothing is resolved then."""
    del command, args
    if draft.state.phase is Phase.RESOLVED:
        take_back(draft, Reason.REOPENED, draft.rule("/close/verify"))


def take_back(draft: Draft, reason: Reason, rule: str) -> None:
    """Give a resolved escalation back to whoever held it; that person and the escalation owner are told.

    If that person has gone away meanwhile, somebody else is asked.
    """
    holder = draft.state.holder
    if holder is None:
        raise AssertionError("resolved by nobody")
    draft.add(made(ev.OutcomeReopened, reason=reason, rule=rule, person=holder))
    away = replace_absent_holder(draft)
    await_anew(draft)
    for person in (draft.manager().id,) if away else dict.fromkeys((holder, draft.manager().id)):
        draft.tell(person, "reopened", reason, rule)


def reopen(draft: Draft, command: Command, args: Reopen) -> None:
    """Open a closed escalation again: its last holder is asked first, then the ladder from its first rung.

    The steps for the opening are not done again.
    """
    _may_reopen(draft, command, args)
    state, rule = draft.state, draft.rule("/close/reopen_within")
    due = draft.world.add_time(draft.contract, draft.now, draft.contract.outcome_within)
    last = draft.present(state.previous) if state.previous is not None else Nobody(Reason.UNKNOWN_REF)
    first = None if isinstance(last, Nobody) else last.id
    draft.add(
        made(
            ev.EscalationReopened,
            reason=Reason.REOPENED,
            rule=rule,
            by=command.actor,
            outcome_due=due,
            first=first,
            text=args.text,
        )
    )
    if first is None:
        climb(draft, 0, Reason.REOPENED)
    else:
        until = ends_in_hours(draft, draft.contract.ladder[0].within)
        offer_to(draft, first, Reason.REOPENED, rule, due=until)
    draft.tell_manager("reopened", Reason.REOPENED, rule)


def _may_reopen(draft: Draft, command: Command, args: Reopen) -> None:
    state, within = draft.state, draft.contract.reopen_within
    if state.phase is not Phase.CLOSED or state.closed_at is None:
        raise CommandRejected(RejectReason.WRONG_STATE, f"it is {state.phase.value}; only what is closed opens again")
    if args.other is not None:
        raise CommandRejected(RejectReason.ALREADY_OPEN, f"escalation {args.other} is open on the ticket already")
    if within is None:
        raise CommandRejected(RejectReason.TOO_LATE, "this contract does not open again; a new ticket does")
    if draft.now > state.closed_at + timedelta(seconds=within):
        raise CommandRejected(RejectReason.TOO_LATE, "the time for opening it again is over; a new ticket opens anew")
    if command.human and command.actor != state.previous and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"only {state.previous} or a manager may open it again")
