"""Following a ref of a real repository: what becomes active, what is refused, and that the last good one stays."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from runner.channels import ChannelSetupError, Sender
from runner.clock import SteppedClocks
from runner.contract.policies import Channels
from runner.revision import TreeError
from runner.service.active import Follower, RevisionRefused
from runner.service.writer import Writer
from runner.store import ActiveEpoch, SqliteStore, StoreError
from tests.runner.contract.repository import MINIMAL
from tests.runner.revision.conftest import Repository
from tests.runner.service.company import START, Mailbox

LIMITS = "policies/limits.yaml"


class Running:
    """A follower over a store in a file; a new one over the same file is a restart."""

    def __init__(self, repository: Path, store: Path, ref: str = "main") -> None:
        self.store = SqliteStore.open(store)
        self.writer = Writer(self.store)
        self.writer.start()
        self.mailboxes: list[Mailbox] = []
        self.trouble: Exception | None = None
        self.follower = Follower(
            repository,
            ref,
            helpdesk="local",
            senders=self._senders,
            clocks=SteppedClocks(START),
            writer=self.writer,
        )

    def _senders(self, channels: Channels) -> Mapping[str, Sender]:
        if self.trouble is not None:
            raise self.trouble
        return dict.fromkeys(channels.channels, Mailbox())

    def stored(self) -> ActiveEpoch | None:
        with self.store.reader() as reader:
            return reader.active()

    def end(self) -> None:
        self.follower.close()
        self.writer.stop()
        self.store.close()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit(MINIMAL, "genesis")
    return made


@pytest.fixture
def running(repository: Repository, tmp_path: Path) -> Iterator[Running]:
    made = Running(repository.folder, tmp_path / "surety.db")
    yield made
    made.end()


def edited(repository: Repository, old: str, new: str, path: str = LIMITS) -> str:
    """Commit one edit; the commit."""
    text = (repository.folder / path).read_text(encoding="utf-8")
    assert old in text
    return repository.commit({path: text.replace(old, new)})


def remind(running: Running) -> int:
    return running.follower.active.revision.policies.limits.remind_every


def test_nothing_is_active_before_the_start(running: Running) -> None:
    with pytest.raises(RuntimeError, match="no revision is active yet"):
        _ = running.follower.active


def test_the_head_becomes_active_and_the_store_keeps_what_it_needs(running: Running, repository: Repository) -> None:
    running.follower.start()
    active, stored = running.follower.active, running.stored()
    assert stored == active.epoch
    assert (active.epoch.epoch, active.epoch.commit) == (0, repository.git("rev-parse", "main"))
    assert (active.epoch.activated_at, active.stamp.epoch) == (START, 0)
    assert active.stamp.roster == active.epoch.roster == active.revision.roster.digest
    with running.store.reader() as reader:
        assert reader.roster(active.stamp.roster) == active.revision.roster.canonical
        for contract in active.revision.contracts.values():
            assert reader.contract(contract.digest) == contract.canonical
    assert running.follower.refused is None


def test_a_newer_commit_becomes_active_without_a_restart(running: Running, repository: Repository) -> None:
    running.follower.start()
    assert not running.follower.follow(), "nothing is new"
    commit = edited(repository, "remind_every: 2h", "remind_every: 3h")
    assert running.follower.follow()
    assert (remind(running), running.follower.active.epoch.epoch) == (3 * 3600, 1)
    assert running.stored() == running.follower.active.epoch
    assert running.follower.active.epoch.commit == commit


def test_several_commits_at_once_are_as_many_epochs(running: Running, repository: Repository) -> None:
    running.follower.start()
    for old, new in (("2h\nuntold", "3h\nuntold"), ("3h\nuntold", "4h\nuntold"), ("4h\nuntold", "5h\nuntold")):
        edited(repository, f"remind_every: {old}", f"remind_every: {new}")
    assert running.follower.follow()
    assert running.follower.active.epoch.epoch == 3


def test_an_invalid_head_is_refused_and_the_last_good_one_stays(
    running: Running, repository: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    running.follower.start()
    bad = edited(repository, "remind_every: 2h", "remind_every: 2 hours")
    with caplog.at_level(logging.ERROR):
        assert not running.follower.follow()
        assert not running.follower.follow()
    assert running.follower.refused is not None
    commit, refusal = running.follower.refused
    assert commit == bad
    assert [finding.location.file for finding in refusal.findings if finding.location] == [LIMITS]
    assert "remind_every: 2 hours" in refusal.explained(), "the line is shown as it is in the commit"
    assert "limits.yaml:" in refusal.explained()
    assert (remind(running), running.follower.active.epoch.epoch) == (7200, 0)
    assert sum(LIMITS in record.getMessage() for record in caplog.records) == 1, "said once, not every few seconds"


def test_a_mended_head_goes_on(running: Running, repository: Repository) -> None:
    running.follower.start()
    edited(repository, "remind_every: 2h", "remind_every: soon")
    assert not running.follower.follow()
    edited(repository, "remind_every: soon", "remind_every: 1h")
    assert running.follower.follow()
    assert running.follower.refused is None
    assert (remind(running), running.follower.active.epoch.epoch) == (3600, 2)


def test_the_last_good_one_is_kept_over_a_restart(running: Running, repository: Repository, tmp_path: Path) -> None:
    running.follower.start()
    good = running.follower.active.epoch
    running.end()
    edited(repository, "remind_every: 2h", "remind_every: soon")
    again = Running(repository.folder, tmp_path / "surety.db")
    try:
        again.follower.start()
        assert (again.follower.active.epoch, again.stored()) == (good, good)
        assert again.follower.refused is not None
        assert not again.follower.follow()
        edited(repository, "remind_every: soon", "remind_every: 5h")
        assert again.follower.follow()
        assert remind(again) == 5 * 3600
    finally:
        again.end()


def test_a_restart_on_the_same_head_activates_nothing_again(
    running: Running, repository: Repository, tmp_path: Path
) -> None:
    running.follower.start()
    running.end()
    again = Running(repository.folder, tmp_path / "surety.db")
    again.follower.start()
    with again.store.reader() as reader:
        assert len(reader.epochs()) == 1
    again.end()


def test_an_invalid_first_revision_stops_the_start(running: Running, repository: Repository) -> None:
    edited(repository, "remind_every: 2h", "remind_each: 2h")
    with pytest.raises(
        RevisionRefused, match=r"revision [0-9a-f]{12} cannot run, it has 1 error; surety check"
    ) as caught:
        running.follower.start()
    text = caught.value.explained()
    assert "remind_each" in text
    assert "| remind_each: 2h" in text
    assert running.stored() is None


def test_a_rewound_branch_is_refused(running: Running, repository: Repository) -> None:
    edited(repository, "remind_every: 2h", "remind_every: 3h")
    running.follower.start()
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    assert not running.follower.follow()
    assert running.follower.refused is not None
    refusal = str(running.follower.refused[1])
    assert "is epoch 0, but epoch 1 was active: the ref was rewound; go back by a new commit" in refusal
    assert remind(running) == 3 * 3600
    repository.git("reset", "--quiet", "--hard", "ORIG_HEAD")
    assert not running.follower.follow()
    assert running.follower.refused is None, "and it is well again"


def unrelated(repository: Repository) -> str:
    """Move the branch to a history that has nothing to do with the one before, and is longer; its head."""
    repository.git("checkout", "--quiet", "--orphan", "elsewhere")
    heads = [edited(repository, f"remind_every: {hours}h", f"remind_every: {hours + 1}h") for hours in (2, 3, 4)]
    repository.git("branch", "--force", "main", heads[-1])
    return heads[-1]


def test_an_unrelated_history_is_refused(running: Running, repository: Repository) -> None:
    running.follower.start()
    good = running.follower.active.epoch
    other = unrelated(repository)
    assert not running.follower.follow()
    assert running.follower.refused is not None
    refusal = str(running.follower.refused[1])
    assert f"commit {other[:12]} does not follow the active commit {good.commit[:12]} along first parents" in refusal
    assert "put the change on top of" in refusal
    assert (running.follower.active.epoch, running.stored()) == (good, good)


def test_an_unrelated_history_is_refused_at_a_start_too(
    running: Running, repository: Repository, tmp_path: Path
) -> None:
    running.follower.start()
    good = running.follower.active.epoch
    running.end()
    unrelated(repository)
    again = Running(repository.folder, tmp_path / "surety.db")
    again.follower.start()
    assert (again.follower.active.epoch, remind(again)) == (good, 7200)
    assert again.follower.refused is not None
    again.end()


def test_a_ref_that_goes_away_changes_nothing(running: Running, repository: Repository) -> None:
    running.follower.start()
    repository.git("branch", "-m", "main", "trunk")
    assert not running.follower.follow()
    assert not running.follower.follow()
    assert running.follower.refused is not None
    assert "main" in str(running.follower.refused[1])
    assert running.follower.active.epoch.epoch == 0


def test_a_ref_that_does_not_exist_stops_the_start(repository: Repository, tmp_path: Path) -> None:
    made = Running(repository.folder, tmp_path / "surety.db", ref="mian")
    with pytest.raises(TreeError, match="mian"):
        made.follower.start()
    made.end()


def test_a_folder_that_is_no_repository_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    made = Running(tmp_path / "plain", tmp_path / "surety.db")
    with pytest.raises(TreeError, match="is not the top folder of a git repository"):
        made.follower.start()
    made.end()


def test_another_branch_is_followed_when_it_is_asked_for(repository: Repository, tmp_path: Path) -> None:
    repository.git("checkout", "--quiet", "-b", "trial")
    edited(repository, "remind_every: 2h", "remind_every: 6h")
    made = Running(repository.folder, tmp_path / "surety.db", ref="trial")
    made.follower.start()
    assert remind(made) == 6 * 3600
    made.end()


def test_channels_that_cannot_be_set_up_leave_store_and_memory_alike(running: Running, repository: Repository) -> None:
    running.follower.start()
    edited(repository, "remind_every: 2h", "remind_every: 3h")
    running.trouble = ChannelSetupError("channel chat: CHAT is not a web address")
    assert not running.follower.follow()
    assert running.follower.refused is not None
    assert "CHAT is not a web address" in str(running.follower.refused[1])
    assert running.stored() == running.follower.active.epoch
    assert running.follower.active.epoch.epoch == 0


def test_a_store_that_fails_leaves_the_last_one_active(
    running: Running, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.follower.start()
    edited(repository, "remind_every: 2h", "remind_every: 3h")

    def fails(*_: object) -> None:
        raise StoreError("the disk is full", "make room")

    with monkeypatch.context() as patch:
        patch.setattr(running.writer, "call", fails)
        with pytest.raises(StoreError):
            running.follower.follow()
    assert running.stored() == running.follower.active.epoch
    assert running.follower.follow(), "and it is tried again"
    assert remind(running) == 3 * 3600


def test_a_file_that_is_not_for_the_runner_is_not_read(running: Running, repository: Repository) -> None:
    """Scenarios are the tool's; a broken one does not stop a runner."""
    repository.commit({"templates/rest/broken_test.yaml": "schema: surety/v1\nkind: Scenario\nnonsense: true\n"})
    running.follower.start()
    assert running.follower.active.epoch.epoch == 1
