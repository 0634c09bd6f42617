"""Sending to a person or to a room: one channel after the other until one takes the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from runner.channels.port import ChannelError, Message, Sender
from runner.contract.policies import Channels, People

__all__ = ["Dispatcher", "Sent", "Unsent"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A channel took it."""

    channel: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """No channel took it; `permanent` if every refusal was final."""

    why: str
    permanent: bool


class Dispatcher:
    """Knows people's contacts and rooms of the active epoch, and the senders."""

    def __init__(self, people: People, channels: Channels, senders: Mapping[str, Sender]) -> None:
        self._people = people
        self._channels = channels
        self._senders = senders

    def to_person(self, person: str, message: Message, via: Sequence[str] = ()) -> Sent | Unsent:
        """Try `via`, then the person's own channels in their order. An unknown person has none."""
        known = self._people.people.get(person)
        if known is None:
            return Unsent(f"{person} is not in the people file any more", permanent=True)
        order = dict.fromkeys([*(name for name in via if name in known.contacts), *known.contacts])
        return self._try([(name, known.contacts[name]) for name in order], message)

    def to_room(self, room: str, message: Message) -> Sent | Unsent:
        """Post to a room."""
        known = self._channels.rooms.get(room)
        if known is None:
            return Unsent(f"there is no room {room} any more", permanent=True)
        return self._try([(known.channel, known.address)], message)

    def close(self) -> None:
        """Release what the senders hold."""
        for sender in self._senders.values():
            sender.close()

    def _try(self, ways: list[tuple[str, str]], message: Message) -> Sent | Unsent:
        reasons: list[str] = []
        permanent = True
        for channel, address in ways:
            sender = self._senders.get(channel)
            if sender is None:
                reasons.append(f"{channel}: there is no such channel any more")
                continue
            try:
                sender.send(replace(message, address=address))
            except ChannelError as error:
                reasons.append(f"{channel}: {error}")
                permanent = permanent and error.permanent
            else:
                return Sent(channel)
        return Unsent("; ".join(reasons) or "no channel is known", permanent)
