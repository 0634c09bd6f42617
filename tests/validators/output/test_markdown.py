"""A check as a comment: a table and the lines, in which nothing from a file is markup, mention, link or reference."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.diagnostic import Location
from tests.validators.output.reports import DOUBT, WORST, report, saying, since
from validators.output.check_markdown import check_markdown
from validators.output.markdown import code, fenced, words
from validators.output.report import Report

LIVE = re.compile(r"@\w|#\d|GH-\d|://|www\.|<(?!!-- -->)|(?<!\\)[*_\[\]|~$]|(?<!\\)`", re.IGNORECASE)


def lines(_file: str, number: int) -> str | None:
    return f"line {number} with ``` and </details> and @somebody"


def shown(what: Report) -> str:
    return check_markdown(what, lines)


def test_a_comment_has_a_mark_a_sum_a_table_the_lines_and_what_is_waived() -> None:
    text = shown(report(WORST, DOUBT))
    assert text.startswith("<!-- surety check -->\n### surety check: 1 error, 1 warning, 1 waived\n")
    where = "<code>templates/a b/template&#46;yaml:3:5</code>"
    assert f"| error | SUR402 unknown-message-variable | <code>x</code> is nothing | {where} |\n" in text
    assert text.index("| error |") < text.index("| warning |")
    assert "````text\nerror[SUR402] `x` is nothing\n" in text
    assert "Waived, and not counted:\n\n- SUR403 at <code>" in text
    assert "until 2026-12-31: It always has one\\.\n" in text


def test_a_clean_check_is_short() -> None:
    text = shown(replace(report(), outcome=replace(report().outcome, findings=(), waived=())))
    assert (
        text == "<!-- surety check -->\n### surety check: clean\n\n1 template, 2 policies in <code>a folder</code>.\n"
    )


def test_what_is_new_comes_first() -> None:
    text = shown(since("main", DOUBT))
    rows = [line for line in text.splitlines() if re.match(r"\| (\*\*new\*\* )?(error|warning|info|unknown) ", line)]
    assert rows[0].startswith("| **new** warning | SUR403 ")
    assert "**new**" not in "".join(rows[1:])


def test_what_does_not_fit_is_counted() -> None:
    many = [replace(saying(f"number {number}"), location=Location("a.yaml", number + 1, 1)) for number in range(900)]
    text = shown(report(*many))
    assert len(text) < 65_536
    left = re.search(r"(\d+) more do not fit into a comment; `surety check` shows them\.", text)
    assert left is not None
    assert text.count("| warning |") + int(left[1]) == 900


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("`a|b` and *c*", "<code>a&#124;b</code> and \\*c\\*"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("ask @ann, see #12 and GH-3", "ask @<!-- -->ann, see \\#<!-- -->12 and GH<!-- -->\\-3"),
        ("http://x.y and www.x", "http:<!-- -->//x\\.y and www<!-- -->\\.x"),
        ("[a](b)", "\\[a\\]\\(b\\)"),
        ("one\ntwo", "one two"),
        ("`</code><script>`", "<code>&lt;/code&gt;&lt;script&gt;</code>"),
        ("`left open", "\\`left open"),
        ("a\x1b[0m", "a\\\\x1b\\[0m"),
    ],
)
def test_prose_of_a_file_is_prose(text: str, safe: str) -> None:
    assert words(text) == safe


@given(st.text(alphabet=st.sampled_from("a1@#:/w.GH-<>`*_[]()|\\&!~$\n\r\x1b{}+-")))
def test_no_text_comes_alive(text: str) -> None:
    prose = re.sub(r"<code>[^<]*</code>", "", words(text))  # in code, no mention is looked for
    assert not LIVE.search(prose)
    assert "\n" not in words(text)
    inside = code(text).removeprefix("<code>").removesuffix("</code>")  # where no mention is looked for
    assert not re.search(r"[<>`*_\[\]|~$\\\n]|&(?!amp;|lt;|gt;|#\d+;)", inside)


@given(st.text(alphabet=st.sampled_from("`a\n ")))
def test_no_text_closes_its_fence(text: str) -> None:
    fence, *inner, last = fenced(text).splitlines()
    assert fence == last
    assert set(fence) == {"`"}
    assert not any(line.strip().startswith(fence) for line in inner)
