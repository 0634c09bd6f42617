"""SARIF: valid by the schema of its authors, and complete.

`sarif-schema-2.1.0.json` is that of the OASIS technical committee, from github.com/oasis-tcs/sarif-spec, unchanged.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from runner.contract.diagnostic import Location
from runner.contract.load import load_revision
from tests.validators.check.rules.cases import Case, cases
from tests.validators.output.reports import DOUBT, NOWHERE, WORST, report, since
from validators.check import check_revision
from validators.check.outcome import Outcome
from validators.check.registry import all_rules
from validators.output.check_json import check_json
from validators.output.report import Report
from validators.output.sarif import check_sarif

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def run_of(shown: Report) -> dict[str, Any]:
    (run,) = json.loads(check_sarif(shown))["runs"]
    return dict(run)


def results(shown: Report) -> dict[str, dict[str, Any]]:
    """By code and level, since one code is there twice."""
    return {f"{each['ruleId']} {'suppressions' in each}": each for each in run_of(shown)["results"]}


@pytest.mark.parametrize(
    "shown", [report(), since("main", WORST), replace(report(), outcome=Outcome(())), report(prefix="x/y/")]
)
def test_it_is_valid(shown: Report) -> None:
    Draft4Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(json.loads(check_sarif(shown)))] == []


def test_the_schema_would_find_something() -> None:
    log = json.loads(check_sarif(report()))
    log["runs"][0]["results"][0]["level"] = "dreadful"
    assert [error.message for error in Draft4Validator(SCHEMA).iter_errors(log)]


def test_a_result_has_its_place_its_level_and_its_rule() -> None:
    run, found = run_of(report()), results(report())
    worst = found["SUR402 False"]
    assert (worst["level"], worst["message"]["text"]) == ("error", "`x` is nothing\ntry `y`")
    assert worst["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "templates/a%20b/template.yaml", "uriBaseId": "SRCROOT"},
                "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9},
            }
        }
    ]
    rules = run["tool"]["driver"]["rules"]
    assert rules[worst["ruleIndex"]]["id"] == "SUR402"
    assert [each["id"] for each in rules] == list(all_rules())
    assert "helpUri" not in rules[0]
    assert [found[key]["level"] for key in ("SUR403 False", "SUR502 False")] == ["warning", "note"]


def test_no_answer_is_open_and_the_run_no_success() -> None:
    unknown = results(report())["SUR401 False"]
    assert (unknown["kind"], unknown["level"]) == ("open", "none")
    assert run_of(report())["invocations"] == [{"executionSuccessful": False}]
    assert run_of(report(DOUBT))["invocations"] == [{"executionSuccessful": True}]


def test_a_finding_about_the_repository_stands_somewhere_too() -> None:
    (place,) = results(report())["SUR110 False"]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "policies"


def test_a_waived_finding_is_suppressed_with_its_reason() -> None:
    assert results(report())["SUR403 True"]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "until 2026-12-31: It always has one."}
    ]


def test_with_a_base_each_result_is_new_or_unchanged() -> None:
    states = {key: each["baselineState"] for key, each in results(since("main", WORST)).items()}
    assert states.pop("SUR402 False") == "new"
    assert set(states.values()) == {"unchanged"}
    assert not any("baselineState" in each for each in results(report()).values())


def test_a_fingerprint_stays_when_a_line_moves_and_tells_equal_findings_apart() -> None:
    def prints(*lines: int) -> list[str]:
        moved = [replace(DOUBT, location=Location("a.yaml", line, 1)) for line in lines]
        every = run_of(report(*moved))["results"]
        return [each["partialFingerprints"]["surety/v1"] for each in every if "suppressions" not in each]

    assert prints(4) == prints(40)
    assert len(set(prints(4, 5))) == 2
    assert prints(4, 5) == prints(6, 7)


TOLD_OF_DAYS = [each for each in cases() if each.code in {"SUR510", "SUR511"}]


@pytest.mark.parametrize("case", TOLD_OF_DAYS, ids=lambda each: each.id)
def test_a_fingerprint_is_the_same_on_the_next_day(case: Case) -> None:
    loaded = load_revision(case.files("bad"))

    def shown(day: date) -> list[tuple[str, str]]:
        every = run_of(report(*check_revision(loaded, day)))["results"]
        return [(each["message"]["text"], each["partialFingerprints"]["surety/v1"]) for each in every]

    one, other = shown(case.today), shown(case.today + timedelta(days=1))
    assert one != other or case.code == "SUR510"  # an absence begins on the same day on both
    assert [key for _, key in one] == [key for _, key in other]


def test_a_fingerprint_tells_names_apart() -> None:
    def key(message: str) -> str:
        (every,) = run_of(replace(report(), outcome=Outcome((replace(DOUBT, message=message),))))["results"]
        return str(every["partialFingerprints"]["surety/v1"])

    assert key("`a` is nothing") != key("`b` is nothing")
    assert key("`a` is nothing since 3 hours") == key("`a` is nothing since 4 hours")


def test_paths_lead_from_where_the_program_runs() -> None:
    shown = results(report(NOWHERE, WORST, prefix="ops/"))
    place = shown["SUR402 False"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "ops/templates/a%20b/template.yaml"


def test_what_nobody_sees_is_escaped_in_json_too() -> None:
    message = "müde \u202eedoc \u200b日本 \U000e0041"
    for shown in (check_sarif, check_json):
        text = shown(report(replace(DOUBT, message=message)))
        assert all(piece in text for piece in ("müde", "日本", r"\u202eedoc", r"\u200b", r"\udb40\udc41"))
        assert message in json.dumps(json.loads(text), ensure_ascii=False)
