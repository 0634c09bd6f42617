"""What the local helpdesk accepts from outside: strict JSON, flat fields, keys, texts and addresses of receivers.

Everything is checked here, before it reaches the store; nothing is repaired or guessed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias
from urllib.parse import urlsplit

__all__ = [
    "BadJsonError",
    "BadValueError",
    "FieldJson",
    "checked_fields",
    "checked_key",
    "checked_receiver",
    "checked_text",
    "compact",
    "read_object",
]

FieldJson: TypeAlias = str | int | float | bool | list[str] | None

_NAME = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
_NAME_LENGTH = 64
_FIELDS_AT_MOST = 200  # a ticket form of any real helpdesk is far smaller; it bounds a ticket's history
_KEY_LENGTH = 200
_INTEGER_AT_MOST = 2**53 - 1  # what every JSON reader keeps exactly (RFC 8259, section 6)
_URL_LENGTH = 2000


class BadJsonError(ValueError):
    """The bytes are not a JSON object; the message says where and what to do."""


class BadValueError(ValueError):
    """A value that the helpdesk does not take; the message says what is allowed."""


def compact(value: object) -> str:
    """JSON without spaces and with sorted keys, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def read_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object; refuses duplicate keys, NaN and other texts; raises `BadJsonError`."""
    if not body.strip():
        raise BadJsonError("the body is empty: send a JSON object")
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise BadJsonError("the body is not UTF-8: send JSON in UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadJsonError(f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise BadJsonError("the body is nested too deeply: fields are flat") from None
    except BadJsonError:
        raise
    except ValueError as error:
        raise BadJsonError(f"the body is not JSON that can be read: {error}") from None
    if not isinstance(value, dict):
        raise BadJsonError("the body is JSON but not an object: send {…}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJsonError(f"the key {twice[:_NAME_LENGTH]!r} stands twice in one object: keep one of them")
    return found


def _no_constant(name: str) -> NoReturn:
    raise BadJsonError(f"{name} is not JSON: send a finite number or null")


def checked_fields(value: object) -> dict[str, FieldJson]:
    """Flat fields by name; raises `BadValueError` naming the first bad one."""
    if not isinstance(value, Mapping):
        raise BadValueError("fields must be an object of field names and values")
    if len(value) > _FIELDS_AT_MOST:
        raise BadValueError(f"{len(value)} fields are too many: at most {_FIELDS_AT_MOST}")
    return {_checked_name(name): _checked_value(name, found) for name, found in value.items()}


def _checked_name(name: str) -> str:
    if len(name) > _NAME_LENGTH:
        raise BadValueError(f"the field name {name[:20]!r}… is too long: at most {_NAME_LENGTH} characters")
    if not _NAME.fullmatch(name):
        raise BadValueError(
            f"{name!r} is not a field name: use letters, digits and underscores, in parts joined by a dot or a hyphen"
        )
    return name


def _checked_value(name: str, value: object) -> FieldJson:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return checked_text(value, f"field {name!r}")
    if isinstance(value, int):
        if abs(value) > _INTEGER_AT_MOST:
            raise BadValueError(f"field {name!r}: the number has too many digits; send it as a string")
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [checked_text(item, f"field {name!r}") for item in value]
    raise BadValueError(
        f"field {name!r} has a value of a kind that is not allowed: "
        "use a string, a number, true, false, null or a list of strings"
    )


def checked_text(value: object, what: str) -> str:
    """A string that can be written as UTF-8; `what` names it in the message."""
    if not isinstance(value, str):
        raise BadValueError(f"{what} must be a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadValueError(f"{what} holds half a surrogate pair, which is no character: remove it") from None
    return value


def checked_key(value: object) -> str | None:
    """An idempotency key, or None when there is none."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= _KEY_LENGTH:
        raise BadValueError(f"key must be a string of 1 to {_KEY_LENGTH} printable characters")
    return checked_text(value, "key")


def checked_receiver(value: object) -> str:
    """The http or https address of a webhook receiver."""
    wanted = "url must be an http or https address without a user name, like http://127.0.0.1:8080/hooks/helpdesk"
    if not isinstance(value, str) or len(value) > _URL_LENGTH or not value.isascii() or not value.isprintable():
        raise BadValueError(wanted)
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable or " " in value:
        raise BadValueError(wanted)
    return value
