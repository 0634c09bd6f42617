"""A few rules, and a repository in which they find nothing: for tests of what is done with findings."""

from __future__ import annotations

from typing import Final

import pytest

from tests.runner.contract.repository import MINIMAL
from tests.validators.check.rules.cases import base
from validators.check.registry import all_rules
from validators.check.rules import calendar_near_its_end, messages, template_without_scenario, unused_block, waivers

RULES: Final = (messages, template_without_scenario, unused_block, calendar_near_its_end, waivers)
FILES: Final[dict[str, bytes | None]] = {
    **MINIMAL,
    **{path: data for path, data in base().items() if path.endswith("_test.yaml")},
}


def ask_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, these rules alone are there to be asked; the pages of the others stay."""
    all_rules()
    for module in ("registry", "selection"):
        monkeypatch.setattr(f"validators.check.{module}.MODULES", RULES)
