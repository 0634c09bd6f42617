"""Reading conditions from plain data against declared fields, with findings that say what to do. Evaluates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    Scalar,
    TimeFrom,
    Was,
)
from runner.contract.diagnostic import nearest
from runner.contract.policies import TicketField
from runner.contract.values import format_instant, parse_duration, parse_instant

__all__ = ["BUILTIN_FIELDS", "ConditionReader", "Problem"]

BUILTIN_FIELDS: Mapping[str, TicketField] = {
    name: TicketField(type="instant", summary=text)
    for name, text in {
        "created_at": "When the ticket was created.",
        "updated_at": "When the ticket was last changed.",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding in a condition: where (path below the condition), what, and what to do."""

    path: tuple[str | int, ...]
    message: str
    help: str


_COMPARISONS = ("more_than", "at_least", "less_than", "at_most")
_OPERATORS = {
    "is": ("choice", "number", "boolean", "text", "person"),
    "not": ("choice", "number", "boolean", "text", "person"),
    "more_than": ("number", "choice", "instant"),
    "at_least": ("number", "choice", "instant"),
    "less_than": ("number", "choice", "instant"),
    "at_most": ("number", "choice", "instant"),
    "contains": ("text",),
    "like": ("text", "person"),
    "set": ("choice", "number", "boolean", "text", "person", "instant"),
    "changed": ("choice", "number", "boolean", "text", "person", "instant"),
    "was": ("choice", "number", "boolean", "text", "person"),
    "past_by": ("instant",),
    "due_within": ("instant",),
    "for": ("choice", "number", "boolean", "text", "person"),
}
_MAX_DEPTH = 12


