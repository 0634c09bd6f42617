"""Which results of steps a text may name: those of named steps before it at the same point. Runs nothing.

Steps are looked at as they are written. What a step of another kind than asking and choosing leaves is not known, so
any name of it is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from runner.contract.documents import Document, Path
from runner.contract.written_steps import WrittenStep, written_steps

__all__ = ["Results", "StepResults"]

_LEFT: Mapping[str, frozenset[str]] = {
    "approve": frozenset(("approved",)),
    "wait": frozenset(("holds",)),
    "choose": frozenset(("branch",)),
    "notify": frozenset(),
    "page": frozenset(),
    "note": frozenset(),
    "create_ticket": frozenset(("ticket", "task", "assignee")),
}
"""What the steps of a kind leave; of others nobody can say here."""


class Results(NamedTuple):
    """What is at hand at a step: names of results by step (None: any), and those which may have no value."""

    names: Mapping[str, frozenset[str] | None]
    sometimes: frozenset[str]

    @property
    def paths(self) -> frozenset[str]:
        """Every result that is known by name, as texts name it."""
        return frozenset(f"steps.{step}.{name}" for step, names in self.names.items() for name in names or ())

    def known(self, path: str) -> bool:
        """Whether there is such a result, as far as anybody can say: `steps.money.decision`."""
        step, _, name = path.removeprefix("steps.").partition(".")
        if step not in self.names or not name:
            return False
        names = self.names[step]
        return names is None or name in names


class StepResults:
    """The results of the steps of a revision's templates and blocks."""

    def __init__(self, blocks: Mapping[str, Document]) -> None:
        self._blocks = {name: written_steps(document) for name, document in blocks.items()}

    def before(self, steps: list[WrittenStep], here: Path) -> Results:
        """What is at hand at the step at a path; a text given to a block also knows what that block leaves."""
        names: dict[str, frozenset[str] | None] = {}
        sometimes: set[str] = set()
        for path, step in steps:
            certain = _before(path, here)
            if certain is not None or (path == here and "use" in step):
                for name, left, unsure in self._of(step, set()):
                    names[name] = left if name not in names else _either(names[name], left)
                    sometimes |= {f"steps.{name}.{each}" for each in (unsure if certain else left or ())}
        return Results(names, frozenset(sometimes))

    def _of(
        self, step: Mapping[str, Any], used: set[str]
    ) -> Iterator[tuple[str, frozenset[str] | None, frozenset[str]]]:
        """Names with what they leave and what of it is not sure, of a step, or of all steps of the block it uses."""
        block = step.get("use")
        if isinstance(block, str) and block in self._blocks and block not in used:
            for path, inner in self._blocks[block]:
                for name, left, unsure in self._of(inner, used | {block}):
                    yield name, left, unsure if _on_every_way(path) else left or frozenset()
        own = step.get("name")
        if isinstance(own, str):
            kept = _left(step)
            yield own, kept, _unsure(step, kept)


def _left(step: Mapping[str, Any]) -> frozenset[str] | None:
    if "ask" in step:
        answers = step["ask"].get("answers") if isinstance(step["ask"], Mapping) else None
        return frozenset(answers) if isinstance(answers, Mapping) else None
    return next((names for kind, names in _LEFT.items() if kind in step), None)


def _unsure(step: Mapping[str, Any], left: frozenset[str] | None) -> frozenset[str]:
    """The answers that may be missing: one that may be left out, all of a question that may fail."""
    ask = step.get("ask")
    if not isinstance(ask, Mapping) or left is None:
        return frozenset()
    if ask.get("otherwise") == "fail" and step.get("on_error") != "stop":
        return left
    return frozenset(name for name in left if _may_be_left_out(ask["answers"][name]))


def _may_be_left_out(answer: object) -> bool:
    return isinstance(answer, Mapping) and answer.get("required") is False and answer.get("default") is None


def _either(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other


def _before(path: Path, here: Path) -> bool | None:
    """Whether the step at a path has been passed on every way to here (True), or on some (False); None if on none."""
    for index, (one, other) in enumerate(zip(path, here, strict=False)):
        if one == other:
            continue
        if not isinstance(one, int) or not isinstance(other, int) or path[index - 1] == "branches" or one > other:
            return None
        return _on_every_way(path[index:])
    return True if len(path) < len(here) else None


def _on_every_way(path: Path) -> bool:
    return "branches" not in path
