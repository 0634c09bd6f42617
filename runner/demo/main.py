"""Putting the demo together: folder, repository, processes, people; then a day or a history; then the figures."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

import click

from runner.clock import RealClocks
from runner.contract.diagnostic import printable_lines, render_text
from runner.contract.documents import validate
from runner.contract.load import Revision, load_revision
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Scenario
from runner.contract.source import load, to_plain
from runner.demo.actors import ActError, Customers, Owners
from runner.demo.day import Day, DayError
from runner.demo.history_file import HistoryError
from runner.demo.processes import (
    ProcessError,
    Program,
    Secrets,
    expiry_seconds,
    free_port,
    start_helpdesk,
    start_runner,
)
from runner.demo.recorder import Recorder
from runner.demo.report import read_report, say_figures, say_unanswered
from runner.demo.repository import RepositoryError, make_repository
from runner.demo.stepping import NotSettled, Stepper
from runner.revision import GitTree, TreeError
from runner.service.tokens import issue_token

__all__ = ["DemoError", "run_demo", "work_folder"]

_DAY = Path(__file__).with_name("day.yaml")


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is up while a demo runs."""

    folder: Path
    revision: Revision
    keys: Secrets
    recorder: Recorder
    helpdesk: Program
    runner: Program
    stepper: Stepper
    customers: Customers
    owners: Owners


def run_demo(
    *,
    tickets: Path | None,
    mapping: Path | None,
    limit: int | None,
    patience_hours: int,
    keep: bool,
    folder: Path | None,
) -> int:
    """Run the bundled day, or a history through the same services; the exit code. Raises DemoError."""
    started = RealClocks().monotonic_seconds()
    signal.signal(signal.SIGTERM, _end)  # so that the processes it started end with it
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, _end)
    with work_folder(folder, keep=keep) as place:
        try:
            if tickets is not None and mapping is not None:
                from runner.demo.history import Source, run_history

                patience = timedelta(hours=patience_hours) if patience_hours else None
                identical = run_history(place, Source(tickets, mapping, limit, patience), _say)
            else:
                identical = _run_day(place)
        except (ActError, DayError, HistoryError, NotSettled, ProcessError, RepositoryError, TreeError) as error:
            raise DemoError(str(error)) from None
        click.echo(f"(took {RealClocks().monotonic_seconds() - started:.1f} s)")
        if keep:
            _keep(place)
    return 0 if identical else 1


def _say(text: str) -> None:
    """Say something that may cite a foreign file, which shall not steer the terminal."""
    click.echo(printable_lines(text))


