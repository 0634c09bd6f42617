"""Message texts: what cannot be read, what names nothing, what may have no value."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import read_documents
from runner.contract.load import Loaded
from runner.revision import FolderTree
from tests.validators.repositories import copied, edit, pointed_at, shipped
from validators.check.rules import messages
from validators.check.subject import Subject

TEMPLATE = "templates/enterprise-billing/template.yaml"
PARTS = ("fields.yaml", "checklists.yaml", "enterprise-billing/template.yaml", "blocks/*.yaml")
CLOSED = '"Closed under {{ escalation.template }} by {{ owner.name }}. Proven: {{ outcome.statement }}"'


def found_in(folder: Path) -> list[Diagnostic]:
    return sorted(messages.check(Subject(Loaded(None, (), read_documents(FolderTree(folder))), date.max)))


def test_the_shipped_messages_are_good() -> None:
    assert not list(messages.check(Subject(shipped(), date.max)))


@pytest.mark.parametrize(
    ("text", "code", "message", "piece"),
    [
        ("{{ owner.name ", "SUR401", "this text cannot be read: `{{` is opened here, and `}}` is missing", "{{"),
        ("{% if owner %}", "SUR401", "this text cannot be read: `{% endif %}` is missing", ""),
        ("{{ owner.name | shout }}", "SUR401", "this text cannot be read: there is no filter `shout`", "shout"),
        ("{% include 'x' %}", "SUR401", "this text cannot be read: unexpected tag 'include'", ""),
        ("{{ 'now' | date: '%s' }}", "SUR401", "this text cannot be read: there is no filter `date`", "date"),
        ("{{ owner.nam }}", "SUR402", "`owner.nam` is nothing a message can name", "owner.nam"),
        ("{{ ticket.prio | default: 'x' }}", "SUR402", "`ticket.prio` is nothing a message can name", "ticket.prio"),
        ("{{ checklist.next }}", "SUR402", "`checklist.next` is nothing a message can name", "checklist.next"),
        (
            "{{ checklist.next_action }}",
            "SUR403",
            "`checklist.next_action` may have no value, and then this step fails",
            "checklist.next_action",
        ),
        ("{{ inputs.room }}", "SUR402", "`inputs.room` is nothing a message can name", "inputs.room"),
        ("{% if x == 1 %}y{% endif %}", "SUR402", "`x` is nothing a message can name", "x"),
        ("{{ ticket.account }}", "SUR402", "`ticket.account` is nothing a message can name", "ticket.account"),
        (
            "{{ ticket.subject }}",
            "SUR403",
            "`ticket.subject` may have no value, and then this step fails",
            "ticket.subject",
        ),
        (
            "{{ offer.accept_by | upcase }}",
            "SUR403",
            "`offer.accept_by` may have no value, and then this step fails",
            "offer.accept_by",
        ),
        (
            "{{ previous.name }}",
            "SUR403",
            "`previous.name` may have no value, and then this step fails",
            "previous.name",
        ),
    ],
)
def test_a_bad_message_is_found_where_it_stands(tmp_path: Path, text: str, code: str, message: str, piece: str) -> None:
    folder = copied(tmp_path, only=PARTS)
    edit(folder, TEMPLATE, CLOSED, f'"{text}"')
    (found,) = found_in(folder)
    assert (found.code, str(found.severity)) == (code, "warning" if code == "SUR403" else "error")
    assert found.message.startswith(message)
    assert found.help
    assert pointed_at((folder / TEMPLATE).read_text(encoding="utf-8"), found) == (piece or f'"{text}"')


@pytest.mark.parametrize(
    "text",
    [
        "plain, with $money and 50 %",
        "{{ ticket.id }} {{ticket.url}} {{- owner.name -}}",
        "{{ ticket.account.name | default: 'nobody' | upcase }}",
        "{% for i in (1..3) %}{{ i }}{% endfor %}",
        "{% if ticket.priority == 'high' %}!{% endif %}",
        "{% assign who = owner.name %}{{ who }}",
    ],
)
def test_good_messages_stay_unmentioned(tmp_path: Path, text: str) -> None:
    folder = copied(tmp_path, only=PARTS)
    edit(folder, TEMPLATE, CLOSED, f'"{text}"')
    assert found_in(folder) == []


def test_a_text_given_to_a_block_may_name_the_inputs_of_that_block(tmp_path: Path) -> None:
    folder = copied(tmp_path, only=PARTS)
    edit(
        folder,
        TEMPLATE,
        "settles it by {{ escalation.outcome_due }}.\n          Send",
        "is in {{ inputs.room }}.\n          Send",
    )
    assert found_in(folder) == []


def test_a_block_may_name_its_own_inputs_only(tmp_path: Path) -> None:
    folder = copied(tmp_path, only=PARTS)
    edit(folder, "templates/blocks/snapshot.yaml", "{{ inputs.why }}", "{{ inputs.wy }}")
    (found,) = found_in(folder)
    assert found.code == "SUR402"
    assert found.help == "did you mean `inputs.why`?"


def test_without_the_fields_policy_ticket_fields_are_not_judged(tmp_path: Path) -> None:
    folder = copied(tmp_path, only=PARTS)
    (folder / "policies/fields.yaml").unlink()
    assert found_in(folder) == []
