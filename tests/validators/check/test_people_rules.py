"""The rules about people and their places: edge cases of each, beside the bad and good repositories in `rules/`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from runner.contract.load import load_revision
from tests.runner.contract.repository import Edit, MemoryFiles, put
from tests.validators.check.rules.cases import base
from validators.check.registry import RuleModule
from validators.check.rules import same_person, shared_identity
from validators.check.subject import Subject

BILLING, REST = "templates/billing/template.yaml", "templates/rest/template.yaml"
PEOPLE, ROTATIONS = "policies/people.yaml", "policies/rotations.yaml"
TODAY = date(2026, 3, 3)
LADDER = put(REST, "ladder: [primary, escalation_owner]", "ladder: [primary, secondary, escalation_owner]")


def told(rule: RuleModule, *edits: Edit, code: str = "") -> list[str]:
    """The pointers of the findings, all of them or those of a code."""
    files: dict[str, bytes | None] = dict(base())
    for edit in edits:
        edit.apply(files)
    found = rule.check(Subject(load_revision(MemoryFiles(files)), TODAY))
    return [each.pointer for each in sorted(found) if each.code.startswith(code)]


def second(ref: str) -> list[Edit]:
    """The template `rest` asks Ann, then whomever this means."""
    return [LADDER, put(REST, "secondary: {person: ben}", f"secondary: {{{ref}}}")]


ONE = put(PEOPLE, "  desk:\n", "  one:\n    name: One\n    members: [ann]\n  desk:\n")
SOLE = put(ROTATIONS, "  second:\n", "  sole:\n    summary: Ann alone.\n    members: [ann]\n    zone: Europe/Berlin\n"
           '    starts: "2026-01-05"\n    handover: {every: week, at: "09:00"}\n  second:\n')  # fmt: skip
SWAP = ('swaps:\n  - {rotation: sole, person: ben, instead_of: ann, from: "2027-03-02T09:00:00+01:00", '
        'until: "2027-03-09T09:00:00+01:00"}\n')  # fmt: skip


@pytest.mark.parametrize(
    ("word", "edits", "codes"),
    [
        ("a team of the primary alone", [ONE, *second("team: one")], ["SUR517"]),
        ("a team of two", second("team: desk"), ["SUR511"]),
        ("a rotation of the primary alone", [SOLE, *second("rotation: sole")], ["SUR517"]),
        ("one in which somebody takes over next year",
         [SOLE, put("policies/absences.yaml", "absences:\n", f"{SWAP}absences:\n"), *second("rotation: sole")],
         ["SUR511"]),
        ("a job of the primary alone",
         [put(PEOPLE, "    zone: Europe/Berlin\n    jobs: [clerk]",
              "    zone: Europe/Berlin\n    jobs: [clerk, chief]"),
          *second("role: chief")], ["SUR517"]),
        ("a rung that is not asked", [ONE, put(REST, "secondary: {person: ben}", "secondary: {team: one}")], []),
        ("the escalation owner may be the secondary",
         [LADDER, put(REST, "escalation_owner: {person: cyd}", "escalation_owner: {person: ben}")], []),
        ("two people", [LADDER], []),
    ],
)  # fmt: skip
def test_a_substitute_who_is_the_primary(word: str, edits: list[Any], codes: list[str]) -> None:
    found = {code: told(same_person, *edits, code=code) for code in ("SUR511", "SUR517")}
    assert found == {code: ["/owners/secondary"] if code in codes else [] for code in found}, word


def helpdesk(who: str, user: str) -> Edit:
    return put(PEOPLE, f"    contacts: {{chat: {who}@", f"    helpdesk: {{{user}}}\n    contacts: {{chat: {who}@")


@pytest.mark.parametrize(
    ("word", "edits", "pointers"),
    [
        ("the same user", [helpdesk("ann", "local: desk"), helpdesk("cyd", "local: desk")],
         ["/people/cyd/helpdesk/local"]),
        ("in other letters", [helpdesk("ann", "local: Desk"), helpdesk("cyd", "local: desk")],
         ["/people/cyd/helpdesk/local"]),
        ("all three", [helpdesk(who, "local: desk") for who in ("ann", "ben", "cyd")],
         ["/people/ben/helpdesk/local", "/people/cyd/helpdesk/local"]),
        ("of two helpdesks", [helpdesk("ann", "local: desk"), helpdesk("cyd", "other: desk")], []),
        ("the same address", [put(PEOPLE, "chat: cyd@", "chat: ANN@")], ["/people/cyd/contacts/chat"]),
        ("on two channels", [put(PEOPLE, "chat: ann@chat.example.com, mail: ann@example.com",
                                 "chat: ann@example.com, mail: ann@example.com")], []),
    ],
)  # fmt: skip
def test_people_who_are_the_same_to_others(word: str, edits: list[Any], pointers: list[str]) -> None:
    assert told(shared_identity, *edits) == pointers, word
