"""What kills which mutant of the engine: the file that is checked in, and why each survivor survives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.kinds import Mutant
from tests.mutants.sources import code_of_place

__all__ = [
    "EXPLAINED",
    "FILE",
    "KIND_ORDER",
    "NOT_TRIED",
    "Kill",
    "read_kills",
    "reasons",
    "surroundings",
    "write_kills",
]

FILE = Path(__file__).parent / "engine_kills.json"
EXPLAINED = Path(__file__).parent / "engine_survivors.json"
STATES = 80
"""That are explored of each part: what an exploration finds of a mutant it finds near the opening, nearly always."""
KIND_ORDER = ("deadline", "row", "stop", "scope", "event", "guard", "limit", "message", "apply", "effect")
NOT_TRIED = {
    "record": "what is recorded is compared with what was decided by every walk",
    "key": "neither a scenario nor a proof reads the rows that are kept",
}
"""Kinds that are tried by walks alone, and why."""


@dataclass(frozen=True)
class Kill:
    """A mutant of the engine, by its steady name, and what finds it.

    `at` is a digest of what it breaks. `test` is the scenario that fails, `verify` the property that is broken, `own`
    the engine's own test that fails; None if none does. What was not tried is not in `tried`.
    """

    id: str
    text: str
    at: str
    tried: tuple[str, ...] = ()
    test: str | None = None
    said: str = ""
    verify: str | None = None
    seen: str = ""
    own: str | None = None

    @property
    def kind(self) -> str:
        return self.id.partition(":")[0]

    @property
    def survives(self) -> bool:
        """Whether neither a scenario nor an exploration finds it."""
        return self.test is None and self.verify is None


def surroundings(mutant: Mutant) -> str:
    """A digest of the function that a mutant breaks; of its text, if it breaks a table."""
    text = code_of_place(mutant.module, mutant.place) if mutant.place else mutant.text
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_kills(file: Path = FILE) -> dict[str, Kill]:
    """What is checked in, by name."""
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return {each["id"]: Kill(**{**each, "tried": tuple(each.get("tried", ()))}) for each in rows}


def write_kills(kills: Iterable[Kill], file: Path = FILE) -> None:
    """One line for each mutant; what is empty is left out."""
    rows = [json.dumps({k: v for k, v in vars(each).items() if v}, ensure_ascii=False) for each in kills]
    file.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


def reasons() -> Mapping[str, str]:
    """Why each survivor survives, by name."""
    found: dict[str, str] = json.loads(EXPLAINED.read_text(encoding="utf-8"))
    return found
