"""Why a value does not fit its model, in the words of gatekeepers: what was found, what is allowed, what to do.

Knows the models only through what pydantic says of them; no word of pydantic's own reaches a message.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from runner.contract.diagnostic import nearest
from runner.contract.forms import FORMS, NAME_PATTERN, descend, filled, is_model, options

__all__ = [
    "FORMS",
    "Unfit",
    "Words",
    "allowed_keys",
    "described",
    "did_you_mean",
    "listed",
    "shown",
    "suggested",
    "words",
]

Path = tuple[str | int, ...]
_LONGEST = 60  # characters of a value that a message quotes
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "ł": "l"})
_ITEM = re.compile(r"[A-Za-z][\w.-]*")
_SUGGESTION = re.compile(r"did you mean (?:`([^`]+)`|([0-9]+[smhd]))\? ")


class Unfit(ValueError):
    """A value that does not fit: `problem` says what is wrong, `advice` what to do; as text it is both.

    `key` is the key of a mapping that is at fault, or None if that is the value as a whole.
    """

    def __init__(self, problem: str, advice: str, key: str | None = None) -> None:
        super().__init__(f"{problem}: {advice}")
        self.problem = problem
        self.advice = advice
        self.key = key


class Words(NamedTuple):
    """What a finding says."""

    code: str
    message: str
    help: str


_SHAPES = {
    "OwnerRef": ("say who it is", "write {person: NAME}, {rotation: NAME}, {team: NAME} or {role: NAME}"),
    "Box": ("be an amount of time", "write 2h, or {time: 2h, calendar: NAME} for business time"),
    "ExceptionUse": ("be a mapping of keys and values", "write {} to take the class as it is"),
    "TicketField": ("say what the field holds", "write {type: text, summary: …}"),
    "Room": ("say where the room is", "write {channel: NAME, address: …}"),
    "Notify": ("say whom to tell what", "write {who: owner, message: …}"),
    "Note": ("say what to write", "write {text: …}"),
}
_TYPES = {
    "string_type": ("be a text", "put it in quotes"),
    "int_type": ("be a whole number", "write digits, without quotes and without a fraction"),
    "bool_type": ("be true or false", "write true or false, without quotes"),
    "tuple_type": ("be a list", "write [one, two], or each entry on a line of its own after a dash"),
    "dict_type": ("be a mapping of keys and values", "write key: value, indented below it"),
    "model_type": ("be a mapping of keys and values", "write key: value, indented below it"),
}
_PARTIES = "; somebody else is written {person: NAME}, {rotation: NAME}, {team: NAME} or {role: NAME}"


def words(model: type[BaseModel], error: ErrorDetails, path: Path) -> Words:
    """One error of pydantic in plain words; `path` leads from the model to the value, as far as both exist."""
    rule = _RULES.get(error["type"], _other)
    return rule(_Case(model, error["type"], error["input"], error.get("ctx", {}), path, "[key]" in error["loc"]))


def allowed_keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that are allowed at a path, as far as the models say."""
    current: object = model
    for part in path:
        current = descend(current, part)
    models = (option for option in options(current) if is_model(option))
    return [info.alias or name for each in models for name, info in each.model_fields.items()]


