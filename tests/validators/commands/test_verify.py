"""`surety verify`: its verdicts and exit codes, and that nothing looks like a pass that is none."""

from __future__ import annotations

import json
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runner.contract.load import load_revision
from runner.revision import FolderTree, bundled_data
from validators.cli import surety
from validators.commands.verify import _code, _write
from validators.output.verdicts import verdicts_github, verdicts_json, verdicts_markdown, verdicts_text, verdicts_words
from validators.verify import Explored, Verdict, Violation
from validators.verify import Result as Outcome
from validators.verify.compare import Comparison, Difference, Number, only_one
from validators.verify.story import Scene, Story
from validators.verify.witness import Unplayable


def run(*options: str) -> Result:
    return CliRunner().invoke(surety, ["verify", "--repo", str(bundled_data()), "--no-cache", "--jobs", "1", *options])


def test_a_limit_is_no_pass() -> None:
    found = run("fallback", "--limit-states", "2")
    assert found.exit_code == 3, found.output
    assert "fallback: UNKNOWN" in found.output
    assert "stopped at a limit (more than 2 states; `--limit-states` allows more): who is asked and who" in found.output
    assert "1 template: 1 unknown" in found.output


def test_json_says_verdict_parts_bounds_and_environment() -> None:
    found = run("fallback", "--limit-states", "2", "--format", "json")
    document = json.loads(found.stdout)
    assert document["command"] == "verify"
    assert document["summary"]["unknown"] == 1
    verdict = document["verdicts"][0]
    assert verdict["result"] == "unknown"
    assert [each["name"] for each in verdict["bounds"]] == ["manager-knows", "last-asked", "silence"]
    assert "Tick" in document["environment"]["commands"]["time"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("no-such-template",), "no template fits `no-such-template`"),
        (("--property", "no-such"), "there is no property `no-such`"),
        (("--time", "soon"), "`soon` is no time"),
        (("--time", "0s"), "`0s` is no time"),
    ],
)
def test_wrong_usage_is_no_pass(options: tuple[str, ...], words: str) -> None:
    found = run(*options)
    assert found.exit_code == 2
    assert words in found.output


def test_a_process_that_was_ended_from_outside_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise BrokenProcessPool

    monkeypatch.setattr("validators.verify.several.verdicts", broken)
    found = run("fallback")
    assert found.exit_code == 3
    assert "a process that explored a part was ended from outside, so there is no answer" in found.output
    assert "--jobs 1" in found.output


def test_why_there_is_no_scenario_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def unplayable(*_: object) -> bytes:
        raise Unplayable("nobody is there")

    monkeypatch.setattr("validators.verify.confirm.scenario_text", unplayable)
    revision = load_revision(FolderTree(bundled_data())).revision
    assert revision is not None
    mine = Violation("mine", "x", "ownership", Story(()), 1)
    _write(revision, [Verdict("fallback", "", Outcome.VIOLATED, (), (mine,))], tmp_path / "found_test.yaml")
    assert capsys.readouterr().err.splitlines() == [
        "surety: no scenario of fallback, mine: nobody is there",
        "surety: no scenario was written: see above",
    ]


def test_nothing_is_written_when_nothing_is_violated(tmp_path: Path) -> None:
    file = tmp_path / "found_test.yaml"
    found = run("fallback", "--limit-states", "2", "--write-scenario", str(file))
    assert "no scenario was written: nothing is known to be violated" in found.output
    assert not file.exists()


STORY = Story((Scene("it opens", ("primary: somebody on call",), ("x opens",)), Scene("owner: escalate", (), ())))
PROVED = Verdict("calm", "d1", Outcome.PROVED, (Explored("ownership", 5, 10, 0.5),), ())
VIOLATED = Verdict(
    "wild", "d2", Outcome.VIOLATED, (Explored("ownership", 5, 10, 0.5),),
    (Violation("proven", "resolved although proof is missing", "ownership", STORY, 3),),
)  # fmt: skip
DIFFERENCE = Difference(
    "ownership", "somebody is asked", ("due 1m later", "due 2m later"), ("a#/x", "a#/x"), STORY, STORY
)
COMPARED = (
    Comparison("calm", same_digest=True),
    Comparison("wild", differences=(DIFFERENCE,), pairs=7, numbers=(Number("x", "until x", 60, None),)),
    Comparison("mild", pairs=7, limits=("ownership: more than 7 states",), numbers=(Number("x", "until x", 60, 60),)),
    only_one("young", "after"),
    only_one("old", "before"),
)


