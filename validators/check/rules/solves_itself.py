"""SUR913: no step says that the ticket is done before the outcome is proven. Proves nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import Fields
from runner.contract.rule import Rule
from validators.check.inlined import Inlined
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR913",
    name="step-solves-its-ticket",
    severity=Severity.ERROR,
    summary="A step sets the ticket to done although nothing has proven the outcome.",
    why="The helpdesk tells the customer that it is solved, and everybody stops looking, while the escalation still "
    "asks for an owner. What the contract promises, that nothing is closed unproven, its own runbook breaks.",
    bad="""\
  open:
    - set_fields: {status: solved}
""",
    good="""\
  resolved:
    - set_fields: {status: solved}
""",
    fix="Move the step to `resolved`, which comes when the outcome is proven, or to `closed`; or write another value.",
)
RULES: Final = (_RULE,)
_PROVEN: Final = ("resolved", "closed")
"""The points at which the outcome is proven, or a manager has closed with a rationale."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every step that writes the field of the lifecycle; templates are written out only if a block writes it."""
    fields = subject.documents.policy(Fields)
    if fields is None:
        return
    name, done = fields.lifecycle.field, frozenset(fields.lifecycle.done)
    in_blocks = False
    for document, steps in subject.steps:
        for path, step in steps:
            if _written(step, name) is None:
                continue
            if document.kind == "Block":
                in_blocks = True
            elif _is_early(path) and _written(step, name) in done:
                yield _found(document, (*path, "set_fields", name), _written(step, name))
    if in_blocks:
        yield from _by_blocks(subject, name, done)


def _by_blocks(subject: Subject, name: str, done: frozenset[str]) -> Iterator[Diagnostic]:
    """What templates let blocks write, each place once, however many templates lead there."""
    inlined = Inlined.of(subject.blocks)
    seen: set[tuple[str, Path]] = set()
    for document, template in subject.templates:
        for flat in inlined.steps(document, template):
            if (value := _written(flat.plain, name)) not in done or not _is_early(tuple(_point(flat.rule))):
                continue
            where, path = flat.source("set_fields", name)
            if (where is not document or flat.document is not document) and (where.path, path) not in seen:
                seen.add((where.path, path))
                yield _found(where, path, value)


def _point(rule: str) -> list[str]:
    """The beginning of the path that a rule names, as in `billing#/runbook/open/0`."""
    return rule.partition("#")[2].split("/")[1:3]


def _is_early(path: Path) -> bool:
    return path[0] == "runbook" and path[1] not in _PROVEN


def _written(step: Mapping[str, Any], field: str) -> str | None:
    """The value that a step writes into a field; None if it writes none, or no text."""
    values = step.get("set_fields")
    value = values.get(field) if isinstance(values, dict) else None
    return value if isinstance(value, str) else None


def _found(document: Document, path: Path, value: str | None) -> Diagnostic:
    message = f"this sets `{path[-1]}` to `{value}`, which counts as done, before anything has proven the outcome"
    return _RULE.found(document, path, message, "move it to `resolved` or `closed`, or write another value")
