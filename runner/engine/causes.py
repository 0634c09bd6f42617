"""Many tickets of one cause, and repeats of one account: what names a cause, and linking a ticket to its escalation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from runner.contract.canonical import canonical, digest_of
from runner.contract.contract import Contract
from runner.contract.policies import Fields
from runner.engine import events as ev
from runner.engine.commands import Command, NoteLinked, Scalar
from runner.engine.conditions import Value
from runner.engine.draft import Draft
from runner.engine.drift import mark
from runner.engine.events import made
from runner.engine.reasons import Reason

__all__ = ["EARLIER_AT_MOST", "EARLIER_WITHIN", "account_of", "cause_of", "link_ticket", "takes_in"]

EARLIER_AT_MOST = 10
EARLIER_WITHIN = timedelta(days=90)
"""Which earlier escalations of an account an opening names: the last ten of a quarter."""


def cause_of(contract: Contract, reading: Mapping[str, Value]) -> str | None:
    """What names the cause of a ticket for a contract: the values of its `group_by`; None if one of them is absent."""
    values = [reading.get(name) for name in contract.group_by]
    if not values or any(value is None for value in values):
        return None
    return digest_of(canonical([str(value) if isinstance(value, float) else value for value in values]))[:32]


def takes_in(contract: Contract, opened_at: datetime, now: datetime) -> bool:
    """Whether an escalation that was opened then still takes tickets of its cause in."""
    return contract.group_within is None or now <= opened_at + timedelta(seconds=contract.group_within)


def account_of(fields: Fields, reading: Mapping[str, Value]) -> Scalar:
    """The customer's account, a text as its mark; None if none is declared, or the ticket names none."""
    if fields.account is None:
        return None
    value = reading.get(fields.account)
    return mark(value) if isinstance(value, str) and fields.fields[fields.account].type == "text" else value


def link_ticket(draft: Draft, command: Command, args: NoteLinked) -> None:
    """Count another ticket of the same cause in; a note on each of the two names the other."""
    del command
    state = draft.state
    if args.ticket == state.ticket or args.ticket in state.last_linked:
        return
    linked = made(
        ev.TicketLinked,
        reason=Reason.SAME_CAUSE,
        rule=draft.rule("/trigger/group_by"),
        ticket=args.ticket,
        number=state.linked + 1,
        write=state.write_count + 1,
    )
    draft.add(linked)
