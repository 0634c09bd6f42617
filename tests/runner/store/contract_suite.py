"""What every store must do: one suite, run by each implementation's own tests.

Each class is subclassed beside a fixture `store` that gives an empty store; nothing here knows which one it is.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from runner.engine.observation import Case
from runner.store import (
    Claimed,
    Conflict,
    HintRow,
    OutboxStatus,
    Pending,
    Store,
    StoreError,
    Transaction,
    effect_key,
)
from tests.runner.store.rows import CONTRACT, ROSTER, activate, append, at, case, decision, effect, epoch

NOTHING = Pending(0, 0, 0, 0, 0, 0)


class Fault(Exception):
    """Raised inside a transaction."""


def keys(claimed: list[Claimed]) -> list[str]:
    return [effect.key for effect in claimed]


def write_everything(write: Transaction) -> None:
    """One write to every table."""
    activate(write)
    append(write, "e1", due=at(1), effects=[effect(lane="ticket")], texts={"d": (b"salt", "text")})
    write.put_case(case("T-1", at(3)))
    write.put_command("e1", b"{}", "source")
    write.put_hint("T-1", "poll")
    write.set_cursor("changes", "41")
    write.add_overlay(1, b"{}", "hash")
    write.stand("billing", "one", "e1", None)
    write.link("e1", "T-2")
    write.put_account("Acme", at(1), "e1")


def assert_empty(store: Store) -> None:
    with store.reader() as read:
        assert (read.active(), read.epochs(), read.pending()) == (None, [], NOTHING)
        assert (read.stream("e1"), list(read.decisions("e1")), read.outbox_of("e1")) == (None, [], [])
        assert (read.case("T-1"), read.text("e1", "d"), read.overlay()) == (None, None, [])
        assert (read.next_due(), read.next_watch(), read.escalations(limit=9)) == (None, None, [])
        assert read.streams(open_only=False, limit=9) == []
        with pytest.raises(LookupError):
            read.contract(CONTRACT)


class EmptyStoreSuite:
    """Transactions, epochs and what is kept for good, from an empty store on."""

    def test_an_empty_store_holds_nothing(self, store: Store) -> None:
        assert_empty(store)

    def test_an_exception_leaves_nothing(self, store: Store) -> None:
        def fail(write: Transaction) -> None:
            write_everything(write)
            raise Fault

        with pytest.raises(Fault), store.transaction() as write:
            fail(write)
        assert_empty(store)
        with store.transaction() as write:
            assert write.cursor("changes") is None
            assert write.first_time("source")

    def test_a_transaction_sees_its_own_writes_and_readers_do_not(self, store: Store) -> None:
        with store.transaction() as write:
            write_everything(write)
            stream = write.stream("e1")
            assert stream is not None
            assert write.pending() == Pending(1, 1, 0, 0, 0, 1)
            assert_empty(store)
        with store.reader() as read:
            assert read.stream("e1") == stream

    def test_a_reader_keeps_its_view_while_others_write(self, store: Store) -> None:
        with store.transaction() as write:
            activate(write)
        with store.reader() as read:
            assert read.stream("e1") is None
            with store.transaction() as write:
                append(write, "e1")
            assert read.stream("e1") is None

    def test_a_transaction_inside_another_is_refused(self, store: Store) -> None:
        with store.transaction() as write:
            activate(write)
            with pytest.raises(RuntimeError, match="inside another"), store.transaction():
                pass
            with pytest.raises(RuntimeError, match="inside another"), store.workspace("other").transaction():
                pass
            append(write, "e1")
        with store.reader() as read:
            assert read.escalations(limit=9) == ["e1"]

    def test_a_transaction_of_another_thread_waits(self, store: Store) -> None:
        order: list[str] = []

        def other() -> None:
            with store.transaction() as write:
                order.append("second")
                write.set_cursor("changes", "2")

        thread = threading.Thread(target=other)
        with store.transaction() as write:
            thread.start()
            thread.join(0.05)
            order.append("first")
            write.set_cursor("changes", "1")
        thread.join(10)
        assert order == ["first", "second"]
        with store.transaction() as write:
            assert write.cursor("changes") == "2"

    def test_nothing_is_usable_after_its_block(self, store: Store) -> None:
        with store.transaction() as write:
            activate(write)
            append(write, "e1")
        with store.reader() as read:
            rows = read.decisions("e1")
        for late in (lambda: write.put_hint("T-1", "late"), lambda: read.stream("e1"), lambda: next(rows)):
            with pytest.raises(RuntimeError, match="after its `with` block"):
                late()

    def test_a_closed_store_says_so(self, store: Store) -> None:
        store.close()
        store.close()
        for use in (store.transaction, store.reader):
            with pytest.raises(StoreError, match="closed: open it again"), use():
                pass
        with pytest.raises(StoreError, match="closed"):
            store.workspace("other")

    def test_a_workspace_needs_a_name(self, store: Store) -> None:
        with pytest.raises(StoreError, match="needs a name"):
            store.workspace("")

    def test_workspaces_do_not_see_each_other(self, store: Store) -> None:
        other = store.workspace("other")
        with store.transaction() as write:
            write_everything(write)
        assert_empty(other)
        with other.transaction() as write:
            assert write.first_time("source")
            assert (write.due(at(9), 9), write.watches(at(9), 9)) == ([], [])
            assert (write.take_commands(9), write.take_hints(9, 0.0, 1.0), write.claim(9, 0.0, 1.0)) == ([], [], [])
            assert write.cursor("changes") is None
            assert not write.settle("e1:1:0", 1, result=None)
            with pytest.raises(LookupError):
                append(write, "e1")
            write.done_hint("T-1", 1)
            write.done_command(1)
            assert write.activate(None, epoch(5), {CONTRACT: b"other"}, b"other")
            append(write, "e1", ticket="T-e1")
        other.close()
        with store.reader() as read:
            assert read.pending() == Pending(1, 1, 0, 0, 0, 1)
            assert (read.contract(CONTRACT), [row.epoch for row in read.epochs()]) == (b"contract", [1])

    def test_the_same_workspace_again_is_the_same(self, store: Store) -> None:
        with store.transaction() as write:
            write_everything(write)
        again = store.workspace("default")
        with again.reader() as read:
            assert read.escalations(limit=9) == ["e1"]

    def test_an_epoch_is_switched_only_from_the_expected_one(self, store: Store) -> None:
        with store.transaction() as write:
            assert not write.activate(1, epoch(2), {"c": b"c"}, b"roster")
            assert write.activate(None, epoch(4), {CONTRACT: b"contract"}, b"roster")
            assert not write.activate(None, epoch(5), {"c": b"c"}, b"roster")
            assert not write.activate(3, epoch(5), {"c": b"c"}, b"roster")
            with pytest.raises(LookupError):
                write.contract("c")
            assert write.activate(4, epoch(6, "r2"), {"c": b"c", CONTRACT: b"not this"}, b"roster 2")
            assert write.activate(6, epoch(6, "r2"), {}, b"not this")
        with store.reader() as read:
            assert read.active() == epoch(6, "r2")
            assert read.epochs() == [epoch(4), epoch(6, "r2"), epoch(6, "r2")]
            assert (read.contract(CONTRACT), read.contract("c")) == (b"contract", b"c")
            assert (read.roster(ROSTER), read.roster("r2")) == (b"roster", b"roster 2")
            with pytest.raises(LookupError):
                read.roster("r3")

    def test_where_rules_stood_is_kept_for_every_epoch(self, store: Store) -> None:
        with store.transaction() as write:
            assert write.activate(None, epoch(4), {CONTRACT: b"contract"}, b"roster", {CONTRACT: b"lines 4"})
            assert write.activate(4, epoch(6), {CONTRACT: b"contract"}, b"roster", {CONTRACT: b"lines 4"})
            assert write.activate(
                6, epoch(7), {CONTRACT: b"contract", "c": b"c"}, b"roster", {CONTRACT: b"7", "c": b"c"}
            )
            assert write.activate(7, epoch(9), {}, b"roster")
            assert not write.activate(7, epoch(10), {}, b"roster", {CONTRACT: b"10"})
            assert write.places(CONTRACT, 4) == (4, b"lines 4")
        with store.reader() as read:
            assert [read.places(CONTRACT, number) for number in (3, 4, 5)] == [None, (4, b"lines 4"), (4, b"lines 4")]
            assert read.places(CONTRACT, 6) == (4, b"lines 4"), "the same lines are kept once"
            assert [read.places(CONTRACT, number) for number in (7, 99)] == [(7, b"7")] * 2
            assert (read.places("c", 6), read.places("c", 9), read.places("d", 9)) == (None, (7, b"c"), None)
        with store.workspace("other").reader() as read:
            assert read.places(CONTRACT, 9) is None

    def test_entries_of_the_overlay_follow_each_other(self, store: Store) -> None:
        with store.transaction() as write:
            assert write.overlay() == []
            write.add_overlay(1, b"one", "h1")
            write.add_overlay(2, b"two", "h2")
            for number in (0, 1, 2, 4):
                with pytest.raises(Conflict):
                    write.add_overlay(number, b"other", "h")
            assert write.overlay() == [(1, b"one", "h1"), (2, b"two", "h2")], "a conflict leaves nothing"
        with store.transaction() as write:
            write.add_overlay(3, b"three", "h3")
        with store.reader() as read:
            assert read.overlay(1) == [(2, b"two", "h2"), (3, b"three", "h3")]
            assert read.overlay(3) == []
        with store.workspace("other").transaction() as write:
            assert write.overlay() == []
            write.add_overlay(1, b"theirs", "t1")

    def test_a_roster_is_kept_for_good(self, store: Store) -> None:
        with store.transaction() as write:
            write.keep_roster("r9", b"with an overlay")
            write.keep_roster("r9", b"other")
            assert write.roster("r9") == b"with an overlay"
        with store.reader() as read:
            assert read.roster("r9") == b"with an overlay"
        with store.workspace("other").reader() as read, pytest.raises(LookupError):
            read.roster("r9")

    def test_keys_from_outside_are_seen_once(self, store: Store) -> None:
        with store.transaction() as write:
            assert write.first_time("hook-1")
            assert not write.first_time("hook-1")
        with store.transaction() as write:
            assert not write.first_time("hook-1")
            assert write.first_time("hook-2")

    def test_cursors_are_remembered(self, store: Store) -> None:
        with store.transaction() as write:
            write.set_cursor("changes", "1")
            write.set_cursor("changes", "2")
            write.set_cursor("other", "ü")
            assert (write.cursor("changes"), write.cursor("other"), write.cursor("none")) == ("2", "ü", None)


class DecisionSuite:
    """Decisions, states, cases, and what falls due."""

    @pytest.fixture(autouse=True)
    def _active(self, store: Store) -> None:
        with store.transaction() as write:
            activate(write)

    def test_a_decision_comes_back_as_it_was_written(self, store: Store) -> None:
        due = at(7) + timedelta(microseconds=1)
        with store.transaction() as write:
            write.append(
                decision("e1", 1),
                now=at(1),
                ticket="T-1",
                template="billing",
                contract=CONTRACT,
                state=b"\x00\xffstate",
                due=due.astimezone(timezone(timedelta(hours=5))),
                open=True,
                effects=[effect("record", "ticket", write=1, fields={"state": "ä", "owner": None}, who=("a", "b"))],
                texts={"d1": (b"salt", "Ünï \x00 code")},
            )
        with store.reader() as read:
            stream = read.stream("e1")
            assert stream is not None
            assert stream.due == due
            assert stream.due.utcoffset() == timedelta(0)
            parts = (stream.escalation, stream.ticket, stream.template, stream.contract, stream.seq, stream.hash)
            assert parts == ("e1", "T-1", "billing", CONTRACT, 1, decision("e1", 1).hash)
            assert (stream.state, stream.open, stream.at) == (b"\x00\xffstate", True, at(1))
            assert list(read.decisions("e1")) == [(1, decision("e1", 1).body, decision("e1", 1).hash)]
            assert (read.text("e1", "d1"), read.text("e1", "d2"), read.text("e2", "d1")) == (
                "Ünï \x00 code",
                None,
                None,
            )
            (row,) = read.outbox_of("e1")
            assert (row.key, row.seq, row.index, row.kind, row.lane) == ("e1:1:0", 1, 0, "record", "ticket")
            assert row.payload == {"write": 1, "fields": {"state": "ä", "owner": None}, "who": ["a", "b"]}
            assert (row.status, row.attempt, row.ready_at, row.why) == (OutboxStatus.READY, 0, 0.0, "")

    def test_texts_of_results_are_kept_once(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", due=None, texts={"d1": (b"", "first")})
            write.keep_texts("e1", {"d1": (b"", "second"), "d2": (b"salt", "another")})
            write.keep_texts("e1", {})
        with store.reader() as read:
            assert [read.text("e1", digest) for digest in ("d1", "d2", "d3")] == ["first", "another", None]

    def test_the_next_decision_replaces_the_state_and_keeps_the_rows(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", due=at(5))
            append(write, "e1", 2, due=at(8), texts={"d": (b"", "first")})
            append(write, "e1", 3, due=None, is_open=False, texts={"d": (b"", "second")})
        with store.reader() as read:
            stream = read.stream("e1")
            assert stream is not None
            assert (stream.seq, stream.state, stream.due, stream.open, stream.at) == (3, b"state 3", None, False, at(3))
            assert [seq for seq, _, _ in read.decisions("e1")] == [1, 2, 3]
            assert [seq for seq, _, _ in read.decisions("e1", after_seq=2)] == [3]
            assert [seq for seq, _, _ in read.decisions("e1", after_seq=3)] == []
            assert read.text("e1", "d") == "first"

    def test_a_long_history_is_read_whole_and_in_order(self, store: Store) -> None:
        with store.transaction() as write:
            for seq in range(1, 502):
                append(write, "e1", seq)
            append(write, "e2")
        with store.reader() as read:
            assert [seq for seq, _, _ in read.decisions("e1")] == list(range(1, 502))

    @pytest.mark.parametrize("seq", [0, 1, 2, 4])
    def test_a_decision_over_another_state_is_refused(self, store: Store, seq: int) -> None:
        with store.transaction() as write:
            append(write, "e1", 1, due=at(5))
            append(write, "e1", 2, due=at(6), effects=[effect()])
        with store.transaction() as write:
            with pytest.raises(Conflict):
                append(write, "e1", seq, due=at(1), effects=[effect()], texts={"d": (b"", "t")})
            append(write, "e9")
        with store.reader() as read:
            stream = read.stream("e1")
            assert stream is not None
            assert (stream.seq, stream.due, stream.state) == (2, at(6), b"state 2")
            assert [number for number, _, _ in read.decisions("e1")] == [1, 2]
            assert ([row.key for row in read.outbox_of("e1")], read.text("e1", "d")) == (["e1:2:0"], None)
            assert read.escalations(limit=9) == ["e1", "e9"]

    def test_the_first_decision_is_number_one(self, store: Store) -> None:
        with store.transaction() as write, pytest.raises(Conflict):
            append(write, "e1", 2)

    def test_a_ticket_has_one_open_escalation(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", ticket="T-1")
            with pytest.raises(Conflict, match="T-1 has another open escalation"):
                append(write, "e2", ticket="T-1", effects=[effect()])
            append(write, "e1", 2, ticket="T-1", is_open=False)
            append(write, "e2", ticket="T-1")
            with pytest.raises(Conflict, match="T-1 has another open escalation"):
                append(write, "e1", 3, ticket="T-1", is_open=True)
            append(write, "e1", 3, ticket="T-1", is_open=False)
        with store.reader() as read:
            assert [stream.escalation for stream in read.streams(open_only=True, limit=9)] == ["e2"]
            assert [seq for seq, _, _ in read.decisions("e1")] == [1, 2, 3]

    def test_one_open_escalation_stands_for_a_cause(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1")
            append(write, "e2")
            assert write.standing("billing", "one") is None
            write.stand("billing", "one", "e1", None)
            assert (write.standing("billing", "one"), write.standing("other", "one")) == ("e1", None)
            with pytest.raises(Conflict, match="e1 stands for the cause, not none"):
                write.stand("billing", "one", "e2", None)
            write.stand("billing", "one", "e2", "e1")
            assert write.standing("billing", "one") == "e2"
            append(write, "e2", 2, is_open=False)
            assert write.standing("billing", "one") is None, "it is over"
            with pytest.raises(Conflict, match="no escalation stands for the cause, not e2"):
                write.stand("billing", "one", "e1", "e2")
            append(write, "e2", 3)
            assert write.standing("billing", "one") == "e2", "it is open again"

    def test_tickets_are_linked_to_an_escalation(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1")
            for ticket in ("T-3", "T-2", "T-3"):
                write.link("e1", ticket)
            assert (write.linked("e1"), write.linked("e2")) == (["T-2", "T-3"], [])
        with store.workspace("other").transaction() as write:
            assert write.linked("e1") == []

    def test_the_escalations_of_an_account_come_newest_first(self, store: Store) -> None:
        with store.transaction() as write:
            for minute, name in ((1, "e1"), (3, "e3"), (2, "e2"), (3, "e4")):
                write.put_account("Acme", at(minute), name)
            write.put_account("Other", at(4), "e5")
            assert write.of_account("Acme", at(2), 9) == ["e4", "e3", "e2"]
            assert write.of_account("Acme", at(0), 2) == ["e4", "e3"]
            assert write.of_account("Nobody", at(0), 9) == []

    def test_an_escalation_that_is_over_may_be_open_again_on_its_ticket(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", ticket="T-1")
            append(write, "e1", 2, ticket="T-1", is_open=False)
            append(write, "e1", 3, ticket="T-1")
            with pytest.raises(Conflict, match="another open escalation"):
                append(write, "e2", ticket="T-1")
            append(write, "e1", 4, ticket="T-1", is_open=False)
            append(write, "e2", ticket="T-1")
            with pytest.raises(Conflict, match="another open escalation"):
                append(write, "e1", 5, ticket="T-1")

    def test_an_escalation_may_go_to_another_ticket(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", ticket="T-1")
            append(write, "e2", ticket="T-2")
            with pytest.raises(Conflict, match="another open escalation"):
                append(write, "e1", 2, ticket="T-2")
            append(write, "e1", 2, ticket="T-3")
            append(write, "e3", ticket="T-1")
            found = write.stream("e1")
            assert found is not None
            assert found.ticket == "T-3"

    def test_a_decision_needs_a_contract_that_is_kept(self, store: Store) -> None:
        with store.transaction() as write:
            with pytest.raises(LookupError, match="no contract unknown"):
                append(write, "e1", contract="unknown")
            assert write.stream("e1") is None

    def test_what_json_has_not_is_refused_whole(self, store: Store) -> None:
        with store.transaction() as write:
            for wrong in (float("nan"), object()):
                with pytest.raises((ValueError, TypeError)):
                    append(write, "e1", effects=[effect(), effect(value=wrong)])
            append(write, "e2")
        with store.reader() as read:
            assert read.escalations(limit=9) == ["e2"]
            assert read.pending() == NOTHING

    def test_pages_follow_the_order_of_ids(self, store: Store) -> None:
        with store.transaction() as write:
            for name in ("e3", "e1", "e5", "e2", "e4"):
                append(write, name)
            append(write, "e2", 2, is_open=False)
        with store.reader() as read:
            assert read.escalations(limit=2) == ["e1", "e2"]
            assert read.escalations(after="e2", limit=2) == ["e3", "e4"]
            assert read.escalations(after="e5", limit=2) == []
            page = read.streams(open_only=True, limit=3)
            assert [stream.escalation for stream in page] == ["e1", "e3", "e4"]
            assert [stream.escalation for stream in read.streams(open_only=True, limit=3, after="e4")] == ["e5"]
            page = read.streams(open_only=False, limit=2, after="e1")
            assert [stream.escalation for stream in page] == ["e2", "e3"]

    def test_what_is_due_comes_oldest_first(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", due=at(30))
            append(write, "e2", due=at(10))
            append(write, "e4", due=at(20))
            append(write, "e3", due=at(20))
            append(write, "e5", due=None)
            append(write, "e6", due=at(15), is_open=False)
            assert write.next_due() == at(10)
            assert write.due(at(10) - timedelta(microseconds=1), 9) == []
            assert write.due(at(10), 9) == ["e2"]
            assert write.due(at(29), 9) == ["e2", "e6", "e3", "e4"]
            assert write.due(at(30), 3) == ["e2", "e6", "e3"]
            append(write, "e2", 2, due=at(40))
            assert write.due(at(30), 2) == ["e6", "e3"]
            assert write.next_due() == at(15)
            for name in ("e1", "e2", "e3", "e4", "e6"):
                append(write, name, 3 if name == "e2" else 2, is_open=False)
            assert (write.next_due(), write.due(at(99), 9)) == (None, [])

    def test_an_instant_needs_a_zone(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", due=at(1))
            with pytest.raises(TypeError):
                write.due(datetime(2026, 3, 2, 9, 0), 9)  # noqa: DTZ001 - wrong on purpose

    def test_a_case_comes_back_as_it_was_put(self, store: Store) -> None:
        bare = Case("T-2", "1", at(0), {}, {})
        with store.transaction() as write:
            write.put_case(case("T-1", at(3)))
            write.put_case(bare)
        with store.reader() as read:
            found = read.case("T-1")
            assert found == case("T-1", at(3))
            assert {name: type(value) for name, value in found.reading.items()} == {
                name: type(value) for name, value in case("T-1").reading.items()
            }
            assert (read.case("T-2"), read.case("T-3")) == (bare, None)

    def test_watches_come_oldest_first_and_follow_the_case(self, store: Store) -> None:
        with store.transaction() as write:
            for ticket, minutes in (("T-1", 30), ("T-2", 10), ("T-4", 20), ("T-3", 20)):
                write.put_case(case(ticket, at(minutes)))
            write.put_case(case("T-5", None))
            assert write.next_watch() == at(10)
            assert write.watches(at(9), 9) == []
            assert write.watches(at(20), 9) == ["T-2", "T-3", "T-4"]
            assert write.watches(at(30), 2) == ["T-2", "T-3"]
            write.put_case(case("T-2", None))
            write.put_case(case("T-3", at(40)))
            assert write.watches(at(30), 9) == ["T-4", "T-1"]
            assert write.next_watch() == at(20)

    def test_every_case_that_is_not_gone_is_looked_at_again(self, store: Store) -> None:
        with store.transaction() as write:
            for ticket, due, gone in (
                ("T-1", at(90), False),
                ("T-2", None, False),
                ("T-3", at(5), False),
                ("T-4", None, True),
                ("T-5", at(90), True),
            ):
                write.put_case(replace(case(ticket, due), gone=gone))
        with store.workspace("other").transaction() as write:
            write.put_case(replace(case("T-1"), gone=False))
        with store.transaction() as write:
            write.watch_all(at(30))
            assert write.watches(at(29), 9) == ["T-3"], "what is overdue stays the longest overdue"
            assert write.watches(at(30), 9) == ["T-3", "T-1", "T-2"]
            assert write.case("T-1") == replace(case("T-1", at(30)), gone=False)
        with store.reader() as read:
            assert [read.case(name) for name in ("T-2", "T-4", "T-5")] == [
                replace(case("T-2", at(30)), gone=False),
                case("T-4", None),
                case("T-5", at(90)),
            ]
        with store.workspace("other").transaction() as write:
            assert write.watches(at(99), 9) == []

    def test_a_case_that_was_looked_at_again_is_as_it_was_written(self, store: Store) -> None:
        with store.transaction() as write:
            write.put_case(replace(case("T-1", at(90)), gone=False))
            write.watch_all(at(30))
            write.put_case(replace(case("T-1", None), gone=False))
            assert (write.watches(at(99), 9), write.next_watch()) == ([], None)
            assert write.case("T-1") == replace(case("T-1", None), gone=False)
            write.put_case(case("T-1", at(40)))
            write.watch_all(at(30))
            assert write.next_watch() == at(40), "gone meanwhile"


class QueueSuite:
    """Inbox, hints and outbox."""

    @pytest.fixture(autouse=True)
    def _active(self, store: Store) -> None:
        with store.transaction() as write:
            activate(write)

    def test_commands_come_in_the_order_they_were_put(self, store: Store) -> None:
        with store.transaction() as write:
            assert [write.put_command(name, name.encode(), f"key {name}") for name in ("b", "a", "c")] == [True] * 3
            assert not write.put_command("b", b"again", "key b")
            taken = write.take_commands(2)
            assert [(row.escalation, row.command) for row in taken] == [("b", b"b"), ("a", b"a")]
            assert write.take_commands(2) == taken
            for row in taken:
                write.done_command(row.id)
            assert write.pending().inbox == 1
        with store.transaction() as write:
            assert [row.escalation for row in write.take_commands(9)] == ["c"]
            assert not write.put_command("b", b"again", "key b")
            assert not write.first_time("key a")

    def test_the_number_of_a_command_is_never_used_again(self, store: Store) -> None:
        with store.transaction() as write:
            write.put_command("a", b"1", "1")
            (first,) = write.take_commands(9)
            write.done_command(first.id)
            write.put_command("a", b"2", "2")
            write.done_command(first.id)
            assert [row.command for row in write.take_commands(9)] == [b"2"]

    def test_hints_are_one_row_per_ticket_in_order(self, store: Store) -> None:
        with store.transaction() as write:
            for ticket in ("T-2", "T-1", "T-2", "T-3"):
                write.put_hint(ticket, "webhook")
            assert write.pending().hints == 3
            taken = write.take_hints(2, 100.0, 30.0)
            assert [hint.ticket for hint in taken] == ["T-2", "T-1"]
            assert [hint.ticket for hint in write.take_hints(9, 100.0, 30.0)] == ["T-3"]
            assert write.take_hints(9, 129.9, 30.0) == []
            assert [hint.ticket for hint in write.take_hints(9, 130.0, 30.0)] == ["T-2", "T-1", "T-3"]
            for hint in taken:
                write.done_hint(hint.ticket, hint.n)
            assert write.pending().hints == 1

    def test_a_hint_that_came_while_reading_is_not_lost(self, store: Store) -> None:
        with store.transaction() as write:
            write.put_hint("T-1", "webhook")
            (before,) = write.take_hints(9, 100.0, 30.0)
            write.put_hint("T-1", "webhook")
            assert write.take_hints(9, 101.0, 30.0) == []  # somebody is reading it
            write.done_hint("T-1", before.n)
            (after,) = write.take_hints(9, 102.0, 30.0)
            assert after.n > before.n
            write.done_hint("T-1", after.n)
            assert write.pending() == NOTHING

    def test_a_late_reader_does_not_remove_a_hint_that_came_after_it(self, store: Store) -> None:
        with store.transaction() as write:
            write.put_hint("T-1", "webhook")
            (slow,) = write.take_hints(9, 100.0, 30.0)
            (quick,) = write.take_hints(9, 131.0, 30.0)
            write.done_hint("T-1", quick.n)
            write.put_hint("T-1", "webhook")
            write.done_hint("T-1", slow.n)
            (hint,) = write.take_hints(9, 132.0, 30.0)
            assert hint == HintRow("T-1", hint.n)
            assert hint.n > slow.n

    def test_a_ticket_that_cannot_be_read_waits_whatever_hints_come(self, store: Store) -> None:
        with store.transaction() as write:
            write.put_hint("T-1", "webhook")
            write.take_hints(9, 100.0, 30.0)
            write.back_off_hint("T-1", 200.0)
            write.back_off_hint("T-9", 200.0)
            write.put_hint("T-1", "webhook")
            assert write.take_hints(9, 199.9, 30.0) == []
            assert [hint.ticket for hint in write.take_hints(9, 200.0, 30.0)] == ["T-1"]
            assert write.pending().hints == 1

    def test_fresh_hints_and_failed_ones_share_a_take(self, store: Store) -> None:
        with store.transaction() as write:
            for number in range(8):
                write.put_hint(f"T-{number}", "poll")
            for hint in write.take_hints(4, 0.0, 1.0):
                write.back_off_hint(hint.ticket, 10.0)
            assert [hint.ticket for hint in write.take_hints(4, 10.0, 5.0)] == ["T-0", "T-1", "T-4", "T-5"]
            assert [hint.ticket for hint in write.take_hints(9, 10.0, 5.0)] == ["T-2", "T-3", "T-6", "T-7"]

    def test_a_claim_says_all_that_is_needed(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", ticket="T-1", effects=[effect(), effect("step", "ticket", step=2)])
            first, second = write.claim(9, 100.0, 30.0)
            assert first.key == effect_key("e1", 1, 0) == "e1:1:0"
            assert second == Claimed(
                "e1:1:1", "e1", 1, 1, "step", "ticket", {"step": 2}, attempt=1, contract=CONTRACT, ticket="T-1"
            )
            assert write.claim(9, 100.0, 30.0) == []
            assert write.pending().outbox_leased == 2

    def test_fresh_effects_come_by_escalation_as_they_were_decided(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e2", effects=[effect(), effect()])
            append(write, "e1", effects=[effect() for _ in range(11)])
            append(write, "e2", 2, effects=[effect()])
            assert keys(write.claim(11, 0.0, 1.0)) == [f"e1:1:{index}" for index in range(11)]
            assert keys(write.claim(2, 0.0, 1.0)) == ["e2:1:0", "e2:1:1"]
            assert keys(write.claim(9, 0.0, 1.0)) == ["e2:2:0"]

    def test_a_settled_effect_is_gone_and_its_result_is_a_command(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect(), effect(), effect()])
            write.claim(9, 100.0, 30.0)
            assert write.settle("e1:1:0", 1, result=b"told", source_key="channel 7")
            assert write.settle("e1:1:1", 1, result=None)
            assert write.settle("e1:1:2", 1, result=b"also told")
            assert write.outbox_of("e1") == []
            assert [(row.escalation, row.command) for row in write.take_commands(9)] == [
                ("e1", b"told"),
                ("e1", b"also told"),
            ]
            assert not write.first_time("channel 7")
            assert not write.first_time("e1:1:2")
            assert write.first_time("e1:1:1")

    @pytest.mark.parametrize("key", ["e1:1:9", "e9:1:0", "e1:2:0", "e1", "", "e1:1", "e1:x:0", "::"])
    def test_settling_what_does_not_exist_does_nothing(self, store: Store, key: str) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect()])
            write.claim(9, 100.0, 30.0)
            assert not write.settle(key, 1, result=b"r")
            assert not write.retry(key, 1, 0.0, "why")
            assert not write.bury(key, 1, result=b"r", why="why")
            assert write.pending() == Pending(0, 0, 1, 0, 0, 0)

    def test_an_effect_that_nobody_holds_cannot_be_settled(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect()])
            for attempt in (0, 1):
                assert not write.settle("e1:1:0", attempt, result=b"r")
            write.claim(9, 100.0, 30.0)
            assert write.retry("e1:1:0", 1, 200.0, "down")
            assert not write.settle("e1:1:0", 1, result=b"r")
            assert not write.retry("e1:1:0", 1, 0.0, "down")
            assert not write.bury("e1:1:0", 1, result=b"r", why="down")
            assert write.pending() == Pending(0, 0, 0, 1, 0, 0)

    def test_a_lease_that_ran_out_passes_on_and_the_late_result_is_refused(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect()])
            (slow,) = write.claim(9, 100.0, 30.0)
            assert write.claim(9, 129.9, 30.0) == []
            (quick,) = write.claim(9, 130.0, 30.0)
            assert (slow.attempt, quick.attempt, quick.key) == (1, 2, slow.key)
            assert not write.settle(slow.key, slow.attempt, result=b"slow")
            assert not write.retry(slow.key, slow.attempt, 0.0, "slow")
            assert not write.bury(slow.key, slow.attempt, result=b"slow", why="slow")
            assert write.settle(quick.key, quick.attempt, result=b"quick")
            assert not write.settle(quick.key, quick.attempt, result=b"twice")
            assert [row.command for row in write.take_commands(9)] == [b"quick"]

    def test_a_result_after_the_lease_counts_if_nobody_else_took_it(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect()])
            write.claim(9, 100.0, 30.0)
        with store.transaction() as write:
            assert write.settle("e1:1:0", 1, result=None)

    def test_a_failed_effect_waits_for_its_time(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect()])
            write.claim(9, 100.0, 30.0)
            assert write.retry("e1:1:0", 1, 160.0, "helpdesk is down")
            (row,) = write.outbox_of("e1")
            assert (row.status, row.attempt, row.ready_at) == (OutboxStatus.WAITING, 1, 160.0)
            assert row.why == "helpdesk is down"
            assert write.claim(9, 159.9, 30.0) == []
            (again,) = write.claim(9, 160.0, 30.0)
            assert (again.key, again.attempt) == ("e1:1:0", 2)

    def test_time_may_start_at_zero(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect()])
            write.claim(9, 0.0, 0.0)
            assert write.retry("e1:1:0", 1, 0.0, "again")
            assert keys(write.claim(9, 0.0, 0.0)) == keys(write.claim(9, 0.0, 0.0)) == ["e1:1:0"]
            write.put_hint("T-1", "poll")
            assert write.take_hints(9, 0.0, 0.0) == write.take_hints(9, 0.0, 0.0) != []

    def test_only_the_oldest_of_a_lane_is_given(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect(lane="ticket"), effect(lane="ticket"), effect(), effect(lane="b")])
            append(write, "e1", 2, effects=[effect(lane="ticket"), effect()])
            append(write, "e2", effects=[effect(lane="ticket")])
            assert write.pending() == Pending(0, 5, 0, 2, 0, 0)
            assert keys(write.claim(9, 100.0, 30.0)) == ["e1:1:0", "e1:1:2", "e1:1:3", "e1:2:1", "e2:1:0"]
            assert write.retry("e1:1:0", 1, 110.0, "down")
            assert write.claim(9, 109.0, 30.0) == []
            assert keys(write.claim(9, 110.0, 30.0)) == ["e1:1:0"]
            assert write.settle("e1:1:0", 2, result=None)
            assert keys(write.claim(9, 110.0, 30.0)) == ["e1:1:1"]
            append(write, "e1", 3, effects=[effect(lane="ticket")])
            assert write.settle("e1:1:1", 1, result=None)
            assert keys(write.claim(9, 110.0, 30.0)) == ["e1:2:0"]
            assert write.settle("e1:2:0", 1, result=None)
            assert keys(write.claim(9, 110.0, 30.0)) == ["e1:3:0"]
            assert write.settle("e1:3:0", 1, result=None)
            append(write, "e1", 4, effects=[effect(lane="ticket")])
            assert keys(write.claim(9, 110.0, 30.0)) == ["e1:4:0"]

    def test_a_dead_effect_is_kept_and_its_lane_goes_on(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect(lane="ticket"), effect(lane="ticket")])
            write.claim(9, 100.0, 30.0)
            assert write.bury("e1:1:0", 1, result=b"failed", why="no such field")
            dead, following = write.outbox_of("e1")
            assert (dead.key, dead.status, dead.ready_at, dead.why) == (
                "e1:1:0",
                OutboxStatus.DEAD,
                None,
                "no such field",
            )
            assert following.status is OutboxStatus.READY
            assert [row.command for row in write.take_commands(9)] == [b"failed"]
            assert write.pending() == Pending(1, 1, 0, 0, 1, 0)
            assert keys(write.claim(9, 9_999.0, 30.0)) == ["e1:1:1"]
            append(write, "e1", 2, effects=[effect(lane="ticket")])
            assert write.settle("e1:1:1", 1, result=None)
            assert keys(write.claim(9, 9_999.0, 30.0)) == ["e1:2:0"]
            assert write.bury("e1:2:0", 1, result=None, why="")
            assert write.pending() == Pending(1, 0, 0, 0, 2, 0)
            append(write, "e1", 3, effects=[effect(lane="ticket")])
            assert keys(write.claim(9, 9_999.0, 30.0)) == ["e1:3:0"]

    def test_fresh_effects_and_failed_ones_share_a_claim(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect() for _ in range(8)])
            for claimed in write.claim(4, 100.0, 30.0):
                write.retry(claimed.key, 1, 110.0, "down")
            assert keys(write.claim(3, 110.0, 30.0)) == ["e1:1:0", "e1:1:1", "e1:1:4"]
            assert keys(write.claim(1, 110.0, 30.0)) == ["e1:1:2"]
            assert keys(write.claim(9, 110.0, 30.0)) == ["e1:1:3", "e1:1:5", "e1:1:6", "e1:1:7"]

    def test_drained_is_when_only_the_dead_are_left(self, store: Store) -> None:
        with store.transaction() as write:
            append(write, "e1", effects=[effect()])
            assert not write.pending().drained
            write.claim(9, 100.0, 30.0)
            assert not write.pending().drained
            write.bury("e1:1:0", 1, result=None, why="")
            assert write.pending().drained
