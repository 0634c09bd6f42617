"""The tree of a commit: read from objects alone, whatever surrounds the repository and whatever was put into it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.revision import FolderTree, GitTree, Tree, TreeError, manifest, resolve
from runner.revision import tree as tree_module
from tests.runner.revision.conftest import FILES, Repository

Make = Callable[..., Repository]


def refusal(call: Callable[[], object]) -> TreeError:
    with pytest.raises(TreeError) as caught:
        call()
    assert caught.value.help, "every refusal says what to do"
    assert caught.value.message.isprintable()
    return caught.value


class TestReading:
    def test_has_the_files_of_the_commit_and_not_of_the_folder(self, repo: Repository) -> None:
        head = repo.git("rev-parse", "HEAD")
        repo.write({"policies/people.yaml": "changed", "policies/new.yaml": "new"})
        repo.git("add", "policies/new.yaml")
        tree: Tree = GitTree(repo.folder, "main")

        assert tree.paths() == ("policies/people.yaml", "templates/billing/template.yaml")
        assert tree.read("policies/people.yaml") == b"kind: People\n"
        assert tree.revision == head
        assert tree.label == f"main ({head[:12]})"

    @pytest.mark.parametrize("length", [7, 40])
    def test_a_commit_named_by_its_id_is_labelled_by_it(self, repo: Repository, length: int) -> None:
        head = repo.git("rev-parse", "HEAD")
        assert GitTree(repo.folder, head[:length]).label == head[:12]

    def test_the_commit_is_fixed_when_the_tree_is_made(self, repo: Repository) -> None:
        tree = GitTree(repo.folder, "main")
        repo.commit({"policies/people.yaml": "later"})
        assert tree.read("policies/people.yaml") == b"kind: People\n"
        assert GitTree(repo.folder, "main").read("policies/people.yaml") == b"later"

    def test_agrees_with_a_clean_folder(self, repo: Repository) -> None:
        repo.commit(
            {"policies/.hidden": "x", "policies/a.yaml~": "x", "templates/run.sh": "x", "templates/ä b.yaml": "x"}
        )
        (repo.folder / "templates/run.sh").chmod(0o755)
        repo.commit()
        assert manifest(GitTree(repo.folder, "HEAD")) == manifest(FolderTree(repo.folder))

    @pytest.mark.parametrize("content", [b"", b"\n", b"a\r\nb", b"\0\xff", b"x" * 100_000, b"blob 3\n"])
    def test_bytes_come_back_as_they_were_committed(self, repo: Repository, content: bytes) -> None:
        repo.commit({".gitattributes": "* text=auto eol=crlf\n", "policies/a.yaml": "1", "policies/z.yaml": "2"})
        entries = {
            "policies/a.yaml": ("100644", repo.blob(b"before")),
            "policies/b.yaml": ("100644", repo.blob(content)),
            "policies/c.yaml": ("100755", repo.blob(b"after")),
            "policies/d.yaml": ("100644", repo.blob(content)),
        }
        tree = GitTree(repo.folder, repo.commit_tree(entries))
        assert tree.paths() == tuple(entries)
        assert [tree.read(path) for path in tree.paths()] == [b"before", content, b"after", content]

    def test_reads_nothing_else(self, repo: Repository) -> None:
        tree = GitTree(repo.folder, "HEAD")
        for path in ("README.md", "policies", "policies/../README.md", ""):
            assert "is not in" in refusal(lambda path=path: tree.read(path)).message  # type: ignore[misc] # bound early

    def test_a_bare_repository_will_do(self, repo: Repository, tmp_path: Path) -> None:
        repo.git("clone", "--quiet", "--bare", str(repo.folder), str(tmp_path / "bare.git"))
        assert manifest(GitTree(tmp_path / "bare.git", "main")) == manifest(GitTree(repo.folder, "main"))

    def test_a_further_working_tree_will_do(self, repo: Repository, tmp_path: Path) -> None:
        repo.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "second"))
        assert manifest(GitTree(tmp_path / "second", "other")) == manifest(GitTree(repo.folder, "main"))

    def test_a_repository_with_sha256_objects_will_do(self, make: Make) -> None:
        repo = make("long", "--object-format=sha256")
        head = repo.commit(FILES)
        assert len(head) == 64
        assert GitTree(repo.folder, "main").read("policies/people.yaml") == b"kind: People\n"

    def test_importing_the_package_does_not_import_gitpython(self) -> None:
        code = "import sys, runner.revision; print('git' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"


class TestRevisions:
    @pytest.mark.parametrize("name", ["main", "HEAD", "refs/heads/main", "v1", "note", "HEAD^0", "main~0"])
    def test_every_way_to_name_a_commit(self, repo: Repository, name: str) -> None:
        repo.git("tag", "v1")
        repo.git("tag", "-a", "note", "-m", "annotated")
        assert resolve(repo.folder, name) == repo.git("rev-parse", "HEAD")

    def test_in_a_shallow_clone_it_says_how_to_get_the_rest(self, repo: Repository, tmp_path: Path) -> None:
        repo.commit({"policies/x.yaml": "1"})
        repo.git("clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(tmp_path / "shallow"))
        error = refusal(lambda: resolve(tmp_path / "shallow", "HEAD~1"))
        assert "has no revision `HEAD~1`" in error.message
        assert "`fetch-depth: 0`" in error.help
        assert "shallow" not in refusal(lambda: resolve(repo.folder, "HEAD~9")).help

    def test_a_ref_that_does_not_exist_with_a_close_one(self, repo: Repository) -> None:
        error = refusal(lambda: GitTree(repo.folder, "mian"))
        assert error.message == f"the repository {repo.folder} has no revision `mian`"
        assert error.help == "Did you mean `main`?"

    def test_a_ref_that_does_not_exist_without_a_close_one(self, repo: Repository) -> None:
        assert refusal(lambda: resolve(repo.folder, "0" * 40)).help == "It has main."
        for number in range(9):
            repo.git("branch", f"b{number}")
        assert refusal(lambda: resolve(repo.folder, "production")).help == "It has b0, b1, b2, b3, b4 and more."

    def test_something_that_is_no_commit(self, repo: Repository) -> None:
        blob = repo.git("rev-parse", "HEAD:README.md")
        assert "has no revision" in refusal(lambda: resolve(repo.folder, blob)).message

    @pytest.mark.parametrize("name", ["", "-h", "--all", "--git-dir=/", "a\nb", "a\0b", "\x1b[2J"])
    def test_what_is_no_name_at_all(self, repo: Repository, name: str) -> None:
        assert "is not a name of a revision" in refusal(lambda: resolve(repo.folder, name)).message

    @pytest.mark.parametrize("name", ["main..main", "main:policies", "^main", "a b", ":/genesis^{tree}"])
    def test_what_names_something_else(self, repo: Repository, name: str) -> None:
        assert "has no revision" in refusal(lambda: resolve(repo.folder, name)).message


class TestNoRepository:
    def test_an_ordinary_folder(self, tmp_path: Path) -> None:
        error = refusal(lambda: GitTree(tmp_path, "main"))
        assert error.message == f"{tmp_path} is not the top folder of a git repository"
        assert "git init" in error.help

    def test_a_folder_inside_of_one(self, repo: Repository) -> None:
        assert "is not the top folder" in refusal(lambda: GitTree(repo.folder / "policies", "main")).message

    def test_a_folder_that_does_not_exist(self, tmp_path: Path) -> None:
        assert "there is no folder" in refusal(lambda: GitTree(tmp_path / "nowhere", "main")).message

    def test_an_empty_repository(self, make: Make) -> None:
        error = refusal(lambda: GitTree(make().folder, "main"))
        assert "has no commit yet" in error.message
        assert "Commit" in error.help

    def test_a_commit_without_policies_and_templates(self, make: Make) -> None:
        repo = make()
        repo.commit({"README.md": "x", "policies/.keep": ""})
        assert "has no file below `policies/` or `templates/`" in refusal(GitTree(repo.folder, "main").paths).message

    @pytest.mark.parametrize("content", ["gitdir: /nowhere\n", "nonsense\n", "", "gitdir: \0\n"])
    def test_a_broken_link_to_a_repository(self, tmp_path: Path, content: str) -> None:
        (tmp_path / ".git").write_text(content)
        refusal(lambda: GitTree(tmp_path, "main"))

    def test_a_link_that_is_no_text(self, tmp_path: Path) -> None:
        (tmp_path / ".git").write_bytes(b"\xff\xfe")
        assert "cannot be read" in refusal(lambda: GitTree(tmp_path, "main")).message

    def test_a_hollow_git_folder(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        assert "git for-each-ref failed" in refusal(lambda: GitTree(tmp_path, "main")).message

    def test_a_machine_without_git(self, repo: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        resolve(repo.folder, "main")  # GitPython itself is loaded
        monkeypatch.setenv("PATH", str(tmp_path))
        assert refusal(lambda: GitTree(repo.folder, "main")).message == "the program `git` was not found"

    def test_a_machine_without_git_from_the_start(self, repo: Repository, tmp_path: Path) -> None:
        code = (
            "import sys, pathlib, runner.revision as r\n"
            "try: r.resolve(pathlib.Path(sys.argv[1]), 'main')\n"
            "except r.TreeError as error: print(error.message)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(repo.folder)],
            env={"PATH": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "the program `git` was not found\n"


class TestOddEntries:
    @pytest.mark.parametrize(
        ("mode", "path", "message"),
        [
            (
                "120000",
                "policies/link.yaml",
                "policies/link.yaml is a symbolic link; a revision holds regular files only",
            ),
            ("120000", "policies", "policies is a symbolic link; a revision holds regular files only"),
            ("160000", "templates/sub", "templates/sub is a submodule; a revision holds regular files only"),
            ("160000", "templates", "templates is a submodule; a revision holds regular files only"),
            ("100644", "policies", "policies is not a folder; a revision holds regular files only"),
        ],
    )
    def test_are_refused_by_name(self, repo: Repository, mode: str, path: str, message: str) -> None:
        target = repo.git("rev-parse", "HEAD") if mode == "160000" else repo.blob(b"/etc/passwd")
        commit = repo.commit_tree({path: (mode, target), "other/x": ("100644", repo.blob(b"x"))})
        assert refusal(GitTree(repo.folder, commit).paths).message == message

    def test_outside_of_policies_and_templates_they_do_not_matter(self, repo: Repository) -> None:
        entries = {"policies/a.yaml": ("100644", repo.blob(b"a")), "docs/link": ("120000", repo.blob(b"/etc/passwd"))}
        assert GitTree(repo.folder, repo.commit_tree(entries)).paths() == ("policies/a.yaml",)

    @pytest.mark.parametrize("name", [b"a\nb.yaml", b"a\\b.yaml", b"\xff.yaml", b"..", b"\xe2\x80\xae.yaml"])
    def test_misleading_names_are_refused(self, repo: Repository, name: bytes) -> None:
        blob = repo.blob(b"a")

        def tree_of(mode: bytes, entry: bytes, object_id: str) -> str:
            raw = mode + b" " + entry + b"\0" + bytes.fromhex(object_id)
            return repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)

        top = tree_of(b"40000", b"policies", tree_of(b"100644", name, blob))
        tree = GitTree(repo.folder, repo.git("commit-tree", "-m", "by hand", top))
        if name == b"..":
            assert tree_module.is_passed_over("policies/..")  # hidden: nobody reads it
            assert "has no file below" in refusal(tree.paths).message
        else:
            assert "is not allowed" in refusal(tree.paths).message

    def test_limits_hold(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree_module, "MOST_BYTES_OF_A_FILE", 14)
        assert "templates/billing/template.yaml is larger" in refusal(GitTree(repo.folder, "main").paths).message

    def test_a_missing_object_is_refused(self, repo: Repository) -> None:
        tree = GitTree(repo.folder, "main")
        tree.paths()
        blob = repo.git("rev-parse", "HEAD:policies/people.yaml")
        (repo.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
        error = refusal(lambda: tree.read("policies/people.yaml"))
        assert error.message == f"an object of {tree.label} is missing: {blob}"

    def test_a_damaged_repository_is_refused(self, repo: Repository) -> None:
        tree = GitTree(repo.folder, "main")
        shutil.rmtree(repo.folder / ".git/objects")
        (repo.folder / ".git/objects").mkdir()
        assert "git ls-tree failed" in refusal(tree.paths).message


class TestIsolation:
    def test_replaced_objects_are_not_read(self, repo: Repository) -> None:
        good = repo.git("rev-parse", "HEAD")
        bad = repo.commit({"policies/people.yaml": "kind: Evil\n"})
        repo.git("reset", "--quiet", "--hard", good)
        repo.git("replace", good, bad)
        repo.git("replace", repo.git("rev-parse", f"{good}:templates/billing/template.yaml"), repo.blob(b"evil"))
        assert repo.git("show", "main:policies/people.yaml") == "kind: Evil", "git itself is fooled"

        tree = GitTree(repo.folder, "main")
        assert tree.revision == good
        assert tree.read("policies/people.yaml") == b"kind: People\n"
        assert tree.read("templates/billing/template.yaml") == b"kind: Template\n"

    @pytest.mark.parametrize(
        "name",
        [
            *("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"),
            *("GIT_NAMESPACE", "GIT_EXEC_PATH", "GIT_SHALLOW_FILE", "GIT_CONFIG", "GIT_CEILING_DIRECTORIES"),
        ],
    )
    def test_an_inherited_variable_leads_nowhere_else(
        self, repo: Repository, make: Make, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        other = make("other")
        other.commit({"policies/people.yaml": "kind: Evil\n"})
        monkeypatch.setenv(name, str(other.folder / ".git"))
        assert GitTree(repo.folder, "main").read("policies/people.yaml") == b"kind: People\n"

    def test_inherited_settings_are_not_used(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.repositoryFormatVersion",
            "GIT_CONFIG_VALUE_0": "99",
            "GIT_CONFIG_PARAMETERS": "'nonsense",
            "GIT_TRACE": str(repo.folder / "trace"),
            "GIT_LITERAL_PATHSPECS": "nonsense",
        }.items():
            monkeypatch.setenv(name, value)
        assert GitTree(repo.folder, "main").paths()
        assert not (repo.folder / "trace").exists()

    def test_settings_of_the_user_are_not_used(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (home / ".gitconfig").write_text("[nonsense\n")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(home / ".gitconfig"))
        assert GitTree(repo.folder, "main").paths()

    def test_programs_named_by_the_repository_are_not_run(self, repo: Repository, tmp_path: Path) -> None:
        trap, sprung = tmp_path / "trap", tmp_path / "sprung"
        trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
        trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
        for key in (
            "core.fsmonitor",
            "core.pager",
            "diff.external",
            "filter.x.smudge",
            "diff.x.textconv",
            "core.editor",
        ):
            repo.git("config", key, str(trap))
        repo.git("config", "core.hooksPath", str(tmp_path))
        (repo.folder / ".git/info").mkdir(exist_ok=True)
        (repo.folder / ".git/info/attributes").write_text("* filter=x diff=x\n")
        tree = GitTree(repo.folder, "main")
        assert tree.read("policies/people.yaml") == b"kind: People\n"
        assert not sprung.exists()

    def test_nothing_is_written(self, repo: Repository) -> None:
        def state() -> list[tuple[str, int]]:
            return sorted((str(path), path.stat().st_mtime_ns) for path in repo.folder.rglob("*"))

        before = state()
        manifest(GitTree(repo.folder, "main"))
        assert state() == before

    def test_a_repository_of_somebody_else_is_read(self, repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for its tests
        assert GitTree(repo.folder, "main").paths()
        if os.getuid() == 0:
            os.chown(repo.folder / ".git", 12345, 12345)
            os.chown(repo.folder, 12345, 12345)
            assert GitTree(repo.folder, "main").paths()
