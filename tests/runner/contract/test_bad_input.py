"""A mistake is said once: what follows from it is not, and nothing that was not checked is called clean."""

from __future__ import annotations

import pytest

from runner.contract.documents import OPTIONAL_KINDS, POLICY_KINDS, read_documents
from runner.contract.load import load_revision
from runner.contract.policies import Limits
from runner.revision import FolderTree
from tests.architecture.project import ROOT
from tests.runner.contract.repository import MINIMAL, Drop, Edit, MemoryFiles, add, drop, edited, load, put

POLICIES = sorted(path for path in MINIMAL if path.startswith("policies/"))
KIND_OF = {path: data.split(b"kind: ")[1].split(b"\n")[0].decode() for path, data in MINIMAL.items()}
BILLING = "templates/billing/template.yaml"


def broken(path: str) -> dict[str, Edit | Drop]:
    """Ways in which one file can be of no use."""
    text, kind = MINIMAL[path].decode(), KIND_OF[path]
    return {
        "syntax": add(path, text + "\n}"),
        "syntax before the kind is said": add(path, "}\n" + text),
        "not UTF-8": add(path, b"# caf\xe9\n" + MINIMAL[path]),
        "another encoding": add(path, text.encode("utf-16")),
        "duplicate key": add(path, text + "\nschema: surety/v1\n"),
        "unknown key": add(path, text + "\nsurplus: 1\n"),
        "another version": put(path, "schema: surety/v1", "schema: surety/v9"),
        "no version": put(path, "schema: surety/v1\n", ""),
        "misspelt kind": put(path, f"kind: {kind}", f"kind: {kind}s"),
        "no kind": put(path, f"kind: {kind}\n", ""),
        "kind that is a list": put(path, f"kind: {kind}", f"kind: [{kind}]"),
        "a list": add(path, "- " + text.replace("\n", "\n  ")),
        "a text": add(path, "nothing but text"),
        "empty": add(path, b""),
        "unreadable": add(path, None),
    }


@pytest.mark.parametrize("path", sorted(MINIMAL))
@pytest.mark.parametrize("way", broken(BILLING))
def test_one_useless_file_is_one_finding(path: str, way: str) -> None:
    loaded = load(broken(path)[way])
    assert loaded.revision is None
    assert [found.location and found.location.file for found in loaded.findings] == [path]


@pytest.mark.parametrize("path", [path for path in POLICIES if KIND_OF[path] not in OPTIONAL_KINDS])
def test_a_missing_policy_is_one_finding(path: str) -> None:
    (found,) = load(drop(path)).findings
    assert found.code == "SUR110"
    assert found.message == f"there is no document of kind {KIND_OF[path]}"


@pytest.mark.parametrize("path", POLICIES)
def test_a_policy_that_is_there_twice_is_one_finding(path: str) -> None:
    (found,) = load(add("policies/zz.yaml", MINIMAL[path])).findings
    assert (found.code, str(found.location)) == ("SUR111", "policies/zz.yaml:2:7")
    assert path in found.message


@pytest.mark.parametrize("way", ["good", "broken"])
@pytest.mark.parametrize("path", POLICIES)
def test_names_in_a_second_file_of_a_kind_are_not_called_unknown(path: str, way: str) -> None:
    """Everything that this policy declares stands in the second file; the first has other names."""
    other = {
        "Channels": ("chat:", "talk:"), "Checklists": ("clear:", "plain:"), "Calendars": ("office:", "bureau:"),
        "EvidenceKinds": ("reply:", "answer:"), "ExceptionClasses": ("data-missing:", "data-gone:"),
        "Fields": ("priority:\n", "urgency:\n"), "People": ("  ann:\n", "  dee:\n"),
        "ResolutionCodes": ("answered:", "told:"),
        "Rotations": ("  first:", "  erst:"),
    }.get(KIND_OF[path], ("", ""))  # fmt: skip
    first = add(path, MINIMAL[path].decode().replace(*other))
    second = add("policies/zz.yaml", MINIMAL[path] + (b"surplus: 1\n" if way == "broken" else b""))
    (found,) = load(first, second).findings
    assert (found.code, found.location and found.location.file) == (
        "SUR111" if way == "good" else "SUR101",
        "policies/zz.yaml",
    )


def test_an_unclear_file_hides_no_mistake_of_what_is_clear() -> None:
    loaded = load(add("policies/notes.yaml", b"just notes"), put(BILLING, "calendar: office", "calendar: ofice"))
    assert [found.code for found in loaded.findings] == ["SUR103", "SUR201"]


def test_every_policy_kind_is_in_the_minimal_repository() -> None:
    assert {KIND_OF[path] for path in POLICIES} == set(POLICY_KINDS)


def test_a_broken_policy_does_not_hide_mistakes_that_have_nothing_to_do_with_it() -> None:
    loaded = load(
        put("policies/people.yaml", "kind: People", "kind: People\nsurplus: 1"),
        put(BILLING, "calendar: office", "calendar: ofice"),
    )
    assert [found.code for found in loaded.findings] == ["SUR101", "SUR201"]