def shown(value: object) -> str:
    """A value as a message quotes it."""
    if value is None:
        return "nothing"
    if value == "":
        return "an empty text"
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}`"


def described(value: object) -> str:
    """A value with what it is, for a reader who expected something else."""
    if isinstance(value, str) and value:
        return f"the text {shown(value)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"the number {shown(value)}"
    return shown(value)


def did_you_mean(name: object, candidates: Iterable[str]) -> str:
    """`did you mean …? ` for the nearest of the candidates, or nothing."""
    near = nearest(str(name), candidates)
    return f"did you mean `{near}`? " if near else ""


def suggested(help_text: str) -> str | None:
    """What a help text that begins with `did you mean …?` suggests: a name, or a duration; None if it does not."""
    found = _SUGGESTION.match(help_text)
    return (found[1] or found[2]) if found else None


def listed(given: object) -> list[str]:
    """The items that a text holds which should have been a list: `one, two`, or `-one -two`; empty if it is prose."""
    if not isinstance(given, str):
        return []
    parts = re.split(r"\s+(?=-)", given) if given.startswith("-") else re.split(r"\s*,\s*", given)
    items = [part.removeprefix("-") for part in parts]
    return items if all(_ITEM.fullmatch(item) for item in items) else []


class _Case(NamedTuple):
    """An error as the rules below see it; `is_key` says that a key is wrong and not what stands there."""

    model: type[BaseModel]
    sort: str
    given: object
    about: Mapping[str, object]
    path: Path
    is_key: bool

    @property
    def label(self) -> str:
        """What a message calls the value."""
        return "this key" if self.is_key else _label(self.path)


def _label(path: Path) -> str:
    if not path:
        return "this"
    last = path[-1]
    if isinstance(last, str):
        return f"`{last}`"
    above = next((part for part in reversed(path) if isinstance(part, str)), None)
    return f"entry {last + 1} of `{above}`" if above else f"entry {last + 1}"


def _unknown_key(case: _Case) -> Words:
    name = str(case.path[-1])
    allowed = allowed_keys(case.model, case.path[:-1])
    return Words("SUR101", f"unknown key `{name}`", f"{did_you_mean(name, allowed)}allowed: {', '.join(allowed)}")


def _missing_key(case: _Case) -> Words:
    where = f" in {_label(case.path[:-1])}" if len(case.path) > 1 else ""
    current: object = case.model
    for part in case.path:
        current = descend(current, part)
    return Words("SUR102", f"the key `{case.path[-1]}` is missing{where}", f"add {case.path[-1]}: {filled(current)}")


def _sentence(case: _Case) -> Words:
    """What a validator of ours has said."""
    said = case.about["error"]
    return Words("SUR104", said.problem, said.advice) if isinstance(said, Unfit) else Words("SUR104", str(said), "")


def _not_listed(case: _Case) -> Words:
    found = shown(case.given)
    allowed = re.findall(r"'([^']*)'", str(case.about["expected"]))
    if case.path[-1:] == ("schema",):
        message = f"{found} is not a version of the language that this program reads"
        return Words("SUR106", message, f"write schema: {allowed[0]}")
    hint = did_you_mean(case.given, allowed) if isinstance(case.given, str) else ""
    parties = _PARTIES if "previous_owner" in allowed else ""
    message = f"{found} is not allowed {'as a key here' if case.is_key else f'for {case.label}'}"
    return Words("SUR104", message, f"{hint}allowed: {', '.join(allowed)}{parties}")


def _no_match(case: _Case) -> Words:
    given, pattern = str(case.given), str(case.about["pattern"])
    hint = ""
    if pattern == NAME_PATTERN:
        slug = re.sub(r"[^a-z0-9]+", "-", _without_accents(given.casefold())).strip("-")
        hint = f"did you mean `{slug}`? " if re.fullmatch(NAME_PATTERN, slug) else ""
    return Words("SUR104", f"{shown(given)} is not {FORMS[pattern].noun}", f"{hint}write {FORMS[pattern].written}")


def _without_accents(text: str) -> str:
    """The text in the letters of names: `mueller` for `müller`, `cafe` for `café`."""
    plain = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return "".join(ch for ch in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(ch))


def _wrong_type(case: _Case) -> Words:
    expected, advice = _SHAPES.get(str(case.about.get("class_name")), _TYPES[case.sort])
    if case.sort == "string_type" and (case.given is None or isinstance(case.given, list | dict)):
        advice = "write a text after the colon"
    if case.sort == "tuple_type":
        advice = _as_list(case.given) or advice
    return Words("SUR103", f"{case.label} must {expected}, found {described(case.given)}", advice)


def _as_list(given: object) -> str:
    """How to write as a list what stands in one text, or is one number; nothing if that is not plain."""
    items = listed(given)
    if not items:
        return ""
    if isinstance(given, str) and given.startswith("-"):
        return f"put a blank after each dash: - {items[0]}"
    return f"write [{', '.join(items)}], or each entry on a line of its own after a dash"


def _empty(case: _Case) -> Words:
    return Words("SUR104", f"{case.label} is empty", "give at least one entry")


def _empty_text(case: _Case) -> Words:
    return Words("SUR104", f"{case.label} is empty", "write a text")


def _too_long(case: _Case) -> Words:
    most, found = case.about["max_length"], len(str(case.given))
    return Words("SUR104", f"{case.label} has {found} characters; at most {most} are allowed", "shorten it")


def _too_small(case: _Case) -> Words:
    least = case.about["ge"]
    return Words("SUR104", f"{case.label} is {case.given}; the least allowed is {least}", f"write {least} or more")


def _too_large(case: _Case) -> Words:
    most = case.about["le"]
    return Words("SUR104", f"{case.label} is {case.given}; the most allowed is {most}", f"write {most} or less")


def _other(case: _Case) -> Words:
    return Words("SUR104", f"{case.label} does not fit, found {described(case.given)}", "look at the JSON Schema of it")


_RULES: Mapping[str, Callable[[_Case], Words]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "value_error": _sentence,
    "literal_error": _not_listed,
    "string_pattern_mismatch": _no_match,
    "string_too_short": _empty_text,
    "string_too_long": _too_long,
    "too_short": _empty,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
    **dict.fromkeys(_TYPES, _wrong_type),
}
