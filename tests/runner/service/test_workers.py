"""The threads: loops that go on, effects that are tried again and given up, tickets that are read when hinted at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from runner.clock import RealClocks
from runner.engine import commands as cmd
from runner.helpdesk.port import CursorLost, Gone, HelpdeskDenied, HelpdeskUnavailable, Hint, Page, Ticket
from runner.service.performer import Done, Retry
from runner.service.workers import Contact, Loop, OutboxWorker, Pace, decide_due, follow_ref, poll_changes, read_tickets
from runner.service.writer import Writer, WriterStopped
from runner.store import Claimed, OutboxStatus, StoreError
from runner.store.memory import MemoryStore
from tests.runner.service.company import ANNA, BILLING, START, YES, Office, changed, revision
from tests.runner.service.waiting import wait_until

PATIENCE = 10.0


class Watch(RealClocks):
    """Machine time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def machine_seconds(self) -> float:
        return self.seconds

    def monotonic_seconds(self) -> float:
        return self.seconds


@dataclass
class Desk:
    """A helpdesk of one's own making: the port's edge, where a test says what comes back."""

    tickets: dict[str, Ticket | Gone | Exception] = field(default_factory=dict)
    pages: list[Page | Exception] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    def get(self, ref: str) -> Ticket | Gone:
        self.asked.append(ref)
        found = self.tickets.get(ref, Gone(ref))
        if isinstance(found, Exception):
            raise found
        return found

    def changes(self, cursor: str | None, limit: int) -> Page:
        self.asked.append((cursor, limit))
        found = self.pages.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def ticket(ref: str, version: str = "1", **fields: Any) -> Ticket:
    return Ticket(ref, version, START, START, {**BILLING, **fields}, f"http://desk/{ref}")


@pytest.fixture
def office() -> Office:
    return Office(MemoryStore())


@pytest.fixture
def writer(office: Office) -> Iterator[Writer]:
    made = Writer(office.store)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def watch() -> Watch:
    return Watch()


# Loop


def test_a_loop_goes_on_at_once_while_there_is_something_and_is_woken_otherwise() -> None:
    rounds, empty = iter([True, True, False]), threading.Event()
    calls: list[int] = []

    def step() -> bool:
        calls.append(1)
        again = next(rounds, False)
        if not again:
            empty.set()
        return again

    loop = Loop("test", step, pause_seconds=600)
    loop.start()
    assert empty.wait(PATIENCE)
    assert len(calls) == 3
    empty.clear()
    loop.wake()
    assert empty.wait(PATIENCE)
    loop.stop()
    assert len(calls) == 4
    assert not loop.running


def test_a_loop_that_fails_says_so_and_goes_on() -> None:
    outcomes: list[Exception | None] = [ValueError("no such thing"), None]
    failed, well = threading.Event(), threading.Event()

    def step() -> bool:
        outcome = outcomes.pop(0) if outcomes else None
        if outcome is not None:
            failed.set()
            raise outcome
        well.set()
        return False

    loop = Loop("test", step, pause_seconds=600)
    loop.start()
    assert failed.wait(PATIENCE)
    wait_until(lambda: loop.failed is not None)
    assert loop.failed == "ValueError: no such thing"
    loop.wake()
    assert well.wait(PATIENCE)
    loop.stop()
    assert loop.failed is None


def test_a_loop_ends_with_the_writer() -> None:
    def step() -> bool:
        raise WriterStopped

    loop = Loop("test", step, pause_seconds=600)
    loop.start()
    loop.stop()
    assert (loop.running, loop.failed) == (False, None)


def test_a_store_that_fails_is_said_in_one_line_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clocks, rounds = Watch(), threading.Semaphore(0)

    def step() -> bool:
        rounds.release()
        raise StoreError("the disk is full", "make room")

    loop = Loop("test", step, pause_seconds=600, clocks=clocks)
    loop.start()
    for _ in range(5):
        assert rounds.acquire(timeout=PATIENCE)
        wait_until(lambda: loop.failed is not None)
        loop.wake()
    clocks.seconds += 61
    loop.wake()
    wait_until(lambda: len(caplog.records) > 1)
    loop.stop()
    said = [record.getMessage() for record in caplog.records]
    assert said == ["test failed; trying again: the disk is full: make room"] * 2
    assert all(record.exc_info is None for record in caplog.records)