def test_findings_come_in_the_order_of_files_and_lines() -> None:
    loaded = load(
        put(BILLING, "  within: 1h\n", "  within: 1 hour\n"),
        put("templates/rest/template.yaml", "repeat: 1", "repeat: one"),
        put("policies/limits.yaml", "repeat_at_most: 2", "repeat_at_most: two"),
        put("policies/limits.yaml", "named_within: 15m", "named_within: 15"),
        drop("policies/checklists.yaml"),
    )
    places = [str(found.location) for found in loaded.findings]
    assert places == [
        "None",
        "policies/limits.yaml:3:15",
        "policies/limits.yaml:7:17",
        f"{BILLING}:19:11",
        "templates/rest/template.yaml:20:11",
    ]


@pytest.mark.parametrize("files", [{}, {"policies/README.md": b"# Policies"}], ids=["no file", "no document"])
def test_an_empty_folder_is_not_clean(files: dict[str, bytes | None]) -> None:
    loaded = load_revision(MemoryFiles(files))
    assert loaded.revision is None
    assert [found.code for found in loaded.findings] == ["SUR113"]


def test_policies_alone_are_not_clean() -> None:
    loaded = load(*(drop(path) for path in MINIMAL if path not in POLICIES))
    assert [found.code for found in loaded.findings] == ["SUR110"]


def test_only_yaml_is_read() -> None:
    assert load(add("policies/NOTES.md", b"\xff"), add("templates/rest/limits.yaml.bak", b"{")).findings == ()


def test_a_file_may_be_called_yml() -> None:
    assert (
        load(drop("policies/limits.yaml"), add("policies/limits.yml", MINIMAL["policies/limits.yaml"])).findings == ()
    )


@pytest.mark.parametrize("ending", ["YAML", "Yml"])
def test_capital_letters_hide_no_file(ending: str) -> None:
    path, text = f"policies/limits.{ending}", MINIMAL["policies/limits.yaml"]
    assert load(drop("policies/limits.yaml"), add(path, text)).findings == ()
    again = load(add(path, text)).findings
    assert [found.code for found in again] == ["SUR111"]


SCENARIO = "schema: surety/v1\nkind: Scenario\nname: x\n"


def test_scenarios_are_read_only_when_asked_for() -> None:
    files = edited(add("templates/rest/rest_test.yaml", SCENARIO))
    assert {found.code for found in load_revision(files).findings} == {"SUR102"}
    assert load_revision(files, scenarios=False).findings == ()


def test_documents_can_be_read_without_a_revision() -> None:
    documents = read_documents(edited(drop("policies/limits.yaml")), ["Template"])
    assert [document.path for document in documents.all("Template")] == [BILLING, "templates/rest/template.yaml"]
    assert documents.findings == []


def test_asking_for_what_is_known_to_be_there_fails_loudly_otherwise() -> None:
    documents = read_documents(edited(drop("policies/limits.yaml")))
    assert documents.one("Limits") is None
    assert documents.policy(Limits) is None
    with pytest.raises(LookupError, match="there is no Limits"):
        documents.needed(Limits)
    with pytest.raises(TypeError, match=r"policies/people.yaml is a People"):
        documents.all("People")[0].read_as(Limits)


@pytest.mark.parametrize(
    ("was", "now", "line", "column"),
    [
        ("  within: {time: 16h, calendar: office}", "  within: {time: 16h, calender: office}", 13, 23),
        ("    - notify:\n        who: previous_owner", "    - notify:\n        whom: previous_owner", 32, 9),
        ("        task: true", "        tsk: true", 40, 9),
        ("handoff: {require: [reason], ", "handoff: {requires: [reason], ", 41, 11),
        ("  resolution_codes: [answered, paid]", "  resolution_code: [answered, paid]", 46, 3),
    ],
)
def test_deep_in_a_template_the_key_itself_is_shown(was: str, now: str, line: int, column: int) -> None:
    (found,) = load(put(BILLING, was, now)).findings
    assert (found.code, str(found.location)) == ("SUR101", f"{BILLING}:{line}:{column}")


def test_a_misspelt_key_is_not_missing_as_well() -> None:
    (found,) = load(put(BILLING, "outcome:", "outcomes:")).findings
    assert found.code == "SUR101"
    assert found.help.startswith("did you mean `outcome`?")


def test_the_shipped_repository_is_clean() -> None:
    loaded = load_revision(FolderTree(ROOT))
    assert loaded.findings == ()
    assert loaded.revision is not None
    assert len(loaded.revision.contracts) >= 4


@pytest.mark.parametrize(
    "fields",
    [
        "priority: low",
        "priority: null",
        "amount: 5",
        "amount: 1.5",
        "vip: true",
        "subject: 'Late: {{ ticket.subject }}'",
        "agent: '{{ owner.id }}'",
        "due_at: '2026-03-03T09:00:00Z'",
        "due_at: '{{ escalation.outcome_due }}'",
    ],
)
def test_what_fits_a_field_may_be_written(fields: str) -> None:
    assert load(put(BILLING, "set_fields: {priority: high}", f"set_fields: {{{fields}}}")).findings == ()


def test_of_one_document_a_hundred_findings_are_enough() -> None:
    many = "".join(f"surplus-{number}: 1\n" for number in range(3_000))
    loaded = load(add(BILLING, MINIMAL[BILLING].decode() + many))
    assert len(loaded.findings) == 100
    assert {found.code for found in loaded.findings} == {"SUR101"}
