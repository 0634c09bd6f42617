"""Surety's tool for gatekeepers and CI: checks, tests and explains contracts. Never drives a helpdesk or a store."""

from __future__ import annotations

import importlib
from typing import Final

__all__ = ["PROJECT", "NotOursError", "check_ours"]

PROJECT: Final = "surety-escalations"
"""The marker by which start-up knows this package from others of the same name."""


class NotOursError(RuntimeError):
    """A package of the same name from another distribution is imported; the text says what to do."""


def check_ours() -> None:
    """Make sure that the `runner` and `validators` being imported are of this project.

    Another distribution may install a package of the same name over ours. Raises `NotOursError`, whose text is meant
    for the person at the terminal.
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
