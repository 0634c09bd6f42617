"""A file is replaced whole or not at all, and never over what somebody else wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from validators.format.writing import WriteError, overwrite


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "repo" / "policies").mkdir(parents=True)
    (tmp_path / "repo" / "policies" / "a.yaml").write_bytes(b"old\n")
    return tmp_path / "repo"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_bytes_are_replaced_and_the_permissions_kept(root: Path) -> None:
    file = root / "policies" / "a.yaml"
    file.chmod(0o640)
    overwrite(root, "policies/a.yaml", b"old\n", b"new\n")
    assert file.read_bytes() == b"new\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert names(root / "policies") == ["a.yaml"]


@pytest.mark.parametrize("there", [b"other\n", b"old\nmore\n", b"", b"ol"])
def test_a_file_that_changed_is_left(root: Path, there: bytes) -> None:
    (root / "policies" / "a.yaml").write_bytes(there)
    with pytest.raises(WriteError, match="changed by somebody else"):
        overwrite(root, "policies/a.yaml", b"old\n", b"new\n")
    assert (root / "policies" / "a.yaml").read_bytes() == there


def test_a_file_that_changes_while_the_new_one_is_written_is_left(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = root / "policies" / "a.yaml"
    sync = os.fsync

    def late(number: int) -> None:
        sync(number)
        file.write_bytes(b"somebody else\n")

    monkeypatch.setattr(os, "fsync", late)
    with pytest.raises(WriteError, match="changed by somebody else"):
        overwrite(root, "policies/a.yaml", b"old\n", b"new\n")
    assert file.read_bytes() == b"somebody else\n"
    assert names(root / "policies") == ["a.yaml"]


def test_no_link_is_followed(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "a.yaml").write_bytes(b"old\n")
    (root / "policies" / "link.yaml").symlink_to(outside / "a.yaml")
    (root / "linked").symlink_to(outside)
    for path in ("policies/link.yaml", "linked/a.yaml"):
        with pytest.raises(WriteError, match="cannot be written"):
            overwrite(root, path, b"old\n", b"new\n")
    assert (outside / "a.yaml").read_bytes() == b"old\n"


def test_what_is_no_regular_file_is_left(root: Path) -> None:
    os.mkfifo(root / "policies" / "pipe.yaml")
    with pytest.raises(WriteError, match="no regular file"):
        overwrite(root, "policies/pipe.yaml", b"", b"new\n")


def test_a_file_that_is_write_protected_is_left(root: Path) -> None:
    file = root / "policies" / "a.yaml"
    file.chmod(0o444)
    with pytest.raises(WriteError, match=r"policies/a\.yaml is write-protected; allow writing to it first"):
        overwrite(root, "policies/a.yaml", b"old\n", b"new\n")
    assert file.read_bytes() == b"old\n"
    assert names(root / "policies") == ["a.yaml"]


def test_a_file_that_is_gone_is_said(root: Path) -> None:
    with pytest.raises(WriteError, match="No such file"):
        overwrite(root, "policies/b.yaml", b"", b"new\n")


def test_a_full_disk_leaves_the_old_file_and_nothing_else(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="No space left on device"):
        overwrite(root, "policies/a.yaml", b"old\n", b"new\n")
    assert (root / "policies" / "a.yaml").read_bytes() == b"old\n"
    assert names(root / "policies") == ["a.yaml"]
