"""The port through which messages leave: one message to one address, taken or not. Retries are the outbox's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["ChannelError", "Message", "Sender"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    `person` is who is meant, empty for a room; `accountable` is who answers for the escalation. Both are ids.

    `key` is the idempotency key: the same at every attempt, so that a receiver can drop repeats.
    """

    key: str
    address: str
    subject: str
    text: str
    person: str
    accountable: str
    about: str
    escalation: str
    ticket: str


class ChannelError(Exception):
    """The channel did not take the message; says why without secrets. `permanent` if trying again cannot help."""

    def __init__(self, why: str, *, permanent: bool = False) -> None:
        super().__init__(why)
        self.permanent = permanent


class Sender(Protocol):
    """A way out. Called from several threads."""

    def send(self, message: Message) -> None:
        """Hand the message over; returns once it was taken. Raises ChannelError."""
        ...

    def close(self) -> None:
        """Release what it holds. Doing so twice is fine."""
        ...
