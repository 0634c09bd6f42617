"""Edits that break a repository in a way that has one obvious answer; `golden/fixes` holds what each is turned into.

`python -m tests.validators.check.fix_cases` writes the golden files; read every line of the difference as a gatekeeper
would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from runner.contract.documents import Files
from runner.contract.load import load_revision
from tests.runner.contract.repository import Edit, MemoryFiles, edited
from validators.check.fixes import Examined, Fixed, fix
from validators.check.outcome import examine
from validators.format.differences import unified_diff

GOLDEN: Final = Path(__file__).parent / "golden" / "fixes"
BILLING = "templates/billing/template.yaml"
REST = "templates/rest/template.yaml"
ANNOUNCE = "templates/blocks/announce.yaml"
TODAY = date(2026, 3, 3)


@dataclass(frozen=True, slots=True)
class Case:
    """Edits, and a name for the file with the outcome."""

    name: str
    edits: tuple[Edit, ...]

    @property
    def golden(self) -> Path:
        return GOLDEN / f"{self.name}.diff"

    def text(self) -> str:
        """What `--diff` would say."""
        files = edited(*self.edits)
        return difference(files, fixed(files))


def look(files: Files) -> Examined:
    """What is found in a revision on the day of these tests."""
    loaded = load_revision(files)
    return Examined(examine(loaded, TODAY).findings, loaded.revision is not None)


def fixed(files: Files) -> Fixed:
    """Everything fixed."""
    return fix(files, look, lambda _: True)


def difference(files: MemoryFiles, done: Fixed) -> str:
    """All changes, and what was refused."""
    changes = [unified_diff(path, files.read(path), data) for path, data in sorted(done.files.items())]
    return "".join([*changes, *(f"refused: {each.location} {each.message}\n" for each in done.refused)])


def _case(name: str, *edits: tuple[str, str, str]) -> Case:
    return Case(name, tuple(Edit(*each) for each in edits))


WAIVER = '  - {code: SUR502, reason: "Soon.", until: "2027-01-31"}\n'
CASES: Sequence[Case] = (
    _case("unknown-key", (REST, "  checklist: [clear]", "  # what they answer\n  checklst: [clear]   # once")),
    _case("unknown-key-in-brackets", (BILLING, "{role: manager}", "{  rol : manager }")),
    _case("unknown-key-of-a-step", (ANNOUNCE, "room: $room", "rooom: $room")),
    _case("misspelt-choice", (BILLING, "who: previous_owner", 'who: "previus_owner"')),
    _case("misspelt-value-of-a-field", (BILLING, "priority: [normal, high]", "priority: [normal, hihg]")),
    _case("misspelt-reference", (BILLING, "{rotation: first}", "{rotation: frist}")),
    _case("reference-in-other-case", (REST, "{person: ann}", "{person: Ann}")),
    _case("duration-in-words", (REST, "  within: 1d", "  within: 1 hour 30 min")),
    _case("text-for-a-list", (REST, "  evidence: [reply]", "  evidence: reply  # by mail")),
    _case("texts-for-a-list", (BILLING, "on: [ticket.created, ticket.updated]", "on: ticket.created, ticket.updated")),
    _case(
        "dashes-without-blanks",
        (BILLING, "on: [ticket.created, ticket.updated]", "on:\n    -ticket.created\n    -ticket.updated"),
    ),
    _case(
        "name-that-is-none-in-the-folder",
        (REST, "name: rest", "name: rest of 5,000"),
        (REST, "  checklist: [clear]", "  checklst: [clear]"),
    ),
    _case("missing-schema", (REST, "schema: surety/v1\n", "# For all others.\n")),
    _case("misspelt-kind", ("policies/limits.yaml", "kind: Limits", "kind: limits")),
    _case("name-of-the-folder", (REST, "name: rest", "name: remainder  # of all")),
    _case("value-twice", ("policies/fields.yaml", "[open, pending, solved]", "[open, pending, solved, open]")),
    _case(
        "needless-order", ("policies/fields.yaml", "{type: number, summary", "{type: number, ordered: true, summary")
    ),
    _case("template-twice-in-the-routing", ("policies/routing.yaml", "order: [billing]", "order: [billing, billing]")),
    _case("unused-waiver", (REST, "summary: Everything else.\n", f"summary: Everything else.\nwaivers:\n{WAIVER}")),
    _case(
        "all-waivers-unused",
        (REST, "summary: Everything else.\n", f"summary: Everything else.\nwaivers:  # for now\n{WAIVER}{WAIVER}"),
    ),
    _case(
        "two-in-one-file",
        (REST, "schema: surety/v1\n", ""),
        (REST, "  checklist: [clear]", "  checklst: [clear]"),
    ),
)
LEFT_ALONE: Sequence[Case] = (
    _case("another-person", (REST, "{person: ann}", "{person: anm}")),
    _case("another-number", ("policies/routing.yaml", "order: [billing]", "order: [billing2]")),
    _case("only-alike", (BILLING, "ticket.updated]", "ticket.changed]")),
    _case("both-spellings", (REST, "  checklist: [clear]", "  checklist: [clear]\n  checklst: [clear]")),
    _case("prose-for-a-list", (REST, "  evidence: [reply]", "  evidence: the reply of the customer")),
    _case("no-unit", (REST, "  within: 1d", "  within: 1")),
    _case(
        "values-without-choice",
        ("policies/fields.yaml", "{type: number, summary", "{type: number, values: [a], summary"),
    ),
    _case("not-even-yaml", (REST, "name: rest", "name: [rest")),
)

if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        case.golden.write_text(case.text(), encoding="utf-8")
    print(f"{len(CASES)} files written")
