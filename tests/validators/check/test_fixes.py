"""What has one obvious answer is fixed, and nothing else; a fix that would do harm is not made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.documents import Files
from runner.contract.edits import Append, Operation, Remove, SetValue
from runner.contract.source import load
from tests.runner.contract.repository import MINIMAL, MemoryFiles, edited
from tests.validators.check.fix_cases import BILLING, CASES, GOLDEN, LEFT_ALONE, REST, Case, difference, fixed, look
from validators.check.fixes import Examined, fix
from validators.check.gate_fixes import path_of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fix_is_golden(case: Case) -> None:
    assert case.text() == case.golden.read_text(encoding="utf-8")
    assert "refused" not in case.text()


def test_there_is_no_golden_file_too_many() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {case.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_after_a_fix_nothing_is_left_to_fix_and_the_revision_is_valid(case: Case) -> None:
    files = edited(*case.edits)
    done = fixed(files)
    after = MemoryFiles({**files.files, **done.files})
    assert not fixed(after).files
    assert look(after).valid


@pytest.mark.parametrize("case", LEFT_ALONE, ids=lambda case: case.name)
def test_what_leaves_a_choice_is_left_alone(case: Case) -> None:
    files = edited(*case.edits)
    assert [each for each in look(files).findings if each.severity is Severity.ERROR]
    assert difference(files, fixed(files)) == ""


def test_only_wanted_findings_are_fixed() -> None:
    files = edited(*CASES[0].edits)
    assert not fix(files, look, lambda found: found.code != "SUR101").files


def found(at: str, *fixes: Operation) -> Diagnostic:
    return Diagnostic("SUR900", Severity.WARNING, f"not nice {at}", Location(REST, 1, 1), "", at, fixes)


def rule(*findings: Diagnostic, harm: str = "", valid: bool = True) -> tuple[Files, list[str]]:
    """A rule that finds these where the bytes still hold what is at the end of the message, and harm where it says."""
    files = MemoryFiles(MINIMAL)

    def examine(files: Files) -> Examined:
        text = files.read(REST).decode()
        here = [each for each in findings if each.message.removeprefix("not nice ") in text]
        worse = [replace(findings[0], code="SUR101", message="worse", fixes=())] if harm and harm in text else []
        return Examined([*here, *worse], valid)

    done = fix(files, examine, lambda _: True)
    return MemoryFiles({**MINIMAL, **done.files}), [each.message for each in done.refused]


def test_a_fix_after_which_the_finding_is_still_there_is_refused() -> None:
    files, refused = rule(found("name: rest", SetValue(("summary",), "Other.")))
    assert files.read(REST) == MINIMAL[REST]
    assert refused == ["not nice name: rest"]


@pytest.mark.parametrize("valid", [True, False])
def test_a_fix_that_leads_to_another_finding_is_refused_and_the_others_are_made(valid: bool) -> None:
    good = found("repeat: 1", SetValue(("accept", "repeat"), 2))
    bad = replace(found("summary: Every", SetValue(("summary",), "Bad.")), pointer="/summary")
    files, refused = rule(bad, good, harm="Bad.", valid=valid)
    assert b"repeat: 2" in files.read(REST)
    assert b"Everything else." in files.read(REST)
    assert refused == ["not nice summary: Every"]


def test_an_operation_that_does_not_apply_is_no_fix() -> None:
    files, refused = rule(found("name: rest", Remove(("nowhere",)), Append(("summary",), 1)))
    assert files.read(REST) == MINIMAL[REST]
    assert refused == ["not nice name: rest"]


def test_two_fixes_of_one_place_are_made_one_after_another() -> None:
    first = found("repeat: 1", SetValue(("accept", "repeat"), 2))
    second = found("repeat: 2", SetValue(("accept", "repeat"), 3))
    also = found("checklist: [clear]", SetValue(("accept",), {"within": "2h", "checklist": ["other"], "repeat": 3}))
    files, refused = rule(first, second, valid=False)
    assert (b"repeat: 3" in files.read(REST), refused) == (True, [])
    files, refused = rule(first, also)
    assert b"other" in files.read(REST)


def test_fixing_ends_although_a_fix_always_finds_more() -> None:
    rounds = []

    def examine(files: Files) -> Examined:
        rounds.append(1)
        number = len(rounds)
        return Examined(
            [replace(found("x", SetValue(("accept", "repeat"), number)), message=f"number {number}")], False
        )

    fix(MemoryFiles(MINIMAL), examine, lambda _: True)
    assert len(rounds) < 20


def test_a_finding_without_a_place_or_in_a_file_that_cannot_be_read_is_left() -> None:
    files = MemoryFiles({**MINIMAL, BILLING: None})
    lost = replace(found("x", SetValue(("name",), "y")), location=Location(BILLING, 1, 1))
    nowhere = replace(found("x", SetValue(("name",), "y")), location=None)
    assert not fix(files, lambda _: Examined([lost, nowhere], valid=True), lambda _: True).files


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("", ()),
        ("/a/1/b~1c", ("a", 1, "b/c")),
        ("/a/1/missing", ("a", 1, "missing")),
        ("/a/9", None),
        ("/nothing/below", None),
        ("/x/0", ("x", "0")),
    ],
)
def test_a_pointer_becomes_a_path(pointer: str, path: tuple[str | int, ...] | None) -> None:
    plain = {"a": [1, {"b/c": 2}], "x": {"0": 1}}
    assert path_of(plain, pointer) == path  # type: ignore[arg-type]


def test_the_minimal_repository_has_nothing_to_fix() -> None:
    assert all(load(data, path).root is not None for path, data in MINIMAL.items())
    assert not fixed(MemoryFiles(MINIMAL)).files
