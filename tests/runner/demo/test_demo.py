"""The demo as a newcomer runs it: a real program whose story is the same each time, and which leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner.contract.documents import Document
from runner.contract.load import load_revision
from runner.contract.nodes import MappingNode, to_plain
from runner.contract.source import load
from runner.demo.main import DemoError, read_scenario, work_folder
from runner.engine.decision import read_decision
from runner.engine.events import EscalationOpened
from runner.engine.words import is_owner_event
from runner.revision import FolderTree
from runner.store.sqlite import SqliteStore
from tests.architecture.project import ROOT
from tests.runner.demo.test_history_file import HEADER, row
from tests.runner.service.waiting import wait_until
from validators.simulate.scenarios import run_scenario

DAY = ROOT / "runner" / "demo" / "day.yaml"


@dataclass(frozen=True)
class Run:
    """A finished demo."""

    code: int
    lines: list[str]
    folder: Path

    @property
    def story(self) -> list[str]:
        """The lines without measured durations."""
        return [line for line in self.lines if not line.startswith("(took ")]


def demo(folder: Path, *arguments: str) -> Run:
    command = [sys.executable, "-m", "runner.cli", "demo", "--folder", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, cwd=folder.parent)
    assert "Traceback" not in done.stderr, done.stderr
    return Run(done.returncode, done.stdout.splitlines() + done.stderr.splitlines(), folder)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return demo(tmp_path_factory.mktemp("day") / "files")


def test_the_day_ends_well(day: Run) -> None:
    assert day.code == 0, "\n".join(day.lines)
    assert any("decided again, byte for byte identical" in line for line in day.lines)


@pytest.mark.parametrize(
    "line",
    [
        "Tue 09:00  T-1003  Anna Keller is asked as primary until Tue 11:00 (first in the ladder)  [templates/",
        "Tue 11:00  T-1003  Tomasz Nowak is asked as secondary until Tue 13:00 (no answer within the timebox)",
        "Tue 11:30  T-1003  the offer to Tomasz Nowak ends (rejected: no capacity)",
        "Tue 10:05  T-1005  primary is skipped (absent)",
        "Tue 10:30:01  T-1001  sla-breach opens",
        "Tue 10:44  T-1005  Claire Dubois accepts (accepted in time)",
        "Tue 11:05  T-1001  the ticket is set back (a check does not hold)",
        "Tue 11:20  T-1004  Lúcia Ferreira may not resolve: outcome_evidence: customer_update is missing",
        "Tue 13:30  T-1010  the ladder is exhausted, Nadia Haddad holds it",
        "Tue 15:31  T-1003  closed by Miriam Okafor as refunded  [templates/enterprise-billing/template.yaml:",
    ],
)
def test_the_day_tells_who_was_asked_and_why_with_the_line_of_yaml(day: Run, line: str) -> None:
    assert [each for each in day.lines if each.startswith(line)], "\n".join(day.lines)


def test_nothing_happens_to_tickets_that_are_none_of_our_business(day: Run) -> None:
    for ticket in ("T-1000", "T-1002"):
        told = [line for line in day.lines if ticket in line]
        assert all("new ticket" in line or "changed in the helpdesk" in line for line in told), told


def test_two_runs_tell_the_same_story(day: Run, tmp_path: Path) -> None:
    again = demo(tmp_path / "again")
    assert again.story == day.story


def test_it_leaves_no_process_behind(day: Run) -> None:
    assert not running(day.folder)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_when_it_is_ended_early_its_processes_end_with_it(folder: Path, ending: signal.Signals) -> None:
    command = [sys.executable, "-u", "-m", "runner.cli", "demo", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        while "Tue 09:" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(ending)
        said, _ = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert not running(folder)


def test_when_it_is_killed_its_processes_end_by_themselves(folder: Path) -> None:
    command = [sys.executable, "-u", "-m", "runner.cli", "demo", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        while "Tue 09:" not in process.stdout.readline():
            assert process.poll() is None
        assert len(running(folder)) == 3
        process.kill()
        process.wait()
    wait_until(lambda: not running(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a demo keeps its files; what it leaves running is ended by id, so that a red test leaves nothing."""
    yield tmp_path / "files"
    for line in running(tmp_path / "files"):
        os.kill(int(line.split()[0]), signal.SIGKILL)


