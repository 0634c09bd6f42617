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
from runner.engine.intake import Intake
from runner.engine.observation import Reading
from runner.engine.overlay import EndEntry, Entry, Span
from runner.engine.reasons import CommandRejected
from runner.engine.roster import Roster
from runner.engine.state import Phase, State, accountable, dump_state, load_state, next_deadline
from runner.engine.world import RosterWorld
from runner.service.active import Active
from runner.service.figures import FigureBook
from runner.service.ids import Ids
from runner.service.metrics import Metrics
from runner.service.overlaid import Overlaid
from runner.service.roster_notes import next_slice, roster_due
from runner.service.tickets import Tickets, follow_case
from runner.store.port import Reader, StoreError, Stream, Text, Transaction
from runner.zones import zone

__all__ = ["Decider", "UnknownEscalation"]

_log = logging.getLogger(__name__)
_DONE = frozenset((Phase.RESOLVED, Phase.CLOSED, Phase.CANCELLED))
_FIGURES_KEPT = 2_000
"""Escalations whose figures are at hand when somebody acts; some 4 KB each."""
_TICKS = 50
"""Deadlines of one escalation handled in one go; the rest at the next."""


class UnknownEscalation(LookupError):
    """There is no escalation of this id."""


class Decider:
    """Applies commands to streams. Holds no state of escalations; all of that is in the store."""

    def __init__(self, active: Callable[[], Active], clocks: Clocks, ids: Ids, metrics: Metrics) -> None:
        self._overlaid = Overlaid(active, clocks)
        self._clocks = clocks
        self._ids = ids
        self._metrics = metrics
        self._tickets = Tickets(self, self._overlaid, clocks, metrics)
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
        moved = state.phase is not done.state.phase and not _DONE.isdisjoint((state.phase, done.state.phase))
        if done.events and (command.human or moved):
            self._figure(tx, stream, done, command)
        self._write(tx, done, stream.contract, texts)
        contract = self.contract(tx, stream.contract)
        follow_case(tx, active, stream, contract, state, done.state, command.args)
        if done.state.phase.over and not state.phase.over:
            said = (stream.escalation, stream.ticket, stream.template, done.state.phase.value, accountable(state))
            _log.info("%s on %s by %s is %s; accountable was: %s", *said)
        return done

    def _figure(self, tx: Transaction, stream: Stream, done: Advance, command: cmd.Command) -> None:
        """Report what the figures show after a decision of a person, or at an end, and did not show before."""
        try:
            fold = self._figures.fold(tx, stream.escalation, stream.seq, stream.hash)
            before = fold.figures()
            now = done.state.now if done.state is not None else self._clocks.now()
            fold.add(now, done.events, command.actor)
            self._figures.moved(stream.escalation, done.decision.seq, done.decision.hash)
            self._metrics.figured(before, fold.figures())
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - what is only counted must not keep anything from being decided
            self._figures.forget(stream.escalation)
            _log.exception("the figures of %s cannot be told", stream.escalation)

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
        return self._tickets.look(tx, ticket, reading, open_tasks, settled)

    def open(self, tx: Transaction, contract: Contract, args: cmd.Open) -> State:
        """Open an escalation and write what follows; its id is the command's."""
        active = self._overlaid.current(tx)
        command = self.command(args, actor="surety:routing", source="routing")
        world = self._world(active.roster)
        done = advance(contract, None, command, world, escalation=command.id, seq=1, prev="", stamp=active.stamp)
        if done is None or done.state is None:
            raise AssertionError("an opening without events")
        self._contracts.setdefault(contract.digest, contract)
        self._write(tx, done, contract.digest, {})
        said = (command.id, args.ticket, args.template, accountable(done.state))
        _log.info("%s opened on %s by %s; accountable: %s", *said)
        return done.state

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


def _named(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:200]
