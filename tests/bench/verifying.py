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
from validators.verify.explore import START
from validators.verify.moves import openings
from validators.verify.oracle import Oracle, References, Tape
from validators.verify.parts import ownership
from validators.verify.several import verdicts
from validators.verify.verdict import Request

__all__ = ["figures"]

_RATE = 15_000
_SECONDS, _SET = 5.0, 60.0
_MEMORY_MB = 2048
_JOBS = 2


def figures() -> list[Figure]:
    """As `surety verify --no-cache` does it: the parts of one template after the other, on two cores."""
    contracts = [contract for _, contract in sorted(revision().contracts.items())]
    request = Request(2_000_000, 600.0, (), None, time.monotonic)
    begun, before = time.monotonic(), _processor_seconds()
    found = [*verdicts(contracts, request, _JOBS)]
    wall, used = time.monotonic() - begun, _processor_seconds() - before
    lines = []
    for each in found:
        what = f"verify {each.template}: {each.result.value}, {each.states:,} states, {each.transitions:,} transitions"
        lines.append(Figure(what, each.seconds, _SECONDS, "its budget", "s", "5 s", each.seconds <= _SECONDS))
    lines.append(Figure("verify the shipped set", wall, _SET, "its budget", "s", "60 s", wall <= _SET))
    transitions, bare = sum(each.transitions for each in found), 1 / _bare_decision()
    rates = (("", wall, _JOBS), (", of processor time", used, 1))
    for words, seconds, cores in rates:
        rate, against = transitions / seconds, f"bare decisions of an opening, on {cores} cores"
        kept = rate >= _RATE if not words else None
        lines.append(Figure(f"transitions a second{words}", rate, bare * cores, against, "/s", "15,000 /s", kept))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    sys.stdout.write(f"memory of one of {_JOBS} processes at most: {memory:.0f} MB; for all {_MEMORY_MB} MB\n")
    return lines


def _processor_seconds() -> float:
    """Of this process and of those that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _bare_decision() -> float:
    """Seconds of one decision without anything around it."""
    contract = ownership(revision().contracts["fallback"]).contract
    refs, args = References(contract), next(iter(openings(contract, START)))[1]
    command = cmd.Command(id="e", actor="surety:routing", source="bench", args=args)
    now = START + timedelta(seconds=1)

    def once() -> object:
        return drafted(contract, None, command, Oracle(now, Tape([]), refs), asks=False)

    return each_seconds(once, 2000)
