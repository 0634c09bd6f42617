"""Intake: what follows from one look at a ticket. The same for the service and for scenarios.

It moves the case on and names the commands to give; it decides nothing about escalations itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from runner.contract.contract import Contract
from runner.contract.policies import TicketField
from runner.engine.clarification import waits_for_change
from runner.engine.commands import (
    NoteBack,
    NoteChanged,
    NoteDrift,
    NoteGone,
    NoteMerged,
    NoteOtherMatch,
    NoteReopened,
    NoteSolvedOutside,
    Open,
    Reopen,
    SucceedStep,
    TicketFacts,
)
from runner.engine.conditions import Value
from runner.engine.drift import drifted
from runner.engine.observation import Case, Observation, ObservationKind, advance_case, changed_names
from runner.engine.routing import Firing, Match, NoMatch, RoutingTable, fires, next_watch, route
from runner.engine.state import Phase, State, accountable
from runner.engine.succession import may_be_superseded
from runner.engine.wait_steps import come_true

__all__ = [
    "LINKED",
    "Intake",
    "Note",
    "closed_case",
    "intake",
    "linked_case",
    "moved_cases",
    "opened_case",
    "reopen_until",
    "reopened_case",
    "ticket_facts",
    "unlinked_case",
]


Note = (
    NoteOtherMatch
    | NoteSolvedOutside
    | NoteReopened
    | NoteGone
    | NoteMerged
    | NoteBack
    | NoteDrift
    | NoteChanged
    | SucceedStep
)


LINKED = "linked"
"""Why a ticket that a template takes opens nothing: another ticket's escalation stands for its cause."""


@dataclass(frozen=True, slots=True)
class Intake:
    """The case after a look, what routing said and why, and what to do.

    `opens` is the command that opens an escalation, or None. `notes` go to the escalation that is open already,
    `reopens` to the one that was closed last. `succeeds` opens the next escalation once the open one was superseded.
    """

    case: Case
    outcome: Match | NoMatch
    why: str
    opens: Open | None
    notes: tuple[Note, ...]
    reopens: Reopen | None = None
    succeeds: Open | None = None


def intake(
    table: RoutingTable,
    case: Case | None,
    seen: Observation,
    now: datetime,
    *,
    fields: Mapping[str, TicketField],
    open_contract: Contract | None = None,
    open_state: State | None = None,
    settled: int | None = None,
    open_tasks: tuple[str, ...] = (),
    closed_contract: Contract | None = None,
) -> Intake:
    """What follows from an observation.

    `open_contract` and `open_state` are those of the case's open escalation, None if it has none; `open_tasks` are
    those of its task tickets that are not done. `settled` is what its state counted as settled before the ticket was
    read (None: nobody knows, so nothing is taken for drift). `closed_contract` is that of the escalation that was
    closed last and may be opened again. The case's `escalation` is set by `opened_case` once the opening is decided.
    """
    outcome = route(table, seen, now)
    before = case if case is not None else advance_case(None, seen)
    opens: Open | None = None
    succeeds: Open | None = None
    notes: list[Note] = []
    if isinstance(outcome, Match):
        firing = fires(table, before, outcome, now)
        why = LINKED if before.linked is not None and firing is Firing.STILL_MATCHING else firing.value
        if firing in (Firing.RISING_EDGE, Firing.REARMED):
            opens = _open(fields, seen, outcome, firing)
        elif before.outcome != outcome.template and open_contract and open_contract.name != outcome.template:
            supersede = not outcome.fallback and _supersedes(open_contract, open_state, before, seen, outcome.template)
            notes.append(NoteOtherMatch(template=outcome.template, supersede=supersede))
            if supersede and open_state is not None:
                opens_next = _open(fields, seen, outcome, Firing.RISING_EDGE)
                succeeds = opens_next.model_copy(update={"keeper": accountable(open_state)})
    else:
        why = outcome.reason.value
    reopens = _reopens(closed_contract, before, seen, now)
    opens = opens if reopens is None else None
    if open_contract is not None:
        notes.extend(_endings(open_contract, before, seen, open_tasks))
    if open_contract is not None and open_state is not None and seen.kind is not ObservationKind.GONE:
        notes = [*come_true(open_contract, open_state, seen.facts(now)), *notes]
    unsettled = before.unsettled
    if open_contract is not None and open_state is not None and settled is not None:
        drift, unsettled = _drift(open_contract, open_state, fields, seen, settled)
        notes.extend(drift)
    if open_contract is not None and open_state is not None and open_state.phase is Phase.RESOLVED:
        notes.extend([NoteReopened()] if _undone(open_contract, seen) else [])
    if open_contract is not None and open_state is not None and waits_for_change(open_state):
        notes.extend(_changed(open_contract, seen))
    if open_contract is not None and seen.merged_into is not None:
        notes = [NoteMerged(into=seen.merged_into)]
    after = advance_case(
        case,
        seen,
        outcome=outcome.template if isinstance(outcome, Match) else None,
        outcome_reason=why,
        superseded=_pairs(open_contract, before, seen, succeeds),
        unsettled=unsettled,
    )
    watch_due = next_watch(table, after, now)
    if watch_due != after.watch_due:
        after = replace(after, watch_due=watch_due)
    return Intake(after, outcome, why, opens, tuple(notes), reopens, succeeds)


