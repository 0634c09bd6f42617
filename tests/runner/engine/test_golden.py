"""Rows that were written once are read for ever, and so are the contract and the roster that they name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.contract.contract import Contract
from runner.contract.roster_form import RosterForm
from runner.engine.decision import read_decision
from tests.runner.engine.golden_life import FILE

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


def test_the_rows_that_were_written_first_are_kept() -> None:
    assert "decision-v1-first" in [file.stem for file in FILES]
