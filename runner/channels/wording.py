"""The engine's own messages in words: each names one accountable person and one action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Facts", "wording"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message is made of, ready to read: names, not ids; `accept_by` local to the reader, None if open-ended."""

    to: str
    accountable: str
    ticket: str
    subject: str
    url: str
    template: str
    reason: str
    accept_by: str | None
    offer: int | None
    note: str = ""
    """What more there is to say, in lines or a text of somebody; empty if nothing is."""
    asked: str | None = None
    """Who is asked by now, and `asked_by` until when; None if that is the one who is accountable."""
    asked_by: str | None = None
    missed: str | None = None
    """Whom nobody has reached; None if that is the one who is accountable."""


def wording(about: str, facts: Facts) -> tuple[str, str]:
    """Subject and text of a message about something; raises KeyError for what is not a message."""
    head, action = _ABOUT[about]
    values = {
        "to": facts.to,
        "owner": facts.accountable,
        "asked": facts.asked or facts.accountable,
        "taken": f"by {facts.asked_by}" if facts.asked_by else "soon",
        "missed": facts.missed or facts.accountable,
        "ticket": facts.ticket,
        "reason": facts.reason,
        "until": f"by {facts.accept_by}" if facts.accept_by else "soon",
        "template": facts.template,
    }
    subject = head.format(**values)
    lines = [subject + ".", action.format(**values)]
    if facts.note:
        lines.append(facts.note)
    if facts.subject:
        lines.append(f"Ticket: {facts.subject}")
    who = "" if about == "ended" else f"Accountable now: {facts.accountable}. "
    lines.extend(each for each in (f"{who}{facts.url}".rstrip(),) if each)
    return subject, "\n".join(lines)