def _endings(contract: Contract, before: Case, seen: Observation, open_tasks: tuple[str, ...]) -> list[Note]:
    if seen.kind is ObservationKind.GONE:
        return [] if before.gone else [NoteGone()]
    notes: list[Note] = [NoteBack()] if before.gone else []
    record = contract.record
    was, now_is = seen.before.get(record.lifecycle), seen.after.get(record.lifecycle)
    if now_is in record.done and (was not in record.done or _new_evidence(contract, seen)):
        notes.append(NoteSolvedOutside(facts=ticket_facts(contract, seen.after, open_tasks)))
    return notes


def _supersedes(contract: Contract, state: State | None, case: Case, seen: Observation, template: str) -> bool:
    """Whether another template may take the ticket over: not to and fro while nobody changes anything.

    The fallback takes what no template takes, and so takes nothing over.
    """
    if state is None or not may_be_superseded(contract, state):
        return False
    pairs = () if _touched(contract, seen) else case.superseded
    return {f"{contract.name}>{template}", f"{template}>{contract.name}"}.isdisjoint(pairs)


def _pairs(contract: Contract | None, case: Case, seen: Observation, succeeds: Open | None) -> tuple[str, ...]:
    if contract is None or (succeeds is None and not case.superseded):
        return case.superseded
    pairs = () if _touched(contract, seen) else case.superseded
    return pairs if succeeds is None else (*pairs, f"{contract.name}>{succeeds.template}")


def _touched(contract: Contract, seen: Observation) -> bool:
    """Whether somebody else changed the ticket."""
    lifecycle = contract.record.lifecycle
    return bool(_by_others(contract, seen)) or seen.before.get(lifecycle) != seen.after.get(lifecycle)


def _undone(contract: Contract, seen: Observation) -> bool:
    """Whether the ticket was done and is not any more."""
    record = contract.record
    was, now_is = seen.before.get(record.lifecycle), seen.after.get(record.lifecycle)
    return was in record.done and now_is is not None and now_is not in record.done


def _reopens(contract: Contract | None, case: Case, seen: Observation, now: datetime) -> Reopen | None:
    """The command that opens the last escalation again, if its ticket is not done any more and there is time left."""
    if contract is None or case.escalation is not None or seen.kind is ObservationKind.GONE:
        return None
    in_time = case.reopen_until is not None and now <= case.reopen_until
    return Reopen() if in_time and _undone(contract, seen) else None


def _drift(
    contract: Contract, state: State, fields: Mapping[str, TicketField], seen: Observation, settled: int
) -> tuple[list[Note], bool]:
    """What others made of what we wrote, and whether the ticket must be read again to tell.

    A ticket that was read before our last write was settled may be older than that write.
    """
    if seen.kind is ObservationKind.GONE:
        return [], False
    found, later = drifted(contract, state, fields, seen.after)
    if settled != state.settled:
        return [], bool(found) or later
    return ([NoteDrift(fields=found)] if found else []), later


def _changed(contract: Contract, seen: Observation) -> list[Note]:
    names = _by_others(contract, seen)
    return [NoteChanged(fields=tuple(sorted(names)))] if names else []


