"""What follows from a look at a ticket, and what an escalation's decisions mean for the rows of tickets.

Runs in the transaction that it is given; what is decided is the engine's business.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from runner.clock import Clocks
from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.causes import EARLIER_AT_MOST, EARLIER_WITHIN, account_of, cause_of, takes_in
from runner.engine.decision import Advance
from runner.engine.intake import (
    LINKED,
    Intake,
    Note,
    closed_case,
    intake,
    linked_case,
    moved_cases,
    opened_case,
    reopen_until,
    reopened_case,
    unlinked_case,
)
from runner.engine.observation import Case, Observation, Reading, observe
from runner.engine.routing import next_watch
from runner.engine.state import State, load_state
from runner.service.active import Active
from runner.service.metrics import Metrics
from runner.service.overlaid import Overlaid
from runner.store.port import Reader, Stream, Text, Transaction

__all__ = ["Deciding", "Tickets", "follow_case"]

_log = logging.getLogger(__name__)
_SETTLING = (
    cmd.WriteRecord,
    cmd.FailRecord,
    cmd.SucceedStep,
    cmd.FailStep,
    cmd.SucceedUndo,
    cmd.FailUndo,
)
"""Commands that say what came of a write to the ticket."""


class Deciding(Protocol):
    """What has commands decided and written."""

    def contract(self, reader: Reader, digest: str) -> Contract:
        """A contract by digest."""
        ...

    def apply(
        self, tx: Transaction, escalation: str, command: cmd.Command, texts: Mapping[str, Text]
    ) -> Advance | None:
        """Decide a command over an escalation."""
        ...

    def command(self, args: cmd.Args, *, actor: str, source: str, jobs: tuple[str, ...] = ()) -> cmd.Command:
        """A command with a new id."""
        ...

    def open(self, tx: Transaction, contract: Contract, args: cmd.Open) -> State:
        """Open an escalation."""
        ...


class Tickets:
    """Looks at tickets. Holds nothing of them; all of that is in the store."""

    def __init__(self, deciding: Deciding, overlaid: Overlaid, clocks: Clocks, metrics: Metrics) -> None:
        self._deciding = deciding
        self._overlaid = overlaid
        self._clocks = clocks
        self._metrics = metrics

    def look(
        self, tx: Transaction, ticket: str, reading: Reading | None, open_tasks: tuple[str, ...], settled: int | None
    ) -> Intake | None:
        """See `Decider.look`."""
        active, now = self._overlaid.current(tx), self._clocks.now()
        case = tx.case(ticket)
        if reading is None and case is None:
            return None
        fields = active.revision.policies.fields.fields
        seen = observe(fields, case, reading, now)
        stream = tx.stream(case.escalation) if case is not None and case.escalation is not None else None
        closed = tx.stream(case.closed_escalation) if case is not None and case.closed_escalation else None
        found = intake(
            active.table,
            case,
            seen,
            now,
            fields=fields,
            open_contract=self._deciding.contract(tx, stream.contract) if stream is not None else None,
            open_state=load_state(stream.state) if stream is not None else None,
            settled=settled,
            open_tasks=open_tasks,
            closed_contract=self._deciding.contract(tx, closed.contract) if closed is not None else None,
        )
        after = found.case if found.opens is None else self._open(tx, found.case, found.opens)
        tx.put_case(after)
        if found.opens is not None and after.escalation is None:
            found = replace(found, case=after, opens=None, why=LINKED)
        self._follow(tx, found, stream, closed)
        _warn(case, seen)
        self._metrics.looked(found, seen.problems)
        return found

    def _follow(self, tx: Transaction, found: Intake, stream: Stream | None, closed: Stream | None) -> None:
        """Give the commands that a look asks for, to the escalation that is open and to the one that was closed."""
        for note in found.notes:
            if stream is not None:
                self._note(tx, stream, note)
        if found.succeeds is not None and stream is not None:
            self._succeed(tx, stream.escalation, found.succeeds)
        if found.reopens is not None and closed is not None:
            self._apply(tx, closed.escalation, found.reopens)

    def _apply(self, tx: Transaction, escalation: str, args: cmd.Args) -> Advance | None:
        command = self._deciding.command(args, actor="surety:helpdesk", source="helpdesk")
        return self._deciding.apply(tx, escalation, command, {})

    def _note(self, tx: Transaction, stream: Stream, note: Note) -> None:
        """Tell an open escalation what happened to its ticket; with a merged ticket it goes to the other one's case."""
        if not isinstance(note, cmd.NoteMerged):
            self._apply(tx, stream.escalation, note)
            return
        other = tx.case(note.into)
        told = note.model_copy(update={"escalation": other.escalation if other is not None else None})
        done, case = self._apply(tx, stream.escalation, told), tx.case(stream.ticket)
        if done is not None and told.escalation is not None:
            _relink(tx, stream.escalation, told.escalation)
        elif done is not None and case is not None and case.escalation is not None:
            for each in moved_cases(case, other, note.into):
                tx.put_case(each)
            tx.put_hint(note.into, "merged")

    def _succeed(self, tx: Transaction, superseded: str, args: cmd.Open) -> None:
        """Open the escalation that takes the place of another, in the transaction in which that one ended."""
        case, before = tx.case(args.ticket), tx.stream(superseded)
        if case is None or before is None or before.open:
            return
        after = self._begin(tx, case, args, None)
        if after.escalation is not None:
            _relink(tx, superseded, after.escalation)
        tx.put_case(replace(after, watch_due=next_watch(self._overlaid.current(tx).table, after, self._clocks.now())))

    def _open(self, tx: Transaction, case: Case, args: cmd.Open) -> Case:
        """Open an escalation, or link the ticket to the one that stands for its cause already."""
        contract = self._overlaid.current(tx).revision.contracts[args.template]
        cause = cause_of(contract, case.reading)
        standing = tx.standing(contract.name, cause) if cause is not None else None
        if standing is not None and takes_in(contract, self._opened_at(tx, standing), self._clocks.now()):
            return self._link(tx, case, args.template, standing)
        after = self._begin(tx, case, args, cause)
        if cause is not None and after.escalation is not None:
            tx.stand(contract.name, cause, after.escalation, standing)
        return after

    def _begin(self, tx: Transaction, case: Case, args: cmd.Open, cause: str | None) -> Case:
        revision, now = self._overlaid.current(tx).revision, self._clocks.now()
        account = account_of(revision.policies.fields, case.reading)
        key = json.dumps(account)
        earlier = tx.of_account(key, now - EARLIER_WITHIN, EARLIER_AT_MOST) if account is not None else []
        more = {"account": account, "earlier": tuple(earlier), "group": cause}
        state = self._deciding.open(tx, revision.contracts[args.template], args.model_copy(update=more))
        if account is not None:
            tx.put_account(key, now, state.escalation)
        return opened_case(case, args.template, state.escalation, state.now)

    def _opened_at(self, tx: Transaction, escalation: str) -> datetime:
        stream = tx.stream(escalation)
        if stream is None:
            raise AssertionError(f"{escalation} stands for a cause and does not exist")
        return load_state(stream.state).opened_at

    def _link(self, tx: Transaction, case: Case, template: str, escalation: str) -> Case:
        if case.linked != escalation:
            self._apply(tx, escalation, cmd.NoteLinked(ticket=case.ticket))
            tx.link(escalation, case.ticket)
            _log.info("%s is linked to %s by %s", case.ticket, escalation, template)
        return linked_case(case, template, escalation, self._clocks.now())


