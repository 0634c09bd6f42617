"""Results of messages and of writes to the ticket, as they come back from the world."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.commands import Command, Deliver, FailDelivery, FailRecord, WriteRecord
from runner.engine.draft import Draft
from runner.engine.reasons import Reason
from runner.engine.work_events import made

__all__ = ["delivered", "delivery_failed", "record_failed", "record_written"]

_CHANNELS = "channels#/channels"
_RECORD = "fields#/record"


def delivered(draft: Draft, command: Command, args: Deliver) -> None:
    """A channel took a message: an offer's person counts as told."""
    del command
    if args.delivery not in draft.state.deliveries:
        _ignore(draft, f"delivery {args.delivery}", _CHANNELS)
        return
    taken = made(
        ev.DeliveryTaken, reason=Reason.DELIVERED, rule=_CHANNELS, delivery=args.delivery, channel=args.channel
    )
    draft.add(taken)


def delivery_failed(draft: Draft, command: Command, args: FailDelivery) -> None:
    """No channel took a message: the escalation owner hears of it, unless it was for that person."""
    del command
    delivery = draft.state.deliveries.get(args.delivery)
    if delivery is None:
        _ignore(draft, f"delivery {args.delivery}", _CHANNELS)
        return
    why = args.why[:256]
    draft.add(made(ev.DeliveryFailed, reason=Reason.UNDELIVERED, rule=_CHANNELS, delivery=args.delivery, why=why))
    manager = draft.manager().id
    if delivery.to != manager and not draft.state.phase.over:
        draft.tell(manager, "undelivered", Reason.UNDELIVERED, _CHANNELS)


def record_written(draft: Draft, command: Command, args: WriteRecord) -> None:
    """The ticket says what was requested."""
    del command
    if args.write not in draft.state.writes:
        _ignore(draft, f"write {args.write}", _RECORD)
        return
    draft.add(made(ev.RecordConfirmed, reason=Reason.WRITTEN, rule=_RECORD, write=args.write))


def record_failed(draft: Draft, command: Command, args: FailRecord) -> None:
    """The ticket could not be written: the escalation owner hears of it."""
    del command
    if args.write not in draft.state.writes:
        _ignore(draft, f"write {args.write}", _RECORD)
        return
    why = args.why[:256]
    draft.add(made(ev.RecordFailed, reason=Reason.UNWRITTEN, rule=_RECORD, write=args.write, why=why))
    if not draft.state.phase.over:
        draft.tell(draft.manager().id, "record_failed", Reason.UNWRITTEN, _RECORD)


def _ignore(draft: Draft, what: str, rule: str) -> None:
    draft.add(made(ev.ResultIgnored, reason=Reason.STALE, rule=rule, what=what))
