"""The state after events of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from runner.engine import events as ev
from runner.engine.evolve.base import Apply, reached
from runner.engine.reasons import Reason
from runner.engine.state import Delivery, State

__all__ = ["APPLY"]


def _delivery_requested(new: State, event: ev.DeliveryRequested) -> None:
    new.delivery_count = event.delivery
    delivery = Delivery(event.delivery, event.to, event.about, event.offer)
    new.deliveries = {**new.deliveries, event.delivery: delivery}


def _delivery_taken(new: State, event: ev.DeliveryTaken) -> None:
    offer = new.deliveries[event.delivery].offer
    reached(new, new.deliveries[event.delivery].to)
    if offer is not None and offer in new.offers:
        new.offers = {**new.offers, offer: replace(new.offers[offer], told=True)}
    new.deliveries = {key: value for key, value in new.deliveries.items() if key != event.delivery}


def _delivery_failed(new: State, event: ev.DeliveryFailed) -> None:
    missed = new.deliveries[event.delivery].to
    if event.reason is Reason.UNDELIVERED and missed not in new.unreached:
        new.unreached = (*new.unreached, missed)
    new.deliveries = {key: value for key, value in new.deliveries.items() if key != event.delivery}


APPLY: Mapping[str, Apply] = {
    "DeliveryRequested": _delivery_requested,
    "DeliveryTaken": _delivery_taken,
    "DeliveryFailed": _delivery_failed,
}
