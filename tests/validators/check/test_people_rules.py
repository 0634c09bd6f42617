"""The rules about people and their places: edge cases of each, beside the bad and good repositories in `rules/`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from runner.contract.load import load_revision
from tests.runner.contract.repository import Edit, MemoryFiles, put
from tests.validators.check.rules.cases import base
from validators.check.registry import RuleModule
from validators.check.rules import (
    auditor_on_ladder,
    hasty_offer,
    odd_handover,
    same_person,
    shared_identity,
    swap_without_effect,
    way_nobody_has,
)
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
        ("the id of somebody", [helpdesk("ann", "local: cyd")], ["/people/ann/helpdesk/local"]),
        ("the id of somebody who is called otherwise", [helpdesk("ann", "local: cyd"), helpdesk("cyd", "local: ann")],
         []),
        ("of two helpdesks", [helpdesk("ann", "local: desk"), helpdesk("cyd", "other: desk")], []),
        ("the same address", [put(PEOPLE, "chat: cyd@", "chat: ANN@")], ["/people/cyd/contacts/chat"]),
        ("on two channels", [put(PEOPLE, "chat: ann@chat.example.com, mail: ann@example.com",
                                 "chat: ann@example.com, mail: ann@example.com")], []),
    ],
)  # fmt: skip
def test_people_who_are_the_same_to_others(word: str, edits: list[Any], pointers: list[str]) -> None:
    assert told(shared_identity, *edits) == pointers, word


def step(body: str, point: str = "accepted") -> Edit:
    return put(REST, "runbook:\n", f"runbook:\n  {point}:\n    - {body}\n")


@pytest.mark.parametrize(
    ("word", "body", "found"),
    [
        ("somebody without", "notify: {who: {person: ben}, via: [mail], message: x}", True),
        ("somebody with", "notify: {who: {person: ann}, via: [mail], message: x}", False),
        ("one of two ways is enough", "notify: {who: {person: ben}, via: [mail, chat], message: x}", False),
        ("one of a team", "notify: {who: {team: desk}, via: [mail], message: x}", True),
        ("one of a rotation", "notify: {who: {rotation: first}, via: [mail], message: x}", True),
        ("a job", "notify: {who: {role: manager}, via: [mail], message: x}", True),
        ("a rung with", "notify: {who: primary, via: [mail], message: x}", False),
        ("a rung without", "notify: {who: escalation_owner, via: [mail], message: x}", True),
        ("whoever is accountable", "notify: {via: [mail], message: x}", True),
        ("their own ways", "notify: {who: {person: ben}, message: x}", False),
        ("a room", "notify: {room: counter, message: x}", False),
    ],
)
def test_a_way_that_nobody_has(word: str, body: str, found: bool) -> None:
    kind = body.partition(":")[0]
    assert told(way_nobody_has, step(body)) == ([f"/runbook/accepted/0/{kind}/via"] if found else []), word


def test_of_a_way_in_a_block_only_people_who_are_named_there_are_known() -> None:
    block = "templates/blocks/alarm.yaml"
    assert told(way_nobody_has, put(block, "via: [chat]", "via: [mail]")) == []
    named = put(block, "who: $who, via: [chat]", "who: {person: cyd}, via: [mail]")
    assert told(way_nobody_has, named) == ["/steps/0/notify/via"]


def swap(rotation: str, instead_of: str) -> Edit:
    when = 'from: "2026-03-16T09:00:00+01:00", until: "2026-03-23T09:00:00+01:00"'
    text = f"swaps:\n  - {{rotation: {rotation}, person: cyd, instead_of: {instead_of}, {when}}}\nabsences:\n"
    return put("policies/absences.yaml", "absences:\n", text)


LATER = put(ROTATIONS, "  second:\n", '    versions:\n      - effective_from: "2026-06-01 09:00"\n'
            '        members: [ben]\n        starts: "2026-05-01"\n        handover: {every: week, at: "09:00"}\n'
            "  second:\n")  # fmt: skip


@pytest.mark.parametrize(
    ("word", "edits", "found"),
    [
        ("a member", [swap("first", "ann")], False),
        ("nobody", [SOLE, swap("sole", "ben")], True),
        ("a member of a later version", [LATER, swap("first", "ben")], False),
        ("a rotation that is not there", [swap("frist", "ben")], False),
    ],
)
def test_a_swap_without_effect(word: str, edits: list[Any], found: bool) -> None:
    assert told(swap_without_effect, *edits) == (["/swaps/0/instead_of"] if found else []), word


GOVERNANCE = "policies/governance.yaml"


@pytest.mark.parametrize(
    ("word", "edits", "found"),
    [
        ("an escalation owner", [], True),
        ("a member of a rotation", [put(GOVERNANCE, "audit_authority: cyd", "audit_authority: ben")], True),
        ("in turn", [put(GOVERNANCE, "audit_authority: cyd", "audit_authority: cyd\naudit_turn: {members: [cyd, ben], "
                         'every: month, starts: "2026-01-01"}')], False),
    ],
)  # fmt: skip
def test_an_auditor_on_a_ladder(word: str, edits: list[Any], found: bool) -> None:
    assert told(auditor_on_ladder, *edits) == (["/audit_authority"] if found else []), word


@pytest.mark.parametrize(
    ("edit", "pointers"),
    [
        (put(REST, "  within: 2h", "  within: 59s"), ["/accept/within"]),
        (put(REST, "  within: 2h", "  within: 60s"), []),
        (put(REST, "  within: 2h", "  within: {time: 1s, calendar: office}"), ["/accept/within"]),
        (put(REST, "ladder: [primary,", "ladder: [{rung: primary, within: 1s},"), ["/ladder/0/within"]),
        (put(REST, "accept_within: 1h", "accept_within: 1s"), ["/handoff/accept_within"]),
    ],
)
def test_an_offer_that_is_over_at_once(edit: Edit, pointers: list[str]) -> None:
    assert told(hasty_offer, edit) == pointers


@pytest.mark.parametrize(
    ("every", "at", "advice"),
    [
        ("day", "02:30", 'such as at: "09:00"'),
        ("week", "02:30", None),
        ("day", "09:00", None),
        ("12h", "14:30", 'such as at: "09:00", so that it changes at 21:00 as well'),
        ("8h", "10:30", 'such as at: "07:00", so that it changes at 15:00, 23:00 as well'),
        ("36h", "14:30", 'such as at: "09:00", so that it changes at 21:00 as well'),
        ("4h", "02:30", 'such as at: "07:00", so that it changes at 03:00, 11:00, 15:00, 19:00, 23:00 as well'),
        ("3h", "02:30", None),
        ("1h", "09:30", None),
        ("25h", "09:30", None),
    ],
)
def test_advice_about_handovers_can_be_followed(every: str, at: str, advice: str | None) -> None:
    rotation = ROTATION.format(every=every, at=at)
    files: dict[str, bytes | None] = dict(base())
    put(ROTATIONS, "  second:\n", rotation + "  second:\n").apply(files)
    helps = {each.help for each in odd_handover.check(Subject(load_revision(MemoryFiles(files)), TODAY))}
    assert helps == (set() if advice is None else {f"choose a time that every day has once, {advice}"})


ROTATION = """\
  night:
    summary: In turn.
    members: [ann, ben]
    zone: Europe/Berlin
    starts: "2026-01-05"
    handover: {{every: {every}, at: "{at}"}}
"""
