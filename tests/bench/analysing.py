"""The analysis of routing over 10,000 templates, against a tenth of them: the cost is to be linear."""

from __future__ import annotations

import time

from runner.engine.routing import RoutingTable
from tests.bench.house import revision
from tests.bench.measuring import Figure, interleaved
from tests.bench.routing import many
from validators.check.routing import analyse_table

__all__ = ["figures"]


def figures(rounds: int, count: int = 10_000) -> list[Figure]:
    """Every template, its peers and the fallback, for each template on average."""
    large, few = many(count), many(count // 10)
    ours, reference = interleaved(lambda: _each(large), lambda: _each(few), rounds)
    what = f"analyse the routing, {count:,} templates, each"
    return [Figure(what, ours, reference, f"the same with {count // 10:,}", "us", "linear", ours <= 2 * reference)]


def _each(routing: RoutingTable) -> float:
    """Processor seconds for one template, since wall time on a shared machine is mostly that of others."""
    fields = revision().policies.fields.fields
    begun = time.process_time()
    found = analyse_table(routing, fields)
    if found.unmatched is None:
        raise RuntimeError("the example of the fallback was not found")
    return (time.process_time() - begun) / len(routing.entries)
