"""The published schemas alone: they pass what is good, and say of the rest what the models say, as far as they can."""

from __future__ import annotations

import re

import pytest

from runner.contract.diagnostic import Diagnostic
from runner.revision import FolderTree
from tests.runner.contract.bad_repositories import CASES, Case
from tests.runner.contract.repository import MINIMAL, MemoryFiles, add, edited, put
from tests.validators.repositories import ROOT
from validators.check.schema_only import check_schemas

BILLING = "templates/billing/template.yaml"
SHAPE = [case for case in CASES if case.code in {"SUR101", "SUR102", "SUR103"}]
BEYOND_A_SCHEMA = {"SUR102-limit-of-a-priority", "SUR102-assign-without-a-field"}
JARGON = re.compile(r"[Vv]alidat|is not of type|does not match|regex|\bNone\b|\bdict\b|\banyOf\b|\^")


def found(files: MemoryFiles) -> list[Diagnostic]:
    return list(check_schemas(files)[0])


def test_the_company_files_pass() -> None:
    findings, looked_at = check_schemas(FolderTree(ROOT))
    assert findings == ()
    assert looked_at == len([*ROOT.glob("policies/**/*.yaml"), *ROOT.glob("templates/**/*.yaml")])


@pytest.mark.parametrize("case", SHAPE, ids=lambda case: case.id)
def test_it_finds_what_the_models_find_at_the_same_place(case: Case) -> None:
    places = {(each.code, str(each.location)) for each in found(edited(*case.edits))}
    assert ((case.code, case.at) in places) is (case.id not in BEYOND_A_SCHEMA)


@pytest.mark.parametrize("case", [case for case in CASES if case.code < "SUR11"], ids=lambda case: case.id)
def test_it_speaks_plainly(case: Case) -> None:
    for each in found(edited(*case.edits)):
        assert each.help
        assert not JARGON.search(each.message + each.help)


@pytest.mark.parametrize(
    ("old", "new", "message", "help_text"),
    [
        ("within: 1h\n", "within: 15min\n", "`15min` is not a duration", "write a whole number and one unit"),
        (
            "who: previous_owner",
            "who: previus_owner",
            "`previus_owner` is not allowed",
            "did you mean `previous_owner`?",
        ),
        ("who: previous_owner", "who: {rotaton: first}", "unknown key `rotaton`", "did you mean `rotation`?"),
        ("evidence: [reply]", "evidence: [A Reply]", "`A Reply` is not a name", "write lower case letters"),
        ("fields: {type: task}", "fields: {Type: task}", "`Type` is not the name of a field", "write lower case"),
        ("checklist: [clear]", "checklist: []", "`checklist` has too few entries", "at least 1"),
        ("at_most: 2}", "at_most: -1}", "`at_most` is -1", "write a number of at least 0"),
        ("task: true", "task: 1", "`task` must be true or false, found the number `1`", "write true or false"),
    ],
)
def test_of_several_forms_it_tells_of_the_nearest(old: str, new: str, message: str, help_text: str) -> None:
    (each,) = found(edited(put(BILLING, old, new)))
    assert each.message.startswith(message)
    assert each.help.startswith(help_text)


@pytest.mark.parametrize(
    ("path", "text", "codes"),
    [
        ("policies/limits.yaml", "kind: Limit\n", ["SUR105"]),
        ("policies/limits.yaml", "schema: surety/v1\n", ["SUR105"]),
        ("policies/limits.yaml", "- 1\n", ["SUR103"]),
        ("policies/limits.yaml", "a: [\n", ["SUR001"]),
        ("policies/limits.yaml", None, ["SUR114"]),
    ],
)
def test_a_file_that_is_no_document_is_found(path: str, text: str | None, codes: list[str]) -> None:
    assert [each.code for each in found(edited(add(path, text)))] == codes


def test_another_version_is_told_as_such() -> None:
    (each,) = found(edited(put(BILLING, "schema: surety/v1", "schema: surety/v2")))
    assert each.code == "SUR106"


def test_a_secret_is_not_repeated() -> None:
    text = "  checklist: {token: ghp_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX}\n"
    for each in found(edited(put(BILLING, "  checklist: [clear]\n", text))):
        assert "ghp_0aB1" not in each.message + each.help
    (each,) = found(edited(put(BILLING, "task: true", "task: ghp_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX")))
    assert each.message == "`task` must be true or false, found the text `***`"


def test_references_are_not_its_business() -> None:
    assert found(edited(put(BILLING, "primary: {rotation: first}", "primary: {rotation: frist}"))) == []


def test_nothing_to_check_is_a_finding() -> None:
    assert [each.code for each in found(MemoryFiles({"policies/README.md": b""}))] == ["SUR113"]
    assert len(MINIMAL) == check_schemas(MemoryFiles(MINIMAL))[1]
