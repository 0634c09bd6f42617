"""Saturday, three in the morning: a critical incident of an enterprise account, and everybody asleep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stories.harness import Stage
from tests.stories.truths import the_end

pytestmark = pytest.mark.slow

OUTAGE: dict[str, Any] = {
    "type": "incident", "severity": "critical", "account.tier": "enterprise", "account.name": "Contoso",
    "priority": "urgent", "status": "new", "subject": "No logins",
}  # fmt: skip
CHANGES = [
    {"at": "02:10", "what": "release 81 of login"},
    {"at": "02:40", "what": "certificate renewed"},
    {"at": "02:55", "what": "release 82 of login"},
]


def night(folder: Path, **more: Any) -> Stage:
    stage = Stage(folder, day="2026-03-07", start="02:59", **more)
    stage.systems.changes += CHANGES
    return stage


def alarm(stage: Stage) -> str:
    """The ticket, with everything done that follows from it at once."""
    stage.go("03:00")
    ref = stage.create(**OUTAGE)
    stage.see("03:00")
    return ref


def all_prepared(stage: Stage, ref: str) -> None:
    """Within the instant: tickets, people, room, changes."""
    found, ticket = stage.escalation(ref), stage.ticket(ref)
    assert found["owners"] == {
        "primary": "priya-raman",
        "secondary": "lucia-ferreira",
        "escalation_owner": "nadia-haddad",
    }
    assert ticket["escalation_owner"] == found["accountable"] == "priya-raman"
    (link,) = found["links"]
    assert (stage.ticket(link)["type"], stage.ticket(link)["linked_to"]) == ("escalation", ref)
    assert stage.told("03:00") == {"#incidents", "priya-raman", "claire-dubois"}
    (page,) = stage.said("03:00", to="claire-dubois")
    assert (page.channel, page.about, page.accountable) == ("pager", "page", "priya-raman")
    assert (ticket["war_room"], stage.systems.rooms) == ("R-1", {"R-1": True})
    assert [(each["action"], each["undone_by"]) for each in found["standing"]] == [("open_room", "close_room")]
    (changes,) = [note for note in stage.notes(ref) if note.startswith("Last changes by read_changes")]
    assert [changes.count(each["what"]) for each in CHANGES] == [1, 1, 1]


def test_two_sleep_on_and_the_duty_lead_takes_it(tmp_path: Path) -> None:
    with night(tmp_path) as stage:
        ref = alarm(stage)
        all_prepared(stage, ref)
        stage.see("03:04:59")
        assert stage.escalation(ref)["accountable"] == "priya-raman"
        stage.see("03:05")
        assert stage.told("03:05") == {"lucia-ferreira", "nadia-haddad", "#incidents"}
        stage.see("03:10")
        assert stage.escalation(ref)["accountable"] == "nadia-haddad"

        stage.go("03:11")
        stage.act(ref, "accept", "nadia-haddad", answers={})
        assert stage.escalation(ref)["checklist_due"] == "2026-03-07T02:26:00.000000Z"
        stage.go("03:20")
        stage.act(
            ref, "complete-checklist", "nadia-haddad", answers={"reachable": True}, texts={"next_step": "Roll 82 back."}
        )
        ended(stage, ref)
        moved = [(each.at, each.reason) for each in stage.happened(ref, "OfferEnded")]
        assert moved == [(stage.at("03:05"), "no_answer"), (stage.at("03:10"), "no_answer")]
        the_end(stage)


def ended(stage: Stage, ref: str) -> None:
    """Nothing ends while the room is open, or without somebody who sees to the cause."""
    proof = {"service_restored": "03:52", "customer_confirmation": "call at 03:58"}
    stage.go("04:00")
    no = stage.act(ref, "resolve", "nadia-haddad", "not_verified", evidence=proof)
    assert "open_room still holds" in no["detail"]
    stage.update(ref, restored_at="03:52")
    assert stage.systems.rooms == {"R-1": False}
    stage.act(ref, "resolve", "nadia-haddad", evidence=proof)
    stage.go("04:10")
    stage.act(ref, "close", "nadia-haddad", "not_verified", code="restored")
    stage.act(ref, "attach-postmortem", "nadia-haddad", text="A certificate ran out.", remediation_owner="jonas-weber")
    stage.update(stage.escalation(ref)["links"][-1], status="solved")
    stage.act(ref, "close", "nadia-haddad", code="restored", impact=50000)
    assert stage.escalation(ref)["state"] == "closed"


@pytest.mark.parametrize("clock", ["03:04:59", "03:05"], ids=["one-second-before", "in-the-same-instant"])
def test_accepted_in_time_nobody_else_is_asked(tmp_path: Path, clock: str) -> None:
    with night(tmp_path) as stage:
        ref = alarm(stage)
        stage.go(clock)
        stage.act(ref, "accept", "priya-raman", answers={})
        stage.see("03:10")
        assert [each["to"] for each in stage.happened(ref, "OwnerOffered")] == ["priya-raman"]
        assert stage.escalation(ref)["holder"] == "priya-raman"
        figures = the_end(stage)[ref].figures
        assert (figures.value("failovers"), figures.value("lateness")) == (0, 0)


def test_whoever_is_away_is_passed_over_at_once(tmp_path: Path) -> None:
    away = (("priya-raman", "2026-03-07 00:00", "2026-03-07 06:00"),)
    with night(tmp_path, absences=away) as stage:
        ref = alarm(stage)
        (skipped,) = stage.happened(ref, "RungSkipped")
        assert (skipped.at, skipped.reason, skipped["rung"]) == (stage.at("03:00"), "absent", "primary")
        assert stage.escalation(ref)["accountable"] == "lucia-ferreira"
        assert "nadia-haddad" in stage.told("03:00")
        the_end(stage)


def test_the_pager_is_down_and_the_feed_of_changes_too(tmp_path: Path) -> None:
    with night(tmp_path) as stage:
        stage.recorder.refuse("pager", 500, 500, 500)
        stage.systems.fail("read_changes", *[500] * 20)
        ref = alarm(stage)
        (offer,) = stage.said("03:00", to="priya-raman")
        (page,) = stage.said("03:00", to="claire-dubois")
        assert {offer.channel, page.channel} == {"chat"}, "the next channel takes it"
        (failed,) = stage.happened(ref, "StepFailed")
        assert (failed.at, stage.escalation(ref)["exceptions"]) == (stage.at("03:00"), [])
        assert "nadia-haddad" in {each.to for each in stage.said("03:00", about="step_failed")}
        stage.see("03:10")
        moved = [each.at for each in stage.happened(ref, "OfferEnded")]
        assert moved == [stage.at("03:05"), stage.at("03:10")], "people are asked at their times"
        assert len(stage.escalation(ref)["links"]) == 1, "what comes after it was done"
        the_end(stage, given_up=1)


def test_whom_no_channel_reaches_is_an_exception_with_an_owner(tmp_path: Path) -> None:
    with night(tmp_path) as stage:
        stage.recorder.out_of_reach.add("priya-raman")
        ref = alarm(stage)
        (exception,) = stage.escalation(ref)["exceptions"]
        assert (exception["class"], exception["about"], exception["owner"]) == (
            "undelivered",
            "priya-raman",
            "nadia-haddad",
        )
        assert stage.said("03:00", to="nadia-haddad", about="undelivered")
        stage.see("03:05")
        assert stage.happened(ref, "OfferEnded")[-1].reason == "not_told", "who was not told was not asked"
        stage.see("03:10")
        assert stage.escalation(ref)["accountable"] == "lucia-ferreira"
        the_end(stage)


def test_a_standard_account_is_not_for_this_template(tmp_path: Path) -> None:
    with night(tmp_path) as stage:
        stage.go("03:00")
        ref = stage.create(**{**OUTAGE, "account.tier": "standard"})
        stage.see("03:00")
        assert (stage.escalation(ref)["template"], stage.case(ref)["template"]) == ("fallback", "fallback")
        assert stage.systems.rooms == {}
        the_end(stage)


def test_the_checklist_never_follows(tmp_path: Path) -> None:
    with night(tmp_path) as stage:
        ref = alarm(stage)
        stage.go("03:01")
        stage.act(ref, "accept", "priya-raman", answers={})
        stage.see("03:15:59")
        assert stage.escalation(ref)["holder"] == "priya-raman"
        stage.see("03:16")
        assert (stage.escalation(ref)["holder"], stage.escalation(ref)["accountable"]) == (None, "lucia-ferreira")
        (released,) = stage.happened(ref, "OwnerReleased")
        assert (released.at, released.reason) == (stage.at("03:16"), "checklist_missed")
        the_end(stage)
