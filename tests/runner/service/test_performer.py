"""Doing effects against a real local helpdesk and a real receiver of messages: what is done, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from runner.channels import make_senders
from runner.contract.contract import BoxOf, ClarifyOf, Contract, RetryOf
from runner.engine import commands as cmd
from runner.helpdesk.local_client import LocalHelpdesk
from runner.helpdesk.port import (
    Applied,
    Conflict,
    Denied,
    Gone,
    Helpdesk,
    HelpdeskUnavailable,
    HistoryEntry,
    Outcome,
    Partial,
    Rejected,
    Throttled,
    Ticket,
    Unknown,
)
from runner.service.performer import Done, Performer, Retry, result_command
from runner.service.requests import Texts
from runner.store import Claimed
from runner.store.memory import MemoryStore
from tests.runner.service.company import (
    ANNA,
    BILLING,
    CRITICAL,
    MIRIAM,
    START,
    YES,
    Office,
    active,
    at,
    changed,
    revision,
)
from tests.runner.service.receiving import Receiver


@dataclass
class Desk:
    """An office whose effects are really done, one by one."""

    office: Office
    helpdesk: LocalHelpdesk
    receiver: Receiver
    performer: Performer

    def create(self, fields: Mapping[str, Any]) -> str:
        made = self.helpdesk.create(fields, f"made:{fields['subject']}")
        assert isinstance(made, Applied)
        return made.ref

    def ticket(self, ref: str) -> Ticket:
        found = self.helpdesk.get(ref)
        assert isinstance(found, Ticket)
        return found

    def notes(self, ref: str) -> list[str]:
        return [entry.text or "" for entry in self.helpdesk.history(ref, 100) if entry.kind == "comment"]

    def opened(self, fields: Mapping[str, Any] = BILLING) -> tuple[str, str]:
        """Ticket and escalation."""
        ref = self.create(fields)
        return ref, self.office.open(ref, self.ticket(ref).fields)

    def effect(self, escalation: str, kind: str, **wanted: Any) -> Claimed:
        """The next effect of this kind; those before it are done on the way."""
        for _ in range(50):
            for claimed in self.office.claim():
                if (claimed.escalation, claimed.kind) == (
                    escalation,
                    kind,
                ) and wanted.items() <= claimed.payload.items():
                    return claimed
                self.settle(claimed, self.performer.perform(claimed))
        raise AssertionError(f"no {kind} {wanted}")

    def settle(self, claimed: Claimed, result: Done | Retry) -> None:
        assert isinstance(result, Done), result
        with self.office.store.transaction() as tx:
            command = result_command(claimed.key, result.command).model_dump_json().encode()
            assert tx.settle(claimed.key, claimed.attempt, result=command)
        self.office.drain()

    def everything(self) -> list[tuple[Claimed, Done | Retry]]:
        """Do all effects and what follows from them."""
        done = []
        while claims := self.office.claim():
            for claimed in claims:
                result = self.performer.perform(claimed)
                done.append((claimed, result))
                self.settle(claimed, result)
        return done


class Otherwise:
    """The real helpdesk, but for the calls that a test answers itself."""

    def __init__(self, real: Helpdesk, **answers: Callable[..., Any]) -> None:
        self._real = real
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        return self._answers.get(name) or getattr(self._real, name)


@pytest.fixture
def desk(helpdesk: LocalHelpdesk, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    office = Office(MemoryStore(), seed=None)  # the helpdesk serves several tests, and knows a key for ever
    with Receiver() as receiver:
        variables = ("SURETY_CHAT_WEBHOOK", "SURETY_PAGER_WEBHOOK", "SURETY_EMAIL_WEBHOOK")
        environment = {name: receiver.url(name.split("_")[1].lower()) for name in variables}
        senders = make_senders(revision().policies.channels, environment, tmp_path)
        office.active = active(revision(), senders)
        made = Desk(
            office, helpdesk, receiver, Performer(helpdesk, lambda: office.active, office.contract, office.store)
        )
        yield made
        office.active.dispatcher.close()


def away(*_: object, **__: object) -> None:
    raise HelpdeskUnavailable("the helpdesk could not be asked: ConnectError")


def subject(name: str, fields: Mapping[str, Any] = BILLING) -> dict[str, Any]:
    return {**fields, "subject": name}


def test_an_offer_reaches_the_person_and_names_who_when_what(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("offer"))
    claimed = desk.effect(escalation, "message", about="offer")
    result = desk.performer.perform(claimed)
    assert result == Done(cmd.Deliver(delivery=1, channel="chat"))
    message = desk.receiver.received[-1]
    assert (message.path, message.key) == ("/chat", claimed.key)
    assert message.body["address"] == "anna.keller@chat.example.com"
    assert message.body["subject"] == f"{ref} is offered to you (enterprise-billing): first in the ladder"
    assert message.body["text"].splitlines() == [
        f"{ref} is offered to you (enterprise-billing): first in the ladder.",
        "Accept it by 2026-03-03 11:00 CET with the checklist, or reject it with a reason.",
        "Ticket: offer",
        f"Accountable now: Anna Keller. {desk.ticket(ref).url}",
    ]
    assert (message.body["person"], message.body["accountable"], message.body["ticket"]) == (ANNA, ANNA, ref)


def test_the_next_message_says_what_the_ticket_says_then(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("what was reported first"))
    desk.performer.perform(desk.effect(escalation, "message", about="offer"))
    assert isinstance(desk.helpdesk.set_fields(ref, {"subject": "what it turned out to be"}, f"{ref} now"), Applied)
    desk.office.act(escalation, ANNA, cmd.Reject(offer=1, why="no_capacity"))
    assert isinstance(desk.performer.perform(desk.effect(escalation, "message", about="offer")), Done)
    said = [each.body["text"] for each in desk.receiver.received if "is offered to you" in each.body["text"]]
    assert "Ticket: what was reported first" in said[0]
    assert "Ticket: what it turned out to be" in said[-1]


def test_a_message_about_a_ticket_that_is_gone_goes_out_all_the_same(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("gone soon"))
    claimed = desk.effect(escalation, "message", about="offer")
    gone = Performer(
        Otherwise(desk.helpdesk, get=Gone), lambda: desk.office.active, desk.office.contract, desk.office.store
    )
    assert isinstance(gone.perform(claimed), Done)
    assert f"{ref} is offered to you" in desk.receiver.received[-1].body["text"]


def test_people_are_told_although_the_helpdesk_is_away(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("desk away"))
    claimed = desk.effect(escalation, "message", about="offer")
    performer = Performer(
        Otherwise(desk.helpdesk, get=away), lambda: desk.office.active, desk.office.contract, desk.office.store
    )
    assert performer.perform(claimed) == Done(cmd.Deliver(delivery=1, channel="chat"))
    assert desk.receiver.received[-1].body["text"].splitlines() == [
        f"{ref} is offered to you (enterprise-billing): first in the ladder.",
        "Accept it by 2026-03-03 11:00 CET with the checklist, or reject it with a reason.",
        "Ticket: desk away",
        "Accountable now: Anna Keller.",
    ]


@pytest.mark.parametrize("get", [away, Gone], ids=["away", "gone"])
def test_a_notice_is_sent_with_what_the_ticket_said_last(desk: Desk, get: Callable[..., Any]) -> None:
    words = "{{ ticket.id }} {{ ticket.subject }} {{ ticket.priority }} since {{ ticket.created_at }}"
    ref, escalation = desk.opened(subject(f"notice {get.__name__}"))
    claimed = desk.effect(escalation, "step", step_kind="notify")
    at_step = int(str(claimed.payload["step"]))

    def worded(digest: str) -> Contract:
        return with_step(desk.office.contract(digest), at_step, message=f"{words} ({{{{ ticket.url }}}})")

    performer = Performer(Otherwise(desk.helpdesk, get=get), lambda: desk.office.active, worded, desk.office.store)
    done = performer.perform(claimed)
    assert isinstance(done, Done), done
    assert isinstance(done.command, cmd.SucceedStep)
    first = desk.receiver.received[-1].body["text"].splitlines()[0]
    assert first == f"{ref} notice {get.__name__} high since 2026-03-03 09:00 CET ()"


def test_an_offer_that_has_ended_is_offered_to_nobody(desk: Desk) -> None:
    _, escalation = desk.opened(subject("ended"))
    late = desk.effect(escalation, "message", about="offer")
    desk.receiver.received.clear()
    desk.office.act(escalation, ANNA, cmd.Reject(offer=1, why="no_capacity"))
    assert desk.performer.perform(late) == Done(cmd.FailDelivery(delivery=1, why="ended"))
    assert desk.receiver.received == []
    desk.settle(late, desk.performer.perform(late))
    desk.everything()
    said = [message.body["subject"] for message in desk.receiver.received]
    assert any("is offered to you" in subject for subject in said), "the next one is asked"


def test_a_message_about_an_offer_that_is_over_with_its_escalation_is_not_sent(desk: Desk) -> None:
    _, escalation = desk.opened(subject("over"))
    late = desk.effect(escalation, "message", about="offer")
    desk.receiver.received.clear()
    desk.office.act(escalation, MIRIAM, cmd.Cancel(text="d" * 64))
    assert desk.performer.perform(late) == Done(cmd.FailDelivery(delivery=1, why="ended"))
    assert desk.receiver.received == []


REFUSED = "chat: the webhook answered 400; email: the webhook answered 404"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([500, 204], Done(cmd.Deliver(delivery=1, channel="email"))),
        ([400, 404], Done(cmd.FailDelivery(delivery=1, why=REFUSED), failed=True)),
    ],
    ids=["the next channel takes it", "refused by all for good"],
)
def test_channels_one_after_the_other(desk: Desk, answers: list[int], expected: Done) -> None:
    _, escalation = desk.opened(subject(f"channels {answers}"))
    claimed = desk.effect(escalation, "message", about="offer")
    desk.receiver.received.clear()
    desk.receiver.answers = list(answers)
    assert desk.performer.perform(claimed) == expected
    assert [each.path for each in desk.receiver.received] == ["/chat", "/email"]


def test_channels_that_are_only_down_are_tried_again_with_the_same_key(desk: Desk) -> None:
    _, escalation = desk.opened(subject("all down"))
    claimed = desk.effect(escalation, "message", about="offer")
    desk.receiver.received.clear()
    desk.receiver.answers = [503, 503]
    result = desk.performer.perform(claimed)
    why = "chat: the webhook answered 503; email: the webhook answered 503"
    assert result == Retry(why, cmd.FailDelivery(delivery=1, why=why))
    assert isinstance(desk.performer.perform(claimed), Done)
    assert {each.key for each in desk.receiver.received} == {claimed.key}


def test_the_opening_of_a_billing_case_is_done_in_order(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("a whole opening"))
    desk.everything()
    ticket = desk.ticket(ref)
    assert ticket.fields["group"] == "Finance"
    assert (ticket.fields["escalation_state"], ticket.fields["escalation_owner"]) == ("offered", "anna.keller")
    [room] = [each for each in desk.receiver.received if each.body["about"] == "step"]
    assert (room.path, room.body["address"], room.body["person"]) == ("/chat", "#finance-ops", ANNA)
    assert room.body["text"].startswith(f"Anna Keller, please accept {ref} by ")
    assert room.body["text"].endswith("Accountable now: Anna Keller.")
    [note] = desk.notes(ref)
    assert note.startswith(f"State of {ref} when the dispute was escalated (escalation {escalation}, Anna Keller")
    assert "Fields of " in note
    assert "  group: Finance" in note
    assert "  subject: a whole opening" in note
    assert "surety" not in note.split("Fields of")[0].lower()
    assert "Last " in note
    assert "priority: nothing → high" in note
    state = desk.office.state(escalation)
    assert (state.runs, state.deliveries, state.writes) == ({}, {}, ())


def test_created_tickets_are_linked_noted_and_assigned(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("down", CRITICAL))
    desk.everything()
    state = desk.office.state(escalation)
    about, war_room = (desk.ticket(link) for link in state.links)
    assert war_room.fields["subject"] == f"War room for {ref}: down"
    assert war_room.fields["linked_to"] == about.fields["linked_to"] == ref
    assert (war_room.fields["type"], war_room.fields["assignee"]) == ("war-room", "claire.dubois")
    assert f"- status: {CRITICAL['status']}" in str(about.fields["description"])
    notes = desk.notes(ref)
    assert f"Linked ticket: {war_room.ref} (War room for {ref}: down)" in notes
    assert sum(note.startswith("Linked ticket: ") for note in notes) == 2
    pages = [each for each in desk.receiver.received if each.path == "/pager" and each.body["about"] == "page"]
    assert [page.body["address"] for page in pages] == ["claire.dubois@pager.example.com"], (
        "by pager, as the block says"
    )


def test_the_record_follows_acceptance_under_the_helpdesks_names(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("record"))
    desk.everything()
    desk.office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    claimed = desk.effect(escalation, "record")
    assert desk.performer.perform(claimed) == Done(cmd.WriteRecord(write=2))
    fields = desk.ticket(ref).fields
    assert (fields["escalation_state"], fields["escalation_owner"]) == ("accepted", "anna.keller")
    assert fields["escalation_accepted_at"] == "2026-03-03T08:00:00.000000Z"
    assert isinstance(desk.performer.perform(claimed), Done), "again is the same"


def restore(desk: Desk) -> tuple[str, Claimed]:
    ref, escalation = desk.opened(subject(f"restore {len(desk.receiver.received)}"))
    desk.everything()
    desk.office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    desk.everything()
    desk.helpdesk.set_fields(ref, {"status": "solved"}, f"solved {ref}")
    desk.office.see(ref, {**BILLING, "status": "solved"})
    return ref, desk.effect(escalation, "restore")


def test_a_restore_sets_the_status_back_and_says_why(desk: Desk) -> None:
    ref, claimed = restore(desk)
    assert desk.performer.perform(claimed) == Done(cmd.WriteRecord(write=int(str(claimed.payload["write"]))))
    assert desk.ticket(ref).fields["status"] == "open"
    why = desk.notes(ref)[-1]
    assert why.startswith("Set back: it was solved, but its contract is not fulfilled.\n- ")
    assert "- outcome_evidence: invoice_id is missing" in why


def test_a_restore_whose_note_fails_is_not_done(desk: Desk) -> None:
    _, claimed = restore(desk)
    half = Otherwise(desk.helpdesk, note=lambda *_, **__: Unknown("no answer came"))
    performer = Performer(half, lambda: desk.office.active, desk.office.contract, desk.office.store)
    assert performer.perform(claimed) == Retry(
        "no answer came",
        cmd.FailRecord(write=int(str(claimed.payload["write"])), why="no answer came"),
    )


def asked(desk: Desk, text: str | None) -> tuple[str, Claimed]:
    """Anna finds it incomplete, and the requester is asked."""
    clarify = ClarifyOf(within=BoxOf(seconds=4 * 3600, calendar=None), who=None, exception=None)
    desk.office.use(changed(revision().contracts["enterprise-billing"], clarify=clarify))
    ref, escalation = desk.opened(subject(f"incomplete {text}"))
    texts = Texts(desk.office.ids)
    args = cmd.Reject(offer=1, why="incomplete", text=texts.maybe(text))
    desk.office.act(escalation, ANNA, args, texts)
    return ref, desk.effect(escalation, "comment")


def test_the_requester_is_asked_on_the_ticket_by_whom_for_what_until_when(desk: Desk) -> None:
    ref, claimed = asked(desk, "Which invoice is it?")
    done = Done(cmd.WriteRecord(write=int(str(claimed.payload["write"]))))
    assert [desk.performer.perform(claimed) for _ in range(2)] == [done, done]
    comments = [text for text in desk.notes(ref) if "something is missing" in text]
    missing = "Anna Keller cannot take this on yet: something is missing.\nWhich invoice is it?"
    assert comments == [f"{missing}\nPlease answer by 2026-03-03 13:00 CET; until then it stays with Anna Keller."]


def test_without_a_text_the_comment_says_no_more_than_it_knows(desk: Desk) -> None:
    ref, claimed = asked(desk, None)
    assert isinstance(desk.performer.perform(claimed), Done)
    assert desk.notes(ref)[-1].startswith("Anna Keller cannot take this on yet: something is missing.\nPlease answer")


def test_a_comment_that_the_helpdesk_does_not_take_now_is_tried_again(desk: Desk) -> None:
    _, claimed = asked(desk, "Which?")
    half = Otherwise(desk.helpdesk, note=lambda *_, **__: Unknown("no answer came"))
    performer = Performer(half, lambda: desk.office.active, desk.office.contract, desk.office.store)
    assert isinstance(performer.perform(claimed), Retry)


GOING_WRONG = [
    (Partial("T-1", "2", (), ("group",)), True, "the helpdesk did not take: group", None),
    (Throttled(7.5), True, "throttled", 7.5),
    (Unknown("no answer came"), True, "no answer came", None),
    (Conflict("T-1", "3"), True, "the ticket moved on", None),
    (Gone("T-1"), False, "the ticket is gone", None),
    (Rejected("no such field"), False, "no such field", None),
    (Denied("not yours"), False, "not yours", None),
    (Rejected("x" * 900), False, "x" * 200, None),
]


@pytest.mark.parametrize(
    ("outcome", "again", "why", "after"), GOING_WRONG, ids=lambda value: type(value).__name__ if value else ""
)
@pytest.mark.parametrize("kind", ["record", "step"])
def test_what_the_helpdesk_says_decides_what_follows(
    desk: Desk, *, kind: str, outcome: Outcome, again: bool, why: str, after: float | None
) -> None:
    _, escalation = desk.opened(subject(f"{kind} {outcome!r:.80}"))
    claimed = desk.effect(escalation, kind)
    answering = Otherwise(desk.helpdesk, set_fields=lambda *_, **__: outcome)
    found = Performer(answering, lambda: desk.office.active, desk.office.contract, desk.office.store).perform(claimed)
    failed: cmd.Args = (
        cmd.FailRecord(write=1, why=why) if kind == "record" else cmd.FailStep(run="open#1", step=0, attempt=1, why=why)
    )
    assert found == (Retry(why, failed, after) if again else Done(failed, failed=True))


@pytest.mark.parametrize("kind", ["step", "record"])
def test_a_helpdesk_that_is_away_is_asked_again(desk: Desk, kind: str) -> None:
    _, escalation = desk.opened(subject(f"away {kind}"))
    claimed = desk.effect(escalation, kind)
    answering = Otherwise(desk.helpdesk, get=away, set_fields=away)
    found = Performer(answering, lambda: desk.office.active, desk.office.contract, desk.office.store).perform(claimed)
    assert isinstance(found, Retry)
    assert found.why == "the helpdesk could not be asked: ConnectError"


def test_a_step_on_a_ticket_that_is_gone_failed(desk: Desk) -> None:
    _, escalation = desk.opened(subject("gone before the step"))
    claimed = desk.effect(escalation, "step")
    gone = Performer(
        Otherwise(desk.helpdesk, get=Gone), lambda: desk.office.active, desk.office.contract, desk.office.store
    )
    assert gone.perform(claimed) == Done(
        cmd.FailStep(run="open#1", step=0, attempt=1, why="the ticket is gone"), failed=True
    )


def with_step(contract: Contract, number: int, **args: Any) -> Contract:
    """The contract with other arguments in a step of its opening."""
    steps = list(contract.runbook["open"])
    steps[number] = steps[number].model_copy(update={"args": {**steps[number].args, **args}})
    return contract.model_copy(update={"runbook": {**contract.runbook, "open": tuple(steps)}})


def test_a_text_that_cannot_be_rendered_fails_the_step_and_says_what_is_missing(desk: Desk) -> None:
    _, escalation = desk.opened(subject("no text"))
    claimed = desk.effect(escalation, "step")

    def broken(digest: str) -> Contract:
        return with_step(desk.office.contract(digest), 0, fields={"group": "{{ ticket.shoe_size }}"})

    found = Performer(desk.helpdesk, lambda: desk.office.active, broken, desk.office.store).perform(claimed)
    assert isinstance(found, Done)
    assert found.failed
    assert isinstance(found.command, cmd.FailStep)
    assert "`ticket.shoe_size` has no value" in found.command.why


def with_kind(contract: Contract, number: int, kind: str, **args: Any) -> Contract:
    """The contract with a step of its opening made into one of another kind."""
    steps = list(contract.runbook["open"])
    steps[number] = steps[number].model_copy(update={"kind": kind, "args": args})
    return contract.model_copy(update={"runbook": {**contract.runbook, "open": tuple(steps)}})


def test_an_assignment_is_written_under_the_name_that_the_person_has_there(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("assigned"))
    claimed = desk.effect(escalation, "step")
    one = with_kind(desk.office.contract(claimed.contract), 0, "assign", field="assignee")
    performer = Performer(desk.helpdesk, lambda: desk.office.active, lambda _: one, desk.office.store)
    claimed = replace(claimed, payload={**claimed.payload, "who": MIRIAM})
    done = performer.perform(claimed)
    assert isinstance(done, Done)
    assert isinstance(done.command, cmd.SucceedStep)
    assert (done.command.result["field.assignee"], done.command.result["consistent"]) == (MIRIAM, True)
    assert list(done.texts) == [done.command.result["snapshot"]]
    assert desk.ticket(ref).fields["assignee"] == "miriam.okafor"


def test_a_page_goes_by_every_channel_until_one_takes_it(desk: Desk) -> None:
    _, escalation = desk.opened(subject("wake up", CRITICAL))
    claimed = desk.effect(escalation, "step", step_kind="page")
    desk.receiver.received.clear()
    desk.receiver.answers = [500, 500, 204]
    done = desk.performer.perform(claimed)
    assert isinstance(done, Done)
    assert isinstance(done.command, cmd.SucceedStep)
    assert done.command.result == {"channel": "email"}
    assert [each.path for each in desk.receiver.received] == ["/pager", "/chat", "/email"]


def test_a_page_that_no_channel_takes_for_good_has_failed(desk: Desk) -> None:
    _, escalation = desk.opened(subject("asleep", CRITICAL))
    claimed = desk.effect(escalation, "step", step_kind="page")
    desk.receiver.answers = [400, 400, 400]
    done = desk.performer.perform(claimed)
    assert isinstance(done, Done)
    assert done.failed
    assert isinstance(done.command, cmd.FailStep)


def test_a_step_that_was_requested_anew_meanwhile_is_not_done_twice(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("overtaken"))
    claimed = desk.effect(escalation, "step", step=2)
    one = with_step(desk.office.contract(claimed.contract), 2)
    steps = one.runbook["open"]
    patient = steps[2].model_copy(update={"retry": RetryOf(times=1, every=60)})
    tried = one.model_copy(update={"runbook": {**one.runbook, "open": (*steps[:2], patient, *steps[3:])}})
    performer = Performer(desk.helpdesk, lambda: desk.office.active, lambda _: tried, desk.office.store)
    older = replace(claimed, payload={**claimed.payload, "attempt": 0})
    why = "a newer try is under way"
    assert performer.perform(older) == Done(cmd.FailStep(run="open#1", step=2, attempt=0, why=why))
    assert desk.notes(ref) == []
    assert performer.perform(claimed) == Done(cmd.SucceedStep(run="open#1", step=2, attempt=1))
    assert len(desk.notes(ref)) == 1


def test_a_note_whose_answer_was_lost_is_not_written_twice_although_it_would_say_something_else(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("lost note"))
    claimed = desk.effect(escalation, "step", step=2)
    assert isinstance(desk.performer.perform(claimed), Done)
    desk.helpdesk.set_fields(ref, {"group": "Elsewhere"}, "meanwhile")
    again = desk.performer.perform(replace(claimed, attempt=2))
    assert again == Done(cmd.SucceedStep(run="open#1", step=2, attempt=1, result={}))
    assert len(desk.notes(ref)) == 1


def test_a_ticket_whose_answer_was_lost_is_not_created_twice_and_is_linked(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("lost ticket", CRITICAL))
    claimed = desk.effect(escalation, "step", step=2)
    assert desk.office.contract(claimed.contract).runbook["open"][2].kind == "create_ticket"

    def lost(*arguments: Any) -> Outcome:
        desk.helpdesk.create(*arguments)
        return Unknown("no answer came")

    deaf = Performer(
        Otherwise(desk.helpdesk, create=lost), lambda: desk.office.active, desk.office.contract, desk.office.store
    )
    assert isinstance(deaf.perform(claimed), Retry)
    desk.helpdesk.set_fields(ref, {"status": "pending"}, "meanwhile on it")
    again = desk.performer.perform(replace(claimed, attempt=2))
    assert isinstance(again, Done)
    [made] = desk.helpdesk.find_by_key(claimed.key)
    result: dict[str, cmd.Scalar] = {"ticket": made, "assignee": "priya-raman"}
    assert again.command == cmd.SucceedStep(run="open#1", step=2, attempt=1, result=result)
    assert [note for note in desk.notes(ref) if made in note] == [
        f"Linked ticket: {made} (Escalation of {ref}: lost ticket)"
    ]


def test_a_link_that_could_not_be_noted_is_noted_at_the_next_try(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("lost link", CRITICAL))
    claimed = desk.effect(escalation, "step", step=2)
    busy = Otherwise(desk.helpdesk, note=lambda *_, **__: Throttled(3))
    assert Performer(busy, lambda: desk.office.active, desk.office.contract, desk.office.store).perform(
        claimed
    ) == Retry("throttled", cmd.FailStep(run="open#1", step=2, attempt=1, why="throttled"), 3)
    assert isinstance(desk.performer.perform(replace(claimed, attempt=2)), Done)
    assert len([note for note in desk.notes(ref) if note.startswith("Linked ticket")]) == 1


def test_fields_whose_answer_was_lost_and_that_would_be_others_now_stand_as_written(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("lost fields"))
    claimed = desk.effect(escalation, "step")
    one = with_step(desk.office.contract(claimed.contract), 0, fields={"group": "{{ ticket.status }}"})
    performer = Performer(desk.helpdesk, lambda: desk.office.active, lambda _: one, desk.office.store)
    assert isinstance(performer.perform(claimed), Done)
    desk.helpdesk.set_fields(ref, {"status": "pending"}, "meanwhile it moved")
    again = performer.perform(replace(claimed, attempt=2))
    assert again == Done(cmd.SucceedStep(run="open#1", step=0, attempt=1, result={}))
    assert desk.ticket(ref).fields["group"] == "new"


def test_a_snapshot_shows_what_stood_there_at_that_moment(desk: Desk) -> None:
    ref, escalation = desk.opened(subject("moment"))
    claimed = desk.effect(escalation, "step", step=2)
    history = desk.helpdesk.history(ref, 20)
    desk.performer.perform(claimed)
    note = desk.notes(ref)[0]
    assert f"(version {history[-1].version}):" in note
    assert f"Last {len(history)} history entries:" in note
    assert isinstance(history[0], HistoryEntry)


def test_the_same_effect_gives_the_same_command() -> None:
    args = cmd.Deliver(delivery=1, channel="chat")
    one, again = result_command("e:1:0", args), result_command("e:1:0", args)
    assert one == again
    assert result_command("e:1:1", args).id != one.id
    assert (one.actor, one.source, one.human) == ("surety:outbox", "outbox", False)


def test_the_clock_of_these_tests_stands() -> None:
    assert at(0) == START
