"""Small contracts, a small company, and `Life`, which drives one escalation through the engine and keeps its rows.

Every decision of a life is checked against the guarantees, so each table and each random life proves them again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.contract.conditions import IsSet, condition_plain
from runner.contract.contract import (
    BoxOf,
    CheckOf,
    Contract,
    EvidenceOf,
    ExceptionOf,
    HandoffOf,
    LimitsOf,
    RecordOf,
    RetryOf,
    RungOf,
    StepOf,
)
from runner.contract.roster_form import AbsenceOf, LayerOf, PersonOf, RosterForm, RotationOf, VersionOf
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.choosing import by_engine
from runner.engine.decision import Advance, Stamp, advance
from runner.engine.effects import Effect
from runner.engine.reasons import CommandRejected, RejectReason
from runner.engine.replay import ReplayVerdict, replay
from runner.engine.roster import Roster
from runner.engine.state import Run, State, dump_state, load_state, next_deadline
from runner.engine.world import RosterWorld
from runner.zones import zone
from tests.runner.engine.guarantees import Broken, Seen, check_decision, check_refusal

T0 = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""A Tuesday morning; every life begins here unless told otherwise."""
TEXT = "a" * 64
MACHINE = "surety:test"
MINUTE, HOUR, DAY = 60, 3600, 86400
YES: dict[str, cmd.Scalar] = {"understood": True, "reachable": True}
RUNGS = ("primary", "secondary", "escalation_owner")
PEOPLE: dict[str, tuple[str, ...]] = {
    "ann": (),
    "abe": (),
    "ben": (),
    "boss": (),
    "ceo": (),
    "carl": (),
    "cora": (),
    "dora": ("duty-manager",),
}


def at(minutes: float, *, seconds: float = 0) -> datetime:
    """The instant this long after the beginning."""
    return T0 + timedelta(minutes=minutes, seconds=seconds)


def step(kind: str = "note", **changes: Any) -> StepOf:
    """One step; what it says does not matter to the engine."""
    plain: dict[str, Any] = {
        "kind": kind, "rule": f"small#/runbook/{kind}", "who": None, "via": (), "room": None, "within": None,
        "args": {}, "inputs": {}, "task": False, "timeout": None, "retry": None, "on_error": "continue",
        "on_leave": "cancel",
    }  # fmt: skip
    return StepOf(**{**plain, **changes})


def twice(every: int, times: int = 2) -> RetryOf:
    """Two more tries, with this pause before each."""
    return RetryOf(times=times, every=every)


def page(who: str = "secondary", within: BoxOf | int | None = 5 * MINUTE, **changes: Any) -> StepOf:
    """A step that wakes somebody, who has some minutes to react."""
    return step("page", who=who, within=None if within is None else box(within), **changes)


def limits(**changes: int) -> LimitsOf:
    plain = {
        "named_within": 15 * MINUTE, "manager_knows_within": HOUR, "remind_every": HOUR, "untold_retries": 2,
        "restores_at_most": 2, "step_within": 10 * MINUTE,
    }  # fmt: skip
    return LimitsOf(**{**plain, **changes})


def box(time: BoxOf | int) -> BoxOf:
    """Seconds on the wall clock, or a box as it is."""
    return BoxOf(seconds=time, calendar=None) if isinstance(time, int) else time


def handoff(**changes: Any) -> HandoffOf:
    plain: dict[str, Any] = {
        "require": ("reason", "next_step"), "accept_within": box(30 * MINUTE), "at_most": 2, "sequence": (),
    }  # fmt: skip
    return HandoffOf(**{**plain, **changes})


def exception(owner: OwnerRef, within: int = 2 * HOUR, *, name: str = "trouble") -> ExceptionOf:
    return ExceptionOf(summary=name, owner=owner, within=box(within), rule=f"small#/exceptions/{name}")


DESK, BACKUP = OwnerRef(rotation="desk"), OwnerRef(rotation="backup")
BOSS, NET, GHOST = OwnerRef(person="boss"), OwnerRef(team="net"), OwnerRef(person="ghost")


