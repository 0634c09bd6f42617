"""The ticket's record fields: asking that they say who is accountable, and what follows when they cannot be written."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.commands import Command, FailRecord, WriteRecord
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.reasons import Reason
from runner.engine.state import accountable

__all__ = ["RECORD_RULE", "record_failed", "record_written", "request_record"]

RECORD_RULE = "fields#/record"


def request_record(draft: Draft, *, again: bool = False, reason: Reason = Reason.UNWRITTEN) -> None:
    """Ask for the record fields to be written if they should say something new, or `again` for a reason.

    A ticket that is gone is left alone, and so is one that another escalation has taken over.
    """
    state = draft.state
    owner = state.previous if state.phase.over else accountable(state)
    wanted = (state.phase.value, owner, state.accepted_at)
    if state.gone or state.replaced or (wanted == state.record and not again):
        return
    draft.add(
        made(
            ev.RecordRequested,
            reason=reason if again else Reason.RECORD,
            rule=RECORD_RULE,
            write=state.write_count + 1,
            state=wanted[0],
            owner=wanted[1],
            accepted_at=wanted[2],
        )
    )


def record_written(draft: Draft, command: Command, args: WriteRecord) -> None:
    """The ticket says what was requested."""
    del command
    if args.write in draft.state.writes:
        draft.add(made(ev.RecordConfirmed, reason=Reason.WRITTEN, rule=RECORD_RULE, write=args.write))
    else:
        draft.ignore(f"write {args.write}", RECORD_RULE)


def record_failed(draft: Draft, command: Command, args: FailRecord) -> None:
    """The ticket could not be written: it is tried again later, and the escalation owner hears of it once.

    After the end it is not tried again, so that all the more somebody has to know; unless another one writes it now.
    """
    del command
    state = draft.state
    if args.write not in state.writes:
        draft.ignore(f"write {args.write}", RECORD_RULE)
        return
    heard = state.unwritten
    newest = args.write == state.record_write  # a ticket that could not be set back is not the record's business
    retry_at = (
        draft.after(draft.contract.limits.step_within) if newest and not (state.phase.over or state.gone) else None
    )
    why = args.why[:256]
    draft.add(
        made(ev.RecordFailed, reason=Reason.UNWRITTEN, rule=RECORD_RULE, write=args.write, why=why, retry_at=retry_at)
    )
    if not heard and not state.replaced:
        draft.tell(draft.manager().id, "record_failed", Reason.UNWRITTEN, RECORD_RULE)
