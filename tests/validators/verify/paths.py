"""A life as a path of an explored graph: what a part looks at in a state, and whether its graph goes the same way.

A part looks at one exception, one of its tasks, one or two runs at a time: whichever it is, the life has to be a path.
What a part leaves to others is made alike in its graph and in the life. Where an exploration takes for two people who
are one, either view of a state will do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from runner.engine.control import control
from runner.engine.state import ExceptionState, Offer, State
from tests.validators.verify.lives import Decided
from validators.verify.explore import Budget, Edge, Graph, Part, explore

__all__ = ["Focus", "Lost", "Map", "focuses", "lost_on", "mapped"]

WITHOUT_TASKS = frozenset(("ownership with an exception", "waits with an exception"))
"""Parts that know exceptions, and leave their tasks to another."""
AS_IT_IS = frozenset(("ownership", "exceptions and tasks"))
"""Parts that look at all of who answers for it; every other one looks at one thing beside that."""


@dataclass(frozen=True)
class Focus:
    """What a part looks at: an exception or none, of that a task or none; runs, if it looks at any."""

    exception: int | None = None
    task: int | None = None
    run: str | None = None


@dataclass(frozen=True)
class Lost:
    """A decision of a life that the graph does not know."""

    focus: Focus
    decided: Decided
    before: frozenset[Hashable]
    after: frozenset[Hashable]

    def __str__(self) -> str:
        known = "\n    ".join(map(str, self.before))
        come = "\n    ".join(map(str, self.after))
        return f"{self.focus}: {self.decided.args!r} -> {self.decided.events}\n  from\n    {known}\n  to\n    {come}"


@dataclass
class Map:
    """What an exploration has found, as a part sees it: where it begins, and from where which commands lead where."""

    part: Part
    graph: Graph
    begins: set[Hashable] = field(default_factory=set)
    ways: dict[Hashable, dict[Hashable, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    @property
    def nodes(self) -> set[Hashable]:
        """Whatever was reached."""
        return {*self.begins, *(each for ways in self.ways.values() for each in ways)}


def mapped(part: Part, states: int = 3_000) -> Map:
    """Explore a part and write down each of its edges."""
    found = Map(part, Graph(part))

    def write_down(edge: Edge) -> Iterator[tuple[str, str]]:
        if edge.after is None or edge.fault is not None or (edge.refused is not None and not edge.events):
            return
        here = _node(part, edge.after)
        if edge.before is None or edge.move is None:
            found.begins.add(here)
        else:
            found.ways[_node(part, edge.before)][here].add(edge.move.args.type)
        yield from ()

    found.graph = explore(part, Budget(states=states), write_down)
    assert not found.graph.limit, found.graph.limit
    return found


def _node(part: Part, state: State) -> Hashable:
    """A state as the exploration keeps it. A move may be tried from one with more in it, which counts as the same."""
    new = state.copy()
    part.settle(part.contract, new)
    return _as_seen(part, new)


def _as_seen(part: Part, state: State) -> Hashable:
    if part.name in WITHOUT_TASKS:
        state = state.copy()
        state.exceptions = {n: replace(each, tasks={}) for n, each in state.exceptions.items()}
    elif part.name not in AS_IT_IS:
        state = alike(state)
    if part.name == "exceptions and tasks":
        state = state.copy()
        state.offers = {n: each for n, each in state.offers.items() if each.purpose != "handoff"}
    if part.contract.runbook or part.name == "remedies":
        state = state.copy()
        state.remedies = {check: each for check, each in state.remedies.items() if "task " not in check}
        state.exceptions = {n: replace(each, tasks={}) for n, each in state.exceptions.items()}
    return control(part.contract, state)


def alike(state: State) -> State:
    """A state without what only the exploration of ownership looks at."""
    new = state.copy()
    new.rung = new.ladder_pass = new.untold = 0
    new.offered_in_pass, new.outcome_missed, new.progress_reminded = True, False, False
    new.progress_due = new.checklist_due = new.clarification = new.remind_at = None
    new.clarified = ()
    if new.waiting is not None:
        new.waiting = replace(new.waiting, for_="date", outcome_left=None)
    new.exceptions = {n: _timeless(each) for n, each in new.exceptions.items()}
    new.offers = {n: _plain(each) for n, each in new.offers.items() if each.purpose != "handoff"}
    return new


def _timeless(exception: ExceptionState) -> ExceptionState:
    return replace(exception, tasks={n: replace(each, due=None) for n, each in exception.tasks.items()})


def _plain(offer: Offer) -> Offer:
    if offer.purpose != "ladder":
        return offer
    return Offer(id=offer.id, purpose="ladder", to=offer.to, made_at=offer.made_at, rung=0)


_RUNNERS: Mapping[str, frozenset[str]] = {
    "messages": frozenset(("undelivered",)),
    "writes and drift": frozenset(("gone",)),
}
"""The runner's own exceptions that a part looks at; every other part looks at those of its contract."""


