"""The page about the API: every request stands in it, and what it shows is taken as it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from runner.engine import commands as cmd
from runner.service.ids import Ids
from runner.service.requests import BODIES, Texts
from runner.service.roster_desk import AbsenceBody, EndBody, SwapBody
from tests.runner.service.company import BILLING
from tests.runner.service.serving import Running

PAGE = (Path(__file__).parents[3] / "docs/api.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `POST (?:…|/api/escalations/ID)/([a-z-]+)` \| (.*) \|$", PAGE, re.MULTILINE))
EXAMPLES = [
    (name, json.loads(text)) for name, row in ROWS.items() for text in re.findall(r"`(\{.*?\})`(?=[^`\w]|$)", row)
]


def test_every_act_stands_on_the_page() -> None:
    assert ROWS.keys() == BODIES.keys()
    assert {name for name, _ in EXAMPLES} == BODIES.keys(), "each with an example"


@pytest.mark.parametrize(("name", "body"), EXAMPLES, ids=str)
def test_every_example_is_taken(name: str, body: dict[str, Any]) -> None:
    asked = BODIES[name].model_validate(body)
    assert asked.args(Texts(Ids(1)), cmd.TicketFacts).type
    known = {field.alias or key for key, field in type(asked).model_fields.items()}
    shown = set().union(*(example.keys() for other, example in EXAMPLES if other == name))
    assert shown == known, "every key stands in an example"


@pytest.mark.parametrize("kind", [AbsenceBody, SwapBody, EndBody])
def test_every_key_of_the_roster_stands_on_the_page(kind: type[Any]) -> None:
    for key, field in kind.model_fields.items():
        assert f'"{field.alias or key}"' in PAGE or key == "number"


def test_all_that_an_escalation_shows_stands_on_the_page(tmp_path: Path) -> None:
    with Running(tmp_path) as running:
        shown = running.get(f"/api/escalations/{running.opened('shown', BILLING)}")
    plain = {"id", "ticket", "template", "summary", "opened_at"}
    missing = [key for key in shown.keys() - plain if f"`{key}`" not in PAGE]
    assert missing == []