def _end(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


def _run_day(place: Path) -> bool:
    scenario = read_scenario(_DAY)
    times = LocalTimes(scenario.zone, scenario.start)
    start = times.instant("08:00")
    absences = [(a.person, times.instant(a.from_), times.instant(a.until)) for a in scenario.absences]
    click.echo(f"{scenario.summary}\n")
    with stage(place, start, absences) as up:
        day = Day(
            scenario=scenario,
            revision=up.revision,
            stepper=up.stepper,
            customers=up.customers,
            owners=up.owners,
            say=click.echo,
        )
        day.run(times.instant("17:30"))
        messages, repeats = len(up.recorder.messages), up.recorder.repeats
    click.echo(f"\n{messages} messages were delivered, {repeats} of them twice.\n")
    return end_report(place)


def end_report(place: Path, *, unanswered: bool = False) -> bool:
    """Say the figures, on request what went unanswered, and the replay verdict; whether the record is good."""
    report = read_report(place / "runner.db")
    if unanswered:
        say_unanswered(report, click.echo)
    say_figures(report.by_template, click.echo)
    click.echo(f"\n{report.verdict.as_text()}")
    return report.verdict.identical


@contextmanager
def stage(place: Path, start: datetime, absences: list[tuple[str, datetime, datetime]]) -> Iterator[Stage]:
    """Bring everything up at `start` in stepped time, and take it down again."""
    with ExitStack() as stack:
        repo = make_repository(_fresh(place / "repository"), absences)
        loaded = load_revision(GitTree(repo, "main"), scenarios=False)
        if loaded.revision is None:
            raise DemoError(render_text(loaded.findings, lambda _file, _line: None))
        keys, port = Secrets(), free_port()
        recorder = Recorder(keys.actions)
        stack.callback(recorder.close)
        helpdesk = start_helpdesk(place, keys, start, f"http://127.0.0.1:{port}/hooks/helpdesk")
        stack.callback(helpdesk.stop)
        desk_url = helpdesk.wait_ready()
        channels = {f"SURETY_{name.upper()}_WEBHOOK": recorder.url(name) for name in ("chat", "pager", "email")}
        channels |= recorder.action_variables()
        runner = start_runner(
            place, keys, start, repo=repo, helpdesk=desk_url, listen=f"127.0.0.1:{port}", channels=channels
        )
        stack.callback(runner.stop)
        url = runner.wait_ready()
        stepper = Stepper(url, desk_url, keys.control, start)
        customers, owners = Customers(desk_url, keys.customer_token), Owners(url, keys)
        for each in (stepper.close, customers.close, owners.close):
            stack.callback(each)
        yield Stage(place, loaded.revision, keys, recorder, helpdesk, runner, stepper, customers, owners)


def read_scenario(path: Path) -> Scenario:
    """A scenario file; raises DemoError with its findings."""
    loaded = load(path.read_bytes(), path.name)
    findings = list(loaded.diagnostics)
    root = loaded.root
    if root is not None:
        scenario, more = validate(Scenario, to_plain(root), lambda: root)
        findings += more
        if scenario is not None and not findings:
            return scenario
    raise DemoError(render_text(findings, lambda _file, _line: None))


@contextmanager
def work_folder(folder: Path | None, *, keep: bool = False) -> Iterator[Path]:
    """A folder for the demo's files: the given one, new or empty, or a temporary one. Raises DemoError."""
    if folder is not None:
        yield _usable(folder)
        return
    try:
        place = Path(tempfile.mkdtemp(prefix="surety-demo-"))
    except OSError as error:
        raise DemoError(f"no temporary folder can be made ({error.strerror}): name one with --folder") from None
    try:
        yield place
    finally:
        if keep:
            click.echo(f"files are kept in {place}")
        else:
            shutil.rmtree(place, ignore_errors=True)


def _usable(folder: Path) -> Path:
    """The folder, there, empty and writable."""
    what_to_do = "name a folder that is new or empty"
    if folder.is_file():
        raise DemoError(f"{folder} is a file: {what_to_do}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DemoError(f"{folder} is not empty: name a new folder")
    except OSError as error:
        raise DemoError(f"{folder} cannot be made ({error.strerror}): {what_to_do}") from None
    try:
        with tempfile.TemporaryFile(dir=folder):
            return folder.resolve()
    except OSError as error:
        raise DemoError(f"{folder} cannot be written ({error.strerror}): {what_to_do}") from None


def _fresh(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _keep(place: Path) -> None:
    """Start everything again in real time on what the day left, until somebody presses Ctrl-C."""
    click.echo("\nThe clock now jumps from the demo's time to the present: what lies between falls due at once.")
    keys, port = Secrets(), free_port()
    recorder = Recorder(keys.actions)
    helpdesk = start_helpdesk(place, keys, None, f"http://127.0.0.1:{port}/hooks/helpdesk")
    try:
        desk_url = helpdesk.wait_ready()
        channels = {f"SURETY_{name.upper()}_WEBHOOK": recorder.url(name) for name in ("chat", "pager", "email")}
        channels |= recorder.action_variables()
        repo = place / "repository"
        runner = start_runner(
            place, keys, None, repo=repo, helpdesk=desk_url, listen=f"127.0.0.1:{port}", channels=channels
        )
        try:
            url = runner.wait_ready()
            token = issue_token(keys.people, "helen-park", expiry_seconds(1))
            click.echo(f"\nIn real time now, until you press Ctrl-C:\n  runner    {url}\n  helpdesk  {desk_url}")
            click.echo(f"  helpdesk token  {keys.customer_token}\n  a token of helen-park  {token}")
            click.echo(f'  try: curl -H "Authorization: Bearer {token}" {url}/api/escalations')
            runner.wait()
        except KeyboardInterrupt:
            click.echo("\nending")
        finally:
            runner.stop()
    finally:
        helpdesk.stop()
        recorder.close()
