"""The canonical form of files of a repository: which differ, which cannot be formatted. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import KINDS, Files
from runner.contract.nodes import MappingNode, ScalarNode
from runner.contract.source import load
from validators.format.canonical import Unformattable, canonical

__all__ = ["SCHEMAS", "Formatted", "format_files", "schema_address"]


SCHEMAS: Final = "docs/schemas"
"""The folder of a repository in which the shipped files say their schemas are."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file and its canonical form; `trouble` says why there is none, `findings` what is wrong with the file."""

    path: str
    before: bytes
    after: bytes
    trouble: str = ""
    findings: tuple[Diagnostic, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the canonical form is another."""
        return self.before != self.after


def format_files(files: Files, paths: Iterable[str], *, schemas: str | None = None) -> list[Formatted]:
    """Every file with its canonical form, in order. Reading may raise what `files` raises.

    With `schemas`, a folder of the repository or an address, the first line of each names the schema of its kind there.
    """
    return [_formatted(path, files.read(path), schemas) for path in paths]


def schema_address(path: str, kind: str, schemas: str) -> str:
    """Where the schema of a kind is, as the file at `path` has to say it: relative to the file, or an address."""
    if "://" in schemas:
        return f"{schemas.rstrip('/')}/{kind}.json"
    up = "../" * (len(PurePosixPath(path).parts) - 1)
    return f"{up}{PurePosixPath(schemas)}/{kind}.json"


def _formatted(path: str, before: bytes, schemas: str | None) -> Formatted:
    kind = _kind(before, path) if schemas is not None else None
    address = schema_address(path, kind, schemas) if schemas is not None and kind is not None else None
    try:
        return Formatted(path, before, canonical(before, path, schema=address))
    except Unformattable as error:
        return Formatted(path, before, before, str(error), error.findings)


def _kind(data: bytes, path: str) -> str | None:
    root = load(data, path).root
    node = root.get("kind") if isinstance(root, MappingNode) else None
    kind = node.value if isinstance(node, ScalarNode) else None
    return kind if isinstance(kind, str) and kind in KINDS else None
