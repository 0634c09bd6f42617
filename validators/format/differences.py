"""The difference between two versions of a file as a unified diff, as `git diff` shows it. Writes nothing."""

from __future__ import annotations

import difflib

from runner.contract.diagnostic import printable
from runner.contract.secret_text import hiding

__all__ = ["unified_diff"]


def unified_diff(path: str, before: bytes, after: bytes, *, colour: bool = False) -> str:
    """The diff, empty if nothing differs. Without `colour` it is made for `patch` and `git apply`.

    With it, it is made for a terminal: nothing in it can move the cursor, and a line break other than LF shows. In
    either, three asterisks stand for a secret: a hunk that shows one cannot be applied.
    """
    old, new = _lines(before), _lines(after)
    dark = hiding((before, after))
    out: list[str] = []
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
        text = line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        text = text if dark is None else dark(text)
        out.append(_painted(text) if colour else text)
    return "".join(out)


def _lines(data: bytes) -> list[str]:
    """Lines that end at LF alone, so that a change of line breaks is a change."""
    parts = data.decode(errors="replace").split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _painted(text: str) -> str:
    style = {"+": "32", "-": "31", "@": "36"}.get(text[:1], "")
    shown = "\n".join(printable(line) for line in text.removesuffix("\n").split("\n"))
    return f"\x1b[{style}m{shown}\x1b[0m\n" if style else f"{shown}\n"
