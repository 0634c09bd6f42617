"""Messages on their way to people."""

from __future__ import annotations

from typing import Literal

from runner.engine.commands.base import TextRef
from runner.engine.events.base import About, EventBase

__all__ = [
    "DeliveryFailed",
    "DeliveryRequested",
    "DeliveryTaken",
    "MessagesEvent",
    "ResultIgnored",
]


class DeliveryRequested(EventBase):
    """A message goes to one person: about what, naming who is accountable.

    `note` says more in a few words of ours, `text` names a text of a person that says more.
    """

    type: Literal["DeliveryRequested"] = "DeliveryRequested"
    delivery: int
    to: str
    about: About
    offer: int | None
    accountable: str
    note: str | None = None
    text: TextRef | None = None


class DeliveryTaken(EventBase):
    """A channel took a message."""

    type: Literal["DeliveryTaken"] = "DeliveryTaken"
    delivery: int
    channel: str


class DeliveryFailed(EventBase):
    """No channel took a message."""

    type: Literal["DeliveryFailed"] = "DeliveryFailed"
    delivery: int
    why: str


class ResultIgnored(EventBase):
    """An answer came to something that is over."""

    type: Literal["ResultIgnored"] = "ResultIgnored"
    what: str


MessagesEvent = DeliveryRequested | DeliveryTaken | DeliveryFailed | ResultIgnored
