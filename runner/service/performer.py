"""Doing one effect: a message, a step, a write to the ticket. Says what came of it; the outbox decides on retries."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from runner.channels import Facts, Message, Sent, Unsent, wording
from runner.contract.contract import Contract, StepOf
from runner.contract.text import TextError, message_context, render, show_instant
from runner.contract.values import format_instant, parse_instant
from runner.engine import commands as cmd
from runner.engine.briefing import briefing
from runner.engine.reasons import SENTENCES, Reason
from runner.engine.results import ENDED
from runner.engine.state import load_state
from runner.helpdesk.port import (
    Applied,
    Conflict,
    Denied,
    Gone,
    Helpdesk,
    HelpdeskError,
    NoChange,
    Outcome,
    Partial,
    Rejected,
    Throttled,
    Ticket,
    Unknown,
)
from runner.service.active import Active
from runner.service.snapshot import snapshot_text
from runner.store.port import Claimed, Store
from runner.zones import zone

__all__ = ["Done", "Performer", "Retry", "reporter", "result_command"]


OVERTAKEN = "a newer try is under way"


@dataclass(frozen=True, slots=True)
class Done:
    """It is settled: `command` carries the result to the escalation. `failed` if it could not be done for good."""

    command: cmd.Args
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """It may work later; `giving_up` is the result to report when there are no tries left."""

    why: str
    giving_up: cmd.Args
    after_seconds: float | None = None


Report = Callable[[str | None, Mapping[str, Any]], cmd.Args]
"""Makes the result command: from a failure's reason, or from None and what was gained."""


