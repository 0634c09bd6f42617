"""Coverage for people at a terminal: a table by template and kind, and what is missing with how to cover it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from validators.simulate.coverable import KINDS
from validators.simulate.coverage import TemplateCoverage

__all__ = ["coverage_rows", "coverage_text"]

_SHOWN: Final = 8
"""Missing items shown of a template that is covered well enough."""


def coverage_text(coverage: Sequence[TemplateCoverage], minimum: int | None, *, listed: bool) -> str:
    """The table, then what is missing: all of it where a minimum is not reached, elsewhere the first if `listed`."""
    if not coverage:
        return ""
    rows = coverage_rows(coverage)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*table, "", *_missing(coverage, minimum, listed=listed)]) + "\n"


def coverage_rows(coverage: Sequence[TemplateCoverage]) -> list[list[str]]:
    """A head, and a row for each template: `6/7` of each kind, and all in percent."""
    head = ["template", *(f"{kind}s" for kind in KINDS), "all"]
    return [head, *([each.template, *_cells(each), f"{each.percent} %"] for each in coverage)]


def _cells(each: TemplateCoverage) -> Iterator[str]:
    for kind in KINDS:
        hit, every = each.counts(kind)
        yield f"{hit}/{every}" if every else "-"


def _missing(coverage: Sequence[TemplateCoverage], minimum: int | None, *, listed: bool) -> Iterator[str]:
    for each in coverage:
        short = minimum is not None and each.percent < minimum
        if not (short or (listed and each.missing)):
            continue
        if short:
            yield f"{each.template}: {each.percent} % is covered, and --min-coverage asks for {minimum} %; missing:"
        else:
            yield f"{each.template}: not covered yet:"
        shown = each.missing if short else each.missing[:_SHOWN]
        for item in shown:
            yield f"  {item.kind} {item.name}"
            yield f"    {item.how}"
        if len(shown) < len(each.missing):
            yield f"  and {len(each.missing) - len(shown)} more; --coverage-html and --format json have them all"
        yield ""
