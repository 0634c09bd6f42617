"""Events in words, one line each, for timelines: what happened, said as one would say it aloud. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from runner.engine import events as ev
from runner.engine.reasons import SENTENCES, Reason

__all__ = ["in_place_of", "in_words", "is_owner_event"]

Show = Callable[[str | None], str]
_TEXT = re.compile(r"[0-9a-f]{64}")
"""The digest that stands for a text."""

_ABOUT: Mapping[str, str] = {
    "offer": "asked to accept",
    "failover": "told that the offer moved on",
    "rung_skipped": "told that a rung was skipped",
    "not_told": "told that an offer reached nobody",
    "exhausted": "told that nobody accepted",
    "reminder": "reminded",
    "outcome_overdue": "told that the outcome is overdue",
    "returned": "told that the handoff came back",
    "handed_over": "told that the handoff was accepted",
    "exception": "told of an exception",
    "exception_overdue": "told that an exception is overdue",
    "exception_ended": "told that an exception ended",
    "task": "told of a task",
    "task_overdue": "told that a task is overdue",
    "unproven": "told that the ticket was solved without proof",
    "not_closed": "told that it was not closed",
    "remediation": "asked to see to what is missing",
    "remediation_overdue": "told that something is still missing",
    "postmortem": "told to see to what follows from the post-mortem",
    "gone": "told that the ticket is gone",
    "step_failed": "told that a step failed",
    "run_stopped": "told that a runbook stopped",
    "not_undone": "told what could not be undone",
    "still_holds": "told what still holds",
    "page_unanswered": "told that somebody does not react to a page",
    "undelivered": "told that a message did not arrive",
    "record_failed": "told that the ticket could not be written",
    "override": "told of a manager's decision",
    "no_progress": "reminded of the progress that is missing",
    "released": "told that somebody else is asked",
    "clarify": "asked to see that the requester says what is missing",
    "clarifying": "told that the requester is asked for what is missing",
    "waited": "told that the wait is over",
    "service_hours": "asked, since nobody else is outside the service hours",
    "question": "asked a question",
    "wait_over": "told that something was waited for in vain",
    "owner_away": "told that its owner is away",
    "reopened": "told that it is open again",
    "ended": "told that it has been ended",
    "superseded": "told that another template goes on with it",
    "merged": "told that the ticket was merged into another",
    "drift": "told that somebody changed the ticket in the helpdesk",
}


_TURNS = frozenset((ev.OfferAccepted, ev.OwnerTook, ev.EscalationClosed, ev.EscalationCancelled))


def is_owner_event(event: ev.Event) -> bool:
    """Whether the event changes, or ends, who is accountable."""
    if isinstance(event, ev.OwnerOffered):
        return event.purpose == "ladder"
    return type(event) in _TURNS


def in_words(event: ev.Event, names: Mapping[str, str], rungs: tuple[str, ...] = ()) -> str | None:
    """The event in words without its reason; None for what only machines care about.

    `names` shows people by id, who are otherwise shown by id; `rungs` are the names of the ladder's rungs.
    """

    def show(person: str | None) -> str:
        return names.get(person, person) if person is not None else "nobody"

    words = _WORDS.get(event.type)
    return words(event, show, rungs) if words is not None else None


def in_place_of(passed_over: Mapping[str, Reason], show: Show) -> str:
    """` in place of Ann Archer (absent)`; empty if nobody was passed over."""
    people = " and ".join(f"{show(person)} ({SENTENCES[why]})" for person, why in passed_over.items())
    return f" in place of {people}" if people else ""


def _offered(event: ev.OwnerOffered, show: Show, rungs: tuple[str, ...]) -> str:
    if event.purpose == "handoff":
        return f"{show(event.to)} is offered a handoff by {show(event.sender)}"
    instead = in_place_of(event.passed_over, show)
    if event.purpose == "exception":
        return f"{show(event.to)} is asked to own exception {event.exception}{instead}"
    if event.on_end == "climb" and not event.quiet:
        return f"{show(event.to)} holds it until the service hours begin"
    rung = f" as {rungs[event.rung]}" if event.rung is not None and event.rung < len(rungs) else ""
    return f"{show(event.to)} is asked{rung}{instead}"


def _accepted(event: ev.OfferAccepted, show: Show, rungs: tuple[str, ...]) -> str:
    del rungs
    late = f" {event.late_seconds} s after the timebox" if event.late_seconds else ""
    return f"{show(event.person)} accepts{late}"


def _changed_by(actor: str, show: Show) -> str:
    return "a change of the ticket" if actor.startswith("surety:") else show(actor)


def _by(actor: str, show: Show) -> str:
    return "the helpdesk" if actor.startswith("surety:") else show(actor)


def _exception_raised(event: ev.ExceptionRaised, show: Show, rungs: tuple[str, ...]) -> str:
    del rungs
    who = "the runner" if event.by.startswith("surety:") else show(event.by)
    return f"{who} raises {event.exception_class}" + (f" about {show(event.about)}" if event.about else "")


def _ended_by(actor: str, show: Show) -> str:
    return "ends by itself" if actor.startswith("surety:") else f"is ended by {show(actor)}"


def _step_succeeded(event: ev.StepSucceeded, show: Show, rungs: tuple[str, ...]) -> str | None:
    """Only what decides how a run goes on; the rest was said when it was asked for."""
    del show, rungs
    match event.reason:
        case Reason.CHOSEN:
            return f"run {event.run} goes on with the branch {event.result.get('branch')}"
        case Reason.WAITED | Reason.CAME_TRUE:
            return f"run {event.run} has waited"
        case _:
            return None


def _asked(event: ev.QuestionAsked, show: Show, rungs: tuple[str, ...]) -> str:
    del rungs
    return f"{show(event.to)} is to answer {event.run}/{event.step}{in_place_of(event.passed_over, show)}"


def _answered(event: ev.QuestionAnswered, show: Show, rungs: tuple[str, ...]) -> str:
    del rungs
    said = ", ".join(f"{name}: {_shown(value)}" for name, value in event.answers.items()) or "nothing"
    who = "nobody" if event.by.startswith("surety:") else show(event.by)
    return f"{who} answers {event.run}/{event.step} ({said})"


def _shown(value: object) -> str:
    """A value as people write it; a text stands elsewhere."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "a text" if isinstance(value, str) and _TEXT.fullmatch(value) else str(value)


