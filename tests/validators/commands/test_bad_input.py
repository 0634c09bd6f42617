"""`surety check` on files that nobody should have written: an answer in words, soon, and never a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.runner.contract.repository import MINIMAL
from tests.validators.commands.program import commit

PROGRAM: Final = Path(sys.executable).parent / "surety"
SOON: Final = 120  # seconds after which a busy machine is no excuse; each of these takes one or two on a quiet one
HEAD: Final = "schema: surety/v1\nkind: Template\nname: x\n"
ONLY_GATES: Final = ("--select", "SUR0")  # and what a runner would refuse, which is always asked
ALIASES: Final = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))

FILES: Final[dict[str, bytes]] = {
    "dashes": b"- " * 30_000,
    "brackets": b"[" * 60_000,
    "braces": b"{a: " * 15_000,
    "keys-in-keys": b"? " * 30_000,
    "flow-and-block": b"- [" * 20_000,
    "tags-and-brackets": b"!!seq [" * 8_000,
    "indentation": "\n".join(" " * n + "a:" for n in range(340)).encode(),
    "aliases": ALIASES.encode(),
    "nul": f"{HEAD}summary: a\0b\n".encode(),
    "utf16": HEAD.encode("utf-16"),
    "utf16-without-mark": HEAD.encode("utf-16-be"),
    "latin1": f"{HEAD}summary: café\n".encode("latin-1"),
    "surrogate": HEAD.encode() + b"summary: \xed\xa0\x80\n",
    "escaped-surrogate": f'{HEAD}summary: "\\ud800"\n'.encode(),
    "tab": b"schema: surety/v1\nkind: Template\nowners:\n\tprimary: x\n",
    "merge-key": f"{HEAD}a: &a {{b: 1}}\nc: {{<<: *a}}\n".encode(),
    "terminal": f"{HEAD}summary: \x1b[31mred\n".encode(),
    "terminal-by-escape": f'{HEAD}"\\e]0;title\\a": 1\n'.encode(),
    "duplicates": HEAD.encode() + b"k: 1\n" * 20_000,
    "unknown-keys": (HEAD + "".join(f"summar{n}: 1\n" for n in range(20_000))).encode(),
    "a-long-key": HEAD.encode() + b"k" * 900_000 + b": 1\n",
    "a-long-tag": b"a: " + b"!" * 900_000,
    "a-long-number": HEAD.encode() + b"n: " + b"9" * 900_000 + b"\n",
    "an-open-quote": b"a: '" + b"\n" * 500_000,
    "documents": b"---\n" * 200_000,
    "lines": b"\n" * 1_000_000,
    "sexagesimal": MINIMAL["templates/billing/template.yaml"].replace(b"within: 1h\n", b"within: 1:30\n"),
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return written(tmp_path / "repo")


def written(repo: Path) -> Path:
    for path, data in MINIMAL.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_bytes(data)
    return repo


def check(repo: Path, *more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [PROGRAM, "check", "--repo", repo, *more], capture_output=True, text=True, timeout=SOON, check=False
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert "internal error" not in said
    assert re.search(r"[^\n\x20-\x7e\x80-\U0010ffff]", said) is None, "nothing of a file moves the cursor"
    return done


def test_every_bad_file_has_findings_and_hides_no_other(repo: Path) -> None:
    for name, data in FILES.items():
        (repo / "templates" / name).mkdir()
        (repo / "templates" / name / "template.yaml").write_bytes(data)
    done = check(repo, "--format", "json", *ONLY_GATES)
    assert done.returncode == 1
    found = Counter(each["location"]["file"] for each in json.loads(done.stdout)["findings"])
    assert set(found) == {f"templates/{name}/template.yaml" for name in FILES}
    assert max(found.values()) == 100
    assert check(repo, *ONLY_GATES).returncode == 1


WORDS_OF_YAML_1_1: Final = {
    "crlf": MINIMAL["templates/billing/template.yaml"].replace(b"\n", b"\r\n"),
    "mark of byte order": b"\xef\xbb\xbf" + MINIMAL["templates/billing/template.yaml"],
    "a mark before the document": b"---\n" + MINIMAL["templates/billing/template.yaml"],
    "cr": MINIMAL["templates/billing/template.yaml"].replace(b"\n", b"\r"),
}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """What is found when nothing is unusual."""
    return _without_places(check(written(tmp_path_factory.mktemp("usual")), "--format", "json"))


@pytest.mark.parametrize("way", WORDS_OF_YAML_1_1)
def test_what_is_merely_unusual_is_read(repo: Path, usual: list[tuple[str, str]], way: str) -> None:
    (repo / "templates/billing/template.yaml").write_bytes(WORDS_OF_YAML_1_1[way])
    assert _without_places(check(repo, "--format", "json")) == usual


def _without_places(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str]]:
    return sorted((each["code"], each["message"]) for each in json.loads(done.stdout)["findings"])


def _empty(repo: Path) -> None:
    shutil.rmtree(repo / "policies")
    shutil.rmtree(repo / "templates")


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as stream:
        stream.truncate(size)


ODD: Final[dict[str, tuple[Callable[[Path], object], str]]] = {
    "100 MB": (lambda repo: sparse(repo / "policies/big.yaml", 100 * 2**20), "policies/big.yaml is larger than"),
    "10 TB": (lambda repo: sparse(repo / "policies/big.yaml", 10 * 2**40), "policies/big.yaml is larger than"),
    "a link": (lambda repo: (repo / "policies/a.yaml").symlink_to("/etc/passwd"), "policies/a.yaml is a symbolic link"),
    "a loop": (lambda repo: (repo / "policies/loop").symlink_to("."), "policies/loop is a symbolic link"),
    "a device": (lambda repo: (repo / "policies/a.yaml").symlink_to("/dev/zero"), "policies/a.yaml is a symbolic link"),
    "a pipe": (lambda repo: os.mkfifo(repo / "policies/pipe.yaml"), "policies/pipe.yaml is no regular file"),
    "a break": (lambda repo: (repo / "policies/a\nb.yaml").touch(), r"the name `policies/a\nb.yaml` is not allowed"),
    "an escape": (lambda repo: (repo / "policies/\x1b[2J.yaml").touch(), r"`policies/\x1b[2J.yaml` is not allowed"),
    "no UTF-8": (
        lambda repo: (repo / os.fsdecode(b"policies/\xff.yaml")).touch(),
        r"`policies/\udcff.yaml` is not allowed",
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_file_is_a_finding_and_hides_no_other(repo: Path, what: str) -> None:
    make, reason = ODD[what]
    (repo / "policies/channels.yaml").write_text("a: [")
    make(repo)
    code = "SUR003" if what.endswith("B") else "SUR114"
    done = check(repo, "--format", "json", *ONLY_GATES)
    found = {each["code"]: each for each in json.loads(done.stdout)["findings"]}
    assert (done.returncode, done.stderr, sorted(found)) == (1, "", sorted(["SUR001", code]))
    assert reason in found[code]["message"]
    file = found[code]["location"]["file"]
    assert file in reason.replace("`", "").split(" ")


@pytest.mark.parametrize("form", ["text", "sarif", "github", "markdown"])
def test_every_form_of_the_output_can_name_an_odd_file(repo: Path, form: str) -> None:
    (repo / os.fsdecode(b"policies/\xff.yaml")).touch()
    (repo / "policies/\x1b[2J.yaml").touch()
    done = check(repo, "--format", form, *ONLY_GATES)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("is not allowed") >= 2


def test_an_odd_file_outside_the_wanted_ones_is_counted(repo: Path) -> None:
    (repo / "policies/a.yaml").symlink_to("/etc/passwd")
    done = check(repo, "--format", "json", *ONLY_GATES, str(repo / "templates"))
    assert (done.returncode, json.loads(done.stdout)["summary"]["errors_in_other_files"]) == (1, 1)
    done = check(repo, "--format", "json", "--schema-only")
    assert (done.returncode, [each["code"] for each in json.loads(done.stdout)["findings"]]) == (1, ["SUR114"])


@pytest.mark.parametrize("what", ["100 MB", "a link", "a break", "a linked folder"])
def test_an_odd_file_of_a_commit_is_a_finding_too(repo: Path, what: str) -> None:
    code = "SUR114"
    if what == "a linked folder":
        (repo / "templates/linked").symlink_to("billing")
    elif what == "100 MB":
        code = "SUR003"
        sparse(repo / "policies/big.yaml", 2 * 2**20)
    else:
        ODD[what][0](repo)
    (repo / "policies/channels.yaml").write_text("a: [")
    commit(repo, "Odd")
    done = check(repo, "--format", "json", *ONLY_GATES, "--rev", "main")
    assert done.returncode == 1
    assert sorted(each["code"] for each in json.loads(done.stdout)["findings"]) == sorted(["SUR001", code])


def test_a_file_without_permission_is_a_finding(repo: Path) -> None:
    (repo / "policies/people.yaml").chmod(0)
    # Root may read everything, unless that right is taken from it.
    as_anybody = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.getuid() == 0 else []
    command = [*as_anybody, str(PROGRAM), "check", "--format", "json", *ONLY_GATES, "--repo", str(repo)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SOON, check=False)
    assert [each["code"] for each in json.loads(done.stdout)["findings"]] == ["SUR114"]


def test_a_repository_without_any_file_is_wrong_usage(repo: Path) -> None:
    _empty(repo)
    done = check(repo)
    assert done.returncode == 2
    assert "has no file" in done.stderr


def test_a_folder_may_be_called_like_a_file(repo: Path) -> None:
    before = check(repo).returncode
    (repo / "policies/x.yaml").mkdir()
    assert check(repo).returncode == before


def test_thousands_of_broken_files_are_answered(repo: Path) -> None:
    for number in range(2_000):
        (repo / f"policies/{number}.yaml").write_text("a: [")
    found = json.loads(check(repo, "--format", "json").stdout)["findings"]
    assert sum(each["code"] == "SUR001" for each in found) == 2_000


@pytest.mark.parametrize("command", [["check", "--no-cache"], ["rule"]], ids=" ".join)
def test_a_full_disk_is_no_fault_of_the_program(repo: Path, command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [PROGRAM, *command], cwd=repo, stdout=full, stderr=subprocess.PIPE, text=True, timeout=SOON, check=False
        )
    said = "surety: the output cannot be written: No space left on device\n  Make room, or write it elsewhere.\n"
    assert (done.returncode, done.stderr) == (3, said)


def test_nobody_need_listen(repo: Path) -> None:
    wanted = check(repo, "--no-cache").returncode
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", str(PROGRAM), "check", "--no-cache", "--repo", str(repo)]
    done = subprocess.run(closed, capture_output=True, text=True, timeout=SOON, check=False)
    assert (done.returncode, done.stderr) == (wanted, "")
