"""`surety-runner`: whatever is wrong at the start becomes a message that says what to do, and no traceback."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from runner.cli import group
from runner.clock import RealClocks
from runner.service import launch as launch_module
from runner.service.tokens import issue_token, person_of
from runner.store import SqliteStore
from tests.runner.contract.repository import MINIMAL
from tests.runner.helpdesk.running import InThread, options
from tests.runner.revision.conftest import Repository

SECRETS = {
    "SURETY_SECRET": "0123456789abcdef0123",
    "SURETY_HELPDESK_TOKEN": "token-of-runner",
    "SURETY_WEBHOOK_SECRET": "made-up webhook secret",
    "SURETY_CONTROL_TOKEN": "made-up control token",
    "SURETY_HELPDESK_TOKENS": "runner=token-of-runner,ann=token-of-ann",
}
STEPPED = ("--clock", "stepped", "--start", "2026-03-03T08:00:00Z")


@pytest.fixture(scope="module")
def desk_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with InThread(options(tmp_path_factory.mktemp("desk") / "desk.db")) as running:
        yield running.url


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit(MINIMAL, "genesis")
    return made


@pytest.fixture(autouse=True)
def _no_start_by_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """What should have been refused in this process must fail, not serve for ever."""

    def starts(*_: object) -> bool:
        raise AssertionError("it started")

    monkeypatch.setattr(launch_module, "listen", starts)


def surety_runner(*arguments: str, without: str = "", **environment: str) -> Result:
    """The program in this process, with good secrets; `without` leaves one out."""
    env: dict[str, str | None] = {**SECRETS, **environment}
    if without:
        env[without] = None
    return CliRunner().invoke(group, arguments, env=env, catch_exceptions=False)


def serve(repository: Path, desk_url: str, store: Path, *more: str, without: str = "", **environment: str) -> Result:
    base = {
        "--repo": str(repository),
        "--ref": "main",
        "--store": f"sqlite:///{store}",
        "--helpdesk": desk_url,
        "--listen": "127.0.0.1:0",
    }
    base |= dict(zip(more[::2], more[1::2], strict=True))
    return surety_runner("serve", *(part for pair in base.items() for part in pair), without=without, **environment)


def refused(result: Result, *words: str, code: int = 2) -> str:
    """One message on stderr that begins with the program's name; it, for more to be asked of it."""
    assert result.exit_code == code, result.output
    message = result.stderr.strip()
    assert message.startswith(("surety-runner: ", "Usage: "))
    assert "Traceback" not in result.output
    for word in words:
        assert word in message
    for secret in SECRETS.values():
        assert secret not in result.output, "no secret in any message"
    return message


class Program:
    """The program as a process; ended on leaving."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "runner.cli", *arguments],
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                stderr=stderr,
                stdin=subprocess.DEVNULL,
            )

    def __enter__(self) -> str:
        """Its address."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert "listening on http://" in line, self.log
        return line.split()[-1]

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def asked_to_end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


# Secrets and options


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SURETY_SECRET", "of at least 16 characters: it signs people's tokens; make one with: openssl rand -hex 32"),
        ("SURETY_HELPDESK_TOKEN", "the runner's token for the helpdesk"),
        ("SURETY_WEBHOOK_SECRET", "the secret with which the helpdesk signs its webhooks"),
    ],
)
def test_a_missing_secret_is_named(tmp_path: Path, name: str, words: str) -> None:
    refused(serve(tmp_path, "http://127.0.0.1:9", tmp_path / "s.db", without=name), f"set {name}", words)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    result = serve(tmp_path, "http://127.0.0.1:9", tmp_path / "s.db", SURETY_SECRET="short")
    refused(result, "set SURETY_SECRET of at least 16 characters")