def contract(
    *,
    owners: dict[str, OwnerRef] | None = None,
    ladder: Sequence[tuple[str, BoxOf | int]] = (
        ("primary", HOUR),
        ("secondary", 30 * MINUTE),
        ("escalation_owner", 1800),
    ),
    outcome: BoxOf | int = 8 * HOUR,
    **changes: Any,
) -> Contract:
    """A small contract: desk, then backup, then boss; two questions; two proofs. Anything else by its field's name."""
    who = {"primary": DESK, "secondary": BACKUP, "escalation_owner": BOSS, **(owners or {})}
    rungs = [RungOf(name=n, owner=who[n], within=box(w), rule=f"small#/owners/{n}") for n, w in ladder]  # type: ignore[arg-type]
    plain: dict[str, Any] = {
        "name": "small", "summary": "A small contract.", "on": ("ticket.created", "ticket.updated"),
        "when": condition_plain(IsSet("created_at")), "rearm": None, "statement": "It is done.",
        "evidence": (
            EvidenceOf(name="invoice", summary="The invoice.", field="invoice_id"),
            EvidenceOf(name="confirmation", summary="The customer's word.", field=None),
        ),
        "outcome_within": box(outcome),
        "ladder": tuple(rungs), "owners": who, "repeat": 1,
        "checklist": (
            CheckOf(name="understood", question="Is it understood?"),
            CheckOf(name="reachable", question="Are you reachable?"),
        ),
        "runbook": {}, "handoff": handoff(),
        "exceptions": {
            "vendor": exception(NET, name="vendor"),
            "mine": exception(DESK, name="mine"),
            "lost": exception(GHOST, name="lost"),
        },
        "verify": ("outcome_evidence", "tasks_done", "fields_consistent"), "resolution_codes": ("fixed", "no_error"),
        "on_other_match": "keep", "calendars": {}, "limits": limits(),
        "record": RecordOf(
            state="x_state", owner="x_owner", accepted_at="x_accepted", lifecycle="status", done=("solved",),
            reopen_to="open",
        ),
        "override_jobs": ("duty-manager",),
    }  # fmt: skip
    return Contract(**{**plain, **changes})


def away(person: str, start: datetime = T0, hours: float = 24 * 30) -> AbsenceOf:
    return AbsenceOf(person=person, start=start, end=start + timedelta(hours=hours))


def layer(members: Sequence[str], starts: str, *, days: float = 1, **changes: Any) -> LayerOf:
    """Members in turn from a local time on."""
    plain = {"starts": starts, "anchor": starts, "length_minutes": int(days * 1440), **changes}
    return LayerOf(members=tuple(members), **plain)


def turning(
    members: Sequence[str], starts: str, *, days: float = 1, zone: str = "Europe/Berlin", **changes: Any
) -> RotationOf:
    """A rotation of one layer, without versions."""
    version = VersionOf(effective_from=None, layers=(layer(members, starts, days=days),))
    return RotationOf(**{"zone": zone, "versions": (version,), **changes})


def roster(*absences: AbsenceOf, **changes: Any) -> Roster:
    """The company, with whoever is away."""
    plain: dict[str, Any] = {
        "people": {name: PersonOf(jobs=jobs) for name, jobs in PEOPLE.items()},
        "teams": {"net": ("carl", "cora")},
        "rotations": {
            "desk": turning(("ann", "abe"), "2026-01-05T09:00", days=7),
            "backup": turning(("ben",), "2026-01-05T00:00", zone="UTC"),
        },
        "absences": tuple(absences),
        "last_resort": "ceo",
        "jobs": {"duty-manager": ("dora",)},
    }  # fmt: skip
    return Roster(RosterForm(**{**plain, **changes}), zone)


def opening(**changes: Any) -> cmd.Open:
    plain: dict[str, Any] = {
        "ticket": "T-1", "template": "small", "fallback": False, "firing": "rising_edge", "created_at": T0,
        "observed": "created", "ticket_version": "1", "fields": {"priority": "high"},
    }  # fmt: skip
    return cmd.Open(**{**plain, **changes})


