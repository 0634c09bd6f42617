"""Another helpdesk's history through the same services: every ticket over HTTP, in stepped time, and an account of all.

Nobody acts on the escalations, since a log records none who could: the run shows who would have been asked, when, and
how many offers would have gone unanswered. Since only reminders follow once everybody was asked, the last resort goes
through what is open four times a day and cancels what was opened longer ago than the run's patience. It ends with the
history: what is still open with a ticket's last row is cancelled as well. Each cancellation says why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from runner.contract.diagnostic import render_text
from runner.contract.documents import validate
from runner.contract.history import HistoryMapping
from runner.contract.source import load, to_plain
from runner.contract.values import parse_instant
from runner.demo.actors import ActError, Customers, Owners
from runner.demo.history_file import History, TicketHistory, read_history
from runner.demo.main import DemoError, Stage, end_report, stage

__all__ = ["Source", "read_mapping", "run_history"]

_MAPPINGS = Path(__file__).with_name("mappings")
_HOUR = timedelta(hours=1)
_ROUND = timedelta(hours=6)
_SAY_EVERY = 2000
"""Instants between two lines that say how far it is."""


@dataclass(frozen=True, slots=True)
class Source:
    """A history file and how to run it. `limit` None: all tickets; `patience` None: the last resort never cancels."""

    tickets: Path
    mapping: Path
    limit: int | None
    patience: timedelta | None


def read_mapping(path: Path) -> HistoryMapping:
    """A mapping file, or the name of one that ships; raises DemoError with its findings."""
    shipped = _MAPPINGS / f"{path.name}.yaml"
    if not path.exists() and path.name == str(path) and shipped.exists():
        path = shipped
    try:
        data = path.read_bytes()
    except OSError as error:
        known = ", ".join(sorted(each.stem for each in _MAPPINGS.glob("*.yaml")))
        raise DemoError(f"{path} cannot be read ({error.strerror}); mappings that ship: {known}") from None
    loaded = load(data, path.name)
    findings = list(loaded.diagnostics)
    root = loaded.root
    if root is not None:
        mapping, more = validate(HistoryMapping, to_plain(root), lambda: root)
        findings += more
        if mapping is not None and not findings:
            return mapping
    raise DemoError(render_text(findings, lambda _file, _line: None))


def run_history(place: Path, source: Source, say: Callable[[str], None]) -> bool:
    """Run it and say what became of every ticket; whether the record replays."""
    mapping = read_mapping(source.mapping)
    history = read_history(source.tickets, mapping, source.limit)
    _say_assumptions(history, mapping, source.patience, say)
    if not history.tickets:
        raise DemoError("not one ticket of this file can be used; the reasons stand above")
    start = history.tickets[0].rows[0][0] - timedelta(minutes=1)
    with stage(place, start, []) as up:
        run = _Run(up, history, source.patience, say)
        run.run()
        account = run.account()
    _say_account(history, account, say)
    return end_report(place, unanswered=True)


def _say_assumptions(
    history: History, mapping: HistoryMapping, patience: timedelta | None, say: Callable[[str], None]
) -> None:
    say(f"{mapping.summary}\n")
    say(f"{history.rows} rows, {len(history.tickets)} tickets taken, times read in {mapping.zone}. Assumed:")
    for name, source in mapping.fields.items():
        if source.column is None:
            say(f"  {name} is {source.constant} for every ticket")
    for name, each in mapping.assumed.items():
        spans = ", ".join(f"{value}: {seconds // 3600} h" for value, seconds in each.within.items())
        say(f"  {name} is so long after the first row, by {each.by}: {spans}")
    if patience is not None:
        say(f"  nobody acts; the last resort cancels what has been open for more than {patience // _HOUR} h")
    for why, count in sorted(history.bad_rows.items()):
        say(f"  {count} rows are left out: {why}")
    say("")


def _round_after(at: datetime) -> datetime:
    """The next of the four rounds of a day, in UTC."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + _ROUND * ((at - midnight) // _ROUND + 1)


