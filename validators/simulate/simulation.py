"""A simulation: the engine that the service runs, driven through virtual time over a virtual world. Decides nothing.

Time jumps from one instant at which something falls due to the next. At one instant commands come first, then looks
that are due, then deadlines, one at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Final

from runner.contract.contract import Contract
from runner.contract.load import Revision
from runner.contract.policies import TicketField
from runner.contract.roster_form import AbsenceOf
from runner.engine.causes import EARLIER_AT_MOST, EARLIER_WITHIN, account_of, cause_of, takes_in
from runner.engine.commands import (
    Args,
    Command,
    NoteLinked,
    NoteMerged,
    NoteRoster,
    Open,
    Reopen,
    Scalar,
    Tick,
    TicketFacts,
)
from runner.engine.conditions import Facts
from runner.engine.decision import Advance, Decided, advance, decided
from runner.engine.effects import Effect
from runner.engine.events import made
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
    ticket_facts,
    unlinked_case,
)
from runner.engine.observation import Case, observe
from runner.engine.overlay import EndEntry, Span
from runner.engine.reasons import CommandRejected
from runner.engine.roster import Roster
from runner.engine.routing import next_watch
from runner.engine.state import accountable
from runner.engine.words import is_owner_event
from runner.engine.world import RosterWorld, World
from runner.zones import zone
from validators.simulate.ground import ground_of
from validators.simulate.lives import Life, Turn, Watcher
from validators.simulate.virtual import VirtualTicket, VirtualWorld
from validators.simulate.virtual_roster import VirtualRoster

__all__ = ["Life", "Simulation", "SimulationLimit"]

_TICK: Final = Tick()
_NOTE_ROSTER: Final = NoteRoster()
_MOST_COMMANDS: Final = 50_000
"""A year of reminders every two hours takes 13,000; more than this is a loop that nobody waits for."""


class SimulationLimit(Exception):
    """A simulation became longer than anyone would wait for."""


class Simulation:
    """Virtual tickets, cases and escalations of one revision. `absences` come on top of the roster's own."""

    def __init__(self, revision: Revision, absences: Iterable[AbsenceOf] = ()) -> None:
        self.revision = revision
        self._ground = ground_of(revision)
        self.table = self._ground.table
        self.fields = revision.policies.fields.fields
        self.world = VirtualWorld(revision.policies)
        form = revision.roster
        away = (*form.absences, *absences)
        self.rosters = VirtualRoster(form.but(absences=away) if len(away) > len(form.absences) else form, self._ground)
        self.make_world: Callable[[datetime, Roster], World] = lambda now, roster: RosterWorld(now, roster, zone)
        self.rows = True
        """Whether to write the row of each decision, which takes time and only a replay needs."""
        self.cases: dict[str, Case] = {}
        self.lives: dict[str, Life] = {}
        self.looks: dict[str, Intake] = {}
        """The last intake of each ticket."""
        self.world.facts_of = _facts_of(self.fields, self.cases, self.world.tickets)
        self.watchers: list[Watcher] = []
        self._todo: deque[tuple[Life, Effect]] = deque()
        self._commands = 0
        self._causes: dict[tuple[str, str], str] = {}
        self._accounts: list[tuple[datetime, Scalar, str]] = []

    def copy(self) -> Simulation:
        """Another one in which the same has happened, and which goes on by itself; nobody looks on yet."""
        other = copy(self)
        other.world, other.rosters = self.world.copy(), self.rosters.copy()
        other.cases, other.looks = dict(self.cases), dict(self.looks)
        other.world.facts_of = _facts_of(other.fields, other.cases, other.world.tickets)
        other.lives = {key: life.copy() for key, life in self.lives.items()}
        other.watchers, other._todo = [], deque()  # noqa: SLF001 - its own
        other._causes, other._accounts = dict(self._causes), list(self._accounts)  # noqa: SLF001 - its own
        return other

    # what people and the helpdesk do

    def create(self, key: str, fields: dict[str, object], now: datetime) -> None:
        """A ticket appears."""
        self.world.tickets[key] = VirtualTicket(key, now, now, fields)
        self.look(key, now)

    def update(self, key: str, fields: dict[str, object], now: datetime) -> bool:
        """Somebody changes a ticket; False if it was so already."""
        changed = self.world.tickets[key].write(fields, now)
        if changed:
            self.look(key, now)
        return changed

    def merge(self, key: str, into: str, now: datetime) -> None:
        """Somebody merges a ticket into another."""
        self.world.tickets[key].merged_into = into
        self.look(key, now)

    def delete(self, key: str, now: datetime) -> None:
        """Somebody deletes a ticket."""
        self.world.tickets[key].gone = True
        self.look(key, now)

    def enter(self, what: Span | EndEntry, now: datetime) -> None:
        """Somebody says that they are away, or take over a shift; raises OverlayRefused."""
        self.rosters.enter(what, now)
        self._note_roster(now)

    def back(self, person: str, now: datetime) -> None:
        """Somebody who said to be away is back earlier; raises OverlayRefused."""
        self.rosters.end_absence(person, now)
        self._note_roster(now)

    def give(self, life: Life, args: Args, actor: str, now: datetime) -> CommandRejected | None:
        """A person gives a command; the rejection if it is refused."""
        rejected = self._give(life, args, actor, now)
        self._drain(now)
        return rejected

    def latest(self, key: str) -> Life | None:
        """The ticket's last escalation, open or over; None if it never had one."""
        return next((life for life in reversed(self.lives.values()) if life.ticket == key), None)

    def facts(self, life: Life) -> TicketFacts:
        """What a person's command says of the ticket, read at this moment."""
        case = self.cases[life.ticket]
        tasks = self._open_tasks(life)
        return TicketFacts(open_tasks=tasks) if case.gone else ticket_facts(life.contract, case.reading, tasks)

    # time

    def next_due(self) -> datetime | None:
        """The next instant at which something happens by itself; None if nothing ever does."""
        due = self._roster_due()
        watches = [case.watch_due for case in self.cases.values()]
        for at in (*watches, *[life.due for life in self.lives.values()]):
            if at is not None and (due is None or at < due):
                due = at
        return due

    def _roster_due(self) -> datetime | None:
        open_ones = any(not life.state.phase.over for life in self.lives.values())
        return self.rosters.next_change() if open_ones else None

    def run(self, until: datetime, *, including: bool) -> None:
        """Handle everything that falls due before `until`, or also at it."""
        while (due := self.next_due()) is not None and (due < until or (including and due == until)):
            self._handle(due)

    def _handle(self, now: datetime) -> None:
        for key, case in self.cases.items():
            if case.watch_due is not None and case.watch_due <= now:
                self.look(key, now)
                return
        roster_due = self._roster_due()
        if roster_due is not None and roster_due <= now:
            self._note_roster(now)
            return
        life = min((life for life in self.lives.values() if life.due == now), key=lambda each: each.escalation)
        before = life.state
        for watcher in self.watchers:
            watcher.due(life)
        self._give(life, _TICK, "surety:clock", now)
        if life.state is before:
            raise AssertionError(f"a deadline of {life.escalation} at {now} is not handled")
        self._drain(now)

    def _note_roster(self, now: datetime) -> None:
        """Tell every open escalation of the roster as it is now."""
        self.rosters.told(now)
        for life in list(self.lives.values()):
            if not life.state.phase.over:
                self._give(life, _NOTE_ROSTER, "surety:roster", now)
        self._drain(now)

    # the service's part

    def look(self, key: str, now: datetime) -> None:
        """Read a ticket and do what follows."""
        self._look(key, now)
        self._drain(now)

    def _look(self, key: str, now: datetime) -> None:
        case = self.cases.get(key)
        life = self.lives[case.escalation] if case is not None and case.escalation is not None else None
        closed = case.closed_escalation if case is not None else None
        seen = observe(self.fields, case, self.world.tickets[key].reading(), now)
        for watcher in self.watchers:
            watcher.observed(seen, self.table.hours, now)
        taken = intake(
            self.table,
            case,
            seen,
            now,
            fields=self.fields,
            open_contract=life.contract if life else None,
            open_state=life.state if life else None,
            settled=life.state.settled if life else None,
            open_tasks=self._open_tasks(life) if life else (),
            closed_contract=self.lives[closed].contract if closed is not None else None,
        )
        self.looks[key] = taken
        self.cases[key] = taken.case
        if taken.opens is not None:
            self._open_or_link(key, taken.opens, now)
        for note in taken.notes:
            if life is not None:
                self._note(life, note, now)
        if taken.succeeds is not None and life is not None and life.state.phase.over:
            self._relink(life.escalation, self._open(key, taken.succeeds, now))
            case = self.cases[key]
            self.cases[key] = replace(case, watch_due=next_watch(self.table, case, now))
        if taken.reopens is not None and closed is not None:
            self._give(self.lives[closed], taken.reopens, "surety:helpdesk", now)

    def _note(self, life: Life, note: Note, now: datetime) -> None:
        """Tell an escalation what happened to its ticket; with a merged ticket it goes to the other one's case."""
        before = life.ticket
        if isinstance(note, NoteMerged):
            other = self.cases.get(note.into)
            note = note.model_copy(update={"escalation": other.escalation if other is not None else None})
        self._give(life, note, "surety:helpdesk", now)
        if isinstance(note, NoteMerged) and note.escalation is not None:
            self._relink(life.escalation, note.escalation)
        elif isinstance(note, NoteMerged) and self.cases[before].escalation == life.escalation:
            self.cases[before], self.cases[note.into] = moved_cases(
                self.cases[before], self.cases.get(note.into), note.into
            )
            self._look(note.into, now)

    def _relink(self, old: str, new: str) -> None:
        """Link the tickets of an escalation that was replaced to the one that goes on."""
        for key, case in self.cases.items():
            if case.linked == old:
                self.cases[key] = replace(case, linked=new)

    def _open_or_link(self, key: str, args: Open, now: datetime) -> None:
        """Open an escalation, or link the ticket to the one that stands for its cause already."""
        contract, case = self.revision.contracts[args.template], self.cases[key]
        cause = cause_of(contract, case.reading)
        standing = self.lives.get(self._causes.get((args.template, cause or ""), ""))
        stands = standing is not None and not standing.state.phase.over
        if standing is not None and stands and takes_in(contract, standing.state.opened_at, now):
            if case.linked != standing.escalation:
                self._give(standing, NoteLinked(ticket=key), "surety:helpdesk", now)
            self.cases[key] = linked_case(self.cases[key], args.template, standing.escalation, now)
            self.looks[key] = replace(self.looks[key], case=self.cases[key], opens=None, why=LINKED)
            return
        escalation = self._open(key, args.model_copy(update={"group": cause}), now)
        if cause is not None:
            self._causes[args.template, cause] = escalation

    def _open(self, key: str, args: Open, now: datetime) -> str:
        contract = self.revision.contracts[args.template]
        account = account_of(self.revision.policies.fields, self.cases[key].reading)
        known = [name for at, of, name in self._accounts if of == account and at >= now - EARLIER_WITHIN]
        earlier = tuple(reversed(known))[:EARLIER_AT_MOST] if account is not None else ()
        args = args.model_copy(update={"account": account, "earlier": earlier})
        escalation = f"{key}/{sum(name.rpartition('/')[0] == key for name in self.lives) + 1}"
        command = made(Command, id=escalation, actor="surety:intake", source="simulation", args=args)
        done = self._advance(None, contract, command, now)
        if done is None or done.state is None:
            raise AssertionError(f"{args.template} did not open")
        if self._roster_due() is None:
            self.rosters.told(now)
        life = Life(escalation, key, contract, done.state)
        self.lives[escalation] = life
        self._accounts.append((now, account, escalation))
        self.cases[key] = opened_case(self.cases[key], args.template, escalation, now)
        self._keep(life, done, command.actor, now)
        return escalation

    def _give(self, life: Life, args: Args, actor: str, now: datetime) -> CommandRejected | None:
        self._commands += 1
        if isinstance(args, Reopen):
            other = self.cases[life.ticket].escalation
            args = args.model_copy(update={"other": other if other != life.escalation else None})
        person = self.revision.policies.people.people.get(actor)
        jobs = person.jobs if person is not None else ()
        command = made(Command, id=f"c{self._commands}", actor=actor, jobs=jobs, source="simulation", args=args)
        try:
            done = self._advance(life, life.contract, command, now)
        except CommandRejected as rejected:
            return rejected.with_traceback(None)
        if done is None:
            return None
        self._keep(life, done, actor, now)
        return done.rejected

    def _advance(
        self, life: Life | None, contract: Contract, command: Command, now: datetime
    ) -> Advance | Decided | None:
        if self._commands > _MOST_COMMANDS:
            raise SimulationLimit(f"more than {_MOST_COMMANDS} commands by {now:%Y-%m-%d %H:%M} UTC")
        state, world = life.state if life else None, self.make_world(now, self.rosters.now)
        if not self.rows:
            return decided(contract, state, command, world)
        return advance(
            contract,
            state,
            command,
            world,
            escalation=life.escalation if life else command.id,
            seq=len(life.decisions) + 1 if life else 1,
            prev=life.decisions[-1].hash if life else "",
            stamp=self.rosters.stamp,
        )

    def _keep(self, life: Life, done: Advance | Decided, actor: str, now: datetime) -> None:
        was_over, before = life.state.phase.over, life.state.phase
        if done.state is not None:
            life.state, life.ticket = done.state, done.state.ticket
        if isinstance(done, Advance):
            life.decisions.append(done.decision)
        life.history.append((now, done.events))
        life.actors.append(actor)
        for event in reversed(done.events):
            if is_owner_event(event):
                life.turns.append(Turn(now, accountable(life.state), event.reason))
                break
        if life.state.phase is not before or len(life.history) == 1:
            life.entered = now
        for watcher in self.watchers:
            watcher.decided(life, done.events, now)
        self._todo.extend([(life, effect) for effect in done.effects])
        if life.state.phase.over and not was_over:
            until = reopen_until(life.contract, life.state)
            case = self.cases[life.ticket]
            self.cases[life.ticket] = closed_case(self.table, case, life.contract.name, now, until=until)
            for key, linked in self.cases.items():
                if linked.linked == life.escalation and not life.state.replaced:
                    self.cases[key] = unlinked_case(self.table, linked, life.contract.name, now)
        elif was_over and not life.state.phase.over:
            self.cases[life.ticket] = reopened_case(self.cases[life.ticket], life.escalation)

    def _drain(self, now: datetime) -> None:
        """Do what was asked of the world, in the order in which it was decided, until it asks for nothing more."""
        while self._todo:
            life, effect = self._todo.popleft()
            result, changed = self.world.perform(life.contract, life.state, effect, now)
            if result is not None:
                self._give(life, result, "surety:world", now)
            if changed is not None:
                self._look(changed, now)
            elif result is not None and self.cases[life.ticket].unsettled:
                self._look(life.ticket, now)
        for watcher in self.watchers:
            watcher.settled(now)

    def _open_tasks(self, life: Life) -> tuple[str, ...]:
        record = life.contract.record
        tickets = self.world.tickets
        return tuple(task for task in life.state.tasks if tickets[task].fields.get(record.lifecycle) not in record.done)


def _facts_of(
    fields: Mapping[str, TicketField], cases: Mapping[str, Case], tickets: Mapping[str, VirtualTicket]
) -> Callable[[str, datetime], Facts]:
    """Says of a ticket what conditions know of it. Holds no simulation, so that one is gone as soon as it is let go."""

    def told(key: str, now: datetime) -> Facts:
        return observe(fields, cases.get(key), tickets[key].reading(), now).facts(now)

    return told