def _warn(case: Case | None, seen: Observation) -> None:
    if seen.problems and (case is None or case.problems != seen.problems):
        _log.warning(
            "%s: %s; it counts as absent: correct it in the helpdesk, or declare it in the Fields policy",
            seen.ticket,
            "; ".join(seen.problems),
        )


def follow_case(  # noqa: PLR0917 - what a decision was about, from where to where
    tx: Transaction, active: Active, stream: Stream, contract: Contract, before: State, after: State, args: cmd.Args
) -> None:
    """Bring the rows of the tickets that an escalation stands for up to a decision that was written."""
    if after.phase.over and not before.phase.over:
        _close(tx, active, stream, reopen_until(contract, after), after.now, replaced=after.replaced)
        return
    case = tx.case(stream.ticket) if isinstance(args, (*_SETTLING, cmd.Reopen)) else None
    if case is None:
        return
    if before.phase.over and not after.phase.over:
        tx.put_case(reopened_case(case, stream.escalation))
        _log.info("%s on %s by %s is open again", stream.escalation, stream.ticket, stream.template)
    elif case.unsettled and not after.phase.over:
        tx.put_case(replace(case, unsettled=False))
        tx.put_hint(stream.ticket, "settled")


def _close(
    tx: Transaction, active: Active, stream: Stream, until: datetime | None, now: datetime, *, replaced: bool
) -> None:
    """A look at the ticket that is due already is not put off; tickets that are linked count as closed with it."""
    case = tx.case(stream.ticket)
    if case is not None:
        closed = closed_case(active.table, case, stream.template, now, until=until)
        overdue = case.watch_due is not None and case.watch_due <= now
        tx.put_case(replace(closed, watch_due=case.watch_due) if overdue else closed)
    for other in _linked(tx, stream.escalation) if not replaced else ():
        tx.put_case(unlinked_case(active.table, other, stream.template, now))


def _linked(tx: Transaction, escalation: str) -> list[Case]:
    found = [tx.case(ticket) for ticket in tx.linked(escalation)]
    return [case for case in found if case is not None and case.linked == escalation]


def _relink(tx: Transaction, old: str, new: str) -> None:
    """Link the tickets of an escalation that was replaced to the one that goes on."""
    for case in _linked(tx, old):
        tx.link(new, case.ticket)
        tx.put_case(replace(case, linked=new))
