"""The parts in which a contract is explored. Each leaves the others to their simplest course; together they are all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from runner.contract.contract import Contract
from runner.engine.choosing import to_come
from runner.engine.commands import Reject
from runner.engine.parts import Change, Page, Run
from runner.engine.state import Phase, State
from validators.verify.explore import Part
from validators.verify.moves import Move, ownership_moves
from validators.verify.oracle import Said
from validators.verify.work_moves import delivery_moves, remedy_moves, run_moves, write_moves

__all__ = [
    "exceptions",
    "features",
    "forget",
    "ownership",
    "ownership_with_exceptions",
    "parts_of",
    "reduced",
    "runs_of",
    "settled",
]


_PAIR: Final = 2
_OFFERS: Final = 3


def ownership(contract: Contract) -> Part:
    """Who answers for it: all commands and deadlines; messages arrive and writes succeed at once.

    An exception that the runner raises by itself ends the way: how it goes on from there is for the other parts.
    """
    short = reduced(contract, runbook={})
    return Part("ownership", short, _without_raising, settled, _no_exception, twice=True)


def ownership_with_exceptions(contract: Contract, classes: frozenset[str] = frozenset()) -> Part:
    """Who answers for it, while an exception is open: one of the simplest class, and each of `classes`."""
    plain = contract.model_dump(mode="json")
    waits = {"waiting": plain["waiting"]} if classes else {}
    kept = _simplest(plain["exceptions"], classes)
    short = reduced(contract, runbook={}, exceptions=kept, **{**_WITHOUT_FEATURES, **waits})
    moves = partial(_beside_exceptions, classes=classes)
    return Part("ownership with an exception", short, moves, settled, _one_exception, ONE_EXCEPTION)


def exceptions(contract: Contract) -> Part:
    """Exceptions of every class with their tasks, on a ladder of one rung."""
    short = _short(contract, runbook={}, waiting=None)
    return Part("exceptions and tasks", short, _with_exceptions, _in_time, _one_exception, ONE_EXCEPTION, twice=True)


def features(contract: Contract) -> Part:
    """What may stand still or be awaited (clarification, checklist, progress, a wait) while an exception is open."""
    plain = contract.model_dump(mode="json")
    kept = {name: plain[name] for name in _WITHOUT_FEATURES}
    one = _simplest(plain["exceptions"])
    short = _short(contract, runbook={}, exceptions=one, **{**kept, "postmortem": "never"})
    return Part("waits with an exception", short, _beside_exceptions, settled, _one_exception, ONE_EXCEPTION)


def _simplest(plain: Mapping[str, Any], classes: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Of the classes of exceptions the one that demands least, and those that are named."""
    least = min(plain, key=lambda name: len(plain[name]["requires"]), default="")
    return {name: rules for name, rules in plain.items() if name == least or name in classes}


ONE_EXCEPTION: Final = "one exception at a time"
_WITHOUT_FEATURES: Final[Mapping[str, Any]] = {
    "progress_within": None,
    "checklist_within": None,
    "clarify": None,
    "waiting": None,
    "postmortem": "never",
}
"""What a contract may leave out, and what then is never awaited."""


def _one_exception(state: State) -> bool:
    return len(state.exceptions) <= 1


def _no_exception(state: State) -> bool:
    return not state.exceptions


def _without_raising(contract: Contract, state: State) -> Iterator[Move]:
    """What is refused of exceptions is tried; none is raised."""
    for move in ownership_moves(contract, state):
        if move.must_fail or move.args.type != "RaiseException":
            yield move


def _with_exceptions(contract: Contract, state: State) -> Iterator[Move]:
    """Where none is open, what must be refused is for ownership; handoffs are tried beside tasks that have no time."""
    tasks = any(task.due is None for each in state.exceptions.values() for task in each.open_tasks)
    for move in ownership_moves(contract, state):
        if (state.exceptions or not move.must_fail) and (tasks or move.args.type != "HandOver"):
            yield move


def _beside_exceptions(contract: Contract, state: State, classes: frozenset[str] = frozenset()) -> Iterator[Move]:
    """What must be refused is for others: for ownership where no exception is open. With one open, its tasks, and the
    limit of setting the ticket back, are for the part of their own.
    """
    for move in ownership_moves(contract, state, classes):
        of_others = move.args.type in _TASKS or move.label.endswith("once more")
        if not (move.must_fail or (state.exceptions and of_others)):
            yield move


_TASKS: Final = ("AddTask", "FinishTask")


def reduced(contract: Contract, **changes: object) -> Contract:
    """The contract with some of its words replaced; references in different places are different objects."""
    plain = {**contract.model_dump(mode="json"), **changes}
    return Contract.model_validate(plain, strict=False)


def settled(contract: Contract, state: State) -> None:
    """Messages have arrived, writes have succeeded, remedies are seen to; what was written is for the writes."""
    del contract
    forget(state)
    if state.record is not None and type(state.record[1]) is not Said and state.record[1] is not None:
        state.record = (state.record[0], Said(state.record[1]), state.record[2])
    state.deliveries = {}
    state.writes = ()
    state.rewrite_at = None
    state.unwritten = False
    state.remedies = {}


