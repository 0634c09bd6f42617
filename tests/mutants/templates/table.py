"""What was found of the mutants of the shipped templates: the file that is checked in, and the page made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["FILE", "Line", "chosen", "read_table", "write_table"]

FILE = Path(__file__).parent / "found.json"
_OF_EACH = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A mutant and who found it: `by` is check, test or verify, or empty for one that is left.

    `what` is the rule, the scenario or the property; `beside` says that it was found for what it leaves without a use,
    not for what it breaks; `warns` is a rule by which check warns of it and does not fail; `same` says that no
    contract, no routing and no roster is another one; `explored` that its other parts were explored as well.
    """

    name: str
    kind: str
    by: str = ""
    what: str = ""
    words: str = ""
    beside: bool = False
    warns: str = ""
    same: bool = False
    explored: bool = False


def write_table(lines: Iterable[Line]) -> None:
    """One line for each mutant; what is not so is left out."""
    rows = [
        json.dumps({key: value for key, value in asdict(each).items() if value}, ensure_ascii=False) for each in lines
    ]
    text = "[\n" + ",\n".join(rows) + "\n]\n"
    before = FILE.with_suffix(".new")
    before.write_text(text, encoding="utf-8")
    before.replace(FILE)


def read_table() -> dict[str, Line]:
    """What is checked in, by name."""
    if not FILE.exists():
        return {}
    return {each["name"]: Line(**each) for each in json.loads(FILE.read_text(encoding="utf-8"))}


def chosen(lines: Iterable[Line]) -> list[Line]:
    """Of each kind some that check finds and some that a scenario finds, each of another file, rule or scenario."""
    picked: dict[tuple[str, str], list[Line]] = {}
    for each in lines:
        mine = picked.setdefault((each.kind, each.by), [])
        known = {other.what for other in mine} | {other.name.partition(":")[0] for other in mine}
        new = each.what not in known and each.name.partition(":")[0] not in known
        if each.by in {"check", "test"} and not each.beside and new and len(mine) < _OF_EACH:
            mine.append(each)
    return [each for found in picked.values() for each in found]
