"""Waivers: which findings they take out of the verdict, until when, and that they change nothing a runner sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pytest

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.load import load_revision
from runner.contract.rule import Rule
from tests.runner.contract.repository import Edit, MemoryFiles, edited, put
from tests.validators.check.few import FILES, ask_few
from validators.check.outcome import Outcome, Verdict, examine, verdict
from validators.check.rules import messages, waivers
from validators.check.selection import choose
from validators.check.subject import Subject

BILLING = "templates/billing/template.yaml"
TODAY = date(2026, 3, 3)
GAP = put(BILLING, '"{{ owner.name }} has it."', '"About {{ ticket.subject }}."')
PLACE = "/runbook/accepted/0/notify/message"


@pytest.fixture(autouse=True)
def _few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    ask_few(monkeypatch)


def waive(code: str = "SUR403", until: str = "2026-12-31", at: str = "") -> Edit:
    place = f", at: {at}" if at else ""
    end = "  resolution_codes: [answered, paid]\n"
    return put(BILLING, end, f"{end}waivers:\n  - {{code: {code}{place}, reason: Known., until: {until}}}\n")


def outcome(*edits: Edit, today: date = TODAY, select: tuple[str, ...] = ()) -> Outcome:
    files = dict(FILES)
    for each in edits:
        each.apply(files)
    return examine(load_revision(MemoryFiles(files)), today, choose(select))


def codes(found: Outcome) -> tuple[list[str], list[str]]:
    """Of what counts, and of what is waived."""
    return [each.code for each in found.findings], [each.finding.code for each in found.waived]


@pytest.mark.parametrize(
    ("waiver", "today", "counting", "waived"),
    [
        pytest.param(waive(), TODAY, [], ["SUR403"], id="the whole file"),
        pytest.param(waive(at=PLACE), TODAY, [], ["SUR403"], id="the very place"),
        pytest.param(waive(at="/runbook/accepted"), TODAY, [], ["SUR403"], id="what stands below a place"),
        pytest.param(waive(at="/runbook/acc"), TODAY, ["SUR403", "SUR952"], [], id="a key is not the start of a key"),
        pytest.param(waive(at="/runbook/open"), TODAY, ["SUR403", "SUR952"], [], id="another place"),
        pytest.param(waive("SUR402"), TODAY, ["SUR403", "SUR952"], [], id="another rule"),
        pytest.param(waive(until="2026-03-03"), TODAY, [], ["SUR403"], id="the last day is a day of it"),
        pytest.param(waive(until="2026-03-02"), TODAY, ["SUR403", "SUR951"], [], id="the day after, it counts again"),
        pytest.param(waive("SUR998"), TODAY, ["SUR403", "SUR953"], [], id="no rule"),
        pytest.param(waive("SUR301"), TODAY, ["SUR403", "SUR954"], [], id="a gate rule"),
        pytest.param(waive("SUR806"), TODAY, ["SUR403", "SUR954"], [], id="a question without an answer"),
        pytest.param(waive("SUR952"), TODAY, ["SUR403", "SUR954"], [], id="a rule about waivers"),
    ],
)
def test_a_waiver_covers_what_it_names(waiver: Edit, today: date, counting: list[str], waived: list[str]) -> None:
    assert codes(outcome(GAP, waiver, today=today)) == (counting, waived)


def test_a_waived_finding_keeps_its_reason_and_its_end() -> None:
    (waived,) = outcome(GAP, waive()).waived
    assert (waived.reason, waived.until, waived.finding.pointer) == ("Known.", "2026-12-31", PLACE)


def test_a_waiver_of_one_file_says_nothing_about_another() -> None:
    other = put(
        "templates/rest/template.yaml", "ladder:", "runbook:\n  open: [{note: {text: '{{ ticket.vip }}'}}]\nladder:"
    )
    found = outcome(GAP, waive(), other)
    assert [str(each.location) for each in found.findings] == ["templates/rest/template.yaml:17:28"]


def test_a_waiver_is_not_called_unused_where_nobody_looked() -> None:
    assert codes(outcome(waive(), select=("SUR402", "SUR95"))) == ([], [])
    assert codes(outcome(waive(), select=("SUR403", "SUR95"))) == (["SUR952"], [])
    broken = put(BILLING, "primary: {rotation: first}", "primary: {rotation: frist}")
    assert codes(outcome(waive(), broken)) == (["SUR201"], [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("code: SUR403", "code: unused-block", "`unused-block` is not the code of a rule"),
        ("until: 2026-12-31", "until: 2026-02-30", "`2026-02-30` is not a day of the calendar"),
        ("until: 2026-12-31", "until: next year", "`next year` is not a date"),
        (", reason: Known.", "", "the key `reason` is missing in entry 1 of `waivers`"),
        ("code: SUR403", "at: accept, code: SUR403", "`accept` is not a place in this file"),
    ],
)
def test_a_waiver_is_written_as_the_language_says(old: str, new: str, message: str) -> None:
    (found,) = outcome(waive(), put(BILLING, old, new)).findings
    assert (found.code[:4], found.message) == ("SUR1", message)


def test_every_kind_of_document_may_carry_waivers_and_no_digest_knows_of_them() -> None:
    line = 'waivers: [{code: SUR403, reason: Known., until: "2026-12-31"}]\n'
    plain = edited()
    waiving = MemoryFiles({path: (data or b"") + line.encode() for path, data in plain.files.items()})
    before, after = load_revision(plain).revision, load_revision(waiving).revision
    assert before is not None
    assert after is not None
    assert before.contracts == after.contracts
    assert before.roster == after.roster


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("'The password: Sommer-2026 is known.'", id="in the reason alone"),
        pytest.param('"See https://bot:Sommer-2026@chat.corp.internal/x"', id="in an address"),
        pytest.param(">-\n      The\n      password:\n      Sommer-2026", id="only once the lines are joined"),
    ],
)
def test_a_secret_in_a_reason_is_never_shown(reason: str) -> None:
    end = "  resolution_codes: [answered, paid]\n"
    waiver = f"{end}waivers:\n  - code: SUR403\n    until: 2026-12-31\n    reason: {reason}\n"
    found = outcome(GAP, put(BILLING, end, waiver))
    (waived,) = found.waived
    assert "Sommer" not in waived.reason
    assert "*" in waived.reason


def test_what_could_not_be_answered_is_not_waived_and_makes_its_waiver_no_surplus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def undecided(subject: Subject) -> list[Diagnostic]:
        return [replace(each, severity=Severity.UNKNOWN) for each in messages.check(subject)]

    monkeypatch.setattr("validators.check.registry.MODULES", (Undecided(messages.RULES, undecided), waivers))
    found = outcome(GAP, waive())
    assert codes(found) == (["SUR403"], [])
    assert verdict(found, "never") is Verdict.UNKNOWN


class Undecided(NamedTuple):
    RULES: tuple[Rule, ...]
    check: Callable[[Subject], Iterable[Diagnostic]]
