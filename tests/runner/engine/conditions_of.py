"""Random conditions and readings over a handful of fields; and a second, plainer evaluation to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from hypothesis import strategies as st

from runner.contract.conditions import (
    All,
    Any_,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    Not,
    TimeFrom,
    Was,
)
from runner.contract.policies import TicketField
from runner.contract.values import format_instant
from runner.engine.conditions import Value
from tests.runner.engine.worlds import T0

STATES, RANKS = ("new", "open", "pending", "solved"), ("low", "mid", "high")
FIELDS: Mapping[str, TicketField] = {
    "status": TicketField(type="choice", summary="State.", values=STATES),
    "priority": TicketField(type="choice", summary="Priority.", values=RANKS, ordered=True),
    "amount": TicketField(type="number", summary="Money."),
    "vip": TicketField(type="boolean", summary="Important."),
    "due": TicketField(type="instant", summary="The SLA."),
    "title": TicketField(type="text", summary="Title."),
    "holder": TicketField(type="person", summary="Holder."),
}
INSTANTS = [format_instant(T0 + timedelta(seconds=seconds)) for seconds in (-3600, 0, 1, 1800, 86400)]
DOMAINS: Mapping[str, tuple[Value, ...]] = {
    "status": STATES,
    "priority": RANKS,
    "amount": (0, 1, 10, 99.5),
    "vip": (True, False),
    "due": tuple(INSTANTS),
    "title": ("", "Invoice wrong", "late INVOICE", "x"),
    "holder": ("ann", "ben"),
}
SECONDS = st.sampled_from((0, 1, 1800, 3600, 86400))


@st.composite
def _listed(draw: st.DrawFn) -> tuple[str, tuple[str | int | float | bool, ...]]:
    name = draw(st.sampled_from(("status", "priority", "amount", "vip", "holder")))
    values = draw(st.lists(st.sampled_from(DOMAINS[name]), min_size=1, max_size=3, unique=True))
    return name, tuple(value for value in values if value is not None)


def atoms() -> st.SearchStrategy[Condition]:
    names = st.sampled_from(tuple(DOMAINS))
    ops = st.sampled_from(("more_than", "at_least", "less_than", "at_most"))
    return st.one_of(
        _listed().map(lambda pair: In(*pair)),
        _listed().map(lambda pair: In(*pair)),
        _listed().map(lambda pair: Was(*pair)),
        st.tuples(_listed(), SECONDS).map(lambda each: HeldFor(*each[0], each[1])),
        names.map(IsSet),
        names.map(Changed),
        st.builds(Compare, st.just("priority"), ops, st.sampled_from(RANKS), st.just(RANKS)),
        st.builds(Compare, st.just("amount"), ops, st.sampled_from((0, 10))),
        st.builds(Contains, st.just("title"), st.sampled_from(("invoice", "X"))),
        st.builds(Like, st.sampled_from(("title", "holder")), st.sampled_from(("*invoice*", "a?n", "*"))),
        st.builds(TimeFrom, st.just("due"), st.one_of(SECONDS, SECONDS.map(int.__neg__))),
    )


def conditions(leaves: int = 6) -> st.SearchStrategy[Condition]:
    return composed(atoms(), leaves)


def composed(simple: st.SearchStrategy[Condition], leaves: int) -> st.SearchStrategy[Condition]:
    """Conditions made of simple ones by all, any and not."""

    def deeper(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(parts.map(All), parts.map(All), parts.map(Any_), inner.map(Not))

    return st.recursive(simple, deeper, max_leaves=leaves)


def readings() -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in DOMAINS.items()})


def plainly(  # noqa: PLR0912 - one line for each sort of condition
    condition: Condition,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    changed: Mapping[str, datetime],
    now: datetime,
) -> bool:
    """The condition evaluated as its words say, without closures and without an index."""

    def again(part: Condition) -> bool:
        return plainly(part, before, after, changed, now)

    match condition:
        case All(parts):
            return all(map(again, parts))
        case Any_(parts):
            return any(map(again, parts))
        case Not(part):
            return not again(part)
        case Was(field, values):
            return before.get(field) is not None and before.get(field) in values
        case Changed(field):
            return before.get(field) != after.get(field)
    value = after.get(condition.field)
    if value is None:
        return False
    match condition:
        case In(_, values):
            return value in values
        case IsSet():
            return True
        case Contains(_, text):
            return text.casefold() in str(value).casefold()
        case Like(_, glob):
            return fnmatchcase(str(value).casefold(), glob.casefold())
        case TimeFrom(_, seconds):
            return (now - datetime.fromisoformat(str(value))).total_seconds() > seconds
        case HeldFor(field, values, seconds):
            return value in values and field in changed and (now - changed[field]).total_seconds() > seconds
        case Compare(_, op, bound, ranks):
            left = ranks.index(str(value)) if ranks else float(str(value))
            right = ranks.index(str(bound)) if ranks else float(str(bound))
            return {"more_than": left > right, "at_least": left >= right, "less_than": left < right}.get(
                op, left <= right
            )
    raise AssertionError(condition)
