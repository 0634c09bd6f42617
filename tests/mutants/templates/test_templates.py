"""Some of the mutants at every run, each found by what the table says; and whether the table is whole and explained.

After a change of a template, a scenario or a rule: `python -m tests.mutants.templates`, then `make docs`.
"""

from __future__ import annotations

import pytest

from tests.mutants.templates.kinds import KINDS
from tests.mutants.templates.reasons import reason_of, reasons, stale_patterns
from tests.mutants.templates.sources import Mutant, documents, every_mutant, written
from tests.mutants.templates.table import Line, chosen, read_table
from tests.mutants.templates.trial import Trial

TABLE = read_table()


@pytest.fixture(scope="module")
def mutants() -> dict[str, Mutant]:
    return every_mutant()


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial()


@pytest.mark.parametrize("line", chosen(TABLE.values()), ids=lambda line: line.name)
def test_what_the_table_says_finds_the_mutant(line: Line, mutants: dict[str, Mutant], trial: Trial) -> None:
    found, revision = trial.check(mutants[line.name])
    if line.by == "check":
        assert found.what == line.what, found
    else:
        assert revision is not None, found
        assert trial.finds(revision, line.what), "this scenario passes all the same"


def test_the_table_has_every_mutant_and_no_other(mutants: dict[str, Mutant]) -> None:
    assert sorted(TABLE.keys() - mutants.keys()) == []
    assert sorted(mutants.keys() - TABLE.keys()) == []


def test_all_that_is_left_is_explained_and_nothing_else() -> None:
    left = [name for name, line in TABLE.items() if not line.by]
    assert [name for name in left if reason_of(name) is None] == []
    assert stale_patterns(left) == []
    assert all(len(each.why) > 20 for each in reasons())


def test_every_kind_is_found_by_check_or_by_scenarios() -> None:
    found = {(line.kind, line.by) for line in TABLE.values() if line.by}
    assert {kind for kind, by in found if by in {"check", "test"}} == KINDS.keys()


def test_without_a_mutant_nothing_is_found(trial: Trial, mutants: dict[str, Mutant]) -> None:
    files = sorted({mutant.file for mutant in mutants.values()})
    for file in (files[0], files[-1]):
        found, revision = trial.check(Mutant("as it is", "", file, written(documents()[file])))
        assert not found.by
        assert revision is not None
        assert trial.changed(revision) == frozenset()
