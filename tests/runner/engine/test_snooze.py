"""Reminders that are put off: by a manager, for a while, never for good."""

from __future__ import annotations

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import HOUR, TEXT, Life, accepted, at, contract, exhausted, limits, opened, resolved


def snooze(minutes: float) -> cmd.Snooze:
    return cmd.Snooze(until=at(minutes), text=TEXT)


def brief() -> Life:
    return exhausted(contract=contract(limits=limits(snooze_at_most=2 * HOUR)))


OFF = ["ReminderSnoozed: snoozed"]


@table(
    Row("by the escalation owner", exhausted, snooze(600), at(250), OFF, "boss"),
    Row("by a manager", exhausted, snooze(600), at(250), OFF, "dora", ("duty-manager",)),
    Row("until it is resolved long since", resolved, snooze(600), at(70), OFF, "boss"),
    Row("by the holder", resolved, snooze(600), at(70), RejectReason.NOT_ALLOWED, "ann"),
    Row("a day", exhausted, snooze(250 + 24 * 60), at(250), OFF, "boss"),
    Row("a day and a second", exhausted, snooze(250.02 + 24 * 60), at(250), RejectReason.SNOOZE_OUT_OF_BOUNDS, "boss"),
    Row("to the limit", brief, snooze(370), at(250), OFF, "boss"),
    Row("beyond the limit", brief, snooze(371), at(250), RejectReason.SNOOZE_OUT_OF_BOUNDS, "boss"),
    Row("until now", exhausted, snooze(250), at(250), RejectReason.SNOOZE_OUT_OF_BOUNDS, "boss"),
    Row("where nothing is to come", accepted, snooze(60), at(10), RejectReason.WRONG_STATE, "boss"),
    Row("before it is accepted", opened, snooze(60), at(10), RejectReason.WRONG_STATE, "boss"),
)
def test_snooze(row: Row) -> None:
    play(row)


def test_the_reminder_comes_when_the_time_is_over_and_then_as_often_as_before() -> None:
    life = brief()
    life.do(snooze(360), "boss", when=at(250))
    assert life.until(at(359)) == []
    life.until(at(470))
    reminded = [now for now, event in life.events if isinstance(event, ev.Reminded)]
    assert reminded[-2:] == [at(360), at(420)]


def test_it_may_be_put_off_again_but_each_time_by_somebody() -> None:
    life = brief()
    life.do(snooze(360), "boss", when=at(250))
    life.do(snooze(470), "boss", when=at(359))
    assert life.live.remind_at == at(470)
    assert life.until(at(471)) != []
