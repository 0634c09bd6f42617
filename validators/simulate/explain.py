"""Why a ticket goes where it goes, and who would be asked when if nobody reacts: the engine's own answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from runner.contract.diagnostic import Location
from runner.contract.documents import Document, Documents, Path
from runner.contract.load import Revision
from runner.contract.policies import Routing, TicketField
from runner.contract.routing import listed
from runner.contract.template import Template
from runner.engine import events as ev
from runner.engine.intake import intake
from runner.engine.observation import Case, Observation, Reading, observe
from runner.engine.reasons import SENTENCES
from runner.engine.routing import Firing, Match, NoMatchReason, RoutingTable, admits
from runner.engine.state import Phase
from runner.engine.words import in_place_of
from validators.simulate.blame import first_failing
from validators.simulate.simulation import Life, Simulation
from validators.simulate.virtual import VirtualTicket

__all__ = ["Ask", "Explanation", "TicketCase", "Verdict", "explain", "look"]

_KEY: Final = "ticket"
_MOST_LOOKS: Final = 50
"""How often time is moved on to see whether it alone opens something; conditions hold only a few instants each."""


@dataclass(frozen=True, slots=True)
class TicketCase:
    """A ticket as it is at an instant, and as it was before, or None if it is new. Instants are aware UTC."""

    at: datetime
    created_at: datetime
    updated_at: datetime
    after: Mapping[str, object]
    before: Mapping[str, object] | None
    before_updated_at: datetime | None = None
    """When it had last been changed before; at its creation if that is not said."""
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
    """Since when fields have the value that they have before and after; since its creation if that is not said."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a template says to the ticket, and where that is written."""

    template: str
    matches: bool
    why: str
    place: Location | None


@dataclass(frozen=True, slots=True)
class Ask:
    """One step of the ladder if nobody reacts. `person` is None for a rung that is skipped; `until` None: for good."""

    at: datetime
    rung: str
    person: str | None
    name: str
    zone: str
    until: datetime | None
    why: str
    place: Location | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer. `opened_at` is None if nothing opens, and later than the ticket's instant if time opens it."""

    at: datetime
    verdict: Verdict
    others: tuple[Verdict, ...]
    opened_at: datetime | None
    opened: str | None
    outcome_due: datetime | None
    calendar: str | None
    asks: tuple[Ask, ...]
    exhausted_at: datetime | None
    notices: tuple[str, ...]


def explain(revision: Revision, documents: Documents, ticket: TicketCase, notices: tuple[str, ...] = ()) -> Explanation:
    """Explain a ticket at its instant; `notices` are passed on, with those about values that do not fit."""
    simulation = Simulation(revision)
    seen, case = look(simulation.table, simulation.fields, ticket)
    taken = intake(simulation.table, case, seen, ticket.at, fields=simulation.fields)
    if case is not None:
        simulation.cases[_KEY] = case
    fields = dict(ticket.after)
    simulation.world.tickets[_KEY] = VirtualTicket(_KEY, ticket.created_at, ticket.updated_at, fields, version=2)
    simulation.look(_KEY, ticket.at)
    life = _open(simulation)
    asked = _nobody_reacts(simulation, life) if life is not None else ()
    winner = taken.outcome.template if isinstance(taken.outcome, Match) else None
    judge = _Judge(revision, documents, simulation.table, seen, ticket.at)
    return Explanation(
        at=ticket.at,
        verdict=_verdict(judge, taken.outcome, taken.why, winner),
        others=tuple(judge.others(winner)),
        opened_at=life.history[0][0] if life else None,
        opened=life.contract.name if life else None,
        outcome_due=life.state.outcome_due if life else None,
        calendar=life.contract.outcome_within.calendar if life else None,
        asks=tuple(asked),
        exhausted_at=next((at for at, e in _events(life) if isinstance(e, ev.LadderExhausted)), None),
        notices=(*notices, *(f"{problem}, so it counts as absent" for problem in seen.problems)),
    )


def look(table: RoutingTable, fields: Mapping[str, TicketField], ticket: TicketCase) -> tuple[Observation, Case | None]:
    """What is seen, and the case before it: that of a ticket which was looked at when it was as `before` says."""
    case: Case | None = None
    if ticket.before is not None:
        updated = ticket.before_updated_at or ticket.created_at
        first = observe(fields, None, Reading(_KEY, "1", ticket.created_at, updated, ticket.before), ticket.at)
        known = {name: at for name, at in ticket.changed_at.items() if name in first.after}
        first = replace(first, changed_at={**first.changed_at, **known})
        taken = intake(table, None, first, ticket.at, fields=fields)
        fired = {taken.opens.template: ticket.at} if taken.opens is not None else {}
        case = replace(taken.case, fired_at=fired)
    reading = Reading(_KEY, "2", ticket.created_at, ticket.updated_at, ticket.after)
    return observe(fields, case, reading, ticket.at), case


def _open(simulation: Simulation) -> Life | None:
    """The escalation that opens now, or by time alone."""
    for _ in range(_MOST_LOOKS):
        if simulation.lives:
            break
        due = simulation.next_due()
        if due is None:
            break
        simulation.run(due, including=True)
    return simulation.latest(_KEY)


