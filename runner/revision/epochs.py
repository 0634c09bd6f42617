"""Numbers and digests of a revision that are equal on every machine: epoch and manifest. Trusts no clock.

The epoch counts steps along first parents, so that a merge is one step whatever it brings in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from runner.contract.canonical import canonical, digest_of
from runner.revision.git_tree import resolve, run_git
from runner.revision.tree import Tree, TreeError

__all__ = ["descends", "epoch", "manifest", "manifest_digest"]


def epoch(repo: Path, commit: str, genesis: str | None = None) -> int:
    """How many first-parent steps lead from the genesis commit to this one; 0 for genesis itself.

    None as genesis means the first commit of the chain. Raises TreeError in a shallow clone, whose chain ends early,
    and when genesis is not on the chain.
    """
    if run_git(repo, ["rev-parse", "--is-shallow-repository"]).strip() != b"false":
        raise TreeError(
            f"{repo} is a shallow clone, in which epochs cannot be counted",
            "Run `git fetch --unshallow`; in CI, ask for the whole history (`fetch-depth: 0`).",
        )
    head = resolve(repo, commit)
    first = None if genesis is None else resolve(repo, genesis)
    chain = run_git(repo, ["rev-list", "--first-parent", head]).decode().split()
    if first is None:
        return len(chain) - 1
    try:
        return chain.index(first)
    except ValueError:
        raise TreeError(
            f"{head[:12]} does not descend from the genesis commit {first[:12]} along first parents",
            "Look at whether this is the right repository and branch.",
        ) from None


def descends(repo: Path, commit: str, ancestor: str) -> bool:
    """Whether first parents lead from a commit back to another one, or both are the same.

    The ancestor is a full commit id and need not exist here. Raises TreeError if the commit does not.
    """
    return ancestor in run_git(repo, ["rev-list", "--first-parent", resolve(repo, commit)]).decode().split()


def manifest(tree: Tree) -> dict[str, str]:
    """The SHA-256 of every file by path, sorted; it rests on no digest of git's. Raises TreeError."""
    return {path: digest_of(tree.read(path)) for path in tree.paths()}


def manifest_digest(files: Mapping[str, str]) -> str:
    """One SHA-256 for a whole manifest: that of its canonical JSON."""
    return digest_of(canonical(dict(files)))
