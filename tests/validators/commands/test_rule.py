"""`surety rule`: one page, or all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.validators.commands.program import surety
from validators.check.registry import all_rules

HERE = Path(__file__).parent


def test_a_page_says_what_why_how_and_how_to_waive() -> None:
    result = surety("rule", "SUR403", cwd=HERE)
    assert (result.exit_code, result.stderr) == (0, "")
    headings = ["SUR403 message-without-default", "Why it matters", "Bad", "Good", "How to fix it", "How to waive it"]
    assert [line for line in result.stdout.splitlines() if line in headings] == headings
    assert "  - {code: SUR403, at: /place/in/this/file, reason: Why it may stand., until: 2027-01-31}" in result.stdout


@pytest.mark.parametrize("word", ["SUR301", "sur301", "acceptance-above-limit"])
def test_a_rule_is_found_by_code_and_by_name(word: str) -> None:
    output = surety("rule", word, cwd=HERE).stdout
    assert output.startswith("SUR301 acceptance-above-limit\n")
    assert "A gate rule: a runner refuses the revision." in output
    assert output.endswith("It cannot be waived: a runner refuses on it.\n")


def test_without_a_name_all_are_listed() -> None:
    lines = surety("rule", cwd=HERE).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(all_rules())
    some = surety("rule", "SUR60", cwd=HERE).stdout.splitlines()
    assert [line.split()[0] for line in some] == [f"SUR6{number:02}" for number in range(1, len(some) + 1)]
    assert len(some) > 5


def test_the_pages_can_be_read_by_programs() -> None:
    every = json.loads(surety("rule", "--format", "json", cwd=HERE).stdout)
    assert [each["code"] for each in every] == list(all_rules())
    one = json.loads(surety("rule", "SUR301", "--format", "json", cwd=HERE).stdout)
    assert (one["gate"], one["waivable"], one["severity"]) == (True, False, "error")
    assert one in every


def test_the_pages_can_be_had_as_markdown() -> None:
    page = surety("rule", "SUR502", "--format", "markdown", cwd=HERE).stdout
    assert page.startswith("### SUR502 unused-block\n\n")
    assert page in surety("rule", "--format", "markdown", cwd=HERE).stdout


def test_an_unknown_rule_is_refused_with_the_nearest() -> None:
    result = surety("rule", "unused-blok", cwd=HERE)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "surety: there is no rule `unused-blok`\n  did you mean unused-block?\n"
