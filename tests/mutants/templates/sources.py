"""The shipped repository as plain data, every mutant of it by name, and the files as they are with one planted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from runner.contract.source import load_mapping
from runner.revision import FolderTree
from tests.mutants.templates.kinds import Shipped, edits

__all__ = ["ROOT", "Mutant", "Planted", "documents", "every_mutant", "written"]

_DIRECTORIES = frozenset(("People", "Rotations", "Absences", "Channels", "Fields", "Actions"))
"""Policies that say who and what there is: they promise nothing."""
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing made otherwise in one file. The name is stable as long as what it changes is written there."""

    name: str
    kind: str
    file: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Planted:
    """The shipped files with one of them replaced, and without some of them."""

    tree: FolderTree
    file: str
    data: bytes
    hidden: frozenset[str] = frozenset()

    def paths(self) -> Sequence[str]:
        """All the others."""
        return [path for path in self.tree.paths() if path not in self.hidden]

    def read(self, path: str) -> bytes:
        """The bytes of one."""
        return self.data if path == self.file else self.tree.read(path)


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Every shipped policy, template and block, by path."""
    tree = FolderTree(ROOT, strict=False)
    found = {}
    for path in tree.paths():
        if path.endswith(".yaml") and not path.endswith("_test.yaml"):
            plain = load_mapping(tree.read(path))
            assert plain is not None, path
            found[path] = plain
    return found


def every_mutant() -> dict[str, Mutant]:
    """All of them by name, in a fixed order; of two that come to the same file only the first."""
    found: dict[str, Mutant] = {}
    seen: set[tuple[str, bytes]] = set()
    for mutant in _made():
        if (mutant.file, mutant.data) not in seen:
            seen.add((mutant.file, mutant.data))
            assert mutant.name not in found, mutant.name
            found[mutant.name] = mutant
    return found


def _made() -> Iterator[Mutant]:
    shipped = _shipped()
    for path, plain in documents().items():
        if plain["kind"] in _DIRECTORIES:
            continue
        short = path.removeprefix("templates/").removesuffix(".yaml").removesuffix("/template")
        for edit in edits(plain, shipped):
            yield Mutant(f"{short}: {edit.kind} {edit.label}", edit.kind, path, written(edit.plain))


def written(plain: dict[str, Any]) -> bytes:
    """A document as bytes: JSON, which is YAML as well."""
    return json.dumps(plain, ensure_ascii=False, indent=1).encode()


def _shipped() -> Shipped:
    of_kind = {plain["kind"]: plain for plain in documents().values()}
    fields = of_kind["Fields"]["fields"]
    blocks = {plain["name"]: plain for plain in documents().values() if plain["kind"] == "Block"}
    return Shipped(
        values={name: tuple(each["values"]) for name, each in fields.items() if "values" in each},
        rooms=tuple(of_kind["Channels"]["rooms"]),
        actions=tuple(of_kind["Actions"]["actions"]),
        uses={name: tuple(_used(plain)) for name, plain in blocks.items()},
    )


def _used(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("use"), str):
            yield value["use"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _used(each)
