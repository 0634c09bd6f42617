"""Another helpdesk's history through the same services: every ticket over HTTP, in stepped time, and an account of all.

Nobody acts on the escalations, since a log records none who could: the run shows who would have been asked, when, and
how many offers would have gone unanswered. It ends with the history: what is still open with a ticket's last row is
cancelled by the last resort, who says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from runner.contract.diagnostic import render_text
from runner.contract.documents import validate
from runner.contract.history import HistoryMapping
from runner.contract.source import load, to_plain
from runner.demo.actors import ActError, Customers, Owners
from runner.demo.history_file import History, TicketHistory, read_history
from runner.demo.main import DemoError, Stage, end_report, stage

__all__ = ["read_mapping", "run_history"]

_MAPPINGS = Path(__file__).with_name("mappings")
_SAY_EVERY = 2000
"""Instants between two lines that say how far it is."""


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
    if loaded.root is not None:
        mapping, more = validate(HistoryMapping, to_plain(loaded.root), loaded.root)
        findings += more
        if mapping is not None and not findings:
            return mapping
    raise DemoError(render_text(findings, lambda _file, _line: None))


def run_history(place: Path, tickets: Path, mapping_file: Path, limit: int | None, say: Callable[[str], None]) -> bool:
    """Run it and say what became of every ticket; whether the record replays."""
    mapping = read_mapping(mapping_file)
    history = read_history(tickets, mapping, limit)
    _say_assumptions(history, mapping, say)
    if not history.tickets:
        raise DemoError("not one ticket of this file can be used; the reasons stand above")
    start = history.tickets[0].rows[0][0] - timedelta(minutes=1)
    with stage(place, start, []) as up:
        run = _Run(up, history, say)
        run.run()
        account = run.account()
    _say_account(history, account, say)
    return end_report(place)


def _say_assumptions(history: History, mapping: HistoryMapping, say: Callable[[str], None]) -> None:
    say(f"{mapping.summary}\n")
    say(f"{history.rows} rows, {len(history.tickets)} tickets taken, times read in {mapping.zone}. Assumed:")
    for name, source in mapping.fields.items():
        if source.column is None:
            say(f"  {name} is {source.constant} for every ticket")
    for name, each in mapping.assumed.items():
        spans = ", ".join(f"{value}: {seconds // 3600} h" for value, seconds in each.within.items())
        say(f"  {name} is so long after the first row, by {each.by}: {spans}")
    for why, count in sorted(history.bad_rows.items()):
        say(f"  {count} rows are left out: {why}")
    say("")


class _Run:
    def __init__(self, up: Stage, history: History, say: Callable[[str], None]) -> None:
        self._up = up
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
        """Every instant of the history and every deadline in between."""
        stepper, instants = self._up.stepper, sorted(self._script, reverse=True)
        stepper.settle()
        count = 0
        while instants:
            due = stepper.next_instant()
            if due is not None and due < instants[-1]:
                stepper.move(due)
            else:
                at = instants.pop()
                stepper.move(at, hold=True)
                for ticket, values, _ in self._script[at]:
                    self._write(ticket, values)
                stepper.settle()
                for ticket, _, is_last in self._script[at]:
                    if is_last:
                        self._end(ticket)
                stepper.settle()
                stepper.move(at)
            stepper.settle()
            count += 1
            if count % _SAY_EVERY == 0:
                self._say(f"  {stepper.now:%Y-%m-%d %H:%M}: {len(self._refs)} tickets so far, {count} instants")

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
        text = "The history of this ticket ends here."
        status, answer = self._owners.post(case["escalation"], "cancel", self._who, {"text": text})
        if status != 200:  # noqa: PLR2004
            raise ActError(f"{ticket.number} cannot be cancelled: {status} {answer}")
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
    say(f"  {sum(account.values()) + len(history.rejected):>6}  in all\n")
