"""Whom a message reaches, by which way, and what is said when none takes it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.channels import ChannelError, Dispatcher, Message, Sent, Unsent
from runner.contract.policies import Channels, People

MESSAGE = Message("k", "", "subject", "text", "ann", "ann", "offer", "e1", "T-1")


class Way:
    """A channel that takes messages, or fails as told."""

    def __init__(self, error: ChannelError | None = None) -> None:
        self.error = error
        self.addresses: list[str] = []
        self.closed = 0

    def send(self, message: Message) -> None:
        self.addresses.append(message.address)
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed += 1


def people(**contacts: dict[str, str]) -> People:
    each = {
        name: {"name": name.title(), "zone": "Europe/Berlin", "jobs": ["clerk"], "contacts": given}
        for name, given in contacts.items()
    }
    return People.model_validate({"schema": "surety/v1", "kind": "People", "people": each, "teams": {}})


def channels(*names: str, **rooms: dict[str, str]) -> Channels:
    document: dict[str, Any] = {"schema": "surety/v1", "kind": "Channels", "rooms": rooms}
    document["channels"] = {name: {"summary": name, "sender": "console"} for name in names}
    return Channels.model_validate(document)


ANN = people(ann={"chat": "@ann", "pager": "+49", "mail": "ann@example.com"})
ALL = channels("chat", "pager", "mail", ops={"channel": "chat", "address": "#ops"})


def test_the_persons_own_order() -> None:
    chat, pager = Way(), Way()
    assert Dispatcher(ANN, ALL, {"chat": chat, "pager": pager}).to_person("ann", MESSAGE) == Sent("chat")
    assert (chat.addresses, pager.addresses) == (["@ann"], [])


@pytest.mark.parametrize(
    ("via", "expected"),
    [(["pager"], "pager"), (["mail", "chat"], "mail"), (["fax"], "chat"), (["fax", "pager"], "pager"), ([], "chat")],
)
def test_the_steps_wish_comes_first_where_the_person_has_it(via: list[str], expected: str) -> None:
    ways = {"chat": Way(), "pager": Way(), "mail": Way()}
    assert Dispatcher(ANN, ALL, ways).to_person("ann", MESSAGE, via) == Sent(expected)


def test_the_next_channel_is_tried_each_once() -> None:
    ways = {"chat": Way(ChannelError("down")), "pager": Way(ChannelError("no", permanent=True)), "mail": Way()}
    assert Dispatcher(ANN, ALL, ways).to_person("ann", MESSAGE, ["pager"]) == Sent("mail")
    assert [way.addresses for way in ways.values()] == [["@ann"], ["+49"], ["ann@example.com"]]


def test_one_passing_trouble_makes_it_worth_trying_again() -> None:
    no, later = ChannelError("no", permanent=True), ChannelError("down")
    ways = {"chat": Way(no), "pager": Way(later), "mail": Way(no)}
    found = Dispatcher(ANN, ALL, ways).to_person("ann", MESSAGE)
    assert found == Unsent("chat: no; pager: down; mail: no", permanent=False)


def test_refused_by_all_is_final() -> None:
    ways = {"chat": Way(ChannelError("no", permanent=True))}
    found = Dispatcher(ANN, ALL, ways).to_person("ann", MESSAGE)
    why = "chat: no; pager: there is no such channel any more; mail: there is no such channel any more"
    assert found == Unsent(why, permanent=True)


def test_a_person_who_left_is_final() -> None:
    found = Dispatcher(ANN, ALL, {}).to_person("ben", MESSAGE)
    assert found == Unsent("ben is not in the people file any more", permanent=True)


def test_a_room_has_one_address() -> None:
    chat = Way()
    assert Dispatcher(ANN, ALL, {"chat": chat}).to_room("ops", MESSAGE) == Sent("chat")
    assert chat.addresses == ["#ops"]


def test_a_room_that_is_gone_is_final() -> None:
    assert Dispatcher(ANN, ALL, {}).to_room("war", MESSAGE) == Unsent("there is no room war any more", permanent=True)


def test_closing_closes_every_sender() -> None:
    ways = {"chat": Way(), "mail": Way()}
    Dispatcher(ANN, ALL, ways).close()
    assert [way.closed for way in ways.values()] == [1, 1]
