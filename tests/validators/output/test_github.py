"""Annotations of a workflow: their form, their order, and that no text of a file can become a command."""

from __future__ import annotations

import pytest

from tests.validators.output.reports import DOUBT, FILE, OPEN, WORST, report, saying, since
from validators.output.github import check_github
from validators.output.report import MOST_SHOWN


def test_each_finding_is_a_line_and_the_worst_come_first() -> None:
    assert check_github(report()) == (
        "::error title=SUR110 missing-policy::there is no Limits%0Aadd one\n"
        f"::error file={FILE},line=3,col=5,endColumn=9,title=SUR402 unknown-message-variable"
        "::`x` is nothing%0Atry `y`\n"
        f"::error file={FILE},line=9,endLine=10,title=SUR401 message-syntax::nobody can tell\n"
        f"::warning file={FILE},line=4,col=1,title=SUR403 message-without-default::may be absent\n"
        f"::notice file={FILE},line=1,endLine=2,title=SUR502 unused-block::by the way\n"
        "1 template, 2 policies: 2 errors, 1 unknown answer, 1 warning, 1 remark, 1 waived\n"
    )


def test_what_is_new_comes_before_what_is_old_and_says_so() -> None:
    lines = check_github(since("main", WORST)).splitlines()
    assert lines[0].startswith(f"::error file={FILE},line=3,")
    assert "title=SUR402 unknown-message-variable%2C new since main::" in lines[0]
    assert "new since" not in lines[1]


def test_paths_lead_from_where_the_program_runs() -> None:
    assert check_github(report(WORST, prefix="ops/")).startswith(f"::error file=ops/{FILE},line=3,")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("100 % sure", "100 %25 sure"),
        ("a\n::error::b", "a%0A::error::b"),
        ("a\r\nb\rc", "a%0Ab%0Ac"),
        ("%0A::warning::x", "%250A::warning::x"),
        ("\x1b[2J", "\\x1b[2J"),
    ],
)
def test_nothing_in_a_message_begins_a_command(message: str, shown: str) -> None:
    output = check_github(report(saying(message)))
    assert output.count("\n") == 2
    assert output.splitlines()[0].endswith(f"::{shown}")


def test_a_path_cannot_add_a_property() -> None:
    at = DOUBT.location
    assert at is not None
    evil = type(at)("templates/a,title=b::c.yaml", 1, 1)
    output = check_github(report(type(DOUBT)("SUR403", DOUBT.severity, "m", evil)))
    assert output.startswith("::warning file=templates/a%2Ctitle=b%3A%3Ac.yaml,line=1,col=1,title=SUR403 ")


def test_it_says_when_github_will_not_show_all() -> None:
    many = [saying(f"number {number}") for number in range(11)]
    assert "GitHub shows the first 10 of each sort" in check_github(report(*many))
    assert "GitHub shows" not in check_github(report(*many[:10], OPEN))


def test_a_log_that_nobody_would_read_is_cut() -> None:
    lines = check_github(report(WORST, *(saying(f"number {number}") for number in range(250)))).splitlines()
    assert sum(line.startswith("::") for line in lines) == MOST_SHOWN
    assert lines[0].startswith("::error file=")
    assert lines[MOST_SHOWN] == "51 more findings not shown here; --format json has them all."
    assert "1 error, 250 warnings, 1 waived" in lines[MOST_SHOWN + 1]
