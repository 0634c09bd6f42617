"""How values are written, read from the models: what a pattern asks for in words, and what fits where.

For messages and their help; judges no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType, UnionType
from typing import Annotated, Literal, NamedTuple, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

__all__ = ["FORMS", "NAME_PATTERN", "Form", "descend", "filled", "is_model", "options"]


class Form(NamedTuple):
    """What a text of a certain pattern is, and how it is written."""

    noun: str
    written: str


NAME_PATTERN = r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$"
FORMS: Mapping[str, Form] = MappingProxyType(
    {
        NAME_PATTERN: Form(
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
        r"^[a-z][a-z:_-]*#[1-9][0-9]{0,3}$": Form("a run", "a lifecycle point and which time, as in failover#2"),
        r"^([0-9]{4}-[0-9]{2}-[0-9]{2} )?([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?( first| second)?$": Form(
            "a local time", 'a time of day, or a date with one, as in "09:00" or "2026-03-04 09:00"'
        ),
    }
)
"""What each pattern of the language asks for, in words; a pattern that is not listed here has no message."""
_SHORT_FORMS = {"Box": "2h", "OwnerRef": "{person: NAME}"}


def filled(annotation: object) -> str:
    """As `_form`, with a word that it is an example where nothing is left to fill in."""
    form = _form(annotation)
    return form if re.search("…|NAME| or |surety/v1", form) else f"{form}, for example"


def _form(annotation: object) -> str:
    """What a value looks like in which the author still fills in the names."""
    if get_origin(annotation) is Annotated:
        inner, *about = get_args(annotation)
        return next(filter(None, map(_example, about)), "") or _form(inner)
    if get_origin(annotation) in {Union, UnionType}:
        return _form(get_args(annotation)[0])
    if get_origin(annotation) is dict:
        key, value = get_args(annotation)
        return f"{{{_form(key).partition(' or ')[0]}: {_form(value)}}}"
    if get_origin(annotation) is tuple:
        first, more, _ = _form(get_args(annotation)[0]).partition(" or ")
        return f"[{first}, …]" if more else f"[{first}]"
    if get_origin(annotation) is Literal:
        return " or ".join(map(str, get_args(annotation)))
    if is_model(annotation):
        needed = [info.alias or name for name, info in annotation.model_fields.items() if info.is_required()]
        return _SHORT_FORMS.get(annotation.__name__) or f"{{{', '.join(f'{key}: …' for key in needed)}}}"
    return "true or false" if annotation is bool else "…"


def _example(about: object) -> str:
    """An example of a value of which this is said: that of its pattern, or the first of its schema."""
    pattern = str(getattr(about, "pattern", None))
    if pattern == NAME_PATTERN:
        return "NAME"
    if pattern in FORMS:
        return re.split(" or ", FORMS[pattern].written.split("as in ")[1])[0]
    schema = getattr(about, "json_schema", None) or {}
    return str(next(iter(schema.get("examples", ())), ""))


def descend(annotation: object, part: str | int) -> object:
    """The annotation of what stands at a key or an index of a value with this annotation; None if nothing may."""
    for option in options(annotation):
        if is_model(option):
            for name, info in option.model_fields.items():
                if part in {info.alias, name}:
                    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        elif get_origin(option) is dict:
            return get_args(option)[1]
        elif get_origin(option) is tuple:
            return get_args(option)[0]
    return None


def options(annotation: object) -> Iterator[object]:
    """What a value may be, with unions and annotations taken apart."""
    if get_origin(annotation) in {Union, UnionType}:
        for arg in get_args(annotation):
            yield from options(arg)
    elif get_origin(annotation) is Annotated:
        yield from options(get_args(annotation)[0])
    else:
        yield annotation


def is_model(annotation: object) -> TypeGuard[type[BaseModel]]:
    """Whether it is a model, whose keys are known."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
