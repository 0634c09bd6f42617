"""Telling what happens as it happens: every new decision in words, with its reason and the line of its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from runner.contract.values import parse_instant
from runner.engine import events as ev
from runner.engine.reasons import SENTENCES
from runner.engine.words import in_words

__all__ = ["Narrator"]

_EVENT: TypeAdapter[ev.Event] = TypeAdapter(ev.Event)
_QUIET = {"DeliveryRequested", "ResultIgnored", "Reminded", "OtherMatchNoted"}
"""Not told line by line: messages are counted, and the rest says nothing about who holds what."""


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
        """Tell the decisions of an escalation, with its timeline, that are new."""
        told = self._told.get(escalation["id"], 0)
        for row in escalation["timeline"]:
            if row["seq"] > told:
                self._row(escalation, row, ladder)
                self._told[escalation["id"]] = row["seq"]

    def _row(self, escalation: Mapping[str, Any], row: Mapping[str, Any], ladder: tuple[str, ...]) -> None:
        at = parse_instant(row["at"])
        if row["refused"]:
            who = self._names.get(row["actor"], row["actor"])
            self._line(at, escalation, f"refused {who}'s {row['command']}: {row['refused']['detail']}", None)
            return
        for words, place in self._words(row, ladder):
            self._line(at, escalation, words, place)

    def _words(self, row: Mapping[str, Any], ladder: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
        for plain in row["events"]:
            event = _EVENT.validate_python(
                {key: value for key, value in plain.items() if key not in ("sentence", "line")}
            )
            if event.type in _QUIET:
                continue
            if isinstance(event, ev.StepSucceeded):
                if "ticket" in event.result:
                    yield f"ticket {event.result['ticket']} is created and linked", plain["line"]
                continue
            words = in_words(event, self._names, ladder)
            if words is None:
                continue
            if isinstance(event, ev.OwnerOffered) and event.due is not None:
                words += f" until {self._time(event.due)}"
            yield f"{words} ({SENTENCES[event.reason]})", plain["line"]

    def _line(self, at: datetime, escalation: Mapping[str, Any], words: str, place: str | None) -> None:
        where = f"  [{place}]" if place else ""
        self._say(f"{self._time(at)}  {escalation['ticket']:<7} {words}{where}")
