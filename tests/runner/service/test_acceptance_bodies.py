"""Acceptance in the service: texts of answers stand beside the record, the requester is asked on the ticket, an answer
in the helpdesk counts, and a wait ends by it.
"""

from __future__ import annotations

from runner.contract.contract import BoxOf, CheckOf, ClarifyOf, Contract, WaitingOf
from runner.engine import commands as cmd
from runner.engine.state import Phase
from runner.service.outcomes import result_command
from runner.service.requests import AcceptBody, Texts, WaitBody
from runner.service.views import timeline_view
from runner.store.memory import MemoryStore
from tests.runner.service.company import ANNA, BILLING, Office, changed, revision

NO_FACTS = cmd.TicketFacts()


def patient() -> Contract:
    """The billing contract, which taps, clarifies and waits."""
    hours = BoxOf(seconds=4 * 3600, calendar=None)
    return changed(
        revision().contracts["enterprise-billing"],
        checklist=(
            CheckOf(name="sure", question="Sure?"),
            CheckOf(name="plan", question="And then?", answer="text"),
            CheckOf(name="amount", question="How much?", answer="number"),
        ),
        checklist_within=hours,
        clarify=ClarifyOf(within=hours, who=None, exception="data-missing"),
        waiting=WaitingOf(at_most=hours, then="owner"),
        runbook={},
    )


def office() -> Office:
    made = Office(MemoryStore())
    made.use(patient())
    return made


def test_a_text_among_the_answers_stands_beside_the_record() -> None:
    made = office()
    escalation = made.open("T-1")
    texts = Texts(made.ids)
    body = AcceptBody.model_validate(
        {"offer": 1, "answers": {"sure": True, "amount": 2.5}, "texts": {"plan": "I call"}}
    )
    made.act(escalation, ANNA, body.args(texts, lambda: NO_FACTS), texts)
    assert made.state(escalation).phase is Phase.ACCEPTED
    (said,) = [row.command.args for row in made.rows(escalation) if isinstance(row.command.args, cmd.Accept)]
    assert said.answers["amount"] == 2.5
    assert texts.kept[str(said.answers["plan"])][1] == "I call"
    with made.store.reader() as reader:
        assert all(b"I call" not in body for _, body, _ in reader.decisions(escalation))
        shown = timeline_view(reader, made.stream(escalation))
    assert [row["texts"] for row in shown if row["command"] == "Accept"] == [{"answers": {"plan": "I call"}}]


def test_a_wait_is_read_from_its_body_and_ends_by_a_change_of_the_ticket() -> None:
    made = office()
    escalation = made.open("T-1")
    made.act(escalation, ANNA, cmd.Accept(offer=1, answers={}))
    made.act(escalation, ANNA, cmd.CompleteChecklist(answers={"sure": True, "amount": 1, "plan": "a" * 64}))
    texts = Texts(made.ids)
    body = WaitBody.model_validate({"for": "customer", "text": "no invoice"})
    made.act(escalation, ANNA, body.args(texts, lambda: NO_FACTS), texts)
    assert made.state(escalation).phase is Phase.WAITING
    made.see("T-1", {**BILLING, "customer_confirmation": "by mail"})
    assert made.state(escalation).phase is Phase.ACCEPTED


def test_the_status_and_what_surety_writes_are_no_answer() -> None:
    made = office()
    escalation = made.open("T-1")
    made.act(escalation, ANNA, cmd.Reject(offer=1, why="incomplete"))
    made.see("T-1", {**BILLING, "status": "open", "escalation_state": "offered"})
    assert made.state(escalation).clarification is not None
    made.see("T-1", {**BILLING, "status": "open", "escalation_state": "offered", "invoice_id": "INV-1"})
    state = made.state(escalation)
    assert (state.clarification, [offer.to for offer in state.offers.values()]) == (None, [ANNA])


def test_the_comment_goes_out_in_the_lane_of_the_ticket() -> None:
    made = office()
    escalation = made.open("T-1")
    made.succeed()
    made.act(escalation, ANNA, cmd.Reject(offer=1, why="incomplete"))
    (comment,) = [each for each in made.claim() if each.kind == "comment"]
    assert comment.payload["person"] == ANNA
    made.queue(
        escalation, result_command(comment.key, cmd.WriteRecord(write=int(str(comment.payload["write"])))), comment.key
    )
    made.drain()
    assert comment.payload["write"] not in made.state(escalation).writes
    assert [offer.to for offer in made.state(escalation).offers.values()] == [ANNA]
