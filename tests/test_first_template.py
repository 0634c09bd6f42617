"""The tutorial does what it says: its pieces, put into a copy of the shipped repository, are clean and pass."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from validators import cli

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = (ROOT / "docs/first-template.md").read_text(encoding="utf-8")
PIECES: Final = re.findall(r"```yaml\n# ([^\n,]+)(?:, [^\n]*)?\n(.*?)```", PAGE, re.DOTALL)
TICKET: Final = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)


def piece(file: str, start: str) -> str:
    """The piece of the page for a file that begins so."""
    (found,) = [text for path, text in PIECES if path == file and text.startswith(start)]
    return str(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped repository after the steps of the page."""
    made = tmp_path_factory.mktemp("first")
    for name in ("policies", "templates"):
        shutil.copytree(ROOT / name, made / name)
    fields = made / "policies/fields.yaml"
    text = fields.read_text(encoding="utf-8")
    old = text[text.index("  type:\n") : text.index("  priority:\n")]
    fields.write_text(text.replace(old, piece("policies/fields.yaml", "  type:")), encoding="utf-8")
    routing = made / "policies/routing.yaml"
    text = routing.read_text(encoding="utf-8")
    text = text.replace("  any:\n", "  any:\n" + piece("policies/routing.yaml", "    - "))
    text = re.sub(r"order:\n(  - .*\n)+", piece("policies/routing.yaml", "order"), text)
    routing.write_text(text, encoding="utf-8")
    (made / "templates/high-refund").mkdir()
    for name in ("template.yaml", "nobody-answers_test.yaml"):
        path = f"templates/high-refund/{name}"
        (made / path).write_text(piece(path, "schema"), encoding="utf-8")
    return made


def surety(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli.surety, [*words, "--repo", str(folder)])


def test_it_is_clean(folder: Path) -> None:
    result = surety(folder, "check", "--fail-on", "warning", "--today", "2026-11-21")
    assert (result.exit_code, result.output.splitlines()[-1].partition(": ")[2]) == (0, "clean, 1 remark"), (
        result.output
    )


def test_its_scenario_passes(folder: Path) -> None:
    result = surety(folder, "test", "--run", "high-refund/*")
    assert (result.exit_code, result.output) == (0, "1 scenario: passed\n"), result.output


def test_it_is_in_canonical_form(folder: Path) -> None:
    result = surety(folder, "fmt", "--check")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(("amount", "words"), [(9000, "high-refund: "), (4000, "no template: it is out of scope")])
def test_a_ticket_is_explained(folder: Path, tmp_path: Path, amount: int, words: str) -> None:
    assert TICKET is not None
    ticket = tmp_path / "ticket.json"
    ticket.write_text(json.dumps({**json.loads(TICKET[1]), "refund_amount": amount}), encoding="utf-8")
    result = surety(folder, "explain", str(ticket), "--at", "2026-03-03T08:00:00Z")
    assert (result.exit_code, words in result.output) == (0, True), result.output
