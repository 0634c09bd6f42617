"""Senders: what is taken, what is refused for good, what may be tried again."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runner.channels import ChannelError, ChannelSetupError, Message, make_senders, unset_variables
from runner.channels.senders import ConsoleSender, FileSender, WebhookSender
from runner.contract.policies import Channels
from tests.runner.service.receiving import Receiver

MESSAGE = Message("e1:3:0", "ann@example.com", "T-1 waits", "Accept it.", "ann", "ben", "offer", "e1", "T-1")
LINE = {
    "key": "e1:3:0", "address": "ann@example.com", "subject": "T-1 waits", "text": "Accept it.", "person": "ann",
    "accountable": "ben", "about": "offer", "escalation": "e1", "ticket": "T-1",
}  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def webhook(receiver: Receiver) -> Iterator[WebhookSender]:
    sender = WebhookSender(receiver.url("chat"), timeout_seconds=0.2)
    yield sender
    sender.close()


def channels(**each: dict[str, Any]) -> Channels:
    filled = {name: {"summary": name, **one} for name, one in each.items()}
    document = {"schema": "surety/v1", "kind": "Channels", "channels": filled, "rooms": {}}
    return Channels.model_validate(document)


def test_the_console_prints_a_block() -> None:
    stream = io.StringIO()
    ConsoleSender("console", stream).send(MESSAGE)
    assert stream.getvalue() == "[console] to ann@example.com: T-1 waits\nAccept it.\n\n"


def test_nothing_that_a_message_holds_can_move_the_cursor() -> None:
    stream = io.StringIO()
    subject, text = "T-1\x1b[2J\nfake line", "one\r\ntwo\x07\x9b31m\u202ethree\n"
    message = replace(MESSAGE, address="a\x1b]0;x\x07", subject=subject, text=text)
    ConsoleSender("console", stream).send(message)
    assert stream.getvalue() == (
        "[console] to a\\x1b]0;x\\x07: T-1\\x1b[2J\\nfake line\none\ntwo\\x07\\x9b31m\\u202ethree\n\n\n"
    )


def test_a_console_that_is_gone_may_come_back() -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(ChannelError, match="the console cannot be written") as caught:
        ConsoleSender("console", stream).send(MESSAGE)
    assert not caught.value.permanent


def test_a_file_gets_one_line_of_json_each(tmp_path: Path) -> None:
    sender = FileSender(tmp_path / "out.jsonl")
    sender.send(MESSAGE)
    sender.send(MESSAGE)
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [LINE, LINE]


@pytest.mark.parametrize("path", ["", "missing/out.jsonl"], ids=["a folder", "a folder that is not there"])
def test_a_file_that_cannot_be_written_may_be_later(tmp_path: Path, path: str) -> None:
    with pytest.raises(ChannelError, match="cannot be written: ") as caught:
        FileSender(tmp_path / path).send(MESSAGE)
    assert not caught.value.permanent


def test_a_webhook_gets_json_and_the_key(receiver: Receiver, webhook: WebhookSender) -> None:
    receiver.answers = [200, 202]
    webhook.send(MESSAGE)
    webhook.send(MESSAGE)
    assert [(each.path, each.key, each.body) for each in receiver.received] == [("/chat", "e1:3:0", LINE)] * 2


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (401, True), (404, True), (410, True), (408, False), (425, False), (429, False), (500, False),
     (503, False), (302, False)],
)  # fmt: skip
def test_an_answer_that_is_no_yes(receiver: Receiver, webhook: WebhookSender, status: int, permanent: bool) -> None:
    receiver.answers = [status]
    with pytest.raises(ChannelError, match=f"the webhook answered {status}") as caught:
        webhook.send(MESSAGE)
    assert caught.value.permanent is permanent


def test_no_answer_in_time_may_be_tried_again(receiver: Receiver, webhook: WebhookSender) -> None:
    receiver.hold.clear()
    with pytest.raises(ChannelError, match=r"did not answer \(ReadTimeout\)") as caught:
        webhook.send(MESSAGE)
    assert not caught.value.permanent


def test_nobody_there_may_be_tried_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sender = WebhookSender(f"http://127.0.0.1:{probe.getsockname()[1]}/secret-path")
        with pytest.raises(ChannelError, match=r"did not answer \(ConnectError\)") as caught:
            sender.send(MESSAGE)
        sender.close()
    assert not caught.value.permanent
    assert "secret-path" not in str(caught.value), "the address of a webhook is a secret"


def test_senders_follow_the_policy(tmp_path: Path) -> None:
    policy = channels(
        screen={"sender": "console"},
        log={"sender": "file", "path": "out.jsonl"},
        chat={"sender": "webhook", "url_env": "CHAT"},
        pager={"sender": "webhook", "url_env": "PAGER"},
    )
    environment = {"CHAT": "https://chat.example.com/hooks/1", "PAGER": ""}
    senders = make_senders(policy, environment, tmp_path)
    assert {name: type(sender).__name__ for name, sender in senders.items()} == {
        "screen": "ConsoleSender", "log": "FileSender", "chat": "WebhookSender", "pager": "_Unset",
    }  # fmt: skip
    assert unset_variables(policy, environment) == {"pager": "PAGER"}
    senders["log"].send(MESSAGE)
    assert (tmp_path / "out.jsonl").is_file()
    with pytest.raises(ChannelError, match="channel pager has no address: set PAGER") as caught:
        senders["pager"].send(MESSAGE)
    assert caught.value.permanent, "trying again cannot set a variable"
    for sender in senders.values():
        sender.close()
        sender.close()


@pytest.mark.parametrize("url", ["chat.example.com", "ftp://chat.example.com/", "http://", "http://[broken", "/hooks"])
def test_an_address_that_can_never_work_is_refused_at_once(tmp_path: Path, url: str) -> None:
    policy = channels(chat={"sender": "webhook", "url_env": "CHAT"})
    with pytest.raises(ChannelSetupError, match="channel chat: CHAT is not a web address; write it like https://"):
        make_senders(policy, {"CHAT": url}, tmp_path)
