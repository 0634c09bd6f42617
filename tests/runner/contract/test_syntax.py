"""What an author is told when a file is not YAML: one finding, at the cause rather than where the parser gave up."""

from __future__ import annotations

import pytest

from runner.contract.source import load
from runner.contract.syntax import Complaint, Spot, explain

TAB = "a tab stands in the indentation"
QUOTE = "a quote is opened here and never closed"
GLUED = "a space is missing after the colon"
NO_COLON = "this is neither `key: value` nor an item of a list"
SECOND_COLON = "a second colon on this line"
DEEPER = "this line stands deeper than the line above, which has its value already"
NO_KEY = "a key cannot stand here"
NO_ITEM = "an item of a list cannot begin here"
COMPLETE = "something follows a value that is complete already"
UNFIT = "the indentation of this line fits no line above it"
NEXT_LINE = "after `|` or `>` a text begins on the next line"
BLANK = "a special blank stands here (U+00A0), and YAML needs a plain one"
ESCAPE = "no such escape in double quotes"


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "advice"),
    [
        ("a:\n\tb: 1\n", 2, 1, TAB, "two spaces"),
        ("a:\n  b: 1\n \tc: 2\n", 3, 2, TAB, "two spaces"),
        ("a: 1\n\tb: 2\n", 2, 1, TAB, "two spaces"),
        ("- \t- x: 1\n", 1, 3, "a tab stands where only a space may", "by a space"),
        ("a: 'x\nb: 2\n", 1, 4, QUOTE, "the same quote"),
        ('a: 1\nb: "x\nc: 2\n', 2, 4, QUOTE, "the same quote"),
        ("a: 'x\n---\nb: 2\n", 1, 4, QUOTE, "the same quote"),
        ("a:\tb\n", 1, 3, "a tab stands where only a space may", "by a space"),
        ("a: b\t# c\n", 1, 5, "a tab stands where only a space may", "by a space"),
        ("a:1\nb: 2\n", 1, 3, GLUED, "`key: value`"),
        ("a: 1\nb:2\nc: 3\n", 2, 3, GLUED, "`key: value`"),
        ("x:\n  - name:ann\n    age: 3\n", 2, 10, GLUED, "`key: value`"),
        ("a: 1\nfoo\nb: 2\n", 2, 1, NO_COLON, "`- value`"),
        ("a: 1\nhttp://x\nb: 2\n", 2, 1, NO_COLON, "`- value`"),
        ("a: b: c\n", 1, 5, SECOND_COLON, "quotes"),
        ("a: 1\n  b: 2\n", 2, 3, DEEPER, "same indentation"),
        ("a: 'x'\n  b: 2\n", 2, 3, DEEPER, "same indentation"),
        ("- a\n  b: 2\n", 2, 3, NO_KEY, "the line above"),
        ("key: - a\n", 1, 6, NO_ITEM, "`key: [one, two]`"),
        ("a: [1,\n  2\nb: 3\n", 1, 4, "`[` is opened here and never closed", "Write `]`"),
        ("a: {b: c\n", 1, 4, "`{` is opened here and never closed", "Write `}`"),
        ("a: {b: 1 c: 2}\n", 1, 11, "`,` or `}` is expected here", "commas"),
        ("a: {b: by {{ c }} d}\n", 1, 11, "a text that holds `{{` needs quotes between `{` and `}`", "whole text"),
        ("a: [by {{ c }}]\n", 1, 8, "a text that holds `{{` needs quotes between `[` and `]`", "whole text"),
        ("a: [x, y}\n", 1, 9, "`,` or `]` is expected here", "commas"),
        ("a: ]\n", 1, 4, "`]` stands where a value should", "quotes"),
        ("a: }\n", 1, 4, "`}` stands where a value should", "quotes"),
        ("a: @ann\n", 1, 4, "a value cannot begin with `@`", "quotes"),
        ("a: `x`\n", 1, 4, "a value cannot begin with ```", "quotes"),
        ("a: %x\n", 1, 4, "a value cannot begin with `%`", "quotes"),
        ("a: 'it's'\n", 1, 8, COMPLETE, "''"),
        ('a: "x" y\n', 1, 8, COMPLETE, "''"),
        ("a:\n  - b\n c: d\n", 3, 2, UNFIT, "same column"),
        ("a:\n    b: 1\n  c: 2\n", 3, 3, UNFIT, "same column"),
        ("- a\nb: c\n", 2, 1, "a key stands among the items of a list", "same column"),
        ("a: 1\n- b\n", 2, 1, "an item of a list stands among the keys of a mapping", "same column"),
        ("a: {b: > 5000}\n", 1, 8, "`>` is no operator here", "`{more_than: 5000}`"),
        ("a: {b: to #ops}\nc: d\n", 1, 11, "a comment begins here, and hides the `}` at the end of the line", "quotes"),
        ("a: [b, to #ops]\nc: [d]\n", 1, 11, "a comment begins here, and hides the `]` at the end of the line", ""),
        ("a: {b: to # ops}\nc: d\n", 1, 4, "`{` is opened here and never closed", "Write `}`"),
        ("a: 1\nb:\u00a02h\nc: 3\n", 2, 3, BLANK, "plain blank"),
        ("a: 1\n\u00a0\u00a0b: 2h\nc:\n  d: 4\n e: 5\n", 5, 2, UNFIT, "same column"),
        ("a:\n  b: 1\n \u00a0c: 2\n", 3, 2, BLANK, "plain blank"),
        ("a:\n  - b\n  -\u00a0c: d\n", 3, 4, BLANK, "plain blank"),
        ("b: > 5000\n", 1, 4, "`>` is no operator here", "`{more_than: 5000}`"),
        ("a: 1\nb: >= high # c\n", 2, 4, "`>=` is no operator here", "`{at_least: high}`"),
        ("a: {c: d, b: !high}\n", 1, 14, "`!` is no operator here", "`{not: high}`"),
        ("a: {b: 'c: !x, y', d: !high}\n", 1, 23, "`!` is no operator here", "`{not: high}`"),
        ("a: > A text on this line.\n", 1, 6, NEXT_LINE, "quotes"),
        ("a: | text, more\n", 1, 6, NEXT_LINE, "deeper than the key"),
        ('a: "\\q"\n', 1, 6, ESCAPE, "single quotes"),
        ('a: "\\xZZ"\n', 1, 7, ESCAPE, "single quotes"),
        ('a: "\\UFFFFFFFF"\n', 1, 7, "an escape in double quotes names no character", "`\\U0010FFFF`"),
        ('a: "\\U00110000"\n', 1, 7, "an escape in double quotes names no character", "`\\U0010FFFF`"),
    ],
)
def test_one_finding_at_the_cause(text: str, line: int, column: int, message: str, advice: str) -> None:
    loaded = load(text.encode(), "t.yaml")

    assert loaded.root is None
    (found,) = loaded.diagnostics
    assert found.location is not None
    assert (found.message, found.location.line, found.location.column) == (message, line, column)
    assert found.code == "SUR001"
    assert advice in found.help


