"""The one way to the files of a revision: the `Tree` port, and the tree of a folder. Knows no YAML and no git.

Takes regular files below `policies/` and `templates/` and nothing else, reads nothing outside its root, and follows no
symbolic link: a folder offers what a commit of it would. What is not like that stops a runner; the tool lists it, so
that it becomes one finding among others.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from runner.contract.diagnostic import printable
from runner.contract.unreadable import UnreadableError

__all__ = [
    "ROOTS",
    "EntryError",
    "FolderTree",
    "Tree",
    "TreeError",
    "bundled_data",
    "check_listing",
    "check_path",
    "check_size",
    "find_repository",
    "is_passed_over",
    "not_in_tree",
    "odd_file",
]

ROOTS: Final = ("policies", "templates")
MOST_FILES: Final = 20_000  # ten times a repository of a thousand templates with their scenarios
MOST_BYTES_OF_A_FILE: Final = 1_048_576  # what the reader of YAML takes
MOST_BYTES: Final = 64 * 1_048_576  # of all files together, since a revision is held in memory

_LEFTOVERS = ("~", ".swp", ".swo", ".bak", ".orig", ".rej")  # of editors and merges
_KEEP_OUT = "Keep recorded data outside `policies/` and `templates/`."
_RUN_AGAIN = "Run it again when nobody writes to the folder, or read a commit."


class TreeError(Exception):
    """A revision cannot be read. `message` says what is wrong, `help` what to do; neither holds a secret."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - the word of diagnostics
        super().__init__(message)
        self.message = message
        self.help = help

    def __str__(self) -> str:
        return f"{self.message}. {self.help}" if self.help else self.message


class EntryError(TreeError, UnreadableError):
    """One entry of a revision is no file that it may hold, or cannot be read; the others may be fine."""

    def __init__(self, code: str, message: str, help: str) -> None:  # noqa: A002 - as above
        UnreadableError.__init__(self, code, message, help)


class Tree(Protocol):
    """The files of one revision; the same list on every call."""

    @property
    def label(self) -> str:
        """What to show people: a folder, or a revision with its commit."""
        ...

    @property
    def revision(self) -> str | None:
        """The id of the commit, or None for a folder."""
        ...

    def paths(self) -> tuple[str, ...]:
        """Sorted relative paths with forward slashes; never empty. Raises TreeError."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one of `paths`. Raises TreeError, also for any other path, and EntryError if it is no file."""
        ...

    def refused(self) -> Collection[str]:
        """Those of `paths` that are known to be no files; none if the tree is strict, which raises for them."""
        ...


class FolderTree:
    """The files of a folder. The list is made on first use and stays; a file is read when it is asked for.

    Hidden files and leftovers of editors are passed over. More files than a revision may have raise TreeError. So do a
    symbolic link, what is no regular file or too large, and odd names; unless not `strict`: then these are listed,
    printable and without what is below them, and raise when they are read.
    """

    def __init__(self, root: Path, *, strict: bool = True) -> None:
        self.label = str(root)
        self.revision: str | None = None
        self._root = root
        self._strict = strict
        self._listing: dict[str, _Entry] | None = None
        self._refused: dict[str, EntryError] = {}

    def paths(self) -> tuple[str, ...]:
        """Sorted relative paths; a folder without any raises TreeError."""
        listed = self._listed()
        return tuple(sorted({*listed, *self._refused})) if self._refused else tuple(listed)

    def refused(self) -> Collection[str]:
        """What is no file."""
        self._listed()
        return self._refused.keys()

    def read(self, path: str) -> bytes:
        """The bytes of a file, which must stay as it is meanwhile."""
        entry = self._listed().get(path)
        if entry is None and path in self._refused:
            raise self._refused[path]
        if entry is None:
            raise not_in_tree(path, self.label)
        try:
            # O_NONBLOCK: a pipe put in the place of a file must not make the reader wait for a writer.
            number = os.open(f"{self._root}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(number, "rb", buffering=0) as stream:
                before = os.fstat(number)
                if not stat.S_ISREG(before.st_mode):
                    raise odd_file(path, "no regular file any more")
                data = stream.read(min(before.st_size, MOST_BYTES_OF_A_FILE) + 1)
                after = os.fstat(number)
        except FileNotFoundError:
            raise TreeError(f"{printable(path)} was removed while the folder was read", _RUN_AGAIN) from None
        except EntryError:
            raise
        except OSError as error:
            raise _unreadable(path, error) from None
        check_size(path, len(data))
        # Another file in its place, perhaps through a folder that has become a link out of the tree, is no part of it.
        if (before.st_dev, before.st_ino) != (entry.device, entry.inode):
            raise TreeError(f"{printable(path)} was replaced while the folder was read", _RUN_AGAIN)
        if len(data) != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise TreeError(f"{printable(path)} changed while it was read", _RUN_AGAIN)
        return data

    def _listed(self) -> dict[str, _Entry]:
        if self._listing is None:
            if not self._root.is_dir():
                raise TreeError(f"there is no folder {self.label}", "Name one that holds `policies/` and `templates/`.")
            listing: dict[str, _Entry] = {}
            for root in ROOTS:
                for path, entry in self._walk(root):
                    listing[path] = entry
                    if len(listing) + len(self._refused) > MOST_FILES:
                        break  # enough to be refused; do not go through the rest of somebody's disk
            check_listing([entry.size for entry in listing.values()], len(self._refused))
            if not listing and not self._refused:
                raise TreeError(
                    f"{self.label} has no file below `policies/` or `templates/`",
                    "Name the folder that holds both, or put a policy into it.",
                )
            self._listing = dict(sorted(listing.items()))
        return self._listing

    def _note(self, path: str, error: EntryError) -> None:
        """Keep for later what is wrong with an entry; a strict tree raises it at once."""
        if self._strict:
            raise error
        self._refused[printable(path)] = error

    def _walk(self, root: str) -> Iterator[tuple[str, _Entry]]:
        """The files below a top folder, in no order; nothing if the folder is not there."""
        waiting = [root]
        folders = 0
        while waiting:
            folder = waiting.pop()
            folders += 1
            if folders > MOST_FILES:
                raise TreeError(f"more than {MOST_FILES} folders stand below `{root}/`", _KEEP_OUT)
            try:
                names = self._names(folder)
            except EntryError as error:
                self._note(folder, error)
                continue
            for name in names:
                path = f"{folder}/{name}"
                if is_passed_over(path):
                    continue
                try:
                    found = self._entry(path)
                except EntryError as error:
                    self._note(path, error)
                    continue
                if found.is_folder:
                    waiting.append(path)
                else:
                    yield path, found

    def _entry(self, path: str) -> _Entry:
        """A file or folder that a revision may hold."""
        check_path(path)
        found = self._look(path)
        if found is None:
            raise TreeError(f"{printable(path)} was removed while the folder was read", _RUN_AGAIN)
        check_size(path, found.size)
        return found

    def _names(self, folder: str) -> list[str]:
        """What a folder holds; nothing if it is not there."""
        found = self._look(folder)
        if found is None:
            return []
        if not found.is_folder:
            raise odd_file(folder, "not a folder")
        try:
            with os.scandir(f"{self._root}/{folder}") as entries:
                return [entry.name for entry in entries]
        except OSError as error:
            raise _unreadable(folder, error) from None

    def _look(self, path: str) -> _Entry | None:
        """What stands there, None for nothing; anything but a file or a folder raises TreeError."""
        try:
            found = os.lstat(f"{self._root}/{path}")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, error) from None
        if stat.S_ISDIR(found.st_mode):
            return _Entry(0, found.st_dev, found.st_ino, is_folder=True)
        if stat.S_ISLNK(found.st_mode):
            raise odd_file(path, "a symbolic link")
        if not stat.S_ISREG(found.st_mode):
            raise odd_file(path, "no regular file")
        return _Entry(found.st_size, found.st_dev, found.st_ino, is_folder=False)


