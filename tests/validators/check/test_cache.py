"""What the tool remembers: used when everything is the same, and never otherwise; harmless whatever stands there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.revision import FolderTree, TreeError
from validators.check import cache as module
from validators.check.cache import (
    Answer,
    AnswerCache,
    Snapshot,
    answered,
    cache_folder,
    key_of,
    program_state,
)

CLEAN = Answer("all is well\n", "3 templates: clean", "clean")
FOUND = Answer("error 😀 {{ x }} \x1b[0m\n", "1 error", "findings")


def entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


class TestAnswers:
    @pytest.mark.parametrize("answer", [CLEAN, FOUND])
    def test_is_given_back_for_the_same_key_alone(self, tmp_path: Path, answer: Answer) -> None:
        cache = AnswerCache(tmp_path / "a/b")
        assert cache.recall("key") is None
        cache.keep("key", answer)
        assert AnswerCache(tmp_path / "a/b").recall("key") == answer
        assert cache.recall("key ") is None

    def test_is_asked_for_once(self, tmp_path: Path) -> None:
        asked: list[str] = []

        def ask() -> Answer:
            asked.append("?")
            return FOUND

        files, place = repository(tmp_path), {"SURETY_CACHE_DIR": str(tmp_path / "cache")}
        assert [answered(files, {}, place, ask) for _ in range(3)] == [FOUND] * 3
        assert asked == ["?"]
        assert answered(files, {"day": "another"}, place, ask) == FOUND
        assert asked == ["?", "?"]

    def test_is_asked_for_every_time_without_a_place(self, tmp_path: Path) -> None:
        answers = iter((FOUND, CLEAN))
        assert [answered(repository(tmp_path), {}, {}, lambda: next(answers)) for _ in "ab"] == [FOUND, CLEAN]

    def test_what_is_unknown_is_asked_again(self, tmp_path: Path) -> None:
        place = {"SURETY_CACHE_DIR": str(tmp_path / "cache")}
        answered(repository(tmp_path), {}, place, lambda: Answer("", "", "unknown"))
        assert entries(tmp_path / "cache") == []

    def test_only_the_owner_can_read_it(self, tmp_path: Path) -> None:
        AnswerCache(tmp_path / "cache").keep("key", CLEAN)
        (file,) = entries(tmp_path / "cache")
        assert (file.stat().st_mode & 0o777, (tmp_path / "cache").stat().st_mode & 0o777) == (0o600, 0o700)


def spoil_text(file: Path) -> None:
    entry = json.loads(file.read_bytes())
    entry["answer"]["text"] = "all is well, believe me"
    file.write_text(json.dumps(entry))


def spoil_key(file: Path) -> None:
    entry = json.loads(file.read_bytes())
    entry["key"] = "another"
    file.write_text(json.dumps(entry))


def other_entry(file: Path) -> None:
    AnswerCache(file.parent).keep("another", CLEAN)
    other = next(each for each in file.parent.iterdir() if each != file)
    other.replace(file)


def link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


SPOILT: dict[str, Callable[[Path], object]] = {
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-5]),
    "empty": lambda file: file.write_bytes(b""),
    "a byte changed": lambda file: file.write_bytes(file.read_bytes().replace(b"well", b"hell")),
    "another text": spoil_text,
    "another key": spoil_key,
    "the entry of another key": other_entry,
    "not JSON": lambda file: file.write_bytes(b"\xff\xfe{"),
    "JSON of another shape": lambda file: file.write_text("[1]"),
    "no text in it": lambda file: file.write_text('{"key": "key", "answer": {}, "digest": ""}'),
    "deeply nested": lambda file: file.write_text("[" * 100_000),
    "a link": link,
    "a pipe": pipe,
    "a folder": folder,
    "writable for others": lambda file: file.chmod(0o666),
}


class TestNeverWrong:
    @pytest.mark.parametrize("way", SPOILT)
    def test_what_is_spoilt_is_not_used_and_made_again(self, tmp_path: Path, way: str) -> None:
        cache = AnswerCache(tmp_path)
        cache.keep("key", CLEAN)
        (file,) = entries(tmp_path)
        SPOILT[way](file)
        assert cache.recall("key") is None
        cache.keep("key", FOUND)
        if way != "a folder":  # which nobody but its owner should remove
            assert cache.recall("key") == FOUND

    def test_what_another_user_has_written_is_not_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        cache = AnswerCache(tmp_path)
        cache.keep("key", CLEAN)
        monkeypatch.setattr(os, "getuid", lambda: 4242)
        assert cache.recall("key") is None

    @pytest.mark.parametrize("where", ["file", "file/below", "nowhere\0", "long/" + "x" * 300])
    def test_a_place_that_cannot_be_written_is_no_cache(self, tmp_path: Path, where: str) -> None:
        (tmp_path / "file").write_text("in the way")
        place = {"SURETY_CACHE_DIR": str(tmp_path / where)}
        assert answered(repository(tmp_path), {}, place, lambda: FOUND) == FOUND
        assert answered(repository(tmp_path), {}, place, lambda: CLEAN) == CLEAN

    def test_a_disk_that_is_full_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_: object, __: object) -> Path:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        AnswerCache(tmp_path).keep("key", CLEAN)
        assert entries(tmp_path) == []


class TestBounds:
    def test_the_entries_used_last_stay(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_MOST_ENTRIES", 3)
        cache = AnswerCache(tmp_path)
        for number in range(3):
            cache.keep(f"key {number}", CLEAN)
            os.utime(cache._path(f"key {number}"), (1_000 + number, 1_000 + number))
        assert cache.recall("key 0") == CLEAN  # and is the one used last from now on
        cache.keep("key 3", CLEAN)
        kept = [number for number in range(4) if cache.recall(f"key {number}")]
        assert kept == [0, 2, 3]

    def test_all_entries_together_have_a_bound(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_MOST_BYTES", 2_500)
        cache = AnswerCache(tmp_path)
        for number in range(5):
            cache.keep(f"key {number}", Answer("x" * 1_000, "", "clean"))
        assert len(entries(tmp_path)) == 2

    def test_an_answer_that_is_too_long_is_not_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_MOST_BYTES_OF_AN_ENTRY", 1_000)
        AnswerCache(tmp_path).keep("key", Answer("x" * 1_000, "", "clean"))
        assert entries(tmp_path) == []

    def test_what_is_not_its_own_is_left_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_MOST_ENTRIES", 0)
        (tmp_path / "precious.json").write_text("{}")
        (tmp_path / "123.unfinished").write_text("a run that was stopped")
        AnswerCache(tmp_path).keep("key", CLEAN)
        assert [file.name for file in entries(tmp_path)] == ["precious.json"]


def repository(folder: Path, **files: str) -> Snapshot:
    for name, text in {"a": "one", "b": "two", **files}.items():
        path = folder / "policies" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Snapshot(FolderTree(folder))


class TestKey:
    def test_the_same_files_program_and_options_give_the_same_key(self, tmp_path: Path) -> None:
        first = key_of(repository(tmp_path), "program", {"day": "2026-03-03", "select": ["SUR8"]})
        again = key_of(repository(tmp_path), "program", {"select": ["SUR8"], "day": "2026-03-03"})
        assert first == again

    @pytest.mark.parametrize(
        "files", [{"a": "One"}, {"a": "onetwo", "b": ""}, {"c": ""}, {"a": "two", "b": "one"}], ids=str
    )
    def test_other_files_give_another(self, tmp_path: Path, files: dict[str, str]) -> None:
        assert repository(tmp_path).digest() != repository(tmp_path, **files).digest()

    def test_another_program_day_or_place_gives_another(self, tmp_path: Path) -> None:
        here, there = repository(tmp_path / "here"), repository(tmp_path / "there")
        keys = {
            key_of(here, "program", {"day": "2026-03-03"}),
            key_of(here, "program", {"day": "2026-03-04"}),
            key_of(here, "changed", {"day": "2026-03-03"}),
            key_of(there, "program", {"day": "2026-03-03"}),
        }
        assert len(keys) == 4

    def test_what_is_checked_is_what_the_key_was_made_of(self, tmp_path: Path) -> None:
        seen = repository(tmp_path)
        repository(tmp_path, a="changed meanwhile")
        assert seen.read("policies/a.yaml") == b"one"
        assert seen.paths() == ("policies/a.yaml", "policies/b.yaml")
        with pytest.raises(TreeError):
            seen.read("policies/c.yaml")

    def test_what_is_no_file_counts_and_is_kept_for_later(self, tmp_path: Path) -> None:
        before = repository(tmp_path).digest()
        (tmp_path / "policies/link").symlink_to("a.yaml")
        seen = Snapshot(FolderTree(tmp_path, strict=False))
        assert seen.digest() != before
        assert seen.paths() == ("policies/a.yaml", "policies/b.yaml", "policies/link")
        assert list(seen.refused()) == ["policies/link"]
        with pytest.raises(OSError, match="policies/link is a symbolic link"):
            seen.read("policies/link")
        with pytest.raises(TreeError):
            Snapshot(FolderTree(tmp_path))


class TestProgram:
    def test_its_own_code_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        home = tmp_path / "validators/check/cache.py"
        home.parent.mkdir(parents=True)
        (tmp_path / "runner/__pycache__").mkdir(parents=True)
        home.write_text("")
        monkeypatch.setattr(module, "__file__", str(home))
        before = program_state()
        assert program_state() == before
        (tmp_path / "runner/__pycache__/made.pyc").write_text("by Python")
        assert program_state() == before
        (tmp_path / "runner/new.py").write_text("changed")
        after = program_state()
        assert after != before
        (tmp_path / "runner/new.py").write_text("changed again")
        assert program_state() != after

    def test_the_libraries_beside_it_count(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        libraries = tmp_path / "site-packages"
        libraries.mkdir()
        monkeypatch.syspath_prepend(str(libraries))
        before = program_state()
        (libraries / "holidays-0.110.dist-info").mkdir()
        assert program_state() != before


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOME": "/home/ann"}, "/home/ann/.cache/surety"),
        ({"HOME": "/home/ann", "XDG_CACHE_HOME": "/var/cache"}, "/var/cache/surety"),
        ({"HOME": "/home/ann", "XDG_CACHE_HOME": "relative"}, "/home/ann/.cache/surety"),
        ({"HOME": "/home/ann", "XDG_CACHE_HOME": ""}, "/home/ann/.cache/surety"),
        ({"HOME": "/home/ann", "SURETY_CACHE_DIR": "/tmp/mine"}, "/tmp/mine"),
        ({"SURETY_CACHE_DIR": "", "HOME": ""}, None),
        ({}, None),
    ],
)
def test_where_answers_are_kept(environment: dict[str, str], expected: str | None) -> None:
    assert cache_folder(environment) == (Path(expected) if expected else None)
