"""Witnesses as people paste them: small, plain, read back by the program, and confirmed by the engine."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from runner.contract.conditions import (
    All,
    Any_,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    Not,
    TimeFrom,
    Was,
)
from runner.contract.load import load_revision
from runner.contract.policies import TicketField
from runner.engine.routing import Entry, Match, RoutingTable, route
from tests.runner.contract.repository import Edit, put, revision
from tests.runner.engine.worlds import T0
from tests.validators.check.rules.cases import cases
from validators.check.registry import tool_rules
from validators.check.routing import Analysis, Reach, Witness, analyse, analyse_table
from validators.simulate.explain import explain, look
from validators.simulate.ticket_file import read_ticket

FIELDS = {
    "state": TicketField(type="choice", summary="State.", values=("new", "open", "done")),
    "level": TicketField(type="choice", summary="Level.", values=("low", "high"), ordered=True),
    "amount": TicketField(type="number", summary="Money."),
    "vip": TicketField(type="boolean", summary="Important."),
    "title": TicketField(type="text", summary="Title."),
    "due": TicketField(type="instant", summary="The promise."),
}
EVERY = ("ticket.created", "ticket.updated", "time.passed")
AT = "2026-03-03T10:00:00Z"
HOUR = 3600


def table(*conditions: Condition, on: tuple[str, ...] = EVERY, scope: Condition) -> RoutingTable:
    entries = [Entry(f"t{place}", frozenset(on), condition) for place, condition in enumerate(conditions)]
    return RoutingTable(scope, [*entries, Entry("rest", frozenset(EVERY), All(()))], "rest")


def twins(condition: Condition, on: tuple[str, ...] = EVERY) -> tuple[Analysis, RoutingTable]:
    """The same condition twice, as peers: their overlap is a ticket that fulfils it."""
    routing = table(condition, condition, on=on, scope=All(()))
    return analyse_table(routing, FIELDS, [["t0", "t1"]]), routing


def confirmed(witness: Witness, routing: RoutingTable) -> dict[str, Any]:
    """The witness as JSON, once the program has read it back and the engine has said the same."""
    ticket, notices = read_ticket(witness.text, FIELDS, T0)
    assert notices == ()
    seen, _ = look(routing, FIELDS, ticket)
    assert route(routing, seen, ticket.at) == Match("t0")
    document: dict[str, Any] = json.loads(witness.text)
    return document


HELD = All((HeldFor("state", ("open",), 2 * HOUR), Not(HeldFor("state", ("open",), 5 * HOUR))))


@pytest.mark.parametrize(
    ("word", "condition", "on", "expected"),
    [
        ("anything", All(()), EVERY, {"at": AT, "after": {}}),
        ("a value", In("level", ("high",)), EVERY, {"at": AT, "after": {"level": "high"}}),
        ("absent is plainest", Not(In("level", ("high",))), EVERY, {"at": AT, "after": {}}),
        ("a number", Compare("amount", "more_than", 10), EVERY, {"at": AT, "after": {"amount": 11}}),
        (
            "a number between",
            All((Compare("amount", "more_than", 0.5), Compare("amount", "less_than", 0.75))),
            EVERY,
            {"at": AT, "after": {"amount": 0.6}},
        ),
        ("a text", Contains("title", "Invoice"), EVERY, {"at": AT, "after": {"title": "invoice"}}),
        (
            "a text by patterns",
            All((Like("title", "a*z"), Contains("title", "mm"), Not(Like("title", "?mm?")))),
            EVERY,
            {"at": AT, "after": {"title": "axmmz"}},
        ),
        (
            "absent does not contain anything",
            All((Not(IsSet("title")), Not(Contains("title", "x")), Not(Like("title", "*")))),
            EVERY,
            {"at": AT, "after": {}},
        ),
        (
            "absent is neither before nor after",
            All((Not(Compare("due", "at_least", AT)), Not(Compare("due", "less_than", AT)), Not(TimeFrom("due", 0)))),
            EVERY,
            {"at": AT, "after": {}},
        ),
        (
            "the smaller of two",
            Any_((All((In("vip", (True,)), In("level", ("low",)))), Contains("title", "x"))),
            EVERY,
            {"at": AT, "after": {"title": "x"}},
        ),
        ("an update", All(()), ("ticket.updated",), {"at": AT, "before": {}, "after": {}}),
        (
            "what it was",
            All((Was("state", ("new",)), Not(In("state", ("new",))))),
            EVERY,
            {"at": AT, "before": {"state": "new"}, "after": {}},
        ),
        (
            "a change",
            Changed("state"),
            ("ticket.updated",),
            {"at": AT, "before": {}, "after": {"state": "new"}},
        ),
        (
            "no change",
            All((IsSet("amount"), Not(Changed("amount")))),
            EVERY,
            {"at": AT, "before": {"amount": 0}, "after": {"amount": 0}},
        ),
        ("time", TimeFrom("due", HOUR // 2), EVERY, {"at": AT, "after": {"due": "2026-03-03T09:00:00Z"}}),
        (
            "age",
            All((TimeFrom("created_at", HOUR), Not(TimeFrom("created_at", 2 * HOUR)))),
            EVERY,
            {"at": AT, "after": {"created_at": "2026-03-03T08:00:00Z"}},
        ),
        (
            "held for long",
            HeldFor("state", ("open",), HOUR // 2),
            EVERY,
            {"at": AT, "after": {"created_at": "2026-03-03T09:00:00Z", "state": "open"}},
        ),
        (
            "held, but not since its creation",
            All((HELD, Not(Changed("state")), TimeFrom("created_at", 10 * HOUR))),
            EVERY,
            {
                "at": AT,
                "before": {"state": "open"},
                "changed_at": {"state": "2026-03-03T05:00:00Z"},
                "after": {"created_at": "2026-03-02T23:00:00Z", "state": "open"},
            },
        ),
        (
            "touched, but not changed",
            All((Not(Changed("updated_at")), TimeFrom("created_at", HOUR), Not(TimeFrom("updated_at", 0)))),
            ("ticket.updated",),
            {
                "at": AT,
                "before": {"updated_at": AT},
                "after": {"created_at": "2026-03-03T08:00:00Z"},
            },
        ),
    ],
)
def test_the_smallest_ticket(word: str, condition: Condition, on: tuple[str, ...], expected: dict[str, Any]) -> None:
    analysis, routing = twins(condition, on)
    (overlap,) = analysis.overlaps
    assert overlap.witness is not None
    assert confirmed(overlap.witness, routing) == expected, word


@pytest.mark.parametrize(
    ("word", "condition"),
    [
        ("both values", All((In("level", ("low",)), In("level", ("high",))))),
        ("absent and a value", All((Not(IsSet("level")), In("level", ("low",))))),
        ("a rank beyond the last", Compare("level", "more_than", "high")),
        (
            "nothing between two neighbours",
            All((Compare("amount", "more_than", 1.0), Compare("amount", "less_than", 1.0000000000000002))),
        ),
        ("an empty text", In("title", ("",))),
        ("not what it contains", All((Contains("title", "invoice"), Not(Contains("title", "voice"))))),
        ("no text at all", All((IsSet("title"), Not(Like("title", "*"))))),
        ("changed to what it was", All((Changed("vip"), Was("vip", (True,)), In("vip", (True,))))),
        ("past by more, not by less", All((TimeFrom("due", 2 * HOUR), Not(TimeFrom("due", HOUR))))),
        ("older than its creation", All((HeldFor("state", ("open",), 2 * HOUR), Not(TimeFrom("created_at", HOUR))))),
        (
            "changed just now, and held long before",
            All((Changed("state"), HELD, Not(TimeFrom("updated_at", HOUR)), Was("state", ("new",)))),
        ),
        ("created in the future", Not(TimeFrom("created_at", -HOUR))),
    ],
)
def test_what_no_ticket_is(word: str, condition: Condition) -> None:
    analysis, _ = twins(condition)
    assert {each.reach for each in analysis.reached} == {Reach.NEVER}, word
    assert analysis.overlaps == ()


def test_an_earlier_template_that_takes_the_overlap_makes_peers_of_the_rest() -> None:
    both = All((In("level", ("high",)), In("vip", (True,))))
    routing = table(both, In("level", ("high",)), In("vip", (True,)), scope=All(()))
    assert analyse_table(routing, FIELDS, [["t1", "t2"]]).overlaps == ()
    assert len(analyse_table(routing, FIELDS, [["t0", "t1", "t2"]]).overlaps) == 2


BILLING = "templates/billing/template.yaml"


def when(text: str) -> Edit:
    return put(BILLING, "    type: billing\n    priority: [normal, high]\n", f"    {text}\n")


def test_a_revision_is_analysed_by_its_own_fields_and_calendars() -> None:
    good = analyse(revision())
    assert [each.reach for each in good.reached] == [Reach.REACHED]
    assert good.unmatched is not None
    never = analyse(revision(when("priority: {more_than: high}")))
    assert [each.reach for each in never.reached] == [Reach.NEVER]
    outside = analyse(revision(when("status: solved"))).reached[0]
    assert outside.reach is Reach.OUT_OF_SCOPE
    assert outside.witness is not None
    assert json.loads(outside.witness.text) == {"at": AT, "after": {"status": "solved"}}


@pytest.mark.parametrize(
    ("code", "taker", "why"),
    [
        ("SUR802", "", "it is out of scope: status must not be solved, and it is solved"),
        ("SUR803", "billing", "it matches now and did not before, so an escalation opens"),
        ("SUR804", "billing", "it matches now and did not before, so an escalation opens"),
        ("SUR805", "rest", "it matches now and did not before, so an escalation opens"),
    ],
)
def test_a_ticket_out_of_a_finding_is_explained_as_the_finding_says(code: str, taker: str, why: str) -> None:
    case = next(each for each in cases() if each.id == f"{code}-{tool_rules()[code].name}")
    (finding,) = [each for each in case.found("bad") if each.code == code]
    loaded = load_revision(case.files("bad"))
    assert loaded.revision is not None
    text = re.findall(r"\{\"at\".*", f"{finding.message}\n{finding.help}")[0]
    ticket, notices = read_ticket(text, loaded.revision.policies.fields.fields, T0)
    found = explain(loaded.revision, loaded.documents, ticket, notices)
    assert (found.verdict.template, found.verdict.why) == (taker, why)
    matching = {each.template for each in found.others if each.matches}
    expected = {"SUR802": {"billing"}, "SUR803": {"late-billing"}, "SUR804": {"large"}, "SUR805": set()}
    assert expected[code] <= matching
