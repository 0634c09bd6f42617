"""The files of scenarios, told from the others without reading what is in them; whoever tries none needs none."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from runner.contract.documents import Files, has_documents, refused_paths

__all__ = ["But", "Only", "scenario_files"]

_SCENARIO: Final = re.compile(rb"^kind:[ \t]*Scenario[ \t]*\r?$", re.MULTILINE)
_KIND: Final = re.compile(rb"kind[\"']?\s*:")
_ANOTHER: Final = re.compile(rb"\n---[ \t\r\n]")
"""Where another document begins, or the first one below comments."""
_NAME: Final = re.compile(r"_test\.ya?ml", re.IGNORECASE)


def scenario_files(files: Files) -> list[str]:
    """The files that say by their name and their kind that they are scenarios, and nothing else of themselves."""
    refused = refused_paths(files)
    found = []
    for path in files.paths():
        if has_documents(path) and _NAME.search(path) is not None and path not in refused:
            try:
                if _is_scenario(files.read(path)):
                    found.append(path)
            except OSError:
                continue  # becomes a finding when everything is loaded
    return found


def _is_scenario(data: bytes) -> bool:
    """Whether one word on kinds is all that there is, so that it cannot be part of a text, or one of two documents."""
    return _SCENARIO.search(data) is not None and len(_KIND.findall(data)) == 1 and _ANOTHER.search(data) is None


@dataclass(frozen=True, slots=True)
class Only:
    """Some files of a revision."""

    files: Files
    only: Sequence[str]

    def paths(self) -> Sequence[str]:
        """Those."""
        return self.only

    def read(self, path: str) -> bytes:
        """The bytes of one."""
        return self.files.read(path)


@dataclass(frozen=True, slots=True)
class But:
    """The files of a revision without some of them."""

    files: Files
    hidden: Collection[str]

    def paths(self) -> Sequence[str]:
        """All others."""
        hidden = frozenset(self.hidden)
        return [path for path in self.files.paths() if path not in hidden]

    def read(self, path: str) -> bytes:
        """The bytes of one."""
        return self.files.read(path)

    def refused(self) -> Collection[str]:
        """Those that are known to be no files."""
        return refused_paths(self.files)
