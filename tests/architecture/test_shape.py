"""Size, names and docstrings of modules."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.project import PACKAGES, ROOT, modules

LINES_AT_MOST = 400
EVASIVE = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utilities", "utils"}
PRODUCT = modules(*PACKAGES)


def lines(source: str) -> int:
    return len(source.splitlines())


def test_there_is_something_to_look_at() -> None:
    assert len(PRODUCT) > len(PACKAGES)


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_and_says_what_it_is_for(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert lines(source) <= LINES_AT_MOST, f"{lines(source)} lines: split it by what its parts do"
    assert ast.get_docstring(ast.parse(source)), "open the module with what it is for and what it refuses to do"


def test_long_test_modules_are_reported(record_property: Callable[[str, object], None]) -> None:
    """Tests are told, not stopped: `pytest -s` and the JUnit report show them."""
    for path in modules("tests"):
        if (size := lines(path.read_text(encoding="utf-8"))) > LINES_AT_MOST:
            print(f"{path.relative_to(ROOT)}: {size} lines, consider splitting it")
            record_property(str(path.relative_to(ROOT)), size)


def test_every_module_is_named_for_what_it_does() -> None:
    evasive = [
        path
        for path in modules(*PACKAGES, "tests")
        if {part.lower().strip("_") for part in path.relative_to(ROOT).with_suffix("").parts} & EVASIVE
    ]
    assert not evasive


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in modules(*PACKAGES, "tests")}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]
