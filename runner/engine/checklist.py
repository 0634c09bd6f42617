"""The checklist for "resolved": each item with the decision that makes it so, or what is missing and who can remedy it.

Computed from the decisions alone, as things stood just before the end; decides nothing. Where the contract does not
verify an item, what is open of it is not needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from runner.contract.contract import Contract
from runner.engine import events as ev
from runner.engine.evolve import evolve
from runner.engine.reasons import SENTENCES, Reason
from runner.engine.state import Phase, State, accountable

__all__ = ["Decided", "Item", "checklist"]

Answer = Literal["yes", "no", "not_needed"]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the checklist reads it: its number, its instant and its events."""

    seq: int
    now: datetime
    events: Sequence[ev.Event]


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its answer: `because` says why in words, `seq` which decision made it so (None: none did).

    `who` can remedy a no; None if nobody can any more, or if it is no no.
    """

    name: str
    question: str
    answer: Answer
    because: str
    seq: int | None = None
    who: str | None = None


QUESTIONS = {
    "owners": "Are an owner and a substitute named?",
    "accepted": "Was it accepted in time, and is that recorded?",
    "outcome": "Is the outcome documented with evidence?",
    "tasks": "Are the tasks of others done, each with an owner?",
    "exceptions": "Was the exception path taken where it was needed, and has it ended?",
    "handoffs": "Was every handoff checked by its receiver?",
    "delivered": "Did every message reach its person?",
    "logged": "Does the ticket say the same as the record?",
    "code_and_impact": "Are the resolution code and the business impact said?",
    "postmortem": "Is the post-mortem attached that is demanded?",
}


@dataclass(slots=True)
class _Facts:
    """What the decisions say, up to the end if there is one. `at` holds the last decision of a sort."""

    contract: Contract
    state: State
    closed: ev.EscalationClosed | None = None
    at: dict[str, int] = field(default_factory=dict)
    accepted: ev.OfferAccepted | None = None
    handoffs: int = 0
    tasks: int = 0
    no_substitute: Reason | None = None

    @property
    def manager(self) -> str | None:
        """The escalation owner as named when it opened."""
        return self.state.owners.get("escalation_owner")

    def verifies(self, check: str) -> bool:
        return check in self.contract.verify


def checklist(contract: Contract, decisions: Iterable[Decided]) -> tuple[Item, ...]:
    """The items in their order. Raises ValueError if the decisions do not begin with the opening."""
    facts = _read(contract, decisions)
    return tuple(
        Item(name, QUESTIONS[name], answer, because, seq, who if answer == "no" else None)
        for name, answer, because, seq, who in _answers(facts)
    )


_SORTS = (
    "OutcomeResolved",
    "OwnerTook",
    "ExceptionRaised",
    "ExceptionEnded",
    "TaskFinished",
    "DeliveryFailed",
    "RecordConfirmed",
    "RecordFailed",
    "TicketGone",
    "PostmortemAttached",
)


def _read(contract: Contract, decisions: Iterable[Decided]) -> _Facts:
    state: State | None = None
    facts: _Facts | None = None
    over = False
    for decided in decisions:
        for event in decided.events:
            before = state
            if before is None and not isinstance(event, ev.EscalationOpened):
                break
            state = evolve(before, event, decided.now)
            if facts is None:
                facts = _Facts(contract, state)
            if over and not state.phase.over:
                over, facts.closed = False, None
                facts.at.pop("end", None)
            if over:
                continue
            over = state.phase.over
            if over and before is not None:
                facts.state = before
                facts.closed = event if isinstance(event, ev.EscalationClosed) else None
                facts.at["end"] = decided.seq
            else:
                facts.state = state
                _note(facts, before, event, decided.seq)
    if facts is None:
        msg = "no opening among these decisions"
        raise ValueError(msg)
    return facts


def _note(facts: _Facts, before: State | None, event: ev.Event, seq: int) -> None:
    if event.type in _SORTS:
        facts.at[event.type] = seq
    match event:
        case ev.OwnerOffered() | ev.SubstituteNamed() if event.substitute or event.no_substitute:
            facts.at["substitute"], facts.no_substitute = seq, event.no_substitute
        case ev.OwnerTook():
            facts.accepted, facts.at["accepted"] = None, seq
        case ev.OfferAccepted() if before is not None:
            offer = before.offers[event.offer]
            if offer.on_accept == "hold":
                facts.accepted, facts.at["accepted"] = event, seq
            if offer.purpose == "handoff":
                facts.handoffs, facts.at["handoff"] = facts.handoffs + 1, seq
        case ev.TaskAdded():
            facts.tasks += 1
        case _:
            pass


Found = tuple[str, Answer, str, int | None, str | None]


def _answers(facts: _Facts) -> Iterator[Found]:
    yield ("owners", *_owners(facts))
    yield ("accepted", *_accepted(facts))
    yield ("outcome", *_outcome(facts))
    yield ("tasks", *_tasks(facts))
    yield ("exceptions", *_exceptions(facts))
    yield ("handoffs", *_handoffs(facts))
    yield ("delivered", *_delivered(facts))
    yield ("logged", *_logged(facts))
    yield ("code_and_impact", *_code(facts))
    yield ("postmortem", *_postmortem(facts))


Said = tuple[Answer, str, int | None, str | None]


def _owners(facts: _Facts) -> Said:
    state, seq = facts.state, facts.at.get("substitute")
    stands_in = f"{state.substitute} stands in"
    if state.substitute is None:
        why = SENTENCES[facts.no_substitute] if facts.no_substitute is not None else "nobody is left"
        stands_in = f"that nobody stands in is recorded: {why}"
    return "yes", f"{accountable(state)} is accountable, {stands_in}", seq, None


def _accepted(facts: _Facts) -> Said:
    state, seq, accepted = facts.state, facts.at.get("accepted"), facts.accepted
    if state.holder is None:
        return "no", "nobody has accepted it", None, accountable(state)
    if state.checklist_due is not None:
        return "no", f"{state.holder} has not answered the checklist yet", seq, state.holder
    if accepted is None:
        return "yes", f"{state.holder} took it, which is recorded", seq, None
    when = "in time" if not accepted.late_seconds else f"{accepted.late_seconds} s late, which is recorded"
    return "yes", f"{accepted.person} accepted {when}", seq, None


def _outcome(facts: _Facts) -> Said:
    state = facts.state
    if state.phase is not Phase.RESOLVED:
        return "no", "the outcome is not proven", None, accountable(state)
    kinds = ", ".join(need.name for need in facts.contract.evidence)
    return "yes", f"resolved with {kinds}", facts.at.get("OutcomeResolved"), None


def _tasks(facts: _Facts) -> Said:
    state = facts.state
    for exception in state.exceptions.values():
        for task in exception.open_tasks:
            why = f"task {task.id} of {exception.exception_class} is open"
            return "no", why, facts.at.get("ExceptionRaised"), task.owner
    if not facts.tasks and not state.tasks and not state.failed_tasks:
        return "not_needed", "there were none", None, None
    if facts.verifies("tasks_done"):
        if state.failed_tasks:
            return "no", f"step {state.failed_tasks[0]} failed", None, facts.manager
        if state.tasks and state.phase is not Phase.RESOLVED:
            first = state.tasks[0]
            return (
                "no",
                f"ticket {first} is looked at when it is resolved",
                None,
                state.assignees.get(first, facts.manager),
            )
    elif not facts.tasks:
        return "not_needed", "the contract does not ask whether their tickets are done", None, None
    seqs = [facts.at[name] for name in ("TaskFinished", "ExceptionEnded", "OutcomeResolved") if name in facts.at]
    return "yes", "all are done", max(seqs, default=None), None


def _exceptions(facts: _Facts) -> Said:
    still = list(facts.state.exceptions.values())
    if still:
        why = f"{still[0].exception_class} is open"
        return "no", why, facts.at.get("ExceptionRaised"), still[0].owner
    if "ExceptionRaised" not in facts.at:
        return "not_needed", "none was raised", None, None
    return "yes", "every exception has ended", facts.at.get("ExceptionEnded"), None


def _handoffs(facts: _Facts) -> Said:
    if not facts.handoffs:
        return "not_needed", "it was not handed over", None, None
    seq, holder = facts.at["handoff"], facts.state.holder
    if facts.state.checklist_due is not None and facts.at["accepted"] == seq:
        return "no", f"{holder} has not answered the checklist yet", seq, holder
    times = "once" if facts.handoffs == 1 else f"{facts.handoffs} times"
    return "yes", f"handed over {times}, each time with what is demanded", seq, None


def _delivered(facts: _Facts) -> Said:
    state, seq = facts.state, facts.at.get("DeliveryFailed")
    if not state.unreached:
        return "yes", "nobody is out of reach", None, None
    why = f"no channel reached {', '.join(state.unreached)}"
    open_ones = any(each.exception_class == "undelivered" for each in state.exceptions.values())
    if facts.verifies("delivered") or open_ones:
        return "no", why, seq, facts.manager
    return "not_needed", f"{why}, and the contract does not ask for it", seq, None


def _logged(facts: _Facts) -> Said:
    state = facts.state
    if not (state.gone or state.writes or state.unwritten):
        return "yes", "written and read back", facts.at.get("RecordConfirmed"), None
    if state.gone:
        why, seq = "the ticket is gone", facts.at.get("TicketGone")
    elif state.unwritten:
        why, seq = "the ticket could not be written", facts.at.get("RecordFailed")
    else:
        why, seq = "a write is under way", None
    if facts.verifies("fields_consistent"):
        return "no", why, seq, facts.manager
    return "not_needed", f"{why}, and the contract does not ask for it", seq, None


def _code(facts: _Facts) -> Said:
    closed, seq = facts.closed, facts.at.get("end")
    if closed is None:
        return "no", "it was not closed", seq, accountable(facts.state) if seq is None else None
    impact = "the impact is not known" if closed.impact is None else f"impact {closed.impact}"
    return "yes", f"{closed.code}, {impact}", seq, None


def _postmortem(facts: _Facts) -> Said:
    state = facts.state
    if state.postmortem is not None:
        return "yes", f"{state.postmortem[1]} sees to what follows", facts.at.get("PostmortemAttached"), None
    if not facts.contract.needs_postmortem(breached=state.breached):
        return "not_needed", "none is demanded", None, None
    return "no", "it is demanded, and none is attached", None, accountable(state)
