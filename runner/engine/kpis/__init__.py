"""Key figures of escalations, folded from decisions, one at a time. Nothing is measured elsewhere."""

from __future__ import annotations

from runner.engine.kpis.counting import counted
from runner.engine.kpis.figures import COUNTS, KEPT, TIMES, Figures, spans_between
from runner.engine.kpis.fold import Fold, figures
from runner.engine.kpis.groups import DIMENSIONS, Dimension, Grouping, summarise_by
from runner.engine.kpis.summary import Kept, Spread, Summary, summarise
from runner.engine.kpis.targets import Verdict, verdicts

__all__ = [
    "COUNTS",
    "DIMENSIONS",
    "KEPT",
    "TIMES",
    "Dimension",
    "Figures",
    "Fold",
    "Grouping",
    "Kept",
    "Spread",
    "Summary",
    "Verdict",
    "counted",
    "figures",
    "spans_between",
    "summarise",
    "summarise_by",
    "verdicts",
]
