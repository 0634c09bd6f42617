"""Random lives: commands legal and illegal, at any time, with anybody away and anything failing; and random tickets.

The machines are run by `test_guarantees`, and by `test_planted_faults`, where they must find what was planted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from runner.contract.conditions import All, Compare, HeldFor, In
from runner.contract.contract import BoxOf, CalendarOf, Contract, EvidenceOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.intake import Intake, closed_case, intake, opened_case
from runner.engine.observation import Case, Reading, observe
from runner.engine.replay import Verdict
from runner.engine.routing import Entry, Match, RoutingTable
from runner.engine.state import Phase, accountable, next_deadline
from tests.runner.engine.conditions_of import FIELDS, RANKS, STATES
from tests.runner.engine.guarantees import check_bounces, check_late_acceptance, hold
from tests.runner.engine.worlds import (
    BACKUP,
    BOSS,
    DAY,
    GHOST,
    HOUR,
    PEOPLE,
    T0,
    TEXT,
    YES,
    Life,
    Outcome,
    away,
    contract,
    handoff,
    limits,
    page,
    roster,
    step,
    twice,
)

BUDGET = settings(
    max_examples=80,
    stateful_step_count=30,
    derandomize="SURETY_RANDOM" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

EVERY_POINT = {
    point: (step(), step("notify", who="owner", on_leave="finish"))
    for point in ("open", "failover", "accepted", "exhausted", "exception", "handoff", "resolved", "closed")
}
OFFICE = CalendarOf(zone="Europe/Berlin", week=(((540, 720), (780, 1020)),) * 5 + ((),) * 2, closed=("2026-03-05",))
CONTRACTS = (
    contract(runbook=EVERY_POINT),
    contract(repeat=2, handoff=handoff(at_most=1), limits=limits(untold_retries=0), postmortem="when_breached"),
    contract(
        outcome=BoxOf(seconds=4 * HOUR, calendar="office"),
        calendars={"office": OFFICE},
        runbook={"accepted": (step("create_ticket", task=True), step())},
    ),
    contract(owners={"primary": BACKUP}, repeat=0, limits=limits(restores_at_most=1, remind_every=30 * 60)),
    contract(owners={"secondary": BOSS}, ladder=(("primary", 600), ("secondary", 600), ("escalation_owner", 600))),
    contract(owners={"primary": GHOST}, ladder=(("primary", 600), ("escalation_owner", 900)), checklist=(), verify=()),
)
BUSY = (
    contract(
        runbook={
            point: (
                page("secondary", 4 * HOUR),
                page("owner", retry=twice(300)),
                step(retry=twice(600), timeout=300),
                step(on_error="stop"),
                step("create_ticket", task=True),
            )
            for point in ("open", "accepted", "failover")
        },
        handoff=handoff(at_most=1),
    ),
)
"""Steps that are tried again, stop their run, and page."""
WATCHED = (
    contract(
        progress_within=BoxOf(seconds=3 * HOUR, calendar=None),
        when_overdue="reassign",
        repeat=0,
        handoff=handoff(at_most=9),
    ),
)
"""Owners who lose it when they are silent or late."""

ACTORS = st.sampled_from(("accountable", "accountable", "asked", "asked", "manager", *PEOPLE, "ghost", "No Name"))
NUMBERS = st.integers(0, 3)
SPANS = st.sampled_from((0, 1, 59, 600, 1800, 3599, 3600, 3601, 2 * HOUR, DAY, 5 * DAY))
ANSWERS = st.sampled_from((YES, YES, YES, {**YES, "reachable": False}, {}))
SOME = st.sets(st.sampled_from(sorted(PEOPLE)), max_size=5)
FACTS = st.sampled_from(({}, {}, {"evidence": ()}, {"record": {}}, {"open_tasks": ("T-9",)}))
WORLDLY = st.sampled_from((("deliveries", "steps", "writes"), ("steps", "writes"), ("deliveries",), ()))
BEGINNINGS = st.sampled_from(("", "", "late", "accepted", "accepted", "late, accepted", "accepted, resolved"))


class Escalations(RuleBasedStateMachine):
    """One escalation, and everything that may come to it."""

    contracts: Sequence[Contract] = CONTRACTS

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()
        self.sound = False

    @initialize(which=st.integers(0, 59), missing=SOME, answers=WORLDLY, after=BEGINNINGS)
    def opening(self, which: int, missing: set[str], answers: tuple[str, ...], after: str) -> None:
        """Lives begin at different points, so that what comes late in a life is tried as often as the rest."""
        terms = self.contracts[which % len(self.contracts)]
        life = self.life = Life(terms, roster(*map(away, sorted(missing))), answers=answers)
        life.open()
        if "late" in after:
            life.until(T0 + timedelta(hours=9))
        if "accepted" in after:
            life.accept()
        if "resolved" in after:
            life.answer()
            life.do(cmd.Resolve(evidence={}, facts=life.facts()), life.live.holder or "")
        self.sound = True

    def give(self, args: cmd.Args, actor: str = "surety:test", jobs: tuple[str, ...] = ()) -> Outcome:
        before = self.life.live
        self.sound = False
        outcome = self.life.do(args, actor, jobs=jobs)
        given = cmd.Command(id="x", actor=actor, jobs=jobs, source="test", args=args)
        check_late_acceptance(before, given, outcome.rejected)
        self.sound = True
        return outcome

    def who(self, actor: str, offer: int | None = None) -> tuple[str, tuple[str, ...]]:
        """A name for a word, with the jobs that this person has."""
        state = self.life.live
        if actor == "accountable":
            actor = accountable(state) or "ann"
        elif actor == "asked":
            actor = state.offers[offer].to if offer in state.offers else "ben"
        elif actor == "manager":
            actor = "boss"
        return actor, PEOPLE.get(actor, ())

    def an_offer(self, number: int) -> int:
        """Most often one that is open."""
        numbers = sorted(self.life.live.offers)
        return numbers[number % len(numbers)] if numbers and number else number

    # time, and who is there

    @rule(span=SPANS)
    def time_passes_unhandled(self, span: int) -> None:
        self.life.now += timedelta(seconds=span)

    @rule(nudge=st.sampled_from((-1, 0, 0, 0, 1)))
    def to_the_next_deadline(self, nudge: int) -> None:
        due = next_deadline(self.life.live)
        if due is not None:
            self.life.now = max(self.life.now, due + timedelta(seconds=nudge))

    @rule(hours=st.integers(1, 10))
    def time_passes(self, hours: int) -> None:
        self.sound = False
        self.life.now = max(self.life.now, self.life.live.now)
        self.life.until(self.life.now + timedelta(hours=hours))
        self.sound = True

    @rule(span=SPANS)
    def tick(self, span: int) -> None:
        """Often late."""
        self.life.now += timedelta(seconds=span)
        self.give(cmd.Tick())

    @rule()
    def drain(self) -> None:
        for _ in range(400):
            if not self.give(cmd.Tick()).events:
                break
        else:
            hold("loops", condition=False, detail="400 deadlines were due at one instant")
        due = next_deadline(self.life.live)
        hold("late", due is None or due > self.life.live.now or due > self.life.now, "overdue, and yet nothing happens")

    @rule(span=SPANS, actor=ACTORS)
    def the_clock_goes_back(self, span: int, actor: str) -> None:
        now = self.life.now
        self.life.now = min(now, T0 + timedelta(seconds=span))
        self.give(cmd.Override(action="take", text=TEXT), *self.who(actor))
        self.life.now = now

    @rule(missing=SOME)
    def people_come_and_go(self, missing: set[str]) -> None:
        self.life.roster = roster(*map(away, sorted(missing)))

    @rule(missing=SOME)
    def people_go_and_it_is_told(self, missing: set[str]) -> None:
        """Nobody who goes away now goes on being asked, except the last resort; told again, nothing follows."""
        self.life.roster = roster(*(away(person, self.life.now) for person in sorted(missing)))
        over = self.life.live.phase.over
        self.give(cmd.NoteRoster())
        state, gone = self.life.live, missing - {"ceo"}
        if not over:
            assert not {offer.to for offer in state.offers.values()} & gone
            assert state.phase is Phase.RESOLVED or accountable(state) not in gone
            assert not self.give(cmd.NoteRoster()).events

    @rule()
    def the_runner_starts_again(self) -> None:
        self.life.reload()

    @rule(answers=WORLDLY)
    def the_world_changes_its_mind(self, answers: tuple[str, ...]) -> None:
        self.life.answers = answers

    # people

    @rule(number=NUMBERS, answers=ANSWERS, actor=ACTORS)
    def accept(self, number: int, answers: dict[str, Any], actor: str) -> None:
        offer = self.an_offer(number)
        self.give(cmd.Accept(offer=offer, answers=answers), *self.who(actor, offer))

    @rule(number=st.integers(1, 3))
    def accept_properly(self, number: int) -> None:
        offer = self.an_offer(number)
        self.give(cmd.Accept(offer=offer, answers=YES), *self.who("asked", offer))

    @rule(span=SPANS, number=st.integers(1, 3))
    def accept_after_a_while(self, span: int, number: int) -> None:
        """Without a tick before: the offer may be overdue, and is open all the same."""
        self.life.now += timedelta(seconds=span)
        self.accept_properly(number=number)

    @rule(number=NUMBERS, why=st.sampled_from(("not_mine", "incomplete", "no_capacity", "conflict")), actor=ACTORS)
    def reject(self, number: int, why: Any, actor: str) -> None:
        offer = self.an_offer(number)
        self.give(cmd.Reject(offer=offer, why=why), *self.who(actor, offer))

    @rule(number=NUMBERS, holder=st.booleans(), actor=ACTORS)
    def escalate(self, number: int, holder: bool, actor: str) -> None:
        offer = None if holder else self.an_offer(number)
        self.give(cmd.Escalate(offer=offer, text=TEXT), *self.who(actor, offer))

    @rule(to=st.sampled_from((*PEOPLE, "ghost", "No Name", "")), complete=st.booleans(), actor=ACTORS)
    def hand_over(self, to: str, complete: bool, actor: str) -> None:
        args = cmd.HandOver(to=to, reason=TEXT, next_step=TEXT if complete else None)
        self.give(args, *self.who(actor))

    @rule(to=st.sampled_from(("carl", "cora", "ben")))
    def hand_over_and_accept(self, to: str) -> None:
        holder = self.life.live.holder
        if holder and self.give(cmd.HandOver(to=to, reason=TEXT, next_step=TEXT), holder).events:
            self.accept_properly(number=len(self.life.live.offers))

    @rule(times=st.integers(1, 3))
    def hand_back_and_accept(self, times: int) -> None:
        """To and fro between the one who holds it and the one before."""
        for _ in range(times):
            self.hand_over_and_accept(to=self.life.live.previous or "carl")

    @rule(actor=ACTORS)
    def progress(self, actor: str) -> None:
        self.give(cmd.Progress(text=TEXT), *self.who(actor))

    @rule(which=st.sampled_from(("vendor", "mine", "lost", "flood")), actor=ACTORS)
    def raise_exception(self, which: str, actor: str) -> None:
        if len(self.life.live.exceptions) < 3:
            self.give(cmd.RaiseException(exception_class=which, text=TEXT), *self.who(actor))

    @rule(number=NUMBERS, actor=ACTORS)
    def end_exception(self, number: int, actor: str) -> None:
        self.give(cmd.EndException(exception=number, text=TEXT), *self.who(actor))

    @rule(number=NUMBERS, owner=st.sampled_from((*PEOPLE, "ghost")), wait=SPANS, actor=ACTORS)
    def add_task(self, number: int, owner: str, wait: int, actor: str) -> None:
        due = self.life.now + timedelta(seconds=wait) if wait else None
        task = cmd.Task(title=TEXT, owner=owner, due=due)
        self.give(cmd.AddTask(exception=number, task=task), *self.who(actor))

    @rule(number=NUMBERS, task=NUMBERS, actor=ACTORS)
    def finish_task(self, number: int, task: int, actor: str) -> None:
        self.give(cmd.FinishTask(exception=number, task=task), *self.who(actor))

    @rule(owner=st.sampled_from(("carl", "ghost")), actor=ACTORS)
    def attach_postmortem(self, owner: str, actor: str) -> None:
        self.give(cmd.AttachPostmortem(text=TEXT, remediation_owner=owner), *self.who(actor))

    @rule(to=st.sampled_from((None, "carl", "ben", "boss", "ann", "ghost")), actor=ACTORS)
    def override(self, to: str | None, actor: str) -> None:
        action: Any = "take" if to is None else "give"
        self.give(cmd.Override(action=action, text=TEXT, to=to), *self.who(actor))

    @rule(facts=FACTS, evidence=st.sampled_from(((), ("invoice",), ("photo",))), actor=ACTORS)
    def resolve(self, facts: dict[str, Any], evidence: tuple[str, ...], actor: str) -> None:
        args = cmd.Resolve(evidence=dict.fromkeys(evidence, TEXT), facts=self.life.facts(**facts))
        self.give(args, *self.who(actor))

    @rule(facts=FACTS)
    def solved_outside(self, facts: dict[str, Any]) -> None:
        self.give(cmd.NoteSolvedOutside(facts=self.life.facts(**facts)))

    @rule(code=st.sampled_from(("fixed", "meh")), facts=FACTS, actor=ACTORS)
    def close(self, code: str, facts: dict[str, Any], actor: str) -> None:
        self.give(cmd.Close(code=code, facts=self.life.facts(**facts)), *self.who(actor))

    @rule(cancels=st.integers(0, 9), actor=ACTORS)
    def end_it(self, cancels: int, actor: str) -> None:
        """Seldom, so that most lives are long."""
        args: cmd.Args = cmd.Override(action="close", text=TEXT, code="fixed") if cancels else cmd.Cancel(text=TEXT)
        if cancels < 2:
            self.give(args, *self.who(actor))

    # the world

    @rule(note=st.sampled_from((cmd.NoteGone(), cmd.NoteOtherMatch(template="big"))))
    def note(self, note: cmd.Args) -> None:
        self.give(note)

    @rule(works=st.booleans(), number=NUMBERS)
    def a_message_comes_back(self, works: bool, number: int) -> None:
        waiting = sorted(self.life.live.deliveries)
        delivery = waiting[number % len(waiting)] if waiting else number
        answer: cmd.Args = cmd.Deliver(delivery=delivery, channel="mail")
        self.give(answer if works else cmd.FailDelivery(delivery=delivery, why="gone"))

    @rule(works=st.booleans(), number=NUMBERS, other=st.sampled_from((0, 0, 0, 1, -1)))
    def a_step_comes_back(self, works: bool, number: int, other: int) -> None:
        runs = sorted(self.life.live.runs)
        run = runs[number % len(runs)] if runs else "open#9"
        position, attempt = 0, 1
        if runs:
            position, attempt = self.life.live.runs[run].step, self.life.live.runs[run].attempt + other
        if works:
            self.give(cmd.SucceedStep(run=run, step=position, attempt=attempt, result={"ticket": "T-9"}))
        else:
            self.give(cmd.FailStep(run=run, step=position, attempt=attempt, why="refused"))

    @rule(works=st.booleans(), newest=st.booleans())
    def a_write_comes_back(self, works: bool, newest: bool) -> None:
        write = max(self.life.live.writes, default=0) if newest else min(self.life.live.writes, default=0)
        self.give(cmd.WriteRecord(write=write) if works else cmd.FailRecord(write=write, why="403"))

    # the end

    def teardown(self) -> None:
        """Nobody does anything any more: it must stay somebody's, end its loops, and be decided again from its rows."""
        if not self.sound:
            return
        life = self.life
        made = sum(isinstance(event, ev.OwnerOffered) for _, event in life.events)
        life.now = max(life.now, life.live.now)
        life.until(life.now + timedelta(days=1, hours=6))
        later = sum(isinstance(event, ev.OwnerOffered) for _, event in life.events)
        terms = life.contract
        most = (terms.repeat + 1) * len(terms.ladder) * (terms.limits.untold_retries + 1) + 2
        most *= 2 if terms.when_overdue == "reassign" else 1
        check_bounces([event for _, event in life.events])
        hold("loops", later - made <= most, f"{later - made} offers although nobody did anything")
        found = life.replay()
        hold("reproducible", found.verdict is Verdict.IDENTICAL, f"{found.verdict} at {found.at}: {found.detail}")
        hold("reproducible", found.state == life.state, "replay leads to another state")