class ConditionReader:
    """Reads conditions against declared fields and collects what is wrong with them."""

    def __init__(self, fields: Mapping[str, TicketField]) -> None:
        self.fields = {**BUILTIN_FIELDS, **fields}
        self.problems: list[Problem] = []

    def read(self, plain: object, path: tuple[str | int, ...] = ()) -> Condition:
        """The condition; where something is wrong, a problem is noted and that part is left out."""
        if len(path) > 2 * _MAX_DEPTH:
            return self._wrong(path, "this condition is nested too deeply", f"at most {_MAX_DEPTH} levels")
        if not isinstance(plain, Mapping) or not plain:
            return self._wrong(
                path, f"a condition is a mapping of fields, found {_show(plain)}", "write {priority: high}"
            )
        return _all([self._entry(str(key), value, (*path, str(key))) for key, value in plain.items()])

    def _entry(self, key: str, value: object, path: tuple[str | int, ...]) -> Condition:
        if key in ("all", "any"):
            if not isinstance(value, list | tuple) or not value:
                return self._wrong(path, f"`{key}` holds a list of conditions", f"write {key}: [{{…}}, {{…}}]")
            parts = [self.read(part, (*path, index)) for index, part in enumerate(value)]
            return _all(parts) if key == "all" else Any_(tuple(parts))
        if key == "not":
            return Not(self.read(value, path))
        field = self.fields.get(key)
        if field is None:
            near = nearest(key, self.fields)
            hint = f"did you mean `{near}`?" if near else f"declared fields: {', '.join(sorted(self.fields))}"
            return self._wrong(
                path, f"there is no ticket field `{key}`", f"{hint} Fields are declared in policies/fields.yaml."
            )
        if isinstance(value, Mapping):
            return self._operators(key, field, value, path)
        return In(key, self._values(key, field, value, path))

    def _operators(
        self, name: str, field: TicketField, value: Mapping[object, object], path: tuple[str | int, ...]
    ) -> Condition:
        parts: list[Condition] = []
        for raw, operand in value.items():
            op = str(raw)
            here = (*path, op)
            allowed = _OPERATORS.get(op)
            if allowed is None:
                near = nearest(op, _OPERATORS)
                hint = f"did you mean `{near}`?" if near else f"operators: {', '.join(_OPERATORS)}"
                self._wrong(here, f"`{op}` is not an operator", hint)
            elif field.type not in allowed:
                fit = [key for key, types in _OPERATORS.items() if field.type in types]
                self._wrong(
                    here, f"`{op}` does not work on `{name}`, which is a {field.type}", f"here: {', '.join(fit)}"
                )
            elif op == "for":
                if "is" not in value:
                    self._wrong(
                        here, "`for` needs `is`: which value is held?", "write {status: {is: pending, for: 48h}}"
                    )
            else:
                parts.append(self._operator(name, field, op, operand, value, here))
        if not parts and not self.problems:
            self._wrong(path, f"`{name}` has no condition", f"operators: {', '.join(_OPERATORS)}")
        return _all(parts)

    def _operator(
        self,
        name: str,
        field: TicketField,
        op: str,
        operand: object,
        siblings: Mapping[object, object],
        path: tuple[str | int, ...],
    ) -> Condition:
        if op == "is":
            values = self._values(name, field, operand, path)
            if "for" in siblings:
                return HeldFor(name, values, self._seconds(siblings["for"], (*path[:-1], "for")))
            return In(name, values)
        if op == "not":
            return Not(In(name, self._values(name, field, operand, path)))
        if op == "was":
            return Was(name, self._values(name, field, operand, path))
        if op in ("set", "changed"):
            if not isinstance(operand, bool):
                return self._wrong(
                    path, f"`{op}` is true or false, found {_show(operand)}", f"write {{{name}: {{{op}: true}}}}"
                )
            atom: Condition = IsSet(name) if op == "set" else Changed(name)
            return atom if operand else Not(atom)
        if op in ("contains", "like"):
            if not isinstance(operand, str) or not operand:
                return self._wrong(path, f"`{op}` needs a text, found {_show(operand)}", "put it in quotes")
            return Contains(name, operand) if op == "contains" else Like(name, operand)
        if op == "past_by":
            return TimeFrom(name, self._seconds(operand, path))
        if op == "due_within":
            return TimeFrom(name, -self._seconds(operand, path))
        return self._comparison(name, field, op, operand, path)

    def _comparison(
        self, name: str, field: TicketField, op: str, operand: object, path: tuple[str | int, ...]
    ) -> Condition:
        if field.type == "choice" and not field.ordered:
            return self._wrong(
                path,
                f"the values of `{name}` have no order",
                "set `ordered: true` in policies/fields.yaml, or list the values",
            )
        (value,) = self._values(name, field, operand, path, single=True) or ("",)
        return Compare(name, op, value, field.values)  # type: ignore[arg-type]

    def _seconds(self, operand: object, path: tuple[str | int, ...]) -> int:
        if operand in ("0m", "0s", "0h"):
            return 0
        try:
            return parse_duration(operand)
        except ValueError as error:
            self._wrong(path, str(error), "write for example 30m")
            return 0

    def _values(
        self, name: str, field: TicketField, operand: object, path: tuple[str | int, ...], *, single: bool = False
    ) -> tuple[Scalar, ...]:
        given = list(operand) if isinstance(operand, list | tuple) and not single else [operand]
        if not given:
            self._wrong(path, f"the list of values for `{name}` is empty", "name at least one value")
        values: list[Scalar] = []
        for index, value in enumerate(given):
            here = (*path, index) if isinstance(operand, list | tuple) else path
            good = self._value(name, field, value, here)
            if good is not None:
                values.append(good)
        return tuple(values)

    def _value(self, name: str, field: TicketField, value: object, path: tuple[str | int, ...]) -> Scalar | None:
        if field.type == "choice":
            if isinstance(value, str) and value in field.values:
                return value
            near = nearest(str(value), field.values)
            hint = f"did you mean `{near}`? " if near else ""
            self._wrong(path, f"{_show(value)} is not a value of `{name}`", f"{hint}allowed: {', '.join(field.values)}")
        elif field.type == "number":
            if isinstance(value, int | float) and not isinstance(value, bool):
                return value
            self._wrong(path, f"`{name}` is a number, found {_show(value)}", "write digits without quotes")
        elif field.type == "boolean":
            if isinstance(value, bool):
                return value
            self._wrong(path, f"`{name}` is true or false, found {_show(value)}", "write true or false")
        elif field.type == "instant":
            try:
                return format_instant(parse_instant(value))
            except ValueError as error:
                self._wrong(path, str(error), "")
        elif isinstance(value, str):
            return value
        else:
            self._wrong(path, f"`{name}` is a {field.type}, found {_show(value)}", "put the value in quotes")
        return None

    def _wrong(self, path: tuple[str | int, ...], message: str, help_text: str) -> All:
        self.problems.append(Problem(path, message, help_text))
        return All(())


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _show(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
