"""Where the project and its modules are, for the tests of its architecture. Imports nothing of the product."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("runner", "validators")
BIN: Final = Path(sys.executable).parent
AMBIENT: Final = ("COV_", "MAKE", "MFLAGS", "PYTEST", "PYTHON")
"""How the variables begin that an outer make or test run would leak into a program under test."""


def modules(*folders: str) -> list[Path]:
    """The Python files below the folders of the project, sorted; generated data and caches aside."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py") if "_data" not in path.parts)


def dotted(path: Path) -> str:
    """`runner/engine/__init__.py` as `runner.engine`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[tuple[int, str]]:
    """Every absolute import in a file, late ones too, as line and dotted name of the module."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_bytes(), filename=str(path))):
        if isinstance(node, ast.Import):
            found.extend((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.append((node.lineno, "." * node.level + (node.module or "")))
    return found


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, without settings of the outer process; both outputs in `stdout`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
