"""How instants, cases and payloads are written into columns, and read back. Loses nothing and interprets nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from runner.engine.observation import Case

__all__ = ["dump_case", "dump_payload", "from_micros", "load_case", "load_payload", "to_micros"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant; exact. Raises TypeError if it has no zone."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant of `to_micros`."""
    return _EPOCH + timedelta(microseconds=micros)


@cache
def _cases() -> TypeAdapter[Case]:
    return TypeAdapter(Case)


def dump_case(case: Case) -> bytes:
    """A case as JSON bytes."""
    return _cases().dump_json(case)


def load_case(data: bytes) -> Case:
    """The case from `dump_case`; raises ValueError if the bytes are not one."""
    return _cases().validate_json(data)


def dump_payload(payload: Mapping[str, object]) -> str:
    """JSON text; raises ValueError or TypeError for what JSON has not."""
    return _encode(payload)


def load_payload(text: str) -> dict[str, Any]:
    """The payload from `dump_payload`; tuples have become lists."""
    loaded: dict[str, Any] = json.loads(text)
    return loaded
