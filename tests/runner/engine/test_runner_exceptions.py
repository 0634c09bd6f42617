"""Exceptions that the runner raises: whom nobody reaches, a ticket that is gone; one for each, until it is well."""

from __future__ import annotations

from functools import partial

import pytest

from runner.contract.contract import BUILT_IN
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.exceptions import RUNNER, raise_by_runner
from runner.engine.reasons import Reason, RejectReason
from runner.engine.results import ENDED
from runner.engine.state import Phase
from runner.engine.words import in_words
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    GHOST,
    HOUR,
    NET,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    contract,
    exception,
    exhausted,
    opened,
    resolved,
    roster,
    step,
)

quiet = partial(opened, answers=("steps", "writes"))
UNDELIVERED = ["ExceptionRaised: undelivered", "exception 1 is boss's: undelivered", "tell boss: undelivered"]
GONE = ["TicketGone: gone", "ExceptionRaised: gone", "exception 1 is boss's: gone", "tell boss: gone"]
DECLARED = contract(built_in={"gone": exception(NET, 3 * HOUR, name="gone")})


def fail(delivery: int) -> cmd.FailDelivery:
    return cmd.FailDelivery(delivery=delivery, why="no channel")


def unheard(**changes: object) -> Life:
    """No channel took the message to ann; boss was told."""
    life = quiet(**changes)
    life.do(fail(1), when=at(1))
    life.do(cmd.Deliver(delivery=2, channel="chat"))
    return life


def deaf(**changes: object) -> Life:
    """Neither ann nor boss can be reached."""
    life = quiet(**changes)
    life.do(fail(1), when=at(1))
    life.do(fail(2))
    return life


def gone(**changes: object) -> Life:
    life = accepted(**changes)
    life.do(cmd.NoteGone(), when=at(10))
    return life


@table(
    Row("nobody reaches ann", quiet, fail(1), at(1), ["DeliveryFailed: undelivered", *UNDELIVERED]),
    Row(
        "her message was not wanted any more",
        quiet,
        cmd.FailDelivery(delivery=1, why=ENDED),
        at(1),
        ["DeliveryFailed: stale"],
    ),
    Row(
        "the steps of an exception begin",
        partial(quiet, contract=contract(runbook={"exception": (step(),)})),
        fail(1),
        at(1),
        ["DeliveryFailed: undelivered", *UNDELIVERED, "run exception#1", "step exception#1/0"],
    ),
    Row("the ticket is gone", accepted, cmd.NoteGone(), at(10), GONE),
    Row(
        "it is back",
        gone,
        cmd.NoteBack(),
        at(20),
        ["TicketBack: back", "ExceptionEnded: back", "tell ann: exception_ended"],
    ),
    Row(
        "the policy says whose it is",
        partial(accepted, contract=DECLARED),
        cmd.NoteGone(),
        at(10),
        [*GONE[:2], "exception offer 2 to carl: raised", "tell carl: offer", GONE[-1]],
    ),
    Row(
        "and nobody is there to whom it would fall",
        partial(accepted, contract=contract(built_in={"gone": exception(GHOST, name="gone")})),
        cmd.NoteGone(),
        at(10),
        ["TicketGone: gone", "ExceptionRaised: gone", "exception 1 is boss's: unknown_ref", "tell boss: gone"],
    ),
    Row(
        "recovery takes too long: the escalation owner hears of it again",
        gone,
        cmd.Tick(),
        at(70),
        ["ExceptionOverdue: recovery_overdue", "tell boss: exception_overdue"],
    ),
    Row(
        "a person ends it",
        gone,
        cmd.EndException(exception=1, text=TEXT),
        at(20),
        ["ExceptionEnded: recovered", "tell ann: exception_ended"],
        "boss",
    ),
)
def test_raised_by_the_runner(row: Row) -> None:
    play(row)


@pytest.mark.parametrize("kind", BUILT_IN)
def test_people_raise_only_what_the_template_lists(kind: str) -> None:
    life = accepted(contract=DECLARED)
    raised = cmd.RaiseException(exception_class=kind, text=TEXT)
    assert life.do(raised, "ann", when=at(10)).rejected is RejectReason.UNKNOWN_CLASS


def test_who_raised_it_and_what_it_is_about() -> None:
    raised = quiet().do(fail(1), when=at(1)).one(ev.ExceptionRaised)
    assert (raised.by, raised.owner, raised.about, raised.text) == (RUNNER, "boss", "ann", None)
    assert (raised.due, raised.rule) == (at(61), "channels#/channels")
    assert in_words(raised, {"ann": "Ann Archer"}) == "the runner raises undelivered about Ann Archer"


def test_one_for_each_person_and_not_for_each_message() -> None:
    life = unheard()
    life.do(cmd.Override(action="give", text=TEXT, to="carl"), "boss", when=at(5))
    life.do(cmd.Override(action="give", text=TEXT, to="ann"), "boss", when=at(6))
    to_ann = [each.id for each in life.live.deliveries.values() if each.to == "ann"]
    for number in to_ann:
        assert life.do(fail(number)).story == ["DeliveryFailed: undelivered"]
    (to_carl, *_) = [each.id for each in life.live.deliveries.values() if each.to == "carl"]
    life.do(fail(to_carl))
    assert [each.about for each in life.live.exceptions.values()] == ["ann", "carl"]


