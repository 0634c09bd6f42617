"""What effects are done with: helpdesk, active epoch, contracts, store; and what every kind of effect asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, cast

from runner.channels import ActionSender
from runner.contract.contract import Contract, StepOf
from runner.contract.filled import filled_fields
from runner.contract.text import is_liquid, message_context, render
from runner.contract.values import format_instant
from runner.engine.briefing import briefing, whose_time, with_texts
from runner.engine.decision import ReadDecision, read_decision
from runner.engine.rollback import rolled_back
from runner.engine.state import State, load_state
from runner.helpdesk.port import Gone, Helpdesk, HelpdeskError, Ticket
from runner.service.active import Active
from runner.service.ids import Ids, text_digest
from runner.service.outcomes import Done, Report, Retry
from runner.store.port import Claimed, Store, Text
from runner.zones import zone

__all__ = ["Job", "Means", "StepDoer", "rendered"]


@dataclass(frozen=True, slots=True)
class Job:
    """A step to be done: its effect, its contract, the step itself, and what makes its result."""

    claimed: Claimed
    payload: Mapping[str, Any]
    contract: Contract
    step: StepOf
    report: Report


class Means:
    """Shared by all effects. Called from several threads."""

    def __init__(  # noqa: PLR0917 - what the service is made of
        self,
        helpdesk: Helpdesk,
        active: Callable[[], Active],
        contract: Callable[[str], Contract],
        store: Store,
        actions: ActionSender,
        ids: Ids,
    ) -> None:
        self.helpdesk = helpdesk
        self.active = active
        self.contract = contract
        self.store = store
        self.actions = actions
        self.ids = ids

    def done_before(self, claimed: Claimed) -> str | None:
        """The ticket that an earlier try of this effect wrote to, if one got through; its answer may have been lost.

        It is looked up because a second try need not say the same: a ticket that was read again has other values.
        """
        if claimed.attempt == 1:
            return None
        found = self.helpdesk.find_by_key(claimed.key)
        return found[0] if found else None

    def ended(self, escalation: str, offer: int) -> bool:
        """Whether an offer is over, so that nobody should be asked to accept it any more."""
        with self.store.reader() as reader:
            stream = reader.stream(escalation)
        return stream is not None and offer not in load_state(stream.state).offers

    def overtaken(self, escalation: str, payload: Mapping[str, Any]) -> bool:
        """Whether a step has been requested anew meanwhile, so that this try would do it a second time."""
        with self.store.reader() as reader:
            stream = reader.stream(escalation)
        run = load_state(stream.state).runs.get(payload["run"]) if stream is not None else None
        return run is not None and run.step == payload["step"] and run.attempt > payload["attempt"]

    def stopped(self, escalation: str, run: str) -> bool:
        """Whether what a run did is being taken back, so that nothing more of it may be done."""
        state = self.state(escalation)
        return state is not None and rolled_back(state, run)

    def state(self, escalation: str) -> State | None:
        """The escalation as it stands; None if there is none of this id."""
        with self.store.reader() as reader:
            stream = reader.stream(escalation)
        return load_state(stream.state) if stream is not None else None

    def decision(self, claimed: Claimed) -> ReadDecision | None:
        """The decision that asked for an effect; None if this program cannot read it."""
        with self.store.reader() as reader:
            row = next(reader.decisions(claimed.escalation, claimed.seq - 1), None)
        try:
            return read_decision(row[1]) if row is not None else None
        except (ValueError, KeyError):
            return None

    def aside(self, text: str, key: str) -> dict[str, Text]:
        """A text that a result names by digest, salted under a key of its own."""
        salt = self.ids.salt_for(key)
        return {text_digest(salt, text): (salt, text)}

    def text(self, escalation: str, digest: str) -> str | None:
        """A text of a person by its digest; None if it was erased."""
        with self.store.reader() as reader:
            return reader.text(escalation, digest)

    def told(self, ref: str) -> dict[str, object]:
        """A ticket for a text: as it is, or without a link as it was read last, if it is gone or cannot be read.

        People must hear of an escalation although the helpdesk is away: that may be the very reason for it.
        """
        try:
            ticket = self.helpdesk.get(ref)
        except HelpdeskError:
            ticket = Gone(ref)
        if isinstance(ticket, Ticket):
            return self.read(ticket)
        with self.store.reader() as reader:
            case = reader.case(ref)
        return {**(case.reading if case is not None else {}), "id": ref, "url": ""}

    def read(self, ticket: Ticket) -> dict[str, object]:
        """A ticket as texts know it."""
        return {
            **self.active().fields.reading(ticket).fields,
            "id": ticket.ref,
            "url": ticket.url,
            "created_at": format_instant(ticket.created_at),
            "updated_at": format_instant(ticket.updated_at),
        }

    def context(self, job: Job, ticket: Mapping[str, object], *, exact: bool = False) -> dict[str, object]:
        """What the texts of a step may name; instants in `whose_time` it is, or `exact`."""
        people = self.active().revision.policies.people.people
        names = {person: each.name for person, each in people.items()}
        escalation = job.claimed.escalation
        with self.store.reader() as reader:
            payload = with_texts(job.contract, job.payload, lambda text: reader.text(escalation, text))
        return message_context(
            ticket=ticket,
            zone=None if exact else self._zone(job),
            **briefing(job.contract, escalation, payload, names),
        )

    def _zone(self, job: Job) -> tzinfo:
        """The time zone in which the texts of a step tell times."""
        people = self.active().revision.policies.people.people
        whose = whose_time(job.payload, people)
        return zone(people[whose].zone if whose is not None else "UTC")

    def filled(self, job: Job, ticket: Mapping[str, object], written: object) -> dict[str, Any]:
        """Values for ticket fields with their texts filled in, each of its field's type. Raises TextError."""
        given = cast("Mapping[str, object]", written)  # the contract holds a mapping here
        texts = any(isinstance(value, str) and is_liquid(value) for value in given.values())
        context = self.context(job, ticket, exact=True) if texts else {}
        return filled_fields(given, self.active().fields.fields.fields, context, self._zone(job))


StepDoer = Callable[[Means, Job], Done | Retry]
"""Does the steps of one kind."""


def rendered(fields: object, context: Mapping[str, object]) -> dict[str, Any]:
    """Values with their texts filled in. Raises TextError."""
    given = cast("Mapping[str, Any]", fields)  # the contract holds a mapping here
    return {name: render(value, context) if isinstance(value, str) else value for name, value in given.items()}