# decide_due and follow_ref


def test_nothing_due_is_nothing_done(office: Office, writer: Writer) -> None:
    office.open("T-1")
    assert not decide_due(writer, office.decider)


def test_following_is_never_something_to_do_at_once() -> None:
    class Follower:
        def follow(self) -> bool:
            return True

    assert follow_ref(Follower()) is False  # type: ignore[arg-type]


# poll_changes


def poll(office: Office, writer: Writer, desk: Desk) -> bool:
    return poll_changes(writer, desk, office.metrics, Contact())  # type: ignore[arg-type]


def test_whether_the_helpdesk_answers_is_kept(office: Office, writer: Writer) -> None:
    contact = Contact()
    desk = Desk(pages=[HelpdeskUnavailable("no answer"), Page((), "c1", more=False)])
    poll_changes(writer, desk, office.metrics, contact)  # type: ignore[arg-type]
    assert contact.trouble == "no answer"
    poll_changes(writer, desk, office.metrics, contact)  # type: ignore[arg-type]
    assert contact.trouble is None


def hinted(office: Office) -> list[str]:
    with office.store.transaction() as tx:
        return sorted(hint.ticket for hint in tx.take_hints(100, 0.0, 0.0))


def test_polling_goes_on_where_it_stopped_and_asks_for_more(office: Office, writer: Writer) -> None:
    desk = Desk(pages=[Page((Hint("T-1"), Hint("T-2")), "c1", more=True), Page((), "c2", more=False)])
    assert poll(office, writer, desk)
    assert not poll(office, writer, desk)
    assert desk.asked == [(None, 200), ("c1", 200)]
    assert hinted(office) == ["T-1", "T-2"]
    with office.store.transaction() as tx:
        assert tx.cursor("helpdesk") == "c2"


def test_polling_nothing_writes_nothing(office: Office, writer: Writer) -> None:
    desk = Desk(pages=[Page((), "c1", more=False), Page((), "c1", more=False)])
    poll(office, writer, desk)
    before = writer.done
    poll(office, writer, desk)
    assert writer.done == before + 1, "the cursor was read, nothing was written"


