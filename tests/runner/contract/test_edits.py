"""What the data is after an edit, and which edits do not apply."""

from __future__ import annotations

import pytest

from runner.contract.edits import Append, EditError, InsertKey, Operation, Remove, RenameKey, SetValue, edited
from runner.contract.nodes import Plain

PLAIN: Plain = {"a": {"b": 1, "c": [1, {"d": 2}]}, "e": None}


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        (SetValue(("a", "b"), 5), {"a": {"b": 5, "c": [1, {"d": 2}]}, "e": None}),
        (SetValue(("a", "c", 1, "d"), []), {"a": {"b": 1, "c": [1, {"d": []}]}, "e": None}),
        (SetValue(("a", "c", 0), "x"), {"a": {"b": 1, "c": ["x", {"d": 2}]}, "e": None}),
        (RenameKey(("a",), "z"), {"z": {"b": 1, "c": [1, {"d": 2}]}, "e": None}),
        (RenameKey(("e",), "e"), PLAIN),
        (Remove(("a", "c", 0)), {"a": {"b": 1, "c": [{"d": 2}]}, "e": None}),
        (Remove(("a",)), {"e": None}),
        (InsertKey((), "n", 1), {"n": 1, "a": {"b": 1, "c": [1, {"d": 2}]}, "e": None}),
        (InsertKey(("a",), "n", 1, "b"), {"a": {"b": 1, "n": 1, "c": [1, {"d": 2}]}, "e": None}),
        (Append(("a", "c"), 3), {"a": {"b": 1, "c": [1, {"d": 2}, 3]}, "e": None}),
    ],
)
def test_an_edit_changes_one_thing(operation: Operation, after: Plain) -> None:
    before = repr(PLAIN)
    found = edited(PLAIN, [operation])
    assert repr(found) == repr(after)
    assert repr(PLAIN) == before


@pytest.mark.parametrize(
    "operation",
    [
        SetValue((), 1),
        Remove(()),
        RenameKey((), "x"),
        SetValue(("x",), 1),
        SetValue(("a", "c", 9), 1),
        SetValue(("a", "c", "0"), 1),
        SetValue(("e", "x"), 1),
        Remove(("a", "x", "y")),
        RenameKey(("a",), "e"),
        RenameKey(("a", "c", 0), "x"),
        InsertKey(("a",), "b", 1),
        InsertKey(("a",), "n", 1, "x"),
        InsertKey(("a", "c"), "n", 1),
        InsertKey(("e",), "n", 1),
        Append(("a",), 1),
        Append(("e",), 1),
        Append(("a", "c", 7), 1),
    ],
)
def test_an_edit_that_does_not_apply_is_refused(operation: Operation) -> None:
    with pytest.raises(EditError):
        edited(PLAIN, [operation])


def test_edits_come_one_after_another() -> None:
    assert edited({"a": [1, 2]}, [Remove(("a", 0)), SetValue(("a", 0), 3), Append(("a",), 4)]) == {"a": [3, 4]}
