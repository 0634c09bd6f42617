"""Scenarios with actions in other systems: their answers, their failures by name, what holds and what is taken back."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Final

import pytest

from runner.contract.load import Revision, load_revision
from runner.revision import FolderTree
from tests.validators.repositories import complaints, copied, document_of, scenario_text, tried
from validators.check.names import check_names

BILLING: Final = "templates/enterprise-billing/template.yaml"
START: Final = "runbook:\n  open:\n"
STEPS: Final = """
- set_fields: {priority: urgent}
  undo: restore
- name: room
  action: {run: open_room, with: {name: "Help {{ ticket.id }}"}}
- action: {run: lock_publishing, with: {item: "{{ steps.room.room | default: 'none' }}"}}
  on_error: stop
- attach: {what: changes, source: read_changes, last: 2}
- note: {text: "{{ steps.room.room | default: 'none' }}"}
"""


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> Revision:
    """The shipped repository, whose billing begins with these steps."""
    folder: Path = copied(tmp_path_factory.mktemp("acting"))
    path = folder / BILLING
    text = path.read_text(encoding="utf-8")
    assert text.count(START) == 1
    path.write_text(text.replace(START, START + textwrap.indent(STEPS.strip("\n"), "    ") + "\n"), encoding="utf-8")
    found = load_revision(FolderTree(folder))
    assert found.revision is not None, [each.message for each in found.findings]
    return found.revision


def test_what_holds_keeps_it_open_until_it_is_rolled_back(acting: Revision) -> None:
    result = tried(
        """
        actions:
          open_room: {room: R-7}
          read_changes: {entries: [one, two, three]}
        acts:
          - {at: "09:10", do: accept, by: anna-keller}
          - {at: "09:20", do: resolve, by: anna-keller, refused: not_verified,
             evidence: {invoice_id: INV-1, customer_confirmation: a mail}}
          - {at: "09:30", do: roll_back, by: anna-keller, text: All is well}
          - {at: "09:40", do: resolve, by: anna-keller, evidence: {invoice_id: INV-1, customer_confirmation: a mail}}
        expect:
          - {at: "09:10", standing: [open_room, lock_publishing], undone: [], fields: {priority: urgent}}
          - {at: "09:30", standing: [], undone: [lock_publishing, open_room, set_fields], recorded: [rolled_back],
             fields: {priority: high}}
          - {at: "09:40", state: resolved}
        """,
        of=acting,
    )
    assert result.passed, complaints(result)


def test_a_run_that_stops_is_taken_back_by_itself(acting: Revision) -> None:
    result = tried(
        """
        acts: [{at: "08:00", do: step_fails, action: lock_publishing}]
        expect:
          - {at: "09:00", standing: [], undone: [open_room, set_fields], fields: {priority: high}}
        """,
        of=acting,
    )
    assert result.passed, complaints(result)


@pytest.mark.parametrize("trouble", ["step_fails", "step_hangs"])
def test_what_cannot_be_undone_is_an_exception_and_holds(acting: Revision, trouble: str) -> None:
    result = tried(
        f"""
        acts:
          - {{at: "08:00", do: {trouble}, action: close_room}}
          - {{at: "08:00", do: step_fails, action: lock_publishing}}
          - {{at: "11:30", do: step_works, action: close_room}}
          - {{at: "11:31", do: roll_back, by: miriam-okafor}}
        expect:
          - {{at: "10:30", standing: [open_room], undone: [set_fields], exceptions: [not_undone]}}
          - {{at: "11:31", standing: [], undone: [open_room, set_fields]}}
        """,
        of=acting,
    )
    assert result.passed, complaints(result)


def test_what_somebody_changed_since_is_left(acting: Revision) -> None:
    result = tried(
        """
        acts:
          - {at: "09:10", do: update, fields: {priority: low}}
          - {at: "09:30", do: roll_back, by: miriam-okafor, run: open#1}
        expect: [{at: "09:30", standing: [], fields: {priority: low}}]
        """,
        of=acting,
    )
    assert result.passed, complaints(result)


def test_the_answers_of_actions_are_known_to_texts(acting: Revision) -> None:
    silent = tried('expect: [{at: "09:00", standing: [open_room, lock_publishing]}]', of=acting)
    assert silent.passed, complaints(silent)


def test_actions_that_nobody_has_are_found(acting: Revision) -> None:
    text = scenario_text("""
        actions: {fly: {}}
        acts: [{at: "09:00", do: step_fails, action: flee}]
        expect: [{at: "09:00", standing: [flow]}]
    """)
    found = {each.message for each in check_names(acting, *document_of(text))}
    assert found == {f"there is no action `{name}`" for name in ("fly", "flee", "flow")}


def test_an_answer_that_does_not_confirm_what_it_has_to_is_no_success(tmp_path: Path) -> None:
    folder: Path = copied(tmp_path)
    path = folder / BILLING
    step = "    - {action: {run: move_lead, with: {lead: L-1}}, on_error: stop}\n"
    path.write_text(path.read_text(encoding="utf-8").replace(START, START + step), encoding="utf-8")
    found = load_revision(FolderTree(folder))
    assert found.revision is not None, [each.message for each in found.findings]
    for answers, standing in (("actions: {move_lead: {queue: nurture}}", "[]"), ("", "[move_lead]")):
        result = tried(f"{answers}\nexpect: [{{at: '09:00', standing: {standing}}}]", of=found.revision)
        assert result.passed, complaints(result)
