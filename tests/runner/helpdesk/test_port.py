import subprocess
import sys

import pytest

from runner.helpdesk import Check, FieldValue, HistoryEntry, Report
from runner.helpdesk.local.instants import read_instant, write_instant
from runner.helpdesk.readback import differing, held_at, same_value


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("a", "a", True),
        ("a", "A", False),
        (1, 1.0, True),
        (True, 1, False),
        (False, None, False),
        (True, True, True),
        ((), None, False),
        (("a", "b"), ("b", "a"), False),
        ("1", 1, False),
        (None, None, True),
    ],
)
def test_values_are_compared_by_value_and_type(left: FieldValue, right: FieldValue, same: bool) -> None:
    assert same_value(left, right) is same
    assert same_value(right, left) is same


def test_differing_names_are_sorted_and_absent_is_none() -> None:
    wanted: dict[str, FieldValue] = {"z": 1, "a": None, "m": "x", "b": "y"}
    assert differing(wanted, {"z": 2, "m": "x"}) == ("b", "z")


def entry(version: int, field: str, old: FieldValue, new: FieldValue) -> HistoryEntry:
    at = read_instant("2026-03-02T09:00:00Z")
    return HistoryEntry(at, "ann", "field", field, old, new, version=str(version))


@pytest.mark.parametrize(
    ("version", "field", "wanted", "held"),
    [
        (2, "priority", "high", True),  # ours, overwritten at 4
        (2, "priority", "low", False),  # never was so at 2
        (3, "priority", "high", True),  # still so at 3
        (4, "priority", "high", False),  # nothing later tells
        (2, "status", "open", False),  # was new at 2
        (2, "owner", "ann", False),  # never changed
    ],
)
def test_the_next_change_of_a_field_tells_what_it_was(version: int, field: str, wanted: FieldValue, held: bool) -> None:
    history = [
        entry(2, "priority", "low", "high"),
        entry(3, "status", "new", "open"),
        entry(4, "priority", "high", "low"),
        entry(5, "priority", "low", "mid"),
    ]
    assert held_at(history, version, field, wanted) is held


def test_a_report_without_checks_is_not_ok() -> None:
    assert not Report("runner", None, ()).ok
    assert Report("runner", None, (Check("a", ok=True, detail=""),)).ok
    assert not Report("runner", None, (Check("a", ok=True, detail=""), Check("b", ok=False, detail=""))).ok


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00.000000Z"),
        ("2026-03-02T09:00:00.123456+02:00", "2026-03-02T07:00:00.123456Z"),
    ],
)
def test_instants_are_written_in_utc(text: str, written: str) -> None:
    assert write_instant(read_instant(text)) == written


@pytest.mark.parametrize("text", ["", "2026-03-02T09:00:00", "2026-03-02", "tomorrow", "0001-01-01T00:00:00+23:00"])
def test_an_instant_without_zone_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an instant"):
        read_instant(text)


def test_the_port_loads_no_http_library() -> None:
    program = (
        "import sys, runner.helpdesk; print(sorted({'httpx', 'starlette', 'uvicorn', 'sqlite3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
