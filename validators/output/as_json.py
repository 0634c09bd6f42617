"""Output for programs: one JSON document with a version, the same shape for every command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Location
from runner.contract.values import format_instant

__all__ = ["ENVELOPE_VERSION", "envelope", "json_text", "plain"]

_FOREIGN: Final = re.compile(r"[^\x00-\x7e]")

ENVELOPE_VERSION: Final = 1
"""Rises when a key changes its meaning or goes away; new keys may come at any time."""


def envelope(
    command: str, summary: Mapping[str, Any], findings: Iterable[Diagnostic | Mapping[str, Any]], **more: object
) -> str:
    """The document as text, ending with a line break."""
    found = [each.to_json() if isinstance(each, Diagnostic) else each for each in findings]
    document = {"version": ENVELOPE_VERSION, "command": command, "summary": dict(summary), "findings": found, **more}
    return json_text(plain(document))


def json_text(document: object) -> str:
    """JSON data as text, ending with a line break; what nobody could see, or turns text round, is escaped."""
    return _FOREIGN.sub(_escaped, json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON data of any shape
    """JSON data: instants as UTC text, places and other dataclasses as objects."""
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Location):
        return {name: getattr(value, name) for name in Location.__slots__}
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
