"""Files that a command writes for whoever reads them: whole or not at all, so that nobody reads half a report."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from validators.commands.endings import Trouble

__all__ = ["write_whole"]

_ONLY_ITSELF: Final = (errno.EACCES, errno.EPERM, errno.EBUSY)
"""The folder takes no other file, or the file is mounted: it can be written to, and not be replaced."""


def write_whole(file: Path, data: str | bytes, otherwise: str = "Name another file.") -> None:
    """Put text (UTF-8) or bytes into a file; until it is all there, the file is as it was, or is not there.

    A link is followed, and what is no regular file, such as a pipe, is written to directly. If it cannot be written
    the program ends with `otherwise` as what to do.
    """
    content = data.encode() if isinstance(data, str) else data
    try:
        target = Path(os.path.realpath(file))
        before = _mode(target)
        if before is not None and not stat.S_ISREG(before):
            target.write_bytes(content)
        else:
            _replace(target, content, before)
    except OSError as error:
        raise Trouble(f"{file} cannot be written: {error.strerror}", otherwise) from None


def _mode(file: Path) -> int | None:
    """What sort of file it is and who may do what with it; None if there is none."""
    try:
        return file.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(file: Path, content: bytes, before: int | None) -> None:
    if before is not None and not os.access(file, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    try:
        _by_draft(file, content, before)
    except OSError as error:
        if before is None or error.errno not in _ONLY_ITSELF:
            raise
        file.write_bytes(content)


def _by_draft(file: Path, content: bytes, before: int | None) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}~")  # hidden and a leftover: no revision takes it in
    try:
        draft.write_bytes(content)
        if before is not None:
            draft.chmod(stat.S_IMODE(before))
        draft.replace(file)
    except BaseException:  # also when it is stopped from the keyboard
        with suppress(OSError):
            draft.unlink()
        raise
