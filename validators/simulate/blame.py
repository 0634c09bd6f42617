"""Which part of a condition does not hold, and why: the first one, in the order in which it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.contract.condition_reader import ConditionReader
from runner.contract.policies import TicketField
from runner.engine.conditions import Facts, Hours, compile_condition

__all__ = ["Failing", "first_failing"]


@dataclass(frozen=True, slots=True)
class Failing:
    """A part that does not hold: its path below the condition, and why in words."""

    path: tuple[str | int, ...]
    why: str


@dataclass(frozen=True, slots=True)
class _Look:
    """What conditions are judged by."""

    fields: Mapping[str, TicketField]
    facts: Facts
    hours: Hours

    def holds(self, plain: Mapping[str, Any]) -> bool:
        return compile_condition(ConditionReader(self.fields).read(plain), self.hours)(self.facts)


def first_failing(
    fields: Mapping[str, TicketField], plain: Mapping[str, Any], facts: Facts, hours: Hours
) -> Failing | None:
    """The first part of a valid condition, as written, that does not hold; None if all do."""
    return _failing(_Look(fields, facts, hours), plain)


def _failing(look: _Look, plain: Mapping[str, Any]) -> Failing | None:
    for key, value in plain.items():
        if not look.holds({key: value}):
            return _part(look, key, value)
    return None


def _part(look: _Look, key: str, value: Any) -> Failing:  # noqa: ANN401 - YAML
    facts = look.facts
    match key:
        case "all":
            for index, part in enumerate(value):
                inner = _failing(look, part)
                if inner is not None:
                    return Failing((key, index, *inner.path), inner.why)
            return Failing((key,), "it does not hold")
        case "any":
            first = _failing(look, value[0])
            why = first.why if first is not None else ""
            return Failing((key,), f"none of {len(value)} alternatives holds; the first: {why}")
        case "not":
            excluded = ", ".join(f"{name} is {_shown(facts.after.get(name))}" for name in value if name in look.fields)
            return Failing((key,), f"it excludes what the ticket is: {excluded}" if excluded else "it is excluded")
    if not isinstance(value, Mapping):
        return Failing((key,), f"{key} must be {_listed(value)}, and it {_is(facts, key)}")
    for operator, operand in value.items():
        single = {operator: operand} if operator != "is" or "for" not in value else dict(value)
        if operator != "for" and not look.holds({key: single}):
            return Failing((key, operator), _operator(key, operator, operand, value, facts))
    return Failing((key,), f"{key} {_is(facts, key)}")


def _operator(key: str, operator: str, operand: Any, value: Mapping[str, Any], facts: Facts) -> str:  # noqa: ANN401
    now = _is(facts, key)
    match operator:
        case "is":
            held = f" for more than {_span(value['for'])}" if "for" in value else ""
            return f"{key} must be {_listed(operand)}{held}, and it {now}"
        case "not":
            return f"{key} must not be {_listed(operand)}, and it {now}"
        case "set":
            return f"{key} must {'have a' if operand else 'have no'} value, and it {now}"
        case "changed":
            return f"{key} must {'have changed' if operand else 'be unchanged'}, and it {now}"
        case "was":
            return f"{key} must have been {_listed(operand)}, and it was {_shown(facts.before.get(key))}"
        case "past_by":
            return f"{key} must be past by more than {_span(operand)}, and it {now}"
        case "due_within":
            return f"{key} must be due within {_span(operand)}, and it {now}"
        case _:
            words = {"contains": "contain", "like": "be like"}.get(operator, f"be {operator.replace('_', ' ')}")
            return f"{key} must {words} {_shown(operand)}, and it {now}"


def _span(written: Any) -> str:  # noqa: ANN401 - YAML
    if not isinstance(written, Mapping):
        return str(written)
    return f"{written['time']} of {written['calendar']}" if "calendar" in written else str(written["time"])


def _is(facts: Facts, key: str) -> str:
    value = facts.after.get(key)
    return "has no value" if value is None else f"is {_shown(value)}"


def _listed(value: Any) -> str:  # noqa: ANN401 - YAML
    return " or ".join(map(_shown, value)) if isinstance(value, list) else _shown(value)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)
