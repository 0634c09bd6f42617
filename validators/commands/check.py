"""`surety check`: looks at every policy, template, block and scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from validators.commands.endings import CLEAN, FINDINGS, end
from validators.commands.reading import by_severity, colour, load, revision_options
from validators.commands.reading import today as present_day

__all__ = ["check"]


@click.command()
@revision_options()
@click.option(
    "--fail-on", type=click.Choice(["error", "warning"]), default="error", help="From which severity on to fail."
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to compare calendars with. Default: today.")
def check(repo: Path | None, rev: str | None, form: str, fail_on: str, today: Any) -> None:  # noqa: ANN401 - a datetime
    """Look at every policy, template, block and scenario: spelling, references, limits, messages."""
    from validators.check import check_revision
    from validators.output.as_json import envelope
    from validators.output.findings import counts, findings_text, verdict_words

    tree, loaded = load(repo, rev)
    findings = check_revision(loaded, today.date() if today else present_day())
    if form == "json":
        summary = {"revision": tree.label, **counts(loaded.documents), **by_severity(findings)}
        click.echo(envelope("check", summary, findings), nl=False)
    else:
        click.echo(findings_text(findings, tree, colour=colour()), nl=False)
        click.echo(verdict_words(loaded.documents, findings))
    end(FINDINGS if any(each.severity in ("error", fail_on) for each in findings) else CLEAN)
