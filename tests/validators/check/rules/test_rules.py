"""Every rule of the tool has a page, a bad and a good repository, and words that were approved."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

import validators.check.rules
from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule
from runner.contract.rules import GATE_RULES
from tests.runner.contract.bad_repositories import CASES as GATE_CASES
from tests.runner.contract.repository import MemoryFiles
from tests.validators.check.rules.cases import TODAY, Case, base, cases, found_in
from validators.check.registry import MODULES, all_rules, tool_rules

CASES = cases()
CHECKS = Path(next(iter(validators.check.rules.__path__)))


def test_the_base_is_good() -> None:
    worst = {Severity.ERROR, Severity.WARNING, Severity.UNKNOWN}
    assert [each for each in found_in(MemoryFiles(base()), TODAY, run=True) if each.severity in worst] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_rule_finds_what_is_bad_and_only_that(case: Case) -> None:
    found = case.found("bad")
    assert case.code in {each.code for each in found}
    assert {each.code for each in found} - {case.code} == case.also
    severity = tool_rules()[case.code].severity
    assert {each.severity for each in found if each.code == case.code} == {severity}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_rule_is_silent_on_what_is_good(case: Case) -> None:
    found = case.found("good")
    assert [each for each in found if each.severity is not Severity.INFO and each.code not in case.both] == []
    assert case.code not in {each.code for each in found}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_it_reads_as_it_was_approved(case: Case) -> None:
    assert case.text() == case.golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", tool_rules().values(), ids=lambda rule: rule.code)
def test_each_rule_has_a_folder_that_holds_what_its_page_shows(rule: Rule) -> None:
    (case,) = [case for case in CASES if case.id == f"{rule.code}-{rule.name}"]
    for side, excerpt in (("bad", rule.bad), ("good", rule.good)):
        wanted = yaml_of(excerpt)
        assert wanted, "an excerpt is YAML"
        assert any(holds(text, wanted) for text in case.own(side)), f"{side} excerpt is in no file of {case.id}/{side}"


def test_every_rule_there_is_has_bad_and_good_and_words_that_were_approved() -> None:
    shown = {case.code for case in CASES if case.golden.is_file()}
    assert all((case.folder / side).is_dir() for case in CASES for side in ("bad", "good"))
    refused = {case.code for case in GATE_CASES if case.golden.is_file()}
    assert shown | refused == set(all_rules())
    assert not shown & refused


def test_no_folder_is_of_a_rule_that_is_not_there() -> None:
    assert {case.code for case in CASES} == set(tool_rules())


def test_every_rule_there_is_has_a_code_a_name_and_a_page_of_its_own() -> None:
    rules = all_rules()
    assert list(rules) == sorted(rules)
    assert len(rules) == len(GATE_RULES) + len(tool_rules())
    assert len({rule.name for rule in rules.values()}) == len(rules)
    for code, rule in rules.items():
        assert (rule.code, bool(re.fullmatch(r"SUR\d{3}", code))) == (code, True)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
        for text in (rule.summary, rule.why, rule.fix):
            assert text[0].isupper() or text[0] == "`"
            assert text.endswith(".")
            assert not re.search(r"\bNone\b|pydantic|\btuple\b|Python", text)
        for excerpt in (rule.bad, rule.good):
            assert excerpt.endswith("\n")
            assert not excerpt.endswith("\n\n")


def test_every_module_of_rules_is_registered_once() -> None:
    written = {path.stem for path in CHECKS.glob("*.py")} - {"__init__"}
    registered = [str(vars(module)["__name__"]).rpartition(".")[2] for module in MODULES]
    assert sorted(registered) == sorted(written)


def test_a_rule_of_the_tool_names_only_codes_that_are_registered() -> None:
    named = {
        code for path in CHECKS.parent.rglob("*.py") for code in re.findall(r'"(SUR\d{3})"', path.read_text("utf-8"))
    }
    assert named <= set(all_rules())


def yaml_of(excerpt: str) -> list[str]:
    """The lines of an excerpt without the comments that say where it stands, as far left as they go."""
    lines = [line for line in excerpt.splitlines() if not line.startswith("# ")]
    return textwrap.dedent("\n".join(lines)).splitlines()


def holds(text: str, wanted: list[str]) -> bool:
    lines = text.splitlines()
    for start in range(len(lines) - len(wanted) + 1):
        piece = [
            line.removeprefix("- ") if wanted[0][:1] != "-" else line for line in lines[start : start + len(wanted)]
        ]
        if textwrap.dedent("\n".join(piece)).splitlines() == wanted:
            return True
    return False
