"""The engine's own messages: each names one accountable person and asks for one thing."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from runner.channels import Facts, wording
from runner.engine.events import About

FACTS = Facts(
    to="Ann Lee",
    accountable="Ben Roe",
    ticket="T-7",
    subject="Wrong invoice",
    url="http://desk/T-7",
    template="billing",
    reason="no answer within the timebox",
    accept_by="Tue 3 Mar 11:00",
    offer=2,
)
ABOUTS = get_args(About)


def test_there_are_messages() -> None:
    assert len(ABOUTS) > 10


@pytest.mark.parametrize("about", ABOUTS)
def test_a_message_names_the_ticket_one_accountable_person_and_one_action(about: str) -> None:
    subject, text = wording(about, FACTS)
    head, action, *rest = text.split("\n")
    assert head == f"{subject}."
    assert "T-7" in subject
    over = about == "ended"
    who = "" if over else "Accountable now: Ben Roe. "
    assert rest == ["Ticket: Wrong invoice", f"{who}http://desk/T-7"]
    assert text.count("Accountable now") == (not over)
    assert action.endswith(".")
    assert action[0].isupper()
    assert action.count(". ") == 0, "one action is one sentence"
    assert "{" not in text, "nothing is left to fill in"
    assert "None" not in text


@pytest.mark.parametrize("about", ABOUTS)
def test_a_message_reads_well_without_what_may_be_missing(about: str) -> None:
    subject, text = wording(about, replace(FACTS, subject="", url="", accept_by=None, offer=None))
    assert "None" not in subject + text
    assert text.endswith("Accountable now: Ben Roe.") or about == "ended"
    assert "Ticket:" not in text


def test_an_offer_says_until_when_and_a_lasting_one_does_not_pretend_to() -> None:
    assert "Accept it by Tue 3 Mar 11:00 with the checklist" in wording("offer", FACTS)[1]
    assert "Accept it soon with the checklist" in wording("offer", replace(FACTS, accept_by=None))[1]


def test_braces_of_a_ticket_are_only_text() -> None:
    assert "Ticket: {to} {0} {{x}}" in wording("offer", replace(FACTS, subject="{to} {0} {{x}}"))[1]


def test_there_is_no_message_about_anything_else() -> None:
    with pytest.raises(KeyError):
        wording("weather", FACTS)
