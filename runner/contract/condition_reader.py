"""Reading conditions from plain data against declared fields, with findings that say what to do. Evaluates nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from runner.contract.condition_advice import operator_meant, several_meant, value_of_another, written_as_number
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
from runner.contract.documents import Documents
from runner.contract.misfit import Unfit, described, did_you_mean, shown
from runner.contract.policies import Calendars, Fields, TicketField
from runner.contract.values import format_instant, parse_duration, parse_instant

__all__ = ["BUILTIN_FIELDS", "OPERATORS", "ConditionReader", "Problem", "declared_reader"]

BUILTIN_FIELDS: Mapping[str, TicketField] = {
    name: TicketField(type="instant", summary=text)
    for name, text in {
        "created_at": "When the ticket was created.",
        "updated_at": "When the ticket was last changed.",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding in a condition: where (path below the condition, or its last key), what, and what to do."""

    path: tuple[str | int, ...]
    message: str
    help: str
    key: bool = False
    code: str = "SUR204"


OPERATORS: Mapping[str, tuple[str, ...]] = {
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
"""The operators of conditions, each with the types of field it works on."""
_SPAN = ("time", "calendar")
_MAX_DEPTH = 12
_ZERO = frozenset(("0s", "0m", "0h", "0d"))
_EXAMPLE = "write for example {priority: [high, urgent]}"


class ConditionReader:
    """Reads conditions against declared fields and collects what is wrong with them."""

    def __init__(self, fields: Mapping[str, TicketField], calendars: Collection[str] | None = None) -> None:
        self.fields = {**BUILTIN_FIELDS, **fields}
        self.calendars = calendars
        """Names of calendars; None if nobody can say which there are, so that any is believed."""
        self.problems: list[Problem] = []

    def read(self, plain: object, path: tuple[str | int, ...] = ()) -> Condition:
        """The condition; where something is wrong, a problem is noted and that part is left out."""
        if len(path) > 2 * _MAX_DEPTH:
            help_text = f"write it flatter; at most {_MAX_DEPTH} conditions may stand inside each other"
            return self._wrong(path, "this condition is nested too deeply", help_text)
        if not isinstance(plain, Mapping):
            return self._wrong(path, f"a condition is a mapping of fields, found {described(plain)}", _EXAMPLE)
        if not plain:
            return self._wrong(path, "this condition is empty", _EXAMPLE)
        # By name, so that the order in the file does not change the contract.
        return _all([self._entry(key, plain, (*path, key)) for key in sorted(plain)])

    def _entry(self, key: str, around: Mapping[str, object], path: tuple[str | int, ...]) -> Condition:
        value = around[key]
        if key in ("all", "any"):
            if not isinstance(value, list | tuple) or not value:
                message = f"`{key}` holds a list of conditions, found {described(value)}"
                return self._wrong(path, message, f"write {key}: [{{…}}, {{…}}]")
            parts = [self.read(part, (*path, index)) for index, part in enumerate(value)]
            return _all(parts) if key == "all" else Any_(tuple(parts))
        if key == "not":
            return Not(self.read(value, path))
        field = self.fields.get(key)
        if field is None:
            known = f"{did_you_mean(key, self.fields)}fields of the Fields policy: {', '.join(sorted(self.fields))}"
            help_text = value_of_another(key, around, self.fields) or known
            return self._wrong(path, f"there is no ticket field `{key}`", help_text, key=True)
        if isinstance(value, Mapping):
            return self._operators(key, field, value, path)
        return In(key, self._values(key, field, value, path))

    def _operators(
        self, name: str, field: TicketField, value: Mapping[str, object], path: tuple[str | int, ...]
    ) -> Condition:
        fit = [op for op, types in OPERATORS.items() if field.type in types]
        known = f"{_a(field.type)} takes {', '.join(fit)}"
        if not value:
            return self._wrong(path, f"nothing is asked of `{name}`", known)
        parts: list[Condition] = []
        for op in sorted(value):
            here = (*path, op)
            if op not in OPERATORS:
                hint = operator_meant(op, fit)
                if op in field.values and value[op] is None:  # a comma has made it a key: {not: high, urgent}
                    hint = "several values stand in brackets, as in {not: [one, two]}. "
                self._wrong(here, f"`{op}` is not an operator", f"{hint}{known}", key=True)
            elif op not in fit:
                self._wrong(here, f"`{op}` does not work on `{name}`, which is {_a(field.type)}", known, key=True)
            elif op != "for":
                parts.append(self._operator(name, field, op, value, here))
            elif "is" not in value:
                help_text = f"write for example {{{name}: {{is: …, for: 48h}}}}"
                self._wrong(here, "`for` says how long, but not which value", help_text, key=True)
        return _all(parts)

    def _operator(
        self,
        name: str,
        field: TicketField,
        op: str,
        value: Mapping[str, object],
        path: tuple[str | int, ...],
    ) -> Condition:
        operand = value[op]
        if op == "is":
            values = self._values(name, field, operand, path)
            if "for" in value:
                return HeldFor(name, values, *self._span(value["for"], (*path[:-1], "for")))
            return In(name, values)
        if op == "not":
            return Not(In(name, self._values(name, field, operand, path)))
        if op == "was":
            return Was(name, self._values(name, field, operand, path))
        if op in ("set", "changed"):
            if not isinstance(operand, bool):
                found = described(operand)
                return self._wrong(path, f"`{op}` is true or false, found {found}", f"write {{{name}: {{{op}: true}}}}")
            atom: Condition = IsSet(name) if op == "set" else Changed(name)
            return atom if operand else Not(atom)
        if op in ("contains", "like"):
            if not isinstance(operand, str) or not operand:
                return self._wrong(path, f"`{op}` needs a text, found {described(operand)}", "write it in quotes")
            return Contains(name, operand) if op == "contains" else Like(name, operand)
        if op in ("past_by", "due_within"):
            seconds, calendar = self._span(operand, path)
            return TimeFrom(name, seconds if op == "past_by" else -seconds, calendar)
        return self._comparison(name, field, op, operand, path)

    def _comparison(
        self, name: str, field: TicketField, op: str, operand: object, path: tuple[str | int, ...]
    ) -> Condition:
        if field.type == "choice" and not field.ordered:
            help_text = "list the values that you mean, or set ordered: true where the field is declared"
            message = f"the values of `{name}` have no order, so `{op}` means nothing"
            return self._wrong(path, message, help_text, key=True)
        value = self._value(name, field, operand, path)
        if value is None:
            return All(())
        return Compare(name, op, value, field.values)  # type: ignore[arg-type]

    def _span(self, operand: object, path: tuple[str | int, ...]) -> tuple[int, str | None]:
        """Seconds, and the calendar in which they are counted: `4h`, or `{time: 4h, calendar: support-hours}`."""
        if not isinstance(operand, Mapping):
            return self._seconds(operand, path), None
        for key in operand:
            if key not in _SPAN:
                help_text = f"{did_you_mean(key, _SPAN)}allowed: {', '.join(_SPAN)}"
                self._wrong((*path, key), f"unknown key `{key}`", help_text, key=True)
        if "time" not in operand:
            self._wrong(path, "the key `time` is missing", "write {time: 4h, calendar: NAME}", key=True)
            return 0, None
        seconds, calendar = self._seconds(operand["time"], (*path, "time")), operand.get("calendar")
        if calendar is None:
            return seconds, None
        if not isinstance(calendar, str) or (self.calendars is not None and calendar not in self.calendars):
            known = sorted(self.calendars or ())
            hint = did_you_mean(calendar, known) if isinstance(calendar, str) else ""
            help_text = f"{hint}known: {', '.join(known) or 'none; declare it in the Calendars policy'}"
            message = f"there is no calendar {shown(calendar)}"
            self._wrong((*path, "calendar"), message, help_text, code="SUR201")
            return seconds, None
        written = str(operand["time"])
        if written.endswith("d") and seconds:
            message = f"`{written}` counts {seconds // 3600} open hours of `{calendar}`, not working days"
            help_text = "write hours, for example 16h for two days of eight hours"
            self._wrong((*path, "time"), message, help_text, code="SUR305")
        return seconds, calendar

    def _seconds(self, operand: object, path: tuple[str | int, ...]) -> int:
        if isinstance(operand, str) and operand in _ZERO:
            return 0
        try:
            return parse_duration(operand)
        except Unfit as unfit:
            self._wrong(path, unfit.problem, unfit.advice)
            return 0

    def _values(
        self, name: str, field: TicketField, operand: object, path: tuple[str | int, ...]
    ) -> tuple[Scalar, ...]:
        if not isinstance(operand, list | tuple):
            values = [self._value(name, field, operand, path)]
        elif operand:
            values = [self._value(name, field, each, (*path, index)) for index, each in enumerate(operand)]
        else:
            self._wrong(path, f"the list of values for `{name}` is empty", "name at least one value")
            values = []
        return tuple(value for value in values if value is not None)

    def _value(self, name: str, field: TicketField, value: object, path: tuple[str | int, ...]) -> Scalar | None:
        found = described(value)
        if value is None:
            help_text = f"to ask whether it has none, write {{{name}: {{set: false}}}}"
            self._wrong(path, f"no value is given for `{name}`", help_text)
        elif field.type == "choice":
            if isinstance(value, str) and value in field.values:
                return value
            hint = several_meant(name, value, field.values)
            if not hint and isinstance(value, str):
                hint = did_you_mean(value, field.values)
            help_text = f"{hint}values: {', '.join(field.values)}; another one is added in the Fields policy"
            self._wrong(path, f"{shown(value)} is not a value of `{name}`", help_text)
        elif field.type == "number":
            if isinstance(value, int | float) and not isinstance(value, bool):
                return value
            self._wrong(path, f"`{name}` is a number, found {found}", written_as_number(name, value))
        elif field.type == "boolean":
            if isinstance(value, bool):
                return value
            self._wrong(path, f"`{name}` is true or false, found {found}", "write true or false, without quotes")
        elif field.type == "instant":
            try:
                return format_instant(parse_instant(value))
            except Unfit as unfit:
                help_text = f"{unfit.advice}; a time before or after now is asked with past_by or due_within"
                self._wrong(path, unfit.problem, help_text)
        elif isinstance(value, str):
            return value
        else:
            self._wrong(path, f"`{name}` is {_a(field.type)}, found {found}", "put the value in quotes")
        return None

    def _wrong(
        self, path: tuple[str | int, ...], message: str, help_text: str, *, key: bool = False, code: str = "SUR204"
    ) -> All:
        self.problems.append(Problem(path, message, help_text, key, code))
        return All(())


def declared_reader(documents: Documents) -> ConditionReader:
    """A reader by the fields and calendars that a repository declares.

    Without the policy of fields none is known, without that of calendars any is believed.
    """
    fields, calendars = documents.policy(Fields), documents.policy(Calendars)
    return ConditionReader(fields.fields if fields else {}, calendars.calendars if calendars else None)


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _a(sort: str) -> str:
    return f"an {sort}" if sort == "instant" else f"a {sort}"
