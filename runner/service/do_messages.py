"""Sending messages: the engine's own, and those of notify and page steps. Addresses and texts are found at sending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.channels import Facts, Message, wording
from runner.contract.text import render, show_instant
from runner.contract.values import parse_instant
from runner.engine.reasons import SENTENCES, Reason
from runner.engine.results import ENDED
from runner.service.means import Job, Means
from runner.service.outcomes import Done, Report, Retry, sent
from runner.service.particulars import Particulars, Reader, particulars
from runner.service.questions import question_text
from runner.store.port import Claimed
from runner.zones import zone

__all__ = ["notify", "send_message"]

_LONGEST_TITLE = 200
"""Characters of a ticket's title; the ticket has the rest."""


def send_message(means: Means, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
    """A message of the engine's own to one person."""
    if payload["offer"] is not None and means.ended(claimed.escalation, payload["offer"]):
        return Done(report(ENDED, {}))
    active = means.active()
    people = active.revision.policies.people.people
    to, accountable = str(payload["to"]), str(payload["accountable"])
    ticket = means.told(claimed.ticket)
    names = {person: each.name for person, each in people.items()}
    reader = Reader(
        names, zone(people[to].zone if to in people else "UTC"), lambda text: means.text(claimed.escalation, text)
    )
    more = particulars(means.decision(claimed), payload, means.contract(claimed.contract), reader)
    by = payload["accept_by"]
    subject, text = wording(
        _kind(str(payload["about"]), more),
        Facts(
            to=reader.name(to),
            accountable=reader.name(accountable),
            ticket=claimed.ticket,
            subject=_title(ticket.get("subject")),
            url=str(ticket["url"]),
            template=means.contract(claimed.contract).name,
            reason=SENTENCES[Reason(payload["reason"])],
            accept_by=show_instant(parse_instant(by), reader.zone) if by else None,
            offer=payload["offer"],
            note="\n".join((*_note(means, claimed.escalation, payload), *more.lines)),
            asked=more.asked,
            asked_by=more.asked_by,
            missed=more.missed,
        ),
    )
    if payload.get("question"):
        text += "\n\n" + _question(means, claimed, payload["question"], report)
    message = Message(
        claimed.key, "", subject, text, to, accountable, str(payload["about"]), claimed.escalation, claimed.ticket
    )
    return sent(active.dispatcher.to_person(to, message), report)


def _title(subject: object) -> str:
    """The ticket's title as one short line: whoever wrote it must not be able to write lines of a message."""
    line = " ".join("".join(ch if ch.isprintable() else " " for ch in str(subject or "")).split())
    return line if len(line) <= _LONGEST_TITLE else line[:_LONGEST_TITLE] + "…"


def _kind(about: str, more: Particulars) -> str:
    """What the message is about: an offer beside the ladder asks for something else."""
    return f"{about}_{more.purpose}" if about == "offer" and more.purpose in ("handoff", "exception") else about


def _note(means: Means, escalation: str, payload: Mapping[str, Any]) -> tuple[str, ...]:
    """What more the decision says in words; rows of an earlier version have none."""
    words = [payload["note"]] if payload.get("note") else []
    if payload.get("text"):
        words += [text] if (text := means.text(escalation, payload["text"])) else []
    return (": ".join(words),) if words else ()


def _question(means: Means, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> str:
    """What a step asks, in the words of its contract."""
    contract = means.contract(claimed.contract)
    step = contract.runbook[payload["point"]][payload["step"]]
    return question_text(step, means.context(Job(claimed, payload, contract, step, report), means.told(claimed.ticket)))


def notify(means: Means, job: Job) -> Done | Retry:
    """A message of a notify or page step, to a person or a room; it names who is accountable."""
    active, step, claimed, payload = means.active(), job.step, job.claimed, job.payload
    who, accountable = payload["who"] or "", payload["accountable"] or ""
    people = active.revision.policies.people.people
    text = render(str(step.args["message"]), means.context(job, means.told(claimed.ticket)))
    if accountable in people:
        text += f"\nAccountable now: {people[accountable].name}."
    subject = f"{claimed.ticket}: {job.contract.name}"
    about = "page" if step.kind == "page" else "step"
    message = Message(claimed.key, "", subject, text, who, accountable, about, claimed.escalation, claimed.ticket)
    if step.room is not None:
        return sent(active.dispatcher.to_room(step.room, message), job.report)
    return sent(active.dispatcher.to_person(who, message, step.via), job.report)
