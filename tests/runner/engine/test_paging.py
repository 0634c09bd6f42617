"""Pages that want a reaction: who has reacted, who has not, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.contract.contract import BoxOf, CalendarOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.state import next_deadline
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    contract,
    opened,
    page,
    resolved,
    step,
    twice,
)

ACCEPT = cmd.Accept(offer=1, answers=YES)
SLOW = ("deliveries", "writes")


def paged(*steps: Any, answers: tuple[str, ...] = ("deliveries", "steps", "writes"), **changes: Any) -> Life:
    """Opened; ben, who is the second in the ladder, is paged and has five minutes."""
    return opened(contract=contract(runbook={"open": steps or (page(),)}, **changes), answers=answers)


def paged_owner(**changes: Any) -> Life:
    """Ann, who is asked, is paged and has five minutes."""
    return paged(page("owner"), **changes)


SILENT = ["ben does not react to open#1/0: not_reacted", "tell boss: page_unanswered"]


@table(
    Row("nothing comes in time", paged, cmd.Tick(), at(5), SILENT),
    Row("a second before", paged, cmd.Tick(), at(5, seconds=-1), []),
    Row("handled late, and dated when it was due", paged, cmd.Tick(), at(30), SILENT),
    Row("the person accepts", paged_owner, ACCEPT, at(4), ["ann reacts to open#1/0", "ann accepts 1: accepted"], "ann"),
    Row("the person rejects", paged_owner, cmd.Reject(offer=1, why="no_capacity"), at(4),
        ["ann reacts to open#1/0", "offer 1 ends: rejected_no_capacity",
         "ladder offer 2 to ben: rejected_no_capacity", "tell ben: offer", "tell boss: failover"], "ann"),
    Row("somebody else accepts", paged, ACCEPT, at(4), ["ann accepts 1: accepted"], "ann"),
)  # fmt: skip
def test_reactions(row: Row) -> None:
    play(row)


def test_the_reaction_is_a_deadline_that_survives_a_restart() -> None:
    life = paged()
    life.reload()
    assert next_deadline(life.live) == at(5)
    assert life.tick(at(9)).one(ev.PageUnanswered).due == at(5)
    assert life.live.pages == {}


def test_a_page_that_began_by_what_the_person_did_still_waits() -> None:
    life = accepted(contract=contract(runbook={"accepted": (page("owner"),)}))
    assert life.live.pages["accepted#1/0"].due == at(10)
    life.do(cmd.RaiseException(exception_class="vendor", text=TEXT), "ann", when=at(6))
    assert life.live.pages == {}


def test_one_act_answers_every_page_to_that_person_and_no_other() -> None:
    life = paged(page("owner"), page(), page("owner"))
    life.do(ACCEPT, "ann", when=at(1))
    assert [each.person for each in life.live.pages.values()] == ["ben"]


def test_what_is_refused_is_no_reaction() -> None:
    life = paged_owner()
    life.do(cmd.Accept(offer=1, answers={}), "ann", when=at(1))
    assert life.live.pages


def test_a_page_that_no_channel_took_is_a_step_that_failed_and_nothing_more() -> None:
    life = paged(answers=SLOW)
    failed = cmd.FailStep(run="open#1", step=0, attempt=1, why="nobody home")
    assert life.do(failed, when=at(1)).story[:2] == ["step open#1/0 fails: failed", "tell boss: step_failed"]
    assert life.live.pages == {}
    assert life.tick(at(6)).story == []


def test_each_try_gives_the_person_the_whole_time() -> None:
    life = paged(page(retry=twice(60)), answers=SLOW)
    life.do(cmd.FailStep(run="open#1", step=0, attempt=1, why="nobody home"), when=at(1))
    life.tick(at(2))
    assert life.live.pages["open#1/0"].due == at(7)


@pytest.mark.parametrize("within", [None, 600])
def test_a_page_may_want_no_reaction(within: int | None) -> None:
    assert bool(paged(page(within=within)).live.pages) == (within is not None)


def test_the_time_to_react_may_count_open_hours() -> None:
    office = CalendarOf(zone="UTC", week=(((600, 660),),) * 7, closed=())
    life = paged(page(within=BoxOf(seconds=HOUR // 2, calendar="office")), calendars={"office": office})
    assert life.live.pages["open#1/0"].due == at(90)


def test_nobody_need_react_once_it_is_over() -> None:
    life = resolved(contract=contract(runbook={"resolved": (page(within=HOUR),), "closed": (page(), step())}))
    assert life.live.pages
    life.do(cmd.Close(code="fixed", facts=life.facts()), "ann", when=at(70))
    assert life.live.pages == {}
    assert next_deadline(life.live) is None
    assert [event.react_by for _, event in life.events if isinstance(event, ev.StepRequested)][1:] == [None, None]


def test_pages_and_notifications_wait_for_no_write_to_the_ticket() -> None:
    life = paged(page(), answers=())
    assert [each.lane for each in life.effects if each.kind == "step"] == [""]
    life = paged(step("assign", who="owner"), answers=())
    assert [each.lane for each in life.effects if each.kind == "step"] == ["ticket"]
