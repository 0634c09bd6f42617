"""Real repositories, made with the git program, cut off from the settings of whoever runs the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


class Repository:
    """A git repository in a folder, with the few commands that the tests need."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *options)

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """What git prints; a failure raises with git's own words."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
            "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
        }
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
        options = [*identity, "-c", "commit.gpgSign=false", "-c", "protocol.file.allow=always"]
        done = subprocess.run(
            ["git", *options, *arguments],
            cwd=self.folder,
            env=environment,
            input=given,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(done.stderr.decode())
        return done.stdout.decode().strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes] | None = None, message: str = "change") -> str:
        """Commit some files and everything that changed; gives the id."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def commit_tree(self, entries: Mapping[str, tuple[str, str]]) -> str:
        """A commit whose tree has these entries, path to (mode, object id), past every check of a working tree."""
        self.git("read-tree", "--empty")
        for path, (mode, object_id) in entries.items():
            self.git("update-index", "--add", "--cacheinfo", f"{mode},{object_id},{path}")
        return self.git("commit-tree", "-m", "made by hand", self.git("write-tree"))

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", given=content)


FILES = {
    "policies/people.yaml": "kind: People\n",
    "templates/billing/template.yaml": "kind: Template\n",
    "README.md": "not part of a revision\n",
}


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Repository]:
    """Makes an empty repository in a folder of the given name."""
    return lambda name="repo", *options: Repository(tmp_path / name, *options)


@pytest.fixture
def repo(make: Callable[..., Repository]) -> Repository:
    """A repository with one commit."""
    made = make()
    made.commit(FILES, "genesis")
    return made
