"""What was most likely meant by a piece of a condition that does not fit: an amount, an operator, several values.

Only words for a help text; decides nothing about what a condition means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from runner.contract.misfit import did_you_mean
from runner.contract.policies import TicketField

__all__ = ["operator_meant", "several_meant", "value_of_another", "written_as_number"]

_NUMBER = re.compile(
    r"(?P<sign>>=|<=|!=|<>|==?|>|<|≥|≤)?\s*(?:EUR|USD|GBP|CHF|[€$£])?\s*(?P<number>[0-9][0-9.,_' \u00a0\u202f]*)"
    r"\s*(?:[A-Za-z%€$£]{1,4})?"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,_' \u00a0\u202f][0-9]{3})+")
_SEPARATORS = re.compile(r"\s*(?:,|;|/|\|+|\b(?:or|and|oder|und)\b)\s*", re.IGNORECASE)
_FOREIGN: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "more_than": (">", "gt", "above", "over", "more", "greater", "greater_than", "larger_than", "exceeds", "after"),
        "at_least": (">=", "≥", "gte", "ge", "min", "minimum", "from", "not_less_than"),
        "less_than": ("<", "lt", "below", "under", "less", "smaller_than", "before"),
        "at_most": ("<=", "≤", "lte", "le", "max", "maximum", "up_to", "not_more_than"),
        "is": ("=", "==", "eq", "equals", "equal", "equal_to", "in", "one_of", "any_of", "any", "value", "values"),
        "not": ("!=", "<>", "ne", "neq", "is_not", "not_in", "not_equal", "none_of", "except"),
        "contains": ("includes", "has", "include", "contain"),
        "like": ("matches", "match", "glob", "pattern", "starts_with", "ends_with"),
        "set": ("exists", "present", "is_set", "not_empty", "filled"),
        "changed": ("changes", "has_changed", "changed_to"),
        "was": ("before_was", "changed_from", "previous"),
        "past_by": ("older_than", "overdue_by", "since", "ago"),
        "due_within": ("due_in", "within", "soon"),
        "for": ("since_at_least", "during"),
    }
)
"""For each operator what other languages, and people in a hurry, write for it."""
_OPERATORS = {word: operator for operator, every in _FOREIGN.items() for word in every}


def operator_meant(written: str, fit: Collection[str]) -> str:
    """`did you mean …? ` for the operator, among those that fit, that goes by another name elsewhere; or nothing."""
    meant = _OPERATORS.get(re.sub(r"[-\s]+", "_", written.strip().casefold()))
    return f"did you mean `{meant}`? " if meant in fit else did_you_mean(written, fit)


def written_as_number(name: str, written: object) -> str:
    """How to write the amount that stands in a text, such as `> 5.000 EUR`; general advice if there is none."""
    found = _NUMBER.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        return "write digits without quotes"
    digits = _plain_digits(found["number"].rstrip(" \u00a0\u202f"))
    operator = _OPERATORS.get(found["sign"] or "=", "is")
    if operator != "is":
        return f"write {{{name}: {{{operator}: {digits}}}}}"
    advice = f"write digits without quotes, unit or marks between them: {digits}"
    return f"{advice}; for everything above it write {{{name}: {{more_than: {digits}}}}}"


def several_meant(name: str, written: object, values: Collection[str]) -> str:
    """How to write several values that stand in one text, such as `high or urgent`; nothing if they do not."""
    parts = _SEPARATORS.split(written.strip()) if isinstance(written, str) else []
    if len(parts) > 1 and all(part in values for part in parts):
        return f"several values stand in brackets: {name}: [{', '.join(parts)}]. "
    return ""


def value_of_another(written: str, beside: Mapping[str, object], fields: Mapping[str, TicketField]) -> str:
    """How to write a value that a comma has made a field of its own, as in `priority: high, urgent`; or nothing."""
    for name, value in beside.items():
        field = fields.get(name)
        if field is not None and written in field.values and isinstance(value, str) and beside[written] is None:
            return f"several values of `{name}` stand in brackets: {name}: [{value}, {written}]"
    return ""


def _plain_digits(number: str) -> str:
    """The digits of an amount with its thousands together and a dot before its fraction."""
    if _GROUPED.fullmatch(number):
        return re.sub(r"[^0-9]", "", number)
    whole, mark, fraction = re.sub(r"[_' \u00a0\u202f]", "", number.rstrip(".,")).rpartition(
        max(".,", key=number.rfind)
    )
    return re.sub(r"[.,]", "", whole) + (f".{fraction}" if mark and whole else fraction)
