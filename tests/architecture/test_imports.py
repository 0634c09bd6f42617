"""Who may import whom: the contracts hold, and a planted violation of each is caught."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.architecture.project import BIN, PACKAGES, ROOT, dotted, imports, modules, run


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The two packages and their configuration in a folder of their own, to be spoilt."""
    ignore = shutil.ignore_patterns("__pycache__", "_data")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(root: Path, module: str, code: str) -> None:
    """Append code to a module, which is made if need be, with the packages above it."""
    path = root / module
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{code}\n")


def lint_imports(root: Path) -> tuple[int, str]:
    # Run as a program of the copy: the current folder stands first on the path, before the project under test.
    code = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = run(sys.executable, "-c", code, "--no-cache", "--no-logo", cwd=root, COLUMNS="200")
    return done.returncode, done.stdout


def test_the_contracts_hold() -> None:
    code, output = lint_imports(ROOT)
    assert code == 0, output
    assert " 0 broken" in output


def test_an_unspoilt_copy_passes(copy: Path) -> None:
    code, output = lint_imports(copy)
    assert code == 0, output


@pytest.mark.parametrize(
    ("module", "code", "contract"),
    [
        pytest.param("validators/check/__init__.py", "import runner.service", "The tool stands on", id="tool-service"),
        pytest.param("validators/cli.py", "import runner.store", "The tool stands on", id="tool-store"),
        pytest.param("validators/cli.py", "def late():\n    import starlette", "The tool stands on", id="tool-web"),
        pytest.param("validators/simulate/__init__.py", "import runner.clock", "may read a clock", id="tool-clock"),
        pytest.param("validators/check/__init__.py", "import validators.cli", "knows the command", id="tool-layers"),
        pytest.param("runner/service/__init__.py", "import validators", "knows nothing of the tool", id="runner-tool"),
        pytest.param("runner/engine/__init__.py", "import runner.store", "point one way", id="engine-store"),
        pytest.param("runner/contract/__init__.py", "import runner.engine", "point one way", id="contract-engine"),
        pytest.param("runner/store/__init__.py", "import runner.helpdesk", "point one way", id="siblings"),
        pytest.param("runner/attic.py", '"""No place."""', "point one way", id="a-module-without-a-place"),
        pytest.param("runner/engine/__init__.py", "import runner.clock", "told the time", id="engine-clock"),
        pytest.param("runner/engine/__init__.py", "import runner.zones", "handed its time zones", id="engine-zones"),
        pytest.param("runner/engine/__init__.py", "import random", "no randomness", id="engine-random"),
        pytest.param("runner/engine/__init__.py", "import logging", "no randomness", id="engine-logging"),
        pytest.param("runner/engine/__init__.py", "import liquid", "and pydantic", id="engine-library"),
        pytest.param("runner/contract/__init__.py", "import ruamel.yaml", "parsed behind one module", id="yaml"),
        pytest.param("runner/service/__init__.py", "import git", "Tree port", id="git"),
    ],
)
def test_a_planted_violation_is_caught(copy: Path, module: str, code: str, contract: str) -> None:
    plant(copy, module, code)
    status, output = lint_imports(copy)
    assert status == 1, output
    broken = [line for line in output.splitlines() if " BROKEN" in line]
    assert any(contract in line for line in broken), output


CLOCK_READS = (
    "import time\n\nSTART = time.time()",
    "import time\n\nSTART = time.monotonic()",
    "from time import perf_counter\n\nSTART = perf_counter()",
    "import datetime\n\nSTART = datetime.datetime.now(datetime.UTC)",
    "from datetime import UTC, datetime\n\nSTART = datetime.now(tz=UTC)",
    "from datetime import datetime\n\nSTART = datetime.utcnow()",
    "from datetime import date\n\nSTART = date.today()",
    "import uuid\n\nSTART = uuid.uuid1()",
)


