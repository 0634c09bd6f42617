"""The text for a terminal: what is left out when there is too much of it."""

from __future__ import annotations

from dataclasses import replace

from runner.contract.diagnostic import Location
from tests.validators.output.reports import DOUBT, NOWHERE, REMARK, SPARED, WORST, report, saying
from validators.check.outcome import Outcome
from validators.check.waivers import Waived
from validators.output.check_text import check_text
from validators.output.report import MOST_SHOWN, Report


def text(shown: Report) -> str:
    return check_text(shown, lambda _file, _line: None, colour=False)


def test_all_is_shown_as_long_as_somebody_may_read_it() -> None:
    shown = text(report(*(saying(f"number {number}") for number in range(MOST_SHOWN))))
    assert shown.count("warning[SUR403]") == MOST_SHOWN
    assert "more finding" not in shown


def test_of_too_much_the_worst_is_shown_and_the_rest_counted() -> None:
    late = replace(NOWHERE, location=Location("z.yaml", 1, 1))
    shown = text(report(late, REMARK, *(replace(DOUBT, message=f"number {number}") for number in range(250))))
    assert shown.count("error[SUR110]") == 1
    assert shown.count("warning[SUR403]") == MOST_SHOWN - 1
    assert shown.count("info[SUR502]") == 0
    assert "\n52 more findings not shown here; --format json has them all.\n" in shown
    assert shown.endswith(": 1 error, 250 warnings, 1 remark, 1 waived\n")


def test_so_it_is_with_what_is_waived() -> None:
    many = tuple(Waived(SPARED, f"Reason {number}.", "2026-12-31") for number in range(MOST_SHOWN + 3))
    shown = text(replace(report(), outcome=Outcome((), many)))
    assert shown.count("waived[SUR403]") == MOST_SHOWN
    assert "3 more waived; --format json has them all.\n" in shown


def test_what_a_runner_refuses_on_comes_first_and_the_rest_by_file_and_line() -> None:
    last = replace(NOWHERE, code="SUR201", location=Location("z.yaml", 9, 1))
    first = replace(NOWHERE, code="SUR204", location=Location("b.yaml", 9, 1))
    shown = text(report(DOUBT, WORST, REMARK, last, first))
    heads = [line.split("]")[0] for line in shown.splitlines() if "[SUR" in line]
    assert heads == [
        "error[SUR204", "error[SUR201", "error[SUR402", "warning[SUR403", "info[SUR502", "waived[SUR403",
    ]  # fmt: skip
    assert "surety rule SUR204 (also SUR201, SUR502, SUR402, SUR403)" in shown
