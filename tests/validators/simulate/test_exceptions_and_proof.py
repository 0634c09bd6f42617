"""Scenarios of exceptions and of the end: cross-team work, a ticket that is gone, whom nobody reaches, post-mortems."""

from __future__ import annotations

from pathlib import Path

from runner.contract.load import Revision, load_revision
from runner.revision import FolderTree
from tests.validators.repositories import complaints, copied, edit, tried

BILLING = "templates/enterprise-billing/template.yaml"
CLASSES = "policies/exceptions.yaml"
CROSS_TEAM = """
  cross-team:
    summary: Several teams must do something, and none of them can end it alone.
    owner: {team: revenue-operations}
    within: 8h
    requires: [plan, tasks]
    runbook: cross-team
"""
BLOCK = """\
schema: surety/v1
kind: Block
name: cross-team
summary: Say in the ticket that several teams work on it.
steps:
  - note: {text: "Several teams work on {{ ticket.id }}."}
"""


def with_cross_team(folder: Path) -> Revision:
    """The shipped repository with a class that demands a plan and tasks."""
    copied(folder)
    with (folder / CLASSES).open("a", encoding="utf-8") as file:
        file.write(CROSS_TEAM)
    (folder / "templates/blocks/cross-team.yaml").write_text(BLOCK, encoding="utf-8")
    edit(folder, BILLING, "\nexceptions:\n", "\nexceptions:\n  cross-team: {}\n")
    found = load_revision(FolderTree(folder))
    assert found.revision is not None, [each.message for each in found.findings]
    return found.revision


def test_cross_team_work_is_planned_shared_out_done_and_given_back(tmp_path: Path) -> None:
    """Refused without plan and tasks; raised with them; ended when they are done; back to the owner."""
    result = tried(
        """
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
          - at: "10:00"
            do: raise_exception
            by: anna-keller
            exception_class: cross-team
            text: Sales and legal must agree.
            refused: demands_unmet
          - at: "10:01"
            do: raise_exception
            by: anna-keller
            exception_class: cross-team
            plan: Sales asks the customer, then legal signs.
            refused: demands_unmet
          - at: "10:02"
            do: raise_exception
            by: anna-keller
            exception_class: cross-team
            plan: Sales asks the customer, then legal signs.
            tasks:
              - {title: Ask the customer, owner: tomasz-nowak, due: "12:00"}
              - {title: Sign the change, owner: sofia-rossi}
          - {at: "10:10", do: accept, by: grace-mwangi}
          - at: "10:20"
            do: resolve
            by: anna-keller
            evidence: {invoice_id: R-1, customer_confirmation: mail}
            refused: exception_open
          - {at: "10:30", do: add_task, by: grace-mwangi, tasks: [{title: Tell finance, owner: anna-keller}]}
          - {at: "11:00", do: finish_task, by: sofia-rossi, task: Sign the change}
          - {at: "12:30", do: finish_task, by: tomasz-nowak, task: Ask the customer}
          - {at: "12:40", do: end_exception, by: grace-mwangi, refused: tasks_open}
          - {at: "12:45", do: finish_task, by: anna-keller, task: Tell finance}
          - {at: "12:46", do: finish_task, by: anna-keller, task: Tell finance, refused: unknown_task}
          - {at: "12:50", do: end_exception, by: grace-mwangi}
        expect:
          - {at: "10:02", notified: [tomasz-nowak, sofia-rossi, grace-mwangi, miriam-okafor]}
          - {at: "10:02", exceptions: [cross-team], recorded: [planned, raised, step], owner: anna-keller}
          - {at: "10:20", state: accepted, recorded: [unproven], notified: [tomasz-nowak, sofia-rossi, grace-mwangi]}
          - {at: "12:00", recorded: [task_overdue], notified: [grace-mwangi]}
          - {at: "12:30", recorded: [task_done, remedied]}
          - {at: "12:50", exceptions: [], owner: anna-keller, recorded: [recovered], notified: [anna-keller]}
        """,
        of=with_cross_team(tmp_path),
    )
    assert result.passed, complaints(result)