def test_text_tells_the_story_of_what_does_not_hold() -> None:
    text = verdicts_text([PROVED, VIOLATED], "here", COMPARED)
    assert text.splitlines()[0].startswith("calm: PROVED (5 states, 10 transitions in ")
    for line in (
        "  does not hold: nothing resolves or closes unproven [proven]",
        "    resolved although proof is missing",
        "  the shortest course that shows it (who is asked and who holds it):",
        "    1. it opens (primary: somebody on call)",
        "         x opens",
        "    2. owner: escalate",
        "calm: the same contract before and after, so everything is decided alike",
        "wild: differs: somebody is asked: due 1m later before, due 2m later after",
        "mild: UNKNOWN whether it differs: none was found in 7 pairs of states, and not everything was looked at",
        "young: new: it exists only after",
        "old: removed: it exists only before, and nothing takes its place under this name",
        "  longest time until x: 1m before, need not come at all after",
        "  longest time until x: 1m",
    ):
        assert line in text.splitlines(), line
    assert verdicts_words([PROVED, VIOLATED]) == "2 templates: 1 proved, 1 violated"


def test_what_is_not_known_says_why_once() -> None:
    explored = tuple(Explored(name, 5, 10, 0.5, limit) for name, limit in (("a", "more than 4 states"), ("b", "")))
    explored = (*explored, Explored("c", 5, 10, 0.5, "more than 4 states"))
    reasons = ("a: more than 4 states", "c: more than 4 states", "silence: no word; but only in an order")
    verdict = Verdict("x", "d", Outcome.UNKNOWN, explored, (), (), reasons)
    lines = verdicts_text([verdict], "here", only=("silence",)).splitlines()
    assert "  stopped at a limit (more than 4 states; `--limit-states` allows more): a; c" in lines
    assert "  not decided: silence: no word; but only in an order" in lines
    assert "Only looked at: silence. Of the other properties nothing is said." in lines
    assert json.loads(verdicts_json([verdict], "here", only=("silence",)))["summary"]["only"] == ["silence"]


@pytest.mark.parametrize(
    ("verdicts", "compared", "code"),
    [
        ((PROVED,), (), 0),
        ((PROVED,), COMPARED[:2], 0),
        ((PROVED,), COMPARED, 3),
        ((PROVED, VIOLATED), COMPARED, 1),
    ],
)
def test_not_to_know_of_a_difference_is_no_pass(
    verdicts: tuple[Verdict, ...], compared: tuple[Comparison, ...], code: int
) -> None:
    assert _code(verdicts, compared) == code


def test_other_forms_say_the_same() -> None:
    markdown = verdicts_markdown([PROVED, VIOLATED], "here", COMPARED)
    assert "| wild | VIOLATED | 5 | 10 |  |" in markdown
    assert "resolved although proof is missing" in markdown
    github = verdicts_github([PROVED, VIOLATED], "here")
    assert github.startswith("::error file=templates/wild/template.yaml,title=wild%3A proven::")
    lines = verdicts_github([PROVED, VIOLATED], "here", COMPARED).splitlines()
    assert [line.partition("::")[2].partition("::")[0] for line in lines[1:-1]] == [
        "notice file=templates/calm/template.yaml,title=calm%3A same",
        "notice file=templates/wild/template.yaml,title=wild%3A differs",
        "error file=templates/mild/template.yaml,title=mild%3A unknown",
        "notice file=templates/young/template.yaml,title=young%3A new",
        "notice title=old%3A removed",
    ]
    document = json.loads(verdicts_json([PROVED, VIOLATED], "here", COMPARED))
    assert [each["result"] for each in document["compared"]] == ["same", "differs", "unknown", "new", "removed"]
    findings = document["findings"]
    assert [(each["template"], each["property"]) for each in findings] == [("wild", "proven")]
