"""Explanations: the winner, the condition that stands against each other template, who would be asked when."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runner.contract.load import load_revision
from runner.contract.policies import TicketField
from runner.engine.conditions import Facts
from runner.revision import FolderTree
from tests.company import COMPANY
from tests.validators.repositories import company, copied, edit, revision
from validators.simulate.blame import first_failing
from validators.simulate.explain import Explanation, TicketCase, explain, look
from validators.simulate.simulation import Simulation
from validators.simulate.ticket_file import TicketError, read_ticket

NINE = datetime(2026, 3, 3, 8, tzinfo=UTC)
INVOICE: dict[str, object] = {"type": "billing", "account.tier": "enterprise", "priority": "high", "status": "new"}


def explained(after: dict[str, object], before: dict[str, object] | None = None) -> Explanation:
    return explain(revision(), company().documents, TicketCase(NINE, NINE, NINE, after, before))


def told(found: Explanation) -> dict[str, tuple[bool, str, str]]:
    return {each.template: (each.matches, each.why, str(each.place)) for each in found.others}


def place(file: str, text: str) -> str:
    """Where a text begins that stands in a file once: `^` may mark another place in it."""
    written = (COMPANY / file).read_text(encoding="utf-8")
    start = written.index(text.replace("^", ""))
    assert written.count(text.replace("^", "")) == 1
    start += max(text.find("^"), 0)
    return f"{file}:{written.count(chr(10), 0, start) + 1}:{start - written.rfind(chr(10), 0, start)}"


def test_the_winner_the_losers_and_the_ladder() -> None:
    found = explained(INVOICE)
    assert found.verdict.template == "enterprise-billing"
    assert str(found.verdict.place) == place("templates/enterprise-billing/template.yaml", "trigger:\n")
    assert told(found) == {
        "critical-enterprise": (
            False,
            "type must be incident, and it is billing",
            place("templates/critical-enterprise/template.yaml", "when: {type: ^incident"),
        ),
        "sla-breach": (
            False,
            "sla_due_at must be past by more than 30m, and it has no value",
            place("templates/sla-breach/template.yaml", "sla_due_at: {past_by: ^30m}"),
        ),
        "fallback": (
            True,
            "it would match as well, but enterprise-billing comes first",
            place("policies/routing.yaml", ", ^enterprise-billing"),
        ),
    }
    assert [(f"{ask.at:%H:%M}", ask.person, ask.rung) for ask in found.asks] == [
        ("08:00", "anna-keller", "primary"),
        ("10:00", "tomasz-nowak", "secondary"),
        ("12:00", "miriam-okafor", "escalation owner"),
        ("14:00", "anna-keller", "primary"),
        ("16:00", "tomasz-nowak", "secondary"),
        ("18:00", "miriam-okafor", "escalation owner"),
        ("20:00", "miriam-okafor", "escalation owner"),
    ]
    assert found.asks[-1].until is None
    assert found.exhausted_at == found.asks[-1].at
    assert found.calendar == "finance-hours"


def test_critical_but_standard_names_the_tier() -> None:
    found = explained({"type": "incident", "severity": "critical", "account.tier": "standard", "priority": "high"})
    assert found.verdict.template == "fallback"
    assert told(found)["critical-enterprise"] == (
        False,
        "account.tier must be enterprise, and it is standard",
        place("templates/critical-enterprise/template.yaml", "account.tier: ^enterprise}"),
    )


def test_time_alone_opens_it_later() -> None:
    found = explained({"type": "question", "priority": "high", "status": "open", "sla_due_at": "2026-03-03T10:00:00Z"})
    assert (found.verdict.template, found.opened) == ("", "sla-breach")
    assert found.opened_at == datetime(2026, 3, 3, 10, 30, 1, tzinfo=UTC)
    assert [ask.person for ask in found.asks][:2] == ["priya-raman", "nadia-haddad"]


def test_out_of_scope_names_the_part_of_the_scope() -> None:
    found = explained({"type": "task", "priority": "urgent"})
    must_not = "type must not be task or escalation or war-room or postmortem, and it is task"
    assert found.verdict.why == f"it is out of scope: {must_not}"
    assert str(found.verdict.place) == place("policies/routing.yaml", "not: ^[task")
    assert (found.opened_at, found.asks) == (None, ())
    assert told(found)["fallback"][:2] == (True, "it matches, but the ticket is out of scope")


def test_what_matched_before_opens_nothing() -> None:
    found = explained(INVOICE, INVOICE)
    assert found.verdict.template == "enterprise-billing"
    assert found.verdict.why == "it matches, but it did so before as well, so nothing opens"
    assert found.asks == ()


def test_what_has_just_become_true_opens_it() -> None:
    found = explained(INVOICE, {**INVOICE, "priority": "low"})
    assert (found.verdict.template, found.opened_at) == ("enterprise-billing", NINE)


def test_an_observation_that_does_not_trigger_is_named(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    file = "templates/critical-enterprise/template.yaml"
    edit(folder, file, "on: [ticket.created, ticket.updated]", "on: [ticket.updated]")
    loaded = load_revision(FolderTree(folder))
    assert loaded.revision is not None
    found = explain(loaded.revision, loaded.documents, TicketCase(NINE, NINE, NINE, INVOICE, None))
    assert told(found)["critical-enterprise"] == (
        False,
        "a ticket that is created does not trigger it, only ticket.updated",
        place(file, "on: ^["),
    )


FIELDS = {
    "priority": TicketField(type="choice", summary="s", values=("low", "high"), ordered=True),
    "subject": TicketField(type="text", summary="s"),
    "due": TicketField(type="instant", summary="s"),
    "paused": TicketField(type="boolean", summary="s"),
}


@pytest.mark.parametrize(
    ("condition", "path", "why"),
    [
        ({"priority": "low"}, ("priority",), "priority must be low, and it is high"),
        ({"priority": {"is": ["low"]}}, ("priority", "is"), "priority must be low, and it is high"),
        ({"priority": {"not": "high"}}, ("priority", "not"), "priority must not be high, and it is high"),
        (
            {"priority": {"less_than": "high"}},
            ("priority", "less_than"),
            "priority must be less than high, and it is high",
        ),
        ({"priority": {"was": "low"}}, ("priority", "was"), "priority must have been low, and it was nothing"),
        ({"priority": {"changed": False}}, ("priority", "changed"), "priority must be unchanged, and it is high"),
        (
            {"priority": {"is": "high", "for": "2h"}},
            ("priority", "is"),
            "priority must be high for more than 2h, and it is high",
        ),
        ({"subject": {"contains": "x"}}, ("subject", "contains"), "subject must contain x, and it has no value"),
        ({"subject": {"like": "x*"}}, ("subject", "like"), "subject must be like x*, and it has no value"),
        ({"subject": {"set": True}}, ("subject", "set"), "subject must have a value, and it has no value"),
        ({"priority": {"set": False}}, ("priority", "set"), "priority must have no value, and it is high"),
        ({"due": {"due_within": "1h"}}, ("due", "due_within"), "due must be due within 1h, and it has no value"),
        ({"paused": True}, ("paused",), "paused must be true, and it is false"),
        ({"not": {"priority": "high"}}, ("not",), "it excludes what the ticket is: priority is high"),
        ({"not": {"all": [{"priority": "high"}]}}, ("not",), "it is excluded"),
        (
            {"all": [{"priority": "high"}, {"priority": "low"}]},
            ("all", 1, "priority"),
            "priority must be low, and it is high",
        ),
        (
            {"any": [{"priority": "low"}, {"subject": "x"}]},
            ("any",),
            "none of 2 alternatives holds; the first: priority must be low, and it is high",
        ),
        ({"priority": "high", "subject": "x"}, ("subject",), "subject must be x, and it has no value"),
    ],
)
def test_the_first_part_that_fails_is_found(condition: dict[str, Any], path: tuple[object, ...], why: str) -> None:
    after: dict[str, str | bool] = {"priority": "high", "paused": False}
    failing = first_failing(FIELDS, condition, Facts({}, dict(after), {"priority": NINE}, NINE), {})
    assert failing is not None
    assert (failing.path, failing.why) == (path, why)


def test_nothing_is_blamed_where_all_holds() -> None:
    facts = Facts({}, {"priority": "high"}, {}, NINE)
    assert first_failing(FIELDS, {"priority": "high", "not": {"priority": "low"}}, facts, {}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not an object"),
        ("[" * 100_000, "is not JSON"),
        ('{"after": [], "at": "2026-03-03T09:00:00Z"}', "needs an object of fields for `after`"),
        ('{"after": {}, "before": 3}', "needs an object of fields for `before`"),
        ('{"after": {}, "whn": 1}', "has the unknown key `whn`; it may have at, before, changed_at, after"),
        ('{"after": {}, "changed_at": {"a": "2026-03-03T07:00:00Z"}}', "says in `changed_at` since when fields are"),
        (
            """{"after": {"created_at": "2026-03-03T07:30:00Z"}, "before": {"a": 1},
                "changed_at": {"a": "2026-03-03T07:00:00Z"}}""",
            "says that a changed at 2026-03-03T07:00:00+00:00, before its creation or after the look",
        ),
        ('{"after": {}, "before": {"a": 1}, "changed_at": {"a": "soon"}}', "has a wrong `changed_at of a`: "),
        ('{"after": {}, "before": {"updated_at": "soon"}}', "has a wrong `updated_at`: "),
        ('{"after": {}, "at": "yesterday"}', "has a wrong `at`: "),
        ('{"created_at": "yesterday"}', "has a wrong `created_at`: "),
        ('{"created_at": "2027-01-01T00:00:00Z"}', "is created at 2027-01-01T00:00:00+00:00, after the instant"),
    ],
)
def test_a_text_that_is_no_ticket_is_refused(text: str, message: str) -> None:
    with pytest.raises(TicketError, match="^" + re.escape(message)):
        read_ticket(text, (), NINE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"at": "x"}', 'has `at` but no `after`; write {"at": …, "after": {…}}'),
        ('{"before": {"priority": "low"}, "priority": "high"}', "has `before` but no `after`"),
        ('{"Priority ": "high", "x": 1}', "has no ticket field, only such as `Priority `; did you mean `priority`?"),
        ('{"x": 1}', "has no ticket field, only such as `x`; fields: priority"),
        ('{"after": {"prio": 1}}', "does not fit: there is no ticket field `prio`; did you mean `priority`?"),
        ('{"after": {}, "before": {"prio": 1}}', "does not fit: there is no ticket field `prio`"),
        ('{"after": {}, "befor": {}}', "has the unknown key `befor`; did you mean `before`?"),
    ],
)
def test_a_slip_does_not_become_another_question(text: str, message: str) -> None:
    with pytest.raises(TicketError, match="^" + re.escape(message)):
        read_ticket(text, ("priority",), NINE)


def test_a_field_may_be_called_like_a_key() -> None:
    case, notices = read_ticket('{"at": "home"}', ("at",), NINE)
    assert (case.at, case.after, notices) == (NINE, {"at": "home"}, ())


def test_a_ticket_without_fields_is_one() -> None:
    assert read_ticket("{}", ("priority",), NINE)[0].after == {}


def test_a_flat_ticket_is_new_and_seen_now() -> None:
    case, notices = read_ticket('{"priority": "high", "prio": 1}', ("priority",), NINE)
    assert case == TicketCase(NINE, NINE, NINE, {"priority": "high", "prio": 1}, None)
    assert notices == ("there is no ticket field `prio`, so it is left out; did you mean `priority`?",)


def test_a_whole_ticket_says_when_and_what_was_before() -> None:
    text = """{"at": "2026-03-03T10:00:00+01:00", "before": {"priority": "low"},
               "after": {"priority": "high",
                         "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-04T09:00:00Z"}}"""
    case, notices = read_ticket(text, ("priority",), datetime(2030, 1, 1, tzinfo=UTC))
    assert (case.at, case.created_at, case.before) == (
        datetime(2026, 3, 3, 9, tzinfo=UTC),
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        {"priority": "low"},
    )
    assert case.updated_at == case.at, "nothing was changed after it was looked at"
    assert notices == ()


def test_a_ticket_says_since_when_it_was_as_it_was() -> None:
    text = """{"at": "2026-03-03T10:00:00Z", "before": {"priority": "high", "updated_at": "2026-03-03T08:00:00Z"},
               "changed_at": {"priority": "2026-03-03T08:00:00Z"},
               "after": {"priority": "high", "created_at": "2026-03-03T07:00:00Z"}}"""
    case, notices = read_ticket(text, ("priority",), datetime(2030, 1, 1, tzinfo=UTC))
    assert notices == ()
    seen, before = look(Simulation(revision()).table, revision().policies.fields.fields, case)
    assert before is not None
    assert seen.changed_at["priority"] == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert before.reading["updated_at"] == "2026-03-03T08:00:00.000000Z"
    assert seen.changed_at["created_at"] == datetime(2026, 3, 3, 7, tzinfo=UTC)


def test_the_instant_of_the_command_line_beats_that_of_the_file() -> None:
    case, _ = read_ticket('{"at": "2030-01-01T00:00:00Z", "after": {}}', (), NINE, NINE)
    assert case.at == NINE
