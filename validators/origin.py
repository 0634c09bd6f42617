"""Makes sure at start-up that the packages being imported are this project's. Repairs nothing, and imports nothing.

It stands in a module of its own because a distribution that brings another `validators` replaces `__init__.py` and
leaves this file where it is.
"""

from __future__ import annotations

import importlib
from typing import Final

__all__ = ["PROJECT", "NotOursError", "check_ours"]

PROJECT: Final = "surety-escalations"
"""What `runner.PROJECT` and `validators.PROJECT` say when they are ours."""


class NotOursError(RuntimeError):
    """A package of the same name from another distribution is imported; the text says what to do."""


def check_ours() -> None:
    """Make sure that `runner` and `validators` are of this project.

    Raises `NotOursError`, whose text is meant for the person at the terminal.
    """
    for name in ("runner", "validators"):
        module = importlib.import_module(name)
        if getattr(module, "PROJECT", None) != PROJECT:
            found = getattr(module, "__file__", None) or "an unknown place"
            raise NotOursError(
                f"the package `{name}` imported from {found} is not part of {PROJECT}: another distribution of that "
                f"name was installed over it. Install the programs in an environment of their own: "
                f"pipx install {PROJECT}, or uv tool install {PROJECT}."
            )
