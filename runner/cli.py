"""`surety-runner`: the command line of the service. Wires options and environment to parts; decides nothing."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from runner import VERSION

if TYPE_CHECKING:
    from runner.clock import Clocks

__all__ = ["main"]

_FAILED, _USAGE, _UNKNOWN = 1, 2, 3
_LONGEST_WAIT = 86_400.0  # what should be tried again only tomorrow is better given up and reported


class _Fail(click.ClickException):
    """A sentence that says what to do, and an exit code; no traceback."""

    exit_code = _USAGE

    def show(self, file: object = None) -> None:
        """On stderr, in one block; a name or a value that it cites cannot steer the terminal."""
        from runner.contract.diagnostic import printable_lines

        del file
        click.echo(f"surety-runner: {printable_lines(self.message)}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="surety-runner", message="%(prog)s %(version)s")
def group() -> None:
    """Run the approved revision of your escalation contracts over your helpdesk."""


def main() -> None:
    """The program."""
    group()


def _env(name: str, why: str, *, least: int = 1) -> str:
    import os

    value = os.environ.get(name, "")
    if len(value) < least:
        length = f" of at least {least} characters" if least > 1 else ""
        raise _Fail(f"set {name}{length}: {why}")
    return value


def _waits(given: str) -> tuple[float, ...]:
    try:
        waits = tuple(float(part) for part in given.split(","))
    except ValueError:
        waits = ()
    if not waits or not all(0 < wait <= _LONGEST_WAIT for wait in waits):
        raise _Fail(f"--retry-seconds is a list of numbers of seconds above 0, such as 1,5,25; found {given!r}")
    return waits


def _clocks(clock: str, start: str | None) -> Clocks:
    from runner.clock import RealClocks, SteppedClocks
    from runner.contract.values import parse_instant

    if clock == "real":
        if start is not None:
            raise _Fail("--start belongs to --clock stepped")
        return RealClocks()
    if start is None:
        raise _Fail("--clock stepped needs --start, for example --start 2026-03-03T08:00:00Z")
    try:
        at: datetime = parse_instant(start)
    except ValueError as error:
        raise _Fail(f"--start: {error}") from None
    return SteppedClocks(at)


_CLOCK = click.option(
    "--clock", type=click.Choice(["real", "stepped"]), default="real", help="Who moves contract time."
)
_START = click.option("--start", metavar="INSTANT", help="Where a stepped clock begins.")


def _end_with_stdin(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    """End this process as SIGTERM does once stdin is closed, as it is whatever way the process that holds it ends."""
    import os
    import signal
    import threading

    def wait() -> None:
        while os.read(0, 4096):  # not through sys.stdin, whose lock would be held when Python shuts down
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    del ctx, option
    if value:
        threading.Thread(target=wait, name="stdin", daemon=True).start()


_UNTIL_STDIN_CLOSES = click.option(
    "--until-stdin-closes", is_flag=True, hidden=True, expose_value=False, callback=_end_with_stdin
)


@group.command()
@click.option("--repo", type=click.Path(path_type=Path), help="The governance repository [default: nearest parent].")
@click.option("--ref", default="HEAD", show_default=True, help="The branch or ref to follow.")
@click.option(
    "--trust", type=click.Choice(["branch"]), default="branch", help="branch: the head of the ref is approved."
)
@click.option("--store", "location", required=True, metavar="sqlite:///FILE", help="Where decisions are kept.")
@click.option("--helpdesk", "helpdesk_url", required=True, metavar="URL", help="The helpdesk to work over.")
@click.option("--listen", "address", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT")
@click.option("--retry-seconds", default="1,5,25,60,300", show_default=True, help="Waits between tries of an effect.")
@click.option(
    "--lease-seconds",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    help="When an effect or a ticket that was being worked on at a crash is taken up again.",
)
@click.option("--poll-seconds", type=click.FloatRange(min=0.05), default=30.0, show_default=True)
@click.option("--follow-seconds", type=click.FloatRange(min=0.05), default=5.0, show_default=True)
@click.option("--seed", type=int, help="Repeatable ids; only with --clock stepped.")
@_UNTIL_STDIN_CLOSES
@_CLOCK
@_START
def serve(
    *,
    repo: Path | None,
    ref: str,
    trust: str,
    location: str,
    helpdesk_url: str,
    address: str,
    retry_seconds: str,
    lease_seconds: float,
    poll_seconds: float,
    follow_seconds: float,
    seed: int | None,
    clock: str,
    start: str | None,
) -> None:
    """Run the service.

    Secrets come from the environment: SURETY_SECRET (signs people's tokens), SURETY_HELPDESK_TOKEN,
    SURETY_WEBHOOK_SECRET, the channels' addresses, and SURETY_CONTROL_TOKEN with a stepped clock.
    """
    del trust
    from runner.service.launch import Launch, LaunchError, launch
    from runner.service.tokens import MIN_SECRET

    if seed is not None and clock == "real":
        raise _Fail("--seed makes ids repeatable; it is for --clock stepped only")
    options = Launch(
        repo=repo,
        ref=ref,
        location=location,
        helpdesk_url=helpdesk_url,
        address=address,
        secret=_env("SURETY_SECRET", "it signs people's tokens; make one with: openssl rand -hex 32", least=MIN_SECRET),
        helpdesk_token=_env("SURETY_HELPDESK_TOKEN", "the runner's token for the helpdesk"),
        webhook_secret=_env("SURETY_WEBHOOK_SECRET", "the secret with which the helpdesk signs its webhooks"),
        control_token=_env("SURETY_CONTROL_TOKEN", "it guards the stepped clock") if clock == "stepped" else None,
        clocks=_clocks(clock, start),
        retry_seconds=_waits(retry_seconds),
        lease_seconds=lease_seconds,
        poll_seconds=poll_seconds,
        follow_seconds=follow_seconds,
        seed=seed,
    )
    try:
        launch(options)
    except LaunchError as error:
        raise _Fail(str(error)) from None


@group.group()
def token() -> None:
    """Tokens with which people act."""


@token.command("issue")
@click.argument("person")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it is good for.")
@click.option("--repo", type=click.Path(path_type=Path), help="The governance repository [default: nearest parent].")
@click.option("--ref", default="HEAD", show_default=True)
def token_issue(person: str, days: int, repo: Path | None, ref: str) -> None:
    """Print a token for PERSON, an id of the people file."""
    from runner.clock import RealClocks
    from runner.contract.diagnostic import nearest
    from runner.contract.load import load_revision
    from runner.revision import GitTree, TreeError, find_repository
    from runner.service.active import refused_revision
    from runner.service.tokens import MIN_SECRET, issue_token

    secret = _env("SURETY_SECRET", "the same as the running service has", least=MIN_SECRET)
    try:
        tree = GitTree(repo if repo is not None else find_repository(Path.cwd()), ref)
        loaded = load_revision(tree, scenarios=False)
    except TreeError as error:
        raise _Fail(str(error)) from None
    if loaded.revision is None:
        raise _Fail(refused_revision(tree, loaded).explained())
    people = loaded.revision.policies.people.people
    if person not in people:
        near = nearest(person, people)
        raise _Fail(
            f"there is no person {person!r} in {tree.label}; "
            + (f"did you mean {near}?" if near else f"known: {', '.join(people)}")
        )
    expires = int(RealClocks().machine_seconds()) + days * 86400
    click.echo(issue_token(secret, person, expires))


@group.command()
@click.option("--store", "path", required=True, type=click.Path(path_type=Path), help="Its SQLite file.")
@click.option("--listen", "address", default="127.0.0.1:8081", show_default=True, metavar="HOST:PORT")
@click.option("--webhook", "webhooks", multiple=True, metavar="URL", help="Who is told of changes; may be repeated.")
@_UNTIL_STDIN_CLOSES
@_CLOCK
@_START
def helpdesk(path: Path, address: str, webhooks: tuple[str, ...], clock: str, start: str | None) -> None:
    """Run the local helpdesk: small, real, for trying and testing.

    From the environment: SURETY_HELPDESK_TOKENS as NAME=TOKEN,NAME=TOKEN; SURETY_WEBHOOK_SECRET; and
    SURETY_CONTROL_TOKEN with a stepped clock.
    """
    import threading

    from runner.helpdesk.local.server import Options
    from runner.helpdesk.local.server import serve as serve_helpdesk

    tokens: dict[str, str] = {}
    for part in _env("SURETY_HELPDESK_TOKENS", "who may use it, as runner=TOKEN,anna=TOKEN").split(","):
        name, _, value = part.partition("=")
        if not name or not value:
            raise _Fail("SURETY_HELPDESK_TOKENS is a list such as runner=TOKEN,anna=TOKEN")
        tokens[value.strip()] = name.strip()
    options = Options(
        store=path,
        listen=address,
        tokens=tokens,
        webhook_secret=_env("SURETY_WEBHOOK_SECRET", "webhooks are signed with it"),
        control_token=_env("SURETY_CONTROL_TOKEN", "it guards the stepped clock") if clock == "stepped" else None,
        subscriptions=webhooks,
    )
    sys.exit(serve_helpdesk(options, _clocks(clock, start), threading.Event()))


@group.command()
@click.option("--store", "location", required=True, metavar="sqlite:///FILE")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def replay(location: str, form: str) -> None:
    """Decide every recorded decision again and compare bytes. The store must not be in use."""
    from runner.service.replaying import replay_store
    from runner.store.port import StoreError
    from runner.store.sqlite import SqliteStore
    from runner.store.sqlite_file import parse_url

    try:
        path = parse_url(location)
        if not path.is_file():
            raise _Fail(f"there is no store {path}: look at the spelling of --store")
        with_store = SqliteStore.open(location)
        try:
            result = replay_store(with_store)
        finally:
            with_store.close()
    except StoreError as error:
        raise _Fail(str(error)) from None
    click.echo(result.as_json() if form == "json" else result.as_text())
    if not result.identical:
        sys.exit(_UNKNOWN if result.unknown else _FAILED)


@group.command()
@click.option("--tickets", type=click.Path(path_type=Path), help="A history file to run instead of the bundled day.")
@click.option("--mapping", type=click.Path(path_type=Path), help="How to read it: a mapping file, or uci-servicenow.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many tickets.")
@click.option(
    "--patience-hours",
    type=click.IntRange(min=0),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="In another history: when the last resort cancels what nobody answers; 0 for never.",
)
@click.option("--keep", is_flag=True, help="Afterwards leave everything running in real time.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where to keep its files [default: a temporary folder]."
)
def demo(
    *,
    tickets: Path | None,
    mapping: Path | None,
    limit: int | None,
    patience_hours: int,
    keep: bool,
    folder: Path | None,
) -> None:
    """A day of escalations, for real, on this machine: helpdesk, runner, owners, messages."""
    from runner.demo.main import DemoError, run_demo

    if (tickets is None) != (mapping is None):
        raise _Fail("--tickets and --mapping go together")
    given = click.get_current_context().get_parameter_source
    for name in ("limit", "patience_hours"):
        if tickets is None and given(name) is ParameterSource.COMMANDLINE:
            raise _Fail(f"--{name.replace('_', '-')} is for another history: add --tickets and --mapping")
    try:
        code = run_demo(
            tickets=tickets, mapping=mapping, limit=limit, patience_hours=patience_hours, keep=keep, folder=folder
        )
    except DemoError as error:
        raise _Fail(str(error)) from None
    sys.exit(code)


if __name__ == "__main__":
    main()
