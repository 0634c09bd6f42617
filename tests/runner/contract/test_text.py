"""Message text: what is rendered, what is refused, and within which limits."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from runner.contract.text import (
    TextError,
    message_context,
    message_form,
    message_gaps,
    message_problems,
    message_variables,
    readable,
    render,
    show_instant,
)
from runner.zones import zone

CONTEXT = message_context(
    ticket={
        "id": "T-1", "url": "u", "account.name": "Acme", "subject": None, "account": "A",
        "due": "2026-03-03T09:00:30.000000Z",
    },
    escalation={"id": "E-1", "outcome_due": "2026-03-03T09:00:00.000000Z"},
    owner="Anna",
    previous=None,
    owners={"primary": "Anna", "secondary": None},
    accept_by=None,
    outcome="All is well.",
    inputs={"why": "it broke", "entries": 3},
    zone=zone("Europe/Berlin"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("no value at all: {x} %", "no value at all: {x} %"),
        ("{{ ticket.id }} of {{ ticket.account.name }}", "T-1 of Acme"),
        ("{{ ticket.account.value }}", "A"),
        ("{{ ticket.subject | default: 'none' }}", "none"),
        ('{{ previous.name | default: "nobody" | upcase }}', "NOBODY"),
        ("{{ owners.secondary.name | default: 'nobody' }}", "nobody"),
        ("{{ offer.accept_by | default: 'now' }}", "now"),
        ("{{ offer.to }}", "Anna"),
        ("{{ created.ticket | default: 'none' }}", "none"),
        ("{{ inputs.why }} {{ inputs.entries }}", "it broke 3"),
        ("{{ outcome.statement }}", "All is well."),
        ("{{ escalation.outcome_due }}", "2026-03-03 10:00 CET"),
        ("{{ ticket.due }}", "2026-03-03 10:00:30 CET"),
        ("{% if previous.name %}a{% else %}b{% endif %}", "b"),
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "123"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_values_are_filled_in(text: str, rendered: str) -> None:
    assert render(text, CONTEXT) == rendered


def test_without_a_zone_instants_stay_exact() -> None:
    exact = message_context(
        ticket={"id": "T"}, escalation={}, owner=None, previous=None, owners={}, outcome="o", inputs={},
        accept_by="2026-03-03T09:00:00.000000Z",
    )  # fmt: skip
    assert render("{{ offer.accept_by }}", exact) == "2026-03-03T09:00:00.000000Z"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Due {{ ticket.due }}.", "Due 2026-03-03 10:00:30 CET."),
        ("Due {{ ticket.due | remove_first: ' CET' }}.", "Due 2026-03-03 10:00:30."),
        ("Due {{ ticket.none | default: '2026-03-03T09:00:00Z' }}.", "Due 2026-03-03T09:00:00Z."),
        ("{{ ticket.zulu }} {{ ticket.id }}", "Z T-1"),
        ("{% if ticket.due %}Due {{ ticket.due }}{% endif %}", "Due 2026-03-03 10:00:30 CET"),
        ("{{ ticket.due | upcase }}", "2026-03-03 10:00:30 CET"),
        ("{{ ticket.number }}", "7"),
    ],
)
def test_a_zone_may_be_given_when_a_text_is_filled_in(text: str, rendered: str) -> None:
    exact = {"ticket": {"id": "T-1", "due": "2026-03-03T09:00:30.000000Z", "zulu": "Z", "number": 7}}
    assert render(text, exact, zone("Europe/Berlin")) == rendered
    assert render(text, readable(exact, zone("Europe/Berlin"))) == rendered


def test_an_instant_reads_as_in_its_zone() -> None:
    assert show_instant(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), zone("Europe/Berlin")) == "2026-07-02 00:30 CEST"
    never = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert show_instant(never, zone("Europe/Berlin")) == "9999-12-31 23:59 UTC", "as many systems write it"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ ticket.subject }}", "`ticket.subject` has no value; give it one for this case"),
        ("{{ previous.name }}", "`previous.name` has no value"),
        ("{% for i in (1..100000) %}x{% endfor %}", "becomes too long, or loops too often"),
        ("{% for i in (1..400) %}{% for j in (1..400) %}x{% endfor %}{% endfor %}", "becomes too long"),
        (
            "{% assign s = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..90) %}{% assign s = s | append: s %}{% endfor %}",
            "becomes",
        ),
        ("{{ ticket.id | append }}", "append"),
        ("{{ 1 | divided_by: 0 }}", "divided_by: can't divide by 0"),
    ],
)
def test_what_cannot_be_rendered_says_why(text: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        render(text, CONTEXT)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ a ", "expected '}}', found end of file"),
        ("{% if %}{% endif %}", "missing expression"),
        ("{% nonsense %}", "unexpected tag 'nonsense'"),
        ("{% include 'file' %}", "unexpected tag 'include'"),
        ("{% render 'file' %}", "unexpected tag 'render'"),
        ("{{ a | upcse }}", "there is no filter `upcse`; did you mean `upcase`?"),
        ("{{ 'now' | date: '%s' }}", "there is no filter `date`; the filters of Liquid are listed at"),
        ("{% if a %}" * 40 + "{% endif %}" * 40, ""),
    ],
)
def test_a_bad_form_is_one_line_that_says_what(text: str, problem: str) -> None:
    (found,) = message_problems(text)
    assert found.startswith(problem)
    assert "\n" not in found


def test_variables_and_gaps_of_a_text() -> None:
    text = "{{ b.c }} {{ a | default: 'x' }} {{- d.e | upcase -}} {{ b.c }}"
    assert message_variables(text) == ("a", "b.c", "d.e")
    assert message_gaps(text) == ("b.c", "d.e")
    assert message_variables("{% assign x = y.z %}{% for i in l %}{{ i }}{{ x }}{% endfor %}") == ("l", "y.z")
    assert message_variables("none") == message_gaps("none") == ()


@pytest.mark.parametrize(
    ("word", "text", "gaps"),
    [
        ("asked before", "{% if a.b %}{{ a.b }}{% endif %}", ()),
        ("asked before, with blanks trimmed", "{%- if a.b -%}{{ a.b }}{%- endif -%}", ()),
        ("asked for another", "{% if a.c %}{{ a.b }}{% endif %}", ("a.b",)),
        ("not any more", "{% if a.b %}{{ a.b }}{% endif %} {{ a.b }}", ("a.b",)),
        ("in the other branch", "{% if a.b %}yes{% else %}{{ a.b }}{% endif %}", ("a.b",)),
        ("after unless", "{% unless a.b %}{{ a.c }}{% else %}{{ a.b }}{% endunless %}", ("a.c",)),
        ("inside unless", "{% unless a.b %}{{ a.b }}{% endunless %}", ("a.b",)),
        ("both", "{% if a.b and a.c %}{{ a.b }}{{ a.c }}{% endif %}", ()),
        ("either", "{% if a.b or a.c %}{{ a.b }}{% endif %}", ("a.b",)),
        ("by elsif", "{% if a.b %}{{ a.b }}{% elsif a.c %}{{ a.c }}{{ a.b }}{% endif %}", ("a.b",)),
        ("further out", "{% if a.b %}{% if a.c %}{{ a.b }}{% else %}{{ a.b }}{% endif %}{% endif %}", ()),
        ("a comparison", "{% if a.b != 'x' %}{{ a.b }}{% endif %}", ("a.b",)),
        ("an end without a beginning", "{% endif %}{% else %}{{ a.b }}", ("a.b",)),
    ],
)
def test_what_was_asked_for_is_no_gap(word: str, text: str, gaps: tuple[str, ...]) -> None:
    assert message_gaps(text) == gaps, word


@pytest.mark.parametrize(
    "text",
    [
        "{{ a.b }}",
        "{{ a.b | default: 'x y' }}",
        '{{ a | default: "x" | upcase }}',
        "{{- a -}}",
        "{{ a | append }}",
        "{{ a | upcase: 'x' }}",
        "{{ a | default }}",
        "{{ a | remove_first: 'x' }}",
    ],
)
def test_the_short_way_agrees_with_the_library(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    short = (message_problems(text), message_variables(text))
    monkeypatch.setattr("runner.contract.text._is_plain", lambda _: False)
    assert short == (message_problems(text), message_variables(text))


def test_ordinary_texts_do_not_load_the_library() -> None:
    code = (
        "import sys; from runner.contract.text import *\n"
        "assert message_problems('{{ a.b | default: \"x\" }}') == []\n"
        "assert message_variables('{{ a.b }}') == ('a.b',)\n"
        "assert render('plain', {}) == 'plain'\n"
        "assert 'liquid' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("nothing to fill in", ""),
        ("Dear {{ owner.name }}, see {{ ticket.url }}.", "{{ owner.name }}{{ ticket.url }}"),
        ("{ {{ owner.name }} }", "{{ owner.name }}"),
        ("{{{ owner.name }}}", "{{ owner.name }}"),
        ("{{ owner.nam | nofilter }} x", "{{ owner.nam | nofilter }}"),
        ("{{ owner.name", "{{ owner.name"),
        ("a {% if ticket.vip %}{{ ticket.vip }}{% endif %} b", "a {% if ticket.vip %}{{ ticket.vip }}{% endif %} b"),
        ('{{ "}}" | append: "x" }} y', '{{ "}}" | append: "x" }} y'),
        ("{{ a {{ b }}", "{{ a {{ b }}"),
    ],
)
def test_the_form_of_a_text_is_what_it_fills_in(text: str, form: str) -> None:
    assert message_form(text) == form
    assert bool(message_problems(text)) == bool(message_problems(form))
    assert message_gaps(text) == message_gaps(form)