def focuses(part: Part, life: Sequence[Decided]) -> set[Focus]:
    """Everything that a part may look at in a life."""
    classes = _RUNNERS.get(part.name, frozenset(part.contract.exceptions))
    found = {Focus()}
    if part.name == "ownership":
        return found
    if part.contract.runbook:
        return {Focus(run=run, exception=_begun_with(part, life, run)) for run in _runs(part, life)}
    for each in life:
        for number, exception in each.after.exceptions.items():
            if exception.exception_class in classes:
                found |= {Focus(number), *(Focus(number, task) for task in exception.tasks)}
    several = {each.exception for each in found if each.task is not None}
    return {each for each in found if each.task is not None or each.exception not in several}


def _runs(part: Part, life: Sequence[Decided]) -> set[str]:
    return {run for each in life for run in each.after.runs if run.partition("#")[0] in part.contract.runbook}


def _begun_with(part: Part, life: Sequence[Decided], run: str) -> int | None:
    """The exception whose run this is."""
    if not run.startswith("exception"):
        return None
    first = next(each for each in life if run in each.after.runs)
    before = first.before.exceptions if first.before is not None else {}
    return next((number for number in first.after.exceptions if number not in before), None)


def _of_one_run(state: State, run: str) -> None:
    """Leave out all other runs, with what they changed."""
    state.runs = {key: each for key, each in state.runs.items() if key == run}
    state.pages = {key: each for key, each in state.pages.items() if each.run == run}
    state.changes = tuple(each for each in state.changes if each.run == run)
    state.rollbacks = {key: each for key, each in state.rollbacks.items() if each.run in (None, run)}
    state.failed_tasks = tuple(each for each in state.failed_tasks if each.rpartition("/")[0] == run)
    state.stopped = tuple(each for each in state.stopped if each == run)


def views(part: Part, state: State, focus: Focus) -> frozenset[Hashable]:
    """A state as a part may see it."""
    seen = state.copy()
    points = part.contract.runbook.keys()
    if focus.run is not None:
        _of_one_run(seen, focus.run)
    part.settle(part.contract, seen)
    shown = {n: each for n, each in seen.exceptions.items() if n == focus.exception}
    if part.name == "writes and drift":
        shown = {n: each for n, each in seen.exceptions.items() if each.exception_class == "gone"}
    elif part.name == "messages":
        seen.unreached = tuple(each.about for each in shown.values() if each.about in state.unreached)
    seen.exceptions = {n: _of_its_kind(part, _with(each, focus.task)) for n, each in shown.items()}
    if part.name == "exceptions and tasks":
        part.settle(part.contract, seen)  # what it leaves out hangs on the task that it looks at
    seen.remedies = {check: each for check, each in seen.remedies.items() if _looks_at(focus, check)}
    seen.runs = {key: run for key, run in seen.runs.items() if run.point in points}
    if not points:
        seen.pages, seen.changes, seen.rollbacks, seen.stopped = {}, (), {}, ()
        seen.tasks = seen.failed_tasks = ()
    if part.name != "messages":
        seen.unreached = ()
    if part.name != "writes and drift":
        seen.gone = False
        seen.replaced = seen.replaced and part.name in (*AS_IT_IS, *WITHOUT_TASKS)
    seen.offers = {
        n: each
        for n, each in seen.offers.items()
        if (each.exception is None or each.exception in shown) and (each.run is None or each.run in seen.runs)
    }
    return frozenset(_as_seen(part, each) for each in _as_two(seen))


