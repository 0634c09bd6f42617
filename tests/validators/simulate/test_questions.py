"""Scenarios with steps that ask, approve, wait and choose: answers by name, silence, and branches."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Final

from runner.contract.load import Revision, load_revision
from runner.revision import FolderTree
from tests.validators.repositories import complaints, copied, document_of, scenario_text, tried
from validators.check.names import check_names

BILLING: Final = "templates/enterprise-billing/template.yaml"
START: Final = "runbook:\n  open:\n"
MONEY: Final = """
- name: money
  ask:
    who: {role: finance-manager}
    question: "What does {{ ticket.account.name | default: 'the customer' }} get?"
    guidance: Up to 500 a credit will do.
    answers:
      way: [refund, credit]
      amount: {type: number, default: 100}
      why: {type: text, required: false}
    within: 4h
    otherwise: escalate
"""
NOTE: Final = """
- note: {text: "{{ steps.money.way }} of {{ steps.money.amount }}: {{ steps.money.why | default: 'no reason' }}"}
"""


def asking(folder: Path, steps: str) -> Revision:
    """The shipped repository, whose billing begins with these steps."""
    copied(folder)
    path = folder / BILLING
    text = path.read_text(encoding="utf-8")
    body = textwrap.indent(textwrap.dedent(steps).strip("\n"), "    ")
    assert text.count(START) == 1
    path.write_text(text.replace(START, f"{START}{body}\n"), encoding="utf-8")
    found = load_revision(FolderTree(folder))
    assert found.revision is not None, [each.message for each in found.findings]
    return found.revision


def manager(revision: Revision) -> str:
    """The one with the job that is asked."""
    people = revision.policies.people.people
    return next(name for name, person in people.items() if "finance-manager" in person.jobs)


def test_an_answer_decides_which_branch_is_taken_and_is_known_to_texts(tmp_path: Path) -> None:
    choose = """
    - choose:
        of: money
        branches:
        - {name: refund, answer: {way: refund}, steps: [{set_fields: {priority: urgent}}]}
        - {name: rest}
    """
    revision = asking(tmp_path, MONEY + NOTE + textwrap.dedent(choose))
    who = manager(revision)
    for way, priority in (("refund", "urgent"), ("credit", "high")):
        result = tried(
            f"""
            acts:
              - {{at: "09:30", do: answer, by: {who}, answers: {{way: {way}, why: They were right.}}}}
            expect:
              - {{at: "09:00", asked: [{who}]}}
              - {{at: "09:30", asked: [], recorded: [answered, chosen], fields: {{priority: {priority}}}}}
            """,
            of=revision,
        )
        assert result.passed, complaints(result)
        said = [entry.what for entry in result.timeline]
        assert any(line.endswith(f"(amount: 100, way: {way}, why: a text)") for line in said)
        assert f"run open#1 goes on with the branch {'refund' if way == 'refund' else 'rest'}" in said


def test_who_does_not_answer_is_passed_over_and_the_last_is_reminded(tmp_path: Path) -> None:
    revision = asking(tmp_path, MONEY + NOTE)
    who = manager(revision)
    result = tried(
        f"""
        acts:
          - {{at: "09:01", do: accept, by: anna-keller}}
          - {{at: "15:30", do: answer, by: miriam-okafor, answers: {{way: credit}}}}
        expect:
          - {{at: "09:00", asked: [{who}]}}
          - {{at: "13:00", asked: [miriam-okafor], recorded: [no_answer], notified: [miriam-okafor]}}
          - {{at: "15:00", recorded: [still_open], notified: [miriam-okafor]}}
          - {{at: "15:30", asked: [], owner: anna-keller}}
        """,
        of=revision,
    )
    assert result.passed, complaints(result)


def test_refusals_are_said(tmp_path: Path) -> None:
    revision = asking(tmp_path, MONEY)
    who = manager(revision)
    result = tried(
        f"""
        acts:
          - {{at: "09:01", do: answer, by: anna-keller, answers: {{way: credit}}, refused: not_yours}}
          - {{at: "09:02", do: answer, by: {who}, answers: {{way: cash}}, refused: wrong_answer}}
          - {{at: "09:03", do: reject, by: {who}, why: conflict}}
          - {{at: "09:04", do: answer, by: miriam-okafor, answers: {{way: credit}}}}
          - {{at: "09:05", do: answer, by: miriam-okafor, answers: {{way: credit}}, refused: offer_ended}}
          - {{at: "09:06", do: escalate, by: anna-keller, text: Not mine}}
        expect:
          - {{at: "09:03", asked: [miriam-okafor]}}
          - {{at: "09:04", asked: []}}
        """,
        of=revision,
    )
    assert result.passed, complaints(result)


def test_an_approval_that_is_refused_stops_the_run(tmp_path: Path) -> None:
    steps = """
    - approve: {who: {role: finance-manager}, question: Raise it?, within: 2h, otherwise: escalate}
    - set_fields: {priority: urgent}
    """
    revision = asking(tmp_path, steps)
    who = manager(revision)
    for yes, priority in (("true", "urgent"), ("false", "high")):
        result = tried(
            f"""
            acts:
              - {{at: "09:30", do: answer, by: {who}, answers: {{approved: {yes}}}}}
            expect:
              - {{at: "09:30", asked: [], fields: {{priority: {priority}}}}}
            """,
            of=revision,
        )
        assert result.passed, complaints(result)


def test_a_wait_ends_when_the_ticket_says_so_or_in_vain(tmp_path: Path) -> None:
    steps = """
    - wait: {until: {status: pending}, within: 4h, otherwise: escalate}
    - set_fields: {priority: urgent}
    - wait: {within: 30m}
    - set_fields: {priority: high}
    """
    revision = asking(tmp_path, steps)
    result = tried(
        """
        acts:
          - {at: "10:00", do: update, fields: {status: pending}}
        expect:
          - {at: "09:59", fields: {priority: high}}
          - {at: "10:00", fields: {priority: urgent}, recorded: [came_true], next_deadline: "10:30"}
          - {at: "10:30", fields: {priority: high}, recorded: [waited]}
        """,
        of=revision,
    )
    assert result.passed, complaints(result)
    result = tried(
        """
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
        expect:
          - {at: "12:59", fields: {priority: high}}
          - {at: "13:00", fields: {priority: urgent}, recorded: [in_vain], notified: [miriam-okafor]}
        """,
        of=revision,
    )
    assert result.passed, complaints(result)


def test_what_is_so_already_is_not_waited_for(tmp_path: Path) -> None:
    steps = "- wait: {until: {priority: high}, within: 4h, otherwise: fail}\n- set_fields: {priority: urgent}"
    result = tried('expect:\n  - {at: "09:00", recorded: [came_true]}', of=asking(tmp_path, steps))
    assert result.passed, complaints(result)


def test_a_choice_looks_at_the_ticket_as_it_is_then(tmp_path: Path) -> None:
    steps = """
    - wait: {within: 1h}
    - choose:
        branches:
        - {name: pending, when: {status: pending}, steps: [{set_fields: {priority: urgent}}]}
        - name: rest
          steps:
          - choose:
              branches:
              - {name: new, when: {status: new}, steps: [{set_fields: {group: Legal}}]}
              - {name: other}
    """
    revision = asking(tmp_path, steps)
    for status, fields in (("pending", "{priority: urgent}"), ("new", "{group: Finance, priority: high}")):
        result = tried(
            f"""
            acts:
              - {{at: "09:30", do: update, fields: {{status: {status}, subject: Look again}}}}
            expect:
              - {{at: "10:00", recorded: [chosen], fields: {fields}}}
            """,
            of=revision,
        )
        assert result.passed, complaints(result)


def test_a_choice_and_a_wait_can_fail_in_a_scenario(tmp_path: Path) -> None:
    steps = """
    - wait: {until: {status: pending}, within: 4h, otherwise: go_on}
    - choose: {branches: [{name: one, when: {priority: high}}, {name: rest}]}
    """
    result = tried(
        """
        acts:
          - {at: "08:00", do: step_fails, step: choose}
          - {at: "08:00", do: step_fails, step: wait}
        expect:
          - {at: "09:00", recorded: [failed]}
        """,
        of=asking(tmp_path, steps),
    )
    assert result.passed, complaints(result)


def test_a_question_that_cannot_be_rendered_fails_the_scenario(tmp_path: Path) -> None:
    steps = MONEY.replace(" | default: 'the customer'", "")
    result = tried('expect:\n  - {at: "09:00", state: offered}', of=asking(tmp_path, steps))
    assert [each.diagnostic.code for each in result.failures] == ["SUR605"]


def test_the_names_of_answers_and_of_who_is_asked_must_exist(tmp_path: Path) -> None:
    revision = asking(tmp_path, MONEY)
    body = """
    acts:
      - {at: "09:30", do: answer, by: anna-keller, answers: {wy: refund, approved: true}}
    expect:
      - {at: "09:30", asked: [nobody-at-all]}
    """
    found = check_names(revision, *document_of(scenario_text(body)))
    assert [each.message for each in found] == [
        "there is no answer `wy`",
        "there is no answer `approved`",
        "there is no person `nobody-at-all`",
    ]


def test_an_answer_before_there_is_a_question_is_refused() -> None:
    result = tried("""
        acts:
          - {at: "09:30", do: answer, by: anna-keller, answers: {}, refused: unknown_offer}
        expect:
          - {at: "09:30", asked: []}
    """)
    assert result.passed, complaints(result)


def test_an_instant_is_answered_in_local_time_or_with_a_zone(tmp_path: Path) -> None:
    steps = """
    - ask: {who: owner, question: By when?, answers: {day: instant}, within: 4h, otherwise: escalate}
    - ask: {who: owner, question: By when?, answers: {day: instant}, within: 4h, otherwise: escalate}
    """
    result = tried(
        """
        acts:
          - {at: "09:10", do: answer, by: anna-keller, answers: {day: soon}, refused: wrong_answer}
          - {at: "09:20", do: answer, by: anna-keller, answers: {day: "2026-03-04 10:00"}}
          - {at: "09:30", do: answer, by: anna-keller, answers: {day: "2026-03-04T10:00:00+02:00"}}
        expect:
          - {at: "09:30", asked: []}
        """,
        of=asking(tmp_path, steps),
    )
    assert result.passed, complaints(result)
    said = [entry.what for entry in result.timeline if "answers open#1" in entry.what]
    assert [line.partition("day: ")[2] for line in said] == [
        "2026-03-04T09:00:00.000000Z)",
        "2026-03-04T08:00:00.000000Z)",
    ]


def test_a_wait_on_a_ticket_that_is_gone_goes_on_until_its_bound(tmp_path: Path) -> None:
    steps = "- wait: {within: 10m}\n- wait: {until: {status: pending}, within: 1h, otherwise: go_on}"
    result = tried(
        """
        acts:
          - {at: "09:05", do: delete}
        expect:
          - {at: "09:10", next_deadline: "10:10"}
          - {at: "10:10", recorded: [in_vain]}
        """,
        of=asking(tmp_path, steps),
    )
    assert result.passed, complaints(result)
