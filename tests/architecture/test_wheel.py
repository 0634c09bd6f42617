"""The wheel: what it carries, and that its programs run from an empty folder, away from the repository."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner import VERSION
from tests.architecture.project import PACKAGES, ROOT, run

pytestmark = pytest.mark.slow

DATA = ("policies", "templates")


@dataclass(frozen=True)
class Installed:
    """The programs of an installed wheel, in an environment that knows nothing of the repository."""

    python: Path
    surety: Path
    surety_runner: Path

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program in a folder; both outputs in `stdout`."""
        return run(*command, cwd=cwd)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline from the working tree."""
    folder = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    assert done.returncode == 0, done.stdout
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel installed offline; its dependencies are read from the environment that runs the tests."""
    venv = tmp_path_factory.mktemp("venv")
    assert run(sys.executable, "-m", "venv", "--without-pip", venv).returncode == 0
    python = venv / "bin" / "python"
    install = ("install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", wheel)
    done = run(sys.executable, "-m", "pip", "--python", python, *install)
    assert done.returncode == 0, done.stdout
    # A folder named in a .pth file is not searched for further .pth files, so the editable project stays out of sight.
    asked = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=venv)
    (Path(asked.stdout.strip()) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return Installed(python, venv / "bin" / "surety", venv / "bin" / "surety-runner")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An empty folder to stand in."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_the_wheel_carries_policies_and_templates(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for folder in DATA:
            files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
            assert files, f"{folder}/ is empty"
            for path in files:
                packed = f"runner/_data/{path.relative_to(ROOT)}"
                assert packed in names
                assert archive.read(packed) == path.read_bytes()


def test_the_wheel_carries_both_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {*PACKAGES, f"surety_escalations-{VERSION}.dist-info"}
    assert {"runner/py.typed", "validators/py.typed"} <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".sqlite"))]


def test_the_installed_packages_come_from_the_wheel(installed: Installed, empty: Path) -> None:
    done = installed.run(installed.python, "-c", "import runner, validators; print(runner.__file__)", cwd=empty)
    assert done.returncode == 0, done.stdout
    assert Path(done.stdout.strip()).is_relative_to(installed.python.parents[1])


@pytest.mark.parametrize("program", ["surety", "surety_runner"])
def test_the_installed_programs_say_their_version(installed: Installed, empty: Path, program: str) -> None:
    done = installed.run(getattr(installed, program), "--version", cwd=empty)
    assert (done.returncode, done.stdout) == (0, f"{program.replace('_', '-')} {VERSION}\n")
    assert not list(empty.iterdir())


def test_the_demo_runs_from_the_wheel_in_an_empty_folder(installed: Installed, empty: Path) -> None:
    done = installed.run(installed.surety_runner, "demo", cwd=empty)
    assert done.returncode == 0, done.stdout
    assert "decided again, byte for byte identical" in done.stdout
    assert "[templates/enterprise-billing/template.yaml:" in done.stdout
    assert not list(empty.iterdir())
