"""Edits change what they are about and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.edits import Append, EditError, InsertKey, Operation, Remove, RenameKey, SetValue, edited
from runner.contract.layout import Part, read_layout
from runner.contract.nodes import Plain, to_plain
from runner.contract.source import load
from tests.validators.format.documents import SHIPPED, STRANGE, some
from validators.format.canonical import same_data
from validators.format.splice import spliced

DOCUMENTS = some()
Path = tuple[str | int, ...]
EXAMPLES = 80
"""Some seconds; a thousand times as many have been tried."""
texts = st.one_of(
    st.sampled_from(
        ["2h", "anna-keller", "Two words", "a: b", "# no", "", " x", "yes", "1", "a\nb\n", "x" * 150, "ä“"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.lists(st.sampled_from(["many", "words", "{{ x }}"]), min_size=20, max_size=40).map(" ".join),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-99, 9999), st.sampled_from([0.5, 1e22]), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


def plain_of(data: bytes) -> Plain:
    loaded = load(data, "x")
    assert loaded.root is not None
    assert not loaded.diagnostics, loaded.diagnostics
    return to_plain(loaded.root)


def paths(plain: Plain, here: Path = ()) -> list[Path]:
    children: list[tuple[str | int, Plain]] = []
    if isinstance(plain, dict):
        children = list(plain.items())
    elif isinstance(plain, list):
        children = list(enumerate(plain))
    return [here, *(each for step, value in children for each in paths(value, (*here, step)))]


def at(plain: Any, path: Path) -> Any:
    for step in path:
        plain = plain[step]
    return plain


@st.composite
def operations(draw: st.DrawFn, data: bytes) -> Operation:
    plain = plain_of(data)
    path = draw(st.sampled_from(paths(plain)))
    value = at(plain, path)
    choices: list[st.SearchStrategy[Operation]] = []
    if path:
        choices += [st.builds(SetValue, st.just(path), values), st.just(Remove(path))]
        if isinstance(path[-1], str):
            taken = set(at(plain, path[:-1]))
            choices.append(st.builds(RenameKey, st.just(path), texts.filter(lambda name: name not in taken)))
    if isinstance(value, dict):
        names = texts.filter(lambda name: name not in value)
        after = st.sampled_from([None, *value])
        choices.append(st.builds(InsertKey, st.just(path), names, values, after))
    if isinstance(value, list):
        choices.append(st.builds(Append, st.just(path), values))
    return draw(st.one_of(choices)) if choices else SetValue(path, draw(values))


def span(data: bytes, operation: Operation) -> tuple[int, int]:
    """The lines that an operation may touch, counted from 0: those of the entry, or of the collection that grows."""
    layout = read_layout(data)
    part, start, end = layout.root, layout.root.start, layout.root.end
    for step in operation.path:
        entries = part.entries
        entry = next(each for n, each in enumerate(entries) if step == (each.key.text if each.key is not None else n))
        alone = isinstance(operation, Remove) and len(entries) == 1  # then brackets are put beside the key above
        part, start, end = entry.value, start if alone else entry.start, entry.end
    if isinstance(operation, InsertKey | Append) and part.entries:
        start, end = part.start, part.end
    if isinstance(operation, Remove) and not layout.begins_line(start):  # what follows moves up beside the dash
        rest = layout.text[layout.line_end(end) :]
        end = layout.line_end(end) + len(rest) - len(rest.lstrip())
    return layout.text.count("\n", 0, start), layout.text.count("\n", 0, end)


def takes_lines(data: bytes, path: Path) -> bool:
    """Whether an entry has lines of its own, and others beside it."""
    layout = read_layout(data)
    owner, entry = layout.root, layout.root.entries[0]
    part = layout.root
    for step in path:
        owner = part
        entry = next(each for n, each in enumerate(part.entries) if step == (each.key.text if each.key else n))
        part = entry.value
    return len(owner.entries) > 1 and not owner.flow and layout.begins_line(entry.start)


def check(data: bytes, operation: Operation) -> None:
    wanted = edited(plain_of(data), [operation])
    new = spliced(data, [operation])
    assert same_data(plain_of(new), wanted)
    first, last = span(data, operation)
    keep = data.endswith(b"\n")  # without, the last line has another break when it is no longer the last
    before, after = data.splitlines(keep), new.splitlines(keep)
    assert before[:first] == after[:first]
    kept = before[last + 1 :]
    assert not kept or after[-len(kept) :] == kept
    if isinstance(operation, Remove) and takes_lines(data, operation.path):
        assert after == before[:first] + kept
    assert data.endswith(b"\n") == new.endswith(b"\n")
    assert (b"\r\n" in data) == (b"\r\n" in new) or len(after) == 1
    assert not re.search(rb"(?<!\r)\n", new) or b"\r\n" not in data
    assert data.startswith(b"\xef\xbb\xbf") == new.startswith(b"\xef\xbb\xbf")
    lost = Counter(each.text for each in read_layout(data).comments)
    lost -= Counter(each.text for each in read_layout(new).comments)
    if isinstance(operation, InsertKey | Append | RenameKey):
        assert not lost
    else:
        layout = read_layout(data)
        lines = layout.text.split("\n")
        assert all(any(text in line for line in lines[first : last + 1]) for text in lost)


def endings(data: bytes) -> list[bytes]:
    """The document in every way in which it may be saved."""
    if b"\r" in data:
        return [data]
    return [
        data,
        data.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
        data.rstrip(b"\n"),
    ]


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_an_edit_of_a_shipped_file_says_what_is_meant_and_leaves_other_lines_alone(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SHIPPED))
    document = data.draw(st.sampled_from(endings(path.read_bytes())))
    operation = data.draw(operations(document))
    check(document, operation)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_an_edit_of_a_strange_file_is_right_or_refused(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(sorted(STRANGE.values())))
    operation = data.draw(operations(document))
    try:
        spliced(document, [operation])
    except EditError:
        return
    check(document, operation)


def parts(part: Part) -> int:
    return 1 + sum(parts(each.value) for each in part.entries)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_layout_has_every_value(name: str) -> None:
    data = DOCUMENTS[name]
    assert parts(read_layout(data).root) == len(paths(plain_of(data)))
