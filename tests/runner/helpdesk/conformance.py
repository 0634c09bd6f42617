"""What every adapter must do against its real helpdesk: one suite, run by each adapter's own tests.

A subclass gives a fixture `bench` with a fresh helpdesk. Nothing here knows which helpdesk it is.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest

from runner.helpdesk import (
    Applied,
    BadHook,
    Conflict,
    Gone,
    Helpdesk,
    Hint,
    NoChange,
    Rejected,
    Ticket,
    Unknown,
)


class Bench(Protocol):
    """A fresh, empty helpdesk and the ways to make it misbehave."""

    actor: str  # whom the helpdesk takes `helpdesk` for
    helpdesk: Helpdesk
    foreign: Helpdesk  # the same helpdesk as somebody else

    def losing(self, answers: int) -> Helpdesk:
        """The same identity, through a line that loses the answers of the next writes after the work was done."""
        ...

    def remove(self, ref: str) -> None:
        """Delete a ticket as somebody else."""
        ...

    def merge(self, ref: str, into: str) -> None:
        """Make a ticket part of another as somebody else."""
        ...

    def next_hook(self) -> tuple[Mapping[str, str], bytes]:
        """The next webhook as it arrived; there must have been a change."""
        ...


def created(helpdesk: Helpdesk, key: str = "create-1", **fields: str) -> str:
    outcome = helpdesk.create({"subject": "Invoice is wrong", **fields}, key)
    assert isinstance(outcome, Applied)
    return outcome.ref


def read(helpdesk: Helpdesk, ref: str) -> Ticket:
    ticket = helpdesk.get(ref)
    assert isinstance(ticket, Ticket)
    return ticket


class HelpdeskConformance:
    """The suite. Subclass it, name the subclass Test…, and give it a fixture `bench`."""

    def test_selftest_knows_who_we_are(self, bench: Bench) -> None:
        report = bench.helpdesk.selftest()
        assert report.ok
        assert report.actor == bench.actor
        assert report.helpdesk_now is not None

    def test_created_ticket_reads_back(self, bench: Bench) -> None:
        ticket = read(bench.helpdesk, created(bench.helpdesk, priority="high"))
        assert ticket.fields["subject"] == "Invoice is wrong"
        assert ticket.fields["priority"] == "high"
        assert ticket.created_at.utcoffset() is not None
        assert ticket.updated_at >= ticket.created_at
        assert ticket.ref in ticket.url

    def test_create_again_with_the_same_key_makes_no_second_ticket(self, bench: Bench) -> None:
        first = bench.helpdesk.create({"subject": "Invoice is wrong"}, "key")
        second = bench.helpdesk.create({"subject": "Invoice is wrong"}, "key")
        assert first == second
        assert isinstance(first, Applied)
        assert bench.helpdesk.find_by_key("key") == (first.ref,)
        assert len(self.seen(bench.helpdesk)) == 1

    def test_create_at_once_from_many_threads_with_one_key_makes_one_ticket(self, bench: Bench) -> None:
        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(lambda _: bench.helpdesk.create({"subject": "Once"}, "key"), range(24)))
        assert len(set(outcomes)) == 1
        assert len(self.seen(bench.helpdesk)) == 1

    def test_a_key_is_for_one_write_only(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, "key", priority="low")
        assert isinstance(bench.helpdesk.set_fields(ref, {"priority": "high"}, "key"), Rejected)
        assert isinstance(bench.helpdesk.create({"subject": "Something else"}, "key"), Rejected)
        assert read(bench.helpdesk, ref).fields["priority"] == "low"
        assert len(self.seen(bench.helpdesk)) == 1

    def test_set_fields_leaves_the_others(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        outcome = bench.helpdesk.set_fields(ref, {"priority": "high"}, "key")
        ticket = read(bench.helpdesk, ref)
        assert outcome == Applied(ref, ticket.version)
        assert dict(ticket.fields) == {"subject": "Invoice is wrong", "priority": "high"}

    def test_set_fields_again_after_somebody_else_wrote_has_no_second_effect(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        first = bench.helpdesk.set_fields(ref, {"priority": "high"}, "key")
        bench.foreign.set_fields(ref, {"priority": "low"}, "foreign")
        assert bench.helpdesk.set_fields(ref, {"priority": "high"}, "key") == first
        assert read(bench.helpdesk, ref).fields["priority"] == "low"

    def test_set_fields_to_what_they_are_is_no_change(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        before = read(bench.helpdesk, ref).version
        assert bench.helpdesk.set_fields(ref, {"priority": "low"}, "key") == NoChange(ref, before)
        assert read(bench.helpdesk, ref).version == before

    def test_no_change_stays_no_change_when_asked_again(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        first = bench.helpdesk.set_fields(ref, {"priority": "low"}, "key")
        bench.foreign.set_fields(ref, {"priority": "high"}, "foreign")
        assert bench.helpdesk.set_fields(ref, {"priority": "low"}, "key") == first
        assert read(bench.helpdesk, ref).fields["priority"] == "high"

    def test_none_clears_a_field(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        assert isinstance(bench.helpdesk.set_fields(ref, {"priority": None}, "key"), Applied)
        assert read(bench.helpdesk, ref).fields.get("priority") is None

    def test_the_version_changes_with_every_change(self, bench: Bench) -> None:
        ref = created(bench.helpdesk)
        versions = {read(bench.helpdesk, ref).version}
        for number in range(3):
            bench.helpdesk.set_fields(ref, {"priority": f"p{number}"}, f"key-{number}")
            versions.add(read(bench.helpdesk, ref).version)
        assert len(versions) == 4

    def test_an_old_version_is_a_conflict_and_nothing_is_written(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        old = read(bench.helpdesk, ref).version
        bench.foreign.set_fields(ref, {"priority": "high"}, "foreign")
        outcome = bench.helpdesk.set_fields(ref, {"priority": "urgent"}, "key", expect=old)
        now = read(bench.helpdesk, ref)
        assert outcome == Conflict(ref, now.version)
        assert now.fields["priority"] == "high"
        assert bench.helpdesk.find_by_key("key") == ()

    def test_the_expected_version_is_written(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        version = read(bench.helpdesk, ref).version
        outcome = bench.helpdesk.set_fields(ref, {"priority": "high"}, "key", expect=version)
        assert isinstance(outcome, Applied)
        assert bench.helpdesk.set_fields(ref, {"priority": "high"}, "key", expect=version) == outcome

    def test_note_is_in_the_history_once(self, bench: Bench) -> None:
        ref = created(bench.helpdesk)
        first = bench.helpdesk.note(ref, "Asked Ben.\nHe has until 10:05.", "key")
        assert isinstance(first, Applied)
        assert bench.helpdesk.note(ref, "Asked Ben.\nHe has until 10:05.", "key") == first
        notes = [entry for entry in bench.helpdesk.history(ref, 50) if entry.kind == "comment"]
        assert [(entry.actor, entry.text) for entry in notes] == [(bench.actor, "Asked Ben.\nHe has until 10:05.")]
        assert bench.helpdesk.find_by_key("key") == (ref,)

    def test_history_tells_who_changed_what_newest_last(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        bench.foreign.set_fields(ref, {"priority": "high"}, "foreign")
        bench.helpdesk.note(ref, "Seen.", "note", public=True)
        entries = bench.helpdesk.history(ref, 50)
        assert entries[0].kind == "created"
        change, note = entries[-2], entries[-1]
        assert (change.kind, change.field, change.old, change.new) == ("field", "priority", "low", "high")
        assert change.actor != bench.actor
        assert (note.kind, note.actor, note.text) == ("comment", bench.actor, "Seen.")
        assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
        assert bench.helpdesk.history(ref, 1) == (note,)

    def test_a_deleted_ticket_is_gone_for_every_call(self, bench: Bench) -> None:
        ref = created(bench.helpdesk)
        bench.remove(ref)
        assert bench.helpdesk.get(ref) == Gone(ref)
        assert bench.helpdesk.set_fields(ref, {"priority": "high"}, "key-1") == Gone(ref)
        assert bench.helpdesk.note(ref, "Anybody there?", "key-2") == Gone(ref)
        assert bench.helpdesk.find_by_key("create-1") == ()

    def test_a_ticket_that_is_gone_is_not_created_again_with_its_key(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, "key")
        bench.remove(ref)
        assert bench.helpdesk.create({"subject": "Invoice is wrong"}, "key") == Gone(ref)

    def test_a_merged_ticket_says_of_which_it_is_part(self, bench: Bench) -> None:
        one, two = created(bench.helpdesk), created(bench.helpdesk, "create-2")
        assert read(bench.helpdesk, one).merged_into is None
        bench.merge(one, two)
        assert (read(bench.helpdesk, one).merged_into, read(bench.helpdesk, two).merged_into) == (two, None)

    def test_a_ticket_that_never_was_is_gone(self, bench: Bench) -> None:
        for ref in ("T-99999999", "nonsense", "..", "../whoami", "T-1000?x=1", ""):
            assert bench.helpdesk.get(ref) == Gone(ref)
            assert bench.helpdesk.history(ref, 10) == ()
            assert bench.helpdesk.set_fields(ref, {"priority": "high"}, "key") == Gone(ref)
            assert bench.helpdesk.note(ref, "Anybody there?", "key") == Gone(ref)

    def test_a_lost_answer_is_unknown_and_the_key_tells(self, bench: Bench) -> None:
        lossy = bench.losing(1)
        assert isinstance(lossy.create({"subject": "Lost"}, "key"), Unknown)
        found = bench.helpdesk.find_by_key("key")
        assert len(found) == 1
        assert isinstance(lossy.create({"subject": "Lost"}, "key"), Applied)
        assert bench.helpdesk.find_by_key("key") == found
        assert len(self.seen(bench.helpdesk)) == 1

    def test_lost_answers_of_changes_and_notes_leave_no_doubles(self, bench: Bench) -> None:
        ref = created(bench.helpdesk, priority="low")
        for write in ("set_fields", "note"):
            lossy = bench.losing(2)
            outcomes = [
                lossy.set_fields(ref, {"priority": "high"}, "set")
                if write == "set_fields"
                else lossy.note(ref, "Once.", "note")
                for _ in range(3)
            ]
            assert [type(outcome) for outcome in outcomes] == [Unknown, Unknown, Applied]
        assert bench.helpdesk.find_by_key("set") == bench.helpdesk.find_by_key("note") == (ref,)
        entries = bench.helpdesk.history(ref, 50)
        assert sum(entry.kind == "comment" for entry in entries) == 1
        assert sum(entry.new == "high" for entry in entries) == 1

    def test_changes_tell_of_every_kind_of_change(self, bench: Bench) -> None:
        refs = [created(bench.helpdesk, f"create-{number}") for number in range(4)]
        start = bench.helpdesk.changes(None, 100)
        assert {hint.ref for hint in start.hints} == set(refs)
        bench.helpdesk.set_fields(refs[0], {"priority": "high"}, "set")
        bench.helpdesk.note(refs[1], "Seen.", "note")
        bench.remove(refs[2])
        page = bench.helpdesk.changes(start.cursor, 100)
        assert {hint.ref for hint in page.hints} >= {refs[0], refs[1], refs[2]}
        assert bench.helpdesk.get(refs[2]) == Gone(refs[2])

    def test_changes_come_in_pages_that_lose_nothing(self, bench: Bench) -> None:
        refs = {created(bench.helpdesk, f"create-{number}") for number in range(7)}
        assert set(self.seen(bench.helpdesk, limit=2)) == refs

    def test_the_cursor_loses_nothing_while_many_write(self, bench: Bench) -> None:
        refs = [created(bench.helpdesk, f"create-{number}") for number in range(20)]
        cursor = bench.helpdesk.changes(None, 1000).cursor
        done = threading.Event()
        known: dict[str, object] = {}

        def follow() -> None:
            position, last = cursor, False
            while True:
                page = bench.helpdesk.changes(position, 7)
                position = page.cursor
                for ref in {hint.ref for hint in page.hints}:
                    known[ref] = read(bench.helpdesk, ref).fields.get("priority")
                if last and not page.hints:
                    return
                last = done.is_set()

        follower = threading.Thread(target=follow)
        follower.start()
        try:
            with ThreadPoolExecutor(8) as pool:
                writes = [
                    pool.submit(bench.foreign.set_fields, refs[n % 20], {"priority": f"p{n}"}, f"k{n}")
                    for n in range(200)
                ]
                assert all(isinstance(write.result(), Applied) for write in writes)
        finally:
            done.set()
            follower.join()
        assert known == {ref: read(bench.helpdesk, ref).fields["priority"] for ref in refs}

    def test_a_hook_is_a_hint(self, bench: Bench) -> None:
        ref = created(bench.helpdesk)
        headers, body = bench.next_hook()
        (hint,) = bench.helpdesk.parse_hook(headers, body)
        assert hint == Hint(ref, read(bench.helpdesk, ref).updated_at)

    def test_a_hook_that_was_touched_is_refused(self, bench: Bench) -> None:
        created(bench.helpdesk)
        headers, body = bench.next_hook()
        with pytest.raises(BadHook, match="signature is wrong"):
            bench.helpdesk.parse_hook(headers, body + b" ")
        with pytest.raises(BadHook, match="signature is wrong"):
            bench.helpdesk.parse_hook({name: value + "0" for name, value in headers.items()}, body)

    def test_a_hook_without_a_signature_is_refused(self, bench: Bench) -> None:
        created(bench.helpdesk)
        _, body = bench.next_hook()
        with pytest.raises(BadHook, match="header"):
            bench.helpdesk.parse_hook({"Content-Type": "application/json"}, body)

    @staticmethod
    def seen(helpdesk: Helpdesk, limit: int = 100) -> list[str]:
        """The tickets of the whole change feed, in its order."""
        page = helpdesk.changes(None, limit)
        refs = [hint.ref for hint in page.hints]
        while page.more:
            page = helpdesk.changes(page.cursor, limit)
            refs += [hint.ref for hint in page.hints]
        return refs