def say(event: ev.Event) -> str:  # noqa: PLR0912 - one line for each sort of event
    """An event as a table shows it."""
    because = event.reason.value
    match event:
        case ev.RungSkipped():
            return f"skip {event.rung}: {because}"
        case ev.LadderRepeated():
            return f"repeat {event.ladder_pass}"
        case ev.LadderExhausted():
            return f"exhausted, {event.holder} holds"
        case ev.OwnerOffered():
            again = " again" if event.retry else ""
            return f"{event.purpose} offer {event.offer} to {event.to}{again}: {because}"
        case ev.SubstituteNamed():
            return f"substitute now: {event.substitute or event.no_substitute}"
        case ev.OfferAccepted():
            return f"{event.person} accepts {event.offer}: {because}"
        case ev.OfferEnded():
            return f"offer {event.offer} ends: {because}"
        case ev.OwnerReleased() | ev.OwnerTook():
            return f"{event.type} {event.person}: {because}"
        case ev.ExceptionOwned():
            return f"exception {event.exception} is {event.owner}'s: {because}"
        case ev.ProgressMissed():
            return f"{event.person} is silent: {because}"
        case ev.DeliveryRequested():
            return f"tell {event.to}: {event.about}"
        case ev.RecordRequested():
            return f"record {event.state} {event.owner}"
        case ev.RunStarted():
            return f"run {event.run}"
        case ev.StepRequested():
            again = f" again ({event.attempt})" if event.attempt > 1 else ""
            return f"step {event.run}/{event.step}{again}" + (f" for {event.who}" if event.who else "")
        case ev.StepFailed():
            return f"step {event.run}/{event.step} fails: {because}"
        case ev.QuestionAsked():
            last = " at last" if event.last else ""
            return f"question {event.offer} to {event.to}{last}: {because}"
        case ev.QuestionAnswered():
            return f"{event.by} answers {event.offer}: {because}"
        case ev.StepSucceeded() if "branch" in event.result:
            return f"branch {event.result['branch']}"
        case ev.PageAnswered():
            return f"{event.person} reacts to {event.run}/{event.step}"
        case ev.PageUnanswered():
            return f"{event.person} does not react to {event.run}/{event.step}: {because}"
        case ev.RunEnded():
            return f"run {event.run} ends: {because}, {event.skipped} skipped"
        case _:
            return f"{event.type}: {because}"


@dataclass
class Outcome:
    """What a command led to."""

    events: tuple[ev.Event, ...]
    rejected: RejectReason | None
    detail: str
    effects: tuple[Effect, ...]

    @property
    def story(self) -> list[str]:
        """All events but the opening's first two and the ticket's record."""
        told = [e for e in self.events if e.type not in ("EscalationOpened", "OwnersNamed", "RecordRequested")]
        return [say(event) for event in told]

    def one(self, kind: type[Any]) -> Any:
        """The only event of a kind."""
        (found,) = [event for event in self.events if isinstance(event, kind)]
        return found


@dataclass(frozen=True, slots=True)
class Impartial(RosterWorld):
    """A world that knows who has a conflict of interest."""

    conflicts: tuple[str, ...] = ()


