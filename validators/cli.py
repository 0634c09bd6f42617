"""Entry point of `surety`. Wires commands together and holds no rules; imports what a command needs when it runs."""

from __future__ import annotations

import errno
import gc
import os
import sys
from typing import Any, Final, NoReturn

import click

from runner import VERSION
from validators.commands.check import check
from validators.commands.endings import USAGE, NoAnswer, Stopped, Trouble, leave_unwritten
from validators.commands.explain import explain
from validators.commands.fmt import fmt
from validators.commands.rule import rule
from validators.commands.schema import schema
from validators.commands.test import test
from validators.commands.verify import verify
from validators.origin import NotOursError, check_ours

__all__ = ["main", "surety"]

_NO_OUTPUT: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))
"""A full or broken disk: the output goes nowhere, and no file of the repository is written to."""
_OBJECTS: Final = 500_000
"""New objects after which circles among them are looked for: what a command loads stays, and to look through it again
and again takes a tenth of its start."""


class _Program(click.Group):
    """Turns what a command could not do into its exit code: no answer is never shown as a good one."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            raise Stopped from None
        except Exception as error:  # noqa: BLE001 - the last resort of a program
            _give_up(error)


def _give_up(error: Exception) -> NoReturn:
    from runner.revision import TreeError
    from validators.simulate import SimulationLimit

    if isinstance(error, TreeError):
        raise Trouble(error.message, error.help) from None
    if isinstance(error, OSError) and error.errno in _NO_OUTPUT and error.filename is None:
        leave_unwritten()
        raise NoAnswer(f"the output cannot be written: {error.strerror}", "Make room, or write it elsewhere.") from None
    if isinstance(error, SimulationLimit):
        read = "Name times that lie nearer, unless a runbook creates tickets that escalate again and again."
        raise NoAnswer(f"gave up: {error}", read) from None
    if os.environ.get("SURETY_TRACEBACK"):
        raise error
    message = f"an internal error, so there is no answer: {type(error).__name__}: {error}"
    raise NoAnswer(message, "Please report it, with what SURETY_TRACEBACK=1 adds.") from None


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="surety", message="%(prog)s %(version)s")
def surety() -> None:
    """Check, test, prove and explain escalation contracts.

    Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 no answer, 130 stopped from the keyboard.
    """


for _command in (check, test, verify, explain, fmt, rule, schema):
    surety.add_command(_command)


def main() -> None:
    """Run `surety`; a foreign package of the same name ends it with exit code 2 and a message."""
    try:
        check_ours()
    except NotOursError as error:
        click.echo(f"surety: {error}", err=True)
        sys.exit(USAGE)
    gc.set_threshold(_OBJECTS)
    try:
        surety(prog_name="surety")
    finally:
        gc.freeze()  # all of it goes with the program: to look through it for that once more would take its time


if __name__ == "__main__":
    main()
