"""The minimal good repository in memory, and edits that spoil it. Nothing here is expected to be right or wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.contract.diagnostic import Diagnostic, render_text, split_lines
from runner.contract.load import Loaded, Revision, load_revision

__all__ = ["MINIMAL", "Edit", "MemoryFiles", "add", "drop", "edited", "load", "put", "rendered", "revision"]

_FOLDER: Final = Path(__file__).parent / "fixtures" / "minimal"
MINIMAL: Final[Mapping[str, bytes]] = {
    path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in sorted(_FOLDER.rglob("*.yaml"))
}
"""Its files: one of each policy, two templates, two blocks."""


@dataclass(frozen=True, slots=True)
class MemoryFiles:
    """Files as `load_revision` takes them; the bytes None stand for a file that cannot be read."""

    files: Mapping[str, bytes | None]

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes:
        data = self.files[path]
        if data is None:
            raise PermissionError(13, "Permission denied", path)
        return data


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: a text of a file replaced, which must be there once, or with `old` None the file as a whole."""

    path: str
    old: str | None
    new: str | bytes | None

    def apply(self, files: dict[str, bytes | None]) -> None:
        if self.old is None:
            new = self.new.encode() if isinstance(self.new, str) else self.new
            files[self.path] = new
            return
        text = (files[self.path] or b"").decode()
        assert text.count(self.old) == 1, f"{self.old!r} is {text.count(self.old)} times in {self.path}"
        files[self.path] = text.replace(self.old, str(self.new)).encode()


@dataclass(frozen=True, slots=True)
class Drop:
    """A file that is not there."""

    path: str

    def apply(self, files: dict[str, bytes | None]) -> None:
        del files[self.path]


def put(path: str, old: str, new: str) -> Edit:
    """Replace a text."""
    return Edit(path, old, new)


def add(path: str, new: str | bytes | None) -> Edit:
    """Write a whole file; None makes it unreadable."""
    return Edit(path, None, new)


def drop(path: str) -> Drop:
    """Remove a file."""
    return Drop(path)


def edited(*edits: Edit | Drop) -> MemoryFiles:
    """The minimal repository with edits."""
    files: dict[str, bytes | None] = dict(MINIMAL)
    for edit in edits:
        edit.apply(files)
    return MemoryFiles(files)


def load(*edits: Edit | Drop) -> Loaded:
    """What loading the edited repository gives."""
    return load_revision(edited(*edits))


def revision(*edits: Edit | Drop) -> Revision:
    """The revision of an edited repository that is still good."""
    files = edited(*edits)
    loaded = load_revision(files)
    assert loaded.revision is not None, rendered(files, loaded.findings)
    return loaded.revision


def rendered(files: MemoryFiles, findings: Sequence[Diagnostic]) -> str:
    """The findings as people read them."""

    def read_line(path: str, number: int) -> str | None:
        data = files.files.get(path)
        lines = split_lines((data or b"").decode(errors="replace"))
        return lines[number - 1] if data is not None and number <= len(lines) else None

    return render_text(findings, read_line)