@dataclass
class Life:
    """One escalation, its rows, and the world that answers it.

    `answers` says what is answered at once after each decision: `deliveries`, `steps`, `writes`.
    """

    contract: Contract = field(default_factory=contract)
    roster: Roster = field(default_factory=roster)
    now: datetime = T0
    answers: tuple[str, ...] = ("deliveries", "steps", "writes")
    checked: bool = True
    state: State | None = None
    rows: list[tuple[int, bytes, str]] = field(default_factory=list)
    events: list[tuple[datetime, ev.Event]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    rosters: dict[str, Roster] = field(default_factory=dict)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def open(self, **changes: Any) -> Outcome:
        return self.do(opening(**changes))

    @property
    def live(self) -> State:
        """The state of a life that has begun."""
        assert self.state is not None
        return self.state

    def world(self) -> RosterWorld:
        return RosterWorld(self.now, self.roster, zone)

    def do(
        self, args: cmd.Args, actor: str = MACHINE, *, when: datetime | None = None, jobs: tuple[str, ...] = ()
    ) -> Outcome:
        """Give one command, at `when` or now, then let the world answer."""
        self.now = when or self.now
        outcome = self._decide(args, actor, jobs)
        if outcome.events and self.answers:
            self.answer()
        return outcome

    def _decide(self, args: cmd.Args, actor: str, jobs: tuple[str, ...]) -> Outcome:
        given = cmd.Command(id=f"c{next(self.ids)}", actor=actor, jobs=jobs, source="test", args=args)
        before = self.state
        frozen = dump_state(before) if before is not None else b""
        self.rosters[self.roster.digest] = self.roster
        try:
            done = self._advance(given)
        except CommandRejected as refused:
            if self.checked:
                check_refusal(before, self.state, frozen)
            return Outcome((), refused.reason, refused.detail, ())
        except AssertionError as fault:
            raise Broken(_guarantee_of(fault), str(fault)) from fault
        if done is None:
            if self.checked:
                check_refusal(before, self.state, frozen)
            return Outcome((), None, "", ())
        self.rows.append((done.decision.seq, done.decision.body, done.decision.hash))
        self.state = done.state
        if done.rejected is not None and not done.events:
            if self.checked:
                check_refusal(before, self.state, frozen)
            return Outcome((), done.rejected.reason, done.rejected.detail, ())
        self.events.extend((self.live.now, event) for event in done.events)
        self.effects.extend(done.effects)
        if self.checked:
            if before is not None and dump_state(before) != frozen:
                raise Broken("untouched", "the state before a decision was changed in place")
            world = Impartial(self.live.now, self.roster, zone, self.live.conflicts)
            self.judge(Seen(self.contract, before, given, done, world, self.events))
        if done.rejected is not None:  # refused, and yet something follows
            return Outcome(done.events, done.rejected.reason, done.rejected.detail, done.effects)
        return Outcome(done.events, None, "", done.effects)

    def judge(self, seen: Seen) -> None:
        """Whether the guarantees hold; raises Broken."""
        check_decision(seen)

    def _advance(self, given: cmd.Command) -> Advance | None:
        prev = self.rows[-1][2] if self.rows else ""
        stamp = Stamp(self.roster.digest, 1, "test")
        return advance(
            self.contract, self.state, given, self.world(),
            escalation="E-1", seq=len(self.rows) + 1, prev=prev, stamp=stamp,
        )  # fmt: skip

    def answer(self) -> None:
        """Answer what waits, once, as `answers` says; what follows from the answers is answered too."""
        while pending := self._pending():
            for args in pending:
                self._decide(args, MACHINE, ())

    def _pending(self) -> list[cmd.Args]:
        state = self.live
        found: list[cmd.Args] = []
        if "deliveries" in self.answers:
            found += [cmd.Deliver(delivery=number, channel="chat") for number in state.deliveries]
        if "steps" in self.answers:
            asked = [run for run in state.runs.values() if not by_engine(self.step_of(run), run.results)]
            found += [cmd.SucceedStep(run=r.id, step=r.step, attempt=r.attempt) for r in asked]
        if "writes" in self.answers:
            found += [cmd.WriteRecord(write=number) for number in state.writes]
        return found

    def step_of(self, run: Run) -> StepOf:
        """The step that a run has come to."""
        return self.contract.runbook[run.point][run.step]

    def tick(self, when: datetime | None = None) -> Outcome:
        return self.do(cmd.Tick(), when=when)

    def drain(self, limit: int = 400) -> list[Outcome]:
        """Tick until nothing more is due now."""
        done: list[Outcome] = []
        while (outcome := self.tick()).events:
            done.append(outcome)
            if len(done) > limit:
                raise Broken("loops", f"{limit} deadlines were due at one instant")
        return done

    def until(self, when: datetime) -> list[Outcome]:
        """Handle each deadline at its own instant, up to and including `when`."""
        done: list[Outcome] = []
        while self.state is not None and (due := next_deadline(self.state)) is not None and due <= when:
            self.now = max(self.now, due)
            handled = self.drain()
            if not handled:
                raise Broken("late", f"{due} is due, and nothing happens")
            done += handled
        self.now = when
        return done

    def facts(self, **changes: Any) -> cmd.TicketFacts:
        """The ticket as it should be: everything proven, record fields as the engine wrote them."""
        names, record = self.contract.record, self.live.record or ("", None, None)
        plain: dict[str, Any] = {
            "evidence": ("invoice", "confirmation"),
            "record": {names.state: record[0], names.owner: record[1]},
            "open_tasks": (),
        }
        return cmd.TicketFacts(**{**plain, **changes})

    def accept(self, actor: str | None = None, offer: int | None = None) -> Outcome:
        """The newest offer is accepted by whom it was made to, unless said otherwise."""
        newest = self.live.offers[max(self.live.offers)]
        return self.do(cmd.Accept(offer=offer or newest.id, answers=YES), actor or newest.to)

    def reload(self) -> None:
        """What a restart does."""
        self.state = load_state(dump_state(self.live))

    def replay(self, rows: Sequence[tuple[int, bytes, str]] | None = None) -> ReplayVerdict:
        def world(digest: str, tzdata: str, now: datetime) -> RosterWorld:
            assert tzdata == "test"
            return RosterWorld(now, self.rosters[digest], zone)

        contracts = {self.contract.digest: self.contract}
        return replay(self.rows if rows is None else rows, contracts.__getitem__, world)


def _guarantee_of(fault: AssertionError) -> str:
    text = str(fault)
    if "nobody accountable" in text:
        return "accountable"
    return "loops" if "without end" in text else "fault"


Given = Callable[[], Life]


def opened(**changes: Any) -> Life:
    """Offered to ann since the beginning; she was told."""
    life = Life(**changes)
    life.open()
    return life


def accepted(**changes: Any) -> Life:
    """Ann accepted after five minutes."""
    life = opened(**changes)
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    return life


def exhausted(**changes: Any) -> Life:
    """Nobody answered: boss holds it since the fourth hour."""
    life = opened(**changes)
    life.until(at(240))
    return life


def handed(**changes: Any) -> Life:
    """Ann, who holds it, has offered it to carl after ten minutes."""
    life = accepted(**changes)
    life.do(hand_over("carl"), "ann", when=at(10))
    return life


TASK = contract(runbook={"accepted": (step("create_ticket", task=True),)})
"""Accepting makes a ticket that must be done before it resolves."""


def with_task(assignee: str | None = "cora", *, terms: Contract = TASK, **changes: Any) -> Life:
    """Accepted; the runbook made the ticket T-9 as a task of cora's."""
    life = accepted(contract=terms, answers=("deliveries", "writes"), **changes)
    made: dict[str, cmd.Scalar] = {"ticket": "T-9", "assignee": assignee} if assignee else {"ticket": "T-9"}
    life.do(cmd.SucceedStep(run="accepted#1", step=0, attempt=1, result=made), when=at(6))
    return life


def hand_over(to: str | None, **changes: Any) -> cmd.HandOver:
    plain: dict[str, Any] = {"to": to, "reason": TEXT, "next_step": TEXT}
    return cmd.HandOver(**{**plain, **changes})


def troubled(name: str = "vendor", **changes: Any) -> Life:
    """Ann, who holds it, has raised an exception after ten minutes."""
    life = accepted(**changes)
    life.do(cmd.RaiseException(exception_class=name, text=TEXT), "ann", when=at(10))
    return life


def resolved(**changes: Any) -> Life:
    """Ann has proven the outcome after an hour."""
    life = accepted(**changes)
    life.do(cmd.Resolve(evidence={}, facts=life.facts()), "ann", when=at(60))
    return life


def closed(**changes: Any) -> Life:
    """Ann has closed it after 70 minutes."""
    life = resolved(**changes)
    life.do(cmd.Close(code="fixed", facts=life.facts()), "ann", when=at(70))
    return life


def without(life: Life, *answers: str) -> Life:
    """The same life, in a world that leaves some things unanswered from now on."""
    return replace(life, answers=tuple(each for each in life.answers if each not in answers))
