"""`python -m tests.mutants.verifying [--kinds a,b] [--jobs N]`: which mutants of the engine an exploration finds.

Small contracts that use everything are explored with each mutant planted, in a process of its own, until something is
broken. Progress is kept in a file; the table in the documentation is made of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.mutants.kinds import Mutant, every_mutant, planted
from tests.mutants.trial import Found, apart
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import one_rung
from validators.verify.explore import Budget, Edge, Part, explore
from validators.verify.parts import parts_of
from validators.verify.properties import broken
from validators.verify.reach import broken_by_graph

__all__ = ["main"]

STATES = 150
"""Of each part: what an exploration finds of a mutant it finds near the opening, nearly always."""


class _Seen(Exception):
    def __init__(self, name: str, words: str) -> None:
        super().__init__(name)
        self.name, self.words = name, words


def _first(edge: Edge) -> Iterator[tuple[str, str]]:
    for name, words in broken(edge):
        raise _Seen(name, words)
    yield from ()


def _parts() -> Iterator[Part]:
    small = one_rung(exceptions={"late": _CLASS}, repeat=1)
    yield from parts_of(small)
    for number in (0, 2, 3):
        yield from parts_of(small_stages()[number].contract)


_CLASS = {"summary": "x", "owner": {"role": "boss"}, "within": {"seconds": 60, "calendar": None}, "rule": "x#/late"}


def _try(mutant: Mutant) -> Found:
    parts = list(_parts())
    with planted(mutant):
        for part in parts:
            try:
                graph = explore(part, Budget(states=STATES), _first)
                found = [] if graph.limit else list(broken_by_graph(graph))
            except _Seen as seen:
                return Found({seen.name: 0}, {seen.name: seen.words}, 1)
            if found:
                return Found({found[0].name: 0}, {found[0].name: found[0].words}, 1)
    return Found({}, {}, 1)


def main() -> int:
    """Try the mutants of the kinds that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.verifying", description=__doc__)
    parser.add_argument("--kinds", default="stop,row,deadline,event,apply", help="kinds of mutants, with commas")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--into", type=Path, required=True, help="the folder where progress is kept")
    asked = parser.parse_args()
    mutants = [each for each in every_mutant().values() if each.kind in asked.kinds.split(",")]
    asked.into.mkdir(exist_ok=True)
    children = [os.fork() for _ in range(asked.jobs - 1)]
    mine = children.index(0) if 0 in children else asked.jobs - 1
    for mutant in mutants[mine :: asked.jobs]:
        file = asked.into / f"{mutant.id.replace('/', '-')}.json"
        if not file.exists():
            found = apart(partial(_try, mutant))
            file.write_text(json.dumps({"id": mutant.id, "text": mutant.text, "by": found.detail}), encoding="utf-8")
    if 0 in children:
        os._exit(0)
    for child in children:
        os.waitpid(child, 0)
    results = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(asked.into.glob("*.json"))]
    killed = [each for each in results if each["by"]]
    sys.stdout.write(f"{len(killed)} of {len(results)} are found\n")
    for each in results:
        if not each["by"]:
            sys.stdout.write(f"survives: {each['id']}: {each['text']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
