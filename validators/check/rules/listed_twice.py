"""SUR930: no list names the same thing twice, where that means nothing. A rotation may: some have more shifts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import POLICY_KINDS, Document, Path
from runner.contract.edits import Remove
from runner.contract.rule import Rule
from runner.contract.template import Template
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR930",
    name="listed-twice",
    severity=Severity.WARNING,
    summary="A list names the same thing twice.",
    why="The second time makes no difference. Mostly something else was meant there, and that is missing now: a member "
    "who is never asked, a proof that nobody has to give.",
    bad="""\
  checklist: [clear, clear]
""",
    good="""\
  checklist: [clear]
""",
    fix="Remove it, or write what was meant; `surety check --fix` removes it.",
)
RULES: Final = (_RULE,)
_OF_TEMPLATES: Final = (
    ("metrics",), ("trigger", "on"), ("outcome", "evidence"), ("accept", "checklist"), ("handoff", "require"),
    ("close", "verify"), ("close", "resolution_codes"),
)  # fmt: skip
_OF_POLICIES: Final = frozenset(
    ("gatekeepers", "override_jobs", "jobs", "keys", "tiers", "except_tiers", "done", "apart_from", "days")
)
_TEAMS: Final = "teams"
"""The key of the People policy below which `members` are no turns."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The lists of templates, the channels of steps, and the lists of policies in which order or number say nothing."""
    for document, template in subject.templates:
        if _has_any(template):
            for outer, *inner in _OF_TEMPLATES:
                value = document.plain.get(outer)
                yield from _list(document, (outer, *inner), value.get(inner[0]) if inner and value else value)
    for document, steps in subject.steps:
        for path, step in steps:
            for kind in ("notify", "page"):
                if kind in step and isinstance(body := step[kind], dict) and "via" in body:
                    yield from _list(document, (*path, kind, "via"), body["via"])
    for kind in POLICY_KINDS:
        for document in subject.documents.all(kind):
            yield from _within(document, document.plain, ())


def _has_any(template: Template) -> bool:
    """Whether one of these lists of a template may name anything twice; looking where it stands takes longer."""
    close = template.close
    lists: tuple[tuple[str, ...], ...] = (
        template.metrics, template.trigger.on, template.outcome.evidence, template.accept.checklist,
        template.handoff.require, close.verify, close.resolution_codes,
    )  # fmt: skip
    return any(len(each) > 1 and len(set(each)) < len(each) for each in lists)


def _within(document: Document, value: Any, path: Path) -> Iterator[Diagnostic]:  # noqa: ANN401 - plain data
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in entries:
        if key in _OF_POLICIES or (key == "members" and path[:1] == (_TEAMS,)):
            yield from _list(document, (*path, key), each)
        if isinstance(each, dict | list):
            yield from _within(document, each, (*path, key))


def _list(document: Document, path: Path, value: Any) -> Iterator[Diagnostic]:  # noqa: ANN401 - plain data
    """One finding for each item that stands before in the list; only texts are compared."""
    if not isinstance(value, list) or len(value) < 2 or not _twice(value):  # noqa: PLR2004 - a pair
        return
    for index, item in enumerate(value):
        if isinstance(item, str) and item in value[:index]:
            message = f"`{item}` stands in `{path[-1]}` twice"
            found = _RULE.found(document, (*path, index), message, "remove it, or write what was meant here")
            yield replace(found, fixes=(Remove((*path, index)),))


def _twice(value: Sequence[object]) -> bool:
    texts = [each for each in value if isinstance(each, str)]
    return len(set(texts)) < len(texts)
