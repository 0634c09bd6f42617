"""Templates with their blocks written out, as far as they can be: for rules about what a template does in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.contract.blocks import BlockInliner, Flat
from runner.contract.documents import Document, Path
from runner.contract.template import POINTS, Block, Template

__all__ = ["Inlined", "message_texts"]


class Inlined:
    """Writes out the steps of templates with the blocks of a revision; what cannot be written out is left out."""

    def __init__(self, blocks: Mapping[str, Document]) -> None:
        self._blocks = blocks
        self._inliner = BlockInliner(blocks, complete=False)

    def steps(self, document: Document, template: Template) -> Iterator[Flat]:
        """Every step of a template's runbook, those inside branches too, each once."""
        runbook = document.plain.get("runbook") or {}
        for point in POINTS:
            if runbook.get(point):
                yield from self._inliner.steps(document, template.name, runbook[point], ("runbook", point))

    @classmethod
    def of(cls, blocks: tuple[tuple[Document, Block], ...]) -> Inlined:
        """With these blocks, each found by its name."""
        return cls({model.name: document for document, model in blocks})


def message_texts(flat: Flat) -> Iterator[tuple[Path, str]]:
    """Every text of a step in which Liquid is filled in, with its path in the step; not those of its branches."""
    for key, value in flat.plain.items():
        if key not in ("choose", "undo"):
            yield from _texts(value, (key,))


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:  # noqa: ANN401 - plain data
    if isinstance(value, str):
        if "{{" in value or "{%" in value:
            yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, (*path, index))
