"""Several looks at one ticket, from the first one on, played by the engine. Chooses none of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from runner.contract.policies import TicketField
from runner.contract.values import format_instant
from runner.engine.conditions import Value
from runner.engine.intake import intake
from runner.engine.observation import Case, Observation, Reading, observe
from runner.engine.routing import Match, RoutingTable

__all__ = ["History", "Look", "Played", "led_to", "played"]


@dataclass(frozen=True, slots=True)
class Look:
    """The ticket as it is when it is looked at; `touched` if the helpdesk has changed it since the look before."""

    at: datetime
    updated: datetime
    fields: Mapping[str, Value]
    touched: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """Looks at one ticket in order: the first finds it new."""

    created: datetime
    looks: tuple[Look, ...]

    @property
    def text(self) -> str:
        """The looks as lines of JSON."""
        lines = [{"created_at": _plain(self.created), **_shown(self.looks[0])}, *map(_shown, self.looks[1:])]
        return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


@dataclass(frozen=True, slots=True)
class Played:
    """The last look of a history, who had the ticket before it, and who takes it."""

    seen: Observation
    at: datetime
    holder: str | None
    taker: str | None


def played(table: RoutingTable, fields: Mapping[str, TicketField], history: History) -> Played:
    """What the engine makes of a history under one revision, with nobody having had the ticket before."""
    case: Case | None = None
    version, holder, taker = 0, None, None
    seen: Observation | None = None
    for look in history.looks:
        version += look.touched
        reading = Reading("ticket", str(version), history.created, look.updated, look.fields)
        seen = observe(fields, case, reading, look.at)
        taken = intake(table, case, seen, look.at, fields=fields)
        case, holder = taken.case, taker
        taker = taken.outcome.template if isinstance(taken.outcome, Match) else None
    if seen is None:
        raise ValueError("a history without a look")
    return Played(seen, history.looks[-1].at, holder, taker)


def led_to(
    created: datetime, new: Look, reading: Mapping[str, Value], since: Mapping[str, datetime], updated: datetime
) -> Sequence[Look]:
    """Looks by which a new ticket comes to have a reading, each value since the instant that is asked for."""
    now, names = dict(new.fields), new.fields.keys() | reading.keys()
    again = {name for name in names & since.keys() if since[name] > created and now.get(name) == reading.get(name)}
    looks, at = [new], new.at
    if again:  # it has to become something else first
        now = {name: value for name, value in now.items() if name not in again}
        looks.append(Look(at, new.updated, dict(now)))
    left = {name: since.get(name, updated) for name in names if now.get(name) != reading.get(name)}
    for instant in sorted({*left.values()} | ({updated} if updated != new.updated else set())):
        now |= {name: reading.get(name) for name, when in left.items() if when == instant}
        at = max(at, instant)
        looks.append(Look(at, instant, {name: value for name, value in now.items() if value is not None}))
    return looks


def _plain(at: datetime) -> str:
    return format_instant(at).replace(".000000Z", "Z")


def _shown(look: Look) -> dict[str, object]:
    shown: dict[str, object] = {"at": _plain(look.at)}
    if look.touched:
        shown["updated_at"] = _plain(look.updated)
        shown["fields"] = dict(sorted(look.fields.items()))
    else:
        shown["unchanged"] = True
    return shown