def _events(life: Life | None) -> Iterator[tuple[datetime, ev.Event]]:
    for at, events in life.history if life is not None else ():
        for event in events:
            yield at, event


def _nobody_reacts(simulation: Simulation, life: Life) -> Iterator[Ask]:
    while life.state.phase is Phase.OFFERED:
        due = simulation.next_due()
        if due is None:
            raise AssertionError("an offered escalation without a deadline")
        simulation.run(due, including=True)
    people = simulation.revision.policies.people.people
    rungs = [rung.name.replace("_", " ") for rung in life.contract.ladder]
    for at, event in _events(life):
        place = simulation.revision.place(event.rule)
        if isinstance(event, ev.OwnerOffered) and event.purpose == "ladder":
            person = people[event.to]
            rung = rungs[event.rung] if event.rung is not None else ""
            instead = in_place_of(event.passed_over, lambda each: people[each].name if each in people else str(each))
            why = SENTENCES[event.reason] + instead
            yield Ask(at, rung, event.to, person.name, person.zone, event.due, why, place)
        elif isinstance(event, ev.RungSkipped):
            rung = event.rung.replace("_", " ")
            yield Ask(at, rung, None, "nobody", "UTC", None, f"skipped: {SENTENCES[event.reason]}", place)


_FIRING: Final[Mapping[str, str]] = {
    Firing.RISING_EDGE: "it matches now and did not before, so an escalation opens",
    Firing.REARMED: "it still matches, long enough after the last close, so an escalation opens",
    Firing.STILL_MATCHING: "it matches, but it did so before as well, so nothing opens",
    Firing.ALREADY_OPEN: "it matches, and its escalation is open already",
    NoMatchReason.OUT_OF_SCOPE: "it is out of scope: ",
    NoMatchReason.NO_TRIGGER: "no template takes it, not even the fallback",
    NoMatchReason.GONE: "it is gone",
    NoMatchReason.MERGED: "it is part of another ticket now",
}


def _verdict(judge: _Judge, outcome: object, why: str, winner: str | None) -> Verdict:
    if winner is not None:
        return Verdict(winner, matches=True, why=_FIRING[why], place=judge.place(winner))
    if outcome is not None and why == NoMatchReason.OUT_OF_SCOPE:
        blamed, place = judge.scope()
        return Verdict("", matches=False, why=_FIRING[why] + blamed, place=place)
    return Verdict("", matches=False, why=_FIRING[why], place=None)


class _Judge:
    """Finds out, template by template, what stands against it, with its place in the file."""

    def __init__(
        self, revision: Revision, documents: Documents, table: RoutingTable, seen: Observation, now: datetime
    ) -> None:
        self._revision = revision
        self._fields = revision.policies.fields.fields
        self._templates = {d.model.name: d for d in documents.all("Template") if isinstance(d.model, Template)}
        self._routing = documents.one("Routing")
        self._table = table
        self._seen = seen
        self._facts = seen.facts(now)

    def place(self, template: str) -> Location | None:
        """Where a template says when it opens."""
        return self._revision.place(f"{template}#/trigger")

    def scope(self) -> tuple[str, Location | None]:
        """The first condition of the scope that does not hold."""
        return self._blame(self._routing, ("scope",)) or ("", None)

    def others(self, winner: str | None) -> Iterator[Verdict]:
        """Every template but the winner, in the order of routing."""
        order = (*self._revision.routing.order, self._revision.routing.fallback)
        rank = order.index(winner) if winner is not None else len(order)
        for position, name in enumerate(order):
            if name != winner:
                yield self._other(name, winner if position > rank else None)

    def _other(self, name: str, before: str | None) -> Verdict:
        entry, document = self._table.by_name[name], self._templates.get(name)
        if not admits(entry, self._seen):
            on = ", ".join(sorted(entry.on))
            why = f"a ticket that is {self._seen.kind.value} does not trigger it, only {on}"
            return Verdict(name, matches=False, why=why, place=document.at("trigger", "on") if document else None)
        blamed = self._blame(document, ("trigger", "when"))
        if blamed is not None:
            return Verdict(name, matches=False, why=blamed[0], place=blamed[1])
        if before is not None:
            place = self._order_place(before)
            return Verdict(name, matches=True, why=f"it would match as well, but {before} comes first", place=place)
        return Verdict(name, matches=True, why="it matches, but the ticket is out of scope", place=self.place(name))

    def _order_place(self, name: str) -> Location | None:
        if self._routing is None:
            return None
        paths = dict(listed(self._routing.read_as(Routing)))
        return self._routing.at(*paths[name])

    def _blame(self, document: Document | None, path: Path) -> tuple[str, Location | None] | None:
        if document is None:
            return None
        plain: Any = document.plain
        for part in path:
            plain = plain[part]
        failing = first_failing(self._fields, plain, self._facts, self._table.hours)
        if failing is None:
            return None
        return failing.why, document.at(*path, *failing.path)
