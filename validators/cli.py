"""Entry point of `surety`. Wires commands together; holds no rules."""

from __future__ import annotations

import sys

import click

from runner import VERSION
from validators.origin import NotOursError, check_ours

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="surety", message="%(prog)s %(version)s")
def surety() -> None:
    """Check, test and explain escalation contracts."""


def main() -> None:
    """Run `surety`; a foreign package of the same name ends it with exit code 2 and a message."""
    try:
        check_ours()
    except NotOursError as error:
        click.echo(f"surety: {error}", err=True)
        sys.exit(2)
    surety()
