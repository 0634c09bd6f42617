"""Every act of a person through HTTP: once right, with what follows; refused with the reason, and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.runner.service.company import ANNA, BILLING, CRITICAL, MIRIAM, PROOF, TOMASZ, YES
from tests.runner.service.serving import Running

TEXT = "as agreed on the phone with +49 170 1234567"
HANDOFF = {
    "to": "sofia-rossi",
    "reason": "I leave at noon",
    "next_step": "call the customer",
    "artifacts": ["notes of the call", "the invoice"],
    "expected_at": "2026-03-03T16:00:00+01:00",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("acts")) as made:
        yield made


def last(running: Running, escalation: str, command: str) -> dict[str, Any]:
    return next(row for row in reversed(running.timeline(escalation)) if row["command"] == command)


def test_accept(running: Running) -> None:
    escalation = running.opened("accept")
    view = running.did(escalation, "accept", ANNA, {"offer": 1, "answers": YES})
    assert (view["state"], view["holder"], view["accountable"], view["offers"]) == ("accepted", ANNA, ANNA, [])
    assert view["repeated"] is False
    assert running.helpdesk.get(view["ticket"]).fields["escalation_owner"] == "anna.keller"  # type: ignore[union-attr]


def test_reject(running: Running) -> None:
    escalation = running.opened("reject")
    view = running.did(escalation, "reject", ANNA, {"offer": 1, "why": "no_capacity", "text": TEXT})
    assert [offer["to"] for offer in view["offers"]] == [TOMASZ]
    row = last(running, escalation, "Reject")
    assert row["texts"] == {"text": TEXT}
    assert row["events"][0]["reason"] == "rejected_no_capacity"
    assert row["events"][0]["sentence"] == "rejected: no capacity"


def test_escalate_from_an_offer_and_by_the_holder(running: Running) -> None:
    escalation = running.opened("escalate")
    running.did(escalation, "escalate", ANNA, {"offer": 1, "text": TEXT})
    running.did(escalation, "accept", TOMASZ, {"offer": 2, "answers": YES})
    view = running.did(escalation, "escalate", TOMASZ, {"text": TEXT})
    assert [offer["to"] for offer in view["offers"]] == [MIRIAM]


def test_hand_over(running: Running) -> None:
    escalation, _ = running.accepted("hand over")
    view = running.did(escalation, "hand-over", ANNA, HANDOFF)
    assert view["accountable"] == ANNA, "until the receiver accepts"
    [offer] = view["offers"]
    assert (offer["purpose"], offer["from"], offer["to"]) == ("handoff", ANNA, "sofia-rossi")
    assert view["deadlines"][0] == {"at": offer["accept_by"], "what": "offer", "of": str(offer["offer"])}
    assert view["checklist_given"] == YES
    row = last(running, escalation, "HandOver")
    assert row["texts"] == {
        "reason": "I leave at noon",
        "next_step": "call the customer",
        "artifacts": ["notes of the call", "the invoice"],
    }
    view = running.did(escalation, "accept", "sofia-rossi", {"offer": offer["offer"], "answers": YES})
    assert view["holder"] == "sofia-rossi"


def test_progress(running: Running) -> None:
    escalation, _ = running.accepted("progress")
    view = running.did(escalation, "progress", ANNA, {"text": TEXT})
    assert (view["holder"], view["progress_due"]) == (ANNA, None), "invoices have no time for progress"
    row = last(running, escalation, "Progress")
    assert row["texts"] == {"text": TEXT}
    assert row["events"][0]["sentence"] == "the owner goes on with it"


def test_unaccept_and_accept_again(running: Running) -> None:
    escalation, _ = running.accepted("second thoughts")
    view = running.did(escalation, "unaccept", ANNA, {})
    [offer] = view["offers"]
    assert (view["state"], view["accountable"], offer["to"], offer["told"]) == ("offered", ANNA, ANNA, True)
    view = running.did(escalation, "accept", ANNA, {"offer": offer["offer"], "answers": YES})
    assert (view["state"], view["holder"]) == ("accepted", ANNA)
    assert (view["waiting"], view["clarification"], view["checklist_due"], view["remind_at"]) == (None,) * 4


def test_raise_and_end_an_exception(running: Running) -> None:
    escalation, _ = running.accepted("exception")
    view = running.did(escalation, "raise-exception", ANNA, {"exception_class": "data-missing", "text": TEXT})
    [raised] = view["exceptions"]
    assert (raised["class"], raised["exception"]) == ("data-missing", 1)
    view = running.did(escalation, "end-exception", ANNA, {"exception": 1, "text": "the data came"})
    assert view["exceptions"] == []
    assert last(running, escalation, "EndException")["texts"] == {"text": "the data came"}


@pytest.mark.parametrize(
    ("body", "state", "holder"),
    [
        ({"action": "take", "text": TEXT}, "accepted", MIRIAM),
        ({"action": "give", "to": TOMASZ, "text": TEXT}, "offered", None),
        ({"action": "close", "code": "duplicate", "text": TEXT}, "closed", None),
    ],
    ids=["take", "give", "close"],
)
def test_override(running: Running, body: dict[str, str], state: str, holder: str | None) -> None:
    escalation = running.opened(f"override {body['action']}")
    view = running.did(escalation, "override", MIRIAM, body)
    assert (view["state"], view["holder"]) == (state, holder)
    assert last(running, escalation, "Override")["texts"] == {"text": TEXT}


def test_a_managers_job_is_enough(running: Running) -> None:
    escalation = running.opened("override by job")
    view = running.did(escalation, "override", "david-lindqvist", {"action": "take", "text": TEXT})
    assert view["holder"] == "david-lindqvist"
    assert b'"jobs":["finance-manager"]' in running.bodies(escalation)


def test_resolve_and_close(running: Running) -> None:
    escalation, _ = running.accepted("resolve")
    view = running.did(escalation, "resolve", ANNA, {"evidence": PROOF})
    assert view["state"] == "resolved"
    assert last(running, escalation, "Resolve")["texts"] == {"evidence": PROOF}
    view = running.did(escalation, "close", ANNA, {"code": "refunded", "impact": 40000})
    assert (view["state"], view["accountable"]) == ("closed", None)
    assert running.get(f"/api/escalations/{escalation}")["next_deadline"] is None, "its last steps are done"
    closed = next(e for e in last(running, escalation, "Close")["events"] if e["type"] == "EscalationClosed")
    assert (closed["code"], closed["impact"]) == ("refunded", 40000)
    assert running.get(f"/api/cases/{view['ticket']}")["escalation"] is None


def test_evidence_in_the_ticket_counts_and_is_read_at_that_moment(running: Running) -> None:
    escalation, _ = running.accepted("evidence in the ticket")
    ticket = running.get(f"/api/escalations/{escalation}")["ticket"]
    running.customer.set_fields(ticket, {"invoice_id": "INV-1"}, f"invoice {ticket}")
    view = running.did(escalation, "resolve", ANNA, {"evidence": {"customer_confirmation": "mail"}})
    assert view["state"] == "resolved"


def test_cancel(running: Running) -> None:
    escalation = running.opened("cancel")
    view = running.did(escalation, "cancel", MIRIAM, {"text": TEXT})
    assert view["state"] == "cancelled"


REFUSALS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("accept", TOMASZ, {"offer": 1, "answers": YES}, "not_yours", "offer 1 is made to anna-keller"),
    ("accept", ANNA, {"offer": 7, "answers": YES}, "unknown_offer", "accountable now: anna-keller"),
    ("accept", ANNA, {"offer": 1, "answers": {}}, "checklist_incomplete", "answer has_evidence with a yes"),
    ("resolve", ANNA, {"evidence": {}}, "not_yours", "only the one who accepted may do this"),
    ("close", ANNA, {"code": "refunded"}, "wrong_state", "resolve it with evidence first"),
    ("override", ANNA, {"action": "take", "text": "x"}, "not_allowed", "only the escalation owner or a manager"),
    ("override", MIRIAM, {"action": "close", "text": "x", "code": "nonsense"}, "unknown_code", "refunded"),
    ("cancel", TOMASZ, {"text": "x"}, "not_allowed", "only the escalation owner or a manager"),
    ("hand-over", ANNA, HANDOFF, "not_yours", "only the one who accepted may do this"),
    ("progress", ANNA, {"text": TEXT}, "not_yours", "only the one who accepted may do this"),
    ("raise-exception", ANNA, {"exception_class": "flood", "text": "x"}, "unknown_class", "data-missing"),
    ("end-exception", ANNA, {"exception": 3, "text": "x"}, "unknown_exception", ""),
    ("escalate", TOMASZ, {"text": "x"}, "not_yours", "accountable now: anna-keller"),
    ("accept", ANNA, {"offer": 1, "answers": {**YES, "scope_clear": "y"}}, "wrong_answer", "scope_clear with a yes"),
    ("complete-checklist", ANNA, {"answers": YES}, "not_yours", "only the one who accepted may do this"),
    ("unaccept", ANNA, {}, "not_yours", "only the one who accepted may do this"),
    ("clarify", TOMASZ, {"text": "x"}, "wrong_state", "nothing is asked of the requester now"),
    ("wait", ANNA, {"for": "customer", "text": "x"}, "waiting_not_allowed", "go on, hand it over, or escalate"),
    ("resume", ANNA, {}, "wrong_state", "nobody waits: it is offered"),
    ("snooze", MIRIAM, {"until": "2026-03-03T10:00:00Z", "text": "x"}, "wrong_state", "no reminder is to come"),
    ("snooze", ANNA, {"until": "2026-03-03T10:00:00Z", "text": "x"}, "not_allowed", "only the escalation owner"),
]


def test_refusals_say_why_and_are_in_the_timeline(running: Running) -> None:
    escalation = running.opened("refusals")
    before = running.get(f"/api/escalations/{escalation}")
    for action, person, body, reason, detail in REFUSALS:
        answer = running.post(escalation, action, person, body)
        assert (answer.status_code, answer.json()["error"]) == (409, reason), (action, answer.text)
        assert detail in answer.json()["detail"], action
    after = running.get(f"/api/escalations/{escalation}")
    refused = [(row["actor"], row["refused"]["reason"]) for row in after["timeline"] if row["refused"]]
    assert refused == [(person, reason) for _, person, _, reason, _ in REFUSALS]
    same = ("state", "accountable", "offers", "exceptions", "next_deadline")
    assert [after[name] for name in same] == [before[name] for name in same]


def test_nothing_goes_on_after_the_end(running: Running) -> None:
    escalation = running.opened("over")
    running.did(escalation, "cancel", MIRIAM, {"text": "x"})
    answer = running.post(escalation, "accept", ANNA, {"offer": 1, "answers": YES})
    assert (answer.status_code, answer.json()) == (409, {"error": "not_open", "detail": "it is cancelled"})


def test_free_texts_stand_beside_the_record_and_not_in_it(running: Running) -> None:
    escalation, _ = running.accepted("texts")
    running.did(escalation, "hand-over", ANNA, HANDOFF)
    running.post(escalation, "escalate", TOMASZ, {"text": "not mine, but +49 170 7654321"})
    bodies = running.bodies(escalation)
    for text in ("I leave at noon", "call the customer", "notes of the call", "the invoice", "7654321"):
        assert text.encode() not in bodies
        assert text.encode().hex().encode() not in bodies
        assert hashlib.sha256(text.encode()).hexdigest().encode() not in bodies, "a salt hides what could be guessed"
    assert b"sofia-rossi" in bodies, "people are ids"
    assert last(running, escalation, "Escalate")["texts"] == {"text": "not mine, but +49 170 7654321"}
    other = running.opened("texts of another")
    assert "I leave at noon" not in str(running.timeline(other))


def test_every_event_has_its_reason_in_words_and_the_line_of_its_rule(running: Running) -> None:
    escalation, _ = running.accepted("lines")
    running.did(escalation, "raise-exception", ANNA, {"exception_class": "data-missing", "text": TEXT})
    running.did(escalation, "end-exception", ANNA, {"exception": 1, "text": TEXT})
    running.did(escalation, "escalate", ANNA, {"text": TEXT})
    running.did(escalation, "override", MIRIAM, {"action": "close", "code": "duplicate", "text": TEXT})
    events = [event for row in running.timeline(escalation) for event in row["events"]]
    assert len(events) > 20
    for event in events:
        assert event["line"] is not None, event
        file, _, line = event["line"].rpartition(":")
        lines = (running.repository.folder / file).read_text(encoding="utf-8").splitlines()
        assert 1 <= int(line) <= len(lines)
        assert len(event["sentence"]) > 3
    asked = next(event for event in events if event["type"] == "OwnerOffered")
    file, _, line = asked["line"].rpartition(":")
    assert file == "templates/enterprise-billing/template.yaml"
    assert (
        "primary: {rotation: accounting}" in (running.repository.folder / file).read_text().splitlines()[int(line) - 1]
    )


def test_the_same_key_is_the_same_request(running: Running) -> None:
    escalation = running.opened("keys")
    body = {"offer": 1, "answers": YES}
    first = running.post(escalation, "accept", ANNA, body, key="tap-1")
    again = running.post(escalation, "accept", ANNA, body, key="tap-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert sum(row["command"] == "Accept" for row in running.timeline(escalation)) == 1
    without = running.post(escalation, "accept", ANNA, body)
    assert without.json()["error"] == "offer_ended", "without a key it is another request"


def test_a_refusal_repeated_is_the_same_refusal(running: Running) -> None:
    escalation = running.opened("keys of refusals")
    answers = [running.post(escalation, "accept", TOMASZ, {"offer": 1, "answers": YES}, key="tap") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.text for answer in answers}) == 1
    assert sum(row["refused"] is not None for row in running.timeline(escalation)) == 1


def test_a_key_belongs_to_one_person_escalation_and_action(running: Running) -> None:
    one, other = running.opened("key one"), running.opened("key other")
    body = {"offer": 1, "answers": YES}
    assert running.post(one, "accept", ANNA, body, key="k").json()["repeated"] is False
    assert running.post(other, "accept", ANNA, body, key="k").json()["repeated"] is False
    assert running.post(one, "accept", TOMASZ, body, key="k").status_code == 409
    reused = running.post(one, "escalate", ANNA, {"text": "x"}, key="k")
    assert (reused.status_code, reused.json()["error"]) == (422, "key_reused")
    assert "this Idempotency-Key came with Accept before" in reused.json()["detail"]


@pytest.mark.parametrize(
    ("action", "first", "other"),
    [
        ("accept", {"offer": 1, "answers": YES}, {"offer": 1, "answers": {**YES, "scope_clear": False}}),
        ("reject", {"offer": 1, "why": "incomplete"}, {"offer": 1, "why": "no_capacity"}),
        ("reject", {"offer": 1, "why": "incomplete", "text": "a"}, {"offer": 1, "why": "incomplete", "text": "b"}),
        ("reject", {"offer": 1, "why": "incomplete", "text": "a"}, {"offer": 1, "why": "incomplete"}),
        ("escalate", {"offer": 1, "text": "one text"}, {"offer": 1, "text": "another text"}),
    ],
)
def test_a_key_does_not_answer_another_request_with_the_result_of_the_first(
    running: Running, action: str, first: dict[str, Any], other: dict[str, Any]
) -> None:
    escalation = running.opened(f"key: {action} {other}"[:100])
    assert running.post(escalation, action, ANNA, first, key="k").status_code == 200
    reused = running.post(escalation, action, ANNA, other, key="k")
    assert (reused.status_code, reused.json()["error"]) == (422, "key_reused")
    assert "use a new key" in reused.json()["detail"]
    again = running.post(escalation, action, ANNA, first, key="k")
    assert (again.status_code, again.json()["repeated"]) == (200, True), "the first one is answered as before"
    assert sum(row["source"] == "api" for row in running.timeline(escalation)) == 1


def test_a_request_with_texts_and_facts_is_the_same_when_it_says_the_same(running: Running) -> None:
    escalation, who = running.accepted("key with texts")
    body = {**HANDOFF, "artifacts": ["one", "two"], "expected_at": "2026-03-04T08:00:00Z"}
    assert running.post(escalation, "hand-over", who, body, key="h").status_code == 200
    again = running.post(escalation, "hand-over", who, body, key="h")
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    swapped = running.post(escalation, "hand-over", who, {**body, "artifacts": ["two", "one"]}, key="h")
    assert swapped.json()["error"] == "key_reused"
    solved, owner = running.accepted("key with facts")
    proof = {"evidence": PROOF}
    assert running.post(solved, "resolve", owner, proof, key="r").status_code == 200
    running.stepper.settle()
    again = running.post(solved, "resolve", owner, proof, key="r")
    assert (again.status_code, again.json()["repeated"]) == (200, True), "the ticket says other things meanwhile"


def test_what_is_mine(running: Running) -> None:
    escalation = running.opened("mine", {**BILLING, "account.name": "Mine"})

    def mine(person: str) -> set[str]:
        found = running.get("/api/escalations", person, mine="true", limit=500)["escalations"]
        return {each["id"] for each in found}

    assert escalation in mine(ANNA)
    assert escalation not in mine(TOMASZ)
    running.did(escalation, "accept", ANNA, {"offer": 1, "answers": YES})
    running.did(escalation, "hand-over", ANNA, {**HANDOFF, "to": "grace-mwangi"})
    assert escalation in mine("grace-mwangi"), "offered"
    assert escalation in mine(ANNA), "held"
    running.did(escalation, "raise-exception", ANNA, {"exception_class": "data-missing", "text": TEXT})
    assert escalation in mine("grace-mwangi")
    running.did(escalation, "override", MIRIAM, {"action": "close", "code": "duplicate", "text": TEXT})
    assert escalation not in mine(ANNA)


def test_what_is_mine_fills_its_pages(running: Running) -> None:
    """Those of others in between are passed over; a page is short only at the end."""
    sent = HANDOFF | {"to": "sofia-rossi"}
    first = running.opened("others before", CRITICAL)
    wanted = [running.accepted("mine first")[0], running.accepted("mine second")[0]]
    for escalation in wanted:
        running.did(escalation, "hand-over", ANNA, sent)
    assert first < min(wanted)
    one = running.get("/api/escalations", "sofia-rossi", mine="true", limit=1)
    known = [each["id"] for each in running.get("/api/escalations", "sofia-rossi", mine="true")["escalations"]]
    assert set(wanted) <= set(known)
    assert [each["id"] for each in one["escalations"]] == known[:1]
    paged: list[str] = []
    after: str | None = ""
    while after is not None:
        page = running.get("/api/escalations", "sofia-rossi", mine="true", limit=1, after=after)
        paged += [each["id"] for each in page["escalations"]]
        after = page["next"]
        assert page["escalations"] or after is None
    assert paged == known


@pytest.mark.parametrize("name", ["mine", "open"])
@pytest.mark.parametrize("value", ["yes", "True", "1", ""])
def test_a_switch_is_true_or_false(running: Running, name: str, value: str) -> None:
    answer = running.http.get("/api/escalations", params={name: value}, headers=running.as_(ANNA))
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_parameter")
    assert f"{name} is true or false" in answer.json()["detail"]


def test_lists_are_paged_and_hide_what_is_over(running: Running) -> None:
    made = [running.opened(f"page {number}") for number in range(3)]
    running.did(made[0], "cancel", MIRIAM, {"text": "x"})
    everything = [each["id"] for each in running.get("/api/escalations", open="false", limit=500)["escalations"]]
    still_open = [each["id"] for each in running.get("/api/escalations", limit=500)["escalations"]]
    assert set(made) <= set(everything)
    assert made[0] not in still_open
    assert set(made[1:]) <= set(still_open)
    paged: list[str] = []
    after: str | None = ""
    while after is not None:
        page = running.get("/api/escalations", open="false", limit=2, after=after)
        assert len(page["escalations"]) <= 2
        paged += [each["id"] for each in page["escalations"]]
        after = page["next"]
    assert paged == everything == sorted(everything)


def test_instants_that_nobody_can_mean_are_refused(running: Running) -> None:
    escalation, _ = running.accepted("in the year 9999")
    for year in ("9999", "0001"):
        answer = running.post(escalation, "hand-over", ANNA, {**HANDOFF, "expected_at": f"{year}-12-31T23:59:59Z"})
        assert (answer.status_code, answer.json()["error"]) == (422, "bad_request")
        assert f"`{year}-12-31" in answer.json()["detail"]
        assert "in the years 2000 to 2199" in answer.json()["detail"]
    assert running.post(escalation, "hand-over", ANNA, HANDOFF).status_code == 200
