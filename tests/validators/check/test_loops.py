"""Loops of escalations: which there are, which there are not, and that many templates cost little."""

from __future__ import annotations

import textwrap
from datetime import UTC, date, datetime, timedelta

import pytest

from runner.engine.intake import closed_case, intake, opened_case
from runner.engine.observation import Case, Reading, observe
from runner.engine.routing import routing_table
from runner.zones import zone
from tests.runner.contract.repository import Drop, Edit, add, load, put, revision
from validators.check.loops import cycles
from validators.check.rules import escalation_loop
from validators.check.subject import Subject

BILLING, REST = "templates/billing/template.yaml", "templates/rest/template.yaml"
ROUTING = "policies/routing.yaml"
TODAY = date(2026, 3, 3)


def ways(*edits: Edit | Drop) -> list[str]:
    """`billing creates → rest` for each loop."""
    found, complete = cycles(revision(*edits))
    assert complete
    return [
        " → ".join([*(f"{edge.source} {edge.sort}s" for edge in cycle), cycle[-1].target])
        + ("".join(f" if {name}" for edge in cycle for name in edge.assumed))
        for cycle in found
    ]


def rest(steps: str, point: str = "open") -> Edit:
    return put(REST, "handoff:", f"runbook:\n  {point}:\n{textwrap.indent(textwrap.dedent(steps), '    ')}\nhandoff:")


def created(fields: str, subject: str = "New") -> str:
    return f"- create_ticket: {{subject: {subject}, body: x, fields: {{{fields}}}}}"


def billing(when: str = "type: billing", step: str = "{priority: high}") -> list[Edit]:
    return [
        put(BILLING, "{priority: high}", step),
        put(BILLING, "    type: billing\n    priority: [normal, high]\n", textwrap.indent(when, "    ") + "\n"),
    ]


def scope(text: str) -> Edit:
    return put(ROUTING, "  status: {not: solved}", textwrap.indent(textwrap.dedent(text), "  "))


def test_the_minimal_repository_has_none() -> None:
    assert ways() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("type: task", ["rest creates → rest"]),
        ("status: open", ["rest creates → rest"]),
        ("status: solved", []),
        # The fallback's ticket is billing's, and billing's is the fallback's.
        ("type: billing, priority: high", ["rest creates → billing creates → rest"]),
        ("type: billing, priority: low", ["rest creates → rest"]),
    ],
)
def test_a_created_ticket(fields: str, expected: list[str]) -> None:
    assert ways(rest(created(fields))) == expected


def test_a_scope_that_leaves_it_out_ends_it() -> None:
    assert ways(rest(created("type: task")), scope("status: {not: solved}\ntype: {not: task}")) == []


def test_an_absent_field_counts_as_absent() -> None:
    assert ways(rest(created("type: task")), scope("vip: true")) == []
    assert ways(rest(created("type: task, vip: true")), scope("vip: true")) == ["rest creates → rest"]


def test_liquid_may_become_anything() -> None:
    wanted = scope("subject: {contains: urgent}")
    assert ways(rest(created("type: task", '"{{ ticket.subject }}"')), wanted) == ["rest creates → rest if subject"]
    assert ways(rest(created("type: task", "Calm")), wanted) == []
    assert ways(rest(created("type: task", "Urgent!")), wanted) == ["rest creates → rest"]


def test_time_may_make_it_true() -> None:
    late = scope("created_at: {past_by: 1h}")
    assert ways(rest(created("type: task")), late) == ["rest creates → rest if created_at"]


def test_a_point_that_never_comes_creates_nothing() -> None:
    at_exception = rest(created("type: task"), "exception")
    assert ways(at_exception) == ["rest creates → rest"]
    assert ways(at_exception, put(REST, "exceptions:\n  data-missing: {within: 4h}", "exceptions: {}")) == []


def test_fields_set_to_and_fro() -> None:
    there = billing("priority: [normal, high]", "{priority: low}")
    back = rest("- set_fields: {priority: high}")
    # On the ticket itself; and billing's task, to which rest gives the priority that billing asks for.
    assert ways(*there, back) == ["billing creates → rest sets → billing", "billing sets → rest sets → billing"]
    assert ways(*there, rest("- set_fields: {priority: low}")) == []
    assert ways(*there, rest("- set_fields: {vip: true}")) == []
    stays = billing("priority: [normal, high]", "{priority: normal}")
    assert ways(*stays, back) == ["billing creates → rest sets → billing"]


def test_the_engine_does_go_to_and_fro_without_a_rearm() -> None:
    """Each template takes the ticket again after the other, although neither has a `rearm`."""
    made = revision(*billing("priority: [normal, high]", "{priority: low}"), rest("- set_fields: {priority: high}"))
    fields, table = made.policies.fields.fields, routing_table(made.routing, made.contracts, zone)
    written = {"billing": "low", "rest": "high"}
    now, priority = datetime(2026, 3, 3, 9, tzinfo=UTC), "high"
    case: Case | None = None
    opened: list[str] = []
    for minute in range(12):
        at = now + timedelta(minutes=minute)
        reading = Reading("T-1", str(minute), now, at, {"priority": priority, "status": "open"})
        running = made.contracts[opened[-1]] if case is not None and case.escalation else None
        taken = intake(table, case, observe(fields, case, reading, at), at, fields=fields, open_contract=running)
        case = taken.case
        if taken.opens is not None:
            case = opened_case(case, taken.opens.template, f"e{minute}", at)
            opened.append(taken.opens.template)
            priority = written[taken.opens.template]
        elif running is not None:
            case = closed_case(table, case, running.name, at)
    assert opened[:4] == ["billing", "rest", "billing", "rest"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("{status: open, priority: high}", ["rest closes → rest"], id="back in scope, and never billing"),
        pytest.param("{status: pending}", ["rest closes → rest"], id="one field is enough"),
        pytest.param("{status: solved}", [], id="it stays out of scope"),
        pytest.param("{vip: true}", [], id="so it does without a status"),
    ],
)
def test_a_close_that_brings_the_ticket_back(given: str, expected: list[str]) -> None:
    assert ways(rest(f"- set_fields: {given}", "closed")) == expected


