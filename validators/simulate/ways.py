"""What a scenario has to do for each reason that coverage asks for. Judges no contract: that is `coverable`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from runner.engine.reasons import Reason

__all__ = ["WAYS"]

WAYS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.FIRST_RUNG: "a ticket that the trigger takes, while somebody is there on the first rung",
        Reason.NO_ANSWER: "let an offer's time pass without an answer",
        Reason.NOT_TOLD: "{do: undelivered} for whoever is asked next, and let the offer's time pass",
        Reason.REJECTED_NOT_MINE: "{do: reject, why: not_mine}",
        Reason.REJECTED_INCOMPLETE: "{do: reject, why: incomplete}",
        Reason.REJECTED_NO_CAPACITY: "{do: reject, why: no_capacity}",
        Reason.REJECTED_CONFLICT: "{do: reject, why: conflict}",
        Reason.ESCALATED: "{do: escalate} by whoever is asked, or holds it",
        Reason.ABSENT: "{do: absent} for whoever is asked, or an absence before it opens",
        Reason.REPEATED: "let everybody on the ladder be asked in vain, so that it starts again",
        Reason.LADDER_END: "let everybody be asked in vain, in every pass",
        Reason.ROSTER_MOVED: "let everybody be asked in vain, then {do: absent} for the escalation owner",
        Reason.ACCEPTED: "{do: accept}",
        Reason.CHECKLIST: "{do: accept, answers: {}}, then {do: complete_checklist}",
        Reason.CHECKLIST_MISSED: "{do: accept, answers: {}}, and let the time for the checklist pass",
        Reason.UNACCEPTED: "{do: unaccept} by the holder",
        Reason.CLARIFY: "{do: reject, why: incomplete}",
        Reason.CLARIFIED: "{do: reject, why: incomplete}, then {do: clarify}",
        Reason.NOT_CLARIFIED: "{do: reject, why: incomplete}, and let nobody clarify",
        Reason.WAITS: "{do: wait} by the holder",
        Reason.RESUMED: "{do: wait}, then {do: resume}",
        Reason.TICKET_CHANGED: "{do: wait, for: customer}, then {do: update} the ticket",
        Reason.WAIT_OVER: "{do: wait}, and let its time pass",
        Reason.OUTSIDE_HOURS: "a ticket outside the hours in which somebody is asked",
        Reason.SERVICE_HOURS: "a ticket outside the hours, and an expectation when they have begun",
        Reason.SNOOZED: "{do: snooze} by a manager while a reminder is to come",
        Reason.HANDED_OVER: "{do: hand_over} by the holder",
        Reason.HANDOFF_LIMIT: "{do: hand_over} once more than the contract allows, each accepted",
        Reason.BOUNCED: "{do: hand_over} to and fro between two people, each accepted, until it is too often",
        Reason.PLANNED_HANDOFF: "{do: hand_over} without `to`",
        Reason.SEQUENCE_END: "{do: hand_over} without `to` once more than the planned sequence is long",
        Reason.RETURNED: "{do: hand_over}, and let the receiver not accept",
        Reason.RAISED: "{do: raise_exception}",
        Reason.RECOVERY_OVERDUE: "{do: raise_exception}, and let its time pass",
        Reason.RECOVERED: "{do: raise_exception}, then {do: end_exception}",
        Reason.OUTCOME_OVERDUE: "let the outcome's own time pass",
        Reason.STILL_OPEN: "let nobody accept until the escalation owner is reminded",
        Reason.PROGRESS: "{do: progress} by the holder",
        Reason.NO_PROGRESS: "let the holder do nothing until progress is missed",
        Reason.OVERRIDE: "{do: take}, {do: give} or {do: override_close} by a manager",
        Reason.PROVEN: "{do: resolve} with the evidence",
        Reason.UNPROVEN: "{do: resolve, refused: not_verified} without the evidence",
        Reason.SOLVED_OUTSIDE: "{do: update} that sets the status to solved",
        Reason.GONE: "{do: delete} the ticket",
        Reason.CLOSED: "{do: close} with a code",
        Reason.CANCELLED: "{do: cancel} by a manager",
        Reason.STOPPED: "{do: step_fails} for a step with `on_error: stop`",
        Reason.TRIED_AGAIN: "{do: step_fails} for a step with `retry`",
        Reason.REACTED: "let whoever is paged do something in time",
        Reason.NOT_REACTED: "let whoever is paged do nothing",
        Reason.TIMED_OUT: "{do: step_hangs} for an action",
        Reason.REFUSED: "{do: answer, answers: {approved: false}}",
        Reason.DEFAULTED: "let nobody answer a question that has a default",
        Reason.UNDELIVERED: "{do: undelivered} for somebody who is told of something then",
        Reason.OTHER_MATCH: "{do: update} after which another template takes the ticket",
        Reason.SUPERSEDED_BY: "{do: update} after which another template takes the ticket",
        Reason.MERGED: "{do: merge} the ticket into another one",
        Reason.SAME_CAUSE: "a second ticket with the same values in the fields of `group_by`",
        Reason.REOPENED: "{do: reopen}, or an update that sets the status back",
        Reason.ROLLED_BACK: "{do: roll_back} after a step that can be taken back",
        Reason.NOT_UNDONE: "{do: step_fails} for what takes a step back, then {do: roll_back}",
        Reason.DRIFTED: "{do: update} of a field that a step has written, or of who is accountable",
        Reason.ADOPTED: "{do: update} of the field that says who is accountable",
    }
)
"""By reason."""
