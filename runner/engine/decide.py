"""`decide`: what follows from a command. Pure: no I/O, no clock, no randomness, no logging.

Theory of operation
-------------------
An escalation is a state and a contract. A command comes with a world (the time, who is on call, when a box of time
ends); `decide` answers with the events that follow, or refuses with `CommandRejected` and nothing has happened.

Ownership is one mechanism, the offer. The ladder offers its rungs one after the other; a handoff and an exception are
offers beside it. Whoever accepts an offer of the ladder holds the escalation. When an offer ends otherwise, its
`on_end` says what follows: the next rung, back to the sender, or over to the escalation owner.

Time enters only as `Tick`: the oldest deadline of the state that is due is handled, one at a time, so that an outage is
caught up in order. Breaches are dated when they fell due; new timeboxes start now. A command at the very instant of a
deadline is decided before the tick, because the driver drains commands first; an acceptance of an offer that is still
open counts, however late.

At the end of every decision the holder's time for progress starts anew if it was the holder's, a substitute who now
holds it is replaced, and the ticket's record fields are compared with
the state, and a write is requested if they differ; so the helpdesk always shows who is accountable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.acceptance import accept, complete_checklist, open_offer, unaccept
from runner.engine.answering import answer, pass_question_on
from runner.engine.causes import link_ticket
from runner.engine.clarification import clarify, note_changed
from runner.engine.closing import cancel, close, finish, resolve, solved_outside
from runner.engine.deadlines import tick
from runner.engine.draft import Draft
from runner.engine.drift import note_drift
from runner.engine.events import made
from runner.engine.exceptions import (
    end_by_runner,
    end_exception,
    end_undelivered,
    raise_by_runner,
    raise_exception,
)
from runner.engine.faults import raise_for_stopped
from runner.engine.handoffs import hand_over, may_override, must_hold
from runner.engine.ladder import climb, name_substitute, offer_to, pass_on, withdraw
from runner.engine.opening import open_escalation
from runner.engine.paging import pages_answered
from runner.engine.postmortem import attach_postmortem
from runner.engine.progress import await_progress, show_progress
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.record import record_failed, record_written, request_record
from runner.engine.rejecting import reject
from runner.engine.remedies import settle_remedies
from runner.engine.reminders import snooze
from runner.engine.reopening import note_reopened, reopen
from runner.engine.results import delivered, delivery_failed
from runner.engine.rollback import end_not_undone, roll_back, roll_back_stopped, undo_failed, undone
from runner.engine.roster import Nobody
from runner.engine.roster_change import note_roster
from runner.engine.runs import leave_steps, start_run
from runner.engine.state import State, accountable
from runner.engine.succession import note_merged, note_other_match
from runner.engine.tasks import add_task, finish_task
from runner.engine.undo import step_result
from runner.engine.waiting import resume, wait, wake
from runner.engine.world import World

__all__ = ["decide", "drafted"]


def decide(contract: Contract, state: State | None, command: cmd.Command, world: World) -> tuple[ev.Event, ...]:
    """The events that follow from a command; empty if nothing does (an early tick).

    `state` is None only for `Open`. `world.now` is not earlier than the state's last instant. Raises CommandRejected,
    and then nothing has happened.
    """
    return tuple(drafted(contract, state, command, world).events)


def drafted(contract: Contract, state: State | None, command: cmd.Command, world: World, *, asks: bool = True) -> Draft:
    """The events of `decide` with the state after them and, unless nobody `asks`, their effects, all from one pass."""
    if state is not None and world.now < state.now:
        msg = f"time went back from {state.now} to {world.now}"
        raise ValueError(msg)
    draft = Draft(contract, state, world, asks=asks)
    args = command.args
    if isinstance(args, cmd.Open):
        if state is not None:
            raise CommandRejected(RejectReason.ALREADY_OPEN, f"escalation {state.escalation} is open already")
        open_escalation(draft, command, args)
    else:
        if draft.state.phase.over and not isinstance(args, _LATE):
            raise CommandRejected(RejectReason.NOT_OPEN, f"it is {draft.state.phase.value}")
        if draft.state.pages:
            pages_answered(draft, command.actor)
        wake(draft, command)
        if draft.state.exceptions:
            end_undelivered(draft, command.actor)
        _HANDLERS[type(args)](draft, command, args)
    if draft.events:
        _settle(draft, command)
    return draft


def _settle(draft: Draft, command: cmd.Command) -> None:
    """What every decision ends with, of what there is."""
    state = draft.state
    if state.runs:
        leave_steps(draft)
    raise_for_stopped(draft)
    if state.rollbacks or state.changes:
        roll_back_stopped(draft)
    if state.not_undone:
        end_not_undone(draft)
    if state.remedies:
        settle_remedies(draft)
    await_progress(draft, command)
    name_substitute(draft)
    request_record(draft)


def _escalate(draft: Draft, command: cmd.Command, args: cmd.Escalate) -> None:
    state = draft.state
    ladder = draft.contract.ladder
    rule = ladder[min(state.rung + 1, len(ladder) - 1)].rule
    if args.offer is not None:
        offer = open_offer(draft, command, args.offer)
        if offer.purpose == "question":
            pass_question_on(draft, offer, Reason.ESCALATED, text=args.text)
            return
        if offer.purpose != "ladder" or offer.last:
            raise CommandRejected(RejectReason.NOBODY_ABOVE, "there is nobody above; accept, reject or hand over")
        draft.add(
            made(
                ev.OfferEnded,
                reason=Reason.ESCALATED,
                rule=rule,
                offer=offer.id,
                person=offer.to,
                due=None,
                text=args.text,
            )
        )
        pass_on(draft, offer, Reason.ESCALATED)
        return
    must_hold(draft, command)
    if state.holder == draft.manager().id:
        raise CommandRejected(RejectReason.NOBODY_ABOVE, "the escalation owner is the last; hand it over instead")
    withdraw(draft, Reason.SUPERSEDED, rule, "handoff")
    draft.add(made(ev.OwnerReleased, reason=Reason.ESCALATED, rule=rule, person=command.actor, text=args.text))
    climb(draft, min(state.rung + 1, len(ladder) - 1), Reason.ESCALATED)
    draft.tell_manager("failover", Reason.ESCALATED, rule)
    start_run(draft, "failover")


def _override(draft: Draft, command: cmd.Command, args: cmd.Override) -> None:
    rule = "governance#/override_jobs"
    if not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_ALLOWED, "only the escalation owner or a manager may override")
    if args.action == "close":
        if args.code is None or args.code not in draft.contract.resolution_codes:
            allowed = ", ".join(draft.contract.resolution_codes)
            raise CommandRejected(RejectReason.UNKNOWN_CODE, f"give one of the resolution codes: {allowed}")
        finish(draft, command.actor, args.code, None, args.text)
        return
    if args.action == "take":
        person = accountable(draft.state)
        withdraw(draft, Reason.OVERRIDE, rule, "ladder", "handoff")
        draft.add(made(ev.OwnerTook, reason=Reason.OVERRIDE, rule=rule, person=command.actor, text=args.text))
        if person not in (None, command.actor):
            draft.tell(str(person), "override", Reason.OVERRIDE, rule)
        start_run(draft, "accepted")
        return
    _give(draft, command, args, rule)


def _give(draft: Draft, command: cmd.Command, args: cmd.Override, rule: str) -> None:
    if args.to is None or isinstance(draft.present(args.to), Nobody):
        raise CommandRejected(RejectReason.RECEIVER_UNAVAILABLE, f"{args.to or 'nobody'} cannot be asked now")
    person = accountable(draft.state) or command.actor
    withdraw(draft, Reason.OVERRIDE, rule, "ladder", "handoff")
    draft.add(made(ev.OwnerReleased, reason=Reason.OVERRIDE, rule=rule, person=person, text=args.text))
    due = draft.ends(draft.contract.ladder[0].within)
    offer_to(draft, args.to, Reason.OVERRIDE, rule, due=due, sender=command.actor, on_end="escalation_owner")
    if person not in (args.to, command.actor):
        draft.tell(person, "override", Reason.OVERRIDE, rule)


def _note_gone(draft: Draft, command: cmd.Command, args: cmd.NoteGone) -> None:
    del command, args
    rule = "fields#/lifecycle"
    draft.add(made(ev.TicketGone, reason=Reason.GONE, rule=rule))
    raise_by_runner(draft, "gone", Reason.GONE, rule=rule, tell="gone")


def _note_back(draft: Draft, command: cmd.Command, args: cmd.NoteBack) -> None:
    """The ticket is written again, also with what could not be written before it went."""
    del command, args
    draft.add(made(ev.TicketBack, reason=Reason.BACK, rule="fields#/lifecycle"))
    end_by_runner(draft, "gone", Reason.BACK)
    request_record(draft, again=draft.state.unwritten)


def _tick(draft: Draft, command: cmd.Command, args: cmd.Tick) -> None:
    del command, args
    tick(draft)


_LATE = (
    cmd.Tick,
    cmd.SucceedStep,
    cmd.FailStep,
    cmd.Deliver,
    cmd.FailDelivery,
    cmd.WriteRecord,
    cmd.FailRecord,
    cmd.SucceedUndo,
    cmd.FailUndo,
    cmd.Reopen,
)
"""What may still come to an escalation that is over."""

_HANDLERS: dict[type, Callable[[Draft, cmd.Command, Any], None]] = {
    cmd.Tick: _tick,
    cmd.Accept: accept,
    cmd.Answer: answer,
    cmd.CompleteChecklist: complete_checklist,
    cmd.Unaccept: unaccept,
    cmd.Reject: reject,
    cmd.Clarify: clarify,
    cmd.Wait: wait,
    cmd.Resume: resume,
    cmd.Snooze: snooze,
    cmd.Escalate: _escalate,
    cmd.HandOver: hand_over,
    cmd.Progress: show_progress,
    cmd.RaiseException: raise_exception,
    cmd.EndException: end_exception,
    cmd.AddTask: add_task,
    cmd.FinishTask: finish_task,
    cmd.AttachPostmortem: attach_postmortem,
    cmd.Override: _override,
    cmd.Resolve: resolve,
    cmd.Close: close,
    cmd.Cancel: cancel,
    cmd.NoteSolvedOutside: solved_outside,
    cmd.NoteGone: _note_gone,
    cmd.NoteDrift: note_drift,
    cmd.NoteReopened: note_reopened,
    cmd.Reopen: reopen,
    cmd.NoteBack: _note_back,
    cmd.NoteChanged: note_changed,
    cmd.NoteOtherMatch: note_other_match,
    cmd.NoteMerged: note_merged,
    cmd.NoteLinked: link_ticket,
    cmd.NoteRoster: note_roster,
    cmd.SucceedStep: step_result,
    cmd.FailStep: step_result,
    cmd.RollBack: roll_back,
    cmd.SucceedUndo: undone,
    cmd.FailUndo: undo_failed,
    cmd.Deliver: delivered,
    cmd.FailDelivery: delivery_failed,
    cmd.WriteRecord: record_written,
    cmd.FailRecord: record_failed,
}
