"""Whatever a file says, loading returns findings: it raises nothing, and no word of the machinery comes through."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.contract.load import load_revision
from runner.contract.nodes import to_plain
from runner.contract.source import load as load_yaml
from tests.runner.contract.repository import MINIMAL, MemoryFiles
from tests.runner.contract.test_gate_rules import JARGON

PLAIN: dict[str, Any] = {path: to_plain(node) for path, data in MINIMAL.items() if (node := load_yaml(data, path).root)}
WORDS = (
    "",
    "ann",
    "office",
    "chat",
    "$room",
    "$nothing",
    "2h",
    "1d",
    "owner",
    "2026-02-30",
    "09:00",
    "high",
    "announce",
    "a b",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 400) | st.just(1.5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("use", "with", "who", "time", "person", "any", "not", "is", "priority", *WORDS)),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def paths(value: object, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in some data, the data itself included."""
    found = [here]
    if isinstance(value, dict):
        found += [path for key, each in value.items() for path in paths(each, (*here, key))]
    elif isinstance(value, list):
        found += [path for index, each in enumerate(value) for path in paths(each, (*here, index))]
    return found


PLACES = [(file, path) for file, plain in PLAIN.items() for path in paths(plain)]


def replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=2, unique_by=lambda each: each[0][0]))
def test_a_value_replaced_by_any_other_is_answered(
    changes: list[tuple[tuple[str, tuple[str | int, ...]], object]],
) -> None:
    files: dict[str, bytes | None] = dict(MINIMAL)
    for (file, path), new in changes:
        files[file] = json.dumps(replaced(PLAIN[file], path, new), ensure_ascii=False).encode()
    loaded = load_revision(MemoryFiles(files))
    assert (loaded.revision is None) == bool(loaded.findings)
    for found in loaded.findings:
        assert found.location is None or found.location.file in files
        assert found.message
        assert not JARGON.search(found.message + found.help), found