def _in_time(contract: Contract, state: State) -> None:
    """As if the outcome were not overdue, unless a task may become so: nothing else of an exception is beside it."""
    settled(contract, state)
    tasks = (task for each in state.exceptions.values() for task in each.open_tasks)
    if any(task.due is not None and not task.overdue for task in tasks):
        return
    state.outcome_missed = False
    if state.phase in (Phase.OFFERED, Phase.ACCEPTED, Phase.WAITING):
        state.remind_at = None


def forget(state: State) -> None:
    """Set back what a guard asks for and the control leaves out: it is tried with both answers. Every decision does."""
    state.asked = state.conflicts = state.bounced = ()
    state.handoffs = state.planned = state.restores = state.waited = 0
    state.giver = state.away = state.substitute = state.postmortem = None
    state.owners, state.evidence, state.restored, state.answers = {}, {}, {}, {}
    state.flagged = ()
    state.last_linked = state.failed_tasks = ()
    state.breached = False


def parts_of(contract: Contract, classes: frozenset[str] = frozenset()) -> Iterator[Part]:
    """Everything there is to explore of a contract; `classes` of exceptions are tried each for itself."""
    yield ownership(contract)
    yield ownership_with_exceptions(contract, classes)
    yield exceptions(contract)
    yield features(contract)
    for point in contract.runbook:
        yield runs_of(contract, point)
    yield Part(
        "messages",
        _short(contract, runbook={}, exceptions={}),
        delivery_moves,
        _messages,
        _one_exception,
        "one person at a time whom no message reaches",
    )
    yield Part(
        "writes and drift",
        _short(contract, runbook={}, exceptions={}),
        write_moves,
        _writes,
        _one_exception,
        "two writes under way at a time",
    )
    yield Part(
        "remedies",
        _short(contract, runbook={}, exceptions=_one_class(contract)),
        remedy_moves,
        _remedies,
        _one_exception,
        ONE_EXCEPTION,
        also=lambda state: any(each.owner == state.holder for each in state.exceptions.values()),
    )
    yield Part(
        "substitutes",
        _two_rungs(contract),
        _ladder_moves,
        _substitutes,
        apart=True,
        twice=True,
        ends=False,
        also=lambda state: (state.substitute is None, bool(state.conflicts)),
    )


def _two_rungs(contract: Contract) -> Contract:
    """The contract with its last rungs: naming who comes next asks one rung after the other, and then nobody."""
    ladder = contract.model_dump(mode="json")["ladder"][-_PAIR:]
    changes = {"progress_within": None, "when_overdue": "remind", "repeat": 0}
    return reduced(contract, runbook={}, exceptions={}, ladder=ladder, **changes)


def runs_of(contract: Contract, point: str) -> Part:
    """The runs of one point against everything that they can hear of; those of a failover also of the next one."""
    exceptions = _one_class(contract, point.partition(":")[2]) if point.startswith("exception") else {}
    plain = contract.model_dump(mode="json")
    changes: dict[str, object] = {"runbook": {point: plain["runbook"][point]}, "exceptions": exceptions}
    if point == "failover":  # two of them, one after the other, take three offers
        changes["ladder"] = plain["ladder"][-_OFFERS:]
        changes["repeat"] = 0 if len(contract.ladder) >= _OFFERS else min(1, contract.repeat)
    short = _short(contract, when_overdue="remind", **changes)
    undoable = any(step.undo is not None or step.undo_by is not None for step in contract.runbook[point])
    if undoable:
        bound = "two runs that can be taken back, the first over when the second begins"
        settle, goes_on = _two, _two_changed
    else:
        settle, goes_on, bound = _one, _one_changed, "one run at a time that leaves something"
    return Part(f"runs: {point}", short, run_moves, settle, goes_on, bound, leaving=_those_asked)


def _those_asked(state: State) -> frozenset[str]:
    """Whose leaving the runs hear of: the others are for ownership."""
    return frozenset(offer.to for offer in state.offers.values() if offer.run is not None)


def _short(contract: Contract, **changes: object) -> Contract:
    """The contract with a ladder of one rung: its offers pass on, and every phase comes, as with a longer one."""
    plain = contract.model_dump(mode="json")
    return reduced(
        contract,
        **{
            "ladder": plain["ladder"][-1:],
            "repeat": 0,
            "progress_within": None,
            "checklist_within": None,
            "clarify": None,
            "hours": None,
            "evidence": [],
            "postmortem": "never",
            "reopen_within": None,
            "handoff": {**plain["handoff"], "sequence": []},
            **changes,
        },
    )


def _one_class(contract: Contract, name: str = "") -> dict[str, object]:
    plain: dict[str, object] = contract.model_dump(mode="json")["exceptions"]
    return {each: rules for each, rules in plain.items() if each == (name or next(iter(plain)))}


