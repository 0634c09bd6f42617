"""Steps that look at the ticket: what is reported when it can be read, when it is gone, and when it cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from runner.contract.conditions import Changed, Condition, HeldFor, In
from runner.contract.contract import StepOf
from runner.engine import commands as cmd
from runner.helpdesk.port import Applied, Gone, HelpdeskUnavailable
from runner.service.performer import Done, Performer, Retry
from runner.store import Claimed
from tests.runner.engine.programs import choose, program, wait
from tests.runner.service.company import BILLING, changed, revision
from tests.runner.service.test_performer import Desk, Otherwise, desk

__all__ = ["desk"]
HIGH = In("priority", ("high",))


def requested(desk: Desk, subject: str, *steps: Any) -> tuple[str, Claimed]:
    """A ticket, and the effect of the first of these steps, which come at the opening."""
    runbook = {"open": [each.model_dump(mode="json") for each in program(*steps)]}
    desk.office.use(changed(revision().contracts["enterprise-billing"], runbook=runbook))
    ref, escalation = desk.opened({**BILLING, "subject": subject})
    return ref, desk.effect(escalation, "step")


def looking(desk: Desk, **answers: Any) -> Performer:
    office = desk.office
    return Performer(Otherwise(desk.helpdesk, **answers), lambda: office.active, office.contract, office.store)


def way(condition: Condition) -> Any:
    return choose(("it", condition, []), ("rest", None, []), of=None)


def away(*_: object) -> None:
    raise HelpdeskUnavailable("the helpdesk could not be asked: ConnectError")


@pytest.mark.parametrize(
    ("word", "condition", "branch"),
    [
        ("it is so", HIGH, "it"),
        ("it is not", In("priority", ("low",)), "rest"),
        ("it has just changed, which the last look has seen", Changed("priority"), "rest"),
        ("it has not been so for long", HeldFor("priority", ("high",), 3600), "rest"),
    ],
)
def test_a_choice_goes_by_the_ticket(desk: Desk, word: str, condition: Condition, branch: str) -> None:
    _, effect = requested(desk, f"choose: {word}", way(condition))
    done = desk.performer.perform(effect)
    assert done == Done(cmd.SucceedStep(run="open#1", step=0, attempt=1, result={"branch": branch}))


def test_a_choice_sees_what_came_after_the_last_look(desk: Desk) -> None:
    ref, effect = requested(desk, "changed meanwhile", way(Changed("priority")))
    assert isinstance(desk.helpdesk.set_fields(ref, {"priority": "urgent"}, f"{ref} urgent"), Applied)
    done = desk.performer.perform(effect)
    assert isinstance(done, Done)
    assert done.command == cmd.SucceedStep(run="open#1", step=0, attempt=1, result={"branch": "it"})


@pytest.mark.parametrize(("until", "holds"), [(HIGH, True), (In("priority", ("low",)), False)])
def test_a_wait_may_be_over_before_it_begins(desk: Desk, until: Condition, holds: bool) -> None:
    _, effect = requested(desk, f"wait: {holds}", wait(until))
    done = desk.performer.perform(effect)
    assert done == Done(cmd.SucceedStep(run="open#1", step=0, attempt=1, result={"holds": holds}))


def test_what_is_gone_is_waited_for_until_the_bound_and_is_no_ground_to_choose(desk: Desk) -> None:
    _, effect = requested(desk, "gone: wait", wait(HIGH))
    waits = cmd.SucceedStep(run="open#1", step=0, attempt=1, result={"holds": False})
    assert looking(desk, get=Gone).perform(effect) == Done(waits)
    _, effect = requested(desk, "gone: choose", way(HIGH))
    fails = cmd.FailStep(run="open#1", step=0, attempt=1, why="the ticket is gone")
    assert looking(desk, get=Gone).perform(effect) == Done(fails, failed=True)


def test_a_helpdesk_that_is_away_is_asked_again(desk: Desk) -> None:
    _, effect = requested(desk, "away: wait", wait(HIGH))
    again = looking(desk, get=away).perform(effect)
    assert isinstance(again, Retry)
    assert again.giving_up == cmd.SucceedStep(run="open#1", step=0, attempt=1, result={"holds": False})
    _, effect = requested(desk, "away: choose", way(HIGH))
    again = looking(desk, get=away).perform(effect)
    assert isinstance(again, Retry)
    assert isinstance(again.giving_up, cmd.FailStep)


def test_a_look_that_sees_nothing_yet_decides_nothing(desk: Desk) -> None:
    steps: tuple[StepOf, ...] = (wait(In("priority", ("low",))),)
    _, effect = requested(desk, "not yet", *steps)
    before = len(desk.office.rows(effect.escalation))
    desk.settle(effect, desk.performer.perform(effect))
    assert len(desk.office.rows(effect.escalation)) == before
    assert "open#1" in desk.office.state(effect.escalation).runs
