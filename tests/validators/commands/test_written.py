"""Files that commands write are there whole or not at all, also when the program is stopped from the keyboard."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.validators.commands.program import minimal, surety
from validators.commands.endings import STOPPED, Trouble
from validators.commands.written import write_whole
from validators.simulate import suite

INTERRUPTED = """\
import os, signal, sys
from validators import cli
from validators.commands import test, verify

def stopped(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)

test._show = verify._verdicts = stopped
signal.signal(signal.SIGINT, signal.default_int_handler)  # which whoever runs the tests may have it ignore
cli.main()
"""
"""A program that is interrupted by the system when it has come so far."""


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_file_is_made_and_replaced_with_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "out.xml"
    write_whole(file, "one")
    file.chmod(0o640)
    write_whole(file, "zwölf")
    assert file.read_bytes() == "zwölf".encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert _names(tmp_path) == ["out.xml"]


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"one")
    write_whole(tmp_path / "link", b"two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"two"


def test_what_is_no_regular_file_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write_whole(pipe, "said")
    reader.join(timeout=10)
    assert read == ["said"]
    assert pipe.is_fifo()


def test_a_folder_that_takes_no_other_file_does_not_keep_one_from_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    (tmp_path / "mounted").write_text("before", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", refused)
    write_whole(tmp_path / "mounted", "after")
    assert (tmp_path / "mounted").read_text(encoding="utf-8") == "after"
    with pytest.raises(Trouble, match="new cannot be written: "):
        write_whole(tmp_path / "new", "after")
    assert _names(tmp_path) == ["mounted"]


def test_what_is_write_protected_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_text("before", encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Trouble, match="kept cannot be written: Permission denied"):
        write_whole(tmp_path / "kept", "after")
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "before"


def test_stopped_in_the_midst_the_old_one_is_there_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(file: Path, data: bytes) -> None:
        with file.open("wb") as stream:
            stream.write(data[:1])
        raise KeyboardInterrupt

    (tmp_path / "out").write_text("before", encoding="utf-8")
    monkeypatch.setattr(Path, "write_bytes", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "out", "after")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "before"
    assert _names(tmp_path) == ["out"]


@pytest.mark.parametrize(
    "command", [["test", "--format", "junit", "--output", "out"], ["verify", "--write-scenario", "out"]]
)
def test_an_interrupted_program_ends_as_shells_expect_and_writes_nothing(tmp_path: Path, command: list[str]) -> None:
    repo = minimal(tmp_path / "repo")
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *command, "--no-cache"],
        cwd=repo,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == STOPPED == 130
    assert (done.stdout, done.stderr) == ("", "surety: stopped before it was done, so there is no answer\n")
    assert not (repo / "out").exists()


def test_no_process_of_a_stopped_run_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process would run for long."""
    this, begun = os.getpid(), []
    fork = os.fork

    def noted() -> int:
        begun.append(process := fork())
        return process

    def run(*_: object, **__: object) -> None:
        if os.getpid() == this:
            raise KeyboardInterrupt
        threading.Event().wait(timeout=20)

    monkeypatch.setattr(suite, "_PAYS_FROM", 2)
    monkeypatch.setattr(suite, "run_scenarios", run)
    monkeypatch.setattr(os, "fork", noted)
    result = surety("test", "--jobs", "2", cwd=minimal(tmp_path / "repo"))
    assert result.exit_code == STOPPED
    (other,) = begun
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)