class Performer:
    """Does effects through the helpdesk and the channels of the active epoch. Called from several threads."""

    def __init__(
        self, helpdesk: Helpdesk, active: Callable[[], Active], contract: Callable[[str], Contract], store: Store
    ) -> None:
        self._helpdesk = helpdesk
        self._active = active
        self._contract = contract
        self._store = store

    def perform(self, claimed: Claimed) -> Done | Retry:
        """Do it once. Never raises for what the world does."""
        payload = claimed.payload
        report = reporter(claimed.kind, payload)
        try:
            match claimed.kind:
                case "message":
                    return self._message(claimed, payload, report)
                case "step":
                    return self._step(claimed, payload, report)
                case _:
                    return self._write(claimed, payload, report)
        except HelpdeskError as error:
            return Retry(str(error)[:200], report(str(error)[:200], {}))
        except TextError as error:
            return Done(report(str(error)[:200], {}), failed=True)

    def _message(self, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
        if payload["offer"] is not None and self._ended(claimed.escalation, payload["offer"]):
            return Done(report(ENDED, {}))
        active = self._active()
        people = active.revision.policies.people.people
        to, accountable = str(payload["to"]), str(payload["accountable"])
        ticket = self._told(claimed.ticket)
        by = payload["accept_by"]
        subject, text = wording(
            str(payload["about"]),
            Facts(
                to=people[to].name if to in people else to,
                accountable=people[accountable].name if accountable in people else accountable,
                ticket=claimed.ticket,
                subject=str(ticket.get("subject", "")),
                url=str(ticket["url"]),
                template=self._contract(claimed.contract).name,
                reason=SENTENCES[Reason(payload["reason"])],
                accept_by=show_instant(parse_instant(by), zone(people[to].zone)) if by and to in people else by,
                offer=payload["offer"],
            ),
        )
        message = Message(
            claimed.key, "", subject, text, to, accountable, str(payload["about"]), claimed.escalation, claimed.ticket
        )
        return _sent(active.dispatcher.to_person(to, message), report)

    def _step(self, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
        contract = self._contract(claimed.contract)
        step = contract.runbook[payload["point"]][payload["step"]]
        if step.retry is not None and self._overtaken(claimed.escalation, payload):
            return Done(report(OVERTAKEN, {}))
        if step.kind in ("notify", "page"):
            context = self._context(contract, self._told(claimed.ticket), claimed, payload)
            return self._notify(step, context, claimed, payload, report)
        ticket = self._helpdesk.get(claimed.ticket)
        if isinstance(ticket, Gone):
            return Done(report("the ticket is gone", {}), failed=True)
        context = self._context(contract, self._read(ticket), claimed, payload)
        match step.kind:
            case "set_fields" | "assign":
                wanted = step.args["fields"] if step.kind == "set_fields" else {step.args["field"]: payload["who"]}
                fields = self._active().fields.theirs(_rendered(wanted, context))
                outcome = self._helpdesk.set_fields(claimed.ticket, fields, claimed.key)
                if isinstance(outcome, Rejected) and self._done_before(claimed):
                    return Done(report(None, {}))
                return _written(outcome, report)
            case "note":
                if self._done_before(claimed):
                    return Done(report(None, {}))
                text = render(str(step.args["text"]), context)
                entries = step.args["snapshot"]
                if isinstance(entries, int):
                    text += snapshot_text(ticket, self._helpdesk.history(claimed.ticket, entries))
                return _written(self._helpdesk.note(claimed.ticket, text, claimed.key), report)
            case _:
                return self._create(step, context, claimed, payload, report)

    def _notify(
        self, step: StepOf, context: Mapping[str, object], claimed: Claimed, payload: Mapping[str, Any], report: Report
    ) -> Done | Retry:
        active = self._active()
        who, accountable = payload["who"] or "", payload["accountable"] or ""
        people = active.revision.policies.people.people
        text = render(str(step.args["message"]), context)
        if accountable in people:
            text += f"\nAccountable now: {people[accountable].name}."
        subject = f"{claimed.ticket}: {self._contract(claimed.contract).name}"
        about = "page" if step.kind == "page" else "step"
        message = Message(claimed.key, "", subject, text, who, accountable, about, claimed.escalation, claimed.ticket)
        if step.room is not None:
            return _sent(active.dispatcher.to_room(step.room, message), report)
        return _sent(active.dispatcher.to_person(who, message, step.via), report)

    def _create(
        self, step: StepOf, context: Mapping[str, object], claimed: Claimed, payload: Mapping[str, Any], report: Report
    ) -> Done | Retry:
        active = self._active()
        values = _rendered(step.args["fields"], context)
        values["subject"] = render(str(step.args["subject"]), context)
        fields = active.fields.theirs(values)
        fields["description"] = render(str(step.args["body"]), context)
        fields["linked_to"] = claimed.ticket
        assignee = payload["who"]
        if assignee:
            fields |= active.fields.theirs({active.fields.assignee: assignee})
        created = self._done_before(claimed)
        if created is None:
            outcome = self._helpdesk.create(fields, claimed.key)
            if not isinstance(outcome, Applied | NoChange):
                return _written(outcome, report)
            created = outcome.ref
        link = f"Linked ticket: {created} ({values['subject']})"
        noted = self._helpdesk.note(claimed.ticket, link, f"{claimed.key}:link")
        if isinstance(noted, Throttled | Unknown):
            return _written(noted, report)
        return Done(report(None, {"ticket": created}))

    def _done_before(self, claimed: Claimed) -> str | None:
        """The ticket that an earlier try of this effect wrote to, if one got through; its answer may have been lost.

        It is looked up because a second try need not say the same: a ticket that was read again has other values.
        """
        if claimed.attempt == 1:
            return None
        found = self._helpdesk.find_by_key(claimed.key)
        return found[0] if found else None

    def _write(self, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
        fields = self._active().fields.theirs(payload["fields"])
        outcome = self._helpdesk.set_fields(claimed.ticket, fields, claimed.key)
        if claimed.kind == "restore" and isinstance(outcome, Applied | NoChange):
            noes = "\n".join(f"- {no}" for no in payload["noes"])
            text = f"Set back: it was solved, but its contract is not fulfilled.\n{noes}"
            outcome = self._helpdesk.note(claimed.ticket, text, f"{claimed.key}:why")
        return _written(outcome, report)

    def _ended(self, escalation: str, offer: int) -> bool:
        """Whether an offer is over, so that nobody should be asked to accept it any more."""
        with self._store.reader() as reader:
            stream = reader.stream(escalation)
        return stream is not None and offer not in load_state(stream.state).offers

    def _overtaken(self, escalation: str, payload: Mapping[str, Any]) -> bool:
        """Whether a step has been requested anew meanwhile, so that this try would do it a second time."""
        with self._store.reader() as reader:
            stream = reader.stream(escalation)
        run = load_state(stream.state).runs.get(payload["run"]) if stream is not None else None
        return run is not None and run.step == payload["step"] and run.attempt > payload["attempt"]

    def _told(self, ref: str) -> dict[str, object]:
        """A ticket for a text: as it is, or without a link as it was read last, if it is gone or cannot be read.

        People must hear of an escalation although the helpdesk is away: that may be the very reason for it.
        """
        try:
            ticket = self._helpdesk.get(ref)
        except HelpdeskError:
            ticket = Gone(ref)
        if isinstance(ticket, Ticket):
            return self._read(ticket)
        with self._store.reader() as reader:
            case = reader.case(ref)
        return {**(case.reading if case is not None else {}), "id": ref, "url": ""}

    def _read(self, ticket: Ticket) -> dict[str, object]:
        return {
            **self._active().fields.reading(ticket).fields,
            "id": ticket.ref,
            "url": ticket.url,
            "created_at": format_instant(ticket.created_at),
            "updated_at": format_instant(ticket.updated_at),
        }

    def _context(
        self, contract: Contract, ticket: Mapping[str, object], claimed: Claimed, payload: Mapping[str, Any]
    ) -> dict[str, object]:
        active = self._active()
        people = active.revision.policies.people.people
        names = {person: each.name for person, each in people.items()}
        who = payload["who"]
        return message_context(
            ticket=ticket,
            zone=zone(people[who].zone if who in people else "UTC"),
            **briefing(contract, claimed.escalation, payload, names),
        )


def _rendered(fields: object, context: Mapping[str, object]) -> dict[str, Any]:
    given = cast("Mapping[str, Any]", fields)  # the contract holds a mapping here
    return {name: render(value, context) if isinstance(value, str) else value for name, value in given.items()}


def reporter(kind: str, payload: Mapping[str, Any]) -> Report:
    """What makes the result of an effect."""

    def message(failure: str | None, gained: Mapping[str, Any]) -> cmd.Args:
        if failure is not None:
            return cmd.FailDelivery(delivery=payload["delivery"], why=failure)
        return cmd.Deliver(delivery=payload["delivery"], channel=str(gained.get("channel", "")))

    def step(failure: str | None, gained: Mapping[str, Any]) -> cmd.Args:
        run, number, attempt = payload["run"], payload["step"], payload["attempt"]
        if failure is not None:
            return cmd.FailStep(run=run, step=number, attempt=attempt, why=failure)
        return cmd.SucceedStep(run=run, step=number, attempt=attempt, result=dict(gained))

    def write(failure: str | None, gained: Mapping[str, Any]) -> cmd.Args:
        del gained
        if failure is not None:
            return cmd.FailRecord(write=payload["write"], why=failure)
        return cmd.WriteRecord(write=payload["write"])

    return {"message": message, "step": step}.get(kind, write)


def _sent(result: Sent | Unsent, report: Report) -> Done | Retry:
    if isinstance(result, Sent):
        return Done(report(None, {"channel": result.channel}))
    if result.permanent:
        return Done(report(result.why[:200], {}), failed=True)
    return Retry(result.why[:200], report(result.why[:200], {}))


def _written(outcome: Outcome, report: Report) -> Done | Retry:
    match outcome:
        case Applied() | NoChange():
            return Done(report(None, {}))
        case Partial(rejected=rejected):
            why = f"the helpdesk did not take: {', '.join(rejected)}"
            return Retry(why[:200], report(why[:200], {}))
        case Throttled(retry_after_seconds=seconds):
            return Retry("throttled", report("throttled", {}), after_seconds=seconds)
        case Unknown(reason=reason):
            return Retry(reason[:200], report(reason[:200], {}))
        case Conflict():
            return Retry("the ticket moved on", report("the ticket moved on", {}))
        case Gone():
            return Done(report("the ticket is gone", {}), failed=True)
        case Rejected(reason=reason) | Denied(reason=reason):
            return Done(report(reason[:200], {}), failed=True)


_NAMESPACE = uuid.UUID("5d5a55f1-8f0a-4c51-9d2f-6d8f2b1f6a10")


def result_command(key: str, args: cmd.Args) -> cmd.Command:
    """The result of an effect as a command; its id follows from the effect's key, so repeats are the same command."""
    return cmd.Command(id=str(uuid.uuid5(_NAMESPACE, key)), actor="surety:outbox", source="outbox", args=args)
