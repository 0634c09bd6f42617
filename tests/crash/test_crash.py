"""Killed at every named point and at random, the runner ends where it would have ended undisturbed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.driving import Death, Run, Tally
from tests.crash.killed import POINTS
from tests.crash.outcome import Outcome
from tests.crash.stage import Stage

pytestmark = pytest.mark.slow

NAMED = (
    ("activation", 1),
    ("batch-case", 2),
    ("effect-settle", 6),
    ("note-settle", 1),
    ("ticket-settle", 1),
    ("batch-decision", 5),
    ("commit-effect", 9),
    ("batch-result", 7),
    ("field-settle", 2),
    ("action-ask", 1),
    ("action-answer", 1),
    ("act-answer", 2),
    ("commit-answer", 40),
    ("batch-inbox", 20),
)
"""Points and passes; every start of the runner dies at the next of them."""


def run(folder: Path, deaths: Iterator[Death], tally: Tally) -> Outcome:
    with Stage(folder) as stage:
        return Run(stage, deaths, tally).whole()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The same script without a death."""
    tally = Tally()
    outcome = run(tmp_path_factory.mktemp("undisturbed"), iter(()), tally)
    assert tally.kills == 0
    return outcome


def test_the_script_is_worth_killing_for(undisturbed: Outcome) -> None:
    """Everything that could be lost or doubled happens in it."""
    events = {event for each in undisturbed.escalations.values() for one in each for event in one["events"]}
    types = {event.split()[0] for event in events}
    assert types >= {
        "EscalationOpened", "OfferAccepted", "OfferEnded", "LadderRepeated", "LadderExhausted", "OwnerReleased",
        "OwnerTook", "ExceptionRaised", "ExceptionEnded", "OutcomeResolved", "EscalationClosed", "VerificationFailed",
        "RestoreRequested", "TicketGone", "OutcomeMissed", "Reminded", "StepSucceeded", "DeliveryTaken",
        "RecordConfirmed", "ClarificationAsked", "ClarificationGiven", "TicketLinked", "FieldsRequested", "DriftFound",
        "QuestionAnswered", "ChecklistCompleted", "WaitingStarted", "WaitingEnded", "RollbackEnded", "StepUndone",
        "TaskFinished", "EscalationReopened",
    }  # fmt: skip
    assert {"OfferEnded no_answer", "OwnerOffered handed_over", "OwnerOffered rejected_no_capacity"} <= events
    assert sum(undisturbed.messages.values()) > 50
    assert sum(undisturbed.notes.values()) > 20
    assert len(undisturbed.tickets["another ticket"]) > 5, "tickets are created too"
    assert len(undisturbed.escalations) == 13, "fifteen tickets: one in nobody's scope, one linked to another"
    assert undisturbed.systems["unlock_publishing"] == undisturbed.systems["close_room"] == 1


def test_killed_at_every_named_point(undisturbed: Outcome, tmp_path: Path) -> None:
    tally = Tally()
    outcome = run(tmp_path, (Death(at=at) for at in NAMED), tally)
    assert undisturbed.differences(outcome) == []
    assert tally.kills == len(NAMED), f"some points were not passed: {tally.deaths}"
    assert set(tally.deaths) == set(POINTS)


def test_killed_at_random_moments(undisturbed: Outcome, tmp_path: Path) -> None:
    chance, tally = random.Random(20260303), Tally()
    outcome = run(tmp_path, (Death(seconds=chance.uniform(0.6, 2.2)) for _ in range(6)), tally)
    assert tally.kills >= 3, "the moments are those of the machine, but some must fall into the run"
    assert undisturbed.differences(outcome) == []
