"""What one decision shows of drift (3) and of ends (13): foreign changes are answered, and nothing ends silently."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.state import Phase, State, accountable
from tests.runner.engine.guarantees import Seen, hold

ENDERS = ("Close", "Override", "Cancel", "NoteMerged", "NoteOtherMatch")
"""The commands that may end an escalation."""


def check_drift(seen: Seen) -> None:
    """3: drift is restored, adopted as a handoff, or flagged; restored so many times, flagged after that."""
    name, args, before = "drift", seen.command.args, seen.before
    if before is None:
        return
    found = [event for event in seen.done.events if isinstance(event, ev.DriftFound)]
    if not isinstance(args, cmd.NoteDrift):
        hold(name, not found, "drift, and nobody noted it")
        return
    hold(name, before.holder == seen.state.holder, "the helpdesk moved it")
    messages = {e.to for e in seen.done.events if isinstance(e, ev.DeliveryRequested) and e.about == "drift"}
    for event in found:
        writes = [e for e in seen.done.events if isinstance(e, (ev.RecordRequested, ev.FieldsRequested))]
        if event.answer == "restore":
            hold(name, writes, "restored by nothing")
            most = seen.contract.limits.restores_at_most
            names = ["record"] if event.subject == "record" else list(event.fields)
            hold(name, all(before.restored.get(each, 0) < most for each in names), f"{names} restored again")
        if event.answer == "flag":
            hold(name, accountable(seen.state) in messages, "flagged, and nobody hears")
        if event.answer == "adopt" and event.subject == "record":
            offered = [e.to for e in seen.done.events if isinstance(e, ev.OwnerOffered) and e.purpose == "handoff"]
            hold(name, offered == [event.fields[seen.contract.record.owner]], f"adopted by {offered}")
            hold(name, before.phase is Phase.ACCEPTED, "handed over by nobody")
        meant = {_meant(seen.contract, event.subject), "flag"}
        if event.subject == "record" and seen.contract.record.owner not in event.fields:
            meant |= {"restore"}  # nobody to adopt
        hold(name, event.answer in meant, f"{event.answer} is not what was meant")
    _not_overlooked(before, seen, found)


def _meant(contract: Contract, subject: str) -> str:
    return contract.drift.owner if subject == "record" else contract.drift.fields


def _not_overlooked(before: State, seen: Seen, found: list[ev.DriftFound]) -> None:
    """What was written and is another now is answered, unless it was reported already or a write is under way."""
    args: Any = seen.command.args
    busy = before.writes or before.unwritten or before.gone or before.phase.over
    record = seen.contract.record
    mine = {record.state, record.owner, record.accepted_at, *before.written}
    said = {(n, v) for n, v in args.fields.items() if n in mine and (n, v) not in before.flagged}
    answered = {(n, v) for event in found for n, v in event.fields.items()}
    hold("drift", busy or said <= answered, f"{said - answered} is overlooked")


def check_ends(seen: Seen) -> None:
    """13: it ends by a decision that says so, opens again in its time, and leaves no second one open."""
    name, before, args = "ends", seen.before, seen.command.args
    if before is None:
        return
    if seen.state.phase.over and not before.phase.over:
        hold(name, args.type in ENDERS, f"ended by {args.type}")
        said = [e for e in seen.done.events if isinstance(e, (ev.EscalationClosed, ev.EscalationCancelled))]
        hold(name, len(said) == 1, "ended, and no word of it")
    if before.phase.over and not seen.state.phase.over:
        again = [event for event in seen.done.events if isinstance(event, ev.EscalationReopened)]
        hold(name, isinstance(args, cmd.Reopen) and again, f"opened again by {args.type}")
        within, closed = seen.contract.reopen_within, before.closed_at
        in_time = within is not None and closed is not None and seen.state.now <= closed + timedelta(seconds=within)
        hold(name, in_time and before.phase is Phase.CLOSED, "opened again, out of time")
        hold(name, getattr(args, "other", None) is None, "opened again beside another")
    if isinstance(args, cmd.NoteOtherMatch) and seen.state.phase.over:
        hold(
            name,
            args.supersede and seen.contract.on_other_match == "supersede",
            "superseded, and the contract keeps it",
        )
    if isinstance(args, cmd.NoteMerged) and not before.phase.over:
        hold(name, seen.state.ticket == args.into or seen.state.phase.over, "merged, and it stays at the old ticket")
        hold(name, seen.state.phase.over == (args.escalation is not None), "two escalations for one ticket, or none")
