"""Two implementations, one answer: whatever is done to them in whatever order, memory and SQLite agree."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from runner.store import Claimed, Conflict, HintRow, OutboxStatus, SqliteStore, Store, Transaction
from runner.store.memory import MemoryStore
from tests.runner.store.rows import activate, append, at, case, effect

T = TypeVar("T")
NAMES = st.sampled_from(["e1", "e2", "e3"])
TICKETS = st.sampled_from(["T-1", "T-2"])
LANES = st.lists(st.sampled_from(["", "ticket", "b"]), max_size=3)
MINUTES = st.none() | st.integers(0, 5)
WAITS = st.sampled_from([0.0, 1.0, 5.0])
LIMITS = st.integers(1, 4)
PICK = st.integers(0, 9)


class Abandon(Exception):
    """Ends a transaction that is not to be kept."""


class Agreement(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores: tuple[Store, Store] = (MemoryStore(), SqliteStore.open(Path(self.folder.name) / "a.db"))
        self.claims: list[Claimed] = []
        self.hints: list[HintRow] = []
        self.machine = 0.0
        self.both(activate)

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    def both(self, act: Callable[[Transaction], T]) -> T:
        """Do it in a transaction of each store; the answers must be equal."""
        answers = []
        for store in self.stores:
            with store.transaction() as write:
                answers.append(act(write))
        assert answers[0] == answers[1]
        return answers[0]

    @rule(name=NAMES, ticket=TICKETS, skip=st.integers(0, 5), due=MINUTES, is_open=st.booleans(), lanes=LANES)
    def decide(self, *, name: str, ticket: str, skip: int, due: int | None, is_open: bool, lanes: list[str]) -> None:
        def act(write: Transaction) -> str:
            stream = write.stream(name)
            seq = (stream.seq if stream else 0) + 1 + skip // 5
            effects = [effect(lane=lane) for lane in lanes]
            due_at = None if due is None else at(due)
            try:
                append(write, name, seq, ticket=ticket, due=due_at, is_open=is_open, effects=effects)
            except Conflict as conflict:
                return str(conflict)
            return "written"

        self.both(act)

    @rule(limit=LIMITS, lease=WAITS)
    def claim(self, limit: int, lease: float) -> None:
        self.claims += self.both(lambda write: write.claim(limit, self.machine, lease))

    @rule(pick=PICK, how=st.sampled_from(["settle", "retry", "bury"]), wait=WAITS)
    def finish(self, pick: int, how: str, wait: float) -> None:
        if not self.claims:
            return
        claimed = self.claims[pick % len(self.claims)]

        def act(write: Transaction) -> bool:
            match how:
                case "settle":
                    return write.settle(claimed.key, claimed.attempt, result=b"done" if pick % 2 else None)
                case "retry":
                    return write.retry(claimed.key, claimed.attempt, self.machine + wait, "down")
                case _:
                    return write.bury(claimed.key, claimed.attempt, result=b"dead", why="broken")

        self.both(act)

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        self.machine += seconds

    @rule(ticket=TICKETS)
    def hint(self, ticket: str) -> None:
        self.both(lambda write: write.put_hint(ticket, "poll"))

    @rule(limit=LIMITS, lease=WAITS)
    def take_hints(self, limit: int, lease: float) -> None:
        self.hints += self.both(lambda write: write.take_hints(limit, self.machine, lease))

    @rule(pick=PICK, wait=WAITS, failed=st.booleans())
    def read_ticket(self, pick: int, wait: float, failed: bool) -> None:
        if self.hints:
            hint = self.hints[pick % len(self.hints)]
            if failed:
                self.both(lambda write: write.back_off_hint(hint.ticket, self.machine + wait))
            else:
                self.both(lambda write: write.done_hint(hint.ticket, hint.n))

    @rule(name=NAMES, key=st.integers(0, 3))
    def command(self, name: str, key: int) -> None:
        self.both(lambda write: write.put_command(name, b"{}", f"k{key}"))

    @rule(limit=LIMITS)
    def drain(self, limit: int) -> None:
        def act(write: Transaction) -> list[tuple[str, bytes]]:
            rows = write.take_commands(limit)
            for row in rows:
                write.done_command(row.id)
            return [(row.escalation, row.command) for row in rows]

        self.both(act)

    @rule(ticket=TICKETS, watch=MINUTES, gone=st.booleans())
    def see(self, ticket: str, watch: int | None, gone: bool) -> None:
        seen = replace(case(ticket, None if watch is None else at(watch)), gone=gone)
        self.both(lambda write: write.put_case(seen))

    @rule(minutes=st.integers(0, 5))
    def look_again_at_all(self, minutes: int) -> None:
        self.both(lambda write: write.watch_all(at(minutes)))

    @rule(number=st.integers(0, 4))
    def enter(self, number: int) -> None:
        def act(write: Transaction) -> object:
            with suppress(Conflict):
                write.add_overlay(number, b"entry", "hash")
            return write.overlay(1)

        self.both(act)

    @rule(name=NAMES)
    def abandon(self, name: str) -> None:
        def act(write: Transaction) -> None:
            write.add_overlay(len(write.overlay()) + 1, b"abandoned", "")
            write.put_command(name, b"{}", "abandoned")
            write.put_hint("T-1", "abandoned")
            write.claim(9, self.machine, 9.0)
            write.take_hints(9, self.machine, 9.0)
            raise Abandon

        for store in self.stores:
            with pytest.raises(Abandon), store.transaction() as write:
                act(write)

    @invariant()
    def they_hold_the_same(self) -> None:
        views = []
        for store in self.stores:
            with store.reader() as read:
                views.append(
                    (
                        read.streams(open_only=False, limit=9),
                        [stream.escalation for stream in read.streams(open_only=True, limit=2, after="e1")],
                        [(name, list(read.decisions(name)), read.outbox_of(name)) for name in ("e1", "e2", "e3")],
                        [read.case(ticket) for ticket in ("T-1", "T-2")],
                        (read.pending(), read.next_due(), read.next_watch(), read.overlay()),
                    )
                )
        assert views[0] == views[1]
        self.both(lambda write: [(write.due(at(n), n + 1), write.watches(at(n), n + 1)) for n in range(6)])

    @invariant()
    def a_lane_has_one_effect_that_may_be_done(self) -> None:
        with self.stores[1].reader() as read:
            for name in ("e1", "e2", "e3"):
                for lane in ("ticket", "b"):
                    rows = [row for row in read.outbox_of(name) if row.lane == lane]
                    unsettled = [row.status for row in rows if row.status is not OutboxStatus.DEAD]
                    assert OutboxStatus.BEHIND not in unsettled[:1]
                    assert set(unsettled[1:]) <= {OutboxStatus.BEHIND}


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(max_examples=40, stateful_step_count=40)