class _Run:
    def __init__(self, up: Stage, history: History, patience: timedelta | None, say: Callable[[str], None]) -> None:
        self._up = up
        self._patience = patience
        self._say = say
        self._customers: Customers = up.customers
        self._owners: Owners = up.owners
        self._who = up.revision.policies.governance.last_resort
        self._refs: dict[str, str] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._ended: Counter[str] = Counter()
        self._script = self._make_script(history)
        self._history = history

    def _make_script(self, history: History) -> dict[datetime, list[tuple[TicketHistory, dict[str, Any], bool]]]:
        script: dict[datetime, list[tuple[TicketHistory, dict[str, Any], bool]]] = defaultdict(list)
        for ticket in history.tickets:
            last = len(ticket.rows) - 1
            for index, (at, values) in enumerate(ticket.rows):
                script[at].append((ticket, values, index == last))
        return script

    def run(self) -> None:
        """Every instant of the history, every round of the last resort, and every deadline in between."""
        stepper, instants = self._up.stepper, sorted(self._script, reverse=True)
        stepper.settle()
        next_round, count = _round_after(stepper.now), 0
        while instants:
            due = stepper.next_instant()
            at = min(each for each in (due, instants[-1], next_round) if each is not None)
            acted = at == instants[-1] or at == next_round
            if acted:
                stepper.move(at, hold=True)
            if at == instants[-1]:
                self._write_all(self._script[instants.pop()])
            if at == next_round:
                self._go_round()
                next_round = _round_after(at)
            stepper.move(at)
            stepper.settle()
            count += 1
            if count % _SAY_EVERY == 0:
                self._say(f"  {stepper.now:%Y-%m-%d %H:%M}: {len(self._refs)} tickets so far, {count} instants")

    def _write_all(self, rows: list[tuple[TicketHistory, dict[str, Any], bool]]) -> None:
        for ticket, values, _ in rows:
            self._write(ticket, values)
        self._up.stepper.settle()
        for ticket, _, is_last in rows:
            if is_last:
                self._end(ticket)
        self._up.stepper.settle()

    def _go_round(self) -> None:
        """The last resort cancels what has been open for longer than the patience."""
        if self._patience is None:
            return
        after: str | None = ""
        old: list[str] = []
        while after is not None:
            page = self._owners.get("/api/escalations", self._who, open="true", after=after, limit="500")
            latest = self._up.stepper.now - self._patience
            old += [each["id"] for each in page["escalations"] if parse_instant(each["opened_at"]) < latest]
            after = page["next"]
        for escalation in old:
            self._cancel(escalation, "Everybody was asked, and a recorded history has nobody who answers.")
        self._up.stepper.settle()

    def _cancel(self, escalation: str, text: str) -> None:
        status, answer = self._owners.post(escalation, "cancel", self._who, {"text": text})
        if status != 200:  # noqa: PLR2004
            raise ActError(f"escalation {escalation} cannot be cancelled: {status} {answer}")

    def _write(self, ticket: TicketHistory, values: dict[str, Any]) -> None:
        shown = self._shown.get(ticket.number)
        if shown is None:
            given = {name: value for name, value in values.items() if value is not None}
            self._refs[ticket.number] = self._customers.create(given, ticket.number)
        else:
            changed = {name: value for name, value in values.items() if shown.get(name) != value}
            if changed:
                self._customers.update(self._refs[ticket.number], changed)
        self._shown[ticket.number] = values

    def _end(self, ticket: TicketHistory) -> None:
        """The history of this ticket is over: the last resort cancels what is open, and the log has the last word."""
        case = self._owners.get(f"/api/cases/{self._refs[ticket.number]}", self._who)
        if case["escalation"] is None:
            return
        self._cancel(case["escalation"], "The history of this ticket ends here.")
        self._up.stepper.settle()
        self._customers.update(self._refs[ticket.number], ticket.rows[-1][1])

    def account(self) -> Counter[tuple[str, str]]:
        """What became of every ticket: (opened by template, or not in scope; why)."""
        found: Counter[tuple[str, str]] = Counter()
        for ticket in self._history.tickets:
            case = self._owners.get(f"/api/cases/{self._refs[ticket.number]}", self._who)
            if case["fired"]:
                found["opened", " and ".join(case["fired"])] += 1
            else:
                found["not in scope", self._why(ticket, case)] += 1
        return found

    def _why(self, ticket: TicketHistory, case: dict[str, Any]) -> str:
        if case["why"] != "out_of_scope":
            return str(case["why"])
        last = ticket.rows[-1][1]
        return f"done or never overdue enough, priority {last.get('priority') or 'unknown'}"


def _say_account(history: History, account: Counter[tuple[str, str]], say: Callable[[str], None]) -> None:
    total = len(history.tickets) + len(history.rejected)
    say(f"\nWhat became of {total} tickets:")
    for (what, why), count in sorted(account.items()):
        say(f"  {count:>6}  {what}: {why}")
    for why, count in sorted(Counter(history.rejected.values()).items()):
        say(f"  {count:>6}  rejected: {why}")
    if not history.rejected:
        say(f"  {0:>6}  rejected")
    say(f"  {sum(account.values()) + len(history.rejected):>6}  in all\n")
