"""The canonical form: the same data, the same comments, and nothing left to do the second time."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from runner.contract.layout import read_layout
from runner.contract.nodes import MappingNode, ScalarNode, to_plain
from runner.contract.source import load
from tests.validators.format.documents import ROOT, STRANGE, every, some
from tests.validators.format.test_splice import operations
from validators.format.canonical import Unformattable, canonical
from validators.format.files import SCHEMAS, schema_address
from validators.format.printer import Printer, part_of
from validators.format.splice import spliced

DOCUMENTS = every()
GOLDEN = Path(__file__).parent / "golden"
SHIPPED_NAMES = sorted(set(DOCUMENTS) - set(STRANGE))
SOME_NAMES = sorted(some())
SHORT = [each for each in some().values() if len(each) < 3000]


def plain_of(data: bytes) -> object:
    loaded = load(data, "x")
    assert loaded.root is not None
    assert not loaded.diagnostics, loaded.diagnostics
    return to_plain(loaded.root)


def comments(data: bytes) -> Counter[str]:
    return Counter(each.text for each in read_layout(data).comments)


def check(data: bytes) -> bytes:
    once = canonical(data, "x.yaml")
    assert plain_of(once) == plain_of(data)
    assert comments(once) == comments(data)
    assert canonical(once, "x.yaml") == once
    text = once.decode()
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text
    return once


@pytest.mark.parametrize("name", SOME_NAMES)
def test_the_canonical_form_says_the_same_and_is_its_own(name: str) -> None:
    assert b"\n\n\n" not in check(DOCUMENTS[name])


@pytest.mark.parametrize("name", sorted(STRANGE))
def test_the_canonical_form_is_golden(name: str) -> None:
    expected = GOLDEN / f"{name.replace(' ', '-')}.yaml"
    assert canonical(STRANGE[name], "x.yaml") == expected.read_bytes()


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_the_canonical_form_of_an_edited_file_says_the_same(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(SHORT))
    try:
        document = spliced(document, [data.draw(operations(document))])
    except LookupError:
        return
    check(document)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_comments_anywhere_stay(data: st.DataObject) -> None:
    """Comments are put between any two tokens where a line ends, in any column."""
    document = data.draw(st.sampled_from(sorted(STRANGE.values())))
    lines = document.decode().split("\n")
    for number in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines)))
        lines.insert(at, " " * data.draw(st.integers(0, 8)) + f"# number {number}")
    changed = "\n".join(lines).encode()
    loaded = load(changed, "x")
    if loaded.root is None or loaded.diagnostics:
        return
    check(changed)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(1 - 2**63, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0")),
    st.text("-?:,[]{}#&*!|>'\"%@` ab1.\n\t"),
    st.lists(st.sampled_from(["word", "{{ x }}", "#", "-"]), min_size=30, max_size=50).map(" ".join),
)
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text("-?:,[]{}#&*!|>'\"%@` ab1.", max_size=9), inner)),
    max_leaves=12,
)


@settings(max_examples=120, deadline=None)
@given(value=st.dictionaries(st.sampled_from(["a", "on", "1", ""]), trees, min_size=1), flow=st.booleans())
def test_any_data_can_be_written(value: dict[str, Any], flow: bool) -> None:
    text = "\n".join(Printer().block(part_of({"x": value, "y": [value]}, flow=flow), 0)) if not flow else None
    text = text or "x: " + (Printer().flat(part_of(value, flow=True)) or "")
    found = plain_of(text.encode() + b"\n")
    assert isinstance(found, dict)
    assert found["x"] == value
    check(text.encode())


def keys_in_order(data: bytes) -> list[str]:
    return re.findall(r"^(\w+):", data.decode(), re.MULTILINE)


def test_keys_come_in_the_order_of_the_model() -> None:
    template = (DOCUMENTS["templates/fallback/template.yaml"]).decode()
    sections = re.split(r"(?m)^(?=\w)", template)
    shuffled = "".join(reversed(sections))
    assert keys_in_order(canonical(shuffled.encode(), "x")) == keys_in_order(canonical(template.encode(), "x"))


def test_maps_of_names_keep_their_order() -> None:
    text = (
        b"schema: surety/v1\nkind: Channels\nchannels:\n  zz: {sender: console, summary: Z.}\n  aa: {sender: console}\n"
    )
    assert canonical(text, "x").splitlines()[3:] == [
        b"  zz: {summary: Z., sender: console}",
        b"  aa: {sender: console}",
    ]


def test_a_comment_moves_with_what_it_stands_above() -> None:
    text = (
        b"# of the file\nkind: Checklists\n# about items\nitems: {}  # none\n# about the version\nschema: surety/v1\n"
    )
    assert canonical(text, "x") == (
        b"# of the file\n# about the version\nschema: surety/v1\nkind: Checklists\n# about items\nitems: {}  # none\n"
    )


def test_what_is_repeated_stays_below_what_it_repeats() -> None:
    text = b"kind: &a Checklists\nschema: *a\n"
    assert canonical(text, "x") == text


def test_the_schema_of_a_file_is_named_in_its_first_line() -> None:
    line = b"# yaml-language-server: $schema=../docs/schemas/Limits.json\n"
    text = b"# about\nkind: Limits\n"
    named = canonical(text, "x", schema="../docs/schemas/Limits.json")
    assert named == line + text
    assert canonical(named, "x", schema="../docs/schemas/Limits.json") == named
    assert canonical(named, "x") == named
    assert canonical(named, "x", schema="other.json").count(b"$schema") == 1


@pytest.mark.parametrize("text", [b"a: [\n", b"", b"just text\n", b"{a: b}\n", b"a: 1\na: 2\n", b"\xff"])
def test_what_cannot_be_formatted_is_said(text: bytes) -> None:
    with pytest.raises(Unformattable):
        canonical(text, "x")


def round_trip_comments(data: bytes) -> Counter[str]:
    """The comments that ruamel.yaml's own round trip finds: an opinion of somebody else."""
    found: Counter[str] = Counter()
    seen: list[object] = []  # it hangs one token on several values

    def take(token: object) -> None:
        if isinstance(token, list):
            for each in token:
                take(each)
        elif token is not None and hasattr(token, "value") and not any(token is each for each in seen):
            seen.append(token)
            found.update(line.strip() for line in token.value.splitlines() if line.strip().startswith("#"))

    def walk(value: object) -> None:
        if isinstance(value, CommentedMap | CommentedSeq):
            take(value.ca.comment)
            for tokens in value.ca.items.values():
                take(tokens)
            take(value.ca.end)
            for child in value.values() if isinstance(value, CommentedMap) else value:
                walk(child)
        take(getattr(value, "comment", None))

    walk(YAML(typ="rt", pure=True).load(data))
    return found


@pytest.mark.parametrize("name", sorted(set(SOME_NAMES) - set(STRANGE)))
def test_the_comments_are_those_that_the_round_trip_of_ruamel_finds(name: str) -> None:
    found = round_trip_comments(DOCUMENTS[name])
    assert found == comments(DOCUMENTS[name])
    assert found == round_trip_comments(canonical(DOCUMENTS[name], name))


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_the_company_files_are_in_canonical_form_and_name_their_schema(name: str) -> None:
    root = load(DOCUMENTS[name], name).root
    assert isinstance(root, MappingNode)
    kind = root.get("kind")
    assert isinstance(kind, ScalarNode)
    schema = schema_address(name, kind.raw, SCHEMAS)
    assert canonical(DOCUMENTS[name], name, schema=schema) == DOCUMENTS[name], "run surety fmt"
    assert (ROOT / name).parent.joinpath(schema).is_file()
