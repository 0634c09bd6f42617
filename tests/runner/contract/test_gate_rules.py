"""Every gate rule: what breaks it is found, at the exact place, and said in words that need no programmer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import runner.contract
from runner.contract.diagnostic import Severity
from runner.contract.load import load_revision
from runner.contract.rule import Rule
from runner.contract.rules import GATE_RULES
from runner.contract.source import CODES
from runner.contract.source import load as load_yaml
from tests.runner.contract.bad_repositories import CASES, GOLDEN, Case
from tests.runner.contract.repository import Edit, MemoryFiles, edited, load

JARGON = re.compile(
    r"Input should|[Vv]alid (dictionary|string|tuple|integer)|Value error|pydantic|\btuple\b|\bdict\b|\bNone\b|regex"
    r"|pattern|instance of|\bstr\b|\bint\b|\bTrue\b|\bFalse\b|ValueError|\^\["
)
PACKAGE: Final = Path(next(iter(runner.contract.__path__)))
PAGES: Final = PACKAGE / "rules"
BEFORE_ANY_MEANING: Final = "SUR0"


def test_the_minimal_repository_is_clean() -> None:
    loaded = load()
    assert loaded.findings == ()
    assert loaded.revision is not None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_repository_gets_one_finding_at_the_right_place(case: Case) -> None:
    loaded = load_revision(edited(*case.edits))
    assert loaded.revision is None
    (found,) = [each for each in loaded.findings if each.code not in case.also]
    assert {each.code for each in loaded.findings} == {case.code, *case.also}
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
    assert set(GATE_RULES) == {case.code for case in CASES}


def test_each_code_that_reading_can_give_has_a_page_and_no_page_is_of_another() -> None:
    given = {
        code
        for path in PACKAGE.rglob("*.py")
        if PAGES not in path.parents
        for code in re.findall(r'"(SUR\d{3})"', path.read_text(encoding="utf-8"))
    }
    # SUR607, a placeholder without a value, is about scenarios: no runner reads them, and its page is the tool's.
    assert given - {"SUR607"} == set(GATE_RULES)


def test_pages_are_of_errors_that_nobody_can_waive_and_their_names_are_used_once() -> None:
    assert [rule.code for rule in GATE_RULES.values()] == sorted(GATE_RULES)
    assert all(rule.code == code for code, rule in GATE_RULES.items())
    assert {(rule.severity, rule.waivable) for rule in GATE_RULES.values()} == {(Severity.ERROR, False)}
    names = [rule.name for rule in GATE_RULES.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)
    assert {rule.code: rule.name for rule in GATE_RULES.values() if rule.code in CODES} == dict(CODES)


@pytest.mark.parametrize("rule", GATE_RULES.values(), ids=lambda rule: rule.code)
def test_a_page_shows_what_is_bad_and_how_it_is_put_right(rule: Rule) -> None:
    bad, good = excerpt(rule.bad), excerpt(rule.good)
    if not bad:
        assert rule.code in {"SUR003", "SUR004", "SUR005", "SUR110", "SUR111", "SUR113", "SUR114"}, "say it in YAML"
        return
    if rule.code.startswith(BEFORE_ANY_MEANING):
        assert rule.code in {each.code for each in load_yaml(bad.encode(), "bad.yaml").diagnostics}
        assert not load_yaml(good.encode(), "good.yaml").diagnostics
        return
    shown = [files for case in CASES if case.code == rule.code for files in put_right(case, bad, good)]
    assert shown, "the bad excerpt stands in no bad repository of this rule"
    for files in shown:
        assert rule.code not in {each.code for each in load_revision(files).findings}


def excerpt(text: str) -> str:
    """The YAML of an excerpt, without the comments that say where it stands; SUR011 is about nothing but them."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("# ") or text == GATE_RULES["SUR011"].bad)


def put_right(case: Case, bad: str, good: str) -> list[MemoryFiles]:
    """The bad repository with the good excerpt in place of the bad one, wherever an edited file shows that."""
    files = dict(edited(*case.edits).files)
    right = []
    for edit in case.edits:
        text = (files.get(edit.path) or b"").decode() if isinstance(edit, Edit) else ""
        if text.count(bad) == 1:
            right.append(MemoryFiles({**files, edit.path: text.replace(bad, good).encode()}))
    return right
