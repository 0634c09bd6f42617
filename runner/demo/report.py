"""The end of a demo: figures over everything that was opened, from the record itself, and the replay verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from runner.engine.decision import read_decision
from runner.engine.kpis import Figures, Summary, figures, summarise
from runner.service.replaying import StoreReplay, replay_store
from runner.store.port import Reader
from runner.store.sqlite import SqliteStore

__all__ = ["read_report", "say_figures"]

_PAGE = 500


def read_report(path: Path) -> tuple[dict[str, list[Figures]], StoreReplay]:
    """Figures by template and the replay verdict of a store that nobody uses."""
    store = SqliteStore.open(path)
    try:
        by_template: dict[str, list[Figures]] = defaultdict(list)
        with store.reader() as reader:
            for each in _all(reader):
                by_template[each.template].append(each)
        return by_template, replay_store(store)
    finally:
        store.close()


def _all(reader: Reader) -> Iterator[Figures]:
    after = ""
    while page := reader.escalations(limit=_PAGE, after=after):
        for escalation in page:
            rows = (read_decision(body) for _, body, _ in reader.decisions(escalation))
            yield figures((row.now, row.events) for row in rows)
        after = page[-1]


def say_figures(by_template: dict[str, list[Figures]], say: Callable[[str], None]) -> None:
    """A table: a row a template and one for all."""
    head = ("template", "opened", "accepted", "median to accept", "median to resolve", "closed", "failovers")
    more = ("handoffs", "exceptions", "exhausted", "undelivered")
    rows: list[tuple[str, ...]] = [(*head, *more)]
    everything = [each for many in by_template.values() for each in many]
    for name, many in [*sorted(by_template.items()), ("all", everything)]:
        rows.append(_row(name, summarise(many)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        say("  ".join(cells).rstrip())


def _row(name: str, found: Summary) -> tuple[str, ...]:
    counts = (found.closed, found.failovers, found.handoffs, found.exceptions, found.exhausted, found.undelivered)
    return (
        name,
        str(found.count),
        str(found.acknowledged),
        _span(found.acknowledge_median),
        _span(found.resolution_median),
        *map(str, counts),
    )


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{left} s" if left else ""]
    return " ".join(part for part in parts if part) or "0 s"
