"""Decision rows: canonical bytes, the chain, the golden file, and what replay finds when something was changed.

Rows cut off at the end are not found here: a shorter chain is a good chain. Only a seal over the last hash can tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.contract.canonical import canonical, digest_of
from runner.engine import commands as cmd
from runner.engine.decision import ROW_VERSION, SEMANTICS, read_decision
from runner.engine.replay import ReplayVerdict, Verdict
from tests.runner.engine.golden_life import golden_life
from tests.runner.engine.golden_life import read as golden
from tests.runner.engine.worlds import TEXT, YES, Life, at, closed, hand_over, opened, troubled

Rows = list[tuple[int, bytes, str]]


def eventful() -> Life:
    life = troubled()
    life.do(cmd.Accept(offer=2, answers={}), "carl", when=at(12))
    life.do(cmd.EndException(exception=1, text=TEXT), "ann", when=at(13))
    life.do(hand_over("carl", artifacts=(TEXT,), expected_at=at(99)), "ann", when=at(14))
    life.accept()
    life.do(cmd.Resolve(evidence={"invoice": TEXT}, facts=life.facts()), "carl", when=at(20))
    return life


@pytest.mark.parametrize("life", [golden_life, eventful, closed], ids=lambda life: life.__name__)
def test_a_row_is_canonical_and_chained(life: Callable[[], Life]) -> None:
    prev = ""
    for number, (seq, body, digest) in enumerate(life().rows, start=1):
        row = json.loads(body)
        assert canonical(row) == body
        assert (seq, row["seq"], row["v"], row["semantics"]) == (number, number, ROW_VERSION, SEMANTICS)
        assert (row["prev"], digest_of(body)) == (prev, digest)
        prev = digest


def test_a_row_holds_what_is_needed_to_decide_again() -> None:
    life = golden_life()
    row = json.loads(life.rows[0][1])
    assert sorted(row) == [
        "command", "contract", "epoch", "escalation", "events", "now", "prev", "rejected", "roster", "semantics", "seq",
        "tzdata", "v",
    ]  # fmt: skip
    assert row["contract"] == life.contract.digest
    assert row["roster"] == life.roster.digest
    assert row["now"] == "2026-03-03T09:00:00.000000Z"
    assert sorted(row["command"]) == ["actor", "args", "id", "jobs", "source"]
    assert all(event["reason"] and event["rule"] and event["type"] for event in row["events"])


def test_instants_are_utc_in_microseconds_and_nothing_else_is_a_time() -> None:
    for _, body, _ in eventful().rows:
        for event in json.loads(body)["events"]:
            for key, value in event.items():
                if key in {"due", "remind_at", "outcome_due", "created_at", "accepted_at", "next_due"} and value:
                    assert len(value) == 27, (key, value)
                    assert value.endswith("Z"), (key, value)


def test_a_row_reads_back_as_it_was_written() -> None:
    life = eventful()
    read = [read_decision(body) for _, body, _ in life.rows]
    assert [event for row in read for event in row.events] == [event for _, event in life.events]
    assert [row.rejected["reason"] for row in read if row.rejected] == ["checklist_incomplete"]


def test_the_golden_rows_can_be_decided_again() -> None:
    found = golden().replay()
    assert (found.verdict, found.rows) == (Verdict.IDENTICAL, len(golden().rows))
    assert found.state == golden_life().state


def test_the_engine_still_writes_the_golden_rows() -> None:
    """If this fails, `decide` answers differently or the row has another form: raise SEMANTICS or ROW_VERSION."""
    assert [body.decode() for _, body, _ in golden_life().rows] == [body.decode() for _, body, _ in golden().rows]


def test_the_golden_rows_begin_with_an_opening_a_refusal_and_a_tick() -> None:
    rows = [json.loads(body) for _, body, _ in golden().rows[:3]]
    assert [row["command"]["args"]["type"] for row in rows] == ["Open", "Accept", "Tick"]
    assert [bool(row["rejected"]) for row in rows] == [False, True, False]


def edited(rows: Rows, number: int, change: Callable[[dict[str, Any]], object], *, rehash: bool = True) -> Rows:
    """The rows with one changed as by somebody who also mends that row's own hash, or does not."""
    seq, body, digest = rows[number - 1]
    row = json.loads(body)
    change(row)
    new = canonical(row)
    assert new != body
    return [*rows[: number - 1], (seq, new, digest_of(new) if rehash else digest), *rows[number:]]


def verdict(rows: Rows, life: Life | None = None) -> ReplayVerdict:
    return (life or eventful()).replay(rows)


ROWS: Rows = eventful().rows
LAST = len(ROWS)


def test_the_life_replays() -> None:
    found = verdict(ROWS)
    assert (found.verdict, found.rows, found.at) == (Verdict.IDENTICAL, LAST, None)
    assert found.state == eventful().state


def test_any_changed_byte_is_found() -> None:
    seq, body, digest = ROWS[0]
    life = eventful()
    for position in range(len(body)):
        changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        found = verdict([(seq, changed, digest), *ROWS[1:]], life)
        assert (found.verdict, found.at, found.rows) == (Verdict.TAMPERED, 1, 0)


