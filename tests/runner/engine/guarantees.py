"""What must hold after every decision, computed apart from the engine's own helpers wherever that is possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from runner.contract.contract import BoxOf, Contract, StepOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.calendars import NEVER
from runner.engine.decision import Advance
from runner.engine.evolve import evolve
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody
from runner.engine.state import Phase, State, accountable, dump_state, load_state, next_deadline
from runner.engine.world import RosterWorld

EVENTS_AT_MOST = 60
"""The longest honest decision: two passes over three rungs with everybody away, each with its messages."""


class Broken(AssertionError):
    """A guarantee does not hold; `guarantee` names which."""

    def __init__(self, guarantee: str, detail: str) -> None:
        super().__init__(f"{guarantee}: {detail}")
        self.guarantee = guarantee


def hold(guarantee: str, condition: object, detail: object = "") -> None:
    if not condition:
        raise Broken(guarantee, str(detail))


def check_refusal(before: State | None, after: State | None, frozen: bytes) -> None:
    """A refused command, and one from which nothing follows, leaves the state untouched."""
    hold("untouched", before is after, "another state")
    hold("untouched", before is None or dump_state(before) == frozen, "changed in place")


@dataclass(frozen=True)
class Seen:
    """One decision, with what was before it: the state, and everything decided in this life so far."""

    contract: Contract
    before: State | None
    command: cmd.Command
    done: Advance
    world: RosterWorld
    past: Sequence[tuple[datetime, ev.Event]] = ()

    @property
    def state(self) -> State:
        """The state after it."""
        assert self.done.state is not None
        return self.done.state


class Guarantee(NamedTuple):
    """A guarantee with the number it has in the design (0: what every one of them stands on), and how it is checked."""

    number: int
    name: str
    check: Callable[[Seen], None]


def check_decision(seen: Seen) -> None:
    """Everything that one decision can show."""
    for guarantee in DECISIONS:
        guarantee.check(seen)


def check_now(seen: Seen) -> None:
    hold("late", seen.before is None or seen.state.now >= seen.before.now, "time went back")


def _reached(events: tuple[ev.Event, ...]) -> set[str]:
    told = {event.to for event in events if isinstance(event, ev.DeliveryRequested)}
    return told | {event.to for event in events if isinstance(event, ev.OwnerOffered)}


def check_accountable(
    contract: Contract, before: State | None, done: Advance, state: State, world: RosterWorld
) -> None:
    """1: somebody answers for it at every instant, with a named substitute or the reason why there is none."""
    name = "accountable"
    ladder = [offer for offer in state.offers.values() if offer.purpose == "ladder"]
    if state.phase.over:
        hold(name, accountable(state) is None and not state.offers, "over, and yet somebody is asked")
    elif state.phase in (Phase.ACCEPTED, Phase.WAITING, Phase.RESOLVED):
        hold(name, state.holder is not None and accountable(state) == state.holder, "accepted, but nobody holds it")
        hold(name, not ladder, "accepted, but the ladder still asks")
    else:
        hold(name, state.holder is None and len(ladder) == 1, f"{len(ladder)} people are asked at once")
        hold(name, accountable(state) == (state.keeper or ladder[0].to), "neither the keeper nor the one who is asked")
        hold(name, state.keeper is None or state.phase is Phase.OFFERED, "kept although nobody is asked any more")
        hold(name, (ladder[0].on_end == "stay") == (state.phase is Phase.EXHAUSTED), "exhausted without a holder")
    for event in done.events:
        if isinstance(event, ev.OwnerOffered) and event.purpose == "ladder":
            hold(name, (event.substitute is None) != (event.no_substitute is None), "neither substitute nor reason")
            hold(name, event.substitute != event.to, "a person is no substitute of itself")
        if isinstance(event, ev.OwnerOffered) and event.purpose == "handoff" and before is not None:
            hold(name, accountable(state) == accountable(before), "the sender left before the receiver accepted")
    hold(name, state.phase.over or state.substitute != accountable(state), "the substitute is the one who holds it")
    wanted = state.previous if state.phase.over else accountable(state)
    says = state.record == (state.phase.value, wanted, state.accepted_at)
    hold(name, state.gone or state.replaced or says, "the ticket says otherwise")
    tried = state.record_write in state.writes or state.rewrite_at is not None
    hold(name, not state.unwritten or state.gone or state.phase.over or tried, "unwritten, and not tried again")
    skipped = [event for event in done.events if isinstance(event, ev.RungSkipped)]
    hold(
        name,
        not skipped or manager_of(contract, world) in _reached(done.events),
        "nobody hears of a rung without anybody",
    )


def instants(state: State) -> Iterator[datetime]:
    """Every instant at which something falls due; written down here a second time on purpose."""
    yield from (offer.due for offer in state.offers.values() if offer.due is not None)
    yield from (each.due for each in state.exceptions.values())
    for each in state.exceptions.values():
        yield from (task.due for task in each.tasks.values() if task.due and not (task.done or task.overdue))
    yield from (each.due for each in state.remedies.values())
    yield from (run.due for run in state.runs.values())
    yield from (page.due for page in state.pages.values())
    yield from (rollback.due for rollback in state.rollbacks.values() if rollback.due is not None)
    if state.phase is Phase.ACCEPTED and state.progress_due is not None:
        yield state.progress_due
    if state.phase is Phase.ACCEPTED and state.checklist_due is not None:
        yield state.checklist_due
    if state.phase is Phase.OFFERED and state.clarification is not None:
        yield state.clarification.due
    if state.phase is Phase.WAITING and state.waiting is not None:
        yield state.waiting.until
    if not state.phase.over and state.remind_at is not None:
        yield state.remind_at
    if not state.phase.over and state.rewrite_at is not None:
        yield state.rewrite_at
    stands_still = state.waiting is not None and state.waiting.outcome_left is not None
    if not state.phase.over and state.phase is not Phase.RESOLVED and not state.outcome_missed and not stands_still:
        yield state.outcome_due


def check_deadline(contract: Contract, done: Advance, state: State, world: RosterWorld) -> None:
    """2: there is always a next deadline until the end, and the escalation owner hears of a missed outcome."""
    name = "deadline"
    hold(name, next_deadline(state) == min(instants(state), default=None), "a deadline is not among the deadlines")
    if state.phase.over:
        return
    hold(name, next_deadline(state) is not None, "nothing will ever happen again")
    reminds = state.outcome_missed or state.phase in (Phase.EXHAUSTED, Phase.RESOLVED)
    soon = timedelta(seconds=max(contract.limits.remind_every, contract.limits.snooze_at_most))
    hold(
        name, not reminds or (state.remind_at is not None and state.remind_at <= state.now + soon), "no reminder is due"
    )
    asked = any(o.due for o in state.offers.values()) or state.clarification is not None
    hold(name, state.phase is not Phase.OFFERED or asked, "asked without an end")
    hold(name, state.phase is not Phase.WAITING or state.waiting is not None, "waiting without an end")
    about = {
        "OutcomeMissed": "outcome_overdue",
        "ExceptionOverdue": "exception_overdue",
        "RemediationOverdue": "remediation_overdue",
    }
    for event in done.events:
        if event.type in about:
            told = [e for e in done.events if isinstance(e, ev.DeliveryRequested) and e.about == about[event.type]]
            hold(name, [each.to for each in told] == [manager_of(contract, world)], f"{event.type}, and nobody hears")
        if isinstance(event, ev.Reminded):
            hold(name, manager_of(contract, world) in _reached(done.events), "a reminder that reaches nobody")


def manager_of(contract: Contract, world: RosterWorld) -> str:
    """The escalation owner now; the last resort for nobody, and for one who has a conflict of interest."""
    found = world.on_call(contract.owners["escalation_owner"], world.now)
    if not isinstance(found, Nobody) and found.id in getattr(world, "conflicts", ()):
        return world.last_resort.id
    return world.last_resort.id if isinstance(found, Nobody) else found.id


def _handled(before: State, event: ev.Event) -> datetime | None:  # noqa: PLR0912 - one line for each sort of event
    match event:
        case ev.OfferEnded():
            offer = before.offers[event.offer]
            return before.exceptions[offer.exception].due if event.due is None and offer.exception else offer.due
        case ev.ExceptionOverdue():
            return before.exceptions[event.exception].due
        case ev.RemediationOverdue():
            return before.remedies[event.check].due
        case ev.TaskOverdue():
            return before.exceptions[event.exception].tasks[event.task].due
        case ev.OutcomeMissed():
            return before.outcome_due
        case ev.Reminded():
            return before.remind_at
        case ev.RecordRequested():
            return before.rewrite_at
        case ev.OwnerReleased(reason=Reason.CHECKLIST_MISSED):
            return before.checklist_due
        case ev.ClarificationMissed():
            return before.clarification.due if before.clarification is not None else None
        case ev.WaitingEnded():
            return before.waiting.until if before.waiting is not None else None
        case ev.ProgressMissed() | ev.OwnerReleased():
            return before.progress_due
        case ev.PageUnanswered():
            return before.pages[f"{event.run}/{event.step}"].due
        case ev.UndoFailed() | ev.UndoRequested() | ev.RollbackEnded():
            return before.rollbacks[event.rollback].due
        case ev.QuestionRenewed():
            return before.offers[event.offer].due
        case ev.DeliveryRequested(about="wait_over"):
            return min((run.due for run in before.runs.values()), default=None)
        case ev.StepFailed() | ev.StepRequested() | ev.StepSucceeded():
            return before.runs[event.run].due
        case _:
            return None


def _check_step_times(contract: Contract, event: ev.StepRequested, state: State, world: RosterWorld) -> None:
    step, now = _step_of(contract, event), state.now
    lasts = step.within if step.kind in ("ask", "approve", "wait") else None
    own = timedelta(seconds=step.timeout or contract.limits.step_within)
    due = now + own if lasts is None else world.add_time(contract, now, lasts)
    hold("late", event.due == due, "a step starts late")
    within = step.within if step.kind == "page" and not state.phase.over else None
    react_by = world.add_time(contract, now, within) if within is not None else None
    hold("late", event.react_by == react_by, f"to be reacted to by {event.react_by}")


def _opening(contract: Contract, now: datetime, world: RosterWorld) -> datetime:
    """When the service hours begin, now if they have begun or there are none."""
    if contract.hours is None:
        return now
    second, whole = timedelta(seconds=1), now.replace(microsecond=0)
    opening = world.add_time(contract, whole, BoxOf(seconds=1, calendar=contract.hours)) - second
    return opening if now < opening < NEVER - second else now


def _check_offer_time(contract: Contract, event: ev.OwnerOffered, now: datetime, world: RosterWorld) -> None:
    """A timebox starts now, or with the service hours."""
    name = "late"
    boxes = {
        "ladder": [rung.within for rung in contract.ladder],
        "handoff": [contract.handoff.accept_within],
        "exception": [contract.ladder[0].within],
    }
    ends = {purpose: {world.add_time(contract, now, box) for box in each} for purpose, each in boxes.items()}
    match event:
        case ev.OwnerOffered(quiet=True, due=due):
            hold(name, due == now + timedelta(seconds=10), f"time to change one's mind until {due}")
        case ev.OwnerOffered(on_end="climb", due=due):
            opened = world.time_between(contract, contract.hours, now, due or now)
            hold(name, contract.hours is not None and due is not None and opened <= 1, f"closed until {due}")
        case (
            ev.OwnerOffered(retry=True, due=datetime() as due)
            | ev.OwnerOffered(reason=Reason.CLARIFIED | Reason.REOPENED, due=datetime() as due)
        ):
            opening = _opening(contract, now, world)
            begins = {world.add_time(contract, opening, rung.within) for rung in contract.ladder}
            hold(name, due in begins, f"a timebox starts at {due}, not with the service hours")
        case ev.OwnerOffered(due=datetime() as due):
            hold(name, due in ends[event.purpose], f"a timebox starts at {due}, not now")
        case _:
            pass


def check_time(
    contract: Contract, before: State | None, command: cmd.Command, done: Advance, world: RosterWorld
) -> None:
    """4: oldest first, one at a time; breaches are dated when due, new timeboxes start now; time never goes back."""
    name = "late"
    assert done.state is not None
    now = done.state.now
    for event in done.events:
        match event:
            case ev.OwnerOffered():
                _check_offer_time(contract, event, now, world)
            case ev.StepRequested():
                _check_step_times(contract, event, done.state, world)
            case ev.StepFailed(retry_at=datetime() as retry):
                pause = _step_of(contract, event).retry
                hold(name, pause and retry == now + timedelta(seconds=pause.every), f"a step is tried again at {retry}")
            case ev.OutcomeMissed() | ev.Reminded() | ev.LadderExhausted() | ev.OutcomeResolved():
                hold(name, event.remind_at == now + timedelta(seconds=contract.limits.remind_every), "reminds late")
            case ev.RecordFailed(retry_at=datetime() as retry):
                hold(name, retry == now + timedelta(seconds=contract.limits.step_within), f"written again at {retry}")
            case _:
                pass
    if before is None:
        return
    breaches = (
        ev.OfferEnded
        | ev.OutcomeMissed
        | ev.ExceptionOverdue
        | ev.ProgressMissed
        | ev.OwnerReleased
        | ev.PageUnanswered
        | ev.TaskOverdue
        | ev.RemediationOverdue
        | ev.ClarificationMissed
        | ev.WaitingEnded
    )
    dated = [e for e in done.events if isinstance(e, breaches) and e.due]
    if isinstance(command.args, cmd.Tick):
        oldest = min(instants(before))
        hold(
            name, _handled(before, done.events[0]) == oldest, f"{done.events[0].type} before what fell due at {oldest}"
        )
        hold(name, oldest <= now and len(dated) <= 1, "more than one deadline at a time")
        hold(name, all(e.due == oldest for e in dated), "a breach is not dated when it fell due")
    else:
        hold(name, not dated, "a breach without a tick")
    if isinstance(command.args, cmd.Accept):
        until = before.offers[command.args.offer].due
        late = max(0, int((now - until).total_seconds())) if until is not None else 0
        given = [event.late_seconds for event in done.events if isinstance(event, ev.OfferAccepted)]
        hold(name, given == [late], f"late by {late}, recorded {given}")


def check_late_acceptance(before: State, command: cmd.Command, rejected: object) -> None:
    """4: an acceptance of an offer that is still open counts, however late."""
    args = command.args
    offer = before.offers.get(args.offer) if isinstance(args, cmd.Accept) else None
    if isinstance(args, cmd.Accept) and offer is not None and offer.to == command.actor and offer.purpose != "question":
        complete = args.answers and all(args.answers.values())
        hold("late", not complete or rejected is None, f"a valid acceptance was refused: {rejected}")


def check_untold(contract: Contract, before: State | None, done: Advance, state: State, world: RosterWorld) -> None:
    """4: whom no channel reached was not asked: the manager is told, and trying again is not a repeat."""
    name = "untold"
    retries = [event for event in done.events if isinstance(event, ev.OwnerOffered) and event.retry]
    for retry in retries:
        hold(name, before is not None and state.ladder_pass == before.ladder_pass, "trying again counted as a repeat")
        hold(name, retry.reason is Reason.NOT_TOLD, retry.reason)
        ended = done.events[0]
        tried = before.offers[ended.offer] if before is not None and isinstance(ended, ev.OfferEnded) else None
        hold(name, tried is not None and retry.rung == tried.rung, "another rung was tried")
        hold(name, retry.rung is not None or (tried is not None and retry.to == tried.to), "another person was tried")
    hold(name, state.untold <= contract.limits.untold_retries, f"{state.untold} times")
    for event in done.events:
        if (
            isinstance(event, ev.OfferEnded)
            and before is not None
            and event.reason in (Reason.NO_ANSWER, Reason.NOT_TOLD)
        ):
            told = before.offers[event.offer].told
            hold(name, told == (event.reason is Reason.NO_ANSWER), f"told: {told}, reason: {event.reason}")
            if not told:
                hold(name, manager_of(contract, world) in _reached(done.events), "the manager does not hear of it")


def check_progress(
    contract: Contract, before: State | None, command: cmd.Command, done: Advance, world: RosterWorld
) -> None:
    """6: an acceptance lapses when its owner stays silent, never without a reminder, and somebody else is asked."""
    name, state, within = "progress", done.state, contract.progress_within
    assert state is not None
    awaited = within is not None and state.phase is Phase.ACCEPTED
    hold(name, awaited == (state.progress_due is not None), f"{state.phase}, awaited by {state.progress_due}")
    missed = [event for event in done.events if isinstance(event, ev.ProgressMissed)]
    lapsed = [e for e in done.events if isinstance(e, ev.OwnerReleased) and e.reason is Reason.NO_PROGRESS]
    back = any(isinstance(e, ev.ExceptionEnded) and e.reason is not Reason.REACHED for e in done.events)
    back = back or any(isinstance(e, ev.WaitingEnded | ev.OutcomeReopened) for e in done.events)
    if awaited and within is not None and (missed or back or command.actor == state.holder):
        hold(name, state.progress_due == world.add_time(contract, state.now, within), "not counted anew")
    elif awaited and before is not None:
        hold(name, state.progress_due == before.progress_due, "counted anew although the owner did nothing")
    told = {(e.to, e.about) for e in done.events if isinstance(e, ev.DeliveryRequested)}
    for event in missed:
        reminded = {(event.person, "no_progress"), (manager_of(contract, world), "no_progress")}
        hold(name, reminded <= told, "missing progress, and nobody is reminded")
    for each in lapsed:
        hold(name, before is not None and before.progress_reminded, "lapsed without a reminder")
        hold(name, before is not None and each.person == before.holder, f"lapsed for {each.person}")
    overdue = any(isinstance(event, ev.OutcomeMissed) for event in done.events)
    released = [e for e in done.events if isinstance(e, ev.OwnerReleased) and e.reason is Reason.OUTCOME_OVERDUE]
    if overdue and before is not None and contract.when_overdue == "reassign":
        since = before.accepted_at is None or before.accepted_at <= before.outcome_due
        hold(name, bool(released) == (before.phase is not Phase.OFFERED and since), f"asked anew: {bool(released)}")
    for each in (*lapsed, *released):
        hold(name, state.phase in (Phase.OFFERED, Phase.EXHAUSTED), "held all the same")
        informed = accountable(state) == each.person or (each.person, "released") in told
        hold(name, informed, "released, and not told")


def _step_of(contract: Contract, event: ev.StepRequested | ev.StepFailed | ev.StepSucceeded) -> StepOf:
    return contract.runbook[event.run.partition("#")[0]][event.step]


def check_runs(contract: Contract, before: State | None, done: Advance, state: State, world: RosterWorld) -> None:
    """8: a step has its tries and no more; what is given up is told, and what it stops is never begun."""
    name = "runs"
    for event in done.events:
        if isinstance(event, ev.StepRequested):
            was = before.runs.get(event.run) if before is not None else None
            again = was is not None and was.step == event.step
            retry = _step_of(contract, event).retry
            hold(name, event.attempt == (was.attempt + 1 if was is not None and again else 1), f"try {event.attempt}")
            hold(name, event.attempt <= 1 + (retry.times if retry else 0), f"try {event.attempt} is one too many")
        if isinstance(event, ev.StepFailed) and event.retry_at is None:
            about = f"{event.run}/{event.step}"  # with both managers out of reach it is an exception with an owner
            owned = any(isinstance(each, ev.ExceptionRaised) and each.about == about for each in done.events)
            heard = manager_of(contract, world) in _reached(done.events)
            hold(name, heard or owned, "a step is given up, and nobody hears")
            hold(name, not event.task or f"{event.run}/{event.step}" in state.failed_tasks, "a lost task is forgotten")
            stops = _step_of(contract, event).on_error == "stop"
            hold(name, not stops or event.run not in state.runs, "the run goes on after a step that stops it")


def check_pages(
    contract: Contract, before: State | None, command: cmd.Command, done: Advance, world: RosterWorld
) -> None:
    """9: whoever is woken and stays silent is told of; whoever acts has reacted."""
    name, state = "pages", done.state
    assert state is not None
    old = before.pages if before is not None else {}
    hold(name, not (state.phase.over and state.pages), "over, and yet somebody is to react")
    for event in done.events:
        if isinstance(event, ev.PageUnanswered):
            told = [e.to for e in done.events if isinstance(e, ev.DeliveryRequested) and e.about == "page_unanswered"]
            hold(name, told == [manager_of(contract, world)], "a page without reaction, and nobody hears")
        if isinstance(event, ev.PageAnswered):
            hold(name, event.person == command.actor, "who did nothing has reacted")
        if isinstance(event, ev.StepRequested) and event.react_by is not None:
            hold(name, f"{event.run}/{event.step}" in state.pages, "nobody waits for a reaction")
    acted = [page for page in old.values() if page.person == command.actor]
    hold(name, all(page not in state.pages.values() for page in acted), "who acts has not reacted")


def check_bounds(contract: Contract, done: Advance, state: State, world: RosterWorld) -> None:
    """5: loops end; what exceeds a bound goes to the escalation owner."""
    name = "loops"
    hold(name, len(done.events) <= EVENTS_AT_MOST, f"{len(done.events)} events in one decision")
    hold(name, state.ladder_pass <= contract.repeat, f"pass {state.ladder_pass}")
    hold(name, state.restores <= contract.limits.restores_at_most, f"{state.restores} restores")
    for event in done.events:
        if (
            isinstance(event, ev.OwnerOffered)
            and event.purpose == "handoff"
            and event.planned is None
            and state.handoffs > contract.handoff.at_most
        ):
            hold(name, event.to == manager_of(contract, world), f"handoff {state.handoffs} went to {event.to}")


def check_bounces(events: Sequence[ev.Event]) -> None:
    """5: back to the one from whom it came, once between two people; the second time it goes to another."""
    giver: str | None = None
    offers: dict[int, ev.OwnerOffered] = {}
    bounced: set[frozenset[str | None]] = set()
    for event in events:
        match event:
            case ev.OwnerOffered():
                offers[event.offer] = event
                if event.purpose == "handoff" and event.to == giver and {event.sender, event.to} in bounced:
                    excused = (Reason.BOUNCED, Reason.HANDOFF_LIMIT, Reason.PLANNED_HANDOFF, Reason.SEQUENCE_END)
                    hold("loops", event.reason in excused, f"{event.sender} and {event.to} bounce it")
            case ev.OfferAccepted() if offers[event.offer].on_accept == "hold":
                taken = offers[event.offer]
                if taken.purpose == "handoff" and taken.to == giver:
                    bounced.add(frozenset((taken.sender, taken.to)))
                giver = taken.sender if taken.purpose == "handoff" else None
            case ev.OwnerTook() | ev.OwnerReleased():
                giver = None
            case _:
                pass


def check_record(before: State | None, done: Advance, state: State) -> None:
    """The escalation owner hears once of a ticket that cannot be written, until a write succeeds."""
    name = "untold"
    for event in done.events:
        if isinstance(event, ev.RecordFailed) and before is not None and not state.phase.over:
            told = [e for e in done.events if isinstance(e, ev.DeliveryRequested) and e.about == "record_failed"]
            hold(name, len(told) == (not before.unwritten), f"unwritten before: {before.unwritten}, told: {len(told)}")


def check_fold(before: State | None, done: Advance, state: State) -> None:
    """12: the events alone give the state, and the store gives it back as it was."""
    name = "reproducible"
    folded = before
    for event in done.events:
        folded = evolve(folded, event, state.now)
    hold(name, folded == state, "the events do not give the state")
    hold(name, load_state(dump_state(state)) == state, "the store gives back another state")


def check_made(events: tuple[ev.Event, ...]) -> None:
    """The engine makes its events without validation: each is, to the type of every value, its validated form."""
    for event in events:
        valid = type(event).model_validate({name: getattr(event, name) for name in event.model_fields_set})
        hold("made right", event == valid and _typed(vars(event)) == _typed(vars(valid)), event.type)


def _typed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _typed(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(_typed(each) for each in value)
    return (type(value), value, value.utcoffset() if isinstance(value, datetime) else None)


DECISIONS: tuple[Guarantee, ...] = (
    Guarantee(4, "late", check_now),
    Guarantee(1, "accountable", lambda s: check_accountable(s.contract, s.before, s.done, s.state, s.world)),
    Guarantee(2, "deadline", lambda s: check_deadline(s.contract, s.done, s.state, s.world)),
    Guarantee(4, "late", lambda s: check_time(s.contract, s.before, s.command, s.done, s.world)),
    Guarantee(4, "untold", lambda s: check_untold(s.contract, s.before, s.done, s.state, s.world)),
    Guarantee(6, "progress", lambda s: check_progress(s.contract, s.before, s.command, s.done, s.world)),
    Guarantee(8, "runs", lambda s: check_runs(s.contract, s.before, s.done, s.state, s.world)),
    Guarantee(9, "pages", lambda s: check_pages(s.contract, s.before, s.command, s.done, s.world)),
    Guarantee(5, "loops", lambda s: check_bounds(s.contract, s.done, s.state, s.world)),
    Guarantee(9, "untold", lambda s: check_record(s.before, s.done, s.state)),
    Guarantee(12, "reproducible", lambda s: check_fold(s.before, s.done, s.state)),
    Guarantee(0, "made right", lambda s: check_made(s.done.events)),
)
"""What is checked after every decision, in this order. A guarantee may be checked by several functions."""
