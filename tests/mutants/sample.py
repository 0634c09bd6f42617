"""Some mutants of the engine that every run of the suite tries again, by the scenario or the part that finds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.by_exploring import breaks, grounds
from tests.mutants.kills import KIND_ORDER, Kill, read_kills
from tests.mutants.kinds import planted, steady

__all__ = ["SAMPLE", "Sampled", "choose", "sampled"]

SAMPLE = Path(__file__).parent / "engine_sample.json"
BY_SCENARIO, BY_PART = 3, 2
"""Of each kind so many."""


@dataclass(frozen=True)
class Sampled:
    """A mutant by its steady name; the scenario that fails, or the part in which a property is broken."""

    id: str
    scenario: str = ""
    part: str = ""
    property: str = ""


def sampled() -> list[Sampled]:
    """Those that are checked in."""
    return [Sampled(**each) for each in json.loads(SAMPLE.read_text(encoding="utf-8"))]


def choose() -> list[Sampled]:
    """Choose anew, from different functions and different scenarios and parts; nothing that does not end."""
    found = [*_by_scenarios(), *_by_parts()]
    rows = [json.dumps({key: value for key, value in vars(each).items() if value}) for each in found]
    SAMPLE.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
    return found


def _by_scenarios() -> Iterator[Sampled]:
    used: set[str] = set()
    for kind in KIND_ORDER:
        mine = [each for each in _here() if each.kind == kind and each.test and "/" in each.test]
        fresh = sorted(mine, key=lambda each: each.test in used)[:BY_SCENARIO]
        used.update(each.test or "" for each in fresh)
        yield from (Sampled(each.id, scenario=each.test or "") for each in fresh)


def _by_parts() -> Iterator[Sampled]:
    """Only what is still found in the part in which it was."""
    parts, mutants = grounds(), steady()
    names = sorted(parts, key=len, reverse=True)
    for kind in KIND_ORDER:
        found = 0
        for each in [each for each in _here() if each.kind == kind and each.verify not in (None, "total", "loops")]:
            part = next((name for name in names if each.seen.startswith(f"{name}: ")), None)
            if part is None or found == BY_PART:
                continue
            with planted(mutants[each.id]):
                seen = breaks(parts[part])
            if seen is not None:
                found += 1
                yield Sampled(each.id, part=part, property=seen[0])


def _here() -> list[Kill]:
    """What is known of mutants that there still are."""
    there = steady()
    return [each for each in read_kills().values() if each.id in there]