def running(folder: Path) -> list[str]:
    """The processes that name the folder, as ps shows them: in full width, since the folder stands far to the right."""
    found = subprocess.run(["ps", "-ww", "-eo", "pid,stat,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if str(folder) in line and " runner.cli " in line]


def test_a_folder_that_is_in_use_is_not_touched(tmp_path: Path) -> None:
    kept = tmp_path / "mine"
    kept.mkdir()
    (kept / "diary.txt").write_text("dear diary", encoding="utf-8")
    run = demo(kept)
    assert run.code == 2
    assert run.lines == [f"surety-runner: {kept} is not empty: name a new folder"]
    assert [path.name for path in kept.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("letter", "letter is a file: name a folder that is new or empty"),
        ("letter/below", "letter/below cannot be made (Not a directory): name a folder that is new or empty"),
        ("/proc/version/below", "/proc/version/below cannot be made (Not a directory)"),
        ("/proc/nothing", "/proc/nothing cannot be made (No such file or directory)"),
        ("/proc/sys", "is not empty"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_with_a_sentence(tmp_path: Path, folder: str, words: str) -> None:
    (tmp_path / "letter").write_text("dear diary", encoding="utf-8")
    with pytest.raises(DemoError) as caught, work_folder(tmp_path / folder):
        pytest.fail("it was used all the same")
    assert words in str(caught.value)
    assert (tmp_path / "letter").read_text(encoding="utf-8") == "dear diary"


def test_a_file_for_a_folder_ends_the_program_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    run = demo(tmp_path / "letter")
    assert run.code == 2
    assert run.lines == [f"surety-runner: {tmp_path / 'letter'} is a file: name a folder that is new or empty"]


def test_a_folder_that_may_not_be_written_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Denied by hand: whoever is root may write everywhere."""

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", denied)
    monkeypatch.setattr(tempfile, "mkdtemp", denied)
    with (
        pytest.raises(DemoError, match=r"files cannot be written \(Permission denied\)"),
        work_folder(tmp_path / "files"),
    ):
        pytest.fail("it was used all the same")
    with pytest.raises(DemoError, match=r"no temporary folder can be made"), work_folder(None):
        pytest.fail("it was used all the same")


Told = tuple[str, str, str, str]
"""Instant, template, event, reason."""


def told(bodies: Iterable[bytes]) -> Iterator[Told]:
    """What decisions, those of an escalation in order, say of owners."""
    templates: dict[str, str] = {}
    for body in bodies:
        read = read_decision(body)
        for event in read.events:
            if isinstance(event, EscalationOpened):
                templates[read.escalation] = event.template
            if is_owner_event(event):
                yield read.now.isoformat(), templates[read.escalation], event.type, event.reason.value


def owner_events(folder: Path) -> list[Told]:
    """What the real runner recorded of owners."""
    store = SqliteStore.open(folder / "runner.db")
    try:
        with store.reader() as reader:
            escalations = reader.escalations(limit=500)
            return list(told(body for each in escalations for _, body, _ in reader.decisions(each)))
    finally:
        store.close()


def test_the_day_goes_the_same_way_in_virtual_time(day: Run) -> None:
    """One engine, two drivers: services over HTTP, and the simulator, decide alike."""
    loaded = load_revision(FolderTree(ROOT))
    assert loaded.revision is not None
    root = load(DAY.read_bytes(), "day.yaml").root
    scenario = read_scenario(DAY)
    assert isinstance(root, MappingNode)
    plain = to_plain(root)
    assert isinstance(plain, dict)
    document = Document("templates/day/day_test.yaml", "Scenario", lambda: root, plain, scenario)
    result = run_scenario(loaded.revision, scenario, document)
    assert not result.failures, [str(each) for each in result.failures]
    virtual = sorted(told(decision.body for decision in result.decisions))
    assert virtual == sorted(owner_events(day.folder))


def test_another_history_runs_through_the_same_services(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    rows = [
        row("INC1", "New", "29/2/2016 08:00", "2 - High"),
        row("INC1", "Active", "29/2/2016 09:00", "2 - High"),
        row("INC1", "Resolved", "29/2/2016 18:00", "2 - High"),
        row("INC1", "Closed", "1/3/2016 18:00", "2 - High"),
        row("INC2", "New", "29/2/2016 08:30"),
        row("INC2", "Resolved", "29/2/2016 10:00"),
        row("INC2", "Closed", "1/3/2016 10:00"),
        row("INC3", "New", "29/2/2016 09:00", "1 - Critical"),
        row("INC3", "Closed", "29/2/2016 12:00", "1 - Critical"),
        row("INC4", "Sleeping", "29/2/2016 09:00"),
    ]
    log.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    run = demo(tmp_path / "files", "--tickets", str(log), "--mapping", "uci-servicenow")
    assert run.code == 0, "\n".join(run.lines)
    account = [line.strip() for line in run.lines]
    assert "1  opened: sla-breach" in account
    assert "1  opened: fallback" in account
    assert "1  not in scope: done or never overdue enough, priority normal" in account
    assert "1  rejected: incident_state has a value that the mapping does not list" in account
    assert "4  in all" in account
    events = owner_events(tmp_path / "files")
    assert ("2016-02-29T16:30:01+00:00", "sla-breach", "OwnerOffered", "first_rung") in events, "half an hour overdue"
    assert [each for each in events if each[2] == "EscalationCancelled"], "the run ends with the history"


def test_what_a_history_holds_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from runner.demo.main import _say

    _say("  1  not in scope: priority \x1b[2Jhigh\n")
    assert capsys.readouterr().out == "  1  not in scope: priority \\x1b[2Jhigh\n\n"


def _heeds_ctrl_c() -> None:
    """Whoever runs the tests in the background may have it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_what_is_kept_goes_on_in_real_time_and_says_so_before(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(f"{HEADER}\n{row('INC1', 'New', '29/2/2016 08:00')}\n", encoding="utf-8")
    options = ["--tickets", str(log), "--mapping", "uci-servicenow", "--keep", "--folder", str(folder)]
    command = [sys.executable, "-u", "-m", "runner.cli", "demo", *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_heeds_ctrl_c,  # noqa: PLW1509 - it only sets a signal
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        while not said or "try: curl" not in said[-1]:
            said.append(process.stdout.readline())
            assert said[-1], said
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    before = said[: said.index("In real time now, until you press Ctrl-C:\n")]
    assert "The clock now jumps from the demo's time to the present: what lies between falls due at once.\n" in before
    assert "Traceback" not in rest
    assert not running(folder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tickets", "x.csv"], "--tickets and --mapping go together"),
        (["--tickets", "x.csv", "--mapping", "none"], "mappings that ship: uci-servicenow"),
        (["--tickets", "x.csv", "--mapping", "uci-servicenow"], "there is no file x.csv"),
    ],
)
def test_a_history_that_cannot_be_run_says_what_to_do(tmp_path: Path, arguments: list[str], message: str) -> None:
    run = demo(tmp_path / "files", *arguments)
    assert run.code == 2
    assert len(run.lines) == 1
    assert message in run.lines[0]
