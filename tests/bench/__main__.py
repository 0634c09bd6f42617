"""`python -m tests.bench`: measure everything and print the table. Takes about a minute; needs nothing but the disk."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import analysing, checking, deciding, routing, starting, storing, trying, verifying
from tests.bench.measuring import Figure, machine, table

__all__ = ["main"]


def main() -> int:
    """Print the figures; 0 whatever they are."""
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument(
        "--only", choices=("start", "check", "test", "verify", "decide", "store"), help="measure this group alone"
    )
    options.add_argument("--folder", type=Path, help="where the database files go (default: the system's folder)")
    given = options.parse_args()
    begun = time.perf_counter()
    sys.stdout.write(f"{machine()}\n")
    with tempfile.TemporaryDirectory(prefix="surety-bench-", dir=given.folder) as name:
        folder = Path(name)
        groups: dict[str, list[Callable[[], list[Figure]]]] = {
            "start": [lambda: starting.figures(rounds=7)],
            "check": [lambda: checking.figures(folder, rounds=5), lambda: analysing.figures(rounds=3)],
            "test": [lambda: trying.figures(folder, rounds=3)],
            "verify": [verifying.figures],
            "decide": [
                lambda: deciding.figures(rounds=9, times=400),
                lambda: routing.figures(rounds=9, times=2000),
            ],
            "store": [
                lambda: storing.durable_opens(folder, rounds=5, count=2000),
                lambda: storing.deadlines_due(folder, rounds=3, count=6000),
            ],
        }
        chosen = [given.only] if given.only else list(groups)
        figures = [figure for group in chosen for measure in groups[group] for figure in measure()]
    sys.stdout.write(f"{table(figures)}\n")
    sys.stdout.write(
        f"ratio: ours divided by the reference, in this run. {time.perf_counter() - begun:.0f} s in all.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
