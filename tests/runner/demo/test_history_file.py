"""Logs of other helpdesks: what is read, in which order, and what is left out with its reason."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from runner.demo.history import read_mapping
from runner.demo.history_file import History, HistoryError, read_history
from runner.demo.main import DemoError

HEADER = (
    "number,incident_state,made_sla,opened_at,sys_updated_at,u_symptom,priority,assignment_group,closed_code,"
    "resolved_by,resolved_at,closed_at"
)
FINAL = "code 5,Resolved by 149,29/2/2016 11:29,5/3/2016 12:00"
"""What the log holds in every row of a ticket, although it is only known at its end."""


def row(number: str, state: str, at: str, priority: str = "3 - Moderate", *, symptom: str = "Symptom 7") -> str:
    return f"{number},{state},true,29/2/2016 01:16,{at},{symptom},{priority},Group 56,{FINAL}"


def read(folder: Path, *rows: str, limit: int | None = None) -> History:
    path = folder / "log.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return read_history(path, read_mapping(Path("uci-servicenow")), limit)


def test_a_ticket_is_read_under_our_names(tmp_path: Path) -> None:
    history = read(tmp_path, row("INC1", "New", "29/2/2016 01:23", "2 - High"))
    ((at, values),) = history.tickets[0].rows
    assert at.isoformat() == "2016-02-29T01:23:00+00:00"
    assert values == {
        "subject": "Symptom 7",
        "type": "question",
        "account.tier": "standard",
        "priority": "high",
        "status": "new",
        "sla_paused": False,
        "group": "Group 56",
        "sla_due_at": "2016-02-29T09:23:00.000000Z",
    }


def test_rows_are_ordered_by_when_they_were_written_and_by_nothing_else(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        row("INC2", "Resolved", "29/2/2016 09:00"),
        row("INC2", "New", "29/2/2016 02:00"),
        row("INC1", "New", "29/2/2016 01:00"),
        row("INC2", "Active", "29/2/2016 09:00"),
    )
    assert [ticket.number for ticket in history.tickets] == ["INC1", "INC2"]
    assert [values["status"] for _, values in history.tickets[1].rows] == ["new", "solved", "open"], (
        "same minute: file order"
    )


def test_the_due_time_is_counted_from_the_first_row_by_the_priority_of_each(tmp_path: Path) -> None:
    rows = (row("INC1", "New", "29/2/2016 01:00"), row("INC1", "Active", "29/2/2016 05:00", "1 - Critical"))
    history = read(tmp_path, *rows)
    due = [values["sla_due_at"] for _, values in history.tickets[0].rows]
    assert due == ["2016-03-03T01:00:00.000000Z", "2016-02-29T05:00:00.000000Z"]


def test_unknown_is_not_unassigned_and_final_values_are_never_read(tmp_path: Path) -> None:
    history = read(tmp_path, row("INC1", "-100", "29/2/2016 01:00", symptom="?"))
    values = history.tickets[0].rows[0][1]
    assert values["subject"] is None
    assert values["status"] is None, "the log writes -100 where it does not know"
    assert not [value for value in values.values() if isinstance(value, str) and ("149" in value or "code" in value)]


def test_a_mapping_that_reads_a_column_of_the_future_is_refused(tmp_path: Path) -> None:
    shipped = Path("runner/demo/mappings/uci-servicenow.yaml").read_text(encoding="utf-8")
    changed = tmp_path / "mapping.yaml"
    changed.write_text(shipped.replace("{column: sys_updated_at,", "{column: closed_at,"), encoding="utf-8")
    with pytest.raises(DemoError, match="closed_at stands in never_read and is read"):
        read_mapping(changed)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (row("INC9", "New", "yesterday"), "sys_updated_at is not a time"),
        (row("INC9", "New", "31/2/2016 01:00"), "sys_updated_at is not a time"),
        (row("?", "New", "29/2/2016 01:00"), "no ticket number"),
        (row("", "New", "29/2/2016 01:00"), "no ticket number"),
        (row("INC9", "Sleeping", "29/2/2016 01:00"), "incident_state has a value that the mapping does not list"),
        (row("INC9", "New", "29/2/2016 01:00", "5 - Whenever"), "priority has a value that the mapping does not list"),
        (row("INC9", "New", "29/2/2016 01:00") + ",one more", "wrong number of cells"),
        ("INC9,New", "wrong number of cells"),
        ('INC9,"New" x,true', "not CSV"),
    ],
)
def test_a_bad_row_is_counted_by_its_reason_and_the_rest_is_read(tmp_path: Path, bad: str, why: str) -> None:
    history = read(tmp_path, row("INC1", "New", "29/2/2016 01:00"), bad, row("INC2", "New", "29/2/2016 02:00"))
    assert dict(history.bad_rows) == {why: 1}
    assert [ticket.number for ticket in history.tickets] == ["INC1", "INC2"]
    assert history.rows == 3


def test_a_ticket_without_one_good_row_is_rejected_with_the_reason(tmp_path: Path) -> None:
    history = read(tmp_path, row("INC1", "Sleeping", "29/2/2016 01:00"), row("INC1", "New", "never"))
    assert not history.tickets
    assert history.rejected == {"INC1": "incident_state has a value that the mapping does not list"}


def test_the_limit_takes_the_tickets_that_come_first(tmp_path: Path) -> None:
    rows = [row(f"INC{number}", "New", f"29/2/2016 0{9 - number}:00") for number in range(5)]
    history = read(tmp_path, *rows, limit=2)
    assert [ticket.number for ticket in history.tickets] == ["INC4", "INC3"]


def test_a_gzipped_file_is_read_and_a_cut_one_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(f"{HEADER}\n{row('INC1', 'New', '29/2/2016 01:00')}\n".encode())
    path = tmp_path / "log.csv.gz"
    path.write_bytes(packed)
    mapping = read_mapping(Path("uci-servicenow"))
    assert len(read_history(path, mapping, None).tickets) == 1
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(HistoryError, match="cannot be read"):
        read_history(path, mapping, None)


def test_what_is_no_history_is_refused_with_what_to_do(tmp_path: Path) -> None:
    mapping = read_mapping(Path("uci-servicenow"))
    with pytest.raises(HistoryError, match="there is no file"):
        read_history(tmp_path / "none.csv", mapping, None)
    with pytest.raises(HistoryError, match="is a folder"):
        read_history(tmp_path, mapping, None)
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(HistoryError, match="is empty"):
        read_history(empty, mapping, None)
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("id,when\n1,now\n", encoding="utf-8")
    with pytest.raises(HistoryError, match=r"has no column assignment_group, .*it has: id, when"):
        read_history(foreign, mapping, None)


def test_bytes_that_are_no_text_do_not_stop_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    good = row("INC1", "New", "29/2/2016 01:00").encode()
    path.write_bytes(HEADER.encode() + b"\n" + good + b"\n\xff\xfe\x00,\xc3\x28\n")
    history = read_history(path, read_mapping(Path("uci-servicenow")), None)
    assert [ticket.number for ticket in history.tickets] == ["INC1"]
    assert sum(history.bad_rows.values()) == 1


def test_a_mapping_that_is_not_there_names_those_that_ship(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="mappings that ship: uci-servicenow"):
        read_mapping(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    "content",
    [
        b"id\x1b[2J,when\n1,now\n",
        b'"id\n\x07",when\n1,now\n',
        b"\x00\x1b\xff\xfe\x80PNG\x1b]0;x\x07" * 9,
        b'"id"\x1b,when\n',
        b"\x1b" * 200_000,
    ],
    ids=["an escape", "a line break", "a picture", "not CSV", "endless"],
)
@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz", "log\x1b[2J.csv"])
def test_no_content_of_a_file_reaches_the_terminal_raw(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(HistoryError) as caught:
        read_history(path, read_mapping(Path("uci-servicenow")), None)
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 4000
