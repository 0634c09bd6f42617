"""A company for tests: policies and templates that stand still while the shipped ones grow.

What is tested of the shipped repository itself takes `bundled_data()` instead.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["COMPANY"]

COMPANY = Path(__file__).parent
"""Its repository."""
