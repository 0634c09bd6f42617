"""The lock file, and whose packages are imported."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import runner
import validators
from tests.architecture.project import PACKAGES, ROOT, run
from validators.origin import NotOursError, check_ours

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = {
    canonicalize_name(match["name"]): match["version"]
    for match in re.finditer(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)", LOCK, re.MULTILINE)
}

# The whole grammar of the lock: what matches none of these has no business in it, above all a host or a path.
LOCK_LINE = re.compile(
    r"""
      [a-z0-9][a-z0-9.-]*==[A-Za-z0-9.+!]+ (\ ;\ [a-zA-Z0-9_.'\ =!<>()]+)? \ \\   # a pin, with the marker it is for
    | \ {4}--hash=sha256:[0-9a-f]{64} (\ \\)?
    | \ {4}\#\ via (\ [A-Za-z0-9.-]+ (\ \(pyproject\.toml\))?)?
    | \ {4}\#\ {3}[A-Za-z0-9.-]+ (\ \(pyproject\.toml\))?
    """,
    re.VERBOSE,
)


def test_both_packages_are_ours() -> None:
    for package in (runner, validators):
        assert package.PROJECT == "surety-escalations"
        assert package.__file__ is not None
        assert Path(package.__file__).resolve().is_relative_to(ROOT)
    check_ours()


def test_no_other_distribution_brings_a_package_of_our_name() -> None:
    owners = metadata.packages_distributions()
    for package in PACKAGES:
        assert set(owners.get(package, [])) <= {PROJECT["name"]}


def test_a_foreign_package_of_our_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(runner, "PROJECT")
    with pytest.raises(NotOursError, match=r"`runner` imported from .* in an environment of their own"):
        check_ours()


def test_the_tool_says_what_to_do_when_the_other_validators_was_installed_over_it(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "validators" / "__init__.py").write_text('__version__ = "0.35.0"\n', encoding="utf-8")
    start = "import sys; sys.argv = ['surety', '--version']; from validators.cli import main; main()"
    done = run(sys.executable, "-c", start, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert f"{tmp_path / 'validators' / '__init__.py'} is not part of surety-escalations" in done.stdout
    assert "pipx install surety-escalations" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_version_is_written_once_in_each_language() -> None:
    assert PROJECT["version"] == runner.VERSION


def test_the_lock_holds_neither_the_other_validators_nor_ourselves() -> None:
    assert "validators" not in PINS
    assert "runner" not in PINS
    assert PROJECT["name"] not in PINS


def test_the_lock_holds_no_host_and_no_path() -> None:
    strange = [line for line in LOCK.splitlines() if not LOCK_LINE.fullmatch(line)]
    assert not strange


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://registry.example/simple",
        "thing @ file:///home/someone/thing.whl \\",
        "thing @ https://registry.example/thing.whl \\",
        "-e .",
        "    # via -r /home/someone/requirements.in",
        "thing>=1.0 \\",
    ],
)
def test_a_host_or_a_path_in_the_lock_would_be_seen(line: str) -> None:
    assert not LOCK_LINE.fullmatch(line)


def test_every_pin_has_a_hash() -> None:
    blocks = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)
    assert len([block for block in blocks if block.strip()]) == len(PINS)
    assert not [block for block in blocks if block.strip() and "--hash=sha256:" not in block]


def test_the_lock_satisfies_what_the_project_asks_for() -> None:
    asked = [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
    assert "tzdata" in {requirement.name for requirement in asked}
    for requirement in asked:
        pin = PINS.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{requirement} is not locked: run make lock"
        assert requirement.specifier.contains(pin, prereleases=True), f"{requirement} is locked at {pin}: run make lock"
