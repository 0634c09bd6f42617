"""`surety explain`: which template takes a ticket, why the others do not, and who would be asked when."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from validators.commands.endings import Trouble
from validators.commands.reading import colour, load, now, refuse_invalid, revision_options

__all__ = ["explain"]

_MOST_BYTES_OF_A_TICKET: Final = 1_048_576


@click.command()
@click.argument("ticket", type=click.File("rb"), metavar="TICKET.json")
@revision_options()
@click.option(
    "--at", "instant", metavar="INSTANT", help="When to look at it, as in 2026-03-03T09:00:00Z. Default: now."
)
def explain(ticket: Any, repo: Path | None, rev: str | None, form: str, instant: str | None) -> None:  # noqa: ANN401 - a file
    """Say which template takes a ticket, why the others do not, and who would be asked when."""
    from validators.output.as_json import envelope, plain
    from validators.output.explanation import explanation_text
    from validators.simulate.explain import explain as answer
    from validators.simulate.ticket_file import TicketError, read_ticket

    tree, loaded = load(repo, rev)
    revision = loaded.revision
    if revision is None:
        refuse_invalid(tree, loaded, form, "explain")
    name = getattr(ticket, "name", "-")
    data = ticket.read(_MOST_BYTES_OF_A_TICKET + 1)
    if len(data) > _MOST_BYTES_OF_A_TICKET:
        raise Trouble(f"{name} is larger than {_MOST_BYTES_OF_A_TICKET} bytes", "Is it a ticket?")
    try:
        text = data.decode("utf-8-sig")
        case, notices = read_ticket(text, revision.policies.fields.fields, now(), _instant(instant))
    except UnicodeDecodeError:
        raise Trouble(f"{name} is not UTF-8 text", "Save it as UTF-8.") from None
    except TicketError as error:
        raise Trouble(f"{name} {error}", "policies/README.md shows one.") from None
    found = answer(revision, loaded.documents, case, notices)
    if form == "json":
        summary = {"revision": tree.label, "template": found.verdict.template or None, "opens": found.opened}
        click.echo(envelope("explain", summary, (), explanation=plain(found)), nl=False)
    else:
        click.echo(explanation_text(name, found, colour=colour()), nl=False)


def _instant(text: str | None) -> Any:  # noqa: ANN401 - a datetime, which need not be imported for the rest
    from runner.contract.values import parse_instant

    try:
        return parse_instant(text) if text is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
