"""`surety rule`: the page of a rule, or the list of all."""

from __future__ import annotations

import json

import click

from validators.commands.endings import Trouble

__all__ = ["rule"]


@click.command()
@click.argument("word", required=False, metavar="[CODE|NAME]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="The form of the output.",
)
def rule(word: str | None, form: str) -> None:
    """Print what a rule finds, why it matters and how to put it right; or list all rules.

    A part of a code lists the rules that begin with it, as in SUR3.
    """
    from validators.check.registry import all_rules
    from validators.check.selection import SelectionError, find_rules
    from validators.output.rule_page import page_data, page_markdown, page_text, rules_markdown, rules_text

    try:
        found = find_rules(word) if word is not None else list(all_rules().values())
    except SelectionError as error:
        raise Trouble(error.message, error.help) from None
    single = found[0] if word is not None and len(found) == 1 else None
    if form == "json":
        data = page_data(single) if single else [page_data(each) for each in found]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif form == "markdown":
        click.echo(page_markdown(single) if single else rules_markdown(found), nl=False)
    else:
        click.echo(page_text(single) if single else rules_text(found), nl=False)
