"""Many tickets of one cause, and repeats of one account: what names a cause, what is linked, what is counted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from runner.contract.policies import Fields
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.causes import account_of, cause_of, takes_in
from runner.engine.conditions import Value
from runner.engine.drift import mark
from runner.engine.intake import intake, linked_case, unlinked_case
from runner.engine.observation import Case, Reading, observe
from runner.engine.reasons import RejectReason
from runner.engine.state import dump_state
from tests.runner.engine.conditions_of import FIELDS
from tests.runner.engine.machines import TABLE
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import T0, Life, accepted, at, closed, contract, opened

GROUPED = contract(group_by=("fault", "region"))


@pytest.mark.parametrize(
    ("word", "one", "two", "same"),
    [
        ("equal values", {"fault": "sync", "region": 7}, {"fault": "sync", "region": 7}, True),
        ("whatever else they say", {"fault": "sync", "region": 7, "x": 1}, {"fault": "sync", "region": 7}, True),
        ("another value", {"fault": "sync", "region": 7}, {"fault": "sync", "region": 8}, False),
        ("values in each other's place", {"fault": "a", "region": "b"}, {"fault": "b", "region": "a"}, False),
        ("a number and its text", {"fault": "1", "region": 7}, {"fault": 1, "region": 7}, False),
        ("a number with a fraction", {"fault": 1.5, "region": 7}, {"fault": 1.5, "region": 7}, True),
    ],
)
def test_what_names_a_cause(word: str, one: dict[str, Any], two: dict[str, Any], same: bool) -> None:
    assert (cause_of(GROUPED, one) == cause_of(GROUPED, two)) is same, word


def test_a_ticket_without_one_of_the_values_stands_for_itself() -> None:
    assert cause_of(GROUPED, {"fault": "sync"}) is None
    assert cause_of(contract(), {"fault": "sync"}) is None


def test_how_long_tickets_are_taken_in() -> None:
    hour = contract(group_by=("fault",), group_within=3600)
    assert (takes_in(hour, T0, at(60)), takes_in(hour, T0, at(60, seconds=1))) == (True, False)
    assert takes_in(GROUPED, T0, at(99999))


def linked(number: int = 1, **changes: Any) -> Life:
    life = accepted(**changes)
    for each in range(number):
        life.do(cmd.NoteLinked(ticket=f"T-{each + 2}"), when=at(10))
    return life


@table(
    Row(
        "counted, and nobody is disturbed", accepted, cmd.NoteLinked(ticket="T-2"), at(20), ["TicketLinked: same_cause"]
    ),
    Row("while it is offered", opened, cmd.NoteLinked(ticket="T-2"), at(20), ["TicketLinked: same_cause"]),
    Row("twice", linked, cmd.NoteLinked(ticket="T-2"), at(20), []),
    Row("its own ticket", accepted, cmd.NoteLinked(ticket="T-1"), at(20), []),
    Row("another", partial(linked, 3), cmd.NoteLinked(ticket="T-9"), at(20), ["TicketLinked: same_cause"]),
    Row("after the end", closed, cmd.NoteLinked(ticket="T-2"), at(80), RejectReason.NOT_OPEN),
)
def test_linking(row: Row) -> None:
    play(row)


def test_both_tickets_are_told_of_each_other() -> None:
    outcome = accepted().do(cmd.NoteLinked(ticket="T-2"), when=at(20))
    (effect,) = outcome.effects
    assert (effect.kind, effect.lane, effect.payload["ticket"]) == ("link", "ticket", "T-2")


def test_fifty_links_are_in_the_record_and_the_state_stays_small() -> None:
    life = linked(50)
    numbers = [event.number for _, event in life.events if isinstance(event, ev.TicketLinked)]
    assert numbers == list(range(1, 51))
    assert (life.live.linked, life.live.last_linked) == (50, ("T-47", "T-48", "T-49", "T-50", "T-51"))
    assert len(dump_state(life.live)) < 4096
    assert life.replay().state == life.live


def fields(**more: Any) -> Fields:
    declared: dict[str, Any] = {
        "status": {"type": "choice", "summary": "Status.", "values": ["open", "solved"]},
        "name": {"type": "text", "summary": "Name."},
        "number": {"type": "number", "summary": "Number."},
    }
    record = {"state": "status", "owner": "status", "accepted_at": "status"}
    lifecycle = {"field": "status", "done": ["solved"], "reopen_to": "open"}
    plain = {"schema": "surety/v1", "kind": "Fields", "fields": declared, "record": record, "lifecycle": lifecycle}
    return Fields.model_validate({**plain, "priority": "status", **more})


def test_whose_account_it_is() -> None:
    reading: dict[str, Value] = {"name": "Acme", "number": 7, "status": "open"}
    assert account_of(fields(), reading) is None
    assert account_of(fields(account="number"), reading) == 7
    assert account_of(fields(account="status"), reading) == "open"
    assert account_of(fields(account="name"), reading) == mark("Acme"), "a customer's name is no business of the record"
    assert account_of(fields(account="name"), {}) is None


def test_the_opening_says_what_came_before() -> None:
    life = Life()
    event = life.open(account="text:1", earlier=("E-7", "E-3"), group="g").one(ev.EscalationOpened)
    assert (event.account, event.earlier, event.group) == ("text:1", ("E-7", "E-3"), "g")


def test_a_linked_ticket_counts_as_closed_with_the_escalation() -> None:
    case = Case("T-2", "1", T0, {"vip": True, "priority": "high"}, {}, outcome="small", outcome_reason="rising_edge")
    one = linked_case(case, "small", "E-1", T0)
    assert (one.linked, one.escalation, one.outcome_reason, one.fired_at) == ("E-1", None, "linked", {"small": T0})
    reading = Reading("T-2", "2", T0, at(1), {"vip": True, "priority": "high"})
    assert intake(TABLE, one, observe(FIELDS, one, reading, at(1)), at(1), fields=FIELDS).why == "linked"
    after = unlinked_case(TABLE, one, "small", at(30))
    assert (after.linked, after.closed_at, after.watch_due) == (None, {"small": at(30)}, at(90))
    assert replace(after, watch_due=None).fired_at == {"small": T0}
