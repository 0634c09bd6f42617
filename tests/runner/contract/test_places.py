"""Every rule that a record can name has a place, file and line, where a person wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

import runner.engine
from runner.contract.contract import Contract
from runner.contract.diagnostic import Location
from runner.contract.load import POLICY_RULES, Revision, load_revision
from runner.contract.roster_form import AbsenceOf
from runner.contract.template import POINTS
from runner.engine import commands as cmd
from runner.engine.decide import decide
from runner.engine.events import Event
from runner.engine.evolve import evolve
from runner.engine.roster import Person, Roster
from runner.engine.state import State, accountable, next_deadline
from runner.engine.world import RosterWorld
from runner.revision import FolderTree
from runner.zones import zone
from tests.architecture.project import ROOT
from tests.company import COMPANY
from tests.runner.contract.repository import MINIMAL, Edit, revision

BILLING, REST = "templates/billing/template.yaml", "templates/rest/template.yaml"
ANNOUNCE, ALARM = "templates/blocks/announce.yaml", "templates/blocks/alarm.yaml"
TEXT = "0" * 64
START = datetime(2026, 3, 3, 8, tzinfo=UTC)  # a Tuesday


def line_of(location: Location, *edits: Edit) -> str:
    """The text at a place, from its column on."""
    text = MINIMAL[location.file].decode().split("\n")[location.line - 1]
    return text[location.column - 1 :]


@pytest.mark.parametrize(
    ("rule", "file", "line", "begins"),
    [
        ("billing#/trigger", BILLING, 5, "trigger:"),
        ("billing#/trigger/when", BILLING, 7, "when:"),
        ("billing#/outcome/within", BILLING, 13, "within: {time: 16h"),
        ("billing#/owners/primary", BILLING, 15, "primary:"),
        ("billing#/owners/secondary", BILLING, 16, "secondary:"),
        ("billing#/owners/escalation_owner", BILLING, 17, "escalation_owner:"),
        ("billing#/ladder", BILLING, 1, "schema:"),  # a default: the document
        ("rest#/ladder", REST, 16, "ladder:"),
        ("billing#/accept", BILLING, 18, "accept:"),
        ("billing#/accept/within", BILLING, 19, "within: 1h"),
        ("billing#/accept/repeat", BILLING, 18, "accept:"),  # a default: what it belongs to
        ("rest#/accept/repeat", REST, 20, "repeat: 1"),
        ("billing#/accept/checklist", BILLING, 20, "checklist:"),
        ("billing#/accept/progress_within", BILLING, 18, "accept:"),  # a default
        ("billing#/runbook", BILLING, 21, "runbook:"),
        ("billing#/runbook/open", BILLING, 22, "open:"),
        ("billing#/runbook/open/0", BILLING, 23, "use: announce"),
        ("billing#/runbook/open/0 > announce#/steps/0", ANNOUNCE, 10, "notify: {room: $room"),
        ("billing#/runbook/open/0 > announce#/steps/1", ANNOUNCE, 11, "note: {text"),
        ("billing#/runbook/open/1", BILLING, 26, "set_fields:"),
        ("billing#/runbook/failover/0", BILLING, 28, "use: alarm"),
        ("billing#/runbook/failover/0 > alarm#/steps/0", ALARM, 8, "notify: {who: $who"),
        ("billing#/runbook/failover/0 > alarm#/steps/1", ALARM, 9, "use: announce"),
        ("billing#/runbook/failover/0 > alarm#/steps/1 > announce#/steps/1", ANNOUNCE, 11, "note: {text"),
        ("billing#/runbook/resolved/0", BILLING, 35, "create_ticket:"),
        ("billing#/handoff", BILLING, 41, "handoff:"),
        ("billing#/handoff/accept_within", BILLING, 41, "accept_within: 30m"),
        ("billing#/handoff/at_most", BILLING, 41, "at_most: 2"),
        ("billing#/exceptions", BILLING, 42, "exceptions:"),
        ("billing#/exceptions/data-missing", BILLING, 43, "data-missing: {}"),
        ("billing#/close/verify", BILLING, 45, "verify:"),
        ("billing#/close/resolution_codes", BILLING, 46, "resolution_codes:"),
        ("billing#/on_other_match", BILLING, 1, "schema:"),
        ("limits#/named_within", "policies/limits.yaml", 3, "named_within: 15m"),
        ("limits#/remind_every", "policies/limits.yaml", 8, "remind_every: 2h"),
        ("governance#/override_jobs", "policies/governance.yaml", 5, "override_jobs:"),
        ("channels#/channels", "policies/channels.yaml", 3, "channels:"),
        ("fields#/record", "policies/fields.yaml", 27, "record:"),
        ("fields#/lifecycle", "policies/fields.yaml", 26, "lifecycle:"),
    ],
)
def test_a_rule_stands_where_its_key_does(rule: str, file: str, line: int, begins: str) -> None:
    place = revision().place(rule)
    assert place is not None
    assert (place.file, place.line) == (file, line)
    assert line_of(place).startswith(begins)


def test_a_limit_that_is_left_out_stands_at_the_head_of_its_file() -> None:
    place = revision().place("limits#/snooze_at_most")
    assert place is not None
    assert (place.file, place.line) == ("policies/limits.yaml", 1)


def test_what_is_no_rule_has_no_place() -> None:
    assert revision().place("billing#/nothing") is None
    assert revision().place("announce#/steps/0") is None


def test_blocks_are_written_out_with_their_chain_of_use() -> None:
    contract = revision().contracts["billing"]
    assert [step.rule for step in contract.runbook["failover"]] == [
        "billing#/runbook/failover/0 > alarm#/steps/0",
        "billing#/runbook/failover/0 > alarm#/steps/1 > announce#/steps/0",
        "billing#/runbook/failover/0 > alarm#/steps/1 > announce#/steps/1",
    ]
    assert [step.rule for step in contract.runbook["open"]][2] == "billing#/runbook/open/1"


def test_every_step_of_every_contract_has_a_place() -> None:
    for found in (revision(), shipped()):
        for contract in found.contracts.values():
            rules = [step.rule for steps in contract.runbook.values() for step in steps]
            assert len(set(rules)) == len(rules)
            assert all(rule in found.places for rule in rules)


# What the engine names


@cache
def shipped() -> Revision:
    loaded = load_revision(FolderTree(ROOT))
    assert loaded.revision is not None
    return loaded.revision


@cache
def standing() -> Revision:
    loaded = load_revision(FolderTree(COMPANY))
    assert loaded.revision is not None
    return loaded.revision


def pointers() -> tuple[set[str], set[str]]:
    """The rules that stand in the source of the engine: pointers into a template, and rules of policies."""
    source = "".join(path.read_text(encoding="utf-8") for path in Path(next(iter(runner.engine.__path__))).glob("*.py"))
    own = set(re.findall(r'"(/[a-z_]+(?:/[a-z_]+)*)"', source))
    limits = {f"limits#/{name}" for name in re.findall(r'limit_rule\("([a-z_]+)"\)', source)}
    return own, limits | set(re.findall(r'"([a-z]+#/[a-z_]+)"', source))


def test_every_pointer_in_the_engine_has_a_place() -> None:
    own, of_policies = pointers()
    assert {"/trigger", "/accept/checklist", "/close/verify"} <= own
    assert {"limits#/remind_every", "governance#/override_jobs", "fields#/record"} <= of_policies
    for found in (revision(), shipped()):
        assert of_policies <= found.places.keys()
        for name in found.contracts:
            assert {f"{name}#{pointer}" for pointer in own} <= found.places.keys()
            assert {f"{name}#/runbook/{point}" for point in POINTS} <= found.places.keys()


class Life:
    """One escalation, driven by commands; keeps every event."""

    def __init__(self, found: Revision, contract: Contract) -> None:
        self.found, self.contract = found, contract
        self.roster = Roster(found.roster, zone)
        self.now = START
        self.state: State | None = None
        self.events: list[Event] = []

    def do(self, args: cmd.Args, actor: str = "surety:test", jobs: tuple[str, ...] = ()) -> None:
        command = cmd.Command(id="E", actor=actor, jobs=jobs, source="test", args=args)
        world = RosterWorld(self.now, self.roster, zone)
        for event in decide(self.contract, self.state, command, world):
            self.state = evolve(self.state, event, self.now)
            self.events.append(event)

    @property
    def at(self) -> State:
        assert self.state is not None
        return self.state

    @property
    def manager(self) -> str:
        found = self.roster.on_call(self.contract.owners["escalation_owner"], self.now)
        assert isinstance(found, Person)
        return found.id

    @property
    def holder(self) -> str:
        return accountable(self.at) or ""

    def open(self) -> Life:
        self.do(
            cmd.Open(
                ticket="T", template=self.contract.name, fallback=False, firing="rising_edge", created_at=self.now,
                observed="created", ticket_version="1", fields={},
            )
        )  # fmt: skip
        return self

    def settle(self, *, fail: bool = False) -> Life:
        """Every message, step and write has its result."""
        for delivery in list(self.at.deliveries):
            lost, taken = cmd.FailDelivery(delivery=delivery, why="x"), cmd.Deliver(delivery=delivery, channel="chat")
            self.do(lost if fail else taken)
        while runs := list(self.at.runs.values()):
            for run in runs:
                if fail:
                    self.do(cmd.FailStep(run=run.id, step=run.step, attempt=run.attempt, why="x"))
                else:
                    self.do(cmd.SucceedStep(run=run.id, step=run.step, attempt=run.attempt))
        for write in self.at.writes:
            self.do(cmd.FailRecord(write=write, why="x") if fail else cmd.WriteRecord(write=write))
        return self

    def wait(self, hours: float) -> Life:
        """Handle every deadline of so many hours."""
        until = self.now + timedelta(hours=hours)
        while (due := next_deadline(self.at)) is not None and due <= until:
            self.now = max(self.now, due)
            self.do(cmd.Tick())
        self.now = until
        return self

    def accept(self) -> Life:
        offer = next(reversed(self.at.offers.values()))
        self.do(cmd.Accept(offer=offer.id, answers={check.name: True for check in self.contract.checklist}), offer.to)
        return self

    def facts(self, *, proven: bool = True) -> cmd.TicketFacts:
        state, _, _ = self.at.record or ("", None, None)
        names = self.contract.record
        evidence = tuple(each.name for each in self.contract.evidence) if proven else ()
        return cmd.TicketFacts(evidence=evidence, record={names.state: state, names.owner: self.holder})

    def hand_over(self, *, planned: bool = False) -> Life:
        others = [name for name in self.found.roster.people if name not in (self.holder, self.manager)]
        to = None if planned else min(others, key=lambda name: name == self.at.giver)  # back only if there is no other
        self.do(cmd.HandOver(to=to, reason=TEXT, next_step=TEXT, artifacts=(TEXT,), expected_at=self.now), self.holder)
        return self

    def raise_exception(self) -> Life:
        self.do(cmd.RaiseException(exception_class=next(iter(self.contract.exceptions)), text=TEXT), self.holder)
        return self


def lives(found: Revision, contract: Contract) -> list[Life]:
    """Escalations that between them go through everything that can happen."""
    return [*lives_of_owners(found, contract), *lives_ended_otherwise(found, contract)]


def lives_of_owners(found: Revision, contract: Contract) -> list[Life]:
    code = contract.resolution_codes[0]

    def life() -> Life:
        return Life(found, contract).open()

    nobody_is_there = Life(found, contract)
    away = tuple(AbsenceOf(person=each, start=START, end=START + timedelta(days=1)) for each in found.roster.people)
    nobody_is_there.roster = Roster(found.roster.model_copy(update={"absences": away}), zone)
    nobody_is_there.open()

    nobody_acts = life().settle().wait(60)
    nobody_told = life().wait(30).settle(fail=True)
    good = life().settle().accept().settle()
    good.do(cmd.Resolve(evidence={}, facts=good.facts()), good.holder)
    good.settle().wait(5)
    good.do(cmd.Close(code=code, facts=good.facts()), good.holder)
    good.settle()
    good.do(cmd.SucceedStep(run="open#9", step=0, attempt=1))
    good.do(cmd.Deliver(delivery=999, channel="chat"))
    good.do(cmd.WriteRecord(write=999))

    rejected = life()
    rejected.do(cmd.Reject(offer=1, why="not_mine", text=TEXT), rejected.holder)
    rejected.do(cmd.Escalate(offer=next(iter(rejected.at.offers)), text=TEXT), rejected.holder)
    rejected.settle().accept()

    escalated = life().accept()
    escalated.do(cmd.Escalate(offer=None, text=TEXT), escalated.holder)

    silent = life().accept()
    silent.do(cmd.Progress(text=TEXT), silent.holder)
    silent.settle().wait(12)

    passed = life().settle().accept()
    passed.hand_over().settle().wait(1.5)  # not accepted
    while passed.holder != passed.manager:
        passed.hand_over().accept().settle()

    troubled = life().settle().accept().raise_exception().settle().wait(30)
    troubled.raise_exception()
    troubled.do(cmd.EndException(exception=troubled.at.exception_count, text=TEXT), troubled.holder)
    troubled.raise_exception()
    if any(offer.purpose == "exception" for offer in troubled.at.offers.values()):
        troubled.accept()
    found_lives = [nobody_is_there, nobody_acts, nobody_told, good, rejected, escalated, silent, passed, troubled]
    if contract.handoff.sequence:
        found_lives.append(life().settle().accept().hand_over(planned=True).accept())
    return found_lives


def lives_ended_otherwise(found: Revision, contract: Contract) -> list[Life]:
    manager, jobs = "somebody", contract.override_jobs[:1]
    code = contract.resolution_codes[0]
    taken = Life(found, contract).open()
    taken.do(cmd.Override(action="take", text=TEXT), manager, jobs)
    taken.do(cmd.Override(action="give", text=TEXT, to=next(iter(found.roster.people))), manager, jobs)
    taken.wait(8)
    taken.do(cmd.Override(action="close", text=TEXT, code=code), manager, jobs)
    cancelled = Life(found, contract).open()
    cancelled.do(cmd.Cancel(text=TEXT), manager, jobs)

    outside = Life(found, contract).open().settle().accept().settle()
    for _ in range(contract.limits.restores_at_most + 1):
        outside.do(cmd.NoteSolvedOutside(facts=outside.facts(proven=False)))
        outside.settle()
    outside.do(cmd.NoteOtherMatch(template="other"))
    outside.do(cmd.NoteGone())
    outside.do(cmd.NoteSolvedOutside(facts=outside.facts()))
    return [taken, cancelled, outside]


NAMES = [("minimal", name) for name in ("billing", "rest")] + [
    ("company", name) for name in sorted(standing().contracts)
]


@pytest.mark.parametrize(("which", "name"), NAMES)
def test_every_event_of_every_life_names_a_rule_with_a_place(which: str, name: str) -> None:
    found = revision() if which == "minimal" else standing()
    for life in lives(found, found.contracts[name]):
        assert [event.rule for event in life.events if event.rule not in found.places] == []


UNUSED = {
    "/accept/checklist_within", "/accept/clarify", "/accept/hours", "/close/postmortem", "/close/reopen_within",
    "/drift/fields", "/drift/owner", "/trigger/group_by", "/waiting",
}  # fmt: skip
"""What the company's templates do not say."""


