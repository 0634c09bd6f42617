"""What a run came to, in a form that two runs can be compared by: no ids, no ports, no order of what is parallel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from runner.engine.decision import read_decision
from runner.engine.state import State, load_state
from runner.helpdesk.local_client import LocalHelpdesk
from runner.helpdesk.port import Ticket
from runner.store import Reader
from tests.crash.stage import Stage
from tests.recorded import whole_record

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TICKET = re.compile(r"T-[0-9]+")

_MARK = "[URGENT] "
"""A step sets it before the subject; a message of the same instant reads the subject before or after that."""


@dataclass(frozen=True)
class Outcome:
    """`messages`, `tickets` and `systems` are as the world outside has them, the others as the record has them."""

    escalations: dict[str, list[dict[str, Any]]]
    messages: Counter[tuple[str, ...]]
    tickets: dict[str, list[Any]]
    notes: Counter[tuple[str, str]]
    systems: Counter[str]

    def differences(self, other: Outcome) -> list[str]:
        """What is otherwise in another run, in words; empty if nothing is."""
        found = []
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, Counter):
                found += [f"{each.name}: {count}x missing: {what}" for what, count in (mine - theirs).items()]
                found += [f"{each.name}: {count}x too many: {what}" for what, count in (theirs - mine).items()]
                continue
            found += [
                f"{each.name} of {name}: {mine.get(name)} became {theirs.get(name)}"
                for name in sorted(mine.keys() | theirs.keys())
                if mine.get(name) != theirs.get(name)
            ]
        return found


def collect(stage: Stage, tickets: Mapping[str, str]) -> Outcome:
    """The outcome of a run whose runner has ended; `tickets` are those of the script, name to ref.

    Asserts what must hold of every run: a complete chain, an identical replay, nothing waiting, nothing given up.
    """
    names = {ref: name for name, ref in tickets.items()}

    def plain(text: str) -> str:
        text = text.replace(stage.desk_url, "http://desk").replace(_MARK, "")
        return _TICKET.sub(lambda found: names.get(found[0], "another ticket"), _UUID.sub("ID", text))

    with whole_record(stage.store) as reader:
        escalations = _escalations(reader, names)
    messages = Counter(
        tuple(plain(str(message[key])) for key in ("channel", "address", "about", "ticket", "subject", "text"))
        for message in stage.recorder.messages
    )
    with LocalHelpdesk(stage.desk_url, stage.keys.customer_token, stage.keys.webhook) as helpdesk:
        in_desk, notes = _desk(helpdesk, plain)
    return Outcome(escalations, messages, in_desk, notes, _systems(stage))


def _systems(stage: Stage) -> Counter[str]:
    """What other systems did, each once by its key, and what they hold."""
    systems = stage.recorder.systems
    done = Counter(each.action for each in systems.asked if not each.repeated)
    done.update(f"room that is {'open' if is_open else 'closed'}" for is_open in systems.rooms.values())
    done.update(f"{name} that is locked" for name, item in systems.items.items() if item.locked)
    return done


def _escalations(reader: Reader, names: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    ids: set[str] = set()
    for stream in reader.streams(open_only=False, limit=1000):
        rows = [(seq, read_decision(body)) for seq, body, _ in reader.decisions(stream.escalation)]
        assert [seq for seq, _ in rows] == list(range(1, stream.seq + 1)), "a gap in the chain"
        commands = [row.command.id for _, row in rows]
        assert len({*commands} | ids) == len(commands) + len(ids), "a command was decided twice"
        ids.update(commands)
        events = Counter(f"{event.type} {event.reason.value}" for _, row in rows for event in row.events)
        refused = Counter(row.rejected["reason"] for _, row in rows if row.rejected is not None)
        end = {
            "template": stream.template,
            "open": stream.open,
            "due": stream.due,
            "events": events,
            "refused": refused,
        }
        found.setdefault(names[stream.ticket], []).append({**end, **_end_state(load_state(stream.state))})
    return found


def _end_state(state: State) -> dict[str, Any]:
    return {
        "phase": state.phase.value,
        "holder": state.holder,
        "owners": state.owners,
        "offers": sorted((offer.purpose, offer.to, str(offer.due), offer.told) for offer in state.offers.values()),
        "outcome_missed": state.outcome_missed,
        "accepted_at": state.accepted_at,
        "remind_at": state.remind_at,
        "links": len(state.links),
        "tasks": len(state.tasks),
        "standing": sorted((change.key, change.undo) for change in state.changes),
        "exceptions": sorted((each.exception_class, each.owner) for each in state.exceptions.values()),
        "linked": state.linked,
        "under way": (len(state.runs), len(state.deliveries), len(state.writes)),
    }


def _desk(
    helpdesk: LocalHelpdesk, plain: Callable[[str], str]
) -> tuple[dict[str, list[Any]], Counter[tuple[str, str]]]:
    """Fields of every ticket, by plain name, and all notes."""
    refs: list[str] = []
    cursor = None
    while True:
        page = helpdesk.changes(cursor, 1000)
        refs += [hint.ref for hint in page.hints]
        cursor = page.cursor
        if not page.more:
            break
    tickets: dict[str, list[Any]] = {}
    notes: Counter[tuple[str, str]] = Counter()
    for ref in sorted(set(refs)):
        ticket = helpdesk.get(ref)
        held = (
            {name: plain(str(value)) for name, value in ticket.fields.items()} if isinstance(ticket, Ticket) else None
        )
        tickets.setdefault(plain(ref), []).append(held)
        notes.update((plain(ref), plain(entry.text or "")) for entry in helpdesk.history(ref, 1000) if entry.text)
    for several in tickets.values():
        several.sort(key=repr)
    return tickets, notes
