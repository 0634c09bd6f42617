"""Each rule of the tool on a bad and a good repository: the base with the files of `bad/` or `good/` laid over it.

The base is the minimal repository of the gate rules with the files in `base/` laid over it: what a gate rule lets pass
and a rule of the tool does not is put right there. A folder `CODE-NAME` holds `bad/`, `good/` and `expected.txt`, which
says how the findings on `bad/` read; further folders `CODE-SOMETHING` show more of the same rule. A file `case.json`
may give `today`, under `also` other codes that `bad/` cannot avoid, and under `both` those that neither side can, such
as what the engine does not carry out yet.
`python -m tests.validators.check.rules` writes every `expected.txt`; read the difference as a gatekeeper would.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, render_text
from runner.contract.load import load_revision
from tests.runner.contract.repository import MINIMAL, MemoryFiles
from validators.check import check_revision
from validators.check.rules.scenarios import TEST_RULES
from validators.output.findings import line_reader
from validators.simulate import run_scenario

FOLDER: Final = Path(__file__).parent
TODAY: Final = date(2026, 3, 3)
_BY_RUNNING: Final = {rule.code for rule in TEST_RULES}


@dataclass(frozen=True, slots=True)
class Case:
    """One folder."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def code(self) -> str:
        return self.id.partition("-")[0]

    @property
    def golden(self) -> Path:
        return self.folder / "expected.txt"

    @property
    def also(self) -> set[str]:
        """Other codes that the bad repository cannot avoid."""
        return {*self._settings().get("also", ()), *self.both}

    @property
    def both(self) -> set[str]:
        """Other codes that neither repository can avoid."""
        return set(self._settings().get("both", ()))

    @property
    def today(self) -> date:
        return date.fromisoformat(self._settings().get("today", TODAY.isoformat()))

    def files(self, side: str) -> MemoryFiles:
        """The repository of a side, `bad` or `good`."""
        return MemoryFiles({**base(), **_read(self.folder / side)})

    def own(self, side: str) -> list[str]:
        """The texts that a side lays over the base."""
        return [(data or b"").decode() for data in _read(self.folder / side).values()]

    def found(self, side: str) -> list[Diagnostic]:
        """What is found there and not in the base already, nor in the minimal repository below it."""
        known = _known(self.today)
        every = found_in(self.files(side), self.today, run=self.code in _BY_RUNNING)
        return [each for each in every if (each.code, each.message) not in known]

    def text(self) -> str:
        """How it reads."""
        return render_text(self.found("bad"), line_reader(self.files("bad")))

    def _settings(self) -> dict[str, Any]:
        path = self.folder / "case.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


@cache
def base() -> dict[str, bytes | None]:
    return {**MINIMAL, **_read(FOLDER / "base")}


@cache
def _known(today: date) -> frozenset[tuple[str, str]]:
    scenarios = {path: data for path, data in base().items() if path.endswith("_test.yaml")}
    sides = (MemoryFiles(base()), MemoryFiles({**MINIMAL, **scenarios}))
    return frozenset((each.code, each.message) for files in sides for each in found_in(files, today))


def found_in(files: MemoryFiles, today: date, *, run: bool = False) -> list[Diagnostic]:
    """Everything that the tool says; with `run` also what the scenarios show."""
    loaded = load_revision(files)
    found = list(check_revision(loaded, today))
    if run and loaded.revision is not None:
        for _, scenario, document in loaded.revision.scenarios:
            found += [each.diagnostic for each in run_scenario(loaded.revision, scenario, document).failures]
    return sorted(set(found))


def cases() -> list[Case]:
    return [Case(folder) for folder in sorted(FOLDER.iterdir()) if re.match(r"SUR\d{3}-", folder.name)]


def _read(folder: Path) -> dict[str, bytes | None]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