_ABOUT: Mapping[str, tuple[str, str]] = {
    "offer": (
        "{ticket} is offered to you ({template}): {reason}",
        "Accept it {until} with the checklist, or reject it with a reason.",
    ),
    "offer_handoff": (
        "{ticket} is to be handed over to you ({template}): {reason}",
        "Accept it {until} with the checklist, or reject it with a reason; {owner} goes on until then.",
    ),
    "offer_exception": (
        "{ticket}: you are asked to see to an exception ({template})",
        "Accept it {until} with the checklist, or reject it with a reason; the ticket stays with {owner}.",
    ),
    "failover": (
        "{ticket} was not accepted ({reason}); {asked} is asked now",
        "See that {asked} takes it {taken}.",
    ),
    "rung_skipped": (
        "{ticket}: somebody on the ladder could not be asked",
        "Check who is on call; {asked} is asked now.",
    ),
    "not_told": (
        "{ticket}: no channel took the message to {missed}",
        "Reach {missed} by other means and check their contacts.",
    ),
    "exhausted": (
        "{ticket}: everybody was asked and nobody accepted",
        "You hold it: accept it or give it to somebody.",
    ),
    "reminder": (
        "{ticket} is still open ({template})",
        "See that {owner} brings it to its outcome or takes the next step.",
    ),
    "outcome_overdue": (
        "{ticket}: the outcome is overdue ({template})",
        "Decide with {owner} what happens now: more time, another owner, or an exception.",
    ),
    "returned": (
        "{ticket}: the handoff was not accepted",
        "It stays with {owner}: go on, or hand it to somebody else.",
    ),
    "handed_over": ("{ticket}: your handoff was accepted by {owner}", "Nothing more is asked of you."),
    "exception": ("{ticket}: there is an exception ({reason})", "See that recovery has begun."),
    "exception_overdue": (
        "{ticket}: recovery from the exception took too long",
        "Recovery is yours now: end it, or give it to somebody who can.",
    ),
    "exception_ended": ("{ticket}: an exception ended", "Nothing of it holds {owner} up any more: go on."),
    "task": (
        "{ticket}: a task for recovery is yours",
        "Do it, and say in the escalation that it is done.",
    ),
    "task_overdue": (
        "{ticket}: a task for recovery was not done by its time",
        "See that it is done, or plan recovery otherwise.",
    ),
    "unproven": (
        "{ticket} was solved without proof",
        "Give the missing proof and resolve it through the contract; the note on the ticket says what is missing.",
    ),
    "not_closed": (
        "{ticket} was not closed: {reason}",
        "It is {owner}'s again: see to what is missing, then resolve it anew.",
    ),
    "remediation": (
        "{ticket} cannot end yet: {reason}, and that is for you to see to",
        "Do what is missing, so that {owner} can end it.",
    ),
    "remediation_overdue": (
        "{ticket} cannot end yet: {reason}",
        "See that it is done, or end the escalation with a rationale.",
    ),
    "postmortem": (
        "{ticket}: you are to see to what follows from its post-mortem",
        "Read it, and see that it does not happen again.",
    ),
    "gone": ("{ticket} was deleted or is out of sight", "Find out why, then close or cancel the escalation."),
    "step_failed": ("{ticket}: a step of the runbook failed", "Do it by hand or see that it is done."),
    "run_stopped": (
        "{ticket}: a runbook stopped at a step that failed",
        "Do that step and the rest by hand, or see that it is done.",
    ),
    "not_undone": (
        "{ticket}: steps of the runbook could not be undone",
        "See what still stands, undo it by hand, then end the exception.",
    ),
    "still_holds": (
        "{ticket} has ended, and what a runbook did elsewhere still holds",
        "Take it back there by hand, or see that somebody does.",
    ),
    "page_unanswered": (
        "{ticket}: {missed} was paged and has done nothing since",
        "Reach {missed} by other means, or see that it goes on without.",
    ),
    "undelivered": (
        "{ticket}: a message to {missed} could not be delivered",
        "Reach {missed} by other means and check their contacts.",
    ),
    "record_failed": ("{ticket}: the ticket could not be written", "Check the helpdesk connection."),
    "no_progress": (
        "{ticket}: {owner} has shown no progress",
        "{owner} is to say how it goes on, or to hand it over; otherwise somebody else is asked.",
    ),
    "question": (
        "{ticket}: your decision is needed ({template}): {reason}",
        "Answer it {until}, or reject the question, so that it passes on.",
    ),
    "wait_over": (
        "{ticket}: what the runbook waits for has not come true in time",
        "See why; the runbook goes on without it.",
    ),
    "released": ("{ticket} is no longer yours: {reason}", "Tell {owner}, who is asked now, what you know."),
    "reopened": (
        "{ticket} is open again ({template}): {reason}",
        "See that {owner} brings it to its outcome once more.",
    ),
    "ended": ("{ticket} was ended by another: {reason}", "Nothing more is asked of you."),
    "superseded": (
        "{ticket} is an escalation of another kind now: {reason}",
        "You answer for it until somebody has accepted it; tell that person what you know.",
    ),
    "merged": (
        "{ticket} was merged into another ticket",
        "Go on there; {owner} is accountable.",
    ),
    "drift": (
        "{ticket} was changed in the helpdesk: {reason}",
        "Find out who or what changed it, and act through the contract instead.",
    ),
    "owner_away": (
        "{ticket} is resolved, and {owner} is away",
        "Close it, or give it to somebody who does.",
    ),
    "clarify": (
        "{ticket}: something is missing before anybody can take it",
        "See that the requester says what is asked in the comment on the ticket, or say it yourself.",
    ),
    "clarifying": (
        "{ticket}: {owner} finds it incomplete, and the requester is asked",
        "It stays with {owner} meanwhile; the next is asked if no answer comes in time.",
    ),
    "waited": (
        "{ticket}: the wait is over ({reason})",
        "Go on with it, {owner}: say how, hand it over, or escalate.",
    ),
    "service_hours": (
        "{ticket} came outside the service hours ({template})",
        "It is yours until the others are asked; accept it {until} if it cannot wait.",
    ),
    "override": ("{ticket} was taken from you by a manager", "Nothing more is asked of you; {owner} goes on."),
}