class _Entry(NamedTuple):
    """What the list knows of a file or folder: its bytes, and which one it is."""

    size: int
    device: int
    inode: int
    is_folder: bool


def find_repository(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds `policies/` and `templates/`. Raises TreeError."""
    here = start.resolve()
    if not here.is_dir():
        raise TreeError(f"there is no folder {start}", "Name one that holds `policies/` and `templates/`.")
    for folder in (here, *here.parents):
        if all((folder / root).is_dir() for root in ROOTS):
            return folder
    raise TreeError(
        f"neither {here} nor a folder above it holds `policies/` and `templates/`",
        "Go to the governance repository, or name it with `--repo DIR`.",
    )


def bundled_data() -> Path:
    """The folder with the policies and templates that ship: in the package, else the repository it is run from."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_data", package.parent):
        if all((folder / root).is_dir() for root in ROOTS):
            return folder
    raise TreeError("this installation has no policies and templates of its own", "Install it again, from a wheel.")


def is_passed_over(path: str) -> bool:
    """Whether a path below a top folder is hidden or a leftover: then it is no part of the revision at all."""
    return any(
        name.startswith(".") or name.endswith(_LEFTOVERS) or (name.startswith("#") and name.endswith("#"))
        for name in path.split("/")
    )


def check_path(path: str) -> None:
    """Refuse names that no ordinary file has: they hide what they are, or mean something else elsewhere."""
    names = path.split("/")
    if not path.isprintable() or "\\" in path or any(name in {"", ".", ".."} for name in names):
        raise EntryError(
            "SUR114",
            f"the name `{printable(path)}` is not allowed",
            "Rename the file: letters, digits, dots, hyphens and underscores read well everywhere.",
        )


def check_size(path: str, size: int) -> None:
    """Refuse a larger file than a revision may have; `size` in bytes."""
    if size > MOST_BYTES_OF_A_FILE:
        raise EntryError("SUR003", f"{printable(path)} is larger than {MOST_BYTES_OF_A_FILE} bytes", _KEEP_OUT)


def check_listing(sizes: Collection[int], refused: int = 0) -> None:
    """Refuse more files than a revision may have, or more of them together; in bytes, and how many more there are."""
    if len(sizes) + refused > MOST_FILES:
        raise TreeError(f"more than {MOST_FILES} files stand below `policies/` and `templates/`", _KEEP_OUT)
    if sum(sizes) > MOST_BYTES:
        raise TreeError(f"`policies/` and `templates/` hold more than {MOST_BYTES} bytes", _KEEP_OUT)


def odd_file(path: str, what: str) -> EntryError:
    """The refusal of what is not a plain file; `what` completes "is …"."""
    return EntryError(
        "SUR114",
        f"{printable(path)} is {what}; a revision holds regular files only",
        "Put the file itself there, or move it out of `policies/` and `templates/`.",
    )


def not_in_tree(path: str, label: str) -> TreeError:
    """The refusal of a path that `paths` did not give."""
    return TreeError(f"{printable(path)} is not in {label}", "Look at the spelling of the path.")


def _unreadable(path: str, error: OSError) -> EntryError:
    reason = error.strerror or type(error).__name__
    return EntryError("SUR114", f"{printable(path)} cannot be read: {reason}", "Look at its permissions.")
