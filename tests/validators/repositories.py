"""Governance repositories for tests of the tool: the tests' company, copies of it to be edited, scenarios from text."""

from __future__ import annotations

import shutil
import textwrap
from functools import cache
from pathlib import Path
from typing import Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Document, validate
from runner.contract.load import Loaded, Revision, load_revision
from runner.contract.nodes import MappingNode, to_plain
from runner.contract.scenario import Scenario
from runner.contract.source import load
from runner.revision import FolderTree
from tests.company import COMPANY
from validators.simulate import ScenarioResult, run_scenario

ROOT: Final = Path(__file__).resolve().parents[2]
GOLDEN: Final = Path(__file__).parent / "golden"
PATH: Final = "templates/enterprise-billing/tried_test.yaml"

INVOICE: Final = """\
invoice:
  at: "09:00"
  fields: {type: billing, account.tier: enterprise, priority: high, status: new}
"""


@cache
def shipped() -> Loaded:
    """The shipped repository, for what is tested of that itself."""
    return load_revision(FolderTree(ROOT))


@cache
def company() -> Loaded:
    """The tests' company; nothing in it changes."""
    return load_revision(FolderTree(COMPANY))


def revision() -> Revision:
    found = company().revision
    assert found is not None, [each.message for each in company().findings]
    return found


def copied(folder: Path, *, scenarios: bool = False, only: tuple[str, ...] = ("**/*.yaml",)) -> Path:
    """The tests' company in a folder of its own: files that fit one of `only`, without scenarios unless wanted."""
    for name in ("policies", "templates"):
        for pattern in only:
            for file in (COMPANY / name).glob(pattern):
                if scenarios or not file.name.endswith("_test.yaml"):
                    target = folder / file.relative_to(COMPANY)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file, target)
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace a text that stands there exactly once."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} holds {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def scenario_text(body: str, tickets: str = INVOICE, start: str = "2026-03-03", zone: str = "Europe/Berlin") -> str:
    """A scenario file: `body` holds absences, acts and expectations."""
    head = f'schema: surety/v1\nkind: Scenario\nname: tried\nsummary: Tried.\nstart: "{start}"\nzone: {zone}\n'
    below = textwrap.indent(textwrap.dedent(tickets), "  ")
    return f"{head}tickets:\n{below}{textwrap.dedent(body).strip()}\n"


def document_of(text: str, path: str = PATH) -> tuple[Scenario, Document]:
    loaded = load(text.encode(), path)
    assert not loaded.diagnostics, loaded.diagnostics
    assert isinstance(loaded.root, MappingNode)
    root, plain = loaded.root, to_plain(loaded.root)
    model, findings = validate(Scenario, plain, lambda: root)
    assert model is not None, findings
    assert isinstance(plain, dict)
    return model, Document(path, "Scenario", lambda: root, plain, model)


def tried(body: str, tickets: str = INVOICE, *, of: Revision | None = None, **more: str) -> ScenarioResult:
    """Run a scenario from its text."""
    return run_scenario(of or revision(), *document_of(scenario_text(body, tickets, **more)))


def complaints(result: ScenarioResult) -> list[str]:
    """`code message` of every failure."""
    return [f"{each.diagnostic.code} {each.diagnostic.message}" for each in result.failures]


def pointed_at(text: str, found: Diagnostic) -> str:
    """The piece of a text that a finding points at."""
    at = found.location
    assert at is not None
    assert at.end_column is not None
    assert at.end_line == at.line
    return text.splitlines()[at.line - 1][at.column - 1 : at.end_column - 1]
