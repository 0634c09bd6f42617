"""Every step as it is written in a template or a block, those inside branches too. Writes out no block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.contract.documents import Document, Path
from runner.contract.template import POINTS

__all__ = ["written_steps"]


def written_steps(document: Document) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The steps of a document with their paths, in order; none for another kind. Inputs are not filled in."""
    if document.kind == "Block":
        yield from _listed(document.plain.get("steps"), ("steps",))
    elif document.kind == "Template":
        runbook = document.plain.get("runbook") or {}
        for point in POINTS:
            if runbook.get(point):
                yield from _listed(runbook[point], ("runbook", point))


def _listed(steps: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:  # noqa: ANN401 - plain data
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, Mapping):
            yield (*path, index), step
            choose = step.get("choose")
            branches = choose.get("branches") if isinstance(choose, Mapping) else None
            for number, branch in enumerate(branches if isinstance(branches, list) else ()):
                if isinstance(branch, Mapping):
                    yield from _listed(branch.get("steps"), (*path, index, "choose", "branches", number, "steps"))
