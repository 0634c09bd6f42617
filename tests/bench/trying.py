"""`surety test` as a whole process over many scenarios, against `promtool test rules` on as many tests of alerts.

Debian's package `prometheus` has promtool; where it is not installed, a stated figure stands in its place.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path

from runner.contract.cases import cases_of
from runner.contract.source import load_mapping
from runner.revision import bundled_data
from tests.bench.measuring import Figure, interleaved, process_seconds

__all__ = ["figures", "write_scenarios"]

_BUDGET, _TIMES = 1.5, 10
_MANY = 1_000
_STATED = 0.0175
"""Seconds a test: 20 tests took promtool 2.42 of Debian 12 0.35 s, measured on two shared cores."""


def figures(folder: Path, rounds: int, many: int = _MANY) -> list[Figure]:
    """`many` scenarios and as many tests of alerts, in folders made below `folder`."""
    repository = write_scenarios(folder / "scenarios", many)
    promtool = shutil.which("promtool")
    tests = _write_alerts(folder / "alerts", many)

    def ours() -> float:
        return process_seconds("surety", "test", "--repo", str(repository))

    if promtool is None:
        seconds, against = ours(), many * _STATED
        named = f"promtool test rules, not installed here: stated, {1000 * _STATED:g} ms a test"
    else:
        seconds, against = interleaved(ours, lambda: _seconds(promtool, "test", "rules", str(tests)), rounds)
        named = "promtool test rules on as many tests"
    kept = seconds <= _BUDGET and seconds * _TIMES <= against
    return [Figure(f"surety test, {many:,} scenarios", seconds, against, named, "s", "1.5 s and 0.1", kept)]


def write_scenarios(folder: Path, many: int) -> Path:
    """The shipped repository with at least so many scenarios: its own, again and again under other names."""
    root = bundled_data()
    for part in ("policies", "templates"):
        shutil.copytree(root / part, folder / part)
    shipped = sorted((folder / "templates").glob("*/*_test.yaml"))
    texts = {file: file.read_text(encoding="utf-8") for file in shipped}
    number = written = 0
    while written < many:
        file = shipped[number % len(shipped)]
        written += len(cases_of(load_mapping(texts[file].encode()) or {})) or 1
        name = f"{file.name.removesuffix('_test.yaml')}-{number // len(shipped)}"
        text = re.sub(r"(?m)^name: .*$", f"name: {name}", texts[file], count=1)
        (file.parent / f"{name}_test.yaml").write_text(text, encoding="utf-8")
        number += 1
    for file in shipped:
        file.unlink()
    return folder


def _write_alerts(folder: Path, many: int) -> Path:
    """Rules for one alert, and a file with so many tests of it; the file of the tests."""
    folder.mkdir(parents=True)
    (folder / "rules.yml").write_text(_RULES, encoding="utf-8")
    tests = folder / "tests.yml"
    tests.write_text("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n" + _TEST * many, encoding="utf-8")
    return tests


def _seconds(*command: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return seconds


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
