"""The exact analysis of routing: which template can never match, which is shadowed, what only the fallback takes."""

from __future__ import annotations

from validators.check.routing.analysis import Analysis, Overlap, Reach, Reached, analyse, analyse_table
from validators.check.routing.history import History
from validators.check.routing.pointless import Pointless
from validators.check.routing.witness import Witness

__all__ = ["Analysis", "History", "Overlap", "Pointless", "Reach", "Reached", "Witness", "analyse", "analyse_table"]
