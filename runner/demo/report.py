"""The end of a demo: figures over everything that was opened, from the record itself, and the replay verdict."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runner.engine.decision import ReadDecision, read_decision
from runner.engine.kpis import Figures, Summary, figures, summarise
from runner.engine.reasons import Reason
from runner.service.replaying import StoreReplay, replay_store
from runner.store.port import Reader
from runner.store.sqlite import SqliteStore

__all__ = ["Report", "read_report", "say_figures", "say_unanswered"]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What a store says once nobody uses it: figures by template, events by type and reason, the replay verdict."""

    by_template: dict[str, list[Figures]]
    events: Counter[tuple[str, Reason]]
    verdict: StoreReplay


def read_report(path: Path) -> Report:
    """The report of a store."""
    store = SqliteStore.open(path)
    try:
        by_template: dict[str, list[Figures]] = defaultdict(list)
        events: Counter[tuple[str, Reason]] = Counter()
        with store.reader() as reader:
            for rows in _all(reader):
                found = figures((row.now, row.events, row.command.actor) for row in rows)
                by_template[found.template].append(found)
                events.update((event.type, event.reason) for row in rows for event in row.events)
        return Report(by_template, events, replay_store(store))
    finally:
        store.close()


def _all(reader: Reader) -> Iterator[list[ReadDecision]]:
    after = ""
    while page := reader.escalations(limit=_PAGE, after=after):
        for escalation in page:
            yield [read_decision(body) for _, body, _ in reader.decisions(escalation)]
        after = page[-1]


def say_unanswered(report: Report, say: Callable[[str], None]) -> None:
    """What went without an answer, for runs in which nobody acts."""
    count = report.events
    say(f"{count['OwnerOffered', Reason.FIRST_RUNG]} escalations offered somebody the first rung.")
    say(f"{count['OfferEnded', Reason.NO_ANSWER]} offers ended without an answer.")
    say(f"{count['LadderExhausted', Reason.LADDER_END]} times everybody was asked and nobody accepted.")
    say(f"{count['OutcomeMissed', Reason.OUTCOME_OVERDUE]} outcomes became overdue.")
    say(f"{count['Reminded', Reason.STILL_OPEN]} reminders went out.")
    say(f"{count['VerificationFailed', Reason.UNPROVEN]} times a ticket was solved without proof;")
    say(f"{count['RestoreRequested', Reason.UNPROVEN]} times it was set back.\n")


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
    accepted, resolved = found.times["time_to_acknowledge"], found.times["time_to_resolution"]
    counts = [found.counts[each] for each in ("failovers", "handoffs", "exceptions", "exhausted", "undelivered")]
    return (
        name,
        str(found.count),
        str(accepted.n - accepted.never),
        _span(accepted.median),
        _span(resolved.median),
        *map(str, (found.endings["closed"], *counts)),
    )


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{left} s" if left else ""]
    return " ".join(part for part in parts if part) or "0 s"