class Runbooks(Escalations):
    """Escalations with much to do on the side."""

    contracts = BUSY


class Silences(Escalations):
    """Escalations whose owners lose them."""

    contracts = WATCHED


TABLE = RoutingTable(
    In("vip", (True,)),
    [
        Entry("small", frozenset(("ticket.created", "ticket.updated")), In("priority", ("high",)), rearm=HOUR),
        Entry("big", frozenset(("ticket.updated",)), Compare("amount", "at_least", 10)),
        Entry("slow", frozenset(("time.passed",)), HeldFor("status", ("pending",), 1800), rearm=2 * HOUR),
        Entry("rest", frozenset(("ticket.created", "ticket.updated", "time.passed")), All(()), rearm=HOUR),
    ],
    "rest",
)
PROOF = (EvidenceOf(name="amount", summary="The amount.", field="amount"),)
TEMPLATES = {
    name: contract(name=name, verify=("outcome_evidence",), evidence=PROOF) for name in ("small", "big", "slow", "rest")
}
FIELD_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(STATES),
    "priority": st.sampled_from(RANKS),
    "amount": st.sampled_from((1, 10, None)),
    "vip": st.sampled_from((True, True, True, False)),
}
EDITS = st.sampled_from(sorted(FIELD_VALUES)).flatmap(lambda name: st.tuples(st.just(name), FIELD_VALUES[name]))


