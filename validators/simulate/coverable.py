"""What the scenarios of a template can cover: computed from its contract, so that nobody is asked for what cannot be.

A template without waiting need not cover waiting. What the roster alone decides, and what only lateness of the runner
brings about, no scenario of a template is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Literal, get_args

from runner.contract.conditions import IsSet
from runner.contract.contract import BoxOf, Contract, StepOf
from runner.engine.choosing import QUESTIONS
from runner.engine.reasons import SENTENCES, Reason
from runner.engine.state import Phase
from runner.engine.transitions import TRANSITIONS
from runner.zones import zone
from validators.simulate.leaf_words import leaves
from validators.simulate.ways import WAYS

__all__ = ["KINDS", "NOT_ASKED_FOR", "Item", "Kind", "coverable"]

Kind = Literal["state", "transition", "guard", "reason", "deadline", "step", "question", "exception", "calendar"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a scenario can cover; `how` says what a scenario would have to do for it."""

    template: str
    kind: Kind
    name: str
    how: str

    @property
    def key(self) -> str:
        """By which it is found again."""
        return f"{self.template}|{self.kind}|{self.name}"


def coverable(contract: Contract) -> tuple[Item, ...]:
    """Everything that scenarios of a template can cover, in the order of `KINDS`."""
    found: dict[str, Item] = {}
    for kind, name, how in _all(contract):
        item = Item(contract.name, kind, name, how)
        found.setdefault(item.key, item)
    return tuple(found.values())


def _all(contract: Contract) -> Iterator[tuple[Kind, str, str]]:
    states = [phase for phase in Phase if phase is not Phase.WAITING or contract.waiting is not None]
    for phase in states:
        yield "state", phase.value, f"bring it into the state {phase.value}: {_STATES[phase]}"
    for (before, event), after in TRANSITIONS.items():
        rare = event == "EscalationReopened" and contract.reopen_within is None
        if before in states and after in states and not rare:
            how = _ROWS.get((before, event), _TRANSITIONS[event])
            yield "transition", f"{before} -> {after} by {event}", f"when it is {before}: {how}"
    yield from _guards(contract)
    for reason, can in _REASONS.items():
        if can(contract):
            yield "reason", reason.value, f"{WAYS[reason]} ({SENTENCES[reason]})"
    for sort, (able, how) in _DEADLINES.items():
        if able(contract):
            yield "deadline", sort, how
    yield from _steps(contract)
    for name in _classes(contract):
        yield "exception", f"{name} raised", _RAISED.get(name, f"raise_exception with exception_class: {name}")
        yield "exception", f"{name} ended", _ENDED.get(name, f"end_exception of an open exception of class {name}")
    yield from _calendars(contract)


def _guards(contract: Contract) -> Iterator[tuple[Kind, str, str]]:
    for leaf, text in leaves(contract.condition):
        yield "guard", f"trigger: {text} holds", f"a ticket of which it is true that {text}"
        if not (isinstance(leaf, IsSet) and leaf.field in _ALWAYS_SET):
            yield "guard", f"trigger: {text} fails", f"a ticket of which it is not true that {text}"
    for place, step in _placed(contract):
        for index, branch in enumerate(step.branches):
            yield "guard", f"{place}: {branch.name} taken", f"let the choice take the branch {branch.name}"
            if index < len(step.branches) - 1:
                yield "guard", f"{place}: {branch.name} passed over", f"let the choice pass over {branch.name}"
        if step.kind == "wait" and step.args.get("until") is not None:
            yield "guard", f"{place}: came true", "an update that makes true what is waited for"
            yield "guard", f"{place}: in vain", "let the time of the wait pass without what is waited for"


def _steps(contract: Contract) -> Iterator[tuple[Kind, str, str]]:
    for place, step in _placed(contract):
        if step.kind in QUESTIONS:
            yield "question", f"{place}: answered", "answer the question"
            if step.otherwise == "default":
                yield "question", f"{place}: defaulted", "let nobody answer in time, so that the default counts"
            elif step.otherwise == "escalate":
                yield "question", f"{place}: escalated", "let nobody answer in time, so that it passes on"
            continue
        yield "step", f"{place}: done", "let the step be done"
        if step.kind in _CAN_FAIL:
            yield "step", f"{place}: failed", f"{{do: step_fails, step: {step.kind}}} before it"
        if step.undo is not None or step.undo_by is not None:
            yield "step", f"{place}: undone", "{do: roll_back} after it"