VARIABLE = "a text that begins with `{{` needs quotes"
MAPPING = "a key is text, and this is a mapping"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("a: {{ b }} c\n", 4, VARIABLE),
        ("a: {{ b }}\n", 4, VARIABLE),
        ("a: {{ b | default: 'x' }}, {{ c }}\n", 4, VARIABLE),
        ("- {{ b }}\n", 3, VARIABLE),
        ("a: { {b: c}: d }\n", 6, MAPPING),
        ("? {b: c}\n: d\n", 3, MAPPING),
        ("a: {[b]: c}\n", 5, "a key is text, and this is a list"),
        ("a: {b: 5,000}\n", 8, "`5,000` is no number: a comma parts the entries between `{` and `}`"),
        ("a: {b: 5,500,000, c: 1}\n", 8, "`5,500` is no number: a comma parts the entries between `{` and `}`"),
        ("a: {b: 5,000.50}\n", 8, "`5,000.50` is no number: a comma parts the entries between `{` and `}`"),
        ("a: {b: 5, 000: c}\n", 11, "a key is text, and this is `000`, an integer"),
        ("a: {b: x,000: c}\n", 10, "a key is text, and this is `000`, an integer"),
        ("a: {b: 5,0: c}\n", 10, "a key is text, and this is `0`, an integer"),
    ],
)
def test_one_finding_about_a_key_that_was_none(text: str, column: int, message: str) -> None:
    (found,) = load(text.encode(), "t.yaml").diagnostics
    assert found.location is not None
    assert (found.code, found.message, found.location.column) == ("SUR007", message, column)


def test_what_is_wrong_on_another_line_is_still_said() -> None:
    codes = [each.code for each in load(b"a: {{ b }}\nc: 'd\n", "t.yaml").diagnostics]
    assert codes == ["SUR007", "SUR001"]


def test_an_unknown_complaint_is_passed_on_with_general_advice() -> None:
    explained = explain(Complaint("found \x1b strange things", Spot(3, 4), None, ["a"]))
    assert explained.message == "this is not YAML: found \\x1b strange things"
    assert "indentation" in explained.help
    assert explained.at == Spot(3, 4)


@pytest.mark.parametrize("text", ["a: &\n", "a: *\n", "a: |9x\n", "a: |0\n  x\n", "a: !<\n", "a: !%zz x\n"])
def test_rare_mistakes_get_a_finding_too(text: str) -> None:
    (found,) = load(text.encode(), "t.yaml").diagnostics
    assert found.code == "SUR001"
    assert found.message.startswith("this is not YAML: ")
    assert found.location is not None
    assert found.location.line == 1
