"""Positions asked of a tree, and plain values made from it."""

from __future__ import annotations

import pytest

from runner.contract.nodes import MappingNode, Node, ScalarNode, SequenceNode, locate, pointer_of, source_map, to_plain
from runner.contract.source import load

TEXT = b"""\
name: billing
owners:
  primary: {rotation: accounting}
accept:
  checklist:
    - has_evidence
    - scope_clear
empty: {}
"a/b~c": 1
"""


def tree(text: bytes = TEXT) -> Node:
    loaded = load(text, "t.yaml")
    assert loaded.diagnostics == ()
    assert loaded.root is not None
    return loaded.root


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ([], "1:1", "1:1"),
        (["name"], "1:7", "1:1"),
        (["owners"], "3:3", "2:1"),
        (["owners", "primary"], "3:12", "3:3"),
        (["owners", "primary", "rotation"], "3:23", "3:13"),
        (["accept", "checklist", 1], "7:7", "7:7"),
        (["a/b~c"], "9:10", "9:1"),
    ],
)
def test_a_value_and_its_key_are_found(path: list[str | int], value: str, key: str) -> None:
    assert str(locate(tree(), path)) == f"t.yaml:{value}"
    assert str(locate(tree(), path, key=True)) == f"t.yaml:{key}"


@pytest.mark.parametrize(
    ("path", "ancestor"),
    [
        pytest.param(["nobody"], [], id="a key that is missing"),
        pytest.param(["owners", "secondary"], ["owners"], id="a key that is missing further down"),
        pytest.param(["name", "first"], ["name"], id="a key of a scalar"),
        pytest.param(["accept", "checklist", 9], ["accept", "checklist"], id="an item beyond the list"),
        pytest.param(["accept", "checklist", -1], ["accept", "checklist"], id="an item before the list"),
        pytest.param(["accept", "checklist", "1"], ["accept", "checklist"], id="an item by a text"),
        pytest.param(["accept", "nobody", "owners", "primary"], ["accept"], id="nothing below a missing key"),
    ],
)
def test_a_path_that_leads_nowhere_gives_the_nearest_ancestor(path: list[str | int], ancestor: list[str | int]) -> None:
    assert locate(tree(), path) == locate(tree(), ancestor)
    assert locate(tree(), path, key=True) == locate(tree(), ancestor, key=True)


def test_the_source_map_has_every_value_by_pointer_in_the_order_of_the_file() -> None:
    found = source_map(tree())
    assert list(found) == [
        "",
        "/name",
        "/owners",
        "/owners/primary",
        "/owners/primary/rotation",
        "/accept",
        "/accept/checklist",
        "/accept/checklist/0",
        "/accept/checklist/1",
        "/empty",
        "/a~1b~0c",
    ]
    assert found["/accept/checklist/1"] == locate(tree(), ["accept", "checklist", 1])


def test_a_pointer_escapes_what_pointers_are_made_of() -> None:
    assert pointer_of([]) == ""
    assert pointer_of(["runbook", "open", 0, "a/b~c"]) == "/runbook/open/0/a~1b~0c"
    assert pointer_of(["a/b~c"]) in source_map(tree())


def test_plain_values_are_new_on_every_call() -> None:
    root = tree(b"a: &x [1]\nb: *x\n")
    first, second = to_plain(root), to_plain(root)
    assert first == second == {"a": [1], "b": [1]}
    assert isinstance(first, dict)
    assert first["a"] is not first["b"]
    assert isinstance(first["a"], list)
    first["a"].append(2)
    assert second == {"a": [1], "b": [1]}


def test_a_mapping_gives_values_and_keys() -> None:
    root = tree()
    assert isinstance(root, MappingNode)
    assert "owners" in root
    assert "nobody" not in root
    assert root.get("nobody") is None
    assert root.key("nobody") is None
    name, key = root.get("name"), root.key("name")
    assert isinstance(name, ScalarNode)
    assert name.value == "billing"
    assert key is not None
    assert key.value == "name"
    assert [key.raw for key, _ in root.entries] == ["name", "owners", "accept", "empty", "a/b~c"]
    assert isinstance(root.get("empty"), MappingNode)
    assert bool(root.get("empty")), "an empty mapping is there all the same"


def test_nodes_are_values() -> None:
    assert tree() == tree()
    assert hash(tree()) == hash(tree())
    root = tree(b"[a]")
    assert isinstance(root, SequenceNode)
    with pytest.raises(AttributeError):
        root.items = ()  # type: ignore[misc] # it is frozen, which this shows