def _placed(contract: Contract) -> Iterator[tuple[str, StepOf]]:
    for point, steps in contract.runbook.items():
        for index, step in enumerate(steps):
            yield f"{point}[{index}] {step.args.get('action', step.kind)}", step


def _classes(contract: Contract) -> Iterator[str]:
    yield from contract.exceptions
    yield from (name for name in contract.built_in if name not in contract.exceptions)


def _calendars(contract: Contract) -> Iterator[tuple[Kind, str, str]]:
    for name in sorted({box.calendar for box in _boxes(contract) if box.calendar is not None}):
        yield "calendar", f"{name}: closed hours", f"let a time that counts in {name} run across closed hours"
        calendar = contract.calendars[name]
        winter, summer = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))
        clock = zone(calendar.zone)
        if winter.astimezone(clock).utcoffset() != summer.astimezone(clock).utcoffset():
            how = f"let a time that counts in {name} run across a night in which the clocks of {calendar.zone} change"
            yield "calendar", f"{name}: clock change", how


def _boxes(contract: Contract) -> Iterator[BoxOf]:
    yield contract.outcome_within
    yield contract.handoff.accept_within
    yield from (rung.within for rung in contract.ladder)
    yield from (each.within for each in contract.exceptions.values())
    yield from (box for box in (contract.progress_within, contract.checklist_within) if box is not None)
    if contract.waiting is not None:
        yield contract.waiting.at_most
    if contract.clarify is not None:
        yield contract.clarify.within
    for _, step in _placed(contract):
        if step.within is not None:
            yield step.within


_ALWAYS_SET: Final = ("created_at", "updated_at")
"""Fields that every ticket has."""
_CAN_FAIL: Final = frozenset(
    ("notify", "page", "set_fields", "assign", "note", "create_ticket", "attach", "action", "wait", "choose")
)
_STATES: Final[Mapping[Phase, str]] = MappingProxyType(
    {
        Phase.OFFERED: "a ticket that the trigger takes",
        Phase.ACCEPTED: "{do: accept}",
        Phase.WAITING: "{do: wait}",
        Phase.EXHAUSTED: "let nobody on the ladder answer",
        Phase.RESOLVED: "{do: resolve} with the evidence",
        Phase.CLOSED: "{do: close} after it was resolved",
        Phase.CANCELLED: "{do: cancel} by a manager",
    }
)
_TRANSITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "EscalationOpened": "a ticket that the trigger takes",
        "LadderExhausted": "let everybody be asked in vain",
        "HolderAccepted": "{do: accept}",
        "OwnerReleased": "{do: give} by a manager",
        "OwnerTook": "{do: take} by a manager",
        "WaitingStarted": "{do: wait}",
        "WaitingEnded": "{do: resume}, or let the wait end",
        "OutcomeResolved": "{do: resolve} with the evidence",
        "OutcomeReopened": "an update that sets the status back",
        "EscalationReopened": "{do: reopen}",
        "EscalationClosed": "{do: override_close} by a manager",
        "EscalationCancelled": "{do: cancel} by a manager",
    }
)
_ROWS: Final[Mapping[tuple[Phase, str], str]] = MappingProxyType(
    {
        (Phase.ACCEPTED, "HolderAccepted"): "{do: hand_over}, then {do: accept} by the receiver",
        (Phase.ACCEPTED, "OwnerReleased"): "{do: escalate} by the holder, or {do: give} by a manager",
        (Phase.RESOLVED, "EscalationClosed"): "{do: close} with a code",
    }
)
"""Where a row of the table comes about otherwise than its event mostly does."""
_RAISED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "undelivered": "{do: undelivered} for somebody who is told then",
        "gone": "{do: delete} the ticket",
        "not_undone": "{do: step_fails} for an action, then {do: roll_back}",
        "step_failed": "{do: step_fails} for a step on which closing depends",
    }
)
_ENDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "undelivered": "let the one who was not reached do something",
        "gone": "let a person end it: {do: end_exception}",
        "not_undone": "{do: end_exception} once it is taken back by hand",
        "step_failed": "{do: end_exception} once it is done by hand",
    }
)


