"""The gate rules: what makes a revision unusable, each with its code and its name. A runner refuses on any of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["GATE_RULES"]

GATE_RULES: Mapping[str, str] = MappingProxyType(
    {
        "SUR101": "unknown-key",
        "SUR102": "missing-key",
        "SUR103": "wrong-type",
        "SUR104": "wrong-value",
        "SUR105": "unknown-kind",
        "SUR106": "wrong-schema-version",
        "SUR110": "missing-policy",
        "SUR111": "duplicate-policy",
        "SUR112": "name-differs-from-path",
        "SUR113": "nothing-to-check",
        "SUR114": "unreadable-file",
        "SUR201": "unknown-reference",
        "SUR202": "unknown-zone",
        "SUR203": "impossible-date",
        "SUR204": "condition-error",
        "SUR206": "block-cycle",
        "SUR207": "block-input",
        "SUR208": "template-not-routed",
        "SUR209": "field-misuse",
        "SUR301": "acceptance-above-limit",
        "SUR302": "repeats-above-limit",
        "SUR303": "handoffs-above-limit",
        "SUR304": "manager-told-too-late",
        "SUR305": "days-in-business-time",
        "SUR306": "same-owner-twice",
        "SUR307": "time-condition-without-time-trigger",
        "SUR308": "fallback-not-total",
    }
)
"""Code to name; syntax errors (SUR0xx) are listed in `runner.contract.source`."""
