"""That every command leaves its word on record, that every event does what it says, and that runs know when to leave.

Tables, written down a second time on purpose: from the meaning of each command and event, not from the engine's code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.engine.state import Phase, State
from tests.runner.engine.guarantees import Seen, hold

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "Accept": ("OfferAccepted",),
    "AddTask": ("TaskAdded",),
    "Answer": ("QuestionAnswered",),
    "AttachPostmortem": ("PostmortemAttached",),
    "Cancel": ("EscalationCancelled",),
    "Clarify": ("ClarificationGiven",),
    "Close": ("EscalationClosed", "VerificationFailed", "ResolutionRefused", "OutcomeReopened"),
    "CompleteChecklist": ("ChecklistCompleted",),
    "EndException": ("ExceptionEnded",),
    "Escalate": ("OfferEnded", "OwnerReleased"),
    "FinishTask": ("TaskFinished",),
    "HandOver": ("OwnerOffered",),
    "Override": ("OwnerTook", "OwnerReleased", "EscalationClosed"),
    "Progress": ("ProgressShown",),
    "RaiseException": ("ExceptionRaised",),
    "Reject": ("OfferEnded", "ClarificationAsked"),
    "Reopen": ("EscalationReopened",),
    "Resolve": ("OutcomeResolved", "ResolutionRefused"),
    "Resume": ("WaitingEnded",),
    "RollBack": ("RollbackStarted",),
    "Snooze": ("ReminderSnoozed",),
    "Unaccept": ("OwnerReleased",),
    "Wait": ("WaitingStarted",),
}
"""What a person's command is on record as: one of these."""

NOTES: Mapping[str, tuple[str, ...]] = {
    "NoteBack": ("TicketBack",),
    "NoteGone": ("TicketGone",),
    "NoteLinked": ("TicketLinked",),
    "NoteMerged": ("TicketMerged", "EscalationClosed", "EscalationCancelled"),
    "NoteOtherMatch": ("OtherMatchNoted", "EscalationCancelled"),
}
"""What a word of the helpdesk is on record as."""


def check_said(seen: Seen) -> None:
    """10: whatever a person has decided is on record as what it was."""
    _said("said", PEOPLE, seen)


def check_noted(seen: Seen) -> None:
    """13: whatever happens to the ticket is on record as what it was."""
    _said("noted", NOTES, seen)


def _said(name: str, words: Mapping[str, tuple[str, ...]], seen: Seen) -> None:
    wanted = words.get(seen.command.args.type)
    said = {event.type for event in seen.done.events}
    hold(name, wanted is None or said & set(wanted), f"{seen.command.args.type} is on record as {sorted(said)}")


def check_results(seen: Seen) -> None:
    """9: the answer to what was asked is taken, or put on record as stale."""
    args, before, name = seen.command.args, seen.before, "answered"
    if before is None:
        return
    said = {event.type for event in seen.done.events}
    match args.type:
        case "Deliver":
            wanted = {"DeliveryTaken"} if args.delivery in before.deliveries else {"ResultIgnored"}
        case "FailDelivery":
            wanted = {"DeliveryFailed"} if args.delivery in before.deliveries else {"ResultIgnored"}
        case "WriteRecord":
            wanted = {"RecordConfirmed"} if args.write in before.writes else {"ResultIgnored"}
        case "FailRecord":
            wanted = {"RecordFailed"} if args.write in before.writes else {"ResultIgnored"}
        case "SucceedStep" | "FailStep":
            wanted = {"StepSucceeded", "StepFailed", "ResultIgnored"}
        case "SucceedUndo" | "FailUndo":
            wanted = {"StepUndone", "UndoFailed", "ResultIgnored", "RollbackEnded", "UndoRequested"}
        case _:
            return
    hold(name, said & wanted, f"{args.type} is on record as {sorted(said)}")


# what an event does


def _task(state: State, event: Any) -> Any:
    exception = state.exceptions.get(event.exception)
    return exception.tasks.get(event.task) if exception is not None else None