def test_a_close_that_hands_the_ticket_to_another_template_is_no_loop_by_itself() -> None:
    def at_close(given: str) -> Edit:
        return put(BILLING, "  resolved:\n", f"  closed: [{{set_fields: {given}}}]\n  resolved:\n")

    assert ways(at_close("{status: open, priority: low}")) == []
    assert ways(at_close("{status: open, type: question}")) == []
    assert ways(at_close("{status: open}")) == ["billing closes → billing"]
    assert "billing closes → rest sets → billing" in ways(
        at_close("{status: open, priority: low}"), rest("- set_fields: {priority: high}")
    )


def test_a_close_in_a_scope_that_a_done_ticket_does_not_leave() -> None:
    assert ways(rest("- set_fields: {status: open}", "closed"), scope("created_at: {set: true}")) == []


def test_the_engine_does_open_again_after_such_a_close() -> None:
    """What a step at the close writes is a change as any other, and the ticket was out of scope before."""
    made = revision(rest("- set_fields: {status: open}", "closed"))
    fields, table = made.policies.fields.fields, routing_table(made.routing, made.contracts, zone)
    start = datetime(2026, 3, 3, 9, tzinfo=UTC)
    case: Case | None = None
    opened: list[int] = []
    for minute, status in enumerate(("open", "solved", "open", "solved", "open")):
        at = start + timedelta(minutes=minute)
        reading = Reading("T-1", str(minute), start, at, {"status": status, "type": "question"})
        running = made.contracts["rest"] if case is not None and case.escalation else None
        taken = intake(table, case, observe(fields, case, reading, at), at, fields=fields, open_contract=running)
        case = taken.case
        if taken.opens is not None:
            opened.append(minute)
            case = opened_case(case, "rest", f"e{minute}", at)
        elif running is not None:
            case = closed_case(table, case, "rest", at)
    assert opened == [0, 2, 4]


def test_what_is_known_of_a_ticket_goes_along() -> None:
    # The ticket that billing creates is a task, which setting its priority does not make a billing ticket.
    there = billing("type: billing\npriority: [normal, high]", "{priority: high}")
    assert ways(*there, rest("- set_fields: {priority: high}")) == []


def test_setting_a_field_that_no_condition_reads_leads_nowhere() -> None:
    assert ways(*billing("type: billing", "{vip: true}"), rest("- set_fields: {vip: false}")) == []


def test_a_field_that_makes_nothing_likelier_is_no_cause() -> None:
    there = billing(
        "type: billing\nany: [{subject: {contains: x}}, {priority: high}]",
        '{subject: "{{ ticket.id }}", priority: low}',
    )
    assert ways(*there, rest("- set_fields: {priority: low}")) == []
    assert ways(*there, rest("- set_fields: {priority: high}")) == ["rest sets → billing sets → rest if subject"]


def test_a_step_in_a_block_is_pointed_at_once() -> None:
    block = add(
        "templates/blocks/again.yaml",
        "schema: surety/v1\nkind: Block\nname: again\nsummary: Again.\n"
        "inputs: {kind: {type: text, summary: x}}\nsteps:\n"
        "  - create_ticket: {subject: x, body: y, fields: {type: $kind}}\n",
    )
    also = put(BILLING, "    - set_fields: {priority: high}", "    - use: again\n      with: {kind: task}")
    subject = Subject(load(block, also, rest("- use: again\n  with: {kind: task}")), TODAY)
    (found,) = escalation_loop.check(subject)
    assert str(found.location) == "templates/blocks/again.yaml:7:42"
    assert found.message.endswith("`rest` creates a ticket → `rest`")


def test_nothing_is_said_without_a_valid_revision() -> None:
    assert list(escalation_loop.check(Subject(load(Drop("policies/limits.yaml")), TODAY))) == []


def many(count: int, type_: str) -> list[Edit]:
    """Templates that each create a ticket which the next one would take."""
    body = (
        "schema: surety/v1\nkind: Template\nname: t{n}\nsummary: x\n"
        "trigger: {{on: [ticket.created], when: {{agent: a{n}}}}}\n"
        "outcome: {{statement: x, evidence: [reply], within: 1d}}\n"
        "owners: {{primary: {{person: ann}}, secondary: {{person: ben}}, escalation_owner: {{person: cyd}}}}\n"
        "accept: {{within: 1h, checklist: [clear]}}\n"
        "runbook: {{open: [{{create_ticket: {{subject: x, body: y, fields: {{type: {t}, agent: a{m}}}}}}}]}}\n"
        "handoff: {{require: [reason], accept_within: 1h, at_most: 1}}\nexceptions: {{data-missing: {{}}}}\n"
        "close: {{verify: [outcome_evidence], resolution_codes: [answered]}}\n"
    )
    names = ", ".join(f"t{n}" for n in range(count))
    return [
        put(ROUTING, "order: [billing]", f"order: [{names}, billing]"),
        *(add(f"templates/t{n}/template.yaml", body.format(n=n, m=(n + 1) % count, t=type_)) for n in range(count)),
    ]


def test_a_long_loop_is_one() -> None:
    (way,) = ways(*many(30, "task"))
    assert way.count("creates") == 30
