"""Rules about the writing: what is found where, in files that are valid and in files that are not."""

from __future__ import annotations

import pytest

from runner.contract.diagnostic import Diagnostic
from runner.contract.load import load_revision
from tests.runner.contract.repository import MINIMAL, MemoryFiles
from tests.validators.check.rules.cases import TODAY
from validators.check.rules import doubtful_number, text_cut_by_comment
from validators.check.subject import Subject

FILE = "policies/checklists.yaml"


def subject(text: str) -> Subject:
    return Subject(load_revision(MemoryFiles({**MINIMAL, FILE: text.encode()})), TODAY)


def places(found: list[Diagnostic]) -> list[tuple[int, int, int | None, str]]:
    assert all(each.location is not None and each.location.file == FILE for each in found)
    return [(at.line, at.column, at.end_column, each.pointer) for each in found if (at := each.location)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: to #ops.\n", (1, 7, 12, "/a")),
        ("a: to #ops.  \r\nb: 1\r\n", (1, 7, 12, "/a")),
        ("\ufeffa: to #ops.\n", (1, 7, 12, "/a")),
        ("a: one\n  two  #ops\n", (2, 8, 12, "/a")),
        ("a: #ops\nb: 1\n", (1, 4, 8, "/a")),
        ("- #ops\n- 1\n", (1, 3, 7, "/0")),
        ("a: [x, y #ops\n  ]\n", (1, 10, 14, "/a/1")),
        ("a: {b: x #ops\n  }\n", (1, 10, 14, "/a/b")),
        ("a: high #4711\n", (1, 9, 14, "/a")),
        ("a: &x to #ops\nb: *x\n", (1, 10, 14, "/a")),
    ],
)
def test_a_text_that_ends_at_a_comment(text: str, place: tuple[int, int, int, str]) -> None:
    assert places(list(text_cut_by_comment.check(subject(text)))) == [place]


@pytest.mark.parametrize(
    "text",
    [
        "a: to # ops\n",
        "a: to ## ops\n",
        "a: to#ops\n",
        "a: 2h #two hours\n",
        "a: 5 #five\n",
        "a: true #yes\n",
        "a: 'to #ops'\n",
        'a: "to" #ops\n',
        "a: |\n  to #ops\n",
        "a: #ops\n  b: 1\n",
        "a: [x] #ops\n",
        "#ops\na: x\n",
        "a: x\n #ops\nb: y\n",
        "a: 'x\n",
    ],
)
def test_a_comment_that_is_one(text: str) -> None:
    assert list(text_cut_by_comment.check(subject(text))) == []


def test_what_is_said_of_a_text_and_of_nothing() -> None:
    said = [each.message for each in text_cut_by_comment.check(subject("a: to #ops\nb: #ops\n"))]
    assert said == [
        "this text ends before `#ops`, which is a comment",
        "nothing is written here before `#ops`, which is a comment",
    ]


@pytest.mark.parametrize(
    ("text", "place", "message", "advice"),
    [
        ("a: 5.000\n", (1, 4, 9, "/a"), "`5.000` is 5, not 5000", "write 5000 if thousands are meant, and 5 if not"),
        ("a: -5.000\n", (1, 4, 10, "/a"), "`-5.000` is -5, not -5000", "write -5000 if thousands are meant, and -5"),
        ("a: [1, 12.500]\n", (1, 8, 14, "/a/1"), "`12.500` is 12 and a fraction, not 12500", "and 12.5000 if not"),
        ("a: {b: 5.000}\n", (1, 8, 13, "/a/b"), "`5.000` is 5, not 5000", "write 5000"),
        ("a: [5,000]\n", (1, 5, 10, "/a/0"), "`5,000` are two values, 5 and 0", "write 5000 if one number is meant"),
        ("a: [1, 5,500]\n", (1, 8, 13, "/a/1"), "`5,500` are two values, 5 and 500", "a blank after the comma"),
        ("a: &x 5.000\nb: [*x]\nc: {d: &y [5,000], e: *y}\n", (1, 4, 12, "/a"), "`5.000` is 5, not 5000", ""),
    ],
)
def test_a_number_of_which_thousands_may_be_meant(
    text: str, place: tuple[int, int, int, str], message: str, advice: str
) -> None:
    first, *_ = found = list(doubtful_number.check(subject(text)))
    assert places([first]) == [place]
    assert first.message == message
    assert advice in first.help
    assert len(found) == 1 or "&" in text


@pytest.mark.parametrize(
    "text",
    [
        "a: 5000\n",
        "a: 5.0\n",
        "a: 5.5\n",
        "a: 5.1250\n",
        "a: 0.125\n",
        "a: 1234.500\n",
        "a: '5.000'\n",
        "a: [5, 500]\n",
        "a: [x,500, '5',500, 5,'500']\n",
        "a: [5,[500], 5,50]\n",
        "a: 5.000 EUR\n",
        "a: 5,000\n",  # a text, which is refused where a number is meant
    ],
)
def test_a_number_without_doubt(text: str) -> None:
    assert list(doubtful_number.check(subject(text))) == []
