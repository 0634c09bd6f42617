"""The tree of a folder: what belongs to it, what is refused, and where repositories are found."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.revision import FolderTree, Tree, TreeError, bundled_data, find_repository
from runner.revision import tree as tree_module


def fill(root: Path, *names: str) -> FolderTree:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(f"content of {name}"))
    return FolderTree(root)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(TreeError) as caught:
        call()
    assert caught.value.help, "every refusal says what to do"
    assert str(caught.value) == f"{caught.value.message}. {caught.value.help}"
    return caught.value.message


class TestFolder:
    def test_has_the_files_below_policies_and_templates_sorted(self, tmp_path: Path) -> None:
        tree: Tree = fill(
            tmp_path,
            "templates/b/template.yaml",
            "templates/a/deep/down/x_test.yaml",
            "templates/b.yaml",
            "policies/people.yaml",
            "policies/README.md",
            "README.md",
            "other/policies/x.yaml",
        )
        assert tree.paths() == (
            "policies/README.md",
            "policies/people.yaml",
            "templates/a/deep/down/x_test.yaml",
            "templates/b.yaml",
            "templates/b/template.yaml",
        )
        assert tree.read("policies/people.yaml") == b"content of policies/people.yaml"
        assert tree.revision is None
        assert tree.label == str(tmp_path)

    def test_passes_over_hidden_files_and_leftovers(self, tmp_path: Path) -> None:
        tree = fill(
            tmp_path,
            "policies/a.yaml",
            *("policies/.hidden", "policies/.git/config", "policies/.a.yaml.swp", "policies/a.yaml~"),
            *("policies/#a.yaml#", "templates/a.yaml.orig", "templates/a.yaml.rej", "templates/a.bak"),
        )
        assert tree.paths() == ("policies/a.yaml",)

    def test_keeps_its_list(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies/a.yaml")
        assert tree.paths() == ("policies/a.yaml",)
        fill(tmp_path, "policies/b.yaml")
        assert tree.paths() == ("policies/a.yaml",)
        assert "policies/b.yaml is not in" in refusal(lambda: tree.read("policies/b.yaml"))

    @pytest.mark.parametrize("path", ["README.md", "../x", "/etc/passwd", "policies/../README.md", "policies", ""])
    def test_reads_nothing_else(self, tmp_path: Path, path: str) -> None:
        tree = fill(tmp_path, "policies/a.yaml", "README.md")
        assert "is not in" in refusal(lambda: tree.read(path))

    def test_one_of_the_two_folders_may_be_missing(self, tmp_path: Path) -> None:
        assert fill(tmp_path, "policies/a.yaml").paths() == ("policies/a.yaml",)

    def test_a_folder_without_files_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "policies").mkdir()
        assert "has no file below" in refusal(FolderTree(tmp_path).paths)

    def test_a_folder_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        assert "there is no folder" in refusal(FolderTree(tmp_path / "nowhere").paths)


class TestOddFiles:
    @pytest.mark.parametrize("target", ["/etc/passwd", "../outside.yaml", "a.yaml", "nowhere"])
    def test_a_symbolic_link_is_refused_wherever_it_leads(self, tmp_path: Path, target: str) -> None:
        tree = fill(tmp_path, "policies/a.yaml", "outside.yaml")
        (tmp_path / "policies/link.yaml").symlink_to(target)
        assert refusal(tree.paths) == "policies/link.yaml is a symbolic link; a revision holds regular files only"

    @pytest.mark.parametrize("name", ["policies", "policies/inner"])
    def test_a_linked_folder_is_refused(self, tmp_path: Path, name: str) -> None:
        tree = fill(tmp_path, "elsewhere/a.yaml", "templates/t.yaml")
        link = tmp_path / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(tmp_path / "elsewhere")
        assert f"{name} is a symbolic link" in refusal(tree.paths)

    def test_a_pipe_is_refused_and_nobody_waits_for_it(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies/a.yaml")
        os.mkfifo(tmp_path / "policies/pipe.yaml")
        assert "policies/pipe.yaml is no regular file" in refusal(tree.paths)

    def test_a_socket_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tree = fill(tmp_path, "policies/a.yaml")
        monkeypatch.chdir(tmp_path / "policies")  # the name of a socket must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("s.yaml")
            assert "policies/s.yaml is no regular file" in refusal(tree.paths)

    def test_a_file_in_the_place_of_a_folder_is_refused(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies", "templates/t.yaml")
        assert "policies is not a folder" in refusal(tree.paths)

    @pytest.mark.parametrize(
        "name", ["a\nb.yaml", "a\\b.yaml", "a\u202eb.yaml", b"\xff.yaml".decode(errors="surrogateescape")]
    )
    def test_a_misleading_name_is_refused(self, tmp_path: Path, name: str) -> None:
        message = refusal(fill(tmp_path, f"policies/{name}").paths)
        assert message.isprintable()
        assert "is not allowed" in message


class TestWhileReading:
    def test_a_file_that_vanishes(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies/a.yaml")
        tree.paths()
        (tmp_path / "policies/a.yaml").unlink()
        assert refusal(lambda: tree.read("policies/a.yaml")) == (
            "policies/a.yaml was removed while the folder was read"
        )

    def test_a_file_that_vanishes_while_the_folder_is_listed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tree = fill(tmp_path, "policies/a.yaml")
        original = os.lstat

        def vanishing(path: str) -> os.stat_result:
            if path.endswith("/a.yaml"):
                Path(path).unlink(missing_ok=True)
            return original(path)

        monkeypatch.setattr(os, "lstat", vanishing)
        assert "was removed while the folder was read" in refusal(tree.paths)

    @pytest.mark.parametrize("size", [0, 5, 500])
    def test_a_file_that_changes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
        tree = fill(tmp_path, "policies/a.yaml")
        tree.paths()
        original = os.fstat
        calls: list[int] = []

        def changing(number: int) -> os.stat_result:
            found = original(number)
            if not calls:
                (tmp_path / "policies/a.yaml").write_text("x" * size)
            calls.append(number)
            return found

        monkeypatch.setattr(os, "fstat", changing)
        assert refusal(lambda: tree.read("policies/a.yaml")) == "policies/a.yaml changed while it was read"

    def test_a_file_that_is_replaced_by_a_link(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies/a.yaml", "secret")
        tree.paths()
        (tmp_path / "policies/a.yaml").unlink()
        (tmp_path / "policies/a.yaml").symlink_to(tmp_path / "secret")
        assert "policies/a.yaml cannot be read" in refusal(lambda: tree.read("policies/a.yaml"))

    def test_a_file_that_is_replaced_by_a_pipe(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies/a.yaml")
        tree.paths()
        (tmp_path / "policies/a.yaml").unlink()
        os.mkfifo(tmp_path / "policies/a.yaml")
        assert "no regular file any more" in refusal(lambda: tree.read("policies/a.yaml"))

    def test_a_file_that_is_replaced_by_another(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies/a.yaml", "secret")
        tree.paths()
        (tmp_path / "secret").rename(tmp_path / "policies/a.yaml")
        assert refusal(lambda: tree.read("policies/a.yaml")) == (
            "policies/a.yaml was replaced while the folder was read"
        )

    def test_a_folder_that_is_replaced_by_a_link_out_of_the_tree(self, tmp_path: Path) -> None:
        tree = fill(tmp_path, "policies/team/a.yaml", "outside/a.yaml")
        tree.paths()
        (tmp_path / "policies/team").rename(tmp_path / "gone")
        (tmp_path / "policies/team").symlink_to(tmp_path / "outside")
        assert "was replaced" in refusal(lambda: tree.read("policies/team/a.yaml"))

    def test_a_folder_that_cannot_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(_: object) -> object:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "scandir", denied)
        assert refusal(fill(tmp_path, "policies/a.yaml").paths) == "policies cannot be read: Permission denied"
        monkeypatch.setattr(os, "lstat", denied)
        assert refusal(FolderTree(tmp_path).paths) == "policies cannot be read: Permission denied"


class TestLimits:
    def test_of_number(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree_module, "MOST_FILES", 3)
        assert len(fill(tmp_path, *(f"policies/{n}.yaml" for n in range(3))).paths()) == 3
        assert "more than 3 files" in refusal(fill(tmp_path, "policies/3.yaml", "policies/4.yaml").paths)

    def test_of_folders(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree_module, "MOST_FILES", 3)
        (tmp_path / "policies/a/b/c").mkdir(parents=True)
        assert "more than 3 folders" in refusal(FolderTree(tmp_path).paths)

    def test_of_one_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree_module, "MOST_BYTES_OF_A_FILE", 10)
        fill(tmp_path, "policies/a.yaml")
        (tmp_path / "policies/a.yaml").write_text("x" * 10)
        assert FolderTree(tmp_path).read("policies/a.yaml") == b"x" * 10
        (tmp_path / "policies/a.yaml").write_text("x" * 11)
        assert refusal(FolderTree(tmp_path).paths) == "policies/a.yaml is larger than 10 bytes"

    def test_of_a_file_that_grows_after_it_was_listed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree_module, "MOST_BYTES_OF_A_FILE", 100)
        tree = fill(tmp_path, "policies/a.yaml")
        tree.paths()
        (tmp_path / "policies/a.yaml").write_text("x" * 1_000)
        assert "larger than 100 bytes" in refusal(lambda: tree.read("policies/a.yaml"))

    def test_of_all_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree_module, "MOST_BYTES", 40)
        assert "more than 40 bytes" in refusal(fill(tmp_path, "policies/a.yaml", "policies/b.yaml").paths)


class TestFindRepository:
    def test_is_the_nearest_folder_upwards_that_holds_both(self, tmp_path: Path) -> None:
        fill(tmp_path, "policies/a.yaml", "templates/t/template.yaml", "inner/policies/only.yaml")
        for start in (tmp_path, tmp_path / "templates/t", tmp_path / "inner/policies"):
            assert find_repository(start) == tmp_path
        fill(tmp_path, "inner/templates/t.yaml")
        assert find_repository(tmp_path / "inner/policies") == tmp_path / "inner"

    def test_without_one_it_says_what_to_do(self, tmp_path: Path) -> None:
        message = refusal(lambda: find_repository(tmp_path))
        assert "holds `policies/` and `templates/`" in message

    def test_from_nowhere_it_says_so(self, tmp_path: Path) -> None:
        assert "there is no folder" in refusal(lambda: find_repository(tmp_path / "nowhere"))


class TestBundledData:
    def test_holds_policies_and_templates(self) -> None:
        found = bundled_data()
        assert (found / "policies").is_dir()
        assert (found / "templates").is_dir()

    def test_prefers_the_data_of_the_package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree_module, "__file__", str(tmp_path / "site/runner/revision/tree.py"))
        assert "no policies and templates of its own" in refusal(bundled_data)
        fill(tmp_path / "site", "policies/a.yaml", "templates/t.yaml")
        assert bundled_data() == tmp_path / "site"
        fill(tmp_path / "site/runner/_data", "policies/a.yaml", "templates/t.yaml")
        assert bundled_data() == tmp_path / "site/runner/_data"
