"""Pages of decisions: each row names a test that exists, so that no decision is only a sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.project import ROOT

PAGES = ("semantics.md", "failure-modes.md")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = [
    (page, number, line)
    for page in PAGES
    for number, line in enumerate((ROOT / "docs" / page).read_text(encoding="utf-8").splitlines(), start=1)
    if line.startswith("| ") and "shown by" not in line.casefold() and not line.startswith("| Point |")
]


def without_test(page: str) -> set[str]:
    """Rows of the part that says what is not here."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return {line for line in text.partition("\n## Elsewhere\n")[2].splitlines() if line.startswith("| ")}


@cache
def names_in(file: Path) -> frozenset[str]:
    """Names of the tests of a file: functions, methods of its classes, and machines that it makes tests of."""
    return frozenset(_tests(ast.parse(file.read_text(encoding="utf-8"))))


def _tests(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef():
                yield node.name
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case _:
                pass


@pytest.mark.parametrize(("page", "number", "line"), ROWS, ids=lambda value: str(value)[:12])
def test_each_row_names_a_test_that_exists(page: str, number: int, line: str) -> None:
    if line in without_test(page):
        return
    named = _NAMED.findall(line)
    assert named, f"docs/{page}:{number} names no test"
    for file, name in named:
        assert (ROOT / file).is_file(), f"docs/{page}:{number}: there is no {file}"
        assert name.casefold().startswith("test"), f"docs/{page}:{number}: {name} is no test"
        assert name in names_in(ROOT / file), f"docs/{page}:{number}: {file} has no {name}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_rows_and_each_has_all_its_cells(page: str) -> None:
    rows = [line for name, _, line in ROWS if name == page]
    assert len(rows) >= 10
    for line in rows:
        wanted = 2 if line in without_test(page) else None
        cells = len(line.strip().strip("|").split(" | "))
        assert cells == wanted or (wanted is None and cells >= 4), line
