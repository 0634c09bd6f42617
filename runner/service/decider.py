"""Decisions in transactions: apply a command, open from a look at a ticket, fire what is due, drain the inbox.

The engine decides; this reads what it needs and writes what follows, all in the transaction that it is given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from runner.clock import Clocks
from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.decision import Advance, advance
from runner.engine.intake import (
    Intake,
    Note,
    closed_case,
    intake,
    moved_cases,
    opened_case,
    reopen_until,
    reopened_case,
)
from runner.engine.observation import Case, Reading, observe
from runner.engine.overlay import EndEntry, Entry, Span
from runner.engine.reasons import CommandRejected
from runner.engine.roster import Roster
from runner.engine.routing import next_watch
from runner.engine.state import Phase, State, accountable, dump_state, load_state, next_deadline
from runner.engine.world import RosterWorld
from runner.service.active import Active
from runner.service.figures import FigureBook
from runner.service.ids import Ids
from runner.service.metrics import Metrics
from runner.service.overlaid import Overlaid
from runner.service.roster_notes import next_slice, roster_due
from runner.store.port import Reader, StoreError, Stream, Text, Transaction
from runner.zones import zone

__all__ = ["Decider", "UnknownEscalation"]

_log = logging.getLogger(__name__)
_DONE = frozenset((Phase.RESOLVED, Phase.CLOSED, Phase.CANCELLED))
_FIGURES_KEPT = 2_000
"""Escalations whose figures are at hand when somebody acts; some 4 KB each."""
_TICKS = 50
"""Deadlines of one escalation handled in one go; the rest at the next."""


_SETTLING = (cmd.WriteRecord, cmd.FailRecord, cmd.SucceedStep, cmd.FailStep)
"""Commands that say what came of a write to the ticket."""


class UnknownEscalation(LookupError):
    """There is no escalation of this id."""


class Decider:
    """Applies commands to streams. Holds no state of escalations; all of that is in the store."""

    def __init__(self, active: Callable[[], Active], clocks: Clocks, ids: Ids, metrics: Metrics) -> None:
        self._overlaid = Overlaid(active, clocks)
        self._clocks = clocks
        self._ids = ids
        self._metrics = metrics
        self._figures = FigureBook(_FIGURES_KEPT)
        self._contracts: dict[str, Contract] = {}
        self.written = 0
        """Decisions written so far; only ever rises."""
        self.on_write: Callable[[], None] = lambda: None
        """Called when a decision is being written, so that its effects are looked for."""
        self._stuck: dict[str, str] = {}
        self._unread: dict[int, str] = {}

    def contract(self, reader: Reader, digest: str) -> Contract:
        """A contract by digest; raises LookupError."""
        found = self._contracts.get(digest)
        if found is None:
            found = self._contracts[digest] = Contract.load(reader.contract(digest))
        return found

    @property
    def stuck(self) -> dict[str, str]:
        """Escalations that could not be decided because of a fault of this program, with the fault.

        They wait until the next command for them, or the next start, while all others go on.
        """
        unread = {f"inbox {number}": why for number, why in self._unread.items()}
        broken = {"overlay": self._overlaid.broken} if self._overlaid.broken is not None else {}
        return {**self._stuck, **unread, **broken}

    def stream(self, reader: Reader, escalation: str) -> tuple[Stream, State]:
        """An escalation and its state; raises UnknownEscalation."""
        stream = reader.stream(escalation)
        if stream is None:
            raise UnknownEscalation(escalation)
        return stream, load_state(stream.state)

    def apply(
        self, tx: Transaction, escalation: str, command: cmd.Command, texts: Mapping[str, Text]
    ) -> Advance | None:
        """Decide a command over an open escalation and write what follows.

        None if nothing follows. A refused command of a person is written too; the caller looks at `rejected`. Raises
        UnknownEscalation, and CommandRejected for a refused command of the machine.
        """
        stream, state = self.stream(tx, escalation)
        if isinstance(command.args, cmd.Reopen):
            case = tx.case(stream.ticket)
            other = case.escalation if case is not None else None
            args = command.args.model_copy(update={"other": other if other != escalation else None})
            command = command.model_copy(update={"args": args})
        return self._advance(tx, stream, state, command, texts)

    def command(self, args: cmd.Args, *, actor: str, source: str, jobs: tuple[str, ...] = ()) -> cmd.Command:
        """A command with a new id."""
        return cmd.Command(id=self._ids.new(self._clocks.now()), actor=actor, jobs=jobs, source=source, args=args)

    def _world(self, roster: Roster) -> RosterWorld:
        return RosterWorld(self._clocks.now(), roster, zone)

    def _advance(
        self, tx: Transaction, stream: Stream, state: State, command: cmd.Command, texts: Mapping[str, Text]
    ) -> Advance | None:
        active = self._overlaid.current(tx)
        done = advance(
            self.contract(tx, stream.contract),
            state,
            command,
            self._world(active.roster),
            escalation=stream.escalation,
            seq=stream.seq + 1,
            prev=stream.hash,
            stamp=active.stamp,
        )
        self._stuck.pop(stream.escalation, None)
        if done is None or done.state is None:
            return None
        case = tx.case(stream.ticket) if done.state.phase.over and not state.phase.over else None
        closed = None
        if case is not None:
            until = reopen_until(self.contract(tx, stream.contract), done.state)
            closed = _closed(active, case, stream.template, done.state.now, until)
        moved = state.phase is not done.state.phase and not _DONE.isdisjoint((state.phase, done.state.phase))
        if done.events and (command.human or moved):
            self._figure(tx, stream, done, command)
        self._write(tx, done, stream.contract, texts)
        if closed is not None:
            tx.put_case(closed)
        elif state.phase.over and not done.state.phase.over:
            self._reopened(tx, stream)
        elif isinstance(command.args, _SETTLING) and not done.state.phase.over:
            self._look_again(tx, stream.ticket)
        if done.state.phase.over and not state.phase.over:
            said = (stream.escalation, stream.ticket, stream.template, done.state.phase.value, accountable(state))
            _log.info("%s on %s by %s is %s; accountable was: %s", *said)
        return done

    def _figure(self, tx: Transaction, stream: Stream, done: Advance, command: cmd.Command) -> None:
        """Report what the figures show after a decision of a person, or at an end, and did not show before."""
        fold = self._figures.fold(tx, stream.escalation, stream.seq, stream.hash)
        before = fold.figures()
        now = done.state.now if done.state is not None else self._clocks.now()
        fold.add(now, done.events, command.actor)
        self._figures.moved(stream.escalation, done.decision.seq, done.decision.hash)
        self._metrics.figured(before, fold.figures())

    def _reopened(self, tx: Transaction, stream: Stream) -> None:
        case = tx.case(stream.ticket)
        if case is not None:
            tx.put_case(reopened_case(case, stream.escalation))
        _log.info("%s on %s by %s is open again", stream.escalation, stream.ticket, stream.template)

    def _look_again(self, tx: Transaction, ticket: str) -> None:
        """Have a ticket read again whose last reading could not be judged while our own writes were under way."""
        case = tx.case(ticket)
        if case is not None and case.unsettled:
            tx.put_case(replace(case, unsettled=False))
            tx.put_hint(ticket, "settled")

    def _write(self, tx: Transaction, done: Advance, contract: str, texts: Mapping[str, Text]) -> None:
        state = done.state
        if state is None:
            raise AssertionError("a decision without a state")
        tx.append(
            done.decision,
            now=state.now,
            ticket=state.ticket,
            template=state.template,
            contract=contract,
            state=dump_state(state),
            due=next_deadline(state),
            open=not state.phase.over,
            effects=done.effects,
            texts=texts,
        )
        self._metrics.decided(done)
        self.written += 1
        self.on_write()

    def look(
        self,
        tx: Transaction,
        ticket: str,
        reading: Reading | None,
        open_tasks: tuple[str, ...],
        settled: int | None = None,
    ) -> Intake | None:
        """What follows from a reading of a ticket (None: gone); None for a ticket that was never seen and is gone.

        `settled` is what the state of its open escalation counted as settled before it was read, None if unknown.
        """
        active, now = self._overlaid.current(tx), self._clocks.now()
        case = tx.case(ticket)
        if reading is None and case is None:
            return None
        fields = active.revision.policies.fields.fields
        seen = observe(fields, case, reading, now)
        stream = tx.stream(case.escalation) if case is not None and case.escalation is not None else None
        contract = self.contract(tx, stream.contract) if stream is not None else None
        state = load_state(stream.state) if stream is not None else None
        closed = tx.stream(case.closed_escalation) if case is not None and case.closed_escalation else None
        found = intake(
            active.table,
            case,
            seen,
            now,
            fields=fields,
            open_contract=contract,
            open_state=state,
            settled=settled,
            open_tasks=open_tasks,
            closed_contract=self.contract(tx, closed.contract) if closed is not None else None,
        )
        after = found.case
        if found.opens is not None:
            after = self._open(tx, after, found.opens)
        tx.put_case(after)
        for note in found.notes:
            if stream is not None:
                self._note(tx, stream, note)
        if found.succeeds is not None and stream is not None:
            self._succeed(tx, stream.escalation, found.succeeds)
        if found.reopens is not None and closed is not None:
            again = self.command(found.reopens, actor="surety:helpdesk", source="helpdesk")
            self.apply(tx, closed.escalation, again, {})
        if seen.problems and (case is None or case.problems != seen.problems):
            _log.warning(
                "%s: %s; it counts as absent: correct it in the helpdesk, or declare it in the Fields policy",
                ticket,
                "; ".join(seen.problems),
            )
        self._metrics.looked(found, seen.problems)
        return found

    def _note(self, tx: Transaction, stream: Stream, note: Note) -> None:
        """Tell an open escalation what happened to its ticket; with a merged ticket it goes to the other one's case."""
        other = tx.case(note.into) if isinstance(note, cmd.NoteMerged) else None
        if isinstance(note, cmd.NoteMerged) and other is not None:
            note = note.model_copy(update={"escalation": other.escalation})
        done = self.apply(tx, stream.escalation, self.command(note, actor="surety:helpdesk", source="helpdesk"), {})
        case = tx.case(stream.ticket)
        if isinstance(note, cmd.NoteMerged) and done is not None and case is not None and case.escalation is not None:
            for each in moved_cases(case, other, note.into):
                tx.put_case(each)
            tx.put_hint(note.into, "merged")

    def _succeed(self, tx: Transaction, superseded: str, args: cmd.Open) -> None:
        """Open the escalation that takes the place of another, in the transaction in which that one ended."""
        case, before = tx.case(args.ticket), tx.stream(superseded)
        if case is None or before is None or before.open:
            return
        after = self._open(tx, case, args)
        tx.put_case(replace(after, watch_due=next_watch(self._overlaid.current(tx).table, after, self._clocks.now())))

    def _open(self, tx: Transaction, case: Case, args: cmd.Open) -> Case:
        active = self._overlaid.current(tx)
        contract = active.revision.contracts[args.template]
        command = self.command(args, actor="surety:routing", source="routing")
        world = self._world(active.roster)
        done = advance(contract, None, command, world, escalation=command.id, seq=1, prev="", stamp=active.stamp)
        if done is None or done.state is None:
            raise AssertionError("an opening without events")
        self._contracts.setdefault(contract.digest, contract)
        self._write(tx, done, contract.digest, {})
        said = (command.id, case.ticket, args.template, accountable(done.state))
        _log.info("%s opened on %s by %s; accountable: %s", *said)
        return opened_case(case, args.template, command.id, done.state.now)

    def drain(self, tx: Transaction, limit: int) -> int:
        """Decide the commands that wait in the inbox, oldest first; how many there were."""
        rows = [row for row in tx.take_commands(limit + len(self._unread)) if row.id not in self._unread]
        for row in rows:
            try:
                self.apply(tx, row.escalation, cmd.Command.model_validate_json(row.command), {})
            except (CommandRejected, UnknownEscalation) as refused:
                _log.warning("a result for %s came too late: %s", row.escalation, refused)
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - one must not hold up all others; nothing of it was written
                _log.exception("a command for %s cannot be decided", row.escalation)
                self._unread[row.id] = _named(fault)
                continue
            tx.done_command(row.id)
        return len(rows)

    def enter(
        self,
        tx: Transaction,
        what: Span | EndEntry,
        *,
        id: str,  # noqa: A002 - the name of an entry's id
        person: str,
    ) -> Entry:
        """Write an absence, a swap, an override or the end of one, as a person says.

        Raises OverlayRefused for what makes no sense, NotTheirs for what this person may not say.
        """
        return self._overlaid.enter(tx, what, id=id, actor=person)

    def note_roster(self, tx: Transaction, limit: int) -> int:
        """Tell the next open escalations of a roster that has changed; 0 if nothing followed and all were told."""
        active, now = self._overlaid.current(tx), self._clocks.now()
        streams = next_slice(tx, active.roster, now, limit)
        followed = int(len(streams) == limit)
        for stream in streams:
            command = self.command(cmd.NoteRoster(), actor="surety:roster", source="roster")
            try:
                followed += self._advance(tx, stream, load_state(stream.state), command, {}) is not None
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - as in `drain`
                _log.exception("%s cannot be told of the roster", stream.escalation)
                self._stuck[stream.escalation] = _named(fault)
        return followed

    def roster_due(self, reader: Reader) -> datetime | None:
        """When open escalations are to be told of the roster next; None if never."""
        last = self._overlaid.last
        return roster_due(reader, last.roster if last is not None else None, self._clocks.now())

    def fire(self, tx: Transaction, limit: int) -> int:
        """Handle what is due, the longest overdue escalation first; then ask for tickets whose watch is due."""
        now = self._clocks.now()
        due = [name for name in tx.due(now, limit + len(self._stuck)) if name not in self._stuck]
        for escalation in due:
            try:
                self._fire_one(tx, escalation)
            except StoreError:
                raise
            except Exception as fault:  # noqa: BLE001 - as in `drain`
                _log.exception("the deadline of %s cannot be handled", escalation)
                self._stuck[escalation] = _named(fault)
        watched = tx.watches(now, limit)
        for ticket in watched:
            case = tx.case(ticket)
            if case is not None:
                tx.put_case(replace(case, watch_due=None))
            tx.put_hint(ticket, "watch")
        return len(due) + len(watched)

    def _fire_one(self, tx: Transaction, escalation: str) -> None:
        stream, state = self.stream(tx, escalation)
        due = stream.due
        for _ in range(_TICKS):
            if due is None or due > self._clocks.now():
                return
            self._metrics.fired((self._clocks.now() - due).total_seconds())
            command = self.command(cmd.Tick(), actor="surety:clock", source="clock")
            done = self._advance(tx, stream, state, command, {})
            if done is None or done.state is None:
                return
            state = done.state
            due = next_deadline(state)
            stream = replace(stream, seq=done.decision.seq, hash=done.decision.hash)


def _closed(active: Active, case: Case, template: str, now: datetime, until: datetime | None) -> Case:
    """The case once its escalation is over; a look at it that is due already is not put off."""
    closed = closed_case(active.table, case, template, now, until=until)
    overdue = case.watch_due is not None and case.watch_due <= now
    return replace(closed, watch_due=case.watch_due) if overdue else closed


def _named(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:200]
