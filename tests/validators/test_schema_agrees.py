"""The published schemas and the models say the same of wrong documents, as far as a JSON Schema can say it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from runner.contract.documents import KINDS
from runner.contract.edits import EditError, Remove, RenameKey, SetValue, edited
from runner.contract.nodes import to_plain
from runner.contract.schema import schema_of, schema_of_all
from runner.contract.source import load
from tests.validators.repositories import ROOT

FOLDERS = (ROOT / "policies", ROOT / "templates", ROOT / "tests/runner/contract/fixtures/minimal")
SEEN = frozenset(
    {
        "extra_forbidden",
        "missing",
        "literal_error",
        "string_pattern_mismatch",
        "string_type",
        "bool_type",
        "int_type",
        "tuple_type",
        "dict_type",
        "too_short",
        "string_too_short",
        "string_too_long",
        "greater_than_equal",
        "less_than_equal",
    }
)
"""What pydantic objects to and a JSON Schema can see; the rest are sentences of our own about several keys at once."""
wrong_values = st.sampled_from(
    [None, True, False, 0, -1, 7, 1000, 2.5, "", "Some Words", "a-name", "2h", "2 hours", "x" * 5000, [], {}, [1],
     ["a"], {"a": 1}, {"person": "a"}, {"time": "2h"}, "owner", "Europe/Berlin", "2026-13-45", "09:00", "09:00-17:00"]
)  # fmt: skip
names = st.sampled_from(["unknown", "schema", "name", "summary", "within", "who", "person", "Wrong Name", "from", "at"])

OPTIONAL = (
    b"""\
schema: surety/v1
kind: Actions
actions:
  refund:
    summary: Pays back.
    sender: webhook
    url_env: REFUND_URL
    secret_env: REFUND_KEY
    inputs: {amount: {type: number, summary: How much., default: 1}}
    irreversible: The bank keeps it.
    amount: amount
    timeout: 1m
""",
    b"""\
schema: surety/v1
kind: Targets
every:
  time_to_acknowledge: {median: 10m, p90: 30m, within: 2h, share: 95}
templates:
  billing: {handoffs: {at_most: 3}}
""",
    b"""\
schema: surety/v1
kind: Property
name: nobody-waits-when-overdue
summary: Nobody waits once the outcome is overdue.
never: {state: waiting, overdue: true}
""",
)
"""Kinds of which the shipped repository has no file."""


@cache
def documents() -> dict[str, list[Any]]:
    """Good documents, by kind."""
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    files = [path.read_bytes() for folder in FOLDERS for path in sorted(folder.rglob("*.yaml"))]
    for data in (*files, *OPTIONAL):
        root = load(data, "x").root
        assert root is not None
        plain = to_plain(root)
        assert isinstance(plain, dict)
        if "cases" not in plain:  # its values are filled in before a model sees them
            found[str(plain["kind"])].append(plain)
    return found


@cache
def validator(kind: str | None) -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind) if kind is not None else schema_of_all())


def paths(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for step, each in pairs for path in paths(each, (*here, step)))]


def objections(kind: str, plain: Any) -> set[str]:
    try:
        KINDS[kind].model_validate(plain)
    except ValidationError as error:
        return {each["type"] for each in error.errors(include_url=False)}
    return set()


@st.composite
def spoilt(draw: st.DrawFn, kind: str) -> Any:
    """A good document with one or two things changed."""
    plain = draw(st.sampled_from(documents()[kind]))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from([each for each in paths(plain) if each]))
        change = draw(
            st.one_of(
                st.builds(SetValue, st.just(path), wrong_values),
                st.just(Remove(path)),
                st.builds(RenameKey, st.just(path), names),
            )
        )
        try:
            plain = edited(plain, [change])
        except EditError:
            continue
    return plain


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_good_document_of_every_kind(kind: str) -> None:
    assert documents()[kind]
    for document in documents()[kind]:
        assert validator(kind).is_valid(document)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_schema_and_model_agree_on_wrong_documents(kind: str, data: st.DataObject) -> None:
    document = data.draw(spoilt(kind))
    wrong = objections(kind, document)
    if not wrong:
        found = [each.message for each in validator(kind).iter_errors(document)]
        assert not found, "the schema refuses what the model accepts"
    elif wrong & SEEN:
        assert not validator(kind).is_valid(document), f"the schema accepts what the model refuses: {wrong}"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_schema_for_all_kinds_says_the_same_as_that_of_the_kind(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    document = data.draw(spoilt(kind))
    if isinstance(document, dict) and document.get("kind") == kind and document.get("schema") == "surety/v1":
        assert validator(None).is_valid(document) == validator(kind).is_valid(document)


def _meant(schema: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    """What a reference means: editors show its description where the key has none of its own."""
    name = about.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["$defs"][name] if name else {}
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_a_description_to_complete_by(kind: str) -> None:
    schema = schema_of(kind)
    models = {kind: schema, **schema.get("$defs", {})}
    silent = [
        f"{name}.{key}"
        for name, each in models.items()
        for key, about in each.get("properties", {}).items()
        if key not in {"schema", "kind", "name", "summary"} and "description" not in {**_meant(schema, about), **about}
    ]
    assert not silent
