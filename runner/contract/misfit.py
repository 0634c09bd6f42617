"""Why a value does not fit its model, in the words of gatekeepers: what was found, what is allowed, what to do.

Knows the models only through what pydantic says of them; no word of pydantic's own reaches a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType, UnionType
from typing import Annotated, NamedTuple, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from runner.contract.diagnostic import nearest

__all__ = ["FORMS", "Unfit", "Words", "allowed_keys", "described", "did_you_mean", "shown", "suggested", "words"]

Path = tuple[str | int, ...]
_LONGEST = 60  # characters of a value that a message quotes
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


class Form(NamedTuple):
    """What a text of a certain pattern is, and how it is written."""

    noun: str
    written: str


_NAME = r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$"
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        _NAME: Form(
            "a name", "lower case letters and digits, with single - or _ between them, as in enterprise-billing"
        ),
        r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$": Form(
            "the name of a field", "lower case letters, digits and _, grouped by dots, as in account.tier"
        ),
        r"^([01][0-9]|2[0-3]):[0-5][0-9]$": Form("a time of day", 'hours and minutes, as in "09:00"'),
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": Form("a date", 'year, month and day, as in "2026-03-03"'),
        r"^[A-Za-z][A-Za-z0-9_+\-/]*$": Form("a time zone", "a region and a city, as in Europe/Berlin"),
        r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$": Form(
            "an interval", 'two times of day with a hyphen between, as in "09:00-17:30"'
        ),
        r"^[A-Z][A-Z0-9_]*$": Form(
            "an environment variable", "capital letters, digits and _, as in SURETY_CHAT_WEBHOOK"
        ),
        r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*$": Form(
            "an answer to a question", "the names of both with a dot between, as in refund-or-credit.decision"
        ),
        r"^[^/\\][^\\]*$": Form("a path below the root", "folders parted by /, as in templates/enterprise-billing/**"),
        r"^SUR[0-9]{3}$": Form("the code of a rule", "SUR and three digits, as in SUR403"),
        r"^(/[^/]+)+$": Form(
            "a place in this file", "the keys that lead there, each after a slash, as in /accept/within"
        ),
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]$": Form(
            "a local date and time", 'a date and a time of day, as in "2026-03-04 09:00"'
        ),
        r"^([0-9]{4}-[0-9]{2}-[0-9]{2} )?([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$": Form(
            "a local time", 'a time of day, or a date with one, as in "09:00" or "2026-03-04 09:00"'
        ),
    }
)
"""What each pattern of the language asks for, in words; a pattern that is not listed here has no message."""

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
        current = _descend(current, part)
    models = (option for option in _options(current) if _is_model(option))
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
    return Words("SUR102", f"the key `{case.path[-1]}` is missing{where}", f"add {case.path[-1]}: …")


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
    if pattern == _NAME:
        slug = re.sub(r"[^a-z0-9]+", "-", given.casefold()).strip("-")
        hint = f"did you mean `{slug}`? " if re.fullmatch(_NAME, slug) else ""
    return Words("SUR104", f"{shown(given)} is not {FORMS[pattern].noun}", f"{hint}write {FORMS[pattern].written}")


def _wrong_type(case: _Case) -> Words:
    expected, advice = _SHAPES.get(str(case.about.get("class_name")), _TYPES[case.sort])
    if case.sort == "string_type" and (case.given is None or isinstance(case.given, list | dict)):
        advice = "write a text after the colon"
    return Words("SUR103", f"{case.label} must {expected}, found {described(case.given)}", advice)


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


def _descend(annotation: object, part: str | int) -> object:
    """The annotation of what stands at a key or an index of a value with this annotation; None if nothing may."""
    for option in _options(annotation):
        if _is_model(option):
            for name, info in option.model_fields.items():
                if part in {info.alias, name}:
                    return info.annotation
        elif get_origin(option) is dict:
            return get_args(option)[1]
        elif get_origin(option) is tuple:
            return get_args(option)[0]
    return None


def _options(annotation: object) -> Iterator[object]:
    """What a value may be, with unions and annotations taken apart."""
    if get_origin(annotation) in {Union, UnionType}:
        for arg in get_args(annotation):
            yield from _options(arg)
    elif get_origin(annotation) is Annotated:
        yield from _options(get_args(annotation)[0])
    else:
        yield annotation


def _is_model(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
