"""Words for what does not fit: every form and every shape of the language has some."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from runner.contract.documents import KINDS
from runner.contract.forms import descend, filled
from runner.contract.misfit import FORMS, allowed_keys, described, did_you_mean, listed, shown, words
from runner.contract.policies import Absences, Calendars, Fields, Limits, People, Rotations
from runner.contract.template import Template


def patterns(model: type[BaseModel]) -> Iterator[str]:
    """Every pattern that pydantic checks in a model."""
    waiting: list[Any] = [model.__pydantic_core_schema__]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("type") == "str" and "pattern" in value:
                yield str(value["pattern"])
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)


def test_every_pattern_of_the_language_has_a_form_in_words() -> None:
    used = {pattern for model in KINDS.values() for pattern in patterns(model)}
    assert len(used) >= 7
    assert used == set(FORMS)


@pytest.mark.parametrize("pattern", FORMS)
def test_the_example_of_a_form_has_that_form(pattern: str) -> None:
    example = re.split(r" or ", FORMS[pattern].written.split("as in ")[1])[0].strip('"')
    assert re.search(pattern, example)


@pytest.mark.parametrize(
    ("model", "path", "keys"),
    [
        (Template, (), {"schema", "kind", "name", "trigger", "on_other_match"}),
        (Template, ("runbook",), {"open", "closed"}),
        (Template, ("runbook", "open", 3), {"notify", "use", "with", "on_leave"}),
        (Template, ("runbook", "open", 3, "notify", "who"), {"person", "rotation", "team", "role"}),
        (Template, ("exceptions", "data-missing", "within"), {"time", "calendar"}),
        (People, ("people", "zone"), {"name", "zone", "jobs", "contacts", "helpdesk"}),
        (Absences, ("absences", 0), {"person", "from", "until"}),
        (Rotations, ("rotations", "first", "layers", 0, "only", 0), {"days", "from", "until"}),
        (Template, ("summary",), set()),
        (Template, ("nothing", "at", 1), set()),
        (Template, ("trigger", "when", "x"), set()),
    ],
)
def test_the_keys_allowed_at_a_path(model: type[BaseModel], path: tuple[str | int, ...], keys: set[str]) -> None:
    allowed = set(allowed_keys(model, path))
    assert keys <= allowed
    assert bool(keys) == bool(allowed)


@pytest.mark.parametrize(
    ("value", "quoted", "told"),
    [
        ("x", "`x`", "the text `x`"),
        ("", "an empty text", "an empty text"),
        (5, "`5`", "the number `5`"),
        (1.5, "`1.5`", "the number `1.5`"),
        (True, "`true`", "`true`"),
        (None, "nothing", "nothing"),
        ({}, "an empty mapping", "an empty mapping"),
        ({"a": 1}, "a mapping", "a mapping"),
        ([], "an empty list", "an empty list"),
        ((1,), "a list", "a list"),
        ("x" * 100, f"`{'x' * 60}…`", f"the text `{'x' * 60}…`"),
    ],
)
def test_values_are_quoted_briefly(value: object, quoted: str, told: str) -> None:
    assert (shown(value), described(value)) == (quoted, told)


def test_a_near_name_is_offered_and_a_far_one_is_not() -> None:
    assert did_you_mean("primry", ["primary", "secondary"]) == "did you mean `primary`? "
    assert did_you_mean("xyz", ["primary", "secondary"]) == ""


@pytest.mark.parametrize(
    ("given", "items"),
    [
        ("ticket.created", ["ticket.created"]),
        ("one, two,three", ["one", "two", "three"]),
        ("-one", ["one"]),
        ("-one -two", ["one", "two"]),
        ("-one-half -two", ["one-half", "two"]),
        ("the reply", []),
        ("one two", []),
        ("- one", []),
        ("--one", []),
        ("-one two", []),
        ("one,", []),
        ("$items", []),
        ("", []),
        (5, []),
        (None, []),
    ],
)
def test_a_text_that_should_have_been_a_list(given: object, items: list[str]) -> None:
    assert listed(given) == items


@pytest.mark.parametrize(
    ("model", "path", "form"),
    [
        (Template, ("owners",), "{primary: …, secondary: …, escalation_owner: …}"),
        (Template, ("owners", "primary"), "{person: NAME}"),
        (Template, ("outcome", "within"), "2h, for example"),
        (Template, ("summary",), "…"),
        (Template, ("schema",), "surety/v1"),
        (Template, ("trigger", "on"), "[ticket.created, …]"),
        (Template, ("accept", "checklist"), "[NAME]"),
        (Template, ("waivers", 0, "until"), '"2026-03-03", for example'),
        (Template, ("runbook", "open", 0, "create_ticket", "task"), "true or false"),
        (Limits, ("step_within",), "15m, for example"),
        (Limits, ("nothing",), "…"),
        (People, ("people",), "{NAME: {name: …, zone: …, contacts: …}}"),
        (Calendars, ("calendars", "x", "hours"), '{monday: ["09:00-17:30"]}, for example'),
        (Fields, ("fields", "x", "type"), "choice or number or boolean or instant or text or person"),
    ],
)
def test_the_form_of_what_is_missing(model: type[BaseModel], path: tuple[str | int, ...], form: str) -> None:
    current: object = model
    for part in path:
        current = descend(current, part)
    assert filled(current) == form


class Odd(BaseModel):
    sizes: list[int] = []
    length: float = Field(default=1, multiple_of=0.5)
    """A constraint that the language does not use."""


def test_a_constraint_without_words_of_its_own_still_gets_some() -> None:
    with pytest.raises(ValidationError) as refused:
        Odd.model_validate({"length": 0.3})
    assert words(Odd, refused.value.errors()[0], ("length",)) == (
        "SUR104",
        "`length` does not fit, found the number `0.3`",
        "look at the JSON Schema of it",
    )


@pytest.mark.parametrize(
    ("path", "name"), [((), "this"), (("sizes", 0), "entry 1 of `sizes`"), ((4,), "entry 5"), (("a", "b"), "`b`")]
)
def test_what_a_message_calls_a_value(path: tuple[str | int, ...], name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Odd.model_validate({"length": 0.3})
    assert words(Odd, refused.value.errors()[0], path).message.startswith(f"{name} does not fit")
