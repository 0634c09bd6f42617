"""`python -m tests.mutants.engine [--only TEXT] [--both] [--own-tests] [--fresh]`: what kills each engine mutant.

Each is tried against the shipped scenarios, as `surety test` runs them, then against explorations of small contracts,
as `surety verify` does; with `--own-tests` what survives is tried against the engine's own tests. Progress is kept in
the file that is checked in, and what was found of functions that are still the same is not sought again.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.mutants.by_exploring import Explorations, first_that_breaks, looked_over
from tests.mutants.by_scenarios import Scenarios, first_that_fails, warmed
from tests.mutants.kills import FILE, KIND_ORDER, STATES, Kill, read_kills, surroundings, write_kills
from tests.mutants.kinds import Mutant, steady
from tests.mutants.own_tests import found_by_tests, lines_of_mutant
from tests.mutants.sources import file_of
from tests.mutants.survivors import tables_of
from tests.mutants.trial import Found, apart

__all__ = ["main"]

SECONDS = 60.0
"""Processor time for a mutant in one way of trying it: many times what the engine as it is takes for all of it."""
MOST_PARTS = 10
"""Explorations for a mutant: those that have found others near it, then the quickest that come past it."""
EVERY = 10
"""After so many mutants progress is written down."""


def main() -> int:
    """Try what was not tried yet, and write the file."""
    asked = _asked()
    known = {} if asked.fresh else read_kills(asked.file)
    mutants = {name: each for name, each in steady().items() if each.kind in KIND_ORDER}
    kills = {name: _known(known.get(name), name, mutant) for name, mutant in mutants.items()}
    chosen = sorted((name for name in mutants if asked.only in name), key=lambda n: KIND_ORDER.index(mutants[n].kind))
    trying = _Trying(mutants, kills, asked.file)
    trying.by_scenarios([name for name in chosen if "test" not in kills[name].tried])
    trying.by_exploring([n for n in chosen if "verify" not in kills[n].tried and (asked.both or not kills[n].test)])
    if asked.own_tests:
        trying.by_own_tests([n for n in chosen if "own" not in kills[n].tried and kills[n].survives])
    write_kills(kills.values(), asked.file)
    _print(kills)
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.engine", description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose name has this text in it")
    parser.add_argument("--both", action="store_true", help="explore also what a scenario has found")
    parser.add_argument("--own-tests", action="store_true", help="try what survives against the engine's own tests")
    parser.add_argument("--fresh", action="store_true", help="begin again")
    parser.add_argument("--file", type=Path, default=FILE, help="where it is kept")
    return parser.parse_args()


def _known(before: Kill | None, name: str, mutant: Mutant) -> Kill:
    """What is known of a mutant; nothing, if its function is not what it was."""
    at = surroundings(mutant)
    return before if before is not None and before.at == at else Kill(name, mutant.text, at)


class _Trying:
    """Trying mutants one after the other, each in a process of its own."""

    def __init__(self, mutants: Mapping[str, Mutant], kills: dict[str, Kill], file: Path) -> None:
        self._mutants, self._kills, self._file = mutants, kills, file
        self._killers: dict[str, Counter[str]] = {}

    def by_scenarios(self, names: Sequence[str]) -> None:
        if names:
            scenarios = warmed()
            self._all(names, "scenarios", partial(self._scenarios, scenarios))

    def by_exploring(self, names: Sequence[str]) -> None:
        if names:
            found = looked_over()
            self._all(names, "explorations", partial(self._explorations, found))

    def by_own_tests(self, names: Sequence[str]) -> None:
        if names:
            chosen = [self._mutants[name] for name in names]
            found = found_by_tests(chosen, 1, {mutant.id: tables_of(mutant) for mutant in chosen})
            for name in names:
                kill = self._kills[name]
                own = found.get(self._mutants[name].id)
                self._kills[name] = replace(kill, own=own, tried=(*kill.tried, "own"))

    def _all(self, names: Sequence[str], what: str, work: Callable[[str, Mutant], Kill]) -> None:
        self._killers = {}
        for count, name in enumerate(names, start=1):
            self._kills[name] = work(name, self._mutants[name])
            if count % EVERY == 0 or count == len(names):
                write_kills(self._kills.values(), self._file)
                sys.stdout.write(f"{what}: {count} of {len(names)}\n")
                sys.stdout.flush()

    def _scenarios(self, scenarios: Scenarios, name: str, mutant: Mutant) -> Kill:
        order = self._order(mutant, scenarios.past, scenarios.seconds)
        found = apart(partial(first_that_fails, mutant, scenarios, order), SECONDS)
        killer, words = self._noted(mutant, found, order)
        kill = self._kills[name]
        return replace(kill, test=killer, said=words, tried=(*kill.tried, "test"))

    def _explorations(self, found: Explorations, name: str, mutant: Mutant) -> Kill:
        order = self._order(mutant, found.past, found.seconds)[:MOST_PARTS]
        broken = apart(partial(first_that_breaks, mutant, found, order, STATES), SECONDS)
        killer, words = self._noted(mutant, broken, order)
        kill = self._kills[name]
        return replace(kill, verify=killer, seen=words, tried=(*kill.tried, "verify"))

    def _order(self, mutant: Mutant, past: Mapping[str, Sequence[str]], seconds: Mapping[str, float]) -> list[str]:
        """What comes past a mutant, what has found others near it first, then the quickest."""
        near = self._killers.get(mutant.place or mutant.kind, Counter())
        every = self._killers.get("", Counter())
        passing = _passing(mutant, past) or (() if mutant.place else seconds)
        return sorted(passing, key=lambda n: (-near[n], seconds[n] / (1 + every[n])))

    def _noted(self, mutant: Mutant, found: Found, order: Sequence[str]) -> tuple[str | None, str]:
        """What has found a mutant, and how; it is tried first on others near it."""
        if not found.red:
            return None, ""
        killer = next(iter(found.red))
        if found.taken:
            for key in (mutant.place or mutant.kind, ""):
                self._killers.setdefault(key, Counter())[order[found.taken - 1]] += 1
        return killer, found.detail[killer]


def _passing(mutant: Mutant, past: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Who comes past the line of a mutant, or a line that names what one in a table breaks.

    A test may go over several lines.
    """
    if mutant.kind == "scope":
        return ()
    if not mutant.place:
        return list(dict.fromkeys(name for line in lines_of_mutant(mutant) for name in past.get(line, ())))
    file = file_of(mutant.module)
    near = (mutant.line, *range(mutant.line - 1, mutant.line - 6, -1))
    return next((past[f"{file}:{line}"] for line in near if f"{file}:{line}" in past), ())


def _print(kills: Mapping[str, Kill]) -> None:
    for kind in KIND_ORDER:
        mine = [each for each in kills.values() if each.kind == kind]
        test, verify = sum(1 for e in mine if e.test), sum(1 for e in mine if e.verify)
        left = sum(1 for e in mine if e.survives and "verify" in e.tried)
        sys.stdout.write(f"{kind:9} {len(mine):5}  test {test:5}  verify {verify:5}  neither {left:5}\n")


if __name__ == "__main__":
    sys.exit(main())