def _step_failed(event: ev.StepFailed, show: Show, rungs: tuple[str, ...]) -> str:
    del show, rungs
    again = "" if event.retry_at is None else ", and is tried again"
    return f"step {event.run}/{event.step} fails: {event.why}{again}"


_DRIFT: Mapping[str, str] = {
    "restore": "and written again",
    "adopt": "and taken as it is",
    "flag": "and left as it is",
}


def _rollback_started(event: ev.RollbackStarted, show: Show, rungs: tuple[str, ...]) -> str:
    del rungs
    who = "the runner" if event.by.startswith("surety:") else show(event.by)
    return f"{who} rolls back " + ("the whole runbook" if event.run is None else f"the run {event.run}")


def _undone(event: ev.StepUndone, show: Show, rungs: tuple[str, ...]) -> str:
    del show, rungs
    left = f", but {' and '.join(event.left)} was changed by others since and stays" if event.left else ""
    return f"step {event.run}/{event.step} is undone{left}"


def _rollback_ended(event: ev.RollbackEnded, show: Show, rungs: tuple[str, ...]) -> str:
    del show, rungs
    lost = f"; not undone: {', '.join(event.not_undone)}" if event.not_undone else ""
    return f"{event.rollback} ends, steps undone: {event.undone}, kept: {event.kept}{lost}"


