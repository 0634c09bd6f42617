"""The tree of a commit, read through git in isolation: no hook, no filter, no replaced object, no inherited setting.

Reads objects only: no working tree, no index, no network. Checks no signature and approves nothing.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from runner.contract.diagnostic import nearest, printable
from runner.revision.tree import (
    ROOTS,
    EntryError,
    TreeError,
    check_listing,
    check_path,
    check_size,
    is_passed_over,
    not_in_tree,
    odd_file,
)

__all__ = ["GitTree", "resolve", "run_git"]

_TIMEOUT_SECONDS: Final = 120  # reading objects takes milliseconds; this ends a git that hangs on a dead disk
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}
_SETTINGS: Final = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.commitGraph=false",  # a cache of parents that nobody verified
    "protocol.allow=never",  # what a partial clone lacks is missing, and not fetched
)
_REGULAR_MODES = frozenset({"100644", "100755"})
_ODD_MODES = {"120000": "a symbolic link", "160000": "a submodule"}
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ENTRY = re.compile(r"(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Blob:
    object_id: str
    size: int


class GitTree:
    """The files of one commit of the repository in a folder, with or without a working tree.

    `rev` is resolved to a commit once, here; the ref may move on. Raises TreeError, here and from both methods, for a
    folder that is no repository, a revision that does not exist, and entries that are no regular files; unless not
    `strict`: then these are listed, with printable names, and raise when they are read.
    """

    def __init__(self, repo: Path, rev: str, *, strict: bool = True) -> None:
        self.revision = resolve(repo, rev)
        short = self.revision[:12]
        self.label = short if self.revision.startswith(rev) else f"{printable(rev)} ({short})"
        self._repo = repo
        self._strict = strict
        self._refused: dict[str, EntryError] = {}

    def paths(self) -> tuple[str, ...]:
        """Sorted relative paths; a commit without any raises TreeError."""
        blobs = self._blobs
        return tuple(sorted({*blobs, *self._refused})) if self._refused else tuple(blobs)

    def refused(self) -> Collection[str]:
        """What is no file."""
        self.paths()
        return self._refused.keys()

    def read(self, path: str) -> bytes:
        """The bytes of a file as they were committed. The first call reads all files."""
        blob = self._blobs.get(path)
        if blob is None and path in self._refused:
            raise self._refused[path]
        if blob is None:
            raise not_in_tree(path, self.label)
        return self._contents[blob.object_id]

    @cached_property
    def _blobs(self) -> dict[str, _Blob]:
        listed = run_git(self._repo, ["ls-tree", "-r", "-l", "-z", "--full-tree", self.revision, "--", *ROOTS])
        found: dict[str, _Blob] = {}
        for entry in listed.split(b"\0")[:-1]:
            parsed = _ENTRY.fullmatch(entry.decode(errors="surrogateescape"))
            if parsed is None:
                raise TreeError(f"git listed `{printable(entry.decode(errors='replace'))}`, which cannot be understood")
            mode, _, object_id, size, path = parsed.groups()
            if path not in ROOTS and is_passed_over(path):
                continue
            try:
                _check_entry(path, mode, size)
                found[path] = _Blob(object_id, int(size))
            except EntryError as error:
                if self._strict:
                    raise
                self._refused[printable(path)] = error
        check_listing([blob.size for blob in found.values()], len(self._refused))
        if not found and not self._refused:
            raise TreeError(
                f"{self.label} has no file below `policies/` or `templates/`",
                "Name a revision that holds both at the top of the repository.",
            )
        return dict(sorted(found.items()))

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        """The bytes of every blob of the tree, by object id."""
        wanted = sorted({blob.object_id for blob in self._blobs.values()})
        answer = run_git(self._repo, ["cat-file", "--batch"], "".join(f"{name}\n" for name in wanted).encode())
        contents: dict[str, bytes] = {}
        at = 0
        for name in wanted:
            end = answer.find(b"\n", at)
            head = answer[at:end].decode(errors="replace").split(" ")
            if len(head) != 3 or head[:2] != [name, "blob"]:  # noqa: PLR2004 - id, type, size
                raise TreeError(
                    f"an object of {self.label} is missing: {name}", "Make a full clone, or run `git fsck` in this one."
                )
            at = end + 1 + int(head[2])
            contents[name] = answer[end + 1 : at]
            at += 1
        return contents


def _check_entry(path: str, mode: str, size: str) -> None:
    """Refuse what is no plain file of a plain name."""
    check_path(path)
    if mode not in _REGULAR_MODES:
        raise odd_file(path, _ODD_MODES.get(mode, f"of mode {mode}"))
    if path in ROOTS:
        raise odd_file(path, "not a folder")
    check_size(path, int(size))


def resolve(repo: Path, ref: str) -> str:
    """The full id of the commit that a branch, tag or other revision names now. Raises TreeError."""
    if not ref or ref.startswith("-") or not ref.isprintable():
        raise TreeError(f"`{printable(ref)}` is not a name of a revision", "Name a branch, a tag or a commit.")
    status, out, _ = _git(repo, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"])
    found = out.decode(errors="replace").strip()
    if status == 0 and _OBJECT_ID.fullmatch(found):  # `^main` succeeds too, and names everything but a commit
        return found
    names = run_git(repo, ["for-each-ref", "--format=%(refname:lstrip=2)"]).decode(errors="replace").split()
    if not names:
        raise TreeError(f"the repository {repo} has no commit yet", "Commit `policies/` and `templates/` first.")
    close = nearest(ref, names)
    known = ", ".join(names[:5])
    hint = f"Did you mean `{close}`?" if close else f"It has {known}{' and more' if len(names) > 5 else ''}."  # noqa: PLR2004
    if run_git(repo, ["rev-parse", "--is-shallow-repository"]).strip() != b"false":
        hint += (
            " It is a shallow clone, which lacks older commits: run `git fetch --unshallow`; in CI, ask for the whole "
            "history (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` in GitLab)."
        )
    raise TreeError(f"the repository {repo} has no revision `{ref}`", printable(hint))


def run_git(repo: Path, arguments: Sequence[str], stdin: bytes = b"") -> bytes:
    """What git prints for a command that only reads. Raises TreeError if it fails."""
    status, out, err = _git(repo, arguments, stdin)
    if status != 0:
        reason = err.strip().splitlines()
        raise TreeError(
            f"git {arguments[0]} failed in {repo}: {printable(reason[-1]) if reason else f'exit code {status}'}",
            "Run `git fsck` there; if the repository is damaged, clone it again.",
        )
    return out


def _git(repo: Path, arguments: Sequence[str], stdin: bytes = b"") -> tuple[int, bytes, str]:
    """Exit code, output and errors of one git command in isolation."""
    folder = _git_folder(repo)
    try:
        import git
    except ImportError:  # GitPython looks for the program when it is imported
        raise TreeError("the program `git` was not found", "Install git, and see that it is on the PATH.") from None
    # Nothing inherited may point git at other objects, settings or programs, as within a hook of git it would.
    # GitPython can only add variables; `env -u` takes them away.
    inherited = [name for name in os.environ if name.startswith("GIT_") and name not in _ENVIRONMENT]
    command = [
        *(["env", *(part for name in inherited for part in ("-u", name))] if inherited else []),
        *("git", f"--git-dir={folder}", "--no-replace-objects", "--no-pager", "--literal-pathspecs"),
        *(part for setting in _SETTINGS for part in ("-c", setting)),
        *arguments,
    ]
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        try:
            return git.Git(folder).execute(
                command,
                istream=given,
                env=dict(_ENVIRONMENT),
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=_TIMEOUT_SECONDS,
                shell=False,
            )
        except git.GitCommandNotFound:
            raise TreeError("the program `git` was not found", "Install git, and see that it is on the PATH.") from None


def _git_folder(repo: Path) -> Path:
    """The folder with the objects: told to git, which then neither searches nor asks who owns it."""
    inside = repo / ".git"
    try:
        if inside.is_dir():
            return inside.resolve()
        if inside.is_file():  # a further working tree, or a submodule
            named = inside.read_text().removeprefix("gitdir:").strip()
            folder = (repo / named).resolve()
            if (folder / "HEAD").is_file():
                return folder
        elif (repo / "HEAD").is_file() and (repo / "objects").is_dir():
            return repo.resolve()
    except (OSError, ValueError) as error:  # unreadable, no text, or no name of a file
        raise TreeError(f"{repo} cannot be read: {error}", "Look at its permissions.") from None
    if not repo.is_dir():
        raise TreeError(f"there is no folder {repo}", "Name the folder of a git repository.")
    raise TreeError(
        f"{repo} is not the top folder of a git repository",
        "Run `git init` there and commit, name the repository, or leave out the revision to read the folder as it is.",
    )