class Tickets(RuleBasedStateMachine):
    """One ticket, as people change it, and the escalations that follow: one at a time, and none ends silently."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.fields: dict[str, object] = {"vip": True, "status": "new"}
        self.version = 1
        self.changed = T0
        self.exists = True
        self.case: Case | None = None
        self.life: Life | None = None
        self.count = 0
        self.owed: str | None = None

    @property
    def running(self) -> Life | None:
        return self.life if self.life is not None and not self.life.live.phase.over else None

    @rule(edit=EDITS)
    def somebody_edits(self, edit: tuple[str, object]) -> None:
        name, value = edit
        if self.fields.get(name) != value:
            self.fields = {**self.fields, name: value}
            self.version += 1
            self.changed = self.now

    @rule()
    def somebody_solves_it(self) -> None:
        self.somebody_edits(edit=("status", "solved"))

    @rule(exists=st.booleans())
    def it_comes_and_goes(self, exists: bool) -> None:
        self.exists = exists or self.case is None

    @rule(span=SPANS)
    def time_passes(self, span: int) -> None:
        self.now += timedelta(seconds=span)

    @rule()
    def look(self) -> None:
        reading = Reading("T-1", str(self.version), T0, self.changed, self.fields) if self.exists else None
        seen = observe(FIELDS, self.case, reading, self.now)
        before, running = self.case, self.running
        terms = running.contract if running else None
        found = intake(TABLE, before, seen, self.now, fields=FIELDS, open_contract=terms)
        self._opens_when_it_should(before, found)
        self.case, self.owed = found.case, None
        if running is not None:
            self._notes(running, before, found)
        if found.opens is not None:
            self._open(found.opens)

    def _opens_when_it_should(self, before: Case | None, found: Intake) -> None:
        """The rising edge, said a second time: another template than before, or long enough since it closed.

        Or one that took the ticket while another's escalation was open, and could not open its own then.
        """
        name = "one open"
        if not isinstance(found.outcome, Match):
            hold(name, found.opens is None, "opened without a match")
            return
        template = found.outcome.template
        edge = before is None or before.outcome != template or self.owed == template
        rearm = TABLE.by_name[template].rearm
        closed = before.closed_at.get(template) if before else None
        rearmed = rearm is not None and closed is not None and self.now >= closed + timedelta(seconds=rearm)
        wanted = self.running is None and (edge or rearmed)
        hold(name, (found.opens is not None) == wanted, f"opens: {found.opens}, edge: {edge}, rearmed: {rearmed}")

    def _open(self, opens: cmd.Open) -> None:
        hold("one open", self.running is None, "a second escalation for one ticket")
        assert self.case is not None
        self.count += 1
        self.life = Life(TEMPLATES[opens.template], now=self.now)
        hold("one open", self.life.do(opens).rejected is None, "the opening was refused")
        self.case = opened_case(self.case, opens.template, f"E-{self.count}", self.now)

    def _notes(self, running: Life, before: Case | None, found: Intake) -> None:
        """Whatever happens to the ticket is said to the escalation, and never ends it."""
        name = "silent"
        assert before is not None
        kinds = [type(note) for note in found.notes]
        if not self.exists:
            hold(name, kinds == ([] if before.gone else [cmd.NoteGone]), f"gone, noted: {kinds}")
        else:
            hold(name, (cmd.NoteBack in kinds) == before.gone, f"was gone: {before.gone}, noted: {kinds}")
            proof = self.fields.get("amount") != before.reading.get("amount")
            solved = self.fields["status"] == "solved" and (before.reading.get("status") != "solved" or proof)
            hold(name, (cmd.NoteSolvedOutside in kinds) == solved, f"solved: {solved}, noted: {kinds}")
            other = isinstance(found.outcome, Match) and found.outcome.template not in (
                before.outcome,
                running.contract.name,
            )
            hold(name, (cmd.NoteOtherMatch in kinds) == other, f"other match: {other}, noted: {kinds}")
        for note in found.notes:
            phase = running.live.phase
            events = [event.type for event in running.do(note, when=self.now).events]
            hold(name, not running.live.phase.over, f"{note.type} ended it")
            if isinstance(note, cmd.NoteSolvedOutside):
                verified = {"OutcomeResolved", "VerificationFailed"} & set(events)
                hold(name, verified or phase is Phase.RESOLVED, f"solved outside, and nobody verified it: {events}")
            else:
                hold(name, events, f"{note.type} left no trace")

    def watch(self) -> datetime | None:
        return self.case.watch_due if self.case is not None else None

    @precondition(lambda self: self.watch() is not None)
    @rule()
    def the_watch_falls_due(self) -> None:
        self.now = max(self.now, self.watch() or self.now)
        self.look()
        following = self.watch()
        hold("late", following is None or following > self.now, "the watch falls due for ever")

    @precondition(lambda self: self.running is not None)
    @rule(how=st.sampled_from(("accept", "resolve", "close", "cancel")))
    def people_work(self, how: str) -> None:
        life = self.running
        assert life is not None
        life.now = self.now
        life.drain()
        holder = accountable(life.live) or ""
        do: dict[str, Callable[[], object]] = {
            "accept": lambda: life.accept() if life.live.offers else None,
            "resolve": lambda: life.do(cmd.Resolve(evidence={}, facts=life.facts()), holder),
            "close": lambda: life.do(cmd.Close(code="fixed", facts=life.facts()), holder),
            "cancel": lambda: life.do(cmd.Cancel(text=TEXT), "boss"),
        }
        do[how]()
        assert self.case is not None
        if life.live.phase.over:
            self.case = closed_case(TABLE, self.case, life.contract.name, self.now)
            hold("one open", self.case.escalation is None, "closed, and the ticket is still taken")
            if self.case.outcome not in (None, life.contract.name):
                self.owed = self.case.outcome
                hold("late", self.case.watch_due == self.now, "another took the ticket, and it is not looked at")

    @precondition(lambda self: self.running is not None)
    @rule(edit=st.sampled_from((("priority", "high"), ("priority", "low"), ("amount", 10), ("amount", 1))))
    def another_takes_it_and_the_first_ends(self, edit: tuple[str, object]) -> None:
        """What comes of itself too seldom."""
        self.somebody_edits(edit=edit)
        self.look()
        if self.running is not None:
            self.people_work(how="cancel")
