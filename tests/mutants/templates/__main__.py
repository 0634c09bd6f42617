"""`python -m tests.mutants.templates [--fresh] [--again] [--only TEXT] [--verify SECONDS]`: who finds each mutant.

Without `--fresh`, those that are new, and those that nothing has found and nobody has explained; what is gone is left
out. Progress is kept in the table, so that it can be stopped and gone on with.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections import Counter
from collections.abc import Iterable

from tests.mutants.templates.reasons import reason_of
from tests.mutants.templates.sources import every_mutant
from tests.mutants.templates.table import FILE, Line, read_table, write_table
from tests.mutants.templates.trial import Trial

_OFTEN = 10


def main() -> int:
    """Try what is asked for, and write the table."""
    asked = _asked()
    mutants = every_mutant()
    known = {} if asked.fresh else {name: line for name, line in read_table().items() if name in mutants}
    explained = {name for name, line in known.items() if line.by or (reason_of(name) and not asked.again)}
    todo = [each for name, each in mutants.items() if asked.only in name and name not in explained]
    todo.sort(key=lambda each: (each.file.startswith("policies/"), each.file.endswith("routing.yaml")))
    print(f"{len(mutants)} mutants, {len(todo)} to try", flush=True)
    trial = Trial()
    gc.freeze()  # what is there stays, and need not be looked through again and again
    gc.set_threshold(100_000)
    for count, mutant in enumerate(todo, start=1):
        known[mutant.name] = trial.tried(mutant, asked.verify)
        if count % _OFTEN == 0:
            _keep(mutants, known)
            print(f"{count} of {len(todo)}; {_sums(known.values())}", flush=True)
    _keep(mutants, known)
    print(f"{_sums(known.values())}; written: {FILE}")
    return 0


def _keep(mutants: Iterable[str], known: dict[str, Line]) -> None:
    write_table(known[name] for name in mutants if name in known)


def _sums(lines: Iterable[Line]) -> str:
    count = Counter(line.by or "left" for line in lines)
    return ", ".join(f"{by} {number}" for by, number in sorted(count.items()))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.templates", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="try all of them again")
    parser.add_argument("--again", action="store_true", help="also what is left and explained")
    parser.add_argument("--only", default="", help="mutants whose name has this text in it")
    parser.add_argument("--verify", type=float, default=0.0, help="seconds for a proof of what is left; 0 for none")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
