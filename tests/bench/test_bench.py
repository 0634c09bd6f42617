"""Each benchmark measures what it says, on a small scale; no figure is asserted."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runner.contract.load import load_revision
from runner.contract.source import load_mapping
from runner.engine.observation import Observation, observe
from runner.engine.routing import Match, route
from runner.revision import FolderTree, bundled_data
from runner.store.sqlite import SqliteStore
from tests.bench import analysing, checking, deciding, measuring, routing, starting, storing, trying
from tests.bench.house import START, House, readings, revision
from tests.bench.many import template_text, write_repository


def test_a_round_measures_ours_then_the_reference_and_the_median_counts() -> None:
    order: list[str] = []

    def measured(name: str, values: list[float]) -> float:
        order.append(name)
        return values.pop()

    ours, reference = [9.0, 1.0, 2.0], [30.0, 20.0, 10.0]
    found = measuring.interleaved(lambda: measured("ours", ours), lambda: measured("reference", reference), 3)
    assert found == (2.0, 20.0)
    assert order == ["ours", "reference"] * 3


def test_the_table_shows_figure_reference_ratio_and_budget() -> None:
    kept = measuring.Figure("open", 50e-6, 20e-6, "the row alone", "us", "40 µs", kept=False)
    rate = measuring.Figure("opens", 5000.0, 10_000.0, "the rows alone", "/s", "0.4", kept=True)
    lines = measuring.table([kept, rate]).splitlines()
    assert lines[0].split() == ["what", "ours", "reference", "ratio", "budget", "the", "reference", "is"]
    assert " ".join(lines[1].split()) == "open 50.0 µs 20.0 µs 2.50 40 µs OVER the row alone"
    assert " ".join(lines[2].split()) == "opens 5,000 /s 10,000 /s 0.50 0.4 kept the rows alone"


def test_the_life_is_ten_decisions_from_opening_to_proof() -> None:
    life = deciding.ten_decisions()
    kinds = [type(step[1].args).__name__ for step in life.steps]
    assert kinds[0] == "Open"
    assert kinds[-1] == "Resolve"
    assert len(kinds) == 10
    assert life.live.phase.value == "resolved"
    again = [deciding.decide(seq, *step) for seq, step in enumerate(life.steps, start=1)]
    assert [each.decision for each in again] == [each.decision for each in life.done]


def test_decisions_are_measured_with_their_events() -> None:
    found = deciding.figures(rounds=1, times=2)
    assert [figure.what.rsplit(", ", 1)[1] for figure in found] == [
        "1 event", "5 events", "7 events", "7 events", "28 events",
    ]  # fmt: skip
    assert all(figure.ours > 0 and figure.reference > 0 for figure in found)


@pytest.mark.parametrize("count", [1, 100])
def test_the_ticket_is_the_last_templates(count: int) -> None:
    assert route(routing.many(count), _seen(), START) == Match(f"template-{count - 1}")


def _seen() -> Observation:
    return observe(revision().policies.fields.fields, None, readings(1)[0], START)


def test_the_reference_writes_the_very_rows_of_the_opens(tmp_path: Path) -> None:
    (figure,) = storing.durable_opens(tmp_path, rounds=1, count=400)
    assert figure.what.startswith("durable opens, 7 events and 6 rows each")
    assert _tables(tmp_path / "ours-0.db") == _tables(tmp_path / "plain-0.db")
    assert len(_tables(tmp_path / "ours-0.db")["decision"]) == 400


def test_the_reference_writes_the_very_rows_of_the_deadlines(tmp_path: Path) -> None:
    storing.deadlines_due(tmp_path, rounds=1, count=200)
    ours, plain = _tables(tmp_path / "due-0.db"), _tables(tmp_path / "due-plain-0.db")
    assert ours == plain
    before = _tables(tmp_path / "waiting.db")
    assert len(ours["decision"]) == len(before["decision"]) + 200


def _tables(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(file)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
            for table, order in storing._ORDER.items()
        }


def test_every_ticket_is_opened(tmp_path: Path) -> None:
    with closing(SqliteStore.open(tmp_path / "a.db")) as store:
        house = House.over(store)
        house.open(readings(30), batch=20)
        assert len(house.escalations()) == 30


@pytest.mark.slow
def test_start_up_is_measured_with_whole_processes() -> None:
    found = starting.figures(rounds=1)
    assert [figure.what.split(",")[0] for figure in found] == ["surety --version", "surety check"]
    assert all(figure.ours > 0 for figure in found)


def test_a_program_that_fails_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match="surety --no-such-option ended with 2"):
        measuring.process_seconds("surety", "--no-such-option")


def test_a_repository_is_as_large_as_it_is_said_to_be_and_clean(tmp_path: Path) -> None:
    loaded = load_revision(FolderTree(write_repository(tmp_path / "some", 12)))
    assert loaded.findings == ()
    assert loaded.revision is not None
    assert len({contract.digest for contract in loaded.revision.contracts.values()}) == 13
    sizes = [len(template_text(number)) for number in range(200)]
    assert 1_400 < sum(sizes) / len(sizes) < 1_700
    assert template_text(7) == template_text(7)


@pytest.mark.slow
def test_checks_are_measured_with_whole_processes(tmp_path: Path) -> None:
    found = checking.figures(tmp_path, rounds=1, some=3, many=6)
    assert [figure.what for figure in found] == [
        "surety check, 3 templates", "the same again, nothing changed", "surety check, 6 templates",
    ]  # fmt: skip
    assert all(figure.ours > 0 and figure.reference > 0 for figure in found)


def test_there_are_as_many_scenarios_as_are_said_and_all_have_names_of_their_own(tmp_path: Path) -> None:
    folder, number = trying.write_scenarios(tmp_path / "some", 25)
    found = load_revision(FolderTree(folder))
    assert found.findings == ()
    assert found.revision is not None
    names = {(path.split("/")[-2], scenario.name) for path, scenario, _ in found.revision.scenarios}
    assert 25 <= number == len(names) == len(found.revision.scenarios)


def test_no_ticket_of_a_copy_is_as_one_of_another() -> None:
    files = sorted((bundled_data() / "templates" / "publishing-block").glob("*_test.yaml"))
    for text in (file.read_text(encoding="utf-8") for file in files):
        copies: list[Any] = [load_mapping(trying._requested(text, copy).encode()) for copy in range(3)]
        for key in copies[0]["tickets"]:
            assert len({repr(each["tickets"][key]) for each in copies}) == 3, text
        assert all({**each, "tickets": None} == {**copies[0], "tickets": None} for each in copies)


@pytest.mark.slow
def test_scenarios_are_measured_against_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    idle = shutil.which("true")
    monkeypatch.setattr("shutil.which", lambda _: None)
    short, stated, again = trying.figures(tmp_path / "stated", rounds=1, many=12)
    assert short.reference == stated.reference >= 12 * 0.0175
    assert "not installed" in stated.against
    assert again.ours > 0
    assert again.reference > 0
    assert any((tmp_path / "stated" / "cache").rglob("*")), "the first run has left what the others are answered from"
    monkeypatch.setattr("shutil.which", lambda _: idle)
    found = trying.figures(tmp_path / "measured", rounds=1, many=12)
    for wall, processor in (found[:2], found[2:4]):
        assert wall.ours > 0
        assert processor.ours > processor.reference >= 0


def test_the_analysis_of_routing_is_measured_for_each_template() -> None:
    (figure,) = analysing.figures(rounds=1, count=40)
    assert (figure.what, figure.against) == ("analyse the routing, 40 templates, each", "the same with 4")
    assert 0 < figure.ours < 1
