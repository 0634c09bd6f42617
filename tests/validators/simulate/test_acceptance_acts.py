"""Scenarios of acceptance: one tap, second thoughts, clarification, waiting, service hours, reminders put off."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.contract.load import Revision, load_revision
from runner.revision import FolderTree
from tests.validators.repositories import complaints, copied, edit, tried

FILE = "templates/enterprise-billing/template.yaml"
ITEMS = "policies/checklists.yaml"


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Revision:
    """The shipped repository with a billing template that taps, clarifies, waits, and asks in office hours only."""
    folder = copied(tmp_path_factory.mktemp("patient"))
    more = """  checklist_within: 10m
  clarify: {within: 4h, exception: data-missing}
  hours: finance-hours
"""
    checklist = "  checklist: [has_evidence, scope_clear, next_action]\n"
    edit(folder, FILE, checklist, f"  checklist: [has_evidence, amount, who]\n{more}")
    edit(folder, FILE, "\nrunbook:", "\nwaiting: {at_most: 4h, then: escalation_owner}\nrunbook:")
    edit(
        folder,
        ITEMS,
        "items:\n",
        "items:\n  amount: {question: How much?, answer: number}\n"
        "  who: {question: Whose is it?, answer: choice, values: [ours, theirs]}\n",
    )
    return _loaded(folder)


def _loaded(folder: Path) -> Revision:
    loaded = load_revision(FolderTree(folder))
    assert loaded.revision is not None, [each.message for each in loaded.findings]
    return loaded.revision


def story(revision: Revision, body: str, tickets: str | None = None) -> None:
    result = tried(body, of=revision) if tickets is None else tried(body, tickets, of=revision)
    assert result.passed, complaints(result)


def test_one_tap_and_the_answers_after_it(patient: Revision) -> None:
    story(
        patient,
        """
        acts:
          - {at: "09:05", do: accept, by: anna-keller, answers: {}}
          - {at: "09:06", do: complete_checklist, by: anna-keller, answers: {has_evidence: true, amount: 3, who: mine},
             refused: wrong_answer}
          - {at: "09:10", do: complete_checklist, by: anna-keller}
        expect:
          - {at: "09:05", state: accepted, next_deadline: "09:15"}
          - {at: "09:20", state: accepted, owner: anna-keller}
        """,
    )


def test_one_tap_and_no_answers(patient: Revision) -> None:
    story(
        patient,
        """
        acts: [{at: "09:05", do: accept, by: anna-keller, answers: {}}]
        expect: [{at: "09:15", owner: tomasz-nowak, reason: checklist_missed, recorded: [checklist_missed]}]
        """,
    )


def test_second_thoughts(patient: Revision) -> None:
    story(
        patient,
        """
        acts:
          - {at: "09:05", do: accept, by: anna-keller}
          - {at: "09:06", do: unaccept, by: anna-keller}
        expect:
          - {at: "09:06", state: offered, owner: anna-keller, notified: []}
          - {at: "09:06:10", owner: tomasz-nowak, reason: unaccepted}
        """,
    )


def test_the_story_of_the_clarification(patient: Revision) -> None:
    """11:30 rejected as incomplete, 15:30 expired with an exception, the lead is asked, 15:45 accepted."""
    story(
        patient,
        """
        acts:
          - {at: "11:30", do: reject, by: tomasz-nowak, why: incomplete, text: The invoice is missing.}
          - {at: "15:45", do: accept, by: miriam-okafor}
        expect:
          - {at: "11:30", owner: tomasz-nowak, recorded: [clarify], next_deadline: "15:30"}
          - {at: "15:29:59", owner: tomasz-nowak, exceptions: []}
          - {at: "15:30", owner: miriam-okafor, reason: not_clarified, exceptions: [data-missing]}
          - {at: "15:45", state: accepted, owner: miriam-okafor}
        """,
    )


def test_what_was_missing_is_written_to_the_ticket(patient: Revision) -> None:
    story(
        patient,
        """
        acts:
          - {at: "09:30", do: reject, by: anna-keller, why: incomplete}
          - {at: "10:30", do: update, fields: {invoice_id: INV-1}}
        expect:
          - {at: "10:30", owner: anna-keller, reason: clarified, next_deadline: "12:30"}
        """,
    )


def test_somebody_says_it(patient: Revision) -> None:
    story(
        patient,
        """
        acts:
          - {at: "09:30", do: reject, by: anna-keller, why: incomplete}
          - {at: "10:00", do: clarify, by: miriam-okafor, text: It is invoice 7.}
          - {at: "10:01", do: clarify, by: miriam-okafor, text: Again., refused: wrong_state}
        expect: [{at: "10:00", owner: anna-keller, reason: clarified}]
        """,
    )


def test_waiting_for_the_customer(patient: Revision) -> None:
    story(
        patient,
        """
        acts:
          - {at: "09:30", do: accept, by: anna-keller}
          - {at: "10:00", do: wait, by: anna-keller, for: customer, text: Their invoice is missing.}
          - {at: "11:00", do: update, fields: {customer_confirmation: by mail}}
          - {at: "11:30", do: wait, by: anna-keller, for: date, until: "12:00", text: The bank opens.}
          - {at: "11:45", do: resume, by: anna-keller}
          - {at: "12:00", do: wait, by: anna-keller, for: date, until: "15:00", text: Again.,
             refused: waiting_out_of_bounds}
          - {at: "12:00", do: wait, by: anna-keller, for: customer, text: Again.}
        expect:
          - {at: "10:00", state: waiting, owner: anna-keller, fields: {escalation_state: waiting}}
          - {at: "11:00", state: accepted, notified: [anna-keller], recorded: [ticket_changed]}
          - {at: "11:45", state: accepted, recorded: [resumed]}
          - {at: "12:00", state: waiting, next_deadline: "14:45"}
          - {at: "14:45", state: offered, owner: miriam-okafor, reason: wait_over}
        """,
    )


def test_nobody_is_asked_at_night(patient: Revision) -> None:
    story(
        patient,
        """
        expect:
          - {at: "22:00", owner: miriam-okafor, reason: outside_hours, state: offered}
          - {at: "2026-03-04 07:59:59", owner: miriam-okafor}
          - {at: "2026-03-04 09:00", owner: anna-keller}
        """,
        """
        night:
          at: "22:00"
          fields: {type: billing, account.tier: enterprise, priority: high, status: new}
        """,
    )


def test_a_reminder_that_is_put_off() -> None:
    result = tried("""
        acts:
          - {at: "20:00", do: snooze, by: miriam-okafor, until: "22:00", text: Later., refused: wrong_state}
          - {at: "21:30", do: snooze, by: tomasz-nowak, until: "22:00", text: Later., refused: not_allowed}
          - {at: "21:30", do: snooze, by: miriam-okafor, until: "2026-03-05 08:00", text: Later.,
             refused: snooze_out_of_bounds}
          - {at: "21:30", do: snooze, by: miriam-okafor, until: "2026-03-04 08:00", text: In the morning.}
        expect:
          - {at: "21:00", state: exhausted, next_deadline: "23:00"}
          - {at: "21:30", recorded: [snoozed], next_deadline: "2026-03-04 08:00"}
          - {at: "2026-03-04 08:00", notified: [miriam-okafor], next_deadline: "2026-03-04 10:00"}
    """)
    assert result.passed, complaints(result)
