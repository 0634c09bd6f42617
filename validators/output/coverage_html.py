"""Coverage as one small page that needs nothing else: a table by template and kind, and every item below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from runner.contract.diagnostic import printable
from validators.output.coverage_text import coverage_rows
from validators.simulate.coverable import KINDS, Item
from validators.simulate.coverage import TemplateCoverage

__all__ = ["coverage_html"]

_STYLE: Final = """\
:root { color-scheme: light dark; --line: #8884; --yes: #1a7f37; --no: #cf222e; --bar: #2da44e; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
.wide { overflow-x: auto; }
.bar { display: inline-block; width: 6rem; height: .6rem; background: var(--line); border-radius: 3px; }
.bar i { display: block; height: 100%; background: var(--bar); border-radius: 3px; }
h2 { margin-top: 2.2rem; }
h3 { margin: 1rem 0 .2rem; font-size: 1rem; }
ul { list-style: none; padding: 0; margin: 0; columns: 2; column-gap: 2rem; }
li { break-inside: avoid; padding: .1rem 0 .1rem 1.4rem; text-indent: -1.4rem; }
.yes::before { content: "\\2713\\00a0\\00a0"; color: var(--yes); }
.no::before { content: "\\2717\\00a0\\00a0"; color: var(--no); }
small { opacity: .75; display: block; text-indent: 0; }
@media (max-width: 50rem) { ul { columns: 1; } }
"""


def coverage_html(coverage: Sequence[TemplateCoverage], revision: str, summary: str) -> str:
    """The page, ending with a line break; it needs nothing else. `summary` says what came of the run."""
    return "\n".join(_page(coverage, revision, summary)) + "\n"


def _page(coverage: Sequence[TemplateCoverage], revision: str, summary: str) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Coverage of scenarios</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>Coverage of scenarios</h1>\n<p>What the scenarios of each template try, in {_text(revision)}.</p>"
    yield f"<p>{_text(summary)}.</p>"
    if not coverage:
        yield "</body>\n</html>"
        return
    head, *rows = coverage_rows(coverage)
    yield f'<div class="wide">\n<table>\n<tr>{"".join(f"<th>{_text(cell)}</th>" for cell in head)}</tr>'
    for each, row in zip(coverage, rows, strict=True):
        name, *cells, percent = row
        told = "".join(f"<td>{_text(cell)}</td>" for cell in cells)
        bar = f'<span class="bar"><i style="width: {each.percent}%"></i></span> {percent}'
        yield f'<tr><td><a href="#{_text(name)}">{_text(name)}</a></td>{told}<td>{bar}</td></tr>'
    yield "</table>\n</div>"
    for each in coverage:
        yield from _template(each)
    yield "</body>\n</html>"


def _template(each: TemplateCoverage) -> Iterator[str]:
    yield f'<h2 id="{_text(each.template)}">{_text(each.template)}, {each.percent} %</h2>'
    for kind in KINDS:
        items = [item for item in each.items if item.kind == kind]
        if items:
            hit, every = each.counts(kind)
            yield f"<h3>{kind}s: {hit} of {every}</h3>\n<ul>"
            yield from (_item(item, hit=item.key in each.hit) for item in items)
            yield "</ul>"


def _item(item: Item, *, hit: bool) -> str:
    how = "" if hit else f"<small>{_text(item.how)}</small>"
    return f'<li class="{"yes" if hit else "no"}">{_text(item.name)}{how}</li>'


def _text(text: str) -> str:
    return escape(printable(text))
