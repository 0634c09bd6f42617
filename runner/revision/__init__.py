"""Trees of policies and templates, read from a folder or from a commit. Writes nothing."""

from __future__ import annotations

from runner.revision.epochs import descends, epoch, manifest, manifest_digest
from runner.revision.git_tree import GitTree, resolve
from runner.revision.tree import FolderTree, Tree, TreeError, bundled_data, find_repository

__all__ = [
    "FolderTree",
    "GitTree",
    "Tree",
    "TreeError",
    "bundled_data",
    "descends",
    "epoch",
    "find_repository",
    "manifest",
    "manifest_digest",
    "resolve",
]
