"""How a command ends: its exit codes, and what it says when there is nothing to show. Decides nothing."""

from __future__ import annotations

import os
import sys
from typing import Any, Final, NoReturn

import click

__all__ = [
    "CLEAN",
    "FINDINGS",
    "STOPPED",
    "UNKNOWN",
    "USAGE",
    "NoAnswer",
    "Stopped",
    "Trouble",
    "end",
    "leave_unwritten",
]

CLEAN: Final = 0
"""Nothing was found."""
FINDINGS: Final = 1
"""Something was found."""
USAGE: Final = 2
"""Wrong usage or configuration."""
UNKNOWN: Final = 3
"""No answer, by a fault or a limit: never shown as a good one."""
STOPPED: Final = 130
"""Stopped from the keyboard: what shells give a program that an interrupt ends."""


class Trouble(click.ClickException):
    """Ends the program with a message and what to do: wrong usage or configuration."""

    exit_code = USAGE

    def __init__(self, message: str, help_text: str = "") -> None:
        super().__init__(message)
        self.help_text = help_text

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - as click has it
        """Print it to standard error."""
        click.echo(f"surety: {self.message}", err=True, file=file)
        if self.help_text:
            click.echo(f"  {self.help_text}", err=True, file=file)


class NoAnswer(Trouble):
    """A fault, or a limit: what was asked is not known."""

    exit_code = UNKNOWN


class Stopped(Trouble):
    """Somebody at the keyboard has had enough: neither good nor bad."""

    exit_code = STOPPED

    def __init__(self) -> None:
        super().__init__("stopped before it was done, so there is no answer")


def end(code: int) -> NoReturn:
    """End the program."""
    sys.exit(code)


def leave_unwritten() -> None:
    """Give up what could not be written to standard output: Python would try again at the end, and change the code."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
