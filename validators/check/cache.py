"""Remembers answers of `surety check`: the same files, program, day and options give the same words again.

A cache that is damaged, foreign, full or not writable is as if there were none. Nothing here can change an answer: an
entry carries the whole key that it answers and a digest of itself, and what does not fit exactly is not used.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from runner import VERSION
from runner.revision.tree import EntryError, Tree, not_in_tree

__all__ = ["Answer", "AnswerCache", "Snapshot", "answered", "cache_folder", "key_of", "program_state"]

_FORMAT: Final = 1
"""Rises when an entry is made of something else."""
_MOST_ENTRIES: Final = 64
"""A few repositories with a few sets of options each, and their last states."""
_MOST_BYTES: Final = 32 * 1_048_576  # of all entries
_MOST_BYTES_OF_AN_ENTRY: Final = 4 * 1_048_576  # some 10,000 findings; rendering so many again is no loss
_LASTING: Final = frozenset(("clean", "findings"))
"""Verdicts that will be the same again. What is unknown is asked again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run says: the whole text, the line that sums it up, and the verdict."""

    text: str
    summary: str
    verdict: str


class Snapshot:
    """A tree that was read once, as a whole: what is checked is to the byte what the key was made of."""

    def __init__(self, tree: Tree) -> None:
        """Reads every file; raises TreeError, but keeps for later that one of them is no file."""
        self.label = tree.label
        self.revision = tree.revision
        self._files: dict[str, bytes | EntryError] = {}
        for path in tree.paths():
            try:
                self._files[path] = tree.read(path)
            except EntryError as error:
                self._files[path] = error
        self._refused = frozenset(tree.refused())

    def paths(self) -> tuple[str, ...]:
        """As the tree gives them."""
        return tuple(self._files)

    def read(self, path: str) -> bytes:
        """The bytes of one of `paths`. Raises TreeError for any other."""
        data = self._files.get(path)
        if data is None:
            raise not_in_tree(path, self.label)
        if isinstance(data, EntryError):
            raise data
        return data

    def refused(self) -> Collection[str]:
        """As the tree gives them."""
        return self._refused

    def digest(self) -> str:
        """SHA-256 over all paths and bytes, hexadecimal."""
        whole = hashlib.sha256()
        for path, data in self._files.items():
            read = isinstance(data, bytes)
            said = data if isinstance(data, bytes) else str(data).encode()
            whole.update(f"{len(path)} {path} {read} {len(said)} ".encode())
            whole.update(said)
        return whole.hexdigest()


def answered(
    files: Snapshot, options: Mapping[str, object], environment: Mapping[str, str], ask: Callable[[], Answer]
) -> Answer:
    """The answer that is remembered for these files and options, else that of `ask`, which is then remembered.

    `options` are JSON data and hold the day; the environment says where answers are kept.
    """
    folder = cache_folder(environment)
    if folder is None:
        return ask()
    cache, key = AnswerCache(folder), key_of(files, program_state(), options)
    answer = cache.recall(key)
    if answer is None:
        answer = ask()
        if answer.verdict in _LASTING:
            cache.keep(key, answer)
    return answer


def key_of(files: Snapshot, program: str, options: Mapping[str, object]) -> str:
    """Everything that an answer depends on, as one line; `options` are JSON data and hold the day."""
    parts = {"format": _FORMAT, "files": files.digest(), "label": files.label, "program": program, "options": options}
    return json.dumps(parts, sort_keys=True)


def program_state() -> str:
    """A digest of this program: its version, its own code as it is installed, the libraries beside it, Python."""
    state = hashlib.sha256(f"{VERSION} {sys.version} {sys.prefix}".encode())
    package = Path(__file__).resolve().parents[2]
    for name in ("runner", "validators"):
        for entry in _files_below(str(package / name)):
            found = entry.stat()
            state.update(f"{entry.path} {found.st_size} {found.st_mtime_ns}\n".encode(errors="surrogateescape"))
    for folder in map(Path, sys.path):
        if folder.name in {"site-packages", "dist-packages"} and folder.is_dir():
            libraries = sorted(each.name for each in folder.iterdir() if each.suffix in {".dist-info", ".egg-info"})
            state.update("\n".join(libraries).encode(errors="surrogateescape"))
    return state.hexdigest()


def _files_below(folder: str) -> list[os.DirEntry[str]]:
    """Files of code and data, sorted by path; what Python makes of them aside."""
    found: list[os.DirEntry[str]] = []
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        waiting.append(entry.path)
                else:
                    found.append(entry)
    return sorted(found, key=lambda entry: entry.path)


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Where answers are kept: SURETY_CACHE_DIR, else `surety` in XDG_CACHE_HOME or ~/.cache; None if there is no place.

    *Source:* XDG Base Directory Specification; it has relative paths ignored.
    """
    own = environment.get("SURETY_CACHE_DIR")
    if own:
        return Path(own)
    base = environment.get("XDG_CACHE_HOME", "")
    if base.startswith("/"):
        return Path(base) / "surety"
    home = environment.get("HOME", "")
    return Path(home) / ".cache" / "surety" if home.startswith("/") else None


class AnswerCache:
    """Answers by key, one file each, in a folder that only its owner can read. Never raises for what is in there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, key: str) -> Answer | None:
        """The answer kept for exactly this key, or None."""
        path = self._path(key)
        try:
            entry = json.loads(_read(path))
            answer = Answer(**entry["answer"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        if entry != _entry(key, answer):
            return None
        with suppress(OSError):
            os.utime(path)  # so that what is used stays
        return answer

    def keep(self, key: str, answer: Answer) -> None:
        """Remember an answer, and forget the oldest if there is too much; or do nothing if that is not possible."""
        data = json.dumps(_entry(key, answer)).encode()
        if len(data) > _MOST_BYTES_OF_AN_ENTRY:
            return
        unfinished = self._folder / f"{os.getpid()}.unfinished"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(number, "wb") as stream:
                stream.write(data)
            unfinished.replace(self._path(key))
            self._forget()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                unfinished.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()}.json"

    def _forget(self) -> None:
        """Remove the entries that were not used for longest, and what was left unfinished, beyond the bounds."""
        with os.scandir(self._folder) as entries:
            known = [(entry.stat(follow_symlinks=False), entry.path) for entry in entries if _is_ours(entry.name)]
        size = 0
        for index, (found, path) in enumerate(sorted(known, key=lambda each: each[0].st_mtime_ns, reverse=True)):
            size += found.st_size
            if index >= _MOST_ENTRIES or size > _MOST_BYTES:
                Path(path).unlink(missing_ok=True)


def _is_ours(name: str) -> bool:
    """Whether a file of the folder is one that this module makes: nothing else is ever removed."""
    stem, _, ending = name.rpartition(".")
    return (ending == "json" and len(stem) == hashlib.sha256().digest_size * 2) or ending == "unfinished"


def _entry(key: str, answer: Answer) -> dict[str, Any]:
    said = asdict(answer)
    digest = hashlib.sha256(json.dumps([key, said], sort_keys=True).encode()).hexdigest()
    return {"key": key, "answer": said, "digest": digest}


def _read(path: Path) -> bytes:
    """The bytes of an entry. Raises OSError, also for what this user has not written as a plain file."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as stream:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise OSError("not an entry of this user's cache")
        return stream.read(_MOST_BYTES_OF_AN_ENTRY + 1)
