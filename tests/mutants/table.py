"""The table of mutants and guarantees: what is checked in, and the page that is made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutants.kinds import Mutant
from tests.mutants.trial import Found

FILE = Path(__file__).parent / "found.json"


def write_table(mutants: Sequence[Mutant], results: Mapping[str, Found]) -> None:
    """One line for each mutant: the guarantees that it breaks, each with the first walk that shows it."""
    lines = [
        json.dumps({"id": each.id, "text": each.text, "red": results[each.id].red, "taken": results[each.id].taken})
        for each in mutants
    ]
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def read_table() -> list[dict[str, object]]:
    """The checked-in lines."""
    return list(json.loads(FILE.read_text(encoding="utf-8")))
