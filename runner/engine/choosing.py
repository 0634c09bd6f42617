"""Choosing: which branch of a choice comes next, by answers given before or by the ticket as it is. Reads no ticket.

Also says which steps the engine does by itself, so that nothing is asked of the world for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from runner.contract.conditions import condition_from_plain
from runner.contract.contract import BranchOf, StepOf
from runner.contract.values import instant_or_none
from runner.engine.commands.base import Scalar
from runner.engine.conditions import Facts, Hours, compile_condition

__all__ = ["QUESTIONS", "Results", "branch_of", "by_answers", "by_engine", "chosen", "to_come"]

Results = Mapping[str, Mapping[str, Scalar]]
"""The results of the steps of a run, by name."""
QUESTIONS = ("ask", "approve")
"""The kinds of step that ask a person."""


def chosen(step: StepOf, results: Results, facts: Facts, hours: Hours) -> str:
    """The name of the first branch that holds; raises LookupError if `hours` lacks a calendar that a branch names."""

    def holds(branch: BranchOf) -> bool:
        return branch.when is not None and compile_condition(condition_from_plain(branch.when), hours)(facts)

    name = _first(step, results, holds)
    if name is None:
        raise AssertionError(f"no branch of {step.rule} is left for every other case")
    return name


def by_answers(step: StepOf, results: Results) -> str | None:
    """The name of the branch that answers alone decide on; None if the ticket has to be looked at first."""
    return _first(step, results, None)


def _first(step: StepOf, results: Results, holds: Callable[[BranchOf], bool] | None) -> str | None:
    given = results.get(step.of or "", {})
    for branch in step.branches:
        if branch.answer is not None:
            if all(_same(given.get(name), value) for name, value in branch.answer.items()):
                return branch.name
        elif branch.when is None or (holds is not None and holds(branch)):
            return branch.name
        elif holds is None:
            return None
    return None


def _same(given: Scalar, wanted: object) -> bool:
    """Whether an answer is the one that a branch names. An instant is the same in every zone; a yes is no number."""
    if isinstance(given, bool) or isinstance(wanted, bool):
        return given is wanted
    if given == wanted:
        return True
    at = instant_or_none(given) if isinstance(given, str) else None
    return at is not None and at == instant_or_none(wanted)


def branch_of(step: StepOf, name: object) -> BranchOf | None:
    """The branch of this name, None if there is none."""
    return next((branch for branch in step.branches if branch.name == name), None)


def by_engine(step: StepOf, results: Results) -> bool:
    """Whether a step is done without asking anything of the world: a question, time alone, a choice by answers."""
    match step.kind:
        case "ask" | "approve":
            return True
        case "wait":
            return step.args.get("until") is None
        case "choose":
            return by_answers(step, results) is not None
        case _:
            return False


def to_come(steps: Sequence[StepOf], position: int) -> Iterator[StepOf]:
    """The step at a position and all that may still come after it, each once: of a choice every branch."""
    seen: set[int] = set()
    todo = [position]
    while todo:
        here = todo.pop()
        if here >= len(steps) or here in seen:
            continue
        seen.add(here)
        step = steps[here]
        yield step
        todo.append(step.then if step.then is not None else here + 1)
        todo.extend(branch.start for branch in step.branches)
