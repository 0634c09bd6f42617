"""Exploring the shipped templates: transitions a second against bare decisions, seconds, states and memory of each."""

from __future__ import annotations

import resource
import sys
import time
from datetime import timedelta

from runner.engine import commands as cmd
from runner.engine.decide import drafted
from tests.bench.house import revision
from tests.bench.measuring import Figure, each_seconds
from validators.verify import verify
from validators.verify.explore import START
from validators.verify.moves import openings
from validators.verify.oracle import Oracle, References, Tape
from validators.verify.parts import ownership

__all__ = ["figures"]

_RATE = 15_000
_SECONDS, _SET = 5.0, 60.0
_MEMORY_MB = 2048


def figures() -> list[Figure]:
    """Processor time, because wall time on a shared machine is mostly that of others; each template in this process."""
    found, transitions, seconds = [], 0, 0.0
    for name, contract in sorted(revision().contracts.items()):
        verdict = verify(contract, clock=time.process_time, seconds=600)
        transitions, seconds = transitions + verdict.transitions, seconds + verdict.seconds
        what = f"verify {name}: {verdict.result.value}, {verdict.states:,} states, {verdict.transitions:,} transitions"
        found.append(Figure(what, verdict.seconds, _SECONDS, "its budget", "s", "5 s", verdict.seconds <= _SECONDS))
    found.append(Figure("verify the shipped set, one core", seconds, _SET, "its budget", "s", "60 s", seconds <= _SET))
    rate, bare = transitions / seconds, 1 / _bare_decision()
    against = "bare decisions of an opening"
    found.append(Figure("transitions a second", rate, bare, against, "/s", "15,000 /s", rate >= _RATE))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    sys.stdout.write(f"memory at most: {memory:.0f} MB of {_MEMORY_MB} MB\n")
    return found


def _bare_decision() -> float:
    """Seconds of one decision without anything around it."""
    contract = ownership(revision().contracts["fallback"]).contract
    refs, args = References(contract), next(iter(openings(contract, START)))[1]
    command = cmd.Command(id="e", actor="surety:routing", source="bench", args=args)
    now = START + timedelta(seconds=1)

    def once() -> object:
        return drafted(contract, None, command, Oracle(now, Tape([]), refs), asks=False)

    return each_seconds(once, 2000)
