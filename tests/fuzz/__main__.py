"""`python -m tests.fuzz --seconds 60`: read and load made-up files; print the first that fails, and stop."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback

from tests.fuzz.documents import any_bytes
from tests.fuzz.holding import check_agreement, check_revision_answers
from tests.runner.contract.repository import MINIMAL

__all__ = ["main"]


def main() -> int:
    """0 if all held, else 1 with the file that did not and the seed that gives it again."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=None, help="where to begin; by default anywhere")
    given = options.parse_args()
    seed = random.SystemRandom().randrange(2**32) if given.seed is None else given.seed
    paths = sorted(MINIMAL)
    read = quick = loaded = 0
    slowest, end = 0.0, time.monotonic() + given.seconds
    while time.monotonic() < end:
        pick = random.Random(seed)
        data = any_bytes(pick)
        begun = time.process_time()
        try:
            quick += check_agreement(data)
            read += 1
            if pick.random() < 0.05:
                check_revision_answers(pick.choice(paths), _document(pick))
                loaded += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is what was looked for
            traceback.print_exc()
            sys.stdout.write(f"seed {seed} gives {data!r}\n")
            return 1
        slowest = max(slowest, time.process_time() - begun)
        seed += 1
    words = f"{read} files read, {quick} of them the quick way; {loaded} repositories loaded; all held"
    sys.stdout.write(f"{words}; the slowest took {slowest:.2f} s\n")
    return 0


def _document(pick: random.Random) -> bytes:
    """A good file of the minimal repository with a few bytes of another, which gets further than the reader of YAML."""
    data = bytearray(MINIMAL[pick.choice(sorted(MINIMAL))])
    for _ in range(pick.randint(1, 3)):
        at = pick.randrange(len(data))
        data[at : at + pick.randint(0, 4)] = any_bytes(pick)[: pick.randint(0, 12)]
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
