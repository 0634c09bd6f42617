"""Every step as it is written in a template or a block, those inside branches too. Writes out no block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.contract.documents import Document, Path
from runner.contract.template import POINTS

__all__ = ["WrittenStep", "written_steps"]

WrittenStep = tuple[Path, Mapping[str, Any]]
"""The path of a step in its document, and its plain data."""


def written_steps(document: Document) -> list[WrittenStep]:
    """The steps of a document with their paths, in order; none for another kind. Inputs are not filled in."""
    found: list[WrittenStep] = []
    if document.kind == "Block":
        _add(document.plain.get("steps"), ("steps",), found)
    elif document.kind == "Template":
        runbook = document.plain.get("runbook") or {}
        for point in POINTS:
            if point in runbook:
                _add(runbook[point], ("runbook", point), found)
    return found


def _add(steps: Any, path: Path, found: list[WrittenStep]) -> None:  # noqa: ANN401 - plain data
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            here = (*path, index)
            found.append((here, step))
            choose = step.get("choose")
            branches = choose.get("branches") if isinstance(choose, dict) else None
            for number, branch in enumerate(branches if isinstance(branches, list) else ()):
                if isinstance(branch, dict):
                    _add(branch.get("steps"), (*here, "choose", "branches", number, "steps"), found)