def _always(contract: Contract) -> bool:
    del contract
    return True


def _has_steps(contract: Contract) -> bool:
    return any(contract.runbook.values())


def _kinds(*kinds: str) -> Callable[[Contract], bool]:
    return lambda contract: any(step.kind in kinds for _, step in _placed(contract))


def _undoable(contract: Contract) -> bool:
    return any(step.undo is not None or step.undo_by is not None for _, step in _placed(contract))


def _asks(contract: Contract) -> bool:
    return _kinds(*QUESTIONS)(contract)


_REASONS: Final[Mapping[Reason, Callable[[Contract], bool]]] = MappingProxyType(
    {
        Reason.FIRST_RUNG: _always,
        Reason.NO_ANSWER: _always,
        Reason.NOT_TOLD: _always,
        Reason.REJECTED_NOT_MINE: _always,
        Reason.REJECTED_INCOMPLETE: lambda contract: contract.clarify is None,
        Reason.REJECTED_NO_CAPACITY: _always,
        Reason.REJECTED_CONFLICT: _always,
        Reason.ESCALATED: _always,
        Reason.ABSENT: _always,
        Reason.REPEATED: lambda contract: contract.repeat > 0,
        Reason.LADDER_END: _always,
        Reason.ROSTER_MOVED: _always,
        Reason.ACCEPTED: _always,
        Reason.CHECKLIST: lambda contract: contract.checklist_within is not None,
        Reason.CHECKLIST_MISSED: lambda contract: contract.checklist_within is not None,
        Reason.UNACCEPTED: _always,
        Reason.CLARIFY: lambda contract: contract.clarify is not None,
        Reason.CLARIFIED: lambda contract: contract.clarify is not None,
        Reason.NOT_CLARIFIED: lambda contract: contract.clarify is not None,
        Reason.WAITS: lambda contract: contract.waiting is not None,
        Reason.RESUMED: lambda contract: contract.waiting is not None,
        Reason.TICKET_CHANGED: lambda contract: contract.waiting is not None,
        Reason.WAIT_OVER: lambda contract: contract.waiting is not None,
        Reason.OUTSIDE_HOURS: lambda contract: contract.hours is not None,
        Reason.SERVICE_HOURS: lambda contract: contract.hours is not None,
        Reason.SNOOZED: _always,
        Reason.HANDED_OVER: _always,
        Reason.HANDOFF_LIMIT: _always,
        Reason.BOUNCED: _always,
        Reason.PLANNED_HANDOFF: lambda contract: bool(contract.handoff.sequence),
        Reason.SEQUENCE_END: lambda contract: bool(contract.handoff.sequence),
        Reason.RETURNED: _always,
        Reason.RAISED: lambda contract: bool(contract.exceptions),
        Reason.RECOVERY_OVERDUE: lambda contract: bool(contract.exceptions),
        Reason.RECOVERED: lambda contract: bool(contract.exceptions),
        Reason.OUTCOME_OVERDUE: _always,
        Reason.STILL_OPEN: _always,
        Reason.PROGRESS: lambda contract: contract.progress_within is not None,
        Reason.NO_PROGRESS: lambda contract: contract.progress_within is not None,
        Reason.OVERRIDE: _always,
        Reason.PROVEN: _always,
        Reason.UNPROVEN: _always,
        Reason.SOLVED_OUTSIDE: _always,
        Reason.GONE: _always,
        Reason.CLOSED: _always,
        Reason.CANCELLED: _always,
        Reason.STOPPED: lambda contract: any(step.on_error == "stop" for _, step in _placed(contract)),
        Reason.TRIED_AGAIN: lambda contract: any(step.retry is not None for _, step in _placed(contract)),
        Reason.REACTED: _kinds("page"),
        Reason.NOT_REACTED: _kinds("page"),
        Reason.TIMED_OUT: _kinds("action"),
        Reason.REFUSED: _kinds("approve"),
        Reason.DEFAULTED: lambda contract: any(step.otherwise == "default" for _, step in _placed(contract)),
        Reason.UNDELIVERED: _always,
        Reason.OTHER_MATCH: _always,
        Reason.SUPERSEDED_BY: lambda contract: contract.on_other_match == "supersede",
        Reason.MERGED: _always,
        Reason.SAME_CAUSE: lambda contract: bool(contract.group_by),
        Reason.REOPENED: lambda contract: contract.reopen_within is not None,
        Reason.ROLLED_BACK: _undoable,
        Reason.NOT_UNDONE: _undoable,
        Reason.DRIFTED: _always,
        Reason.ADOPTED: lambda contract: contract.drift.owner == "adopt",
    }
)
"""Reasons that stand for a guard of the engine, and which contracts can come to each."""
NOT_ASKED_FOR: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                Reason.TRIGGERED, Reason.LIFECYCLE, Reason.STEP, Reason.DONE, Reason.ASKED, Reason.ANSWERED,
                Reason.CHOSEN, Reason.WAITED, Reason.CAME_TRUE, Reason.IN_VAIN, Reason.FAILED, Reason.LEFT_STATE,
                Reason.DELIVERED, Reason.WRITTEN, Reason.RECORD, Reason.SUPERSEDED, Reason.RELEASED, Reason.KEPT,
                Reason.REACHED,
            ),
            "covered by states, steps, guards and questions",
        ),
        **dict.fromkeys(
            (
                Reason.NOT_ON_CALL, Reason.ROTATION_OVERRIDE, Reason.SWAPPED, Reason.KEPT_APART, Reason.UNKNOWN_REF,
                Reason.ALREADY_ASKED, Reason.LAST_RESORT, Reason.CONFLICT, Reason.SUBSTITUTE_HOLDS,
            ),
            "decided by the roster, not by the template",
        ),
        **dict.fromkeys(
            (Reason.ACCEPTED_LATE, Reason.STALE, Reason.UNWRITTEN, Reason.DRIFT_LIMIT, Reason.BACK),
            "brought about by a late runner or a helpdesk that fails, which scenarios do not play",
        ),
        **dict.fromkeys(
            (
                Reason.PLANNED, Reason.TASK_DONE, Reason.TASK_OVERDUE, Reason.REMEDIED, Reason.NOT_REMEDIED,
                Reason.ATTACHED, Reason.OWN_APPROVAL,
            ),
            "the same for every template, and tried by the tests of the engine",
        ),
    }
)  # fmt: skip
"""The other reasons, and why no scenario of a template has to bring them about."""
_DEADLINES: Final[Mapping[str, tuple[Callable[[Contract], bool], str]]] = MappingProxyType(
    {
        "ladder offer": (_always, "let an offer's time pass without an answer"),
        "handoff offer": (_always, "hand it over to somebody who does not answer in time"),
        "exception offer": (
            lambda contract: bool(contract.exceptions),
            "let the path owner of an exception not answer",
        ),
        "question": (_asks, "let a question's time pass without an answer"),
        "exception": (lambda contract: bool(contract.exceptions), "let the recovery time of an exception pass"),
        "outcome": (_always, "let the outcome's own time pass"),
        "remind": (_always, "let nobody accept until the escalation owner is reminded"),
        "page": (_kinds("page"), "let somebody not react to a page"),
        "step": (_kinds("action"), "{do: step_hangs} for an action"),
        "progress": (lambda contract: contract.progress_within is not None, "let the holder show no progress"),
        "checklist": (lambda contract: contract.checklist_within is not None, "tap, and leave the checklist open"),
        "clarification": (
            lambda contract: contract.clarify is not None,
            "reject as incomplete, and let nobody clarify",
        ),
        "waiting": (lambda contract: contract.waiting is not None, "let a wait end by itself"),
        "undo": (_undoable, "{do: step_hangs} for an action, then {do: roll_back}"),
    }
)
