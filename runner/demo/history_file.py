"""Reading another helpdesk's log as a history of tickets, by a mapping. Bad rows are counted by reason, not guessed."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast

from runner.contract.diagnostic import printable
from runner.contract.history import HistoryMapping, MappedField
from runner.contract.values import format_instant
from runner.zones import zone

__all__ = ["History", "HistoryError", "TicketHistory", "read_history"]

_MAX_CELL = 1 << 16
_SHOWN = 400  # characters of a foreign file's headers in a message: enough to see which file it is


class HistoryError(Exception):
    """The file cannot be read as a history at all; the message says what to do."""


@dataclass(slots=True)
class TicketHistory:
    """One ticket: its rows as (instant, all field values), in order of time."""

    number: str
    rows: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)


@dataclass(slots=True)
class History:
    """The tickets in the order of their first rows, and what was wrong with the rest."""

    tickets: list[TicketHistory]
    rows: int
    bad_rows: Counter[str]
    rejected: dict[str, str]
    """Ticket to the reason, for tickets without one good row."""


def read_history(path: Path, mapping: HistoryMapping, limit: int | None) -> History:
    """Read a CSV file, gzipped or not; with `limit` only the tickets that come first. Raises HistoryError.

    A row is unusable when its instant cannot be read, its number is missing, it has too few or too many cells, or a
    mapped value is not listed in the mapping.
    """
    found: dict[str, TicketHistory] = {}
    first: dict[str, tuple[datetime, int]] = {}
    bad: Counter[str] = Counter()
    rejected: dict[str, str] = {}
    order: list[tuple[datetime, int, str, dict[str, Any]]] = []
    count = 0
    for count, row in enumerate(_rows(path, mapping), start=1):
        number, at, values, problem = _read(row, mapping)
        if problem is not None or at is None:
            bad[problem or "unreadable"] += 1
            if number:
                rejected.setdefault(number, problem or "unreadable")
            continue
        order.append((at, count, number, values))
        first[number] = min(first.get(number, (at, count)), (at, count))
    order.sort(key=lambda each: each[:2])
    chosen = sorted(first, key=lambda number: first[number])[:limit]
    for number in chosen:
        found[number] = TicketHistory(number)
    for at, _, number, values in order:
        if number in found:
            found[number].rows.append((at, _with_assumed(values, mapping, first[number][0])))
    lost = {number: why for number, why in rejected.items() if number not in first}
    return History([found[number] for number in chosen], count, bad, lost)


def _rows(path: Path, mapping: HistoryMapping) -> Iterator[Mapping[str | None, Any] | None]:
    """The rows by header; None for a row that is no text."""
    csv.field_size_limit(_MAX_CELL)
    name = printable(str(path))
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if packed else raw)
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
            reader = csv.DictReader(text, delimiter=mapping.delimiter, strict=True)
            _check_headers(_headers(reader, name), mapping, name)
            while True:
                try:
                    yield next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield None
    except FileNotFoundError:
        raise HistoryError(f"there is no file {name}") from None
    except IsADirectoryError:
        raise HistoryError(f"{name} is a folder; name a CSV file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise HistoryError(f"{name} cannot be read: {printable(str(error))}") from None


def _headers(reader: csv.DictReader[str], name: str) -> Sequence[str] | None:
    try:
        return reader.fieldnames
    except csv.Error:
        raise HistoryError(f"{name} is not CSV; a history begins with a line of headers") from None


def _check_headers(headers: Sequence[str] | None, mapping: HistoryMapping, name: str) -> None:
    if not headers:
        raise HistoryError(f"{name} is empty; a history begins with a line of headers")
    needed = {mapping.ticket, mapping.at.column, *(each.column for each in mapping.fields.values() if each.column)}
    absent = sorted(needed - set(headers))
    if absent:
        found = ", ".join(printable(each[:_SHOWN]) for each in headers[:40])
        found = found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
        raise HistoryError(f"{name} has no column {printable(', '.join(absent))}; it has: {found}")


def _read(
    row: Mapping[str | None, Any] | None, mapping: HistoryMapping
) -> tuple[str, datetime | None, dict[str, Any], str | None]:
    """Number, instant, values, or what is wrong."""
    if row is None:
        return "", None, {}, "not CSV"
    number = str(row.get(mapping.ticket) or "").strip()
    if None in row or any(value is None for value in row.values()):
        return number, None, {}, "wrong number of cells"
    if not number or number in mapping.missing:
        return "", None, {}, "no ticket number"
    text = str(row[mapping.at.column]).strip()
    try:
        local = datetime.strptime(text, mapping.at.format)  # noqa: DTZ007 - the zone is the mapping's
    except ValueError:
        return number, None, {}, f"{mapping.at.column} is not a time"
    at = local.replace(tzinfo=zone(mapping.zone)).astimezone(UTC)
    values: dict[str, Any] = {}
    for name, source in mapping.fields.items():
        value, problem = _value(row, source, mapping)
        if problem is not None:
            return number, None, {}, problem
        values[name] = value
    return number, at, values, None


def _value(row: Mapping[str | None, Any], source: MappedField, mapping: HistoryMapping) -> tuple[Any, str | None]:
    if source.column is None:
        return source.constant, None
    text = str(row[source.column]).strip()
    if source.values is not None:
        if text in source.values:
            return source.values[text], None
        if text in mapping.missing:
            return None, None
        return None, f"{source.column} has a value that the mapping does not list"
    return (None if text in mapping.missing else text), None


def _with_assumed(values: dict[str, Any], mapping: HistoryMapping, created: datetime) -> dict[str, Any]:
    assumed = {
        name: format_instant(created + timedelta(seconds=each.within[str(values.get(each.by))]))
        for name, each in mapping.assumed.items()
        if str(values.get(each.by)) in each.within
    }
    return {**values, **assumed}
