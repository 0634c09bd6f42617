"""A program: `python -m tests.crash [--kills N] [--seed N]` kills the runner again and again and says what came of it.

Half of the deaths are at named points, half at random moments. Exit code 1 if a run ends otherwise than undisturbed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from runner.clock import RealClocks
from tests.crash.driving import Death, Run, Tally
from tests.crash.killed import POINTS
from tests.crash.outcome import Outcome
from tests.crash.stage import Stage

PER_RUN = 20
"""Deaths in one run at most, so that many runs see different moments."""


def deaths(chance: random.Random, count: int) -> Iterator[Death]:
    """So many deaths, no two alike. A named one comes at some pass soon; only the first start switches revisions."""
    often = sorted(POINTS.keys() - {"activation"})
    for number in range(count):
        if number == 0 and chance.random() < 0.3:
            yield Death(at=("activation", 1))
        elif chance.random() < 0.5:
            yield Death(seconds=chance.uniform(0.3, 3.0))
        else:
            yield Death(at=(chance.choice(often), 1 + int(chance.expovariate(0.25))))


def run(script: Iterator[Death], tally: Tally) -> Outcome:
    """One run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="surety-crash-") as folder, Stage(Path(folder)) as stage:
        return Run(stage, script, tally).whole()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, tally, clocks = random.Random(given.seed), Tally(), RealClocks()
    started = clocks.monotonic_seconds()
    undisturbed = run(iter(()), Tally())
    print(f"undisturbed: {clocks.monotonic_seconds() - started:.1f} s", flush=True)
    runs = bad = 0
    while tally.kills < given.kills:
        before = tally.kills
        found = undisturbed.differences(run(deaths(chance, min(PER_RUN, given.kills - before)), tally))
        runs += 1
        bad += bool(found)
        print(f"run {runs}: {tally.kills - before} kills, {len(found)} differences", flush=True)
        for each in found:
            print(f"  {each}")
    print(f"\n{tally.kills} kills in {runs} runs, {bad} runs ended otherwise than undisturbed")
    for name, count in sorted(tally.deaths.items()):
        meaning = POINTS[name].meaning if name in POINTS else "at a random moment"
        print(f"  {count:4} {name}: {meaning}")
    print(f"took {clocks.monotonic_seconds() - started:.0f} s")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
