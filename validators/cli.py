"""Entry point of `surety`. Wires commands together and holds no rules; imports what a command needs when it runs."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from runner import VERSION
from validators.origin import NotOursError, check_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from runner.contract.diagnostic import Diagnostic
    from runner.contract.load import Loaded
    from runner.revision import Tree
    from validators.simulate import Failure, ScenarioResult

__all__ = ["main", "surety"]

CLEAN, FINDINGS, USAGE, UNKNOWN = 0, 1, 2, 3
"""Exit codes: nothing found; something found; wrong usage or configuration; no answer, by a fault or a limit."""
_MOST_BYTES_OF_A_TICKET = 1_048_576


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


class _Program(click.Group):
    """Turns what a command could not do into its exit code: no answer is never shown as a good one."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - the last resort of a program
            _give_up(error)


def _give_up(error: Exception) -> NoReturn:
    from runner.revision import TreeError
    from validators.simulate import SimulationLimit

    if isinstance(error, TreeError):
        raise Trouble(error.message, error.help) from None
    if isinstance(error, SimulationLimit):
        raise NoAnswer(f"gave up: {error}", "Does a runbook create tickets that escalate again?") from None
    if os.environ.get("SURETY_TRACEBACK"):
        raise error
    message = f"an internal error, so there is no answer: {type(error).__name__}: {error}"
    raise NoAnswer(message, "Please report it, with what SURETY_TRACEBACK=1 adds.") from None


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that reads a revision."""
    form = click.Choice(["text", "json"])
    where = "The governance repository. Default: the nearest folder upwards with policies/ and templates/."
    for option in (
        click.option("--format", "form", type=form, default="text", help="For people or for programs."),
        click.option("--rev", metavar="REV", help="Read this commit, branch or tag instead of the files as they are."),
        click.option("--repo", type=click.Path(path_type=Path), metavar="DIR", help=where),
    ):
        command = option(command)
    return command


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="surety", message="%(prog)s %(version)s")
def surety() -> None:
    """Check, test and explain escalation contracts.

    Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 no answer.
    """


@surety.command()
@_options
@click.option(
    "--fail-on", type=click.Choice(["error", "warning"]), default="error", help="From which severity on to fail."
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to compare calendars with. Default: today.")
def check(repo: Path | None, rev: str | None, form: str, fail_on: str, today: Any) -> None:  # noqa: ANN401 - a datetime
    """Look at every policy, template, block and scenario: spelling, references, limits, messages."""
    from validators.check import check_revision
    from validators.output.as_json import envelope
    from validators.output.findings import counts, findings_text, verdict_words

    tree, loaded = _load(repo, rev)
    findings = check_revision(loaded, today.date() if today else _today())
    if form == "json":
        summary = {"revision": tree.label, **counts(loaded.documents), **_by_severity(findings)}
        click.echo(envelope("check", summary, findings), nl=False)
    else:
        click.echo(findings_text(findings, tree, colour=_colour()), nl=False)
        click.echo(verdict_words(loaded.documents, findings))
    _exit(any(each.severity in ("error", fail_on) for each in findings))


@surety.command()
@_options
@click.option(
    "--run", "pattern", metavar="PATTERN", help="Only scenarios of this name or template; * and ? stand for text."
)
def test(repo: Path | None, rev: str | None, form: str, pattern: str | None) -> None:
    """Run the scenarios beside the templates, in virtual time."""
    from validators.check.rules.template_without_scenario import check as untried_templates
    from validators.check.subject import Subject
    from validators.output.findings import findings_text
    from validators.output.results import results_text, results_words
    from validators.simulate import run_scenario, select

    tree, loaded = _load(repo, rev)
    revision = loaded.revision
    if revision is None:
        _invalid(tree, loaded, form, "test")
    chosen = select(revision, pattern)
    if not chosen:
        known = "there is not one scenario: add templates/NAME/SOMETHING_test.yaml"
        found = f"no scenario fits `{pattern}`" if revision.scenarios else known
        raise Trouble(
            found, "Nothing was tested. docs/scenarios.md says how to write one; `surety test` runs them all."
        )
    untried = sorted(untried_templates(Subject(loaded, date.max)))
    results = [run_scenario(revision, scenario, document) for _, scenario, document in chosen]
    if form == "json":
        _results_json(tree, results, untried)
    else:
        shows = [_show(scenario.zone, scenario.start) for _, scenario, _ in chosen]
        click.echo(findings_text(untried, tree, colour=_colour()), nl=False)
        click.echo(results_text(zip(results, shows, strict=True), tree, colour=_colour()), nl=False)
        click.echo(results_words(results))
    _exit(not all(result.passed for result in results))


@surety.command()
@click.argument("ticket", type=click.File("rb"), metavar="TICKET.json")
@_options
@click.option(
    "--at", "instant", metavar="INSTANT", help="When to look at it, as in 2026-03-03T09:00:00Z. Default: now."
)
def explain(ticket: Any, repo: Path | None, rev: str | None, form: str, instant: str | None) -> None:  # noqa: ANN401 - a file
    """Say which template takes a ticket, why the others do not, and who would be asked when."""
    from validators.output.as_json import envelope, plain
    from validators.output.explanation import explanation_text
    from validators.simulate.explain import explain as answer
    from validators.simulate.ticket_file import TicketError, read_ticket

    tree, loaded = _load(repo, rev)
    revision = loaded.revision
    if revision is None:
        _invalid(tree, loaded, form, "explain")
    name = getattr(ticket, "name", "-")
    data = ticket.read(_MOST_BYTES_OF_A_TICKET + 1)
    if len(data) > _MOST_BYTES_OF_A_TICKET:
        raise Trouble(f"{name} is larger than {_MOST_BYTES_OF_A_TICKET} bytes", "Is it a ticket?")
    try:
        text = data.decode("utf-8-sig")
        case, notices = read_ticket(text, revision.policies.fields.fields, _now(), _instant(instant))
    except UnicodeDecodeError:
        raise Trouble(f"{name} is not UTF-8 text", "Save it as UTF-8.") from None
    except TicketError as error:
        raise Trouble(f"{name} {error}", "policies/README.md shows one.") from None
    found = answer(revision, loaded.documents, case, notices)
    if form == "json":
        summary = {"revision": tree.label, "template": found.verdict.template or None, "opens": found.opened}
        click.echo(envelope("explain", summary, (), explanation=plain(found)), nl=False)
    else:
        click.echo(explanation_text(name, found, colour=_colour()), nl=False)


@surety.command()
@click.argument("kind", required=False)
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write one file a kind."
)
def schema(kind: str | None, output: Path | None) -> None:
    """Print the JSON Schema of a kind of file, or of any kind; for editors."""
    from runner.contract.diagnostic import nearest
    from runner.contract.documents import KINDS
    from runner.contract.schema import schema_of, schema_of_all

    known = {each.lower(): each for each in KINDS}
    if kind is not None and kind.lower() not in known:
        near = nearest(kind, KINDS)
        raise Trouble(f"there is no kind `{kind}`", f"Did you mean {near}?" if near else f"Kinds: {', '.join(KINDS)}")
    kinds = [known[kind.lower()]] if kind is not None else list(KINDS)
    if output is None:
        click.echo(_json(schema_of(kinds[0]) if kind is not None else schema_of_all()), nl=False)
        return
    files = {f"{each}.json": schema_of(each) for each in kinds}
    if kind is None:
        files["any.json"] = schema_of_all()
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (output / name).write_text(_json(content), encoding="utf-8")
    except OSError as error:
        raise Trouble(f"{output} cannot be written: {error.strerror}", "Name another folder.") from None
    click.echo(f"{len(files)} schemas written to {output}")


def _load(repo: Path | None, rev: str | None) -> tuple[Tree, Loaded]:
    from runner.contract.load import load_revision
    from runner.revision import FolderTree, GitTree, find_repository

    root = repo if repo is not None else find_repository(Path.cwd())
    tree: Tree = FolderTree(root) if rev is None else GitTree(root, rev)
    return tree, load_revision(tree)


def _invalid(tree: Tree, loaded: Loaded, form: str, command: str) -> NoReturn:
    """The revision has errors: show them and stop, since nothing can be said about what it would do."""
    from validators.output.as_json import envelope
    from validators.output.findings import findings_text, verdict_words

    if form == "json":
        summary = {"revision": tree.label, **_by_severity(loaded.findings)}
        click.echo(envelope(command, summary, loaded.findings), nl=False)
    else:
        click.echo(findings_text(loaded.findings, tree, colour=_colour()), nl=False)
        click.echo(verdict_words(loaded.documents, loaded.findings))
        click.echo(f"surety: nothing to {command} until the errors are gone", err=True)
    sys.exit(FINDINGS)


def _results_json(tree: Tree, results: Sequence[ScenarioResult], untried: Sequence[Diagnostic]) -> None:
    from validators.output.as_json import envelope

    def failure(each: Failure, scenario: str) -> dict[str, Any]:
        near = {"at": each.at, "expected": each.expected, "got": each.got, "timeline": each.around}
        return {**each.diagnostic.to_json(), "scenario": scenario, **near}

    failed = sum(not result.passed for result in results)
    summary = {"revision": tree.label, "scenarios": len(results), "passed": len(results) - failed, "failed": failed}
    findings = [each.to_json() for each in untried]
    findings += [failure(each, result.name) for result in results for each in result.failures]
    told = [
        {"name": each.name, "passed": each.passed, "decisions": len(each.decisions), "kpis": each.kpis}
        for each in results
    ]
    click.echo(envelope("test", summary, findings, scenarios=told), nl=False)


def _show(zone: str, start: str) -> Callable[[Any], str]:
    from runner.contract.local_time import LocalTimes, TimeError

    try:
        return LocalTimes(zone, start).show
    except TimeError:  # the scenario did not run, so there is nothing to show
        return str


def _by_severity(findings: Iterable[Diagnostic]) -> dict[str, int]:
    severities = [each.severity.value for each in findings]
    return {"errors": severities.count("error"), "warnings": severities.count("warning")}


def _instant(text: str | None) -> Any:  # noqa: ANN401 - a datetime, which need not be imported for the rest
    from runner.contract.values import parse_instant

    try:
        return parse_instant(text) if text is not None else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None


def _now() -> Any:  # noqa: ANN401 - as above
    from runner.clock import RealClocks

    return RealClocks().now()


def _today() -> date:
    today: date = _now().date()
    return today


def _json(document: object) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _colour() -> bool:
    """Colour is for a terminal, and for those who have not asked to be spared it (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _exit(found: bool) -> NoReturn:
    sys.exit(FINDINGS if found else CLEAN)


def main() -> None:
    """Run `surety`; a foreign package of the same name ends it with exit code 2 and a message."""
    try:
        check_ours()
    except NotOursError as error:
        click.echo(f"surety: {error}", err=True)
        sys.exit(USAGE)
    surety(prog_name="surety")
