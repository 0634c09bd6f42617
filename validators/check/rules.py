"""The rules that only the tool checks, beside the gate rules of `runner.contract.rules`. No runner looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["TOOL_RULES"]

TOOL_RULES: Mapping[str, str] = MappingProxyType(
    {
        "SUR401": "message-syntax",
        "SUR402": "unknown-message-variable",
        "SUR403": "message-without-default",
        "SUR501": "template-without-scenario",
        "SUR502": "unused-block",
        "SUR503": "calendar-near-its-end",
        "SUR504": "scenario-out-of-place",
        "SUR601": "scenario-names-nothing",
        "SUR602": "scenario-value",
        "SUR603": "expectation-not-met",
        "SUR604": "act-went-otherwise",
        "SUR605": "step-text-fails",
    }
)
"""Code to name. 4xx are messages, 5xx the repository as a whole, 6xx scenarios."""
