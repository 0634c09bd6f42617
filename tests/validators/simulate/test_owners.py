"""The owner timeline as it is written down: compared exactly, and written again with nothing else touched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.contract.edits import edited
from runner.contract.load import load_revision
from runner.contract.source import load_mapping
from runner.revision import FolderTree
from tests.validators.commands.program import minimal
from tests.validators.repositories import complaints, document_of, pointed_at, revision, scenario_text, tried
from validators.format.canonical import canonical
from validators.format.splice import spliced
from validators.simulate import run_scenario
from validators.simulate.accepted import UnacceptedError, edits_of
from validators.simulate.accepted import accepted as accepted_bytes

OWNERS = """\
owners:
  - {at: "09:00", owner: anna-keller, reason: first_rung}
  - {at: "11:00", owner: tomasz-nowak, reason: no_answer}
  - {at: "11:30", owner: tomasz-nowak, reason: accepted}
"""
ACT = 'acts:\n  - {at: "11:30", do: accept, by: tomasz-nowak}\n'


def test_the_same_owners_pass_however_an_instant_is_written() -> None:
    assert tried(ACT + OWNERS).passed
    assert tried(ACT + OWNERS.replace('"11:00"', '"2026-03-03 11:00:00"')).passed


@pytest.mark.parametrize(
    ("old", "new", "where", "complaint"),
    [
        (
            "owner: tomasz-nowak, reason: no_answer",
            "owner: anna-keller, reason: no_answer",
            '{at: "11:00", owner: anna-keller, reason: no_answer}',
            (
                "Tue 2026-03-03 11:00:00: expected anna-keller from Tue 2026-03-03 11:00:00 on, no_answer; "
                "got tomasz-nowak from Tue 2026-03-03 11:00:00 on, no_answer"
            ),
        ),
        (
            '  - {at: "11:30", owner: tomasz-nowak, reason: accepted}\n',
            "",
            "",
            (
                "Tue 2026-03-03 11:30:00: expected no further change; "
                "got tomasz-nowak from Tue 2026-03-03 11:30:00 on, accepted"
            ),
        ),
        (
            '  - {at: "11:30", owner: tomasz-nowak, reason: accepted}\n',
            '  - {at: "11:30", owner: tomasz-nowak, reason: accepted}\n  - {at: "12:00", reason: closed}\n',
            '{at: "12:00", reason: closed}',
            "Tue 2026-03-03 12:00:00: expected nobody from Tue 2026-03-03 12:00:00 on, closed; got no further change",
        ),
    ],
)
def test_the_first_difference_is_shown_with_what_to_do(old: str, new: str, where: str, complaint: str) -> None:
    text = scenario_text(ACT + OWNERS.replace(old, new))
    result = run_scenario(revision(), *document_of(text))
    assert complaints(result) == [f"SUR611 who is accountable is not as written down at {complaint}"]
    found = result.failures[0].diagnostic
    assert "surety test --accept" in found.help
    if where:
        assert pointed_at(text, found) == where


def accepted(text: str) -> str:
    """A scenario after its owners were accepted."""
    scenario, document = document_of(text)
    result = run_scenario(revision(), scenario, document)
    assert result.place is not None
    return accepted_bytes(text.encode(), document.path, [(result.place, result)]).decode()


@pytest.mark.parametrize(
    "before",
    [
        f"{ACT}owners: []\n",
        f'{ACT}expect:\n  - {{at: "11:30", state: accepted}}  # at last\n',
        ACT + OWNERS.replace("tomasz-nowak", "helen-park"),
        ACT + OWNERS.replace('  - {at: "09:00"', '  # the first\n  - {at: "09:00"').replace("no_answer", "absent"),
        f'{ACT}{OWNERS}  - {{at: "12:00", owner: anna-keller, reason: handed_over}}\n',
    ],
)
def test_what_is_accepted_passes_and_is_canonical_and_stays(before: str) -> None:
    text = scenario_text(before)
    after = accepted(text)
    result = run_scenario(revision(), *document_of(after))
    assert result.passed, complaints(result)
    assert len(result.owners) == 3
    assert accepted(after) == after, "accepting twice changes nothing"
    assert canonical(after.encode(), "tried_test.yaml") == after.encode()
    assert [line for line in text.splitlines() if "#" in line] == [line for line in after.splitlines() if "#" in line]


def test_a_timeline_that_is_right_is_left_as_it_is_written() -> None:
    text = scenario_text(ACT + OWNERS.replace('"11:00"', '"2026-03-03 11:00"'))
    assert accepted(text) == text


CASES = """\
schema: surety/v1
kind: Scenario
name: asked
summary: Whoever is first in turn is asked at once.
start: "2026-03-03"
zone: Europe/Berlin
tickets:
  invoice:
    at: "09:00"
    fields: {type: billing, priority: $priority, status: open, subject: Invoice 7}
expect:
  - {at: "10:30", template: $template}
cases:
  # as ever
  high: {priority: high, template: billing}
  low: {priority: low, template: rest}
"""


def outcomes(folder: Path, text: str, only: str = "") -> tuple[Mapping[str, object], list[bool], str]:
    """The document, whether each case passed, and the text after accepting them, or one of them."""
    minimal(folder)
    (folder / "templates/billing/asked_test.yaml").write_text(text, encoding="utf-8")
    found = load_revision(FolderTree(folder))
    assert found.revision is not None, [each.message for each in found.findings]
    results = [
        run_scenario(found.revision, scenario, document)
        for path, scenario, document in found.revision.scenarios
        if "billing" in path and only in scenario.name
    ]
    plain = load_mapping(text.encode())
    assert plain is not None
    edits = edits_of(plain, [(result.place, result) for result in results if result.place is not None])
    after = spliced(text.encode(), edits).decode()
    assert load_mapping(after.encode()) == edited(plain, edits)
    return plain, [result.passed for result in results], after


def test_cases_get_timelines_of_their_own(tmp_path: Path) -> None:
    _, passed, after = outcomes(tmp_path, CASES)
    assert passed == [True, True]
    assert "owners: $owners\n" in after
    assert "  # as ever\n" in after
    _, passed, again = outcomes(tmp_path, after)
    assert (passed, again) == ([True, True], after)
    _, passed, mended = outcomes(tmp_path, after.replace("owner: ben", "owner: cyd"), only="[high]")
    assert (passed, mended) == ([False], after)


def test_one_case_alone_cannot_get_a_timeline_that_the_others_have_not(tmp_path: Path) -> None:
    with pytest.raises(UnacceptedError, match="accept them together with low"):
        outcomes(tmp_path, CASES, only="[high]")