@pytest.mark.parametrize(
    ("word", "rows"),
    [
        ("a row less", [*ROWS[:2], *ROWS[3:]]),
        ("a row less, numbers closed up", [*ROWS[:2], *((seq - 1, body, digest) for seq, body, digest in ROWS[3:])]),
        ("the first row less", ROWS[1:]),
        ("two rows swapped", [*ROWS[:2], ROWS[3], ROWS[2], *ROWS[4:]]),
        ("two rows swapped, numbers mended", [*ROWS[:2], (3, *ROWS[3][1:]), (4, *ROWS[2][1:]), *ROWS[4:]]),
        ("a row twice", [*ROWS[:3], ROWS[2], *ROWS[3:]]),
        ("another hash", [*ROWS[:2], (3, ROWS[2][1], "0" * 64), *ROWS[3:]]),
        ("a row of another escalation", [*ROWS[:1], (2, *golden_life().rows[1][1:]), *ROWS[2:]]),
        ("a row edited, its hash kept", edited(ROWS, 3, lambda row: row.update(epoch=2), rehash=False)),
        ("a row edited, its hash mended: the next says", edited(ROWS, 3, lambda row: row.update(epoch=2))),
        ("another number inside the row", edited(ROWS, 3, lambda row: row.update(seq=4))),
        ("the last row's events", edited(ROWS, LAST, lambda row: row["events"].pop())),
        ("the last row's reason", edited(ROWS, LAST, lambda row: row["events"][0].update(reason="gone"))),
        ("a refusal turned into nothing", edited(ROWS[:9], 9, lambda row: row.update(rejected=None))),
        (
            "a refusal of a person turned into one of the machine",
            edited(ROWS[:9], 9, lambda row: row["command"].update(actor="surety:x")),
        ),
        ("an early time", edited(ROWS, LAST, lambda row: row.update(now="2026-03-03T08:00:00.000000Z"))),
    ],
)
def test_what_was_changed_is_found(word: str, rows: Rows) -> None:
    assert verdict(rows).verdict is Verdict.TAMPERED, word


def test_the_refusal_is_where_the_table_says() -> None:
    assert json.loads(ROWS[8][1])["rejected"]


def test_rows_cut_off_at_the_end_are_not_found_without_a_seal() -> None:
    assert verdict(ROWS[:-1]).verdict is Verdict.IDENTICAL


def unknown_event(row: dict[str, Any]) -> None:
    row.update(semantics=SEMANTICS + 1)
    row["events"] = [{"type": "OwnerCalled", "reason": "new", "rule": "r"}]


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("the same row", lambda row: row.update(semantics=SEMANTICS + 1)),
        ("a row with events that this program does not know", unknown_event),
        (
            "a row with a command that this program does not know",
            lambda row: row.update(semantics=0, command={"type": "Wave"}),
        ),
    ],
)
def test_rows_under_other_semantics_are_not_called_tampered(
    word: str, change: Callable[[dict[str, Any]], None]
) -> None:
    found = verdict(edited(ROWS, LAST, change))
    assert (found.verdict, found.at, found.rows) == (Verdict.ENGINE_CHANGED, LAST, LAST - 1), word
    assert "semantics" in found.detail


def test_other_semantics_do_not_excuse_a_broken_chain() -> None:
    rows = edited(ROWS, LAST, lambda row: row.update(semantics=SEMANTICS + 1), rehash=False)
    assert verdict(rows).verdict is Verdict.TAMPERED


@pytest.mark.parametrize("part", ["contract", "roster"])
def test_data_that_is_no_more_is_not_called_tampered(part: str) -> None:
    found = verdict(edited(ROWS, LAST, lambda row: row.update({part: "0" * 64})))
    assert (found.verdict, found.at) == (Verdict.DATA_CHANGED, LAST)


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("another version of the row", lambda row: row.update(v=2)),
        ("a part missing", lambda row: row.pop("contract")),
        ("a part of another type", lambda row: row.update(events=5)),
        ("the place in the chain missing", lambda row: row.pop("prev")),
    ],
)
def test_a_row_that_cannot_be_read(word: str, change: Callable[[dict[str, Any]], object]) -> None:
    found = verdict(edited(ROWS, LAST, change))
    assert (found.verdict, found.at) == (Verdict.UNREADABLE, LAST), word
    assert found.detail


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b"\xff", b'{"v":1}'])
def test_bytes_that_are_no_row(body: bytes) -> None:
    assert verdict([(1, body, digest_of(body))]).verdict is Verdict.UNREADABLE


def test_nothing_replays_to_nothing() -> None:
    found = verdict([])
    assert (found.verdict, found.rows, found.state) == (Verdict.IDENTICAL, 0, None)


def test_no_text_of_a_person_is_in_a_row() -> None:
    life = opened()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    with pytest.raises(ValueError, match="pattern"):
        cmd.Reject(offer=1, why="not_mine", text="because I am ill")
