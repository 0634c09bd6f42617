"""`python -m tests.mutants`: every mutant against the walks; with `--changed` those that the table does not know.

Progress is kept, so that it can be stopped and gone on with; what was found under other sources is not used again.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import os
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path

import tests.runner.engine as tests_of_engine
from tests.mutants.kinds import Mutant, every_mutant
from tests.mutants.own_tests import found_by_tests
from tests.mutants.sources import modules
from tests.mutants.table import CHOSEN, FILE, Line, pick, read_table, write_table
from tests.mutants.trial import Found, Ways, apart, tried, ways

WALKS = 320
MOST = 12


def main() -> int:
    asked = _asked()
    if asked.pick:
        print(f"{len(pick(read_table()))} chosen for the suite: {CHOSEN}")
        return 0
    kept = Path(tempfile.gettempdir()) / f"surety-mutants-{_sources()}"
    if asked.fresh and kept.exists():
        for each in kept.iterdir():
            each.unlink()
    kept.mkdir(exist_ok=True)
    known = {(each.id, each.text): each for each in read_table()} if asked.changed else {}
    every = every_mutant()
    mutants = [each for each in every.values() if asked.only in each.id and (each.id, each.text) not in known]
    print(f"{len(mutants)} mutants; {asked.walks} walks over the engine as it is", flush=True)
    found = ways(range(asked.walks))
    if found.red:
        for number, red in list(found.red.items())[:5]:
            print(f"walk {number} finds {red}")
        print(f"{len(found.red)} walks find something in the engine as it is; they are not used")
    jobs = [os.fork() for _ in range(asked.jobs - 1)]  # each forked one is 0 at its own place
    mine = jobs.index(0) if 0 in jobs else asked.jobs - 1
    _work(mutants[mine :: asked.jobs], found, kept, asked.most, quiet=0 in jobs)
    if 0 in jobs:
        os._exit(0)
    for job in jobs:
        os.waitpid(job, 0)
    results = {mutant.id: _read(kept, mutant) for mutant in mutants}
    _print(mutants, results)
    tests: dict[str, str | None] = {}
    if not asked.no_tests:
        left = [mutant for mutant in mutants if not results[mutant.id].red]
        print(f"{len(left)} mutants for the engine's own tests", flush=True)
        tests = found_by_tests(left, asked.jobs)
        print(f"{sum(1 for test in tests.values() if test)} of {len(left)} found by a test", flush=True)
    if not asked.only:
        found_now = {each.id: Line(each.id, each.text, results[each.id].red, tests.get(each.id)) for each in mutants}
        write_table(found_now.get(each.id) or known[each.id, each.text] for each in every.values())
        print(f"written: {FILE}; {len(pick(read_table()))} chosen for the suite: {CHOSEN}")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--walks", type=int, default=WALKS, help="how many walks there are to choose from")
    parser.add_argument("--most", type=int, default=MOST, help="walks for one mutant, at most")
    parser.add_argument("--only", default="", help="mutants whose name has this text in it")
    parser.add_argument("--changed", action="store_true", help="only mutants of which the table does not know")
    parser.add_argument("--pick", action="store_true", help="only choose again what the suite tries")
    parser.add_argument("--no-tests", action="store_true", help="leave the engine's own tests out")
    parser.add_argument("--fresh", action="store_true", help="begin again")
    return parser.parse_args()


def _sources() -> str:
    """What the results depend on."""
    files = [Path(inspect.getsourcefile(each) or "") for each in modules()]
    files += sorted(Path(tests_of_engine.__path__[0]).glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _work(mutants: list[Mutant], found: Ways, kept: Path, most: int, *, quiet: bool) -> None:
    for count, mutant in enumerate(mutants, start=1):
        file = _file(kept, mutant)
        if not file.exists():
            result = apart(partial(tried, mutant, found.to(mutant), most))
            file.write_text(json.dumps(asdict(result)), encoding="utf-8")
        if not quiet and count % 50 == 0:
            print(f"{count} of {len(mutants)}", flush=True)


def _file(kept: Path, mutant: Mutant) -> Path:
    return kept / f"{hashlib.sha256(mutant.id.encode()).hexdigest()[:20]}.json"


def _read(kept: Path, mutant: Mutant) -> Found:
    return Found(**json.loads(_file(kept, mutant).read_text(encoding="utf-8")))


def _print(mutants: list[Mutant], results: dict[str, Found]) -> None:
    total = Counter(mutant.kind for mutant in mutants)
    killed = Counter(mutant.kind for mutant in mutants if results[mutant.id].red)
    unseen = Counter(mutant.kind for mutant in mutants if not results[mutant.id].taken and not results[mutant.id].red)
    for kind, count in total.items():
        print(f"{kind:9} {killed[kind]:5} of {count:5} found, {unseen[kind]} on no walk's way")
    print(f"{'all':9} {killed.total():5} of {total.total():5} found, {unseen.total()} on no walk's way")


if __name__ == "__main__":
    sys.exit(main())