def test_these_lives_go_through_every_rule() -> None:
    """Otherwise the test above says less than its name; random walks go through what these contracts do not use."""
    seen: Mapping[str, set[str]] = {
        name: {event.rule for life in lives(standing(), contract) for event in life.events}
        for name, contract in standing().contracts.items()
    }
    own, of_policies = pointers()
    for name, rules in seen.items():
        assert of_policies - {"limits#/snooze_at_most"} <= rules
        contract = standing().contracts[name]
        unused = UNUSED if contract.handoff.sequence else {"/handoff/sequence", *UNUSED}
        unused = unused if contract.progress_within else {"/accept/progress_within", *unused}
        unused = unused if contract.when_overdue == "reassign" else {"/outcome/when_overdue", *unused}
        assert {f"{name}#{pointer}" for pointer in own - unused} <= rules
        steps = {step.rule for point in contract.runbook for step in contract.runbook[point]}
        assert steps <= rules


def test_the_lines_of_a_template_are_its_own_and_those_of_the_policies() -> None:
    found = revision()
    lines = found.lines()
    assert lines.keys() == found.contracts.keys()
    for name, own in lines.items():
        assert {rule.partition("#")[0] for rule in own} == {name, *POLICY_RULES}
        for rule, line in own.items():
            place = found.places[rule]
            assert line == f"{place.file}:{place.line}"
    assert {rule for own in lines.values() for rule in own} == set(found.places)
