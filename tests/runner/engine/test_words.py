"""Events in words: a line for what people care about, with names and rungs, and silence about the rest."""

from __future__ import annotations

from typing import Any

import pytest

from runner.contract.contract import CalendarOf, ClarifyOf, DriftOf, StepOf, WaitingOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.words import in_words, is_owner_event
from tests.runner.engine.machines import EVERY_POINT
from tests.runner.engine.programs import answer, ask, program
from tests.runner.engine.worlds import (
    HOUR,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    box,
    closed,
    contract,
    exhausted,
    handed,
    opened,
    page,
    resolved,
    roster,
    step,
    troubled,
)

NIGHTS = CalendarOf(zone="UTC", week=(((1320, 1440),),) * 7, closed=())
NAMES = {"ann": "Ann A.", "boss": "Bo S."}
SILENT = {
    "OwnersNamed", "RunStarted", "StepRequested", "StepSucceeded", "RunEnded", "DeliveryTaken", "RecordRequested",
    "RecordConfirmed", "ProgressAwaited", "FieldsRequested", "ChangeLogged", "UndoRequested",
}  # fmt: skip


def lines(life: Life) -> list[str]:
    rungs = tuple(rung.name for rung in life.contract.ladder)
    said = [in_words(event, NAMES, rungs) for _, event in life.events]
    return [line for line in said if line]


def test_a_life_in_words() -> None:
    assert lines(closed()) == [
        "small opens",
        "Ann A. is asked as primary",
        "Ann A. is asked to accept",
        "Ann A. accepts",
        "resolved by Ann A.",
        "closed by Ann A. as fixed",
    ]


@pytest.mark.parametrize(
    ("life", "line"),
    [
        (lambda: opened(roster=roster(away("ann"))), "primary is skipped"),
        (exhausted, "the ladder is exhausted, Bo S. holds it"),
        (exhausted, "the ladder begins again, pass 2"),
        (exhausted, "the offer to Ann A. ends"),
        (exhausted, "ben is asked as secondary"),
        (exhausted, "Bo S. is told that the offer moved on"),
        (handed, "carl is offered a handoff by Ann A."),
        (troubled, "Ann A. raises vendor"),
        (troubled, "carl is asked to own exception 1"),
    ],
)
def test_one_line(life: object, line: str) -> None:
    assert line in lines(life())  # type: ignore[operator]


def test_lateness_is_said() -> None:
    life = opened()
    life.do(cmd.Accept(offer=1, answers={"understood": True, "reachable": True}), "ann", when=at(61))
    assert "Ann A. accepts 60 s after the timebox" in lines(life)


def test_the_fallback_and_the_helpdesk_are_said() -> None:
    life = Life()
    life.open(fallback=True)
    life.accept()
    life.do(cmd.NoteSolvedOutside(facts=life.facts()))
    assert lines(life)[0] == "small opens as the fallback"
    assert lines(life)[-1] == "resolved by the helpdesk"


def slow() -> Life:
    """Ann accepts with a tap, answers the checklist, and waits."""
    life = opened(contract=contract(waiting=WaitingOf(at_most=box(HOUR), then="owner"), checklist_within=box(HOUR)))
    life.do(cmd.Accept(offer=1, answers={}), "ann")
    life.do(cmd.CompleteChecklist(answers=YES), "ann")
    life.do(cmd.Wait(for_="customer", text=TEXT), "ann")
    life.until(at(60))
    return life


def unclear() -> Life:
    """Two people find it incomplete; the first is answered, the second is not; and a reminder is put off."""
    life = opened(contract=contract(clarify=ClarifyOf(within=box(HOUR), who=None, exception=None)))
    life.do(cmd.Reject(offer=1, why="incomplete"), "ann")
    life.do(cmd.Clarify(text=TEXT), "ben")
    life.until(at(60))
    life.do(cmd.Reject(offer=3, why="incomplete"), "ben")
    life.until(at(400))
    life.do(cmd.Snooze(until=at(500), text=TEXT), "boss")
    return life


def recovering() -> Life:
    """An exception with a task that is done late; a refusal that others are asked about; a post-mortem."""
    life = troubled()
    life.do(cmd.Accept(offer=2, answers=YES), "carl", when=at(11))
    life.do(cmd.AddTask(exception=1, task=cmd.Task(title=TEXT, owner="cora", due=at(20))), "carl")
    life.until(at(20))
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann")
    life.until(at(80))
    life.do(cmd.FinishTask(exception=1, task=1), "cora")
    life.do(cmd.EndException(exception=1, text=TEXT), "carl")
    life.do(cmd.AttachPostmortem(text=TEXT, remediation_owner="boss"), "ann")
    return life


def test_recovery_and_remedies_are_said() -> None:
    said = lines(recovering())
    assert "task 1 of exception 1 is overdue, it is cora's" in said
    assert "nobody saw to exception/1, it is Bo S.'s now" in said
    assert "seen to: exception/1" in said
    assert said[-2:] == [
        "Ann A. attaches the post-mortem, Bo S. sees to what follows",
        "Bo S. is told to see to what follows from the post-mortem",
    ]


