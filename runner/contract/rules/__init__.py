"""The pages of the gate rules: what makes a revision unusable. Their checks are by-products of reading, and not here.

No runner reads these pages: it refuses on any finding that is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from runner.contract.rule import Rule
from runner.contract.rules.files import FILES
from runner.contract.rules.limits import LIMITS
from runner.contract.rules.references import REFERENCES
from runner.contract.rules.rosters import ROSTERS
from runner.contract.rules.shape import SHAPE
from runner.contract.rules.syntax import SYNTAX

__all__ = ["GATE_RULES"]

GATE_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.code: rule
        for rule in sorted((*SYNTAX, *SHAPE, *FILES, *REFERENCES, *LIMITS, *ROSTERS), key=lambda rule: rule.code)
    }
)
"""By code, in order of the codes."""
