"""Events in words, and what a step is told."""

from __future__ import annotations

from typing import get_args

import pytest

from runner.engine import events as ev
from runner.engine.reasons import Reason
from runner.engine.words import _ABOUT, _WORDS, in_words, is_owner_event
from runner.engine.work_events import About

NAMES = {"anna": "Anna Keller", "ben": "Ben Ode"}
RUNGS = ("primary", "escalation owner")
SILENT = {
    "OwnersNamed", "RunStarted", "StepRequested", "StepSucceeded", "RunEnded", "DeliveryTaken", "RecordRequested",
    "RecordConfirmed",
}  # fmt: skip


def offered(purpose: str, rung: int | None = None) -> ev.OwnerOffered:
    return ev.OwnerOffered.model_validate(
        {
            "reason": Reason.FIRST_RUNG, "rule": "t#/owners/primary", "offer": 1, "purpose": purpose, "sender": "ben",
            "to": "anna", "rung": rung, "due": None, "on_accept": "hold", "on_end": "stay", "exception": 3,
            "substitute": None, "no_substitute": None, "retry": False,
        }
    )  # fmt: skip


def accepted(late: int) -> ev.OfferAccepted:
    return ev.OfferAccepted(reason=Reason.ACCEPTED, rule="r", offer=1, person="anna", late_seconds=late, answers={})


def closed(by: str) -> ev.EscalationClosed:
    return ev.EscalationClosed(reason=Reason.CLOSED, rule="r", by=by, code="refunded", impact=None, text=None)


@pytest.mark.parametrize(
    ("event", "words", "owner"),
    [
        (offered("ladder", 1), "Anna Keller is asked as escalation owner", True),
        (offered("ladder"), "Anna Keller is asked", True),
        (offered("handoff"), "Anna Keller is offered a handoff by Ben Ode", False),
        (offered("exception"), "Anna Keller is asked to own exception 3", False),
        (accepted(0), "Anna Keller accepts", True),
        (accepted(90), "Anna Keller accepts 90 s after the timebox", True),
        (closed("ben"), "closed by Ben Ode as refunded", True),
        (closed("surety:helpdesk"), "closed by the helpdesk as refunded", True),
        (closed("stranger"), "closed by stranger as refunded", True),
        (ev.TicketGone(reason=Reason.GONE, rule="r"), "the ticket is gone", False),
        (ev.RunEnded(reason=Reason.DONE, rule="r", run="open#1", skipped=0), None, False),
    ],
)
def test_an_event_is_said_as_one_would_say_it(event: ev.Event, words: str | None, owner: bool) -> None:
    assert in_words(event, NAMES, RUNGS) == words
    assert is_owner_event(event) is owner


def test_every_event_has_words_or_is_silent_on_purpose() -> None:
    types = {kind.model_fields["type"].default for kind in ev.EVENT_TYPES}
    assert set(_WORDS) | SILENT == types
    assert not set(_WORDS) & SILENT


def test_every_message_has_words() -> None:
    assert set(_ABOUT) == set(get_args(About))
