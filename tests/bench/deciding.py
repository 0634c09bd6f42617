"""A decision: the events, the state after each, the effects, and the row's canonical bytes with their hash.

The reference is what no implementation can leave out: the same row as JSON text, and its hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from runner.engine import commands as cmd
from runner.engine.decision import Advance, advance
from runner.engine.state import State, next_deadline
from runner.engine.world import RosterWorld
from runner.zones import zone
from tests.bench.house import START, TEMPLATE, active
from tests.bench.measuring import Figure, each_seconds, interleaved

__all__ = ["Life", "figures", "ten_decisions"]

_EVENT_BUDGET, _LIFE_BUDGET = 40e-6, 0.4e-3
_TEXT = "a" * 64
_REFERENCE = "its rows alone: json.dumps and SHA-256"


@dataclass
class Life:
    """One escalation of the shipped billing template, with each decision as it can be made again."""

    state: State | None = None
    now: datetime = START
    steps: list[tuple[State | None, cmd.Command, datetime, str]] = field(default_factory=list)
    done: list[Advance] = field(default_factory=list)

    @property
    def live(self) -> State:
        """The state; only after the opening."""
        if self.state is None:
            raise RuntimeError("not opened")
        return self.state

    def do(self, args: cmd.Args, actor: str = "surety:bench") -> Advance:
        """Decide one command and remember it."""
        id_ = f"0195b8a0-0000-7000-8000-{len(self.done):012}"
        command = cmd.Command(id=id_, actor=actor, source="bench", args=args)
        prev = self.done[-1].decision.hash if self.done else ""
        self.steps.append((self.state, command, self.now, prev))
        done = decide(len(self.steps), *self.steps[-1])
        if done.rejected is not None:
            raise RuntimeError(f"refused: {done.rejected}")
        self.done.append(done)
        self.state = done.state
        return done

    def open(self) -> Advance:
        """A ticket was taken by the template."""
        fields: dict[str, cmd.Scalar] = {"type": "billing", "priority": "high", "account.tier": "enterprise"}
        opened = cmd.Open(
            ticket="T-1", template=TEMPLATE, fallback=False, firing="rising_edge", created_at=self.now,
            observed="created", ticket_version="1", fields=fields,
        )  # fmt: skip
        return self.do(opened, "surety:routing")

    def accept(self) -> Advance:
        """The one who is asked answers every question."""
        offer = next(iter(self.live.offers.values()))
        checklist = active().revision.contracts[TEMPLATE].checklist
        answers: dict[str, cmd.Scalar] = {each.name: True if each.answer == "yes" else _TEXT for each in checklist}
        return self.do(cmd.Accept(offer=offer.id, answers=answers), offer.to)

    def deliver(self) -> Advance:
        """A channel takes the oldest message."""
        return self.do(cmd.Deliver(delivery=min(self.live.deliveries), channel="chat"))

    def step(self) -> Advance:
        """The step under way is done."""
        run = next(iter(self.live.runs.values()))
        return self.do(cmd.SucceedStep(run=run.id, step=run.step, attempt=run.attempt))

    def write(self) -> Advance:
        """The oldest record is written to the ticket."""
        return self.do(cmd.WriteRecord(write=self.live.writes[0]))


def decide(seq: int, state: State | None, command: cmd.Command, now: datetime, prev: str) -> Advance:
    """Make a decision."""
    house = active()
    done = advance(
        house.revision.contracts[TEMPLATE], state, command, RosterWorld(now, house.roster, zone),
        escalation="0195b8a0-0000-7000-8000-000000000000", seq=seq, prev=prev, stamp=house.stamp,
    )  # fmt: skip
    if done is None:
        raise RuntimeError("nothing follows")
    return done


def ten_decisions() -> Life:
    """Opened, told, three steps done, accepted, the ticket's records written, the message in the room, resolved."""
    life = Life()
    life.open()
    life.deliver()
    life.now += timedelta(seconds=5)
    for _ in range(3):
        life.step()
    life.write()
    life.now += timedelta(minutes=20)
    life.accept()
    life.step()
    life.write()
    facts = cmd.TicketFacts(record=_record(life.live))
    evidence = {each.name: _TEXT for each in active().revision.contracts[TEMPLATE].evidence}
    life.now += timedelta(hours=3)
    life.do(cmd.Resolve(evidence=evidence, facts=facts), life.live.holder or "")
    return life


def _record(state: State) -> dict[str, cmd.Scalar]:
    names = active().revision.contracts[TEMPLATE].record
    record = state.record or ("", None, None)
    return {names.state: record[0], names.owner: record[1]}


def _missed() -> Life:
    """Told and all steps done, but the timebox ends without an answer: the next rung is asked."""
    life = Life()
    life.open()
    life.deliver()
    while life.live.runs:
        life.step()
    life.now = next_deadline(life.live) or life.now
    life.do(cmd.Tick(), "surety:clock")
    return life


def figures(rounds: int, times: int) -> list[Figure]:
    """The usual decisions one by one, and a life of ten."""
    life, missed = ten_decisions(), _missed()
    accepted = next(i for i, step in enumerate(life.steps) if isinstance(step[1].args, cmd.Accept))
    found = [
        _single("deliver: a message was taken", life, 1, rounds, times),
        _single("accept", life, accepted, rounds, times),
        _single("tick: nobody answered, failover", missed, len(missed.steps) - 1, rounds, times),
        _single("open", life, 0, rounds, times),
    ]
    rows = [json.loads(done.decision.body) for done in life.done]
    events = sum(len(done.events) for done in life.done)

    def again() -> None:
        for seq, step in enumerate(life.steps, start=1):
            decide(seq, *step)

    ours, reference = _pair(again, lambda: [_write(row) for row in rows], rounds, max(1, times // 10))
    what = f"a life of {len(rows)} decisions, {events} events"
    found.append(Figure(what, ours, reference, _REFERENCE, "us", "0.4 ms", ours <= _LIFE_BUDGET))
    return found


def _single(what: str, life: Life, which: int, rounds: int, times: int) -> Figure:
    row, events = json.loads(life.done[which].decision.body), len(life.done[which].events)
    ours, reference = _pair(lambda: decide(which + 1, *life.steps[which]), lambda: _write(row), rounds, times)
    plural = "event" if events == 1 else "events"
    kept = ours <= events * _EVENT_BUDGET
    return Figure(f"{what}, {events} {plural}", ours, reference, _REFERENCE, "us", "40 µs an event", kept)


def _pair(ours: Callable[[], object], reference: Callable[[], object], rounds: int, times: int) -> tuple[float, float]:
    return interleaved(lambda: each_seconds(ours, times), lambda: each_seconds(reference, times), rounds)


def _write(row: object) -> str:
    body = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(body).hexdigest()
