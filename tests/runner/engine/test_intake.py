"""Intake: what follows from one look at a ticket, and how its row moves on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.contract.contract import ClarifyOf, Contract
from runner.engine import commands as cmd
from runner.engine.commands import NoteBack, NoteChanged, NoteGone, NoteOtherMatch, NoteSolvedOutside, TicketFacts
from runner.engine.conditions import Value
from runner.engine.intake import Intake, closed_case, intake, opened_case, ticket_facts
from runner.engine.observation import Case, Reading, observe
from runner.engine.routing import Match, NoMatch, NoMatchReason
from tests.runner.engine.conditions_of import FIELDS
from tests.runner.engine.machines import TABLE, TEMPLATES
from tests.runner.engine.worlds import HOUR, T0, Life, at, box, contract, step

SMALL = TEMPLATES["small"]


def look(case: Case | None, minute: float = 0, terms: Contract | None = None, **fields: object) -> Intake:
    now = at(minute)
    reading = Reading("T-1", str(minute), T0, now, {"vip": True, **fields})
    return intake(TABLE, case, observe(FIELDS, case, reading, now), now, fields=FIELDS, open_contract=terms)


def opened(**fields: object) -> Case:
    found = look(None, 0, None, priority="high", status="new", **fields)
    assert found.opens is not None
    return opened_case(found.case, found.opens.template, "E-1", T0)


def test_a_match_opens_with_what_the_record_may_hold() -> None:
    found = look(None, 0, None, priority="high", amount=7, title="private", holder="Ann")
    assert (found.outcome, found.why) == (Match("small"), "rising_edge")
    assert found.opens is not None
    assert found.opens.fields == {"priority": "high", "amount": 7, "vip": True}  # neither texts nor persons
    assert (found.opens.template, found.opens.fallback, found.opens.observed) == ("small", False, "created")
    assert (found.case.outcome, found.case.outcome_reason, found.case.escalation) == ("small", "rising_edge", None)


def test_the_fallback_opens_too_and_says_so() -> None:
    found = look(None)
    assert found.opens is not None
    assert (found.opens.template, found.opens.fallback) == ("rest", True)


def test_outside_the_scope_nothing_opens_and_the_case_remembers_why() -> None:
    found = look(None, vip=False, priority="high")
    assert found.outcome == NoMatch(NoMatchReason.OUT_OF_SCOPE)
    assert (found.opens, found.notes) == (None, ())
    assert (found.case.outcome, found.case.outcome_reason) == (None, "out_of_scope")


def test_the_same_look_again_opens_nothing() -> None:
    case = opened()
    found = look(case, 1, SMALL, priority="high", status="new")
    assert (found.opens, found.why, found.notes) == (None, "already_open", ())
    free = look(replace(case, escalation=None), 1, None, priority="high", status="new")
    assert (free.opens, free.why) == (None, "still_matching")


@pytest.mark.parametrize(
    ("word", "fields", "kinds"),
    [
        ("nothing of note", {"priority": "high", "status": "open"}, []),
        ("another template matches", {"priority": "low", "status": "new"}, [NoteOtherMatch]),
        ("solved", {"priority": "high", "status": "solved"}, [NoteSolvedOutside]),
        ("both", {"priority": "low", "status": "solved"}, [NoteOtherMatch, NoteSolvedOutside]),
        ("out of scope, and solved", {"priority": "high", "status": "solved", "vip": False}, [NoteSolvedOutside]),
    ],
)
def test_what_the_open_escalation_is_told(word: str, fields: dict[str, object], kinds: list[type]) -> None:
    found = look(opened(), 1, SMALL, **fields)
    assert [type(note) for note in found.notes] == kinds, word
    assert found.opens is None


def test_another_match_is_told_once() -> None:
    first = look(opened(), 1, SMALL, priority="low")
    again = look(first.case, 2, SMALL, priority="low", amount=1)
    assert again.notes == ()


def test_a_match_of_its_own_template_again_is_not_another() -> None:
    away = look(opened(), 1, SMALL, priority="low")
    back = look(away.case, 2, SMALL, priority="high")
    assert back.outcome == Match("small", fallback=False) or back.outcome == Match("rest", fallback=True)
    assert [note for note in back.notes if isinstance(note, NoteOtherMatch) and note.template == "small"] == []


def test_solved_is_told_on_the_way_in_only() -> None:
    first = look(opened(), 1, SMALL, priority="high", status="solved")
    again = look(first.case, 2, SMALL, priority="high", status="solved", title="private")
    assert again.notes == ()


def test_a_done_ticket_is_verified_again_when_its_evidence_changes() -> None:
    solved = look(opened(), 1, SMALL, priority="high", status="solved")
    proven = look(solved.case, 2, SMALL, priority="high", status="solved", amount=3)
    assert [note.facts.evidence for note in proven.notes if isinstance(note, NoteSolvedOutside)] == [("amount",)]
    gone = look(proven.case, 3, SMALL, priority="high", status="solved")
    assert [note.facts.evidence for note in gone.notes if isinstance(note, NoteSolvedOutside)] == [()]


def test_evidence_of_a_ticket_that_is_not_done_is_no_ending() -> None:
    assert look(opened(), 1, SMALL, priority="high", status="open", amount=3).notes == ()


def taken_meanwhile() -> Case:
    """While the escalation of `small` was open, `big`, which listens to updates only, took the ticket; `small` ends."""
    taken = look(opened(), 1, SMALL, priority="low", amount=20)
    assert taken.notes == (NoteOtherMatch(template="big"),)
    return closed_case(TABLE, taken.case, "small", at(2))


def test_a_template_that_took_the_ticket_meanwhile_is_looked_at_and_fires_when_the_escalation_ends() -> None:
    closed = taken_meanwhile()
    assert (closed.escalation, closed.watch_due) == (None, at(2))
    reading = Reading("T-1", closed.version, T0, at(1), {"vip": True, "priority": "low", "amount": 20})
    seen = observe(FIELDS, closed, reading, at(2))
    found = intake(TABLE, closed, seen, at(2), fields=FIELDS)
    assert (seen.kind.value, found.outcome, found.why) == ("unchanged", Match("big"), "rising_edge")
    assert found.opens is not None
    assert found.opens.template == "big"
    opened_again = opened_case(found.case, "big", "E-2", at(2))
    again = closed_case(TABLE, opened_again, "big", at(3))
    assert intake(TABLE, again, observe(FIELDS, again, reading, at(3)), at(3), fields=FIELDS).opens is None


def test_a_template_that_fired_before_and_took_the_ticket_meanwhile_fires_again() -> None:
    closed = closed_case(
        TABLE, replace(look(opened(), 1, SMALL, amount=20).case, fired_at={"small": T0, "big": T0}), "small", at(2)
    )
    assert look(closed, 3, None, amount=20, title="x").why == "rising_edge"


def test_a_ticket_that_went_back_to_its_own_template_meanwhile_does_not_fire_again() -> None:
    away = look(opened(), 1, SMALL, priority="low")
    back = look(away.case, 2, SMALL, priority="high")
    assert back.outcome == Match("small")
    closed = closed_case(TABLE, back.case, "small", at(3))
    assert look(closed, 4, None, priority="high", title="x").why == "still_matching"


def test_gone_is_told_once_and_so_is_coming_back() -> None:
    case = opened()
    gone = intake(TABLE, case, observe(FIELDS, case, None, at(1)), at(1), fields=FIELDS, open_contract=SMALL)
    assert gone.notes == (NoteGone(),)
    assert (gone.why, gone.case.gone, gone.case.watch_due) == ("gone", True, None)
    again = intake(TABLE, gone.case, observe(FIELDS, gone.case, None, at(2)), at(2), fields=FIELDS, open_contract=SMALL)
    assert again.notes == ()
    back = look(gone.case, 3, SMALL, priority="high", status="new")
    assert back.notes == (NoteBack(),)
    assert not back.case.gone
    assert look(back.case, 4, SMALL, priority="high", status="new").notes == ()


def test_the_facts_are_read_from_the_ticket() -> None:
    reading: dict[str, Value] = {"amount": 7, "x_state": "accepted", "x_owner": None, "status": "solved"}
    assert ticket_facts(SMALL, reading, ("T-9",)) == TicketFacts(
        evidence=("amount",), record={"x_state": "accepted"}, open_tasks=("T-9",)
    )


def test_opening_and_closing_move_the_case() -> None:
    case = opened()
    assert (case.escalation, case.fired_at) == ("E-1", {"small": T0})
    closed = closed_case(TABLE, case, "small", at(30))
    assert (closed.escalation, closed.closed_at) == (None, {"small": at(30)})
    assert closed.watch_due == at(90)  # it may fire again after an hour


def test_a_ticket_that_waits_is_looked_at_when_it_has_waited_long_enough() -> None:
    found = look(None, 0, None, status="pending")
    assert found.case.watch_due == at(30, seconds=1)
    assert found.outcome == Match("rest", fallback=True)
    later = look(replace(found.case, version="30.02"), 30.02, None, status="pending")
    assert later.outcome == Match("slow")


def asks() -> Life:
    """Ann finds it incomplete; a runbook of the contract writes `priority`."""
    clarify = ClarifyOf(within=box(HOUR), who=None, exception=None)
    work = {"failover": (step("set_fields", args={"fields": {"priority": "high"}}),)}
    life = Life(contract(clarify=clarify, runbook=work))
    life.open()
    life.do(cmd.Reject(offer=1, why="incomplete"), "ann")
    return life


@pytest.mark.parametrize(
    ("word", "fields", "changed"),
    [
        ("something else was said", {"amount": 7}, ("amount",)),
        ("something was taken away", {"title": None}, ("title",)),
        ("the status alone is no answer", {"status": "open"}, None),
        ("nor is what the runbook writes", {"priority": "low"}, None),
        ("nor nothing", {}, None),
        ("both", {"status": "open", "amount": 7}, ("amount",)),
    ],
)
def test_an_answer_is_what_others_change(word: str, fields: dict[str, object], changed: tuple[str, ...] | None) -> None:
    life, now = asks(), at(1)
    before = {"vip": True, "priority": "high", "status": "new", "title": "x"}
    case = opened_case(look(None, 0, None, **before).case, "small", "E-1", T0)
    given = {name: value for name, value in {**before, **fields}.items() if value is not None}
    seen = observe(FIELDS, case, Reading("T-1", "2", T0, now, given), now)
    for state, wanted in ((life.state, changed), (Life(life.contract).state, None)):
        found = intake(TABLE, case, seen, now, fields=FIELDS, open_contract=life.contract, open_state=state)
        notes = [note.fields for note in found.notes if isinstance(note, NoteChanged)]
        assert notes == ([wanted] if wanted else []), word
