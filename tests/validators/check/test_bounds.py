"""The bound until somebody knows, against the engine: reached by silence, and never passed whatever the world does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.contract import BoxOf, CalendarOf, ClarifyOf, Contract
from runner.contract.values import OwnerRef
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.calendars import add_time, time_between
from runner.engine.decide import drafted
from runner.engine.reasons import CommandRejected, Reason
from runner.engine.roster import Nobody, Person
from runner.engine.state import State, next_deadline
from runner.zones import zone
from tests.runner.engine.worlds import TEXT, box, contract, opening
from validators.check.bounds import bound_until_somebody_knows
from validators.check.business_time import BusinessTime, Span, starts_of

HOUR = 3600
TICK = timedelta(microseconds=1)
OFFICE = CalendarOf(
    zone="Europe/Berlin",
    week=(((9 * 60, 12 * 60), (13 * 60, 17 * 60)),) * 5 + ((),) * 2,
    closed=("2026-04-03", "2026-04-06"),
)
NIGHTS = CalendarOf(zone="America/New_York", week=(((0, 6 * 60), (22 * 60, 1440)),) * 5 + ((),) * 2, closed=())
TODAY = datetime(2026, 3, 3, tzinfo=UTC).date()
OPEN_HOURS = BoxOf(seconds=2 * HOUR, calendar="office")
TEN_OPEN_HOURS = BoxOf(seconds=10 * HOUR, calendar="office")
ALL = (("primary", HOUR), ("secondary", HOUR), ("escalation_owner", HOUR))
PEOPLE = ("ann", "ben", "boss", "carl")


def small(*ladder: tuple[str, BoxOf | int], repeat: int = 1, outcome: BoxOf | int = 400 * HOUR) -> Contract:
    return contract(ladder=ladder, repeat=repeat, outcome=outcome, calendars={"office": OFFICE, "nights": NIGHTS})


def times(given: Contract) -> BusinessTime:
    return BusinessTime.of(given.calendars, zone, *starts_of(TODAY, "2026-06-30"))


@dataclass
class World:
    """Somebody or nobody for every question, as drawn once."""

    draw: Any
    now: datetime
    last_resort: Person = field(default_factory=lambda: Person("ceo"))
    drawn: dict[tuple[OwnerRef, datetime], Person | Nobody] = field(default_factory=dict)

    def on_call(self, ref: OwnerRef, at: datetime) -> Person | Nobody:
        if ref.person in PEOPLE and ref.person != "boss":
            return Person(ref.person)
        if (ref, at) not in self.drawn:
            name = self.draw((None, *PEOPLE))
            self.drawn[ref, at] = Nobody(Reason.ABSENT) if name is None else Person(name)
        return self.drawn[ref, at]

    comes_next = on_call

    def was_there(self, person: str, since: datetime) -> bool:
        return bool(self.draw((True, False)))

    def add_time(self, contract: Contract, at: datetime, box: BoxOf) -> datetime:
        calendar = contract.calendars[box.calendar] if box.calendar else None
        return add_time(calendar, zone(calendar.zone) if calendar else UTC, at, box.seconds)

    def time_between(self, contract: Contract, calendar: str | None, start: datetime, end: datetime) -> int:
        hours = contract.calendars[calendar] if calendar else None
        return time_between(hours, zone(hours.zone) if hours else UTC, start, end)


@dataclass
class Course:
    """An escalation under way until somebody knows."""

    contract: Contract
    world: World
    since: datetime
    state: State | None = None
    known: bool = False

    def do(self, args: cmd.Args, actor: str = "machine", jobs: tuple[str, ...] = ()) -> None:
        command = cmd.Command(id="c", actor=actor, jobs=jobs, source="test", args=args)
        try:
            draft = drafted(self.contract, self.state, command, self.world)
        except CommandRejected:
            return
        self.state = draft.state
        found = self.world.on_call(self.contract.owners["escalation_owner"], self.world.now)
        lead = "ceo" if isinstance(found, Nobody) else found.id
        self.known = self.known or any(
            isinstance(event, ev.OfferAccepted | ev.OwnerTook)
            or (isinstance(event, ev.OwnerOffered | ev.DeliveryRequested) and event.to == lead)
            for event in draft.events
        )
        if draft.events and isinstance(args, cmd.Override):
            self.since = self.world.now  # a manager knows; counted from here the bound is the same

    @property
    def live(self) -> State:
        assert self.state is not None
        return self.state


def acts(course: Course) -> list[tuple[cmd.Args, str, tuple[str, ...]]]:
    """What the world and people could do now."""
    state = course.live
    found: list[tuple[cmd.Args, str, tuple[str, ...]]] = []
    for offer in state.offers.values():
        found += [
            (cmd.Reject(offer=offer.id, why="no_capacity"), offer.to, ()),
            (cmd.Reject(offer=offer.id, why="incomplete"), offer.to, ()),
            (cmd.Escalate(offer=offer.id, text=TEXT), offer.to, ()),
            (cmd.RaiseException(exception_class="vendor", text=TEXT), offer.to, ()),
        ]
    for delivery in state.deliveries.values():
        found += [
            (cmd.Deliver(delivery=delivery.id, channel="chat"), "machine", ()),
            (cmd.FailDelivery(delivery=delivery.id, why="broken"), "machine", ()),
        ]
    found.append((cmd.Override(action="give", to="carl", text=TEXT), "dora", ("duty-manager",)))
    return found


LADDERS = st.sampled_from([
    ("primary", "secondary", "escalation_owner"), ("primary", "escalation_owner"), ("secondary", "escalation_owner"),
    ("escalation_owner",),
])  # fmt: skip
BOXES = st.sampled_from([box(HOUR), box(30 * 60), OPEN_HOURS, TEN_OPEN_HOURS, BoxOf(seconds=HOUR, calendar="nights")])


@given(data=st.data(), rungs=LADDERS, repeat=st.integers(0, 1), hours=st.integers(0, 24 * 60))
@settings(max_examples=300, deadline=None)
def test_the_bound_is_never_passed(data: st.DataObject, rungs: tuple[str, ...], repeat: int, hours: int) -> None:
    clarify = ClarifyOf(within=box(4 * HOUR), who=None, exception=None) if data.draw(st.booleans()) else None
    served = data.draw(st.sampled_from((None, None, "office")))
    boxes = ((rung, data.draw(BOXES)) for rung in rungs)
    under_test = small(*boxes, repeat=repeat, outcome=data.draw(BOXES))
    under_test = under_test.model_copy(update={"clarify": clarify, "hours": served})
    range_of = times(under_test)
    bound = bound_until_somebody_knows(under_test, range_of)
    assert bound is not None
    start = range_of.start + timedelta(hours=hours)
    course = Course(under_test, World(lambda some: data.draw(st.sampled_from(some)), start), start)
    course.do(opening(created_at=start))
    for _ in range(8):
        if course.known:
            break
        due = next_deadline(course.live)
        assert due is not None
        for args, actor, jobs in data.draw(st.lists(st.sampled_from(acts(course)), max_size=2)):
            course.world.now += (due - course.world.now) * data.draw(st.sampled_from([0, 0.5]))
            course.do(args, actor, jobs)
        if not course.known:
            course.world.now = next_deadline(course.live) or course.world.now
            course.do(cmd.Tick())
    if course.known:
        assert course.world.now - course.since <= timedelta(seconds=bound.seconds)


@pytest.mark.parametrize(
    ("word", "first", "outcome", "hours", "by_outcome"),
    [
        ("on the wall clock", box(HOUR), box(400 * HOUR), 1, False),
        ("two office hours over Easter", OPEN_HOURS, box(400 * HOUR), 4 * 24 + 18, False),
        ("ten office hours over Easter", TEN_OPEN_HOURS, box(400 * HOUR), 5 * 24 + 19, False),
        ("but the outcome is due on the same evening", OPEN_HOURS, box(4 * HOUR), 4, True),
        ("the outcome counts the same hours, and more of them", OPEN_HOURS, TEN_OPEN_HOURS, 4 * 24 + 18, False),
        (
            "the outcome counts other hours: a weekend on which New York puts its clocks back",
            OPEN_HOURS,
            BoxOf(seconds=HOUR, calendar="nights"),
            50,
            True,
        ),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_silence_reaches_the_bound(  # noqa: PLR0917 - a row of the table
    word: str, first: BoxOf, outcome: BoxOf, hours: int, by_outcome: bool, told: bool
) -> None:
    under_test = small(("primary", first), *ALL[1:], outcome=outcome)
    bound = bound_until_somebody_knows(under_test, times(under_test))
    assert bound is not None, word
    people = {"desk": "ann", "backup": "ben"}
    world = World(lambda _: "boss", bound.start)
    for ref in under_test.owners.values():
        for at in (bound.start, bound.end - TICK, bound.end):
            world.drawn[ref, at] = Person(people.get(ref.rotation or "", "boss"))
    course = Course(under_test, world, bound.start)
    course.do(opening(created_at=bound.start))
    if told:
        course.do(cmd.Deliver(delivery=1, channel="chat"))
    reached = []
    for at in (bound.start, bound.end - TICK, bound.end):
        world.now = at
        course.do(cmd.Tick())
        reached.append(course.known)
    assert reached == [False, False, True]
    assert (bound.seconds, bound.rung, bound.by_outcome) == (hours * HOUR, "primary", by_outcome), word
    assert bound.box == (outcome if by_outcome else first), word


def test_a_ladder_that_begins_with_the_escalation_owner_waits_for_nothing() -> None:
    under_test = small(("escalation_owner", OPEN_HOURS))
    found = bound_until_somebody_knows(under_test, times(under_test))
    assert found is not None
    assert (found.seconds, found.rung, found.box) == (0, "escalation_owner", None)
    assert Span(found.start, found.end).seconds == 0


def test_there_is_no_bound_if_the_timebox_need_not_end() -> None:
    shut = CalendarOf(zone="UTC", week=((),) * 7, closed=())
    under_test = contract(ladder=ALL, outcome=OPEN_HOURS, calendars={"office": shut})
    assert bound_until_somebody_knows(under_test, times(under_test)) is not None
    under_test = contract(ladder=(("primary", OPEN_HOURS), *ALL[1:]), outcome=OPEN_HOURS, calendars={"office": shut})
    assert bound_until_somebody_knows(under_test, times(under_test)) is None
