"""Waiting for the customer or a date: bounded in all, with somebody to whom it falls. It never lasts for ever."""

from __future__ import annotations

from datetime import datetime

from runner.contract.contract import BoxOf, WaitingOf
from runner.contract.values import format_instant
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.clocks import end_wait
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.handoffs import must_hold
from runner.engine.ladder import exhaust, offer_rung
from runner.engine.progress import await_anew
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.runs import start_run
from runner.engine.state import accountable

__all__ = ["expire_wait", "go_on", "resume", "wait", "wake"]

_ACTS = (cmd.HandOver, cmd.Escalate, cmd.Progress, cmd.Resolve, cmd.Unaccept, cmd.Wait)
"""What a holder who waits does only by not waiting any more."""


def wait(draft: Draft, command: cmd.Command, args: cmd.Wait) -> None:
    """The holder waits: the clocks of the outcome and of progress stand still until then."""
    rules, state = draft.contract.waiting, draft.state
    if rules is None:
        raise CommandRejected(
            RejectReason.WAITING_NOT_ALLOWED, "this contract allows no waiting: go on, hand it over, or escalate"
        )
    must_hold(draft, command)
    if any(offer.purpose == "handoff" for offer in state.offers.values()):
        raise CommandRejected(RejectReason.HANDOFF_PENDING, "a handoff waits for its receiver; wait for the answer")
    if state.checklist_due is not None:
        raise CommandRejected(RejectReason.CHECKLIST_INCOMPLETE, "answer the checklist first, then wait")
    left = None
    if not state.outcome_missed and state.outcome_due >= draft.now:
        calendar = draft.contract.outcome_within.calendar
        left = draft.world.time_between(draft.contract, calendar, draft.now, state.outcome_due)
    started = made(
        ev.WaitingStarted,
        reason=Reason.WAITS,
        rule=draft.rule("/waiting"),
        person=command.actor,
        for_=args.for_,
        until=_until(draft, rules, args),
        outcome_left=left,
        text=args.text,
    )
    draft.add(started)


def _until(draft: Draft, rules: WaitingOf, args: cmd.Wait) -> datetime:
    """When the wait ends at the latest; refused beyond what the contract allows in all, and in the past."""
    left = rules.at_most.seconds - draft.state.waited
    latest = draft.ends(BoxOf(seconds=left, calendar=rules.at_most.calendar)) if left > 0 else draft.now
    if latest <= draft.now:
        raise CommandRejected(
            RejectReason.WAITING_OUT_OF_BOUNDS, "all the waiting that the contract allows is used up: go on"
        )
    until = args.until or latest
    if (args.until is None and args.for_ == "date") or not draft.now < until <= latest:
        raise CommandRejected(
            RejectReason.WAITING_OUT_OF_BOUNDS,
            f"name an instant after now and not after {format_instant(latest)}, which is what the contract allows",
        )
    return until


def resume(draft: Draft, command: cmd.Command, args: cmd.Resume) -> None:
    """The holder goes on before the wait is over."""
    del args
    state = draft.state
    if state.waiting is None:
        raise CommandRejected(RejectReason.WRONG_STATE, f"nobody waits: it is {state.phase.value}")
    if command.actor != state.holder:
        raise CommandRejected(RejectReason.NOT_YOURS, f"only {state.holder}, who waits, may go on")
    end_wait(draft, Reason.RESUMED)


def wake(draft: Draft, command: cmd.Command) -> None:
    """End a wait before what its holder, or a manager, does next."""
    if draft.state.waiting is None:
        return
    if isinstance(command.args, cmd.Override | cmd.Cancel):
        end_wait(draft, Reason.OVERRIDE)
    elif command.actor == draft.state.holder and isinstance(command.args, _ACTS):
        end_wait(draft, Reason.RESUMED)


def go_on(draft: Draft, reason: Reason, due: datetime | None = None) -> None:
    """The wait is over without the holder's doing: that person is told, and progress is counted anew."""
    holder = draft.state.holder
    if holder is None:
        raise AssertionError("nobody waits")
    end_wait(draft, reason, due=due)
    draft.tell(holder, "waited", reason, draft.rule("/waiting"))
    await_anew(draft)


def expire_wait(draft: Draft) -> None:
    """The time is over: the owner goes on, or the escalation owner is asked, as the contract says."""
    state, rules = draft.state, draft.contract.waiting
    if state.waiting is None or rules is None or state.holder is None:
        raise AssertionError("a wait of nobody is over")
    person, reason, rule = state.holder, Reason.WAIT_OVER, draft.rule("/waiting")
    if rules.then == "owner":
        go_on(draft, reason, state.waiting.until)
        return
    end_wait(draft, reason, due=state.waiting.until)
    draft.add(made(ev.OwnerReleased, reason=reason, rule=rule, person=person, text=None))
    if not offer_rung(draft, len(draft.contract.ladder) - 1, reason, again=True):
        exhaust(draft)
    if accountable(draft.state) != person:
        draft.tell(person, "released", reason, rule)
    start_run(draft, "failover")