_WORDS: Mapping[str, Callable[[Any, Show, tuple[str, ...]], str | None]] = {
    "EscalationOpened": lambda e, _s, _r: f"{e.template} opens" + (" as the fallback" if e.fallback else ""),
    "OwnerOffered": _offered,
    "SubstituteNamed": lambda e, show, _r: f"{show(e.substitute)} is the substitute",
    "OfferAccepted": _accepted,
    "OfferEnded": lambda e, show, _r: f"the offer to {show(e.person)} ends",
    "RungSkipped": lambda e, _s, _r: f"{e.rung} is skipped",
    "LadderRepeated": lambda e, _s, _r: f"the ladder begins again, pass {e.ladder_pass + 1}",
    "LadderExhausted": lambda e, show, _r: f"the ladder is exhausted, {show(e.holder)} holds it",
    "OwnerReleased": lambda e, show, _r: f"{show(e.person)} is released",
    "OwnerAway": lambda e, show, _r: f"{show(e.person)} is away while it waits to be closed",
    "OwnerTook": lambda e, show, _r: f"{show(e.person)} takes it",
    "ChecklistCompleted": lambda e, show, _r: f"{show(e.person)} answers the checklist",
    "ClarificationAsked": lambda e, show, _r: f"the requester is asked for what {show(e.person)} finds missing",
    "ClarificationGiven": lambda e, show, _r: f"{_changed_by(e.by, show)} says what was missing",
    "ClarificationMissed": lambda _e, _s, _r: "nobody says what is missing",
    "WaitingStarted": lambda e, show, _r: f"{show(e.person)} waits for the {e.for_}",
    "WaitingEnded": lambda e, show, _r: f"{show(e.person)} waits no more",
    "ReminderSnoozed": lambda e, show, _r: f"{show(e.by)} puts the reminder off",
    "ProgressShown": lambda e, show, _r: f"{show(e.person)} shows progress",
    "ProgressMissed": lambda e, show, _r: f"{show(e.person)} has shown no progress",
    "OutcomeMissed": lambda _e, _s, _r: "the outcome is overdue",
    "Reminded": lambda _e, _s, _r: "the escalation owner is reminded",
    "ExceptionRaised": _exception_raised,
    "ExceptionOwned": lambda e, show, _r: f"{show(e.owner)} owns exception {e.exception}",
    "ExceptionOverdue": lambda e, show, _r: f"exception {e.exception} is overdue, {show(e.owner)} takes it over",
    "ExceptionEnded": lambda e, show, _r: f"exception {e.exception} {_ended_by(e.by, show)}",
    "TaskAdded": lambda e, show, _r: f"task {e.task} of exception {e.exception} is {show(e.owner)}'s",
    "TaskFinished": lambda e, show, _r: f"task {e.task} of exception {e.exception} is done, says {show(e.by)}",
    "TaskOverdue": lambda e, show, _r: f"task {e.task} of exception {e.exception} is overdue, it is {show(e.owner)}'s",
    "OutcomeResolved": lambda e, show, _r: f"resolved by {_by(e.by, show)}",
    "EscalationClosed": lambda e, show, _r: f"closed by {_by(e.by, show)} as {e.code}",
    "EscalationCancelled": lambda e, show, _r: f"cancelled by {_by(e.by, show)}",
    "VerificationFailed": lambda e, _s, _r: f"not proven: {'; '.join(e.noes)}",
    "ResolutionRefused": lambda e, show, _r: f"{show(e.by)} cannot end it yet: {'; '.join(e.noes)}",
    "RemediationAsked": lambda e, show, _r: f"{show(e.to)} is to see to it: {e.words}",
    "RemediationOverdue": lambda e, show, _r: f"nobody saw to {e.check}, it is {show(e.to)}'s now",
    "RemediationEnded": lambda e, _s, _r: f"seen to: {e.check}",
    "PostmortemAttached": lambda e, show, _r: (
        f"{show(e.by)} attaches the post-mortem, {show(e.remediation_owner)} sees to what follows"
    ),
    "RestoreRequested": lambda _e, _s, _r: "the ticket is set back",
    "OutcomeReopened": lambda e, show, _r: f"the outcome does not hold any more, {show(e.person)} goes on",
    "EscalationReopened": lambda e, show, _r: f"opened again by {_by(e.by, show)}",
    "TicketMerged": lambda e, _s, _r: f"the ticket is part of {e.ticket} now",
    "TicketLinked": lambda e, _s, _r: f"ticket {e.ticket} is linked, number {e.number}",
    "DriftFound": lambda e, _s, _r: f"{', '.join(e.fields)}: changed by others, {_DRIFT[e.answer]}",
    "OtherMatchNoted": lambda e, _s, _r: f"{e.template} would have matched as well",
    "TicketBack": lambda _e, _s, _r: "the ticket is back",
    "TicketGone": lambda _e, _s, _r: "the ticket is gone",
    "StepFailed": _step_failed,
    "StepSucceeded": _step_succeeded,
    "QuestionAsked": _asked,
    "QuestionAnswered": _answered,
    "QuestionRenewed": lambda e, _s, _r: f"the question of {e.run} is still open",
    "ChangeLogged": lambda e, _s, _r: f"step {e.run}/{e.step} may have been done" if e.undo == "unknown" else None,
    "StepReleased": lambda e, _s, _r: f"step {e.run}/{e.step} is taken back by {e.by_run}/{e.by_step}",
    "RollbackStarted": _rollback_started,
    "StepUndone": _undone,
    "StepKept": lambda e, _s, _r: f"step {e.run}/{e.step} stays as it is",
    "UndoFailed": lambda e, _s, _r: f"step {e.run}/{e.step} cannot be undone: {e.why}",
    "RollbackEnded": _rollback_ended,
    "PageAnswered": lambda e, show, _r: f"{show(e.person)} reacts to the page",
    "PageUnanswered": lambda e, show, _r: f"{show(e.person)} does not react to the page",
    "DeliveryRequested": lambda e, show, _r: f"{show(e.to)} is {_ABOUT[e.about]}",
    "DeliveryFailed": lambda e, _s, _r: f"message {e.delivery} reaches nobody: {e.why}",
    "RecordFailed": lambda e, _s, _r: f"the ticket cannot be written: {e.why}",
    "ResultIgnored": lambda e, _s, _r: f"an answer to {e.what} comes too late",
}
"""By event; what is not listed is the success of something that was said when it was asked for."""
