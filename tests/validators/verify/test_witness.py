"""Courses made concrete: played in the simulator, written as a scenario that fails as long as the fault is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runner.contract.load import Revision, load_revision
from runner.engine import closing, verification
from runner.revision import FolderTree, bundled_data
from validators.simulate import run_scenario
from validators.verify.confirm import confirmed, scenario_text
from validators.verify.explore import Budget, Graph, explore
from validators.verify.parts import ownership
from validators.verify.properties import broken
from validators.verify.story import Step, Story, steps_of
from validators.verify.verdict import Result, Verdict, Violation, _violations
from validators.verify.witness import Unplayable, played

TEMPLATE = "enterprise-billing"


@cache
def revision() -> Revision:
    found = load_revision(FolderTree(bundled_data())).revision
    assert found is not None
    return found


def explored(states: int) -> Graph:
    """The beginning of an exploration, which is enough for short courses."""
    return explore(ownership(revision().contracts[TEMPLATE]), Budget(states=states), broken)


def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not ask for the proof of the outcome."""
    honest: Callable[..., list[Any]] = verification.noes

    def noes(*args: Any, **more: Any) -> list[Any]:
        return [no for no in honest(*args, **more) if not no.check.startswith("outcome_evidence")]

    monkeypatch.setattr(closing, "noes", noes)


def test_a_scenario_is_written_that_fails_until_the_fault_is_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "found_test.yaml"
    with monkeypatch.context() as patched:
        blind(patched)
        violations = {each.name: each for each in _violations(explored(250), ())}
        assert [step.label for step in violations["proven"].steps] == [
            "it opens", "accept the ladder offer", "resolve without proof",
        ]  # fmt: skip
        file.write_bytes(scenario_text(revision(), TEMPLATE, violations["proven"], file))
        failed, what = _run(file)
        assert failed
        assert "expected `resolve` to be refused as not_verified; got it succeeded" in what
    failed, what = _run(file)
    assert not failed, what


def _run(file: Path) -> tuple[bool, str]:
    tree = _With(file)
    loaded = load_revision(tree)
    assert loaded.revision is not None, loaded.findings
    scenario, document = next((s, d) for path, s, d in loaded.revision.scenarios if path.endswith(file.name))
    result = run_scenario(loaded.revision, scenario, document)
    return not result.passed, " ".join(each.diagnostic.message for each in result.failures)


class _With:
    """The bundled files and one more."""

    def __init__(self, file: Path) -> None:
        self._tree = FolderTree(bundled_data())
        self._path, self._data = f"templates/{TEMPLATE}/{file.name}", file.read_bytes()
        self.label, self.revision = self._tree.label, self._tree.revision

    def paths(self) -> tuple[str, ...]:
        return (*self._tree.paths(), self._path)

    def read(self, path: str) -> bytes:
        return self._data if path == self._path else self._tree.read(path)

    def refused(self) -> Any:
        return self._tree.refused()


def test_what_cannot_be_played_is_unknown_and_says_why() -> None:
    steps = (
        Step("it opens", "routing", "world", "Open", {}, "", "offered"),
        Step("deadline: outcome", "time", "time", "Tick", {}, "outcome", "offered", free=True),
    )
    violation = Violation("silence", "nobody hears", "ownership", Story(()), 1, steps)
    verdict = Verdict(TEMPLATE, "", Result.VIOLATED, (), (violation,))
    found = confirmed(revision(), verdict)
    assert found.result is Result.UNKNOWN
    assert found.violations == ()
    assert "deadline: outcome is not what falls due next, but offer" in found.reasons[0]


def test_most_short_courses_can_be_played_and_the_others_say_why() -> None:
    graph = explored(250)
    done, why = 0, []
    for number in range(0, len(graph.states), 9):
        path = graph.path(number)
        violation = Violation("x", "x", "ownership", Story(()), 1, steps_of(path))
        if any(part in words for edge in path for words in edge.words for part in ("nobody", " is ")):
            continue  # somebody would have to be away, or the same as another
        try:
            played(revision(), _base(), violation)
        except Unplayable as error:
            why.append(str(error))
        else:
            done += 1
    assert done >= 5, why
    for words in why:
        assert any(part in words for part in ("falls due next", "no act", "refused", "it is", "nobody")), words


def _base() -> Any:
    return next(scenario for path, scenario, _ in revision().scenarios if TEMPLATE in path)
