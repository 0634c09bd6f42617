"""Reasons: why something happened, and why a command was refused. Closed lists, a sentence each."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SENTENCES", "CommandRejected", "Reason", "RejectReason"]


class Reason(StrEnum):
    """Why an event happened."""

    TRIGGERED = "triggered"
    FIRST_RUNG = "first_rung"
    NO_ANSWER = "no_answer"
    NOT_TOLD = "not_told"
    REJECTED_NOT_MINE = "rejected_not_mine"
    REJECTED_INCOMPLETE = "rejected_incomplete"
    REJECTED_NO_CAPACITY = "rejected_no_capacity"
    REJECTED_CONFLICT = "rejected_conflict"
    ESCALATED = "escalated"
    ABSENT = "absent"
    NOT_ON_CALL = "not_on_call"
    ROTATION_OVERRIDE = "rotation_override"
    SWAPPED = "swapped"
    KEPT_APART = "kept_apart"
    UNKNOWN_REF = "unknown_ref"
    ALREADY_ASKED = "already_asked"
    REPEATED = "repeated"
    LADDER_END = "ladder_end"
    LAST_RESORT = "last_resort"
    ROSTER_MOVED = "roster_moved"
    ACCEPTED = "accepted"
    ACCEPTED_LATE = "accepted_late"
    SUBSTITUTE_HOLDS = "substitute_holds"
    CHECKLIST = "checklist"
    CHECKLIST_MISSED = "checklist_missed"
    UNACCEPTED = "unaccepted"
    CONFLICT = "conflict"
    CLARIFY = "clarify"
    CLARIFIED = "clarified"
    NOT_CLARIFIED = "not_clarified"
    WAITS = "waits"
    RESUMED = "resumed"
    TICKET_CHANGED = "ticket_changed"
    WAIT_OVER = "wait_over"
    OUTSIDE_HOURS = "outside_hours"
    SERVICE_HOURS = "service_hours"
    SNOOZED = "snoozed"
    HANDED_OVER = "handed_over"
    HANDOFF_LIMIT = "handoff_limit"
    BOUNCED = "bounced"
    PLANNED_HANDOFF = "planned_handoff"
    SEQUENCE_END = "sequence_end"
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    RAISED = "raised"
    RECOVERY_OVERDUE = "recovery_overdue"
    RECOVERED = "recovered"
    REACHED = "reached"
    PLANNED = "planned"
    TASK_DONE = "task_done"
    TASK_OVERDUE = "task_overdue"
    OUTCOME_OVERDUE = "outcome_overdue"
    STILL_OPEN = "still_open"
    PROGRESS = "progress"
    NO_PROGRESS = "no_progress"
    OVERRIDE = "override"
    PROVEN = "proven"
    UNPROVEN = "unproven"
    REMEDIED = "remedied"
    NOT_REMEDIED = "not_remedied"
    ATTACHED = "attached"
    SOLVED_OUTSIDE = "solved_outside"
    GONE = "gone"
    BACK = "back"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    LIFECYCLE = "lifecycle"
    STEP = "step"
    TRIED_AGAIN = "tried_again"
    REACTED = "reacted"
    NOT_REACTED = "not_reacted"
    TIMED_OUT = "timed_out"
    LEFT_STATE = "left_state"
    STOPPED = "stopped"
    DONE = "done"
    ASKED = "asked"
    ANSWERED = "answered"
    DEFAULTED = "defaulted"
    OWN_APPROVAL = "own_approval"
    REFUSED = "refused"
    CHOSEN = "chosen"
    WAITED = "waited"
    CAME_TRUE = "came_true"
    IN_VAIN = "in_vain"
    FAILED = "failed"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    WRITTEN = "written"
    UNWRITTEN = "unwritten"
    RECORD = "record"
    STALE = "stale"
    OTHER_MATCH = "other_match"
    ROLLED_BACK = "rolled_back"
    NOT_UNDONE = "not_undone"
    KEPT = "kept"
    RELEASED = "released"
    DRIFTED = "drifted"
    DRIFT_LIMIT = "drift_limit"
    ADOPTED = "adopted"
    REOPENED = "reopened"
    SUPERSEDED_BY = "superseded_by"
    MERGED = "merged"
    SAME_CAUSE = "same_cause"


SENTENCES: dict[Reason, str] = {
    Reason.TRIGGERED: "the ticket matched the trigger",
    Reason.FIRST_RUNG: "first in the ladder",
    Reason.NO_ANSWER: "no answer within the timebox",
    Reason.NOT_TOLD: "no channel took the message of the offer",
    Reason.REJECTED_NOT_MINE: "rejected: not mine",
    Reason.REJECTED_INCOMPLETE: "rejected: incomplete",
    Reason.REJECTED_NO_CAPACITY: "rejected: no capacity",
    Reason.REJECTED_CONFLICT: "rejected: conflict of interest",
    Reason.ESCALATED: "the owner escalated",
    Reason.ABSENT: "absent",
    Reason.NOT_ON_CALL: "it is nobody's turn in the rotation at that time",
    Reason.ROTATION_OVERRIDE: "an override of the rotation names another person",
    Reason.SWAPPED: "another person has taken over the shift",
    Reason.KEPT_APART: "on call already in a rotation that this one is kept apart from",
    Reason.UNKNOWN_REF: "the reference no longer exists",
    Reason.ALREADY_ASKED: "already asked in this pass",
    Reason.REPEATED: "the ladder starts again",
    Reason.LADDER_END: "every rung was tried",
    Reason.LAST_RESORT: "nobody else can be accountable",
    Reason.ROSTER_MOVED: "another person is on call now",
    Reason.ACCEPTED: "accepted in time",
    Reason.ACCEPTED_LATE: "accepted after the timebox, while the offer was still open",
    Reason.SUBSTITUTE_HOLDS: "the one who was the substitute answers for it now",
    Reason.CHECKLIST: "the checklist is answered",
    Reason.CHECKLIST_MISSED: "the checklist was not answered in time after accepting",
    Reason.UNACCEPTED: "the owner took the acceptance back",
    Reason.CONFLICT: "has a conflict of interest in this escalation",
    Reason.CLARIFY: "rejected as incomplete: the requester is asked for what is missing",
    Reason.CLARIFIED: "what was missing is there",
    Reason.NOT_CLARIFIED: "the requester did not say in time what was missing",
    Reason.WAITS: "the owner waits for the customer or for a date",
    Reason.RESUMED: "the owner goes on before the wait is over",
    Reason.TICKET_CHANGED: "somebody changed the ticket",
    Reason.WAIT_OVER: "the wait is over",
    Reason.OUTSIDE_HOURS: "nobody is asked outside the service hours",
    Reason.SERVICE_HOURS: "the service hours have begun",
    Reason.SNOOZED: "a manager put the reminder off",
    Reason.HANDED_OVER: "handed over",
    Reason.HANDOFF_LIMIT: "too many handoffs",
    Reason.BOUNCED: "it went to and fro between the same two people",
    Reason.PLANNED_HANDOFF: "next in the planned sequence of handoffs",
    Reason.SEQUENCE_END: "nobody is left in the planned sequence of handoffs",
    Reason.RETURNED: "the handoff was not accepted and returns to its sender",
    Reason.SUPERSEDED: "replaced by something newer",
    Reason.RAISED: "an exception was raised",
    Reason.RECOVERY_OVERDUE: "the recovery time passed",
    Reason.RECOVERED: "the exception ended",
    Reason.REACHED: "the person has been reached",
    Reason.PLANNED: "recovery needs it",
    Reason.TASK_DONE: "the task is done",
    Reason.TASK_OVERDUE: "the task was not done by its time",
    Reason.OUTCOME_OVERDUE: "the outcome's own time passed",
    Reason.STILL_OPEN: "it is still open",
    Reason.PROGRESS: "the owner goes on with it",
    Reason.NO_PROGRESS: "the owner showed no progress in time",
    Reason.OVERRIDE: "a manager decided, with a rationale",
    Reason.PROVEN: "every check holds",
    Reason.UNPROVEN: "a check does not hold",
    Reason.REMEDIED: "what was missing is there",
    Reason.NOT_REMEDIED: "what is missing was not done in time",
    Reason.ATTACHED: "the post-mortem is attached",
    Reason.SOLVED_OUTSIDE: "the ticket was solved in the helpdesk",
    Reason.GONE: "the ticket was deleted or is out of sight",
    Reason.BACK: "the ticket can be read again",
    Reason.CLOSED: "closed with its resolution code",
    Reason.CANCELLED: "cancelled with a rationale",
    Reason.LIFECYCLE: "the runbook has steps for this point",
    Reason.STEP: "the next step of the runbook",
    Reason.TRIED_AGAIN: "the step failed and is tried again",
    Reason.REACTED: "the person who was paged has acted",
    Reason.NOT_REACTED: "the person who was paged did nothing in time",
    Reason.TIMED_OUT: "no result within the step's time",
    Reason.LEFT_STATE: "the escalation left the state",
    Reason.STOPPED: "a step failed without which the rest is not to be done",
    Reason.DONE: "done",
    Reason.ASKED: "the runbook asks this person",
    Reason.ANSWERED: "answered by the one who was asked",
    Reason.DEFAULTED: "nobody answered, and the default counts",
    Reason.OWN_APPROVAL: "nobody approves what they carry out themselves",
    Reason.REFUSED: "not approved",
    Reason.CHOSEN: "the first branch that holds",
    Reason.WAITED: "the time of the wait is over",
    Reason.CAME_TRUE: "what was waited for has come true",
    Reason.IN_VAIN: "what was waited for has not come true in time",
    Reason.FAILED: "failed",
    Reason.DELIVERED: "a channel took the message",
    Reason.UNDELIVERED: "no channel took the message",
    Reason.WRITTEN: "written to the ticket and read back",
    Reason.UNWRITTEN: "could not be written to the ticket",
    Reason.RECORD: "the ticket shows who is accountable",
    Reason.STALE: "the answer came to something that is over",
    Reason.OTHER_MATCH: "another template matched meanwhile",
    Reason.ROLLED_BACK: "what was done is taken back",
    Reason.NOT_UNDONE: "it could not be taken back",
    Reason.KEPT: "it stays on purpose",
    Reason.RELEASED: "a later step has taken it back",
    Reason.DRIFTED: "somebody else changed in the helpdesk what had been written",
    Reason.DRIFT_LIMIT: "it was written again as often as is allowed",
    Reason.REOPENED: "it is not done any more",
    Reason.SUPERSEDED_BY: "another template has taken the ticket over",
    Reason.MERGED: "the ticket was merged into another",
    Reason.SAME_CAUSE: "another ticket has the same cause",
    Reason.ADOPTED: "somebody gave it to another person in the helpdesk",
}


class RejectReason(StrEnum):
    """Why a command was refused; the state is untouched."""

    UNKNOWN_OFFER = "unknown_offer"
    OFFER_ENDED = "offer_ended"
    WRONG_OFFER = "wrong_offer"
    NOT_YOURS = "not_yours"
    NOT_ALLOWED = "not_allowed"
    WRONG_STATE = "wrong_state"
    CHECKLIST_INCOMPLETE = "checklist_incomplete"
    WRONG_ANSWER = "wrong_answer"
    WAITING_NOT_ALLOWED = "waiting_not_allowed"
    WAITING_OUT_OF_BOUNDS = "waiting_out_of_bounds"
    SNOOZE_OUT_OF_BOUNDS = "snooze_out_of_bounds"
    HANDOFF_INCOMPLETE = "handoff_incomplete"
    HANDOFF_PENDING = "handoff_pending"
    RECEIVER_UNAVAILABLE = "receiver_unavailable"
    NOBODY_ABOVE = "nobody_above"
    UNKNOWN_CLASS = "unknown_class"
    UNKNOWN_EXCEPTION = "unknown_exception"
    EXCEPTION_OPEN = "exception_open"
    DEMANDS_UNMET = "demands_unmet"
    TASK_UNFIT = "task_unfit"
    TASKS_OPEN = "tasks_open"
    UNKNOWN_TASK = "unknown_task"
    NOT_VERIFIED = "not_verified"
    UNKNOWN_CODE = "unknown_code"
    ALREADY_OPEN = "already_open"
    TOO_LATE = "too_late"
    NOT_OPEN = "not_open"
    UNKNOWN_EVIDENCE = "unknown_evidence"
    UNKNOWN_RUN = "unknown_run"
    NOTHING_TO_UNDO = "nothing_to_undo"
    ROLLBACK_PENDING = "rollback_pending"


class CommandRejected(Exception):
    """A command that the contract does not allow now. `detail` says what to do."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
