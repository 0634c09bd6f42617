"""Telling what happens as it happens: every new decision in words, with its reason and the line of its rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from runner.contract.values import parse_instant
from runner.engine import events as ev
from runner.engine.reasons import SENTENCES, Reason
from runner.engine.words import in_words

__all__ = ["Narrator"]

_EVENT: TypeAdapter[ev.Event] = TypeAdapter(ev.Event)
_QUIET = {"DeliveryRequested", "ResultIgnored", "Reminded", "OtherMatchNoted"}
"""Not told line by line: messages are counted, and the rest says nothing about who holds what."""

_SAID = frozenset(
    (
        Reason.CLOSED,
        Reason.CANCELLED,
        Reason.FAILED,
        Reason.GONE,
        Reason.RAISED,
        Reason.RECOVERED,
        Reason.UNWRITTEN,
        Reason.UNDELIVERED,
        Reason.OUTCOME_OVERDUE,
        Reason.REPEATED,
    )
)
"""Reasons that the words say already."""
_ADDED = ("sentence", "line")
"""What the API adds to an event."""


class Narrator:
    """Remembers what was told of each escalation."""

    def __init__(
        self, say: Callable[[str], None], show_time: Callable[[datetime], str], names: Mapping[str, str]
    ) -> None:
        self._say = say
        self._time = show_time
        self._names = names
        self._told: dict[str, int] = {}

    def behind(self, escalation: Mapping[str, Any]) -> bool:
        """Whether an escalation, as the list shows it, has decisions that were not told yet."""
        return int(escalation["decisions"]) > self._told.get(escalation["id"], 0)

    def tell(self, escalation: Mapping[str, Any], ladder: tuple[str, ...]) -> None:
        """Tell the decisions of an escalation, with its timeline, that are new.

        Results of effects come last and sorted: those of one instant have no order of their own.
        """
        told = self._told.get(escalation["id"], 0)
        results: list[str] = []
        for row in escalation["timeline"]:
            if row["seq"] > told:
                for line in self._row(escalation, row, ladder):
                    if row["source"] == "outbox":
                        results.append(line)
                    else:
                        self._say(line)
                self._told[escalation["id"]] = row["seq"]
        for line in sorted(results):
            self._say(line)

    def _row(self, escalation: Mapping[str, Any], row: Mapping[str, Any], ladder: tuple[str, ...]) -> Iterator[str]:
        head = f"{self._time(parse_instant(row['at']))}  {escalation['ticket']:<7} "
        if row["refused"]:
            who = self._names.get(row["actor"], row["actor"])
            yield f"{head}{who} may not {_verb(row['command'])}: {row['refused']['detail']}"
            return
        for words, place in self._words(row, ladder):
            yield f"{head}{words}  [{place}]" if place else f"{head}{words}"

    def _words(self, row: Mapping[str, Any], ladder: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
        for plain in row["events"]:
            event = _EVENT.validate_python({key: value for key, value in plain.items() if key not in _ADDED})
            if isinstance(event, ev.StepSucceeded) and "ticket" in event.result:
                yield f"ticket {event.result['ticket']} is created and linked", plain["line"]
            words = in_words(event, self._names, ladder) if event.type not in _QUIET else None
            if words is None:
                continue
            if isinstance(event, ev.OwnerOffered) and event.due is not None:
                words += f" until {self._time(event.due)}"
            yield words if event.reason in _SAID else f"{words} ({SENTENCES[event.reason]})", plain["line"]


def _verb(command: str) -> str:
    """`hand over` from `HandOver`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", command).lower()
