"""Entry point of `surety-runner`. Wires commands together; holds no rules."""

from __future__ import annotations

import click

from runner import VERSION

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="surety-runner", message="%(prog)s %(version)s")
def surety_runner() -> None:
    """Execute approved escalation contracts on top of a helpdesk."""


def main() -> None:
    """Run `surety-runner`."""
    surety_runner()
