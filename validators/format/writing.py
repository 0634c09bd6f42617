"""Puts a new version of a file in the place of the old one: whole or not at all, and not over what somebody else wrote.

Follows no symbolic link, neither the file nor a folder on the way, and leaves nothing behind when it fails.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runner.contract.diagnostic import printable

__all__ = ["WriteError", "overwrite"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class WriteError(Exception):
    """A file was left as it is; the text says why, and names it."""


def overwrite(root: Path, path: str, before: bytes, after: bytes) -> None:
    """Replace the bytes of the file at a relative path below `root`, keeping its permissions. Raises WriteError."""
    try:
        with _folder(root, path) as (folder, name):
            found = _unchanged(folder, name, path, before)
            if not found.st_mode & _WRITABLE:
                raise WriteError(f"{printable(path)} is write-protected; allow writing to it first")
            _replace(folder, name, path, found, after)
    except OSError as error:
        raise WriteError(f"{printable(path)} cannot be written: {error.strerror or type(error).__name__}") from None


@contextmanager
def _folder(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """The folder of a file, opened step by step, and the name of the file there."""
    *folders, name = path.split("/")
    number = os.open(root, _FOLDER)
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=number)
            os.close(number)
            number = inner
        yield number, name
    finally:
        os.close(number)


def _unchanged(folder: int, name: str, path: str, before: bytes) -> os.stat_result:
    number = os.open(name, _FILE, dir_fd=folder)
    with os.fdopen(number, "rb") as stream:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise WriteError(f"{printable(path)} is no regular file any more")
        if stream.read(len(before) + 1) != before:
            raise _changed(path)
    return found


def _replace(folder: int, name: str, path: str, found: os.stat_result, after: bytes) -> None:
    draft = f".{name}.{os.getpid()}~"  # hidden and a leftover: no revision takes it in
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(after)
            with suppress(OSError):  # only a privileged user may give a file away
                os.fchown(number, found.st_uid, found.st_gid)
            os.fchmod(number, stat.S_IMODE(found.st_mode))
            stream.flush()
            os.fsync(number)
        _check_same(os.stat(name, dir_fd=folder, follow_symlinks=False), found, path)
        os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise
    os.fsync(folder)


def _check_same(now: os.stat_result, before: os.stat_result, path: str) -> None:
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
        raise _changed(path)


def _changed(path: str) -> WriteError:
    return WriteError(f"{printable(path)} was changed by somebody else meanwhile, and is left as it is")