def test_if_the_escalation_owner_cannot_be_reached_the_last_resort_is_told() -> None:
    life = unheard()
    life.do(cmd.NoteGone())
    story = life.do(fail(max(life.live.deliveries)), when=at(2)).story
    assert story[1:] == ["ExceptionRaised: undelivered", "exception 3 is ceo's: undelivered", "tell ceo: undelivered"]
    assert life.live.exceptions[3].about == "boss"


def test_if_nobody_can_be_reached_no_further_message_is_made() -> None:
    life = deaf()
    told = max(life.live.deliveries)
    assert life.live.deliveries[told].to == "ceo"
    assert life.do(fail(told)).story[1:] == ["ExceptionRaised: undelivered", "exception 3 is boss's: undelivered"]
    assert not life.live.deliveries


def test_an_escalation_owner_without_a_contact_does_not_loop() -> None:
    life = exhausted(answers=("steps", "writes"))
    for _ in range(40):
        for number in list(life.live.deliveries):
            life.do(fail(number))
    assert not life.live.deliveries
    assert {each.about for each in life.live.exceptions.values()} == {"ann", "ben", "boss", "ceo"}


@table(
    Row(
        "a channel takes a later message",
        lambda: _told_again(unheard()),
        lambda life: cmd.Deliver(delivery=max(life.live.deliveries), channel="mail"),
        at(7),
        ["DeliveryTaken: delivered", "ExceptionEnded: reached"],
    ),
    Row(
        "the person acts",
        unheard,
        cmd.Accept(offer=1, answers=YES),
        at(7),
        ["ExceptionEnded: reached", "ann accepts 1: accepted"],
        "ann",
    ),
    Row("somebody else acts", unheard, cmd.NoteOtherMatch(template="big"), at(7), ["OtherMatchNoted: other_match"]),
)
def test_it_ends_when_the_person_is_reached(row: Row) -> None:
    play(row)


def _told_again(life: Life) -> Life:
    """Ann is offered it a second time."""
    life.do(cmd.Override(action="give", text=TEXT, to="ann"), "boss", when=at(6))
    return life


def test_who_acts_counts_as_reached() -> None:
    life = unheard()
    assert [*life.live.unreached] == ["ann"]
    life.do(cmd.Escalate(offer=1, text=TEXT), "ann", when=at(7))
    assert not life.live.unreached
    assert not life.live.exceptions


def test_a_refused_act_reaches_nobody() -> None:
    life = unheard()
    assert life.do(cmd.Accept(offer=1, answers={}), "ann", when=at(7)).rejected is RejectReason.CHECKLIST_INCOMPLETE
    assert [each.about for each in life.live.exceptions.values()] == ["ann"]


def test_it_keeps_the_escalation_from_being_resolved() -> None:
    life = gone()
    resolve = cmd.Resolve(evidence={}, facts=life.facts())
    assert life.do(resolve, "ann", when=at(20)).rejected is RejectReason.EXCEPTION_OPEN
    life.do(cmd.NoteBack(), when=at(30))
    assert life.do(resolve.model_copy(update={"facts": life.facts()}), "ann").rejected is None


def test_no_steps_begin_once_it_is_resolved() -> None:
    life = resolved(contract=contract(runbook={"exception": (step(),)}))
    assert life.do(cmd.NoteGone(), when=at(61)).story == GONE
    assert life.live.phase is Phase.RESOLVED


def test_the_last_resort_owns_it_while_the_escalation_owner_is_away() -> None:
    life = accepted(roster=roster(away("boss")))
    life.do(cmd.NoteGone(), when=at(10))
    assert life.live.exceptions[1].owner == "ceo"


def test_a_class_of_the_template_is_raised_by_the_runner_with_its_own_path() -> None:
    """For parts of the engine that find out by themselves what a person would otherwise have to say."""
    life = accepted()
    for kind, story in (
        ("vendor", ["carl", "boss"]),
        ("mine", ["ann", "boss"]),
        ("not_undone", ["boss"]),
    ):
        draft = Draft(life.contract, life.live, life.world())
        number = raise_by_runner(draft, kind, Reason.FAILED, about="accepted#1/0", by="surety:clock")
        assert [event.to for event in draft.events if isinstance(event, ev.DeliveryRequested)] == story
        assert draft.state.exceptions[number].exception_class == kind
        assert raise_by_runner(draft, kind, Reason.FAILED, about="accepted#1/0") == number


def test_a_class_that_both_name_is_the_templates() -> None:
    both = contract(exceptions={"gone": exception(OwnerRef(person="carl"), name="gone")}, built_in=DECLARED.built_in)
    assert both.class_of("gone").owner == OwnerRef(person="carl")
    assert contract().class_of("gone").rule == "limits#/remind_every"
    assert DECLARED.class_of("gone").rule == "small#/exceptions/gone"
