"""`surety test` as a whole process over many scenarios, against `promtool test rules` on as many tests of alerts.

Debian's package `prometheus` has promtool; where it is not installed, a stated figure stands in its place. The runs
that are held against it remember nothing, so each is a first one. Two suites of scenarios are: short ones, each of one
ticket that nobody accepts and that is looked at twice, as the alert is; and the shipped ones, whole stories, again and
again. Each time the tickets are of somebody else: what scenarios have in common is played once, and a copy has nothing.
"""

from __future__ import annotations

import re
import shutil
import statistics
import sys
from itertools import zip_longest
from pathlib import Path

from runner.contract.cases import cases_of
from runner.contract.source import load_mapping
from runner.revision import bundled_data
from tests.bench.measuring import Cost, Figure, process_cost

__all__ = ["figures", "write_scenarios", "write_short_ones"]

_BUDGET, _TIMES = 1.5, 10
_MANY = 1_000
_STATED = 0.0175
"""Seconds a test: 20 tests took promtool 2.42 of Debian 12 0.35 s, measured on two shared cores."""


def figures(folder: Path, rounds: int, many: int = _MANY) -> list[Figure]:
    """At least `many` scenarios of both sorts and just as many tests of alerts, in folders made below `folder`.

    Each round runs ours, then the reference; the medians count, of the time that passes and of processor time.
    """
    short = write_short_ones(folder / "short", many)
    repository, number = write_scenarios(folder / "scenarios", many)
    tests = _write_alerts(folder / "alerts", number)
    promtool = shutil.which("promtool")
    surety = str(Path(sys.executable).parent / "surety")
    rows = [
        (
            process_cost(surety, "test", "--no-cache", "--repo", str(short), "--run", f"{_TEMPLATE}/*"),
            process_cost(surety, "test", "--no-cache", "--repo", str(repository)),
            process_cost(promtool, "test", "rules", str(tests)) if promtool else Cost(number * _STATED, 0.0),
        )
        for _ in range(rounds)
    ]
    named = "promtool test rules on as many tests" if promtool else _stated()
    found = []
    for place, what in ((0, f"{many:,} short scenarios"), (1, f"{number:,} shipped scenarios")):
        ours, theirs = (statistics.median(row[which].seconds for row in rows) for which in (place, 2))
        kept = ours <= _BUDGET and ours * _TIMES <= theirs
        found.append(Figure(f"surety test, {what}", ours, theirs, named, "s", "1.5 s and 0.1", kept))
        if promtool:
            ours, theirs = (statistics.median(row[which].processor for row in rows) for which in (place, 2))
            found.append(Figure("the same, processor time of all processes", ours, theirs, named, "s"))
    return [*found, _again(surety, repository, folder / "cache", rounds)]


def _again(surety: str, repository: Path, cache: Path, rounds: int) -> Figure:
    """The same once more, of which everything has passed before, against the run that found it."""
    command = surety, "test", "--repo", str(repository)
    first = process_cost(*command, SURETY_CACHE_DIR=str(cache)).seconds
    again = statistics.median(process_cost(*command, SURETY_CACHE_DIR=str(cache)).seconds for _ in range(rounds))
    return Figure("the same again, nothing changed", again, first, "the run before it", "s", "1.5 s", again <= _BUDGET)


def _stated() -> str:
    return f"promtool test rules, not installed here: stated, {1000 * _STATED:g} ms a test"


def write_short_ones(folder: Path, many: int) -> Path:
    """The shipped repository with so many scenarios in place of its own: nobody accepts, which is looked at twice."""
    _copy_shipped(folder)
    for file in folder.glob("templates/*/*_test.yaml"):
        file.unlink()
    for number in range(many):
        name = f"nobody-{number}"
        file = folder / "templates" / _TEMPLATE / f"{name}_test.yaml"
        file.write_text(_SHORT.format(name=name, number=number), encoding="utf-8")
    return folder


def _copy_shipped(folder: Path) -> None:
    for part in ("policies", "templates"):
        shutil.copytree(bundled_data() / part, folder / part)


def write_scenarios(folder: Path, many: int) -> tuple[Path, int]:
    """The shipped repository with at least so many scenarios, and their number.

    They are its own, one of each template in turn, again and again under other names and with another requester, so
    that no ticket of one is as a ticket of another.
    """
    _copy_shipped(folder)
    shipped = _in_turn(folder / "templates")
    texts = {file: file.read_text(encoding="utf-8") for file in shipped}
    number = written = 0
    while written < many:
        file = shipped[number % len(shipped)]
        written += len(cases_of(load_mapping(texts[file].encode()) or {})) or 1
        name = f"{file.name.removesuffix('_test.yaml')}-{number // len(shipped)}"
        text = re.sub(r"(?m)^name: .*$", f"name: {name}", texts[file], count=1)
        (file.parent / f"{name}_test.yaml").write_text(_requested(text, number // len(shipped)), encoding="utf-8")
        number += 1
    for file in shipped:
        file.unlink()
    return folder, written


def _requested(text: str, copy: int) -> str:
    """The scenario with tickets of another requester in each copy but the first."""
    above, tickets, below = re.split(r"(?m)(^tickets:\n(?:[ #].*\n)+)", text, maxsplit=1)
    if not copy or "requester:" in tickets:  # which a story may be about
        return text
    told = tickets.replace("fields: {", f"fields: {{requester: Copy {copy}, ")
    told = re.sub(r"fields:\n( +)", rf"fields:\n\1requester: Copy {copy}\n\1", told)
    if told == tickets:
        raise RuntimeError(f"no ticket that could be of somebody else: {text}")
    return above + told + below


def _in_turn(templates: Path) -> list[Path]:
    """The files of scenarios, the first ones of each template before the second ones."""
    folders = [sorted(each.glob("*_test.yaml")) for each in sorted(templates.iterdir())]
    return [file for turn in zip_longest(*folders) for file in turn if file is not None]


def _write_alerts(folder: Path, many: int) -> Path:
    """Rules for one alert, and a file with so many tests of it; the file of the tests."""
    folder.mkdir(parents=True)
    (folder / "rules.yml").write_text(_RULES, encoding="utf-8")
    tests = folder / "tests.yml"
    tests.write_text("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n" + _TEST * many, encoding="utf-8")
    return tests


_TEMPLATE = "fallback"
_SHORT = """\
schema: surety/v1
kind: Scenario
name: {name}
summary: Nobody accepts.
start: "2026-03-04"
zone: Europe/Berlin
tickets:
  question:
    at: "14:00"
    fields: {{type: question, priority: urgent, status: new, requester: Number {number}}}
expect:
  - {{at: "14:04", template: fallback, owner: priya-raman}}
  - {{at: "15:30", owner: priya-raman, reason: repeated, notified: [nadia-haddad, priya-raman]}}
"""
_RULES = """\
groups:
  - name: tickets
    rules:
      - alert: NobodyAccepted
        expr: min_over_time(ticket_offered[30m]) == 1
        for: 5m
        labels: {severity: page}
        annotations: {summary: "Nobody accepted {{ $labels.ticket }}"}
"""
_TEST = """\
  - interval: 1m
    input_series:
      - {series: 'ticket_offered{ticket="T-1"}', values: '1x100'}
    alert_rule_test:
      - {eval_time: 4m, alertname: NobodyAccepted}
      - eval_time: 90m
        alertname: NobodyAccepted
        exp_alerts:
          - exp_labels: {severity: page, ticket: T-1}
            exp_annotations: {summary: Nobody accepted T-1}
"""