@pytest.mark.parametrize("trouble", [HelpdeskUnavailable("no answer"), HelpdeskDenied("not you")])
def test_a_helpdesk_that_cannot_be_asked_is_asked_again_from_there(
    office: Office, writer: Writer, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(pages=[Page((), "c1", more=False), trouble, Page((Hint("T-1"),), "c2", more=False)])
    assert [poll(office, writer, desk) for _ in range(3)] == [False, False, False]
    assert desk.asked == [(None, 200), ("c1", 200), ("c1", 200)]
    assert hinted(office) == ["T-1"]
    assert str(trouble) in caplog.text
    assert b"surety_helpdesk_failures_total 1.0" in metrics(office)


def test_a_lost_cursor_begins_again_and_every_open_case_is_read(office: Office, writer: Writer) -> None:
    office.open("T-1")
    office.open("T-2")
    desk = Desk(
        pages=[
            Page((), "old-9", more=False),
            CursorLost("another store"),
            Page((Hint("T-2"), Hint("T-5")), "new-2", more=False),
        ]
    )
    poll(office, writer, desk)
    assert not poll(office, writer, desk)
    assert desk.asked == [(None, 200), ("old-9", 200), (None, 200)]
    assert hinted(office) == ["T-1", "T-2", "T-5"], "T-1 is in no feed any more, and must not be forgotten"


def metrics(office: Office) -> bytes:
    with office.store.reader() as reader:
        return office.metrics.text(reader.pending(), 7, refused=False)


# read_tickets


@pytest.fixture
def reading(office: Office, writer: Writer, watch: Watch) -> Callable[[Desk], read_tickets]:
    def make(desk: Desk) -> read_tickets:
        return read_tickets(
            store=office.store,
            writer=writer,
            helpdesk=desk,  # type: ignore[arg-type]
            decider=office.decider,
            active=lambda: office.active,
            clocks=watch,
            metrics=office.metrics,
            contact=Contact(),
            pace=Pace(lease_seconds=60, retry_seconds=(1.0, 2.0)),
        )

    return make


Reading = Callable[[Desk], read_tickets]


def hint(office: Office, *refs: str) -> None:
    with office.store.transaction() as tx:
        for ref in refs:
            tx.put_hint(ref, "test")


def pending(office: Office) -> int:
    with office.store.reader() as reader:
        return reader.pending().hints


def test_a_hint_is_read_and_decided_once(office: Office, reading: Reading) -> None:
    desk = Desk({"T-1": ticket("T-1"), "T-2": ticket("T-2", priority="low")})
    read = reading(desk)
    hint(office, "T-1", "T-2", "T-3", "T-1")
    assert read()
    assert sorted(desk.asked) == ["T-1", "T-2", "T-3"]
    assert office.case("T-1").escalation is not None
    assert office.case("T-2").escalation is None
    assert pending(office) == 0
    assert not read()


def test_a_ticket_that_cannot_be_read_waits_longer_each_time_and_others_go_on(
    office: Office, reading: Reading, watch: Watch
) -> None:
    desk = Desk({"T-1": HelpdeskUnavailable("no answer"), "T-2": ticket("T-2")})
    read = reading(desk)
    hint(office, "T-1", "T-2")
    assert read()
    assert office.case("T-2").escalation is not None
    assert pending(office) == 1
    assert not read(), "it is backing off"
    assert desk.asked.count("T-1") == 1
    watch.seconds += 2.1
    read()
    assert desk.asked.count("T-1") == 2
    watch.seconds += 1.0
    assert not read(), "the second wait is longer"
    watch.seconds += 60
    desk.tickets["T-1"] = ticket("T-1")
    read()
    assert office.case("T-1").escalation is not None
    assert pending(office) == 0


@pytest.mark.parametrize("where", ["reading", "deciding"])
def test_a_ticket_of_which_nothing_can_be_made_holds_up_no_other(
    office: Office, reading: Reading, watch: Watch, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, look = OverflowError("date value out of range"), office.decider.look

    def broken(tx: Any, ref: str, *rest: Any) -> object:
        if ref == "T-1":
            raise fault
        return look(tx, ref, *rest)

    desk = Desk({"T-1": fault if where == "reading" else ticket("T-1"), "T-2": ticket("T-2")})
    if where == "deciding":
        monkeypatch.setattr(office.decider, "look", broken)
    read = reading(desk)
    hint(office, "T-1", "T-2")
    assert read()
    assert office.case("T-2").escalation is not None
    assert read.contact.unread == {"T-1": "OverflowError: date value out of range"}
    assert read.contact.trouble is None, "the helpdesk answers"
    assert not read(), "it is backing off"
    monkeypatch.undo()
    desk.tickets["T-1"] = ticket("T-1")
    watch.seconds += 120
    read()
    assert office.case("T-1").escalation is not None
    assert (read.contact.unread, pending(office)) == ({}, 0)


def test_a_hint_that_comes_while_a_ticket_is_read_is_not_lost(office: Office, reading: Reading) -> None:
    class Late(Desk):
        def get(self, ref: str) -> Ticket | Gone:
            found = super().get(ref)
            if len(self.asked) == 1:
                hint(office, ref)
            return found

    desk = Late({"T-1": ticket("T-1")})
    read = reading(desk)
    hint(office, "T-1")
    read()
    assert pending(office) == 1
    read()
    assert desk.asked == ["T-1", "T-1"]
    assert pending(office) == 0


def test_gone_is_seen(office: Office, reading: Reading) -> None:
    desk = Desk({"T-1": ticket("T-1")})
    read = reading(desk)
    hint(office, "T-1")
    read()
    escalation = office.case("T-1").escalation
    desk.tickets.clear()
    hint(office, "T-1")
    read()
    assert office.case("T-1").gone
    assert "TicketGone" in office.events(str(escalation))


def test_open_tasks_are_asked_for_when_the_ticket_is_done(office: Office, reading: Reading) -> None:
    escalation = office.open("T-1", {**BILLING})
    office.succeed()
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    office.act(escalation, ANNA, cmd.RaiseException(exception_class="data-missing", text="a" * 64))
    office.succeed(created="T-9")
    assert office.state(escalation).tasks == ("T-9",)
    desk = Desk({"T-1": ticket("T-1", "2"), "T-9": ticket("T-9", status="open")})
    read = reading(desk)
    hint(office, "T-1")
    read()
    assert desk.asked == ["T-1"], "nobody asks while the ticket is open"
    desk.tickets["T-1"] = ticket("T-1", "3", status="solved")
    hint(office, "T-1")
    read()
    assert desk.asked[1:] == ["T-1", "T-9"]
    noes = [event.noes for row in office.rows(escalation) for event in row.events if event.type == "VerificationFailed"]
    assert "tasks_done: ticket T-9 is not done" in noes[0]


# OutboxWorker


class Script:
    """A performer that answers as told; an exception is raised."""

    def __init__(self, *answers: Done | Retry | Exception) -> None:
        self.answers = list(answers)
        self.attempts: list[int] = []

    def perform(self, claimed: Claimed) -> Done | Retry:
        if claimed.kind != "message":
            return Done(cmd.FailStep(run="x", step=0, attempt=1, why="not of this test"), failed=True)
        self.attempts.append(claimed.attempt)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


TOLD, UNTOLD = cmd.Deliver(delivery=1, channel="chat"), cmd.FailDelivery(delivery=1, why="down")
LATER = Retry("down", UNTOLD)


@pytest.fixture
def outbox(office: Office, writer: Writer, watch: Watch) -> Iterator[Callable[[Script], OutboxWorker]]:
    made: list[OutboxWorker] = []

    def make(script: Script) -> OutboxWorker:
        pace = Pace(lease_seconds=60, retry_seconds=(1.0, 10.0), threads=2)
        made.append(OutboxWorker(writer, script, watch, office.metrics, pace))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


Outbox = Callable[[Script], OutboxWorker]


def message(office: Office, escalation: str) -> Any:
    """The row of the message, None when it is settled."""
    with office.store.reader() as reader:
        return next((row for row in reader.outbox_of(escalation) if row.kind == "message"), None)


def test_what_was_done_is_settled_and_its_result_decided(office: Office, outbox: Outbox) -> None:
    escalation = office.open("T-1")
    worker, woken = outbox(Script(Done(TOLD))), threading.Event()
    worker.after = woken.set
    assert worker()
    assert woken.is_set()
    assert message(office, escalation) is None
    office.drain()
    assert "DeliveryTaken" in office.events(escalation)
    assert b'surety_effects_total{kind="message",result="done"} 1.0' in metrics(office)


def slow_effect(office: Office, name: str) -> str:
    """An escalation with an action to carry out and the messages of its opening."""
    billing = revision().contracts["enterprise-billing"]
    steps = [{**billing.runbook["open"][0].model_dump(mode="json"), "kind": "action", "args": {"action": "lock"}}]
    office.use(changed(billing, runbook={"open": steps}))
    return office.open(name)


def test_other_systems_are_not_waited_for(office: Office, outbox: Outbox) -> None:
    escalation, answered, settled = slow_effect(office, "T-1"), threading.Event(), threading.Event()
    told = threading.Event()

    def perform(claimed: Claimed) -> Done:
        if claimed.kind == "step":
            assert answered.wait(PATIENCE)
            done = cmd.SucceedStep(run="open#1", step=0, attempt=1, result={"text": "ab"})
            return Done(done, texts={"ab": (b"", "what it said")})
        payload: Any = claimed.payload
        return Done(cmd.Deliver(delivery=payload["delivery"], channel="chat"))

    worker = outbox(Script(Done(TOLD)))
    worker._performer = SimpleNamespace(perform=perform)  # type: ignore[assignment]

    def after() -> None:
        (settled if answered.is_set() else told).set()

    worker.after = after
    assert worker()
    assert told.is_set()
    assert message(office, escalation) is None, "people are told although another system does not answer"
    answered.set()
    assert settled.wait(PATIENCE)
    office.drain()
    assert "StepSucceeded" in office.events(escalation)
    with office.store.reader() as reader:
        assert reader.text(escalation, "ab") == "what it said"


def test_what_waited_longer_than_its_lease_is_left_to_whoever_claims_it_next(
    office: Office, outbox: Outbox, watch: Watch
) -> None:
    slow_effect(office, "T-1")
    [claimed] = [each for each in office.claim() if each.kind == "step"]
    worker = outbox(Script())  # performing anything would fail
    watch.seconds += 61
    worker._slowly(claimed, watch.seconds - 1)


def test_nothing_to_do_is_nothing_done(outbox: Outbox) -> None:
    assert not outbox(Script())()


def test_the_schedule_of_tries_and_what_is_said_when_they_are_used_up(
    office: Office, outbox: Outbox, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    escalation = office.open("T-1")
    script = Script(LATER, LATER, LATER)
    worker = outbox(script)
    worker()
    row = message(office, escalation)
    assert (row.status, row.attempt, row.why) == (OutboxStatus.WAITING, 1, "down")
    assert watch.seconds + 0.8 <= row.ready_at <= watch.seconds + 1.2, "the first wait, spread a little"
    watch.seconds = row.ready_at
    worker()
    row = message(office, escalation)
    assert watch.seconds + 8 <= row.ready_at <= watch.seconds + 12, "the second"
    watch.seconds = row.ready_at
    worker()
    assert script.attempts == [1, 2, 3]
    row = message(office, escalation)
    assert (row.status, row.why) == (OutboxStatus.DEAD, "down")
    assert f"effect {row.key} is given up after 3 tries: down" in caplog.text
    office.drain()
    assert "DeliveryFailed" in office.events(escalation), "giving up is said, not silent"
    assert b'surety_effects_total{kind="message",result="given_up"} 1.0' in metrics(office)


def test_a_helpdesk_that_asks_for_time_gets_it(office: Office, outbox: Outbox, watch: Watch) -> None:
    escalation = office.open("T-1")
    outbox(Script(Retry("throttled", UNTOLD, after_seconds=120.0)))()
    assert message(office, escalation).ready_at == watch.seconds + 120


def test_an_effect_that_was_not_foreseen_does_not_take_the_loop_down(office: Office, outbox: Outbox) -> None:
    escalation = office.open("T-1")
    assert outbox(Script(KeyError("point")))()
    row = message(office, escalation)
    assert (row.status, row.why) == (OutboxStatus.WAITING, "KeyError")


def test_an_effect_that_was_not_foreseen_is_given_up_in_the_end(office: Office, outbox: Outbox, watch: Watch) -> None:
    escalation = office.open("T-1")
    worker = outbox(Script(*(KeyError("point") for _ in range(3))))
    for _ in range(3):
        worker()
        watch.seconds += 20
    office.drain()
    assert message(office, escalation).status is OutboxStatus.DEAD
    assert "DeliveryFailed" in office.events(escalation)


def test_a_result_that_comes_after_the_lease_is_stale(office: Office, outbox: Outbox, watch: Watch) -> None:
    escalation = office.open("T-1")
    inner = outbox(Script(Done(TOLD)))

    class Slow(Script):
        def perform(self, claimed: Claimed) -> Done | Retry:
            result = super().perform(claimed)
            if claimed.kind == "message":
                watch.seconds += 100
                inner()
            return result

    outbox(Slow(Done(UNTOLD, failed=True)))()
    office.drain()
    office.drain()
    events = office.events(escalation)
    assert (events.count("DeliveryTaken"), events.count("DeliveryFailed")) == (1, 0), (
        "the one that held the lease counts"
    )
