"""Demands on an exception, and its tasks: who may plan and finish them, who is told, and what waits for them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import dump_state, next_deadline
from runner.engine.tasks import TASKS_AT_MOST
from runner.engine.words import in_words
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import NET, TEXT, Life, accepted, at, away, contract, exception, roster

DEMANDING = contract(
    exceptions={
        "cross": exception(NET, name="cross").model_copy(update={"requires": ("plan", "tasks")}),
        "planned": exception(NET, name="planned").model_copy(update={"requires": ("plan",)}),
        "vendor": exception(NET, name="vendor"),
    }
)
TITLE = "b" * 64


def task(owner: str = "cora", due: datetime | None = None) -> cmd.Task:
    return cmd.Task(title=TITLE, owner=owner, due=due)


def cross(*tasks: cmd.Task, plan: str | None = TEXT, name: str = "cross") -> cmd.RaiseException:
    return cmd.RaiseException(exception_class=name, text=TEXT, plan=plan, tasks=tasks)


def add(*args: Any) -> cmd.AddTask:
    return cmd.AddTask(exception=1, task=task(*args))


def finish(number: int = 1) -> cmd.FinishTask:
    return cmd.FinishTask(exception=1, task=number)


END = cmd.EndException(exception=1, text=TEXT)
demanding = partial(accepted, contract=DEMANDING)


def planned(**changes: Any) -> Life:
    """Ann has raised it with a task for cora until 10:00 and one for dora; carl owns recovery."""
    life = demanding(**changes)
    life.do(cross(task("cora", at(60)), task("dora")), "ann", when=at(10))
    life.do(cmd.Accept(offer=2, answers={"understood": True, "reachable": True}), "carl")
    return life


def half(**changes: Any) -> Life:
    life = planned(**changes)
    life.do(finish(1), "cora", when=at(30))
    return life


def whole(**changes: Any) -> Life:
    life = half(**changes)
    life.do(finish(2), "dora", when=at(40))
    return life


ASKED = ["exception offer 2 to carl: raised", "tell carl: offer", "tell boss: exception"]


@table(
    Row(
        "with all that is demanded",
        demanding,
        cross(task()),
        at(10),
        ["ExceptionRaised: raised", "TaskAdded: planned", "tell cora: task", *ASKED],
        "ann",
    ),
    Row(
        "a task of one's own: no message",
        demanding,
        cross(task("ann")),
        at(10),
        ["ExceptionRaised: raised", "TaskAdded: planned", *ASKED],
        "ann",
    ),
    Row(
        "nothing is demanded",
        demanding,
        cross(plan=None, name="vendor"),
        at(10),
        ["ExceptionRaised: raised", *ASKED],
        "ann",
    ),
    Row("a plan is", demanding, cross(name="planned"), at(10), ["ExceptionRaised: raised", *ASKED], "ann"),
    Row("without a plan", demanding, cross(task(), plan=None), at(10), RejectReason.DEMANDS_UNMET, "ann"),
    Row("without tasks", demanding, cross(), at(10), RejectReason.DEMANDS_UNMET, "ann"),
    Row("a task of nobody known", demanding, cross(task("zoe")), at(10), RejectReason.TASK_UNFIT, "ann"),
    Row(
        "a task of somebody away",
        partial(demanding, roster=roster(away("cora"))),
        cross(task("cora")),
        at(10),
        RejectReason.TASK_UNFIT,
        "ann",
    ),
    Row("a task due already", demanding, cross(task("cora", at(10))), at(10), RejectReason.TASK_UNFIT, "ann"),
    Row("too many tasks", demanding, cross(*[task()] * (TASKS_AT_MOST + 1)), at(10), RejectReason.TASK_UNFIT, "ann"),
    Row("one more, by the owner", planned, add("ben"), at(20), ["TaskAdded: planned", "tell ben: task"], "carl"),
    Row("one more, by the holder", planned, add("ben"), at(20), ["TaskAdded: planned", "tell ben: task"], "ann"),
    Row("one more, by a manager", planned, add("boss"), at(20), ["TaskAdded: planned"], "boss"),
    Row("one more, by somebody with a task", planned, add("ben"), at(20), RejectReason.NOT_YOURS, "cora"),
    Row("one more, of nobody", planned, add("zoe"), at(20), RejectReason.TASK_UNFIT, "carl"),
    Row(
        "one more, of another exception",
        planned,
        cmd.AddTask(exception=2, task=task()),
        at(20),
        RejectReason.UNKNOWN_EXCEPTION,
        "carl",
    ),
    Row("done by its owner", planned, finish(), at(20), ["TaskFinished: task_done"], "cora"),
    Row("done by the exception's owner", planned, finish(), at(20), ["TaskFinished: task_done"], "carl"),
    Row("done by the holder", planned, finish(), at(20), ["TaskFinished: task_done"], "ann"),
    Row("done by a manager", planned, finish(), at(20), ["TaskFinished: task_done"], "boss"),
    Row("done by the owner of another", planned, finish(), at(20), RejectReason.NOT_YOURS, "dora", ("cook",)),
    Row("done twice", half, finish(), at(40), RejectReason.UNKNOWN_TASK, "cora"),
    Row("of no number", planned, finish(7), at(20), RejectReason.UNKNOWN_TASK, "cora"),
    Row("of no exception", demanding, finish(), at(20), RejectReason.UNKNOWN_EXCEPTION, "cora"),
    Row("over with tasks open", half, END, at(40), RejectReason.TASKS_OPEN, "carl"),
    Row("over with tasks open, says the holder", half, END, at(40), RejectReason.TASKS_OPEN, "ann"),
    Row("by its time", planned, cmd.Tick(), at(60), ["TaskOverdue: task_overdue", "tell carl: task_overdue"]),
)
def test_tasks(row: Row) -> None:
    play(row)


def test_a_manager_may_end_it_with_a_rationale() -> None:
    assert half().do(END, "boss", when=at(40)).events[0].type == "ExceptionEnded"


def test_when_all_are_done_its_owner_ends_it() -> None:
    assert whole().do(END, "carl", when=at(50)).events[0].type == "ExceptionEnded"


@pytest.mark.parametrize(
    ("given", "detail"),
    [
        (cross(plan=None), "an exception of class cross needs a written plan and at least one task with its owner"),
        (cross(), "an exception of class cross needs at least one task with its owner"),
        (cross(task(), plan=None), "an exception of class cross needs a written plan"),
        (cross(task("zoe")), "zoe cannot be given a task now (unknown_ref); name somebody else"),
    ],
)
def test_the_words_say_what_is_missing(given: cmd.RaiseException, detail: str) -> None:
    assert demanding().do(given, "ann", when=at(10)).detail == detail


def test_the_words_say_which_tasks_are_open() -> None:
    wanted = "first finish its tasks: 2 (dora); a manager may end it with a rationale"
    assert half().do(END, "carl", when=at(40)).detail == wanted


def test_the_list_is_visible_and_digests_stand_for_the_titles() -> None:
    (each,) = half().live.exceptions.values()
    assert [(t.id, t.owner, t.due, t.done, t.title) for t in each.tasks.values()] == [
        (1, "cora", at(60), True, TITLE),
        (2, "dora", None, False, TITLE),
    ]


def test_who_is_given_a_task_reads_what_it_is() -> None:
    life = planned()
    (told,) = [e.payload for e in life.effects if e.payload.get("about") == "task" and e.payload["to"] == "cora"]
    assert told["text"] == TITLE


def test_an_overdue_task_is_told_of_once_and_can_still_be_done() -> None:
    life = planned()
    life.tick(at(60))
    assert next_deadline(life.live) == at(130)  # recovery itself
    event = next(e for _, e in life.events if isinstance(e, ev.TaskOverdue))
    assert (event.due, event.owner) == (at(60), "cora")
    assert life.do(finish(), "cora", when=at(70)).rejected is None


def test_a_task_that_is_done_falls_due_no_more() -> None:
    assert next_deadline(half().live) == at(130)


def test_what_people_planned_for_is_theirs_to_end() -> None:
    """The ticket is back, but somebody has a task: the exception stays until that is done."""
    life = accepted()
    life.do(cmd.NoteGone(), when=at(10))
    life.do(add("cora"), "boss", when=at(11))
    assert life.do(cmd.NoteBack(), when=at(12)).story == ["TicketBack: back"]
    life.do(finish(), "cora", when=at(13))
    assert life.do(END, "boss", when=at(14)).rejected is None


def test_a_state_full_of_tasks_stays_small() -> None:
    life = demanding()
    life.do(cross(*[task("cora", at(60 + n)) for n in range(TASKS_AT_MOST)]), "ann", when=at(10))
    assert len(dump_state(life.live)) < 4096


def test_the_story_in_words() -> None:
    life = whole()
    told = [in_words(event, {"cora": "Cora"}) for _, event in life.events]
    assert [words for words in told if words and words.startswith("task")] == [
        "task 1 of exception 1 is Cora's",
        "task 2 of exception 1 is dora's",
        "task 1 of exception 1 is done, says Cora",
        "task 2 of exception 1 is done, says dora",
    ]
