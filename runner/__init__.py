"""Surety's service: executes approved contracts on top of a helpdesk. Knows nothing of the validators."""

from __future__ import annotations

from typing import Final

__all__ = ["PROJECT", "VERSION"]

PROJECT: Final = "surety-escalations"
"""The marker by which start-up knows this package from others of the same name."""

VERSION: Final = "0.1.0"
