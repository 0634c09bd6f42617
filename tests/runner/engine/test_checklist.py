"""The checklist for "resolved": each answer with what makes it so; no *no* on what was closed without a rationale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.checklist import QUESTIONS, Decided, Item, checklist
from runner.engine.decision import read_decision
from runner.engine.state import Phase
from tests.runner.engine.machines import BUSY, CONTRACTS, WATCHED
from tests.runner.engine.worlds import (
    PEOPLE,
    TASK,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    closed,
    contract,
    exhausted,
    handed,
    opened,
    resolved,
    roster,
    troubled,
    with_task,
    without,
)

NOTHING_VERIFIED = contract(verify=(), runbook=TASK.runbook)


def items(life: Life) -> dict[str, Item]:
    rows = [read_decision(body) for _, body, _ in life.rows]
    decisions = [Decided(row_seq, row.now, row.events) for (row_seq, _, _), row in zip(life.rows, rows, strict=True)]
    return {item.name: item for item in checklist(life.contract, decisions)}


def seq_of(life: Life, kind: str) -> int:
    """The number of the last decision with an event of a kind."""
    return max(seq for seq, body, _ in life.rows if any(event.type == kind for event in read_decision(body).events))


def resolve(life: Life, by: str = "ann", **facts: Any) -> None:
    life.do(cmd.Resolve(evidence={}, facts=life.facts(**facts)), by)


def close(life: Life, by: str = "ann") -> None:
    life.do(cmd.Close(code="fixed", impact=120, facts=life.facts()), by)


def override(life: Life) -> Life:
    life.do(cmd.Override(action="close", text=TEXT, code="fixed"), "boss", when=at(1000))
    return life


def taken_over() -> Life:
    life = exhausted()
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(250))
    return life


def late() -> Life:
    life = opened(answers=("steps", "writes"))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(61))
    return life


def resolved_with_task() -> Life:
    life = with_task()
    resolve(life)
    return life


def failed_task() -> Life:
    life = accepted(contract=TASK, answers=("deliveries", "writes"))
    life.do(cmd.FailStep(run="accepted#1", step=0, attempt=1, why="refused"), when=at(6))
    return life


def with_open_task() -> Life:
    life = troubled()
    life.do(cmd.AddTask(exception=1, task=cmd.Task(title=TEXT, owner="cora")), "ann", when=at(11))
    return life


def with_all_done() -> Life:
    life = with_open_task()
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(12))
    life.do(cmd.FinishTask(exception=1, task=1), "cora", when=at(20))
    life.do(cmd.EndException(exception=1, text=TEXT), "ann", when=at(21))
    return life


def accepted_handoff() -> Life:
    life = handed()
    life.accept()
    return life


def unheard(verify: tuple[str, ...] = ("delivered",)) -> Life:
    life = accepted(contract=contract(verify=verify), answers=("steps", "writes"))
    life.do(cmd.Override(action="give", text=TEXT, to="carl"), "boss", when=at(10))
    (to_carl,) = [each.id for each in life.live.deliveries.values() if each.to == "carl"]
    life.do(cmd.FailDelivery(delivery=to_carl, why="none"), when=at(11))
    return life


def unheard_and_ended() -> Life:
    life = unheard(())
    life.do(cmd.EndException(exception=1, text=TEXT), "boss", when=at(12))
    return life


def gone() -> Life:
    life = accepted()
    life.do(cmd.NoteGone(), when=at(10))
    return life


def unwritten(terms: Contract | None = None) -> Life:
    life = accepted(contract=terms or contract(), answers=("deliveries",))
    for write in life.live.writes:
        life.do(cmd.FailRecord(write=write, why="403"), when=at(6))
    return life


def in_need() -> Life:
    return resolved(contract=contract(postmortem="always"))


def attached() -> Life:
    life = in_need()
    life.do(cmd.AttachPostmortem(text=TEXT, remediation_owner="carl"), "ann", when=at(65))
    return life


def without_writes() -> Life:
    life = without(opened(), "writes")
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    return life


ANSWERS: tuple[tuple[str, Callable[[], Life], str, str, str, str | None, str | None], ...] = (
    ("asked", opened, "owners", "yes", "ann is accountable, ben stands in", "OwnerOffered", None),
    ("at the end", taken_over, "owners", "yes", "boss is accountable, ceo stands in", "OwnerOffered", None),
    ("in time", accepted, "accepted", "yes", "ann accepted in time", "OfferAccepted", None),
    ("late", late, "accepted", "yes", "ann accepted 60 s late, which is recorded", "OfferAccepted", None),
    ("taken", taken_over, "accepted", "yes", "boss took it, which is recorded", "OwnerTook", None),
    ("by nobody", opened, "accepted", "no", "nobody has accepted it", None, "ann"),
    ("by nobody yet", exhausted, "accepted", "no", "nobody has accepted it", None, "boss"),
    ("proven", resolved, "outcome", "yes", "resolved with invoice, confirmation", "OutcomeResolved", None),
    ("unproven", accepted, "outcome", "no", "the outcome is not proven", None, "ann"),
    ("no tasks", accepted, "tasks", "not_needed", "there were none", None, None),
    ("a ticket", with_task, "tasks", "no", "ticket T-9 is looked at when it is resolved", None, "cora"),
    ("no ticket", failed_task, "tasks", "no", "step accepted#1/0 failed", None, "boss"),
    (
        "tickets of no matter",
        lambda: with_task(terms=NOTHING_VERIFIED),
        "tasks",
        "not_needed",
        "the contract does not ask whether their tickets are done",
        None,
        None,
    ),
    ("a ticket done", resolved_with_task, "tasks", "yes", "all are done", "OutcomeResolved", None),
    ("a task open", with_open_task, "tasks", "no", "task 1 of vendor is open", "ExceptionRaised", "cora"),
    ("a task done", with_all_done, "tasks", "yes", "all are done", "ExceptionEnded", None),
    ("no trouble", accepted, "exceptions", "not_needed", "none was raised", None, None),
    ("trouble", troubled, "exceptions", "no", "vendor is open", "ExceptionRaised", "ann"),
    ("trouble over", with_all_done, "exceptions", "yes", "every exception has ended", "ExceptionEnded", None),
    ("kept", accepted, "handoffs", "not_needed", "it was not handed over", None, None),
    ("offered", handed, "handoffs", "not_needed", "it was not handed over", None, None),
    (
        "handed over",
        accepted_handoff,
        "handoffs",
        "yes",
        "handed over once, each time with what is demanded",
        "OfferAccepted",
        None,
    ),
    ("heard", accepted, "delivered", "yes", "nobody is out of reach", None, None),
    ("unheard", unheard, "delivered", "no", "no channel reached carl", "DeliveryFailed", "boss"),
    ("unheard of", lambda: unheard(()), "delivered", "no", "no channel reached carl", "DeliveryFailed", "boss"),
    (
        "unheard, and let go",
        unheard_and_ended,
        "delivered",
        "not_needed",
        "no channel reached carl, and the contract does not ask for it",
        "DeliveryFailed",
        None,
    ),
    ("written", accepted, "logged", "yes", "written and read back", "RecordConfirmed", None),
    ("unwritten", unwritten, "logged", "no", "the ticket could not be written", "RecordFailed", "boss"),
    (
        "unwritten, of no matter",
        lambda: unwritten(NOTHING_VERIFIED),
        "logged",
        "not_needed",
        "the ticket could not be written, and the contract does not ask for it",
        "RecordFailed",
        None,
    ),
    ("being written", without_writes, "logged", "no", "a write is under way", None, "boss"),
    ("gone", gone, "logged", "no", "the ticket is gone", "TicketGone", "boss"),
    ("closed", closed, "code_and_impact", "yes", "fixed, the impact is not known", "EscalationClosed", None),
    ("open", resolved, "code_and_impact", "no", "it was not closed", None, "ann"),
    ("no need", accepted, "postmortem", "not_needed", "none is demanded", None, None),
    ("in need", in_need, "postmortem", "no", "it is demanded, and none is attached", None, "ann"),
    ("attached", attached, "postmortem", "yes", "carl sees to what follows", "PostmortemAttached", None),
)


@pytest.mark.parametrize(
    ("word", "life", "name", "answer", "because", "event", "who"), ANSWERS, ids=[row[0] for row in ANSWERS]
)
def test_each_answer(  # noqa: PLR0917 - a table
    word: str, life: Callable[[], Life], name: str, answer: str, because: str, event: str | None, who: str | None
) -> None:
    lived = life()
    seq = seq_of(lived, event) if event is not None else None
    assert items(lived)[name] == Item(name, QUESTIONS[name], answer, because, seq, who), word  # type: ignore[arg-type]


def test_an_impact_that_is_known() -> None:
    life = resolved()
    close(life)
    assert items(life)["code_and_impact"].because == "fixed, impact 120"


def test_one_tap_and_no_answers_yet() -> None:
    life = handed(contract=contract(checklist_within=contract().handoff.accept_within))
    life.do(cmd.Accept(offer=2, answers={}), "carl", when=at(11))
    found = items(life)
    for name in ("accepted", "handoffs"):
        assert (found[name].answer, found[name].who) == ("no", "carl")
        assert found[name].because == "carl has not answered the checklist yet"
    life.do(cmd.CompleteChecklist(answers=YES), "carl", when=at(12))
    found = items(life)
    assert (found["accepted"].answer, found["handoffs"].answer) == ("yes", "yes")


def test_nobody_who_stands_in_is_recorded() -> None:
    life = opened(roster=roster(away("ben"), last_resort="boss"))
    life.until(at(60))
    assert items(life)["owners"].answer == "yes"
    assert "that nobody stands in is recorded: " in items(life)["owners"].because


def test_what_comes_after_the_end_is_of_no_matter() -> None:
    life = without(resolved(), "deliveries", "writes")
    life.do(cmd.Override(action="give", text=TEXT, to="carl"), "boss", when=at(61))
    life.do(cmd.Accept(offer=life.live.offer_count, answers=YES), "carl", when=at(62))
    for write in life.live.writes:
        life.do(cmd.WriteRecord(write=write))
    resolve(life, "carl")
    for write in life.live.writes:
        life.do(cmd.WriteRecord(write=write))
    close(life, "carl")
    before = items(life)
    life.do(cmd.FailDelivery(delivery=max(life.live.deliveries), why="none"))
    life.do(cmd.FailRecord(write=max(life.live.writes), why="none"))
    assert items(life) == before


def test_a_close_by_a_manager_shows_what_it_passed_over() -> None:
    found = items(override(with_open_task()))
    assert [name for name, item in found.items() if item.answer == "no"] == ["outcome", "tasks", "exceptions"]
    assert found["code_and_impact"].answer == "yes"


def test_what_was_cancelled_has_no_code() -> None:
    life = accepted()
    life.do(cmd.Cancel(text=TEXT), "boss", when=at(10))
    found = items(life)["code_and_impact"]
    cancelled = next(seq for seq, body, _ in life.rows if b"EscalationCancelled" in body)
    assert (found.answer, found.because, found.seq, found.who) == ("no", "it was not closed", cancelled, None)


def test_opened_again_it_is_judged_by_what_comes_since() -> None:
    life = closed(contract=contract(reopen_within=7 * 24 * 3600))
    life.do(cmd.Reopen(text=TEXT), "boss", when=at(80))
    assert life.live.phase is Phase.OFFERED
    found = items(life)
    assert {name for name, item in found.items() if item.answer == "no"} == {"accepted", "outcome", "code_and_impact"}
    assert all(item.who is not None for item in found.values() if item.answer == "no"), "somebody sees to each"


def test_without_an_opening_there_is_nothing_to_say() -> None:
    for decisions in ([], [Decided(1, at(0), [event for _, event in opened().events[1:]])]):
        with pytest.raises(ValueError, match="no opening"):
            checklist(contract(), decisions)


# what holds for every life

ACTS: tuple[Callable[[Life, str], cmd.Args], ...] = (
    lambda life, who: cmd.RaiseException(exception_class=next(iter(life.contract.exceptions)), text=TEXT),
    lambda life, who: cmd.AddTask(exception=life.live.exception_count, task=cmd.Task(title=TEXT, owner=who)),
    lambda life, who: cmd.FinishTask(exception=life.live.exception_count, task=1),
    lambda life, who: cmd.EndException(exception=life.live.exception_count, text=TEXT),
    lambda life, who: cmd.HandOver(to=who, reason=TEXT, next_step=TEXT),
    lambda life, who: cmd.Accept(offer=max(life.live.offers, default=0), answers=YES),
    lambda life, who: cmd.Reject(offer=max(life.live.offers, default=0), why="not_mine"),
    lambda life, who: cmd.NoteGone(),
    lambda life, who: cmd.NoteBack(),
    lambda life, who: cmd.FailDelivery(delivery=max(life.live.deliveries, default=0), why="none"),
    lambda life, who: cmd.FailRecord(write=max(life.live.writes, default=0), why="none"),
    lambda life, who: cmd.AttachPostmortem(text=TEXT, remediation_owner=who),
    lambda life, who: cmd.Resolve(evidence={}, facts=life.facts()),
    lambda life, who: cmd.Tick(),
)
SOME = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(sorted(PEOPLE)), st.booleans(), st.integers(0, 90)), max_size=14
)
WORLDLY = st.sampled_from((("deliveries", "steps", "writes"), ("steps", "writes"), ("deliveries", "steps"), ("steps",)))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from((*CONTRACTS, *BUSY, *WATCHED, contract(postmortem="when_breached", verify=("delivered",)))),
    SOME,
    WORLDLY,
)
def test_what_was_closed_without_a_rationale_has_no_no(
    terms: Contract, acts: list[tuple[Callable[[Life, str], cmd.Args], str, bool, int]], answers: tuple[str, ...]
) -> None:
    life = opened(contract=terms, answers=answers, checked=False)
    now = life.now
    for act, who, by_owner, minutes in acts:
        now = max(now, life.live.now) + (at(minutes) - at(0))
        state = life.live
        actor = state.holder or next((offer.to for offer in state.offers.values()), who)
        args = act(life, who)
        people = args.type not in ("NoteGone", "NoteBack", "FailDelivery", "FailRecord", "Tick")
        life.do(args, (actor if by_owner else who) if people else "surety:test", when=now)
        checklist_of(life)
    _end_well(life)
    found = items(life)
    if life.live.phase is Phase.CLOSED:
        assert {name for name, item in found.items() if item.answer == "no"} == set()


def checklist_of(life: Life) -> None:
    """It can be asked at any time, and every no says who or nobody can remedy it."""
    for item in items(life).values():
        assert item.because
        assert item.answer == "no" or item.who is None
        assert item.seq is None or 1 <= item.seq <= len(life.rows)


def _end_well(life: Life) -> None:
    """Bring it to its end, as far as that can be done without a rationale."""
    life.answers = ("deliveries", "steps", "writes")
    life.do(cmd.NoteBack())
    life.answer()
    if life.live.holder is None:
        ladder = next(offer for offer in life.live.offers.values() if offer.purpose == "ladder")
        life.do(cmd.Accept(offer=ladder.id, answers=YES), ladder.to)
    for number in list(life.live.exceptions):
        life.do(cmd.EndException(exception=number, text=TEXT), "boss")
    holder = life.live.holder or ""
    life.do(cmd.AttachPostmortem(text=TEXT, remediation_owner="carl"), holder)
    resolve(life, holder)
    close(life, holder)


def test_random_lives_do_come_to_their_end() -> None:
    """Otherwise the test above says nothing."""
    for terms in (CONTRACTS[0], CONTRACTS[2], CONTRACTS[3]):
        life = opened(contract=terms)
        _end_well(life)
        assert life.live.phase is Phase.CLOSED
        assert any(isinstance(event, ev.EscalationClosed) for _, event in life.events)