def _two_changed(state: State) -> bool:
    """Beside one that can be taken back, another one in the plainest of its courses: where runs come about again and
    again, what two of them have changed, are changing and could not take back is more than can be explored.
    """
    known = {*state.runs, *(change.run for change in state.changes)}
    if len(known) > _PAIR or len(state.exceptions) > 1:
        return False
    failed = any(change.failed is not None for change in state.changes)
    unknown = sum(change.undo == "unknown" for change in state.changes)
    return len(known) < _PAIR or (len(state.runs) <= 1 and not failed and unknown <= 1)


def _one_changed(state: State) -> bool:
    return len({change.run for change in state.changes}) <= 1 and len(state.exceptions) <= 1


def _one(contract: Contract, state: State) -> None:
    """Of runs that are not taken back the oldest: they see nothing of each other, and each is it in some course."""
    _work(contract, state, 1)


def _two(contract: Contract, state: State) -> None:
    """Of runs that can be taken back the two oldest, since one rollback may take back both."""
    _work(contract, state, 2)


def _work(contract: Contract, state: State, most: int) -> None:
    """In runs: messages and writes are settled; what the runner raises by itself is seen to at once."""
    settled(contract, state)
    state.keeper = None  # runs ask whoever answers for it, whichever that is
    state.links = ()
    state.tasks = ()
    state.assignees = {}
    state.written = {}
    state.results = {}
    if state.changes:
        state.changes = _recent(state)
    if state.stopped:
        state.stopped = tuple(run for run in state.stopped if any(change.run == run for change in state.changes))
    if state.taken_back:
        here = {f"{run.id}/{run.step}" for run in state.runs.values()}
        state.taken_back = tuple(key for key in state.taken_back if key in here)
    state.unreached = ()
    if len(state.runs) > most:
        kept = sorted(state.runs, key=lambda run: int(run.partition("#")[2]))[:most]
        state.runs = {run: each for run, each in state.runs.items() if run in kept}
        state.offers = {n: each for n, each in state.offers.items() if each.run is None or each.run in kept}
    if any(run.results for run in state.runs.values()):
        state.runs = {name: _telling(contract, run) for name, run in state.runs.items()}
    if state.pages:
        state.pages = {key: page for key, page in [*state.pages.items()][-1:] if _fresh(state, page)}
    if state.exceptions:
        state.exceptions = {
            n: each for n, each in state.exceptions.items() if each.exception_class in contract.exceptions
        }
        state.offers = {
            n: each for n, each in state.offers.items() if each.exception is None or each.exception in state.exceptions
        }


def _fresh(state: State, page: Page) -> bool:
    """Whether the run is at the step after the page, or over: further steps and the page know nothing of each other."""
    run = state.runs.get(page.run)
    return run is None or run.step <= page.step + 1


def _recent(state: State) -> tuple[Change, ...]:
    """Of the changes those that hold until an action takes them back, those being taken back, and of each run the last.

    The others are taken back one after the other like these, each seen beside the one that came before it.
    """
    under_way = {rollback.step for rollback in state.rollbacks.values()}
    last = {change.run: change for change in state.changes}
    return tuple(
        each for each in state.changes if each.undo == "action" or each.key in under_way or each is last[each.run]
    )


def _telling(contract: Contract, run: Run) -> Run:
    """The run with the results that a later choice goes by; the others are for texts."""
    if not run.results:
        return run
    asked = {step.of for step in to_come(contract.runbook[run.point], run.step)}
    results = {name: result for name, result in run.results.items() if name in asked}
    return run if len(results) == len(run.results) else replace(run, results=results)


def _messages(contract: Contract, state: State) -> None:
    settled(contract, state)
    state.unreached = state.unreached[-1:]


def _writes(contract: Contract, state: State) -> None:
    del contract
    forget(state)
    state.deliveries, state.remedies, state.unreached = {}, {}, ()
    state.written = {}
    others = [write for write in state.writes if write != state.record_write]
    state.writes = tuple(write for write in state.writes if write in (*others[-1:], state.record_write))


def _remedies(contract: Contract, state: State) -> None:
    remedies = state.remedies
    settled(contract, state)
    state.remedies = remedies
    state.unreached, state.tasks, state.assignees = (), (), {}


def _substitutes(contract: Contract, state: State) -> None:
    conflicts, substitute, asked = state.conflicts, state.substitute, state.asked
    settled(contract, state)
    state.conflicts, state.substitute, state.asked = conflicts[-1:], substitute, asked[-1:]


_LADDER = (
    "no answer to the ladder offer",
    "accept the ladder offer",
    "pass it up",
    "escalate",
    "take it",
    "the roster changes",
)


def _ladder_moves(contract: Contract, state: State) -> Iterator[Move]:
    for move in ownership_moves(contract, state):
        if move.label in _LADDER:
            yield move
    for offer in state.offers.values():
        if offer.purpose == "ladder":
            args = Reject(offer=offer.id, why="conflict")
            yield Move("reject the ladder offer: conflict", "asked", state, offer.to, args, state.now)
