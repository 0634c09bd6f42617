"""Every gate rule: what breaks it is found, at the exact place, and said in words that need no programmer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import runner.contract
from runner.contract.diagnostic import Severity
from runner.contract.load import load_revision
from runner.contract.rules import GATE_RULES
from runner.contract.source import CODES
from tests.runner.contract.bad_repositories import CASES, GOLDEN, Case
from tests.runner.contract.repository import edited, load

JARGON = re.compile(
    r"Input should|[Vv]alid (dictionary|string|tuple|integer)|Value error|pydantic|\btuple\b|\bdict\b|\bNone\b|regex"
    r"|pattern|instance of|\bstr\b|\bint\b|\bTrue\b|\bFalse\b|ValueError|\^\["
)
SOURCES = sorted(Path(next(iter(runner.contract.__path__))).glob("*.py"))


def test_the_minimal_repository_is_clean() -> None:
    loaded = load()
    assert loaded.findings == ()
    assert loaded.revision is not None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_repository_gets_one_finding_at_the_right_place(case: Case) -> None:
    loaded = load_revision(edited(*case.edits))
    assert loaded.revision is None
    (found,) = loaded.findings
    assert (found.code, found.severity) == (case.code, Severity.ERROR)
    assert (str(found.location) if found.location else None) == case.at
    assert found.help, "say what to do"
    assert not JARGON.search(found.message + found.help)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_it_reads_as_it_was_approved(case: Case) -> None:
    assert case.text() == case.golden.read_text(encoding="utf-8")


def test_nothing_was_approved_that_is_said_no_more() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {case.golden.name for case in CASES}
    assert len({case.id for case in CASES}) == len(CASES)


def test_each_rule_has_a_bad_repository() -> None:
    assert set(GATE_RULES) <= {case.code for case in CASES}


def test_the_tables_of_codes_are_complete() -> None:
    named = {code for path in SOURCES for code in re.findall(r'"(SUR\d{3})"', path.read_text(encoding="utf-8"))}
    assert named == set(GATE_RULES) | set(CODES)
    assert not set(GATE_RULES) & set(CODES)
    raised = {
        code
        for path in SOURCES
        if path.name not in {"rules.py", "syntax.py"}
        for code in re.findall(r'"(SUR\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert raised == set(GATE_RULES), "a rule that nothing raises is not a rule"


def test_rules_are_named_once() -> None:
    names = [*GATE_RULES.values(), *CODES.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in GATE_RULES.values())