def test_a_ticket_that_is_gone_is_an_exception_of_the_escalation_owners() -> None:
    result = tried("""
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
          - {at: "10:00", do: delete}
        expect:
          - {at: "10:00", exceptions: [gone], notified: [miriam-okafor], owner: anna-keller}
          - {at: "12:00", recorded: [recovery_overdue], notified: [miriam-okafor]}
    """)
    assert result.passed, complaints(result)


def test_whom_nobody_reaches_is_an_exception_until_that_person_acts() -> None:
    result = tried("""
        acts:
          - {at: "08:00", do: undelivered, who: anna-keller}
          - {at: "09:10", do: accept, by: anna-keller}
        expect:
          - {at: "09:00", exceptions: [undelivered], recorded: [undelivered], notified: [miriam-okafor]}
          - {at: "09:10", exceptions: [], recorded: [reached, accepted]}
    """)
    assert result.passed, complaints(result)


def test_what_the_policy_says_of_a_class_that_the_runner_raises_holds(tmp_path: Path) -> None:
    """It is nobody's mistake to declare it although no template lists it."""
    copied(tmp_path)
    with (tmp_path / CLASSES).open("a", encoding="utf-8") as file:
        file.write("  gone:\n    summary: It is gone.\n    owner: {team: revenue-operations}\n    within: 4h\n")
    loaded = load_revision(FolderTree(tmp_path))
    assert loaded.revision is not None
    result = tried(
        """
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
          - {at: "10:00", do: delete}
        expect:
          - {at: "10:00", exceptions: [gone], notified: [grace-mwangi, miriam-okafor], next_deadline: "12:00"}
        """,
        of=loaded.revision,
    )
    assert result.passed, complaints(result)


def test_no_close_without_the_post_mortem_that_is_demanded(tmp_path: Path) -> None:
    copied(tmp_path)
    text = (tmp_path / BILLING).read_text(encoding="utf-8")
    assert "postmortem" not in text
    edit(tmp_path, BILLING, "\nclose:\n", "\nclose:\n  postmortem: always\n")
    found = load_revision(FolderTree(tmp_path)).revision
    assert found is not None
    result = tried(
        """
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
          - {at: "10:00", do: resolve, by: anna-keller, evidence: {invoice_id: R-1, customer_confirmation: mail}}
          - {at: "10:05", do: close, by: anna-keller, code: refunded, refused: not_verified}
          - {at: "10:06", do: attach_postmortem, by: anna-keller, to: nobody-known, refused: receiver_unavailable}
          - {at: "10:10", do: attach_postmortem, by: anna-keller, to: tomasz-nowak, text: What went wrong.}
          - {at: "10:15", do: close, by: anna-keller, code: refunded}
        expect:
          - {at: "10:05", state: resolved}
          - {at: "10:10", recorded: [attached], notified: [tomasz-nowak]}
          - {at: "10:15", state: closed}
        """,
        of=found,
    )
    assert [each.split(" ")[0] for each in complaints(result)] == ["SUR601"], "a person whom nobody knows"


def test_what_is_proven_no_more_goes_back_to_its_owner() -> None:
    result = tried("""
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
          - {at: "09:20", do: update, fields: {invoice_id: R-1}}
          - {at: "10:00", do: resolve, by: anna-keller, evidence: {customer_confirmation: mail}}
          - {at: "10:30", do: update, fields: {invoice_id: null}}
          - {at: "11:00", do: close, by: miriam-okafor, code: refunded, refused: not_verified}
          - {at: "11:30", do: update, fields: {invoice_id: R-2}}
          - {at: "11:40", do: resolve, by: anna-keller}
          - {at: "11:45", do: close, by: anna-keller, code: refunded}
        expect:
          - {at: "10:00", state: resolved}
          - {at: "11:00", state: accepted, owner: anna-keller, recorded: [unproven], notified: [anna-keller]}
          - {at: "11:40", state: resolved, recorded: [remedied, proven]}
          - {at: "11:45", state: closed}
    """)
    assert result.passed, complaints(result)