def _looks_at(focus: Focus, check: str) -> bool:
    """Whether a check is about no other exception, and no other task."""
    exception, task = (re.search(rf"{word}[/ ](\d+)", check) for word in ("exception", "task"))
    if exception is None:
        return True
    return int(exception.group(1)) == focus.exception and (task is None or int(task.group(1)) == focus.task)


def _with(exception: ExceptionState, task: int | None) -> ExceptionState:
    """With one task; until there is this one, with another."""
    shown = task if task in exception.tasks else next(iter(exception.tasks), None)
    return replace(exception, tasks={n: each for n, each in exception.tasks.items() if n == shown})


def _of_its_kind(part: Part, exception: ExceptionState) -> ExceptionState:
    """As one of the first class that demands the same: the engine tells classes apart by nothing else."""
    classes = part.contract.exceptions
    if exception.exception_class not in classes:
        return exception
    demands = classes[exception.exception_class].requires
    return replace(exception, exception_class=next(name for name in classes if classes[name].requires == demands))


def _as_two(state: State) -> Iterator[State]:
    """A state as it is, and as if people who are one in it were two."""
    yield state
    if any(offer.to in state.clarified for offer in state.offers.values()):
        other = state.copy()
        other.clarified = ()
        yield other
    for about in (None, "somebody else"):
        if any(each.about not in (None, about) for each in state.exceptions.values()):
            other = state.copy()
            other.exceptions = {n: replace(each, about=about) for n, each in state.exceptions.items()}
            yield other


def lost_on(chart: Map, life: Iterable[Decided], focus: Focus) -> Lost | None:
    """The first decision that the graph does not know; None if the life is a path of it."""
    part, here = chart.part, frozenset[Hashable]()
    for each in life:
        if len(each.after.writes) > WRITES and part.name == "writes and drift":
            return None
        come = views(part, each.after, focus)
        if each.before is None:
            there = come & _by_themselves(chart, frozenset(chart.begins))
        elif come & here:
            there = come & here
        else:
            there = come & _by_themselves(chart, _reached(chart, here, each))
        if not there:
            return Lost(focus, each, here, come)
        here = there
    return None


DETOUR = 2
"""So many steps more than one in life may lead to the same phase in an exploration of runs."""
WRITES = 2
"""So many are under way at a time in the exploration of writes; a life is followed as long as that is so."""
AT_ONCE = frozenset(("PageAnswered", "ExceptionEnded", "TaskAdded"))
"""What may follow beside something else from what a person does: with two people, or two commands, it is two steps."""


def _reached(chart: Map, here: frozenset[Hashable], decided: Decided) -> frozenset[Hashable]:
    """Where a decision may lead. Several who leave at once leave one after the other there."""
    once = _next(chart, here)
    if decided.args.type == "NoteRoster":
        found, new = once, once
        while new:
            new = _next(chart, new, "NoteRoster") - found
            found |= new
        return found
    if chart.part.contract.runbook:  # of who answers for it, runs hear the phase: any way there will do
        found = new = once
        for _ in range(DETOUR):
            new = _next(chart, new) - found
            found |= new
        return found
    reached = decided.before is not None and decided.before.unreached != decided.after.unreached
    return once | _next(chart, once) if reached or AT_ONCE & set(decided.events) else once


def _next(chart: Map, here: frozenset[Hashable], command: str | None = None) -> frozenset[Hashable]:
    return frozenset(
        there for one in here for there, by in chart.ways.get(one, {}).items() if command is None or command in by
    )


RESULTS = frozenset(("SucceedStep", "Answer"))
"""With these a run that is not looked at comes to its end beside the one that is."""


def _by_themselves(chart: Map, found: frozenset[Hashable]) -> frozenset[Hashable]:
    """What was found, and what comes of it when runs that are not looked at go on."""
    new = found if chart.part.contract.runbook else frozenset()
    while new:
        new = frozenset(each for command in RESULTS for each in _next(chart, new, command)) - found
        found |= new
    return found
