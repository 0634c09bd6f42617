"""Replaying a store: the same bytes, or the first place where they differ; what cannot be judged is never good."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.engine import commands as cmd
from runner.service import replaying
from runner.service.replaying import replay_store
from runner.store import SqliteStore
from tests.runner.service.company import ANNA, BILLING, TOMASZ, YES, Office


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore.open(tmp_path / "s.db")
    yield made
    made.close()


@pytest.fixture
def office(store: SqliteStore) -> Office:
    """Three escalations with some history."""
    made = Office(store)
    for ticket in ("T-1", "T-2", "T-3"):
        escalation = made.open(ticket, {**BILLING, "subject": ticket})
        made.act(escalation, TOMASZ, cmd.Accept(offer=1, answers=YES))
        made.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    made.succeed()
    made.move(30)
    made.fire()
    return made


def alter(store: SqliteStore, statement: str) -> None:
    """What somebody with the file at hand could do."""
    with sqlite3.connect(store.path) as connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()


def test_nothing_to_replay_is_not_good(store: SqliteStore) -> None:
    found = replay_store(store)
    assert (found.identical, found.unknown) == (False, True)
    assert found.as_text() == "replay: there is nothing to replay in this store"


def test_what_was_decided_is_decided_again(office: Office) -> None:
    found = replay_store(office.store)
    assert found.identical
    assert found.verdicts == {"identical": 3}
    with office.store.reader() as reader:
        rows = sum(len(list(reader.decisions(name))) for name in reader.escalations(limit=9))
    assert found.as_text() == f"replay: {rows} decisions of 3 escalations decided again, byte for byte identical"
    envelope = json.loads(found.as_json())
    assert (envelope["version"], envelope["identical"], envelope["decisions"]) == (1, True, rows)


def test_pages_of_escalations_are_all_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "_PAGE", 2)
    assert replay_store(office.store).escalations == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET body = CAST(replace(body, 'tomasz', 'sofia') AS BLOB) WHERE seq = 2 AND escalation = '{}'",
        "DELETE FROM decision WHERE seq = 2 AND escalation = '{}'",
        "UPDATE decision SET hash = 'f' || substr(hash, 2) WHERE seq = 3 AND escalation = '{}'",
    ],
    ids=["an edit", "a gap", "a hash"],
)
def test_what_was_altered_is_named(store: SqliteStore, office: Office, statement: str) -> None:
    with store.reader() as reader:
        victim = reader.escalations(limit=9)[1]
    store.close()
    alter(store, statement.format(victim))
    again = SqliteStore.open(store.path)
    found = replay_store(again)
    again.close()
    assert (found.identical, found.unknown) == (False, False)
    assert [name for name, _ in found.faults] == [victim]
    assert f"  {victim} at decision " in found.as_text()
    assert json.loads(found.as_json())["faults"][0]["escalation"] == victim


def test_other_time_zones_are_not_called_tampering(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "tzdata_version", lambda: "2031z")
    found = replay_store(office.store)
    assert (found.identical, found.unknown) == (False, True)
    assert "this program has 2031z" in found.as_text()