DOES: Mapping[str, Callable[[State, Any], object]] = {
    "ChecklistCompleted": lambda s, e: s.checklist_due is None,
    "ClarificationGiven": lambda s, e: s.clarification is None,
    "ClarificationMissed": lambda s, e: s.clarification is None,
    "DeliveryFailed": lambda s, e: e.delivery not in s.deliveries,
    "DeliveryTaken": lambda s, e: e.delivery not in s.deliveries,
    "EscalationClosed": lambda s, e: not s.offers and not s.exceptions and s.holder is None and s.remind_at is None,
    "EscalationCancelled": lambda s, e: not s.offers and not s.exceptions and s.holder is None and s.remind_at is None,
    "ExceptionEnded": lambda s, e: e.exception not in s.exceptions,
    "ExceptionOverdue": lambda s, e: s.exceptions[e.exception].due == e.next_due,
    "ExceptionOwned": lambda s, e: e.exception not in s.exceptions or s.exceptions[e.exception].owner is not None,
    "OfferAccepted": lambda s, e: e.offer not in s.offers,
    "OfferEnded": lambda s, e: e.offer not in s.offers,
    "OutcomeMissed": lambda s, e: s.outcome_missed,
    "OwnersNamed": lambda s, e: s.owners == e.owners,
    "PageAnswered": lambda s, e: f"{e.run}/{e.step}" not in s.pages,
    "PageUnanswered": lambda s, e: f"{e.run}/{e.step}" not in s.pages,
    "PostmortemAttached": lambda s, e: s.postmortem is not None,
    "RecordConfirmed": lambda s, e: e.write not in s.writes,
    "RecordFailed": lambda s, e: e.write not in s.writes,
    "RemediationAsked": lambda s, e: e.check in s.remedies,
    "RemediationEnded": lambda s, e: e.check not in s.remedies,
    "RemediationOverdue": lambda s, e: s.remedies[e.check].due == e.next_due and s.remedies[e.check].to == e.to,
    "ReminderSnoozed": lambda s, e: s.remind_at is not None,
    "RollbackEnded": lambda s, e: e.rollback not in s.rollbacks,
    "RunEnded": lambda s, e: e.run not in s.runs,
    "RunStarted": lambda s, e: s.occurrences[e.point] >= int(e.run.partition("#")[2]),
    "StepKept": lambda s, e: all(c.failed == e.rollback for c in s.changes if c.key == f"{e.run}/{e.step}"),
    "StepReleased": lambda s, e: f"{e.run}/{e.step}" not in [c.key for c in s.changes],
    "StepUndone": lambda s, e: f"{e.run}/{e.step}" not in [c.key for c in s.changes],
    "StepSucceeded": lambda s, e: e.name is None or e.name in s.results,
    "SubstituteNamed": lambda s, e: s.substitute == e.substitute,
    "TaskFinished": lambda s, e: (task := _task(s, e)) is None or task.done,
    "TicketBack": lambda s, e: not s.gone,
    "TicketGone": lambda s, e: s.gone,
    "TicketMerged": lambda s, e: s.ticket == e.ticket,
    "WaitingEnded": lambda s, e: s.waiting is None,
    "WaitingStarted": lambda s, e: s.waiting is not None,
}
"""What is so at the end of the decision, because of an event; another of the same sort after it may say otherwise."""

PHASE_OF: Mapping[str, tuple[Phase, ...]] = {
    "EscalationCancelled": (Phase.CANCELLED,),
    "EscalationClosed": (Phase.CLOSED,),
    "EscalationReopened": (Phase.OFFERED, Phase.EXHAUSTED),
    "LadderExhausted": (Phase.EXHAUSTED,),
    "OutcomeReopened": (Phase.ACCEPTED,),
    "OutcomeResolved": (Phase.RESOLVED,),
    "OwnerReleased": (Phase.OFFERED, Phase.EXHAUSTED),
    "OwnerTook": (Phase.ACCEPTED,),
    "WaitingEnded": (Phase.ACCEPTED,),
    "WaitingStarted": (Phase.WAITING,),
}


def check_done(seen: Seen) -> None:
    """12: the state is what the events say; an event without its effect would be a record of nothing."""
    name, events, state = "done", seen.done.events, seen.state
    last = {event.type: event for event in events}
    if "WaitingStarted" in last:  # one wait may take the place of another
        last.pop("WaitingEnded", None)
    for kind, event in last.items():
        does = DOES.get(kind)
        hold(name, does is None or does(state, event), f"{kind} has changed nothing")
    moved = [event.type for event in events if event.type in PHASE_OF]
    hold(name, not moved or state.phase in PHASE_OF[moved[-1]], f"{moved[-1:]} and yet {state.phase.value}")


# when runs leave

WHILE: Mapping[str, frozenset[str]] = {
    "open": frozenset(("offered", "accepted", "waiting", "exhausted", "resolved")),
    "offered": frozenset(("offered", "accepted", "exhausted")),
    "failover": frozenset(("offered", "exhausted")),
    "accepted": frozenset(("accepted", "waiting")),
    "exhausted": frozenset(("exhausted",)),
    "overdue": frozenset(("offered", "accepted", "waiting", "exhausted", "resolved")),
    "exception": frozenset(("offered", "accepted", "waiting", "exhausted")),
    "handoff": frozenset(("accepted", "waiting")),
    "resolved": frozenset(("resolved",)),
    "closed": frozenset(("closed",)),
}


def check_scopes(seen: Seen) -> None:
    """8: what belongs to a state goes on in it, and nothing of it is begun outside."""
    before, state = seen.before, seen.state
    if any(offer.quiet for offer in state.offers.values()):
        return  # whoever has taken an acceptance back may take it again, and nothing has stopped meanwhile
    for run in state.runs.values():
        inside = state.phase.value in WHILE[run.point.partition(":")[0]]
        was = before.runs.get(run.id) if before is not None else None
        if inside and (was is None or not was.leaving):
            was_inside = before is None or before.phase is state.phase
            hold("runs", not run.leaving or not was_inside, f"{run.id} leaves {state.phase.value}, where it belongs")
        elif not inside:
            hold("runs", run.leaving, f"{run.id} goes on in {state.phase.value}")


ALWAYS = ("Deliver", "FailDelivery", "WriteRecord", "FailRecord", "SucceedStep", "FailStep", "SucceedUndo", "FailUndo")


def check_something_followed(seen: Seen, rejected: object, *, followed: bool) -> None:
    """9, 10, 13: from what a person decides, from an answer, and from a ticket's end or return something follows."""
    args, before = seen.command.args, seen.before
    if followed or rejected is not None or before is None:
        return
    hold("answered", args.type not in ALWAYS, f"{args.type}, and no word of it")
    hold("said", not seen.command.human, f"{seen.command.actor} gave {args.type}, and no word of it")
    if not before.phase.over:
        hold("noted", args.type != "NoteOtherMatch", "another template matched, and no word of it")
        hold("noted", args.type != "NoteBack" or not before.gone, "the ticket is back, and no word of it")
        hold("noted", args.type != "NoteGone" or before.gone, "the ticket is gone, and no word of it")