def undoing() -> Life:
    """Steps that change the world: one in doubt, one released, one kept, one that cannot be undone, one that can."""

    def act(action: str, back: str | None = None, **more: Any) -> StepOf:
        return step("action", args={"action": action, "with": {}}, changes=True, undo_by=back, **more)

    fields = step("set_fields", args={"fields": {"vip": True}}, changes=True, undo="restore")
    steps = (act("pay"), act("lock", "unlock"), act("unlock"), act("post", kept="Said."), act("open", "shut"), fields)
    life = accepted(contract=contract(runbook={"open": steps}), answers=("deliveries", "writes"))
    life.do(cmd.FailStep(run="open#1", step=0, attempt=1, why="no answer", unknown=True))
    for number in range(1, 6):
        life.do(cmd.SucceedStep(run="open#1", step=number, attempt=1))
    life.do(cmd.RollBack(run=None, text=TEXT), "ann")
    life.do(cmd.SucceedUndo(rollback="rollback#1", run="open#1", step=5, attempt=1, left=("vip",)))
    for attempt in (1, 2):
        life.do(cmd.FailUndo(rollback="rollback#1", run="open#1", step=4, attempt=attempt, why="503"))
    return life


def test_taking_back_is_said() -> None:
    said = [line for line in lines(undoing()) if "step open#1" in line or "roll" in line]
    assert said == [
        "step open#1/0 fails: no answer",
        "step open#1/0 may have been done",
        "step open#1/1 is taken back by open#1/2",
        "Ann A. rolls back the whole runbook",
        "step open#1/5 is undone, but vip was changed by others since and stays",
        "step open#1/4 cannot be undone: 503",
        "step open#1/4 cannot be undone: 503",
        "step open#1/3 stays as it is",
        "step open#1/0 cannot be undone: nobody knows whether it was done",
        "rollback#1 ends, steps undone: 1, kept: 1; not undone: open#1/4, open#1/0",
        "the runner raises not_undone about rollback#1",
    ]


def test_every_event_is_said_or_silent_on_purpose() -> None:
    """Over lives that show every event; nothing raises, and silence is only where it is listed."""
    happened: dict[str, ev.Event] = {}
    lives = [closed(), exhausted(), handed(), troubled(), accepted(contract=contract(runbook=EVERY_POINT))]
    life = Life(contract(runbook=EVERY_POINT), roster(away("ann")), answers=())
    life.open()
    for command in (
        cmd.FailDelivery(delivery=1, why="none"),
        cmd.FailRecord(write=1, why="403"),
        cmd.FailStep(run="open#1", step=0, attempt=1, why="no"),
        cmd.FailStep(run="open#1", step=0, attempt=1, why="no"),
        cmd.NoteGone(),
        cmd.NoteBack(),
        cmd.NoteOtherMatch(template="big"),
        cmd.NoteSolvedOutside(facts=cmd.TicketFacts()),
    ):
        life.do(command)
    life.do(cmd.Override(action="give", text=TEXT, to="carl"), "boss")
    life.do(cmd.Override(action="take", text=TEXT), "boss")
    life.do(cmd.Cancel(text=TEXT), "boss")
    late = troubled("lost")
    late.until(at(600))
    late.do(cmd.EndException(exception=1, text=TEXT), "ann")
    late.do(cmd.HandOver(to="ben", reason=TEXT, next_step=TEXT), "ann")
    late.accept()
    silent = accepted(contract=contract(progress_within=box(HOUR)))
    silent.do(cmd.Progress(text=TEXT), "ann")
    silent.until(at(70))
    pages = {"open": (page("owner"), page())}
    woken = opened(contract=contract(runbook=pages))
    woken.accept()
    woken.until(at(10))
    outside = resolved(contract=contract(drift=DriftOf(fields="restore"), reopen_within=HOUR))
    outside.live.written = {"queue": "sdr"}
    for note in (
        cmd.NoteDrift(fields={"queue": "spam"}),
        cmd.NoteReopened(),
        cmd.NoteLinked(ticket="T-9"),
        cmd.NoteMerged(into="T-2"),
    ):
        outside.do(note)
    outside.do(cmd.Override(action="close", text=TEXT, code="fixed"), "boss")
    outside.do(cmd.Reopen())
    curious = opened(contract=contract(runbook={"open": program(ask())}))
    curious.until(at(301))
    curious.do(answer(curious, decision="refund"), "boss")
    gone = resolved(roster=roster(away("ann", start=at(100))))
    gone.do(cmd.NoteRoster(), when=at(101))
    for each in (*lives, gone, curious, life, late, silent, woken, outside, slow(), unclear(), recovering(), undoing()):
        happened.update({event.type: event for _, event in each.events})
    assert set(happened) == {kind.__name__ for kind in ev.EVENT_TYPES}
    assert {name for name, event in happened.items() if in_words(event, {}) is None} == SILENT


def test_clarifying_and_waiting_are_said() -> None:
    life = opened(contract=contract(clarify=ClarifyOf(within=box(HOUR), who=None, exception=None)))
    life.do(cmd.Reject(offer=1, why="incomplete"), "ann")
    life.do(cmd.NoteChanged(fields=("amount",)))
    assert "the requester is asked for what Ann A. finds missing" in lines(life)
    assert "a change of the ticket says what was missing" in lines(life)
    held = opened(contract=contract(hours="closed", calendars={"closed": NIGHTS}))
    assert "Bo S. holds it until the service hours begin" in lines(held)


def test_what_changes_who_answers() -> None:
    told = [event.type for _, event in closed().events if is_owner_event(event)]
    assert told == ["OwnerOffered", "OfferAccepted", "EscalationClosed"]
    assert not any(is_owner_event(event) for _, event in handed().events if getattr(event, "purpose", "") == "handoff")
