"""An escalation finishes under the contract it was opened with, whatever becomes of its template."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runner.contract.load import Revision, load_revision
from runner.engine import commands as cmd
from runner.revision import FolderTree
from runner.service.replaying import replay_store
from runner.store.memory import MemoryStore
from runner.store.port import ActiveEpoch
from tests.runner.service.company import ANNA, BILLING, MIRIAM, TOMASZ, YES, Office, active, at, company_files

TEMPLATE = "templates/enterprise-billing/template.yaml"
ROUTING = "policies/routing.yaml"
TEXT = "a" * 64


def revised(folder: Path, path: str, old: str, new: str, *, without: str = "-") -> Revision:
    """The shipped revision with a text of a file replaced, and without a folder."""
    for each, content in company_files().items():
        text = content.decode() if isinstance(content, bytes) else content
        if each == path:
            assert old in text
            text = text.replace(old, new)
        if not each.startswith(without):
            (folder / each).parent.mkdir(parents=True, exist_ok=True)
            (folder / each).write_text(text, encoding="utf-8")
    loaded = load_revision(FolderTree(folder), scenarios=False)
    assert loaded.revision is not None, loaded.findings
    return loaded.revision


def activate(office: Office, revision: Revision) -> None:
    """What a new commit on the branch does."""
    made = active(revision, {})
    epoch = ActiveEpoch(8, "d" * 40, "n" * 64, revision.roster.digest, office.clocks.now())
    contracts = {each.digest: each.canonical for each in revision.contracts.values()}
    with office.store.transaction() as tx:
        assert tx.activate(7, epoch, contracts, revision.roster.canonical)
    office.active = replace(made, epoch=epoch, stamp=replace(made.stamp, epoch=8))


@pytest.fixture
def office() -> Office:
    return Office(MemoryStore())


def test_an_edited_template_changes_nothing_that_is_running(office: Office, tmp_path: Path) -> None:
    before = office.open("T-1")
    office.succeed()
    activate(office, revised(tmp_path, TEMPLATE, "within: 2h", "within: 30m"))
    after = office.open("T-2", {**BILLING, "account.name": "Other"})
    office.succeed()
    office.move(2)
    office.fire()
    assert [offer.to for offer in office.state(before).offers.values()] == [TOMASZ]
    assert [offer.due for offer in office.state(before).offers.values()] == [at(4)]
    assert office.contract(office.stream(before).contract).ladder[0].within.seconds == 7200
    assert office.contract(office.stream(after).contract).ladder[0].within.seconds == 1800


def test_a_deleted_template_changes_nothing_that_is_running(office: Office, tmp_path: Path) -> None:
    escalation = office.open("T-1")
    office.succeed()
    activate(office, revised(tmp_path, ROUTING, "enterprise-billing, ", "", without="templates/enterprise-billing/"))
    for hour in (2, 4):
        office.move(hour)
        office.fire()
        office.succeed()
    assert [offer.to for offer in office.state(escalation).offers.values()] == [MIRIAM]
    office.act(escalation, MIRIAM, cmd.Accept(offer=3, answers=YES))
    assert office.state(escalation).holder == MIRIAM
    assert office.case("T-1").escalation == escalation
    assert replay_store(office.store).identical


def test_every_decision_names_the_contract_of_the_opening(office: Office, tmp_path: Path) -> None:
    escalation = office.open("T-1")
    office.succeed()
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    activate(office, revised(tmp_path, TEMPLATE, "within: 2h", "within: 30m"))
    office.act(escalation, ANNA, cmd.Unaccept())
    office.move(seconds=10)
    office.fire()
    office.act(escalation, MIRIAM, cmd.Override(action="take", text=TEXT))
    rows = office.rows(escalation)
    assert {row.contract for row in rows} == {rows[0].contract}
    assert {row.stamp.epoch for row in rows} == {7, 8}
    assert office.state(escalation).holder == MIRIAM
