"""The senders that ship: console, file, webhook; and building them from the Channels policy."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import httpx

from runner.channels.port import ChannelError, Message, Sender
from runner.contract.diagnostic import printable, printable_lines
from runner.contract.policies import Channel, Channels

__all__ = [
    "ChannelSetupError",
    "ConsoleSender",
    "FileSender",
    "WebhookSender",
    "is_web_address",
    "make_senders",
    "unset_variables",
]


class ChannelSetupError(Exception):
    """A channel cannot be set up; the message says what to do."""


class ConsoleSender:
    """Prints each message as one block; what could steer a terminal is escaped, since customers write parts of it."""

    def __init__(self, name: str, stream: TextIO | None = None) -> None:
        self._name = name
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Print it; raises ChannelError when the console is gone."""
        stream = self._stream or sys.stdout
        head = printable(f"[{self._name}] to {message.address}: {message.subject}")
        try:
            with self._lock:
                stream.write(f"{head}\n{printable_lines(message.text)}\n\n")
                stream.flush()
        except (OSError, ValueError) as error:
            raise ChannelError(f"the console cannot be written: {error}") from error

    def close(self) -> None:
        """Nothing to release."""


class FileSender:
    """Appends each message as one line of JSON, flushed to the disk before it counts as taken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Append it; raises ChannelError when the file cannot be written."""
        line = json.dumps(asdict(message), ensure_ascii=False) + "\n"
        try:
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ChannelError(f"{self._path} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Nothing to release: the file is open only while a message is written."""


class WebhookSender:
    """POSTs each message as JSON with its `Idempotency-Key`; any 2xx answer means taken."""

    def __init__(self, url: str, *, timeout_seconds: float = 10.0) -> None:
        self._url = url
        self._client = httpx.Client(timeout=timeout_seconds, trust_env=False)

    def send(self, message: Message) -> None:
        """POST it; raises ChannelError, permanent for a 4xx other than 408, 425 and 429."""
        try:
            answer = self._client.post(self._url, json=asdict(message), headers={"Idempotency-Key": message.key})
        except httpx.HTTPError as error:
            raise ChannelError(f"the webhook did not answer ({type(error).__name__})") from error
        if not answer.is_success:
            permanent = answer.is_client_error and answer.status_code not in (408, 425, 429)
            raise ChannelError(f"the webhook answered {answer.status_code}", permanent=permanent)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()


def make_senders(channels: Channels, environment: Mapping[str, str], folder: Path) -> dict[str, Sender]:
    """A sender for each channel of the policy.

    `environment` holds the URLs that the policy names; `folder` is where relative files go. A webhook whose variable is
    not set gets a sender that takes nothing and says so, so that the next channel is tried. Raises ChannelSetupError
    for a URL that can never work.
    """
    senders: dict[str, Sender] = {}
    for name, channel in channels.channels.items():
        senders[name] = _make(name, channel, environment, folder)
    return senders


def _make(name: str, channel: Channel, environment: Mapping[str, str], folder: Path) -> Sender:
    if channel.sender == "console":
        return ConsoleSender(name)
    if channel.sender == "file":
        return FileSender(folder / str(channel.path))
    variable = str(channel.url_env)
    url = environment.get(variable, "")
    if not url:
        return _Unset(f"channel {name} has no address: set {variable}")
    if not is_web_address(url):
        raise ChannelSetupError(
            f"channel {name}: {variable} is not a web address; write it like https://chat.example.com/hooks/…"
        )
    return WebhookSender(url)


def is_web_address(url: str) -> bool:
    """Whether something can be sent there by HTTP."""
    try:
        parts, _ = urlsplit(url), httpx.URL(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        return False


def unset_variables(channels: Channels, environment: Mapping[str, str]) -> dict[str, str]:
    """The channels that can reach nobody because their address is not set, with the variable that holds it."""
    return {
        name: str(channel.url_env)
        for name, channel in channels.channels.items()
        if channel.sender == "webhook" and not environment.get(str(channel.url_env))
    }


class _Unset:
    """Takes nothing: its address is not set."""

    def __init__(self, why: str) -> None:
        self._why = why

    def send(self, message: Message) -> None:
        """Always raises a permanent ChannelError."""
        del message
        raise ChannelError(self._why, permanent=True)

    def close(self) -> None:
        """Nothing to release."""