def test_a_stepped_clock_is_guarded(tmp_path: Path) -> None:
    result = serve(tmp_path, "http://127.0.0.1:9", tmp_path / "s.db", *STEPPED, without="SURETY_CONTROL_TOKEN")
    refused(result, "set SURETY_CONTROL_TOKEN: it guards the stepped clock")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--clock", "stepped"), "--clock stepped needs --start, for example --start 2026-03-03T08:00:00Z"),
        (("--clock", "stepped", "--start", "soon"), "--start: `soon` is not an instant"),
        (("--clock", "stepped", "--start", "2026-03-03T08:00:00"), "has no zone"),
        (("--start", "2026-03-03T08:00:00Z"), "--start belongs to --clock stepped"),
        (("--seed", "1"), "--seed makes ids repeatable; it is for --clock stepped only"),
        (("--retry-seconds", "often"), "is a list of numbers of seconds above 0, such as 1,5,25; found 'often'"),
        (("--retry-seconds", ""), "--retry-seconds is a list"),
        (("--retry-seconds", "1,-5"), "--retry-seconds is a list"),
        (("--retry-seconds", "nan"), "--retry-seconds is a list"),
        (("--retry-seconds", "inf"), "--retry-seconds is a list"),
        (("--lease-seconds", "0"), "--lease-seconds"),
        (("--poll-seconds", "0"), "--poll-seconds"),
        (("--listen", "8080"), "--listen is HOST:PORT, for example 127.0.0.1:8080; found '8080'"),
        (("--listen", "127.0.0.1:http"), "--listen is HOST:PORT"),
        (("--listen", "127.0.0.1:70000"), "--listen is HOST:PORT"),
        (("--listen", "desk.invalid:0"), "--listen: 'desk.invalid' is not known here; use an address of this machine"),
        (("--helpdesk", "desk.example.com"), "is not the address of a helpdesk: write it like http://127.0.0.1:8081"),
        (("--store", "postgresql://db/surety"), "PostgreSQL is not supported by this version"),
        (("--store", "sqlite:///"), "names no file"),
        (("--store", "sqlite:////no/such/folder/s.db"), "/no/such/folder"),
        (("--trust", "me"), "--trust"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_bad_option(repository: Repository, desk_url: str, tmp_path: Path, more: tuple[str, ...], words: str) -> None:
    refused(serve(repository.folder, desk_url, tmp_path / "s.db", *more), words)


def test_nothing_at_all_says_how_to_use_it() -> None:
    assert "Missing option '--store'" in surety_runner("serve").output
    help_text = surety_runner("--help").output
    for command in ("serve", "token", "helpdesk", "replay", "demo"):
        assert command in help_text
    assert surety_runner("--version").output.startswith("surety-runner 0.")


# The repository


def test_a_folder_that_is_no_repository(desk_url: str, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    result = serve(tmp_path / "plain", desk_url, tmp_path / "s.db")
    refused(result, "is not the top folder of a git repository", "Run `git init` there and commit")


def test_a_folder_that_is_not_there(desk_url: str, tmp_path: Path) -> None:
    refused(serve(tmp_path / "nowhere", desk_url, tmp_path / "s.db"), "there is no folder", "nowhere")


def test_no_folder_given_and_none_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = surety_runner("serve", "--store", "sqlite:///s.db", "--helpdesk", "http://127.0.0.1:9")
    refused(result, "holds `policies/` and `templates/`", "name it with `--repo DIR`")


def test_a_ref_that_does_not_exist(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    message = refused(serve(repository.folder, desk_url, tmp_path / "s.db", "--ref", "mian"), "mian")
    assert "main" in message, "the nearest one is named"


def test_an_empty_repository(desk_url: str, tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    empty.commit({"README.md": "nothing yet"})
    result = serve(empty.folder, desk_url, tmp_path / "s.db")
    refused(result, "has no file below `policies/` or `templates/`")


def test_an_invalid_revision_is_shown_with_its_lines(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    limits = MINIMAL["policies/limits.yaml"].decode()
    people = MINIMAL["policies/people.yaml"].decode()
    commit = repository.commit(
        {
            "policies/limits.yaml": limits.replace("remind_every: 2h", "remind_every: 2 hours"),
            "policies/people.yaml": people.replace("zone: Europe/Berlin", "zone: Europe/Berlim", 1),
        }
    )
    repository.write({"policies/limits.yaml": "# not what was committed\n"})
    message = refused(serve(repository.folder, desk_url, tmp_path / "s.db"), "cannot run, it has ", "error[SUR")
    assert commit[:12] in message
    assert "| remind_every: 2 hours" in message, "the line of the commit, not of the working tree"
    assert "Europe/Berlim" in message
    assert "= help: " in message
    assert message.count("^^^") >= 2
    SqliteStore.open(tmp_path / "s.db").close()


# The store


def test_a_store_of_a_newer_version(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    SqliteStore.open(tmp_path / "s.db").close()
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    refused(serve(repository.folder, desk_url, tmp_path / "s.db"), "s.db", "newer")


def test_a_store_that_is_in_use(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "s.db")
    try:
        refused(serve(repository.folder, desk_url, tmp_path / "s.db"), "s.db", "in use")
    finally:
        store.close()


@pytest.mark.parametrize("content", [b"this is a letter to my mother" * 100, b"SQLite format 3\0" + b"\1" * 4096])
def test_a_file_that_is_no_store(repository: Repository, desk_url: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.db").write_bytes(content)
    refused(serve(repository.folder, desk_url, tmp_path / "s.db"), "s.db")
    assert (tmp_path / "s.db").read_bytes() == content, "and it is left as it was"


def test_a_database_of_somebody_else(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute("CREATE TABLE song (name TEXT)")
    connection.close()
    refused(serve(repository.folder, desk_url, tmp_path / "s.db"), "s.db")


# The world around


def test_a_port_in_use(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = serve(repository.folder, desk_url, tmp_path / "s.db", "--listen", address)
    refused(result, f"{address} is in use: stop what listens there, or choose another with --listen")
    assert not (tmp_path / "s.db").exists(), "nothing was touched"


def test_a_helpdesk_that_does_not_know_us(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    result = serve(repository.folder, desk_url, tmp_path / "s.db", SURETY_HELPDESK_TOKEN="another-token")
    refused(result, f"the helpdesk at {desk_url} cannot be used (see --helpdesk, SURETY_HELPDESK_TOKEN)", "token")
    assert "another-token" not in result.output


def test_a_channel_with_an_address_that_can_never_work(repository: Repository, desk_url: str, tmp_path: Path) -> None:
    result = serve(repository.folder, desk_url, tmp_path / "s.db", CHAT_WEBHOOK="chat.example.com/hook")
    refused(result, "channel chat: CHAT_WEBHOOK is not a web address; write it like https://chat.example.com/hooks/…")


# Running


def started(repository: Repository, desk_url: str, tmp_path: Path, **environment: str) -> Program:
    arguments = [
        *("serve", "--repo", str(repository.folder), "--ref", "main", "--store", f"sqlite:///{tmp_path / 's.db'}"),
        *("--helpdesk", desk_url, "--listen", "127.0.0.1:0"),
    ]
    return Program(*arguments, environment={**SECRETS, **environment}, log=tmp_path / "runner.log")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_warns_of_channels_nobody_hears_and_ends_when_asked(
    repository: Repository, desk_url: str, tmp_path: Path, number: int
) -> None:
    program = started(repository, desk_url, tmp_path)
    with program as url:
        notices = {"channel chat": "nobody is reached by it: set CHAT_WEBHOOK"}
        ready = {"ready": True, "reasons": {}, "notices": notices}
        assert httpx.get(f"{url}/readyz", trust_env=False).json() == ready
        assert httpx.get(f"{url}/pending", trust_env=False).status_code == 404, "time is real"
        assert program.asked_to_end(number) == 0
    warnings = [line for line in program.log.splitlines() if "has no address" in line]
    assert len(warnings) == 1
    assert warnings[0].endswith("channel chat has no address, so nobody is reached by it: set CHAT_WEBHOOK")
    assert "WARNING" in warnings[0]
    assert "Traceback" not in program.log


@pytest.mark.slow
def test_a_helpdesk_that_is_not_up_yet_is_waited_for(repository: Repository, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        program = started(repository, f"http://127.0.0.1:{probe.getsockname()[1]}", tmp_path, CHAT_WEBHOOK="http://x/")
        with program as url:
            assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"ok": True}
            assert program.asked_to_end() == 0
    assert "cannot be asked yet, and is asked again" in program.log
    assert "has no address" not in program.log


@pytest.mark.slow
def test_the_local_helpdesk_runs_from_the_same_program(tmp_path: Path) -> None:
    store = str(tmp_path / "desk.db")
    program = Program(
        "helpdesk", "--store", store, "--listen", "127.0.0.1:0", environment=SECRETS, log=tmp_path / "log"
    )
    with program as url:
        headers = {"Authorization": "Bearer token-of-ann"}
        assert httpx.get(f"{url}/whoami", headers=headers, trust_env=False).json()["actor"] == "ann"
        assert program.asked_to_end() == 0


@pytest.mark.parametrize(
    ("tokens", "words"),
    [("", "set SURETY_HELPDESK_TOKENS"), ("runner", "is a list such as runner=TOKEN,anna=TOKEN"), ("=x", "is a list")],
)
def test_a_helpdesk_needs_to_know_who_may(tmp_path: Path, tokens: str, words: str) -> None:
    result = surety_runner("helpdesk", "--store", str(tmp_path / "d.db"), SURETY_HELPDESK_TOKENS=tokens)
    refused(result, words)


# Tokens


def token(repository: Repository, *arguments: str, **environment: Any) -> Result:
    return surety_runner("token", "issue", "--repo", str(repository.folder), "--ref", "main", *arguments, **environment)


def test_a_token_is_good_for_its_person_and_its_days(repository: Repository) -> None:
    result = token(repository, "ann", "--days", "2")
    assert result.exit_code == 0
    now = RealClocks().machine_seconds()
    given = result.output.strip()
    assert person_of(SECRETS["SURETY_SECRET"], given, now + 2 * 86400 - 60) == "ann"
    expires = int(given.split(".")[2])
    assert 2 * 86400 - 60 < expires - now <= 2 * 86400
    assert given == issue_token(SECRETS["SURETY_SECRET"], "ann", expires)


@pytest.mark.parametrize(("person", "words"), [("anne", "did you mean ann?"), ("zzz", "known: ann, ben, cyd")])
def test_no_token_for_whom_nobody_knows(repository: Repository, person: str, words: str) -> None:
    refused(token(repository, person), f"there is no person {person!r}", words)


def test_no_token_without_the_secret_or_a_good_revision(repository: Repository, tmp_path: Path) -> None:
    refused(token(repository, "ann", without="SURETY_SECRET"), "set SURETY_SECRET", "the same as the running service")
    refused(token(repository, "ann", "--ref", "nowhere"), "nowhere")
    refused(token(repository, "ann", "--repo", str(tmp_path)), "is not the top folder of a git repository")
    limits = MINIMAL["policies/limits.yaml"].decode()
    repository.commit({"policies/limits.yaml": limits.replace("remind_every: 2h", "remind_every: often")})
    refused(token(repository, "ann"), "cannot run, it has 1 error", "| remind_every: often")


# Replay


def test_there_must_be_something_to_replay(tmp_path: Path) -> None:
    message = refused(surety_runner("replay", "--store", f"sqlite:///{tmp_path / 'typo.db'}"), "there is no store")
    assert "look at the spelling of --store" in message
    assert not (tmp_path / "typo.db").exists()
    SqliteStore.open(tmp_path / "s.db").close()
    empty = surety_runner("replay", "--store", f"sqlite:///{tmp_path / 's.db'}")
    assert (empty.exit_code, empty.output) == (3, "replay: there is nothing to replay in this store\n")


def test_a_store_in_use_is_not_replayed(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "s.db")
    try:
        refused(surety_runner("replay", "--store", f"sqlite:///{tmp_path / 's.db'}"), "in use")
    finally:
        store.close()


def test_a_refusal_writes_nothing_raw_to_the_terminal(tmp_path: Path) -> None:
    message = refused(surety_runner("replay", "--store", f"sqlite:///{tmp_path}/a\x1b[2Jb.db"), "there is no store")
    assert "a\\x1b[2Jb.db" in message
    assert all(line.isprintable() for line in message.splitlines())


def test_a_demo_of_tickets_needs_a_mapping() -> None:
    refused(surety_runner("demo", "--tickets", "log.csv"), "--tickets and --mapping go together")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [(("--limit", "3"), "--limit"), (("--patience-hours", "24"), "--patience-hours")],
)
def test_what_is_for_a_history_only_is_not_silently_ignored(arguments: tuple[str, str], name: str) -> None:
    refused(surety_runner("demo", *arguments), f"{name} is for another history: add --tickets and --mapping")
