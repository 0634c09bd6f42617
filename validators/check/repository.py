"""The repository as a whole: every template tried, every block used, calendars that last, scenarios in their place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Documents
from runner.contract.nodes import pointer_of
from runner.contract.policies import Calendars
from runner.contract.scenario import Scenario
from runner.contract.template import Block, Template

__all__ = ["check_repository"]

_NEAR: Final = timedelta(days=60)
"""Time for somebody to look up next year's holidays, and for a review, before business time is counted wrongly."""


def check_repository(documents: Documents, today: date) -> list[Diagnostic]:
    """SUR501, SUR502, SUR503, SUR504."""
    found = [*_untried(documents), *_unused(documents), *_calendars(documents, today), *_misplaced(documents)]
    return sorted(set(found))


def _untried(documents: Documents) -> Iterator[Diagnostic]:
    if "Scenario" in documents.broken:
        return
    tried = {document.path.rpartition("/")[0] for document in documents.all("Scenario")}
    for document in documents.all("Template"):
        folder = document.path.rpartition("/")[0]
        if folder not in tried and isinstance(document.model, Template):
            message = f"nothing tries the template `{document.model.name}`: it has no scenario"
            help_text = f"add {folder}/SOMETHING_test.yaml; docs/scenarios.md says how"
            yield _warning(document, "SUR501", ("name",), message, help_text)


def _unused(documents: Documents) -> Iterator[Diagnostic]:
    if "Template" in documents.broken:
        return
    blocks = {each.model.name: each for each in documents.all("Block") if isinstance(each.model, Block)}
    waiting = [name for each in documents.all("Template") for name in _uses(each.plain.get("runbook"))]
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in used and name in blocks:
            used.add(name)
            waiting += _uses(blocks[name].plain.get("steps"))
    for name, document in blocks.items():
        if name not in used:
            message = f"no template uses the block `{name}`"
            yield _warning(document, "SUR502", ("name",), message, "use it, or delete the file")


def _uses(value: Any) -> Iterator[str]:  # noqa: ANN401 - plain data of any shape
    if isinstance(value, dict):
        if isinstance(value.get("use"), str):
            yield value["use"]
        for each in value.values():
            yield from _uses(each)
    elif isinstance(value, list):
        for each in value:
            yield from _uses(each)


def _calendars(documents: Documents, today: date) -> Iterator[Diagnostic]:
    document = documents.one("Calendars")
    if document is None or not isinstance(document.model, Calendars):
        return
    try:
        horizon = date.fromisoformat(document.model.horizon)
    except ValueError:
        return  # SUR203
    if horizon - today < _NEAR:
        ended = horizon < today
        message = f"holidays are known only until {horizon}, which {'is past' if ended else f'is near: {today} now'}"
        help_text = "add the closed dates of the next year to each calendar, then move `horizon`"
        yield _warning(document, "SUR503", ("horizon",), message, help_text)


def _misplaced(documents: Documents) -> Iterator[Diagnostic]:
    templates = {document.path.rpartition("/")[0] for document in documents.all("Template")}
    for document in documents.all("Scenario"):
        folder, _, file = document.path.rpartition("/")
        if folder not in templates and "Template" not in documents.broken:
            message = "this scenario does not stand beside a template"
            yield _error(document, ("kind",), message, "move it into the folder of the template that it tries")
        name = document.model.name if isinstance(document.model, Scenario) else ""
        if file.rpartition(".")[0] != f"{name}_test":
            message = f"the scenario is called `{name}`, but its file {file}"
            yield _error(document, ("name",), message, f"call the file {name}_test.yaml, so that it is found by name")


def _warning(document: Document, code: str, path: tuple[str, ...], message: str, help_text: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, document.at(*path), help_text, pointer_of(path))


def _error(document: Document, path: tuple[str, ...], message: str, help_text: str) -> Diagnostic:
    return Diagnostic("SUR504", Severity.ERROR, message, document.at(*path), help_text, pointer_of(path))
