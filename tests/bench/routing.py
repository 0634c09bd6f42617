"""Routing one ticket among few and among many templates: the cost is not to grow with their number."""

from __future__ import annotations

from runner.contract.conditions import All, Changed, In, IsSet, Not
from runner.engine.observation import Observation, observe
from runner.engine.routing import Entry, Match, RoutingTable, route
from tests.bench.house import START, readings, revision
from tests.bench.measuring import Figure, each_seconds, interleaved

__all__ = ["figures", "many"]

_BUDGET = 10e-6
_FEW, _MANY = 100, 10_000
_ON = frozenset(("ticket.created", "ticket.updated"))


def many(count: int) -> RoutingTable:
    """So many templates, each for one account and one type, as an agency has them; the ticket is the last one's."""
    entries = [
        Entry(
            f"template-{number}",
            _ON,
            All((In("account.name", (_account(number, count),)), In("type", ("billing",)), Changed("priority"))),
        )
        for number in range(count)
    ]
    rest = Entry("rest", _ON, IsSet("created_at"))
    return RoutingTable(Not(In("status", ("solved", "closed"))), [*entries, rest], "rest")


def _account(number: int, count: int) -> str:
    return "Customer" if number == count - 1 else f"Customer {number}"


def figures(rounds: int, times: int) -> list[Figure]:
    """One ticket through 10,000 templates, against the same ticket through 100."""
    seen = observe(revision().policies.fields.fields, None, readings(1)[0], START)
    few, large = many(_FEW), many(_MANY)
    for size, each in ((_FEW, few), (_MANY, large)):
        if route(each, seen, START) != Match(f"template-{size - 1}"):
            raise RuntimeError("the ticket was routed elsewhere")
    ours, reference = interleaved(lambda: _timed(large, seen, times), lambda: _timed(few, seen, times), rounds)
    what, against = f"route a ticket, {_MANY:,} templates", f"the same with {_FEW} templates"
    return [Figure(what, ours, reference, against, "us", "10 µs", max(ours, reference) <= _BUDGET)]


def _timed(each: RoutingTable, seen: Observation, times: int) -> float:
    return each_seconds(lambda: route(each, seen, START), times)
