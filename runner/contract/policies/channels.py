"""How messages travel. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import Version
from runner.contract.values import Name, Strict, Text
from runner.contract.waiver import Waivers

__all__ = ["Channel", "Channels", "Room"]


class Channel(Strict):
    """A way to reach people."""

    summary: Text
    """What it is for."""
    sender: Literal["console", "file", "webhook"]
    """What takes the message."""
    url_env: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    """webhook: the environment variable that holds the URL, so that no secret stands in git."""
    path: str | None = None
    """file: where lines are appended, relative to the runner's working folder."""

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        needed = {"webhook": "url_env", "file": "path", "console": None}[self.sender]
        for key in ("url_env", "path"):
            if (getattr(self, key) is not None) != (key == needed):
                if key == needed:
                    raise Unfit(f"a {self.sender} channel needs `{key}`", f"add {key}: …")
                raise Unfit(f"a {self.sender} channel has no `{key}`", "remove it, or choose another sender", key)
        return self


class Room(Strict):
    """A place that many people read: a chat room, a mailing list."""

    channel: Name
    """The channel that carries it."""
    address: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The room's address on that channel."""
    public: bool = False
    """Whether people outside the company, or without need, read it: no personal data may be posted there."""


class Channels(Strict):
    """How messages travel."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Channels"]
    channels: dict[Name, Channel] = Field(min_length=1)
    """By name."""
    rooms: dict[Name, Room] = {}
    """By name."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