def test_reading_the_clock_is_caught(copy: Path) -> None:
    planted = {
        f"{folder}/planted_{number}.py": read
        for folder in ("runner/engine", "runner/service", "validators")
        for number, read in enumerate(CLOCK_READS)
    }
    for module, read in planted.items():
        plant(copy, module, read)
    done = run(BIN / "ruff", "check", "--no-cache", "--select", "TID251", "--output-format", "concise", ".", cwd=copy)
    assert done.returncode == 1, done.stdout
    caught = {line.partition(":")[0] for line in done.stdout.splitlines() if " TID251 " in line}
    assert caught == set(planted)


def test_the_clock_itself_may_read_the_clock() -> None:
    done = run(BIN / "ruff", "check", "--no-cache", "--select", "TID251", *PACKAGES)
    assert done.returncode == 0, done.stdout


def test_the_engine_uses_the_standard_library_pydantic_and_the_language_only() -> None:
    allowed = sys.stdlib_module_names | {"pydantic", "pydantic_core"}
    for path in modules("runner/engine"):
        for line, name in imports(path):
            ours = name == "runner.contract" or name.startswith(("runner.contract.", "runner.engine"))
            assert ours or name.partition(".")[0] in allowed, f"{path.relative_to(ROOT)}:{line} imports {name}"


def test_the_tests_of_pure_parts_know_no_clock() -> None:
    for path in modules("tests/runner/engine", "tests/runner/contract", "tests/validators/simulate"):
        for line, name in imports(path):
            assert name != "time", f"{path.relative_to(ROOT)}:{line} imports {name}"


def loaded_by(code: str) -> set[str]:
    """The top-level packages in `sys.modules` after running code in a fresh interpreter."""
    done = run(sys.executable, "-c", f"import sys\n{code}\nprint('MODULES', *sorted(sys.modules))")
    assert done.returncode == 0, done.stdout
    return set(done.stdout.rpartition("MODULES")[2].split())


def pure_modules() -> list[str]:
    """The engine, the package `runner.contract` itself, and the models of the language."""
    reads_yaml = {
        dotted(path)
        for path in modules("runner/contract")
        if any(name == "runner.contract.source" or name.startswith("ruamel") for _, name in imports(path))
    }
    found = [dotted(path) for path in modules("runner/contract", "runner/engine")]
    assert "runner.contract" not in reads_yaml
    return [name for name in found if name not in reads_yaml]


def test_models_and_engine_load_no_yaml_and_no_library_of_the_service() -> None:
    statements = "\n".join(f"import {name}" for name in pure_modules())
    foreign = {"click", "git", "httpx", "liquid", "ruamel", "ruamel.yaml", "sqlite3", "starlette", "uvicorn"}
    assert not loaded_by(statements) & foreign


def test_the_tool_starts_without_the_service() -> None:
    code = (
        "from validators.cli import main\n"
        "sys.argv = ['surety', '--version']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    )
    loaded = loaded_by(code)
    web = {"fastapi", "flask", "h11", "httpx", "prometheus_client", "starlette", "uvicorn"}
    databases = {"alembic", "psycopg", "sqlalchemy", "sqlite3"}
    late = {"git", "hypothesis", "liquid", "pytest", "rich", "holidays"}
    assert not loaded & (web | databases | late)


def test_importing_does_nothing() -> None:
    """No network, no program, no database, no reading of settings: only definitions."""
    names = [dotted(path) for path in modules(*PACKAGES) if path.name != "__main__.py"]
    code = (
        "import importlib\n"
        "def watch(event, arguments):\n"
        "    if event in {'socket.connect', 'socket.bind', 'subprocess.Popen', 'sqlite3.connect', 'os.system'}:\n"
        "        raise AssertionError(f'{event} {arguments} on import')\n"
        "sys.addaudithook(watch)\n"
        f"for name in {names!r}:\n    importlib.import_module(name)\n"
    )
    assert set(names) <= loaded_by(code)
