"""Surety's tool for gatekeepers and CI: checks, tests and explains contracts. Never drives a helpdesk or a store."""

from __future__ import annotations

from typing import Final

__all__ = ["PROJECT"]

PROJECT: Final = "surety-escalations"
"""The marker by which start-up knows this package from others of the same name; see `validators.origin`."""
