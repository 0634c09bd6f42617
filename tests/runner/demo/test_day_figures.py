"""The figures of the demo's day, worked out by hand from its acts, and the same from virtual time."""

from __future__ import annotations

from functools import cache

import pytest

from runner.contract.documents import Document
from runner.contract.load import load_revision
from runner.contract.nodes import MappingNode, to_plain
from runner.contract.source import load
from runner.demo.main import read_scenario
from runner.engine.kpis import Figures, summarise
from runner.revision import FolderTree
from tests.architecture.project import ROOT
from validators.simulate.scenarios import run_scenario

DAY = ROOT / "runner" / "demo" / "day.yaml"


@cache
def day() -> tuple[Figures, ...]:
    loaded = load_revision(FolderTree(ROOT))
    assert loaded.revision is not None
    root = load(DAY.read_bytes(), "day.yaml").root
    assert isinstance(root, MappingNode)
    plain, scenario = to_plain(root), read_scenario(DAY)
    assert isinstance(plain, dict)
    document = Document("templates/day/day_test.yaml", "Scenario", lambda: root, plain, scenario)
    return run_scenario(loaded.revision, scenario, document).kpis


def of(opened: str) -> Figures:
    """The escalation that opened at this time of day, in UTC."""
    (found,) = [each for each in day() if each.opened_at.strftime("%H:%M:%S") == opened]
    return found


def minutes(hours: float, more: float = 0) -> float:
    return hours * 3600 + more * 60


@pytest.mark.parametrize(
    ("ticket", "opened", "times"),
    [
        # Asked at 09:00, 11:00 and, since Tomasz rejects it, 11:30; Miriam accepts at 13:15, raises an exception at
        # 13:30, resolves at 15:30 and closes a minute later. Nobody heard anything from 09:00 to 11:00.
        ("invoice", "08:00:00", (minutes(4, 15), minutes(4, 30), minutes(6, 30), minutes(6, 31), minutes(2))),
        # 09:40: accepted at 09:50, resolved at 14:10 after a first try that was refused, closed at 14:12.
        ("login", "08:40:00", (minutes(0, 10), minutes(4, 30), minutes(4, 30), minutes(4, 32), minutes(4, 20))),
        # 10:05: accepted at 10:08, handed over at 10:40, resolved at 12:05, closed at 15:10 with the post-mortem.
        ("outage", "09:05:00", (minutes(0, 3), minutes(0, 35), minutes(2), minutes(5, 5), None)),
        # 10:20: accepted at 12:15, handed over at 13:45 in vain, escalated, resolved at 16:20, closed a minute later.
        ("credit", "09:20:00", (minutes(1, 55), minutes(3, 25), minutes(6), minutes(6, 1), minutes(1, 55))),
        # 10:30:01: accepted at 10:36, then forgotten, resolved at 16:30, closed at 16:37 with the post-mortem.
        ("slow", "09:30:01", (minutes(0, 6) - 1, minutes(6) - 1, minutes(6) - 1, minutes(6, 7) - 1, None)),
        # 11:00: nobody takes it until Helen does at 16:05; she closes it at 17:00 without a proof.
        ("silent", "10:00:00", (minutes(5, 5), minutes(6), None, minutes(6), minutes(2))),
        # 12:10: deleted at 12:40 and cancelled at 12:50.
        ("withdrawn", "11:10:00", (None, None, None, None, minutes(0, 30))),
    ],
)
def test_the_times_of_a_ticket(ticket: str, opened: str, times: tuple[float | None, ...]) -> None:
    found = of(opened).times
    acted = (found["time_to_acknowledge"], found["time_to_first_action"])
    assert (*acted, found["time_to_resolution"], found["time_to_close"]) == times[:4], ticket
    assert times[4] is None or found["longest_silence"] == times[4], ticket
    assert (found["time_to_first_owner"], found["lateness"], found["runner_lateness"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("ticket", "opened", "counts"),
    [
        ("invoice", "08:00:00", {"failovers": 2, "exceptions": 1, "handoffs": 0}),
        ("login", "08:40:00", {"failovers": 0, "skipped": 1}),
        ("outage", "09:05:00", {"failovers": 0, "skipped": 1, "handoffs": 1}),
        ("credit", "09:20:00", {"failovers": 1, "handoffs": 0, "lapsed": 0}),
        ("slow", "09:30:01", {"lapsed": 1}),
        ("silent", "10:00:00", {"exhausted": 1, "handoffs": 0}),
    ],
)
def test_what_is_counted_of_a_ticket(ticket: str, opened: str, counts: dict[str, int]) -> None:
    found = of(opened).counts
    assert {name: number for name, number in found.items() if name in counts} == counts, ticket


def test_the_whole_day() -> None:
    found = summarise(day())
    assert (found.count, found.endings) == (7, {"open": 0, "closed": 6, "cancelled": 1})
    accepted = found.times["time_to_acknowledge"]
    assert (accepted.n, accepted.never, accepted.median) == (6, 0, (minutes(0, 10) + minutes(1, 55)) / 2)
    assert found.times["time_to_resolution"].never == 1
    assert (found.impact, found.impact_known) == (120000 + 30000 + 45000, 3)
    # Anna, Lúcia and again Lúcia in time; passed on before somebody accepted: invoice, slow, silent and withdrawn.
    acceptance = found.kept["acceptance_in_time"]
    assert (acceptance.kept, acceptance.missed, acceptance.undecided) == (3, 4, 0)
