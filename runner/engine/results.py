"""Results of messages, as they come back from the world: whom nobody reaches is an exception with an owner."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.commands import Command, Deliver, FailDelivery
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.exceptions import end_undelivered, raise_by_runner
from runner.engine.reasons import Reason

__all__ = ["delivered", "delivery_failed"]

_CHANNELS = "channels#/channels"
ENDED = "ended"
"""Why a message of an offer that has ended meanwhile is not sent any more; nobody needs to hear of that."""


def delivered(draft: Draft, command: Command, args: Deliver) -> None:
    """A channel took a message: an offer's person counts as told."""
    del command
    delivery = draft.state.deliveries.get(args.delivery)
    if delivery is None:
        draft.ignore(f"delivery {args.delivery}", _CHANNELS)
        return
    taken = made(
        ev.DeliveryTaken, reason=Reason.DELIVERED, rule=_CHANNELS, delivery=args.delivery, channel=args.channel
    )
    draft.add(taken)
    end_undelivered(draft, delivery.to)


def delivery_failed(draft: Draft, command: Command, args: FailDelivery) -> None:
    """No channel took a message: an exception, one for each person, which ends when that person is reached.

    Every channel of the person was tried before. The escalation owner hears of it; if that is the person, the last
    resort.
    """
    del command
    delivery = draft.state.deliveries.get(args.delivery)
    if delivery is None:
        draft.ignore(f"delivery {args.delivery}", _CHANNELS)
        return
    why = args.why[:256]
    reason = Reason.STALE if args.why == ENDED else Reason.UNDELIVERED
    draft.add(made(ev.DeliveryFailed, reason=reason, rule=_CHANNELS, delivery=args.delivery, why=why))
    if reason is Reason.UNDELIVERED and not draft.state.phase.over:
        raise_by_runner(draft, "undelivered", reason, rule=_CHANNELS, about=delivery.to, tell="undelivered")
