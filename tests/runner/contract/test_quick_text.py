"""The quick way to fill in a text gives what the library gives, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract import text as texts
from runner.contract.quick_text import quickly_rendered
from runner.contract.text import TextError, render

CONTEXT: dict[str, object] = {
    "ticket": {"id": "T-1", "account": {"name": "Acme"}, "at_risk": 48_000, "share": 0.5, "none": 0, "vip": True,
               "empty": "", "blank_one": " ", "lines": "one\r\ntwo", "half": "\ud800", "list": ["a", "b"],
               "marks": "{{ x }}"},
    "owner": {"name": "Anna"},
    "previous": {},
    "steps": {},
    "flat": "text",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ ticket.id }}", "T-1"),
        ("About {{ticket.id}} of {{ ticket.account.name | default: 'nobody' }}.", "About T-1 of Acme."),
        ('{{ previous.name | default: "Who was before" }}, {{owner.name}}', "Who was before, Anna"),
        ("{{ steps.room.room | default: '' }}", ""),
        ("{{ ticket.at_risk }}, {{ ticket.share }}, {{ ticket.none | default: 'no' }}", "48000, 0.5, 0"),
        ("{{ ticket.marks }}", "{{ x }}"),
        ("{{ ticket.blank_one | default: 'no' }}", " "),
        ("{{ ticket.id | remove_first: 'T-' }}, {{ ticket.gone | default: 'no no' | remove_first:\"no\" }}", "1,  no"),
        ("{{ ticket.at_risk | remove_first: '0' }}{{ ticket.id | remove_first: '' }}", "4800T-1"),
        ("no value", "no value"),
    ],
)  # fmt: skip
def test_plain_values_are_filled_in_quickly(text: str, said: str) -> None:
    assert quickly_rendered(text, CONTEXT) == said
    assert _by_the_library(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "{{ ticket.gone }}", "{{ ticket.empty | default: 'x' }}", "{{ ticket.vip }}", "{{ ticket.list }}",
        "{{ ticket }}", "{{ ticket.id | upcase }}", "{{ ticket.id | default: 'a' | upcase }}",
        "{{ ticket.account.size }}",
        "{% if ticket.id %}x{% endif %}", "{{{ ticket.id }}}", "{{ ticket.id }}}", "{{- ticket.id -}}",
        "{{ ticket.lines }}",
        "a\r\n{{ ticket.id }}", "{{ ticket.half }}", "{{ flat.id }}", "{{ ticket.id.more }}", "{{ ticket['id'] }}",
        "{{ ticket.id | default: '\\n' }}", "{{ ticket.id }}" * 2_000,
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_library(text: str) -> None:
    assert quickly_rendered(text, CONTEXT) is None


def test_only_what_is_doubtful_reaches_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    parse = texts._parse

    def noted(text: str) -> object:
        asked.append(text)
        return parse(text)

    monkeypatch.setattr(texts, "_parse", noted)
    assert render("{{ ticket.id }}", CONTEXT) == "T-1"
    assert asked == []
    assert render("{{ ticket.id | downcase }}", CONTEXT) == "t-1"
    assert asked == ["{{ ticket.id | downcase }}"]


_NAMES = st.sampled_from(
    ("ticket", "owner", "previous", "steps", "flat", "id", "account", "name", "at_risk", "share", "none", "vip",
     "empty", "blank_one", "lines", "half", "list", "marks", "size", "first", "and", "nil", "gone", "room")
)  # fmt: skip
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map(".".join)
_FILTERS = st.sampled_from(
    (
        "",
        "",
        "| default: 'x'",
        '|default:"it\'s y"',
        "| default: ''",
        "| upcase",
        "| default: z",
        "| remove_first: 'T'",
        "| default: 'xx' | remove_first: 'x'",
        "| remove_first: ''",
    )
)
_OUTPUTS = st.builds(
    lambda path, more, gap: f"{{{{{gap}{path} {more}{gap}}}}}", _PATHS, _FILTERS, st.sampled_from(("", " ", "  "))
)
_TEXTS = st.lists(
    st.one_of(_OUTPUTS, st.sampled_from(("a", " ", "{", "}", "\n", "\r", "{%", "%}", "é", "{{", "|"))), max_size=6
).map("".join)  # fmt: skip


@given(_TEXTS)
def test_whatever_is_filled_in_quickly_reads_as_the_library_writes_it(text: str) -> None:
    quick = quickly_rendered(text, CONTEXT)
    if quick is not None:
        assert quick == _by_the_library(text)


def _by_the_library(text: str) -> str | TextError:
    from liquid.exceptions import LiquidError

    try:
        return texts._parse(text).render(CONTEXT)
    except (TextError, LiquidError, ValueError, TypeError) as error:
        return TextError(str(error))
