"""Rows that were written once are read for ever, and so are the contract and the roster that they name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.contract.contract import Contract
from runner.contract.roster_form import RosterForm
from runner.engine.decision import SEMANTICS, read_decision
from runner.engine.replay import Verdict
from tests.runner.engine.golden_life import FILE, read
from tests.runner.engine.wishes import COMMANDS

FILES = sorted(FILE.parent.glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rows_of_every_version_are_read(file: Path) -> None:
    plain = json.loads(file.read_text(encoding="utf-8"))
    assert plain["rows"]
    for number, row in enumerate(plain["rows"], start=1):
        read = read_decision(row["body"].encode())
        assert read.seq == row["seq"] == number
        assert all(event.reason and event.rule for event in read.events)
        assert read.events or read.rejected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_contract_keeps_its_name_although_this_program_knows_more_keys(file: Path) -> None:
    plain = json.loads(file.read_text(encoding="utf-8"))
    contract = Contract.load(json.dumps(plain["contract"]).encode())
    roster = RosterForm.load(json.dumps(plain["roster"]).encode())
    for row in plain["rows"]:
        read = read_decision(row["body"].encode())
        assert (contract.digest, roster.digest) == (read.contract, read.stamp.roster)
    assert Contract.load(contract.canonical).digest == contract.digest


def test_rows_of_older_semantics_were_decided_by_another_engine_and_are_not_called_tampered_with() -> None:
    for file in FILES:
        found = read(file).replay()
        now = json.loads(read(file).rows[0][1])["semantics"] == SEMANTICS
        assert found.verdict is (Verdict.IDENTICAL if now else Verdict.ENGINE_CHANGED), (file.stem, found)


def test_the_rows_that_were_written_first_are_kept() -> None:
    assert {"decision-v1", FILE.stem} <= {file.stem for file in FILES}


def test_the_golden_life_gives_nearly_every_command() -> None:
    given = {read_decision(body.encode()).command.args.type for body in _bodies(FILE)}
    left_out = {
        "AttachPostmortem",
        "Clarify",
        "Close",
        "FailDelivery",
        "FailRecord",
        "NoteReopened",
        "NoteRoster",
        "Snooze",
    }
    assert {each.__name__ for each in COMMANDS} - given == left_out


def _bodies(file: Path) -> list[str]:
    return [row["body"] for row in json.loads(file.read_text(encoding="utf-8"))["rows"]]
