"""Epochs and manifests: equal wherever they are computed, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.contract.canonical import digest_of
from runner.revision import FolderTree, GitTree, TreeError, descends, epoch, manifest, manifest_digest
from tests.runner.revision.conftest import Repository


class TestEpoch:
    def test_counts_from_the_first_commit(self, repo: Repository) -> None:
        genesis = repo.git("rev-parse", "HEAD")
        commits = [genesis, *(repo.commit({"policies/x.yaml": str(n)}) for n in range(3))]
        assert [epoch(repo.folder, commit) for commit in commits] == [0, 1, 2, 3]
        assert epoch(repo.folder, "main", genesis) == 3
        assert epoch(repo.folder, "main", commits[2]) == 1
        assert epoch(repo.folder, commits[2], commits[2]) == 0

    def test_a_merge_is_one_step(self, repo: Repository) -> None:
        repo.git("checkout", "--quiet", "-b", "side")
        for number in range(5):
            repo.commit({"policies/side.yaml": str(number)})
        repo.git("checkout", "--quiet", "main")
        repo.commit({"policies/main.yaml": "1"})
        repo.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
        assert epoch(repo.folder, "side") == 5
        assert epoch(repo.folder, "main") == 2
        assert epoch(repo.folder, "main^2") == 5

    def test_a_genesis_on_a_side_branch_is_refused(self, repo: Repository) -> None:
        repo.git("checkout", "--quiet", "-b", "side")
        side = repo.commit({"policies/side.yaml": "1"})
        repo.git("checkout", "--quiet", "main")
        repo.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
        with pytest.raises(
            TreeError, match=rf"does not descend from the genesis commit {side[:12]} along first parents"
        ):
            epoch(repo.folder, "main", side)

    def test_a_commit_descends_from_itself_and_from_those_along_first_parents(self, repo: Repository) -> None:
        genesis = repo.git("rev-parse", "HEAD")
        repo.git("checkout", "--quiet", "-b", "side")
        side = repo.commit({"policies/side.yaml": "1"})
        repo.git("checkout", "--quiet", "main")
        repo.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
        assert descends(repo.folder, "main", genesis)
        assert descends(repo.folder, genesis, genesis)
        assert not descends(repo.folder, "main", side), "it was merged in, but it was never the head"
        assert not descends(repo.folder, genesis, side)
        assert not descends(repo.folder, "main", "0" * 40)
        with pytest.raises(TreeError, match="has no revision"):
            descends(repo.folder, "nowhere", genesis)

    def test_a_genesis_that_comes_later_is_refused(self, repo: Repository) -> None:
        later = repo.commit({"policies/x.yaml": "1"})
        with pytest.raises(TreeError, match="does not descend"):
            epoch(repo.folder, "main^", later)

    def test_a_genesis_that_does_not_exist_is_refused(self, repo: Repository) -> None:
        with pytest.raises(TreeError, match="has no revision"):
            epoch(repo.folder, "main", "0" * 40)

    def test_a_shallow_clone_is_refused(self, repo: Repository, tmp_path: Path) -> None:
        for number in range(4):
            repo.commit({"policies/x.yaml": str(number)})
        repo.git("clone", "--quiet", "--depth=2", f"file://{repo.folder}", str(tmp_path / "shallow"))
        with pytest.raises(TreeError, match="is a shallow clone") as caught:
            epoch(tmp_path / "shallow", "main")
        assert "--unshallow" in caught.value.help
        assert GitTree(tmp_path / "shallow", "main").paths(), "its files can be read all the same"

    def test_an_inherited_variable_does_not_make_it_shallow(
        self, repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        head = repo.commit({"policies/x.yaml": "1"})
        (tmp_path / "cut").write_text(f"{head}\n")
        monkeypatch.setenv("GIT_SHALLOW_FILE", str(tmp_path / "cut"))
        assert epoch(repo.folder, "main") == 1

    def test_a_full_clone_and_a_bare_one_agree(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit({"policies/x.yaml": "1"})
        repo.git("clone", "--quiet", str(repo.folder), str(tmp_path / "full"))
        repo.git("clone", "--quiet", "--bare", str(repo.folder), str(tmp_path / "bare.git"))
        assert epoch(tmp_path / "full", "main") == epoch(tmp_path / "bare.git", "main") == 1

    def test_replaced_parents_do_not_count(self, repo: Repository) -> None:
        genesis = repo.git("rev-parse", "HEAD")
        for number in range(3):
            repo.commit({"policies/x.yaml": str(number)})
        repo.git("replace", "--graft", "HEAD", genesis)
        assert repo.git("rev-list", "--count", "HEAD") == "2", "git itself is fooled"
        assert epoch(repo.folder, "main") == 3

    def test_grafted_parents_do_not_count(self, repo: Repository) -> None:
        genesis = repo.git("rev-parse", "HEAD")
        for number in range(3):
            repo.commit({"policies/x.yaml": str(number)})
        (repo.folder / ".git/info").mkdir(exist_ok=True)
        (repo.folder / ".git/info/grafts").write_text(f"{repo.git('rev-parse', 'HEAD')} {genesis}\n")
        assert repo.git("rev-list", "--count", "HEAD") == "2", "git itself is fooled"
        assert epoch(repo.folder, "main") == 3


class TestManifest:
    def test_is_the_digest_of_every_file(self, repo: Repository) -> None:
        assert manifest(GitTree(repo.folder, "main")) == {
            "policies/people.yaml": digest_of(b"kind: People\n"),
            "templates/billing/template.yaml": digest_of(b"kind: Template\n"),
        }

    def test_of_a_folder_and_its_commit_are_equal(self, repo: Repository) -> None:
        by_folder, by_commit = manifest(FolderTree(repo.folder)), manifest(GitTree(repo.folder, "main"))
        assert list(by_folder.items()) == list(by_commit.items())
        assert manifest_digest(by_folder) == manifest_digest(by_commit)

    def test_digest_has_a_fixed_form(self) -> None:
        files = {"b": "2", "a": "1"}
        assert manifest_digest(files) == digest_of(json.dumps(files, sort_keys=True, separators=(",", ":")).encode())
        assert manifest_digest(files) == "21f76dfbfe6dfe21f762080ef484112cf2952974cef30741fd1931e1c6d92112"

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda files: files | {"policies/new.yaml": "3"}, id="one file more"),
            pytest.param(lambda files: {"policies/a.yaml": files["policies/a.yaml"]}, id="one file less"),
            pytest.param(lambda files: files | {"policies/a.yaml": "2"}, id="other bytes"),
            pytest.param(
                lambda files: {
                    "policies/a.yaml": files["policies/b.yaml"],
                    "policies/b.yaml": files["policies/a.yaml"],
                },
                id="bytes swapped",
            ),
            pytest.param(lambda files: {"policies/A.yaml": "1", "policies/b.yaml": "0"}, id="another name"),
        ],
    )
    def test_digest_tells_every_change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        files = {"policies/a.yaml": "1", "policies/b.yaml": "0"}
        assert manifest_digest(change(files)) != manifest_digest(files)