def _by_others(contract: Contract, seen: Observation) -> set[str]:
    """What somebody else changed of the ticket: all but the status, and what Surety itself writes for this contract."""
    if seen.kind is not ObservationKind.UPDATED:
        return set()
    return {name for name in changed_names(seen.before, seen.after) if name not in contract.own_fields}


def _new_evidence(contract: Contract, seen: Observation) -> bool:
    """Whether a field that holds evidence says something new: what could not be proven before may be now."""
    names = [need.field for need in contract.evidence if need.field is not None]
    return any(seen.before.get(name) != seen.after.get(name) for name in names)


def ticket_facts(contract: Contract, reading: Mapping[str, Value], open_tasks: tuple[str, ...]) -> TicketFacts:
    """What verification needs to know of a reading; `open_tasks` are created task tickets that are not done."""
    given = tuple(
        need.name for need in contract.evidence if need.field is not None and reading.get(need.field) is not None
    )
    names = contract.record
    record = {name: reading[name] for name in (names.state, names.owner) if reading.get(name) is not None}
    return TicketFacts(evidence=given, record=record, open_tasks=open_tasks)


def _open(fields: Mapping[str, TicketField], seen: Observation, outcome: Match, firing: Firing) -> Open:
    kept = {
        name: value
        for name, value in seen.after.items()
        if name in fields and fields[name].type not in ("text", "person")
    }
    return Open(
        ticket=seen.ticket,
        template=outcome.template,
        fallback=outcome.fallback,
        firing=firing.value,
        created_at=seen.created_at,
        observed=seen.kind.value,  # type: ignore[arg-type]
        ticket_version=seen.version,
        fields=kept,
    )


def opened_case(case: Case, template: str, escalation: str, now: datetime) -> Case:
    """The case once an escalation was opened."""
    fired = {**case.fired_at, template: now}
    return replace(case, escalation=escalation, fired_at=fired, closed_escalation=None, reopen_until=None)


def linked_case(case: Case, template: str, escalation: str, now: datetime) -> Case:
    """The case once its ticket is linked to the escalation of another; the template has fired for it all the same."""
    return replace(case, linked=escalation, outcome_reason=LINKED, fired_at={**case.fired_at, template: now})


def unlinked_case(table: RoutingTable, case: Case, template: str, now: datetime) -> Case:
    """The case of a linked ticket once the escalation is over; it counts as closed with it, and for what took it."""
    names = {template, *(name for name in (case.outcome,) if name is not None and name in case.fired_at)}
    after = replace(case, linked=None, closed_at={**case.closed_at, **dict.fromkeys(sorted(names), now)})
    return replace(after, watch_due=next_watch(table, after, now))


def reopened_case(case: Case, escalation: str) -> Case:
    """The case once its last escalation is open again."""
    return replace(case, escalation=escalation, closed_escalation=None, reopen_until=None)


def reopen_until(contract: Contract, state: State) -> datetime | None:
    """Until when a closed escalation may be opened again; None if it may not."""
    if state.phase is not Phase.CLOSED or contract.reopen_within is None:
        return None
    return state.now + timedelta(seconds=contract.reopen_within)


def moved_cases(old: Case, other: Case | None, into: str) -> tuple[Case, Case]:
    """Both cases once an escalation went with its ticket into another, of which `other` is the case if it was seen."""
    if other is None:
        other = Case(into, "", old.created_at, {}, {})
    given = replace(other, escalation=old.escalation, closed_escalation=None, reopen_until=None)
    return replace(old, escalation=None, watch_due=None), given


def closed_case(
    table: RoutingTable, case: Case, template: str, now: datetime, *, until: datetime | None = None
) -> Case:
    """The case once its escalation is over; it may fire again when `rearm` has passed.

    The escalation may be opened again `until` an instant, None if it may not.

    If another template took the ticket meanwhile, it has not fired for that, and the ticket is looked at again at once.
    The outcome stays, so that this template stays eligible at a look that finds nothing changed.
    """
    after = replace(case, escalation=None, closed_at={**case.closed_at, template: now}, reopen_until=until)
    after = replace(after, closed_escalation=case.escalation if until is not None else None)
    if case.outcome not in (None, template):
        fired = {name: at for name, at in case.fired_at.items() if name != case.outcome}
        return replace(after, fired_at=fired, watch_due=now)
    return replace(after, watch_due=next_watch(table, after, now))
