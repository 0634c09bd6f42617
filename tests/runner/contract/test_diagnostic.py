"""How findings are ordered, suggested, printed and put into JSON."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.diagnostic import Diagnostic, Location, Severity, nearest, printable, render_text, split_lines


def found(
    line: int = 1, column: int = 1, *, end: tuple[int, int] | None = None, code: str = "SUR101", advice: str = ""
) -> Diagnostic:
    at = Location("a.yaml", line, column, *(end or ()))
    return Diagnostic(code, Severity.ERROR, "unknown key `ownerz`", at, advice)


def render(diagnostic: Diagnostic, text: str, *, colour: bool = False) -> list[str]:
    lines = split_lines(text)
    return render_text([diagnostic], lambda _, n: lines[n - 1], colour=colour).splitlines()


class TestOrder:
    def test_by_file_line_column_code_with_the_placeless_first(self) -> None:
        placeless = Diagnostic("SUR999", Severity.ERROR, "no template", None)
        other_file = Diagnostic("SUR001", Severity.ERROR, "x", Location("b.yaml", 1, 1))
        expected = [
            placeless,
            found(1, 2, code="SUR101"),
            found(1, 2, code="SUR102"),
            found(2, 1),
            found(10, 1),
            other_file,
        ]

        random.Random(1).shuffle(other_order := list(expected))
        assert other_order != expected
        assert sorted(other_order) == expected

    def test_locations_with_and_without_an_end_can_be_ordered(self) -> None:
        start = Location("a", 1, 1)
        assert sorted([Location("a", 1, 1, 1, 5), start]) == [start, Location("a", 1, 1, 1, 5)]
        assert start <= Location("a", 1, 1)
        assert Location("a", 2, 1) > Location("a", 1, 9)


class TestNearest:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("ownerz", "owners"),
            ("Owners", "owners"),
            ("escalation-owner", "escalation_owner"),
            ("acept", "accept"),
            ("zzz", None),
            ("", None),
            ("o" * 10_000, None),
        ],
    )
    def test_names_the_right_spelling(self, name: str, expected: str | None) -> None:
        assert nearest(name, ["owners", "accept", "escalation_owner"]) == expected

    def test_does_not_depend_on_the_order_of_candidates(self) -> None:
        candidates = ["owner_a", "owner_b", "owner_c"]
        assert nearest("owner_x", candidates) == nearest("owner_x", candidates[::-1])

    def test_without_candidates_there_is_none(self) -> None:
        assert nearest("owners", []) is None

    @pytest.mark.parametrize(
        ("name", "candidates", "expected"),
        [
            ("time_to_ack", ["time_to_acknowledge", "time_to_close"], "time_to_acknowledge"),
            ("enterprise", ["enterprise-billing", "fallback"], "enterprise-billing"),
            ("enterprise", ["enterprise-billing", "enterprises-in-the-north"], "enterprise-billing"),
            ("offere", ["offered", "offerings-of-others"], "offered"),
            ("reject", ["rejected-by-everybody", "rejec"], "rejec"),
            ("inc", ["incomplete"], None),
        ],
        ids=["a beginning", "far from alike", "of several", "one letter more", "nearly the same", "too short"],
    )
    def test_what_begins_a_single_name_means_it(self, name: str, candidates: list[str], expected: str | None) -> None:
        assert nearest(name, candidates) == expected

    def test_gives_the_spelling_of_the_candidate(self) -> None:
        assert nearest("finance-HOURS", ["Finance_Hours"]) == "Finance_Hours"


class TestText:
    def test_looks_like_this(self) -> None:
        diagnostic = found(12, 3, end=(12, 9), advice="did you mean `owners`?\nSee the schema.")
        text = render_text([diagnostic], lambda file, line: f"  ownerz: {file} {line}")

        assert text == (
            "error[SUR101] unknown key `ownerz`\n"
            "  --> a.yaml:12:3\n"
            "   |\n"
            "12 |   ownerz: a.yaml 12\n"
            "   |   ^^^^^^\n"
            "   = help: did you mean `owners`?\n"
            "           See the schema.\n"
        )

    def test_nothing_found_prints_nothing(self) -> None:
        assert render_text([], lambda *_: None) == ""

    def test_findings_are_sorted_and_apart_by_one_empty_line(self) -> None:
        text = render_text([found(2), found(1)], lambda *_: None)
        assert text.split("\n\n") == [
            "error[SUR101] unknown key `ownerz`\n --> a.yaml:1:1",
            "error[SUR101] unknown key `ownerz`\n --> a.yaml:2:1\n",
        ]

    def test_without_a_place_there_is_no_excerpt(self) -> None:
        nowhere = Diagnostic("SUR900", Severity.WARNING, "no template", None, "Add one.")
        assert render(nowhere, "x") == ["warning[SUR900] no template", "  = help: Add one."]

    @pytest.mark.parametrize(
        ("line", "diagnostic", "expected"),
        [
            pytest.param("abc", found(1, 2), " ^", id="without an end: one character"),
            pytest.param("abc", found(1, 2, end=(1, 2)), " ^", id="an empty span: one character"),
            pytest.param("abc  ", found(1, 2, end=(3, 1)), " ^^", id="several lines: to the end of the first"),
            pytest.param("abc", found(1, 99, end=(1, 120)), "   ^", id="beyond the line: right after it"),
            pytest.param("\tab", found(1, 2, end=(1, 4)), " ^^", id="a tab takes one column"),
            pytest.param("漢字 x", found(1, 4, end=(1, 5)), "     ^", id="wide characters take two columns"),
            pytest.param("漢字 x", found(1, 1, end=(1, 3)), "^^^^", id="and so do carets below them"),
            pytest.param("e\u0301x", found(1, 3), " ^", id="a combining accent takes none"),
        ],
    )
    def test_carets_stand_below_what_they_point_at(self, line: str, diagnostic: Diagnostic, expected: str) -> None:
        caret_line = render(diagnostic, line)[4]
        assert caret_line == f"  | {expected}"

    def test_a_long_line_is_cut_around_the_finding(self) -> None:
        _, _, _, excerpt, carets = render(found(1, 501, end=(1, 504)), "x" * 500 + "BAD" + "y" * 500)
        assert "BAD" in excerpt
        assert len(excerpt) < 160
        assert excerpt.index("BAD") == carets.index("^^^")
        assert excerpt.count("…") == 2

    def test_a_finding_at_the_start_of_a_long_line_keeps_the_start(self) -> None:
        excerpt = render(found(1, 1), "BAD" + "y" * 500)[3]
        assert excerpt.startswith("1 | BADy")
        assert excerpt.endswith("…")

    def test_nothing_of_a_document_reaches_the_terminal_as_a_command(self) -> None:
        evil = "\x1b[2Jgone\u202e\x07"
        diagnostic = Diagnostic("SUR101", Severity.INFO, evil, Location(evil, 1, 1), evil)
        text = render_text([diagnostic], lambda *_: evil)
        assert not set(text) & {"\x1b", "\u202e", "\x07"}
        assert "\\x1b[2Jgone\\u202e\\x07" in text

    def test_colour_only_on_demand_and_always_switched_off(self) -> None:
        plain, coloured = render(found(), "abc"), render(found(), "abc", colour=True)
        assert not any("\x1b" in line for line in plain)
        assert coloured[0].startswith("\x1b[1;31merror[SUR101]\x1b[0m")
        for line in coloured:
            assert line.count("\x1b[0m") * 2 == line.count("\x1b[")

    @given(st.text(max_size=300), st.integers(1, 400), st.integers(1, 400), st.integers(1, 3))
    def test_any_line_and_any_place_print(self, line: str, start: int, end: int, end_line: int) -> None:
        diagnostic = found(1, start, end=(end_line, end))
        assert "^" in render_text([diagnostic], lambda *_: line)


class TestJson:
    def test_a_place_with_its_end(self) -> None:
        diagnostic = Diagnostic("SUR101", Severity.ERROR, "m", Location("a.yaml", 1, 2, 1, 5), "h", "/owners")
        assert diagnostic.to_json() == {
            "code": "SUR101",
            "severity": "error",
            "message": "m",
            "help": "h",
            "pointer": "/owners",
            "location": {"file": "a.yaml", "line": 1, "column": 2, "end_line": 1, "end_column": 5},
        }

    def test_no_place_is_null(self) -> None:
        nowhere = Diagnostic("SUR900", Severity.INFO, "m", None).to_json()
        assert nowhere["location"] is None
        assert json.loads(json.dumps(nowhere)) == nowhere


def test_lines_end_at_line_breaks_of_yaml_and_at_nothing_else() -> None:
    assert split_lines("a\nb\r\nc\rd\x85e\u2028f\x0cg\n") == ["a", "b", "c", "d\x85e\u2028f\x0cg", ""]


def test_printable_text_stays_and_the_rest_is_escaped() -> None:
    assert printable("héllo 漢") == "héllo 漢"
    assert printable("a\nb\x00\ud800") == "a\\nb\\x00\\ud800"
