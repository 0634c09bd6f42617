"""A program that writes to a store until it is killed: `python -m tests.runner.store.writer FILE HOW`.

Each transaction is one decision on each of four escalations with two effects; its number is printed after it was
committed. HOW is `run`, or `die N`: end without warning inside transaction N, after its last statement.
"""

from __future__ import annotations

import os
import sys

from runner.store import SqliteStore
from tests.runner.store.rows import activate, append, at, case, effect

ESCALATIONS = ("e1", "e2", "e3", "e4")


def main() -> None:
    store = SqliteStore.open(sys.argv[1])
    die_in = int(sys.argv[3]) if sys.argv[2] == "die" else None
    with store.transaction() as write:
        if write.active() is None:
            activate(write)
        first = write.stream("e1")
    seq = 1 if first is None else first.seq + 1
    while True:
        with store.transaction() as write:
            for name in ESCALATIONS:
                append(write, name, seq, due=at(seq), effects=[effect(), effect("record", "ticket")])
                write.put_case(case(f"T-{name}", at(seq)))
            if seq == die_in:
                os._exit(9)
        print(seq, flush=True)
        seq += 1


if __name__ == "__main__":
    main()
