"""Drift: somebody else changed in the helpdesk what Surety had written. Finds it in a reading, and answers it.

What is still being written is never drift, and neither is what was read before our last write was settled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Literal

from runner.contract.contract import Contract
from runner.contract.policies import TicketField
from runner.contract.values import format_instant
from runner.engine import events as ev
from runner.engine.commands import Command, NoteDrift, Scalar
from runner.engine.conditions import Value
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.ladder import offer_to
from runner.engine.observation import fit_value
from runner.engine.reasons import Reason
from runner.engine.record import request_record
from runner.engine.roster import Nobody
from runner.engine.state import Phase, State, accountable

__all__ = ["drifted", "mark", "note_drift", "own_fields"]

_WRITING = ("set_fields", "assign")


def mark(text: str) -> str:
    """What stands in the record for a text that somebody wrote into a field: it can be compared, and not read."""
    return f"text:{sha256(text.encode()).hexdigest()[:16]}"


def own_fields(contract: Contract, state: State) -> frozenset[str]:
    """The fields that this escalation writes: its record, the lifecycle, and what its steps have written or will."""
    names = contract.record
    record = (names.state, names.owner, names.accepted_at, names.lifecycle)
    return frozenset((*record, *state.written, *_being_written(contract, state)))


def drifted(
    contract: Contract, state: State, fields: Mapping[str, TicketField], reading: Mapping[str, Value]
) -> tuple[dict[str, Scalar], bool]:
    """What a reading says that is neither confirmed nor being written, and whether there is more to be judged later.

    The reading must have been made after everything that is not under way any more was settled.
    """
    found: dict[str, Scalar] = {}
    open_names: frozenset[str] | None = None
    later = False
    for name, ours in _confirmed(contract, state).items():
        declared = fields.get(name)
        if declared is None or _same(declared, ours, reading.get(name)):
            continue
        if open_names is None:  # mostly nothing differs, and nobody needs to know
            open_names = _being_written(contract, state)
        if state.writes or state.unwritten or name in open_names:
            later = True
            continue
        theirs = reading.get(name)
        found[name] = mark(theirs) if declared.type == "text" and isinstance(theirs, str) else theirs
    return found, later


def _confirmed(contract: Contract, state: State) -> dict[str, Scalar]:
    names = contract.record
    confirmed = {name: value for name, value in state.written.items() if name != names.lifecycle}
    if state.record is not None:
        phase, owner, accepted_at = state.record
        since = format_instant(accepted_at) if accepted_at is not None else None
        confirmed |= {names.state: phase, names.owner: owner, names.accepted_at: since}
    return confirmed


def _same(declared: TicketField, ours: Scalar, theirs: Value) -> bool:
    fitting = None if ours is None else fit_value(declared, ours)
    if fitting == theirs and isinstance(fitting, bool) == isinstance(theirs, bool):
        return True
    return declared.type == "text" and isinstance(theirs, str) and ours == mark(theirs)


def _being_written(contract: Contract, state: State) -> frozenset[str]:
    return frozenset((*_of_steps(contract, state), *_of_rollbacks(state)))


def _of_steps(contract: Contract, state: State) -> Iterator[str]:
    undoing = {rollback.step for rollback in state.rollbacks.values()}
    writing = [(change.point, change.step) for change in state.changes if change.key in undoing]
    for point, position in [*((run.point, run.step) for run in state.runs.values()), *writing]:
        step = contract.runbook[point][position]
        if step.kind in _WRITING:
            fields, single = step.args.get("fields"), step.args.get("field")
            yield from fields if isinstance(fields, dict) else ()
            yield from (single,) if isinstance(single, str) else ()


def _of_rollbacks(state: State) -> Iterator[str]:
    at_work = {rollback.step for rollback in state.rollbacks.values()}
    for change in state.changes:
        if change.key in at_work and change.undo == "restore":
            yield from (name.partition(".")[2] for name in change.values)


def note_drift(draft: Draft, command: Command, args: NoteDrift) -> None:
    """Answer drift as the contract says: the record and the fields of steps each in their own way."""
    del command
    state, names = draft.state, draft.contract.record
    record = {
        name: value for name, value in args.fields.items() if name in (names.state, names.owner, names.accepted_at)
    }
    written = {name: value for name, value in args.fields.items() if name not in record and name in state.written}
    if record and not (state.writes or state.unwritten or state.gone):
        _record(draft, record)
    if written:
        _fields(draft, written)


def _record(draft: Draft, fields: dict[str, Scalar]) -> None:
    answer, rule = draft.contract.drift.owner, draft.rule("/drift/owner")
    owner = draft.contract.record.owner
    if answer == "adopt" and owner in fields:
        _adopt_owner(draft, fields, fields[owner])
    elif answer == "flag":
        _flag(draft, "record", fields, Reason.DRIFTED, rule)
    elif draft.state.restored.get("record", 0) >= draft.contract.limits.restores_at_most:
        _flag(draft, "record", fields, Reason.DRIFT_LIMIT, limit_rule("restores_at_most"))
    else:
        _found(draft, ("record", "restore"), fields, Reason.DRIFTED, rule)
        request_record(draft, again=True, reason=Reason.DRIFTED)


def _adopt_owner(draft: Draft, fields: dict[str, Scalar], wanted: Scalar) -> None:
    """Take a new owner in the helpdesk as a handoff of the holder, who stays accountable until it is accepted.

    Nobody holds it, or it is on its way already, or nobody of that name can be asked, or there were handoffs enough:
    then it is only reported.
    """
    state, rules, rule = draft.state, draft.contract.handoff, draft.rule("/drift/owner")
    pending = any(offer.purpose == "handoff" for offer in state.offers.values())
    sender = state.holder if state.phase is Phase.ACCEPTED and not pending and state.handoffs < rules.at_most else None
    if sender in (None, wanted) or not isinstance(wanted, str) or isinstance(draft.present(wanted), Nobody):
        _flag(draft, "record", fields, Reason.DRIFTED, rule)
        return
    _found(draft, ("record", "adopt"), fields, Reason.ADOPTED, rule)
    due = draft.ends(rules.accept_within)
    offer_to(draft, wanted, Reason.ADOPTED, rule, due=due, purpose="handoff", sender=sender, on_end="return")
    request_record(draft, again=True, reason=Reason.DRIFTED)
    draft.tell(str(sender), "drift", Reason.ADOPTED, rule)


def _fields(draft: Draft, fields: dict[str, Scalar]) -> None:
    answer, rule, state = draft.contract.drift.fields, draft.rule("/drift/fields"), draft.state
    if answer == "adopt":
        _found(draft, ("fields", "adopt"), fields, Reason.DRIFTED, rule)
        return
    if answer == "flag":
        _flag(draft, "fields", fields, Reason.DRIFTED, rule)
        return
    most = draft.contract.limits.restores_at_most
    again = {name: value for name, value in fields.items() if state.restored.get(name, 0) < most}
    if again:
        _found(draft, ("fields", "restore"), again, Reason.DRIFTED, rule)
        ours = {name: draft.state.written[name] for name in again}
        number = draft.state.write_count + 1
        draft.add(made(ev.FieldsRequested, reason=Reason.DRIFTED, rule=rule, write=number, fields=ours))
    beyond = {name: value for name, value in fields.items() if name not in again}
    _flag(draft, "fields", beyond, Reason.DRIFT_LIMIT, limit_rule("restores_at_most"))


def _found(
    draft: Draft,
    what: tuple[Literal["record", "fields"], Literal["restore", "adopt", "flag"]],
    fields: dict[str, Scalar],
    reason: Reason,
    rule: str,
) -> None:
    subject, answer = what
    draft.add(made(ev.DriftFound, reason=reason, rule=rule, subject=subject, answer=answer, fields=fields))


def _flag(
    draft: Draft, subject: Literal["record", "fields"], fields: dict[str, Scalar], reason: Reason, rule: str
) -> None:
    """Report each value once: to whoever is accountable, and to the escalation owner."""
    new = {name: value for name, value in fields.items() if (name, value) not in draft.state.flagged}
    if not new:
        return
    _found(draft, (subject, "flag"), new, reason, rule)
    manager = draft.manager().id
    for person in dict.fromkeys((accountable(draft.state) or manager, manager)):
        draft.tell(person, "drift", reason, rule)
