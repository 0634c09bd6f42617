"""The piece of a text that a finding is about, through quotes, folding and line breaks."""

from __future__ import annotations

import pytest

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.load import load_revision
from tests.runner.contract.repository import MemoryFiles
from tests.validators.check.rules.cases import TODAY, base
from validators.check.rules import inputs_and_outputs, messages
from validators.check.subject import Subject
from validators.check.text_places import Find, narrowed, unclosed, variable

FILE = "templates/blocks/alarm.yaml"
HEAD = (
    "schema: surety/v1\nkind: Block\nname: alarm\nsummary: Wakes somebody.\n"
    "inputs:\n  who: {type: person, summary: Whom.}\n"
)
STEPS = "steps:\n  - notify:\n      who: $who\n      message: "
BEGIN = len((HEAD + STEPS).splitlines())


def subject(message: str) -> Subject:
    files = {**base(), FILE: f"{HEAD}{STEPS}{message}\n".encode()}
    return Subject(load_revision(MemoryFiles(files)), TODAY)


def place(found: Diagnostic) -> tuple[int, int, int | None]:
    """Line below the key, column, end."""
    assert found.location is not None
    return found.location.line - BEGIN, found.location.column, found.location.end_column


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ('"{{ owner.nam }} has it"', (0, 20, 29)),
        ("owner.nam {{ owner.nam }}", (0, 29, 38)),
        (">-\n        Dear all,\n        {{ owner.nam | default: 'x' }} has it", (2, 12, 21)),
        ("|\n        {{ owner.name }}\n        {{ owner.nam }}", (2, 12, 21)),
        ('"one\n        {{ owner.nam }}"', (1, 12, 21)),
        ("'{% if owner.nam %}x{% endif %}'", (0, 23, 32)),
        ('"{{ ticket.id }}{{owner.nam}}"', (0, 34, 43)),
    ],
)
def test_a_name_that_nothing_has(message: str, where: tuple[int, int, int]) -> None:
    for line_break in ("\n", "\r\n"):
        (found,) = messages.check(subject(message.replace("\n", line_break)))
        assert (found.code, place(found)) == ("SUR402", where)
        assert found.pointer == "/steps/0/notify/message"


def test_a_name_that_the_source_disguises_is_shown_with_its_text() -> None:
    (found,) = messages.check(subject(r'"{{ owner.n\x61m }}"'))
    assert (found.code, place(found)) == ("SUR402", (0, 16, 36))


def test_of_several_places_the_one_without_a_default() -> None:
    text = "\"{{ ticket.subject | default: 'x' }} {{ ticket.subject }}\""
    (found,) = messages.check(subject(text))
    assert (found.code, place(found)) == ("SUR403", (0, 56, 70))


@pytest.mark.parametrize(
    ("message", "where", "said"),
    [
        ('"{{ owner.name has {{ ticket.id }}"', (0, 17, 19), "`{{` is opened here, and `}}` is missing"),
        ("'{{ ticket.id }} of {% if owner.name'", (0, 36, 38), "`{%` is opened here, and `%}` is missing"),
        ("'{{ owner.name | capitalise }}'", (0, 33, 43), "there is no filter `capitalise`"),
        ("'{% if owner.name %}x'", (0, 16, 38), "`{% endif %}` is missing"),
        ("'{{ owner.name | upcase: }} {{ 1 + }}'", (0, 16, 54), "this text cannot be read"),
    ],
)
def test_a_text_that_cannot_be_read(message: str, where: tuple[int, int, int], said: str) -> None:
    (found,) = messages.check(subject(message))
    assert (found.code, place(found)) == ("SUR401", where)
    assert said in found.message


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("{{ a }} b", None),
        ("{{ a {{ b }}", (0, 2)),
        ("{{ a }} {{ b", (8, 10)),
        ("{% if a %} {% b", (11, 13)),
        ("", None),
    ],
)
def test_what_is_opened_and_not_closed(text: str, piece: tuple[int, int] | None) -> None:
    assert unclosed(text) == piece


@pytest.mark.parametrize(
    ("find", "text", "piece"),
    [
        (variable("a.b"), "{{ a.bc }} {{ x.a.b }} {{ a.b }}", (26, 29)),
        (variable("a.b"), "a.b", None),
        (variable("a", bare=True), "{{ a | default: 1 }}", None),
        (variable("a", bare=True), "{{ a | defaults }}", (3, 4)),
    ],
)
def test_where_a_name_is_used(find: Find, text: str, piece: tuple[int, int] | None) -> None:
    assert find(text) == piece


def test_without_a_source_the_finding_stays() -> None:
    looked = subject("{{ owner.nam }}".join("''"))
    (document,) = [each for each, _ in looked.blocks if each.path == FILE]
    path = ("steps", 0, "notify", "message")
    found = Diagnostic("SUR402", Severity.ERROR, "x", document.at(*path))
    assert narrowed(found, {}, document, path, variable("owner.nam")) is found
    assert narrowed(found, {FILE: b""}, document, path, variable("owner.nam")) is found
    assert narrowed(found, looked.documents.sources, document, path, variable("owner.nam")) != found


def test_a_field_that_a_message_reads_is_shown_in_the_message() -> None:
    path = "templates/billing/template.yaml"
    text = (base()[path] or b"").decode()
    message = "{{ owner.name }}, please accept {{ ticket.id }}."
    text = text.replace(message, f"{message} {{{{ ticket.amount | default: 'Some' }}}} EUR.")
    text = text.replace("trigger:\n", "inputs:\n  type: {}\n  priority: {}\ntrigger:\n", 1)
    files = MemoryFiles({**base(), path: text.encode()})
    (found,) = inputs_and_outputs.check(Subject(load_revision(files), TODAY))
    assert found.location is not None
    line = text.splitlines()[found.location.line - 1]
    assert line[found.location.column - 1 : (found.location.end_column or 0) - 1] == "ticket.amount"
