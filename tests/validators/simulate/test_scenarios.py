"""The driver: order of time and of equal instants, failures that are failures, and names that mean nothing."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from runner.contract.documents import validate
from runner.contract.nodes import MappingNode, to_plain
from runner.contract.scenario import KEYS_OF_ACTS, Act, Expect, Scenario
from runner.contract.source import load
from runner.engine.replay import replay
from runner.engine.roster import Roster
from runner.engine.world import RosterWorld
from runner.zones import zone
from tests.validators.repositories import ROOT, complaints, document_of, pointed_at, revision, scenario_text, tried
from validators.commands.test import test as command
from validators.simulate import run_scenario

LATE = """\
late:
  at: "08:00"
  fields: {type: question, priority: high, status: open, subject: Export, sla_due_at: "10:00"}
"""
TWO = """\
first:
  at: "09:00"
  fields: {type: billing, account.tier: enterprise, priority: high, status: new}
second:
  at: "09:00"
  fields: {type: billing, account.tier: enterprise, priority: urgent, status: new}
"""


def test_time_jumps_from_deadline_to_deadline_in_order() -> None:
    result = tried('expect: [{at: "15:00", owner: anna-keller, reason: repeated}]')
    assert result.passed, complaints(result)
    owners = [f"{each.at:%H:%M} {each.what}" for each in result.timeline if each.owner]
    assert owners == [
        "08:00 Anna Keller is asked as primary",
        "10:00 Tomasz Nowak is asked as secondary",
        "12:00 Miriam Okafor is asked as escalation owner",
        "14:00 Anna Keller is asked as primary",
    ]
    assert [each.at for each in result.timeline] == sorted(each.at for each in result.timeline)


def test_nothing_is_decided_after_the_last_instant_that_is_named() -> None:
    result = tried('expect: [{at: "10:59:59", owner: anna-keller}]')
    assert max(each.at for each in result.timeline).strftime("%H:%M") == "08:00"


def test_a_command_at_the_instant_of_a_deadline_comes_first() -> None:
    result = tried("""
        acts: [{at: "11:00", do: accept, by: anna-keller}]
        expect: [{at: "11:00", state: accepted, owner: anna-keller, reason: accepted, notified: []}]
    """)
    assert result.passed, complaints(result)


def test_a_second_later_it_is_too_late() -> None:
    result = tried("""
        acts: [{at: "11:00:01", do: accept, by: anna-keller, refused: offer_ended}]
        expect: [{at: "11:00:01", state: offered, owner: tomasz-nowak}]
    """)
    assert result.passed, complaints(result)


def test_acts_of_one_instant_happen_in_the_order_in_which_they_are_written() -> None:
    body = """
        acts:
          - {{at: "09:30", do: {0}, by: {1}}}
          - {{at: "09:30", do: {2}, by: {3}}}
        expect: [{{at: "09:30", state: accepted, owner: {4}}}]
    """
    accept, take = ("accept", "anna-keller"), ("take", "david-lindqvist")
    assert tried(body.format(*accept, *take, "david-lindqvist")).passed
    refused = tried(body.format(*take, *accept, "david-lindqvist"))
    assert complaints(refused) == [
        (
            "SUR604 an act went otherwise at Tue 2026-03-03 09:30:00: expected `accept` to succeed; "
            "got refused, offer_ended: offer 1 is not open; accountable now: david-lindqvist"
        )
    ]


def test_an_update_at_the_instant_at_which_time_would_open_it_comes_first() -> None:
    body = """
        acts: [{{at: "{0}", do: update, fields: {{priority: low}}}}]
        expect: [{{at: "10:30:01", state: {1}}}]
    """
    assert tried(body.format("10:30:01", "none"), LATE).passed
    assert tried(body.format("10:30:02", "none").replace('"10:30:01", state', '"10:30:02", state'), LATE).failures


def test_deadlines_of_two_escalations_at_one_instant_are_both_handled() -> None:
    result = tried(
        """
        expect:
          - {at: "11:00", ticket: first, owner: tomasz-nowak}
          - {at: "11:00", ticket: second, owner: tomasz-nowak}
        """,
        TWO,
    )
    assert result.passed, complaints(result)


def test_what_the_runner_writes_itself_starts_nothing() -> None:
    result = tried(
        """
        acts: [{at: "10:40", do: override_close, by: nadia-haddad, code: workaround, text: It can wait.}]
        expect:
          - {at: "2026-03-05 10:00", state: closed, fields: {escalation_state: closed, subject: "[URGENT] Export"}}
        """,
        LATE,
        start="2026-03-04",
    )
    assert result.passed, complaints(result)
    assert [each.event for each in result.timeline].count("EscalationOpened") == 1


def test_the_decisions_replay_to_the_same_bytes() -> None:
    found = revision()
    result = tried("""
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
          - {at: "09:20", do: resolve, by: anna-keller, refused: not_verified}
        expect: [{at: "2026-03-05 09:00", state: accepted}]
    """)
    rows = [(each.seq, each.body, each.hash) for each in result.decisions]
    roster = Roster(found.roster, zone)
    verdict = replay(
        rows, lambda _: found.contracts["enterprise-billing"], lambda _r, _t, now: RosterWorld(now, roster, zone)
    )
    assert (str(verdict.verdict), verdict.rows) == ("identical", len(rows))
    assert len(result.kpis) == 1
    assert result.kpis[0].value("time_to_acknowledge") == 600


@pytest.mark.parametrize(
    ("expectation", "where", "complaint"),
    [
        ("state: accepted", "accepted", "state: expected accepted; got offered"),
        ("owner: tomasz-nowak", "tomasz-nowak", "owner: expected tomasz-nowak; got anna-keller"),
        ("reason: no_answer", "no_answer", "reason: expected no_answer; got first_rung"),
        ("template: fallback", "fallback", "template: expected fallback; got enterprise-billing"),
        ("notified: []", "[]", "notified: expected nobody; got anna-keller"),
        (
            "notified: [anna-keller, helen-park]",
            "[anna-keller, helen-park]",
            "notified: expected anna-keller, helen-park; got anna-keller",
        ),
        ("rooms: [incidents]", "[incidents]", "rooms: expected incidents; got finance-ops"),
        (
            "recorded: [absent]",
            "[absent]",
            "recorded: expected absent; got delivered, done, first_rung, lifecycle, record, step, triggered, written",
        ),
        ("exceptions: [data-missing]", "[data-missing]", "exceptions: expected data-missing; got none"),
        (
            'next_deadline: "12:00"',
            '"12:00"',
            "next_deadline: expected Tue 2026-03-03 12:00:00; got Tue 2026-03-03 11:00:00",
        ),
        ("fields: {group: Sales}", "Sales", "fields.group: expected Sales; got Finance"),
        ("fields: {group: null}", "null", "fields.group: expected no value; got Finance"),
        (
            'fields: {escalation_accepted_at: "09:00"}',
            '"09:00"',
            "fields.escalation_accepted_at: expected Tue 2026-03-03 09:00:00; got no value",
        ),
        (
            "ticket: invoice-exception, state: none",
            "invoice-exception",
            "ticket: expected a ticket invoice-exception; got no such ticket; the tickets are invoice",
        ),
    ],
)
def test_an_expectation_that_does_not_hold_fails_at_its_position(expectation: str, where: str, complaint: str) -> None:
    text = scenario_text(f'expect: [{{at: "09:00", {expectation}}}]')
    result = run_scenario(revision(), *document_of(text))
    what, _, rest = complaint.partition(": ")
    assert complaints(result) == [f"SUR603 {what} is not as expected at Tue 2026-03-03 09:00:00: {rest}"]
    assert pointed_at(text, result.failures[0].diagnostic) == where


def test_a_failure_carries_the_owner_timeline_around_it() -> None:
    result = tried("""
        acts: [{at: "15:30", do: accept, by: anna-keller}]
        expect:
          - {at: "11:00", owner: anna-keller}
          - {at: "16:00", state: accepted}
    """)
    (failure,) = result.failures
    assert (failure.expected, failure.got) == ("anna-keller", "tomasz-nowak")
    assert [f"{each.at:%H:%M} {each.what}" for each in failure.around] == [
        "08:00 Anna Keller is asked as primary",
        "10:00 Tomasz Nowak is asked as secondary",
        "12:00 Miriam Okafor is asked as escalation owner",
        "14:00 Anna Keller is asked as primary",
    ]
    assert str(failure.around[1].place).startswith("templates/enterprise-billing/template.yaml:")
    assert failure.around[1].why == "no answer within the timebox"


@pytest.mark.parametrize(
    ("act", "got"),
    [
        ("do: accept, by: tomasz-nowak", "refused, not_yours: offer 1 is made to anna-keller"),
        ("do: accept, by: anna-keller, refused: not_yours", "no refusal"),
        ("do: accept, by: tomasz-nowak, refused: offer_ended", "refused, not_yours: offer 1 is made to anna-keller"),
        ("do: update, ticket: invoice-open, fields: {status: open}", "no such ticket; the tickets are invoice"),
    ],
)
def test_an_act_that_goes_otherwise_fails(act: str, got: str) -> None:
    result = tried(f'acts: [{{at: "09:30", {act}}}]\nexpect: [{{at: "09:00", state: offered}}]')
    assert [failure.got for failure in result.failures] == [got]
    assert result.failures[0].diagnostic.code == "SUR604"


def test_an_act_without_an_escalation_fails_unless_that_is_what_is_tried() -> None:
    body = 'acts: [{{at: "08:30", do: accept, by: priya-raman{0}}}]\nexpect: [{{at: "08:30", state: none}}]'
    assert tried(body.format(", refused: not_open"), LATE).passed
    assert [f.got for f in tried(body.format(""), LATE).failures] == ["ticket late never had one"]


NONE = '\nexpect: [{at: "09:00", state: none}]'


@pytest.mark.parametrize(
    ("body", "where", "complaint"),
    [
        ('expect: [{at: "09:00", owner: ana-keller}]', "ana-keller", "SUR601 there is no person `ana-keller`"),
        ('expect: [{at: "09:00", template: billing}]', "billing", "SUR601 there is no template `billing`"),
        ('expect: [{at: "09:00", reason: forgotten}]', "forgotten", "SUR601 there is no reason `forgotten`"),
        ('expect: [{at: "09:00", notified: [nobody]}]', "nobody", "SUR601 there is no person `nobody`"),
        ('expect: [{at: "09:00", rooms: [lobby]}]', "lobby", "SUR601 there is no room `lobby`"),
        ('expect: [{at: "09:00", recorded: [gone, lost]}]', "lost", "SUR601 there is no reason `lost`"),
        ('expect: [{at: "09:00", exceptions: [strike]}]', "strike", "SUR601 there is no exception class `strike`"),
        ('expect: [{at: "09:00", fields: {prio: high}}]', "prio", "SUR601 there is no ticket field `prio`"),
        (
            'expect: [{at: "09:00", fields: {priority: hi}}]',
            "hi",
            "SUR602 `hi` is not a value of `priority`, which is a choice",
        ),
        ('expect: [{at: "09:00", ticket: bill, state: none}]', "bill", "SUR601 there is no ticket `bill`"),
        (
            'expect: [{at: "09:00", ticket: bill-open, state: none}]',
            "bill-open",
            "SUR601 there is no ticket `bill-open`",
        ),
        ('expect: [{at: "2026-02-30 09:00", state: none}]', '"2026-02-30 09:00"', "SUR602 there is no date 2026-02-30"),
        (
            'expect: [{at: "2026-03-29 02:30", state: none}]',
            '"2026-03-29 02:30"',
            "SUR602 2026-03-29 02:30:00 does not exist in Europe/Berlin: the clocks are put forward over it",
        ),
        (
            'expect: [{at: "09:00", state: none, owner: anna-keller}]',
            "none",
            "SUR602 where there was no escalation, there is nothing else to expect",
        ),
        ('acts: [{at: "09:00", do: accept, by: bob}]' + NONE, "bob", "SUR601 there is no person `bob`"),
        (
            'acts: [{at: "09:00", do: accept, by: anna-keller, answers: {awake: true}}]' + NONE,
            "awake",
            "SUR601 there is no checklist item `awake`",
        ),
        (
            'acts: [{at: "09:00", do: accept, by: anna-keller, refused: tired}]' + NONE,
            "tired",
            "SUR601 there is no reason to refuse `tired`",
        ),
        (
            'acts: [{at: "09:00", do: resolve, by: anna-keller, evidence: {tea: x}}]' + NONE,
            "tea",
            "SUR601 there is no evidence kind `tea`",
        ),
        (
            'acts: [{at: "09:00", do: close, by: anna-keller, code: done}]' + NONE,
            "done",
            "SUR601 there is no resolution code `done`",
        ),
        (
            'acts: [{at: "09:00", do: raise_exception, by: anna-keller, exception_class: rain}]' + NONE,
            "rain",
            "SUR601 there is no exception class `rain`",
        ),
        (
            'acts: [{at: "09:00", do: update, fields: {sla_due_at: soon}}]' + NONE,
            "soon",
            "SUR602 `soon` is not an instant",
        ),
        (
            'acts: [{at: "09:00", do: update, fields: {sla_due_at: "2026-03-03 24:30"}}]' + NONE,
            '"2026-03-03 24:30"',
            "SUR602 there is no time 24:30; a day goes from 00:00:00 to 23:59:59",
        ),
        (
            'expect: [{at: "9999-12-31 23:59", state: none}]',
            '"9999-12-31 23:59"',
            "SUR602 9999-12-31 lies too far away; write a year from 1970 to 2999",
        ),
        ('absences: [{person: bob, from: "09:00", until: "10:00"}]' + NONE, "bob", "SUR601 there is no person `bob`"),
        (
            'absences: [{person: anna-keller, from: "10:00", until: "09:00"}]' + NONE,
            '"09:00"',
            "SUR602 an absence ends after it begins",
        ),
    ],
)
def test_what_means_nothing_fails_before_anything_runs(body: str, where: str, complaint: str) -> None:
    text = scenario_text(body)
    result = run_scenario(revision(), *document_of(text))
    assert len(result.failures) == 1, complaints(result)
    assert complaints(result)[0].startswith(complaint)
    assert pointed_at(text, result.failures[0].diagnostic) == where
    assert not result.decisions


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("anna", "did you mean `anna-keller`?"),
        ("ana-keler", "did you mean `anna-keller`?"),
        ("zoe", "there are: anna-keller, claire-dubois, david-lindqvist"),
    ],
)
def test_a_name_that_is_begun_or_misspelt_is_offered_whole(name: str, hint: str) -> None:
    (failure,) = tried(f'expect: [{{at: "09:00", owner: {name}}}]').failures
    assert failure.diagnostic.help.startswith(hint)


def test_with_several_tickets_each_act_and_expectation_says_which() -> None:
    result = tried('expect: [{at: "09:00", state: offered}]', TWO)
    assert complaints(result) == ["SUR601 which ticket?"]
    assert result.failures[0].diagnostic.help == "there are several: add ticket: first or second"


@pytest.mark.parametrize(
    ("start", "zone_name", "where"),
    [
        ("2026-13-01", "Europe/Berlin", '"2026-13-01"'),
        ("2026-03-03", "Mars/X", "Mars/X"),
        ("0001-01-01", "Europe/Berlin", '"0001-01-01"'),
        ("9999-12-31", "America/New_York", '"9999-12-31"'),
    ],
)
def test_a_day_or_a_zone_that_does_not_exist_fails(start: str, zone_name: str, where: str) -> None:
    text = scenario_text('expect: [{at: "09:00", state: none}]', start=start, zone=zone_name)
    result = run_scenario(revision(), *document_of(text))
    assert [failure.diagnostic.code for failure in result.failures] == ["SUR602"]
    assert pointed_at(text, result.failures[0].diagnostic) == where


@pytest.mark.parametrize(
    "expectation",
    ['{at: "09:00"}', '{at: "09:00", ticket: invoice}', '{at: "09:00", fields: {}}', '{at: "09:00", recorded: []}'],
)
def test_an_expectation_that_asserts_nothing_is_no_scenario(expectation: str) -> None:
    with pytest.raises(AssertionError, match="SUR104"):
        document_of(scenario_text(f"expect: [{expectation}]"))


@pytest.mark.parametrize(
    ("act", "where", "complaint", "advice"),
    [
        ("do: reject, by: ann, why: conflict, to: ben", "to", "`reject` takes no `to`", "ticket, refused, why, text"),
        ("do: wait, by: ann, for: date, who: ben", "who", "`wait` takes no `who`", "refused, for, until, text"),
        ("do: update, fields: {priority: low}, refused: gone", "refused", "nobody refuses `update`", "always succeeds"),
        ("do: delete, fields: {priority: low}", "fields", "`delete` takes no `fields`", "at, do, by, ticket"),
        ("do: wait, by: ann", "", "`wait` needs `for`", ""),
        ("do: step_hangs", "", "`step_hangs` needs `step`, a kind of step, or `action`", ""),
    ],
)
def test_an_act_says_what_it_needs_and_nothing_that_means_nothing(
    act: str, where: str, complaint: str, advice: str
) -> None:
    text = scenario_text(f'acts: [{{at: "09:00", {act}}}]' + NONE)
    root = load(text.encode(), "x_test.yaml").root
    assert isinstance(root, MappingNode)
    _, (found,) = validate(Scenario, to_plain(root), lambda: root)
    assert found.message.startswith(complaint)
    assert found.help.endswith(advice)
    assert not where or pointed_at(text, found) == where


@pytest.mark.parametrize("body", ["expect: []", "acts: []"])
def test_a_scenario_without_expectations_is_none(body: str) -> None:
    with pytest.raises(AssertionError, match="SUR10"):
        document_of(scenario_text(body))


@pytest.mark.parametrize("name", sorted(f"{d.path}" for _, _, d in revision().scenarios))
def test_the_scenarios_of_the_company_pass(name: str) -> None:
    scenario, document = next((s, d) for path, s, d in revision().scenarios if path == name)
    result = run_scenario(revision(), scenario, document)
    assert result.passed, complaints(result)
    assert result.decisions


PAGE = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")


def test_the_scenario_in_the_documentation_passes() -> None:
    text = PAGE.partition("```yaml\n")[2].partition("```")[0]
    result = run_scenario(revision(), *document_of(text, "templates/fallback/nobody-answers_test.yaml"))
    assert result.passed, complaints(result)
    assert result.name == "fallback/nobody-answers"


def test_every_example_in_the_documentation_passes() -> None:
    first, *more = re.findall(r"```yaml\n(.*?)```", PAGE.partition("## Who was accountable")[0], re.DOTALL)
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.partition("## Examples")[2], re.DOTALL)
    head = {key: text for key, text in _by_key(first).items() if key not in {"absences", "acts", "expect"}}
    assert (len(more), len(examples)) == (1, 5)
    for example in examples:
        text = "".join({**head, **_by_key(example)}.values())
        result = run_scenario(revision(), *document_of(text, "templates/fallback/nobody-answers_test.yaml"))
        assert result.passed, (example, complaints(result))


def _by_key(text: str) -> dict[str, str]:
    """The lines of each key of a scenario, by the key."""
    return {part.partition(":")[0]: part for part in re.split(r"^(?=[a-z])", text, flags=re.MULTILINE) if part}


def test_the_documentation_says_what_each_act_takes() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| (.*)$", PAGE.partition("| `do` |")[2], re.MULTILINE)
    said = {name: row for names, row in rows for name in re.findall("[a-z_]+", names)}
    for act, keys in KEYS_OF_ACTS.items():
        assert act in said
        assert [key for key in keys if f"`{key}" not in said[act]] == [], act


def test_the_documentation_knows_every_option() -> None:
    options = [name for parameter in command.params for name in parameter.opts if name.startswith("--")]
    assert [name for name in options if f"`{name}" not in PAGE] == []


def test_the_documentation_names_every_act_and_every_expectation() -> None:
    names = {*get_args(Act.model_fields["do"].annotation), *Expect.model_fields} - {"at", "ticket"}
    assert {name for name in names if f"`{name}`" not in PAGE} == set()
