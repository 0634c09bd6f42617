"""Results of messages, as they come back from the world."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.commands import Command, Deliver, FailDelivery
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.reasons import Reason

__all__ = ["delivered", "delivery_failed"]

_CHANNELS = "channels#/channels"
ENDED = "ended"
"""Why a message of an offer that has ended meanwhile is not sent any more; nobody needs to hear of that."""


def delivered(draft: Draft, command: Command, args: Deliver) -> None:
    """A channel took a message: an offer's person counts as told."""
    del command
    if args.delivery not in draft.state.deliveries:
        draft.ignore(f"delivery {args.delivery}", _CHANNELS)
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
        draft.ignore(f"delivery {args.delivery}", _CHANNELS)
        return
    why = args.why[:256]
    draft.add(made(ev.DeliveryFailed, reason=Reason.UNDELIVERED, rule=_CHANNELS, delivery=args.delivery, why=why))
    manager = draft.manager().id
    if delivery.to != manager and args.why != ENDED and not draft.state.phase.over:
        draft.tell(manager, "undelivered", Reason.UNDELIVERED, _CHANNELS)
