"""SUR502: every block is used by a template, directly or through another block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR502",
    name="unused-block",
    severity=Severity.WARNING,
    summary="No template uses this block.",
    why="Whoever reads the repository takes it for something that happens. It is reviewed and kept up for nothing.",
    bad="""\
kind: Block
name: thanks
""",
    good="""\
    - use: thanks
""",
    fix="Use it in a runbook, or delete the file; git keeps it.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Blocks that no template reaches; nothing while a template is broken, since it may be the one that does."""
    if "Template" in subject.documents.broken:
        return
    blocks = {model.name: document for document, model in subject.blocks}
    waiting = [name for each in subject.documents.all("Template") for name in _uses(each.plain.get("runbook"))]
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in used and name in blocks:
            used.add(name)
            waiting += _uses(blocks[name].plain.get("steps"))
    for name, document in blocks.items():
        if name not in used:
            yield _RULE.found(document, ("name",), f"no template uses the block `{name}`", "use it, or delete the file")


def _uses(value: Any) -> Iterator[str]:  # noqa: ANN401 - plain data of any shape
    if isinstance(value, dict):
        if isinstance(value.get("use"), str):
            yield value["use"]
        for each in value.values():
            yield from _uses(each)
    elif isinstance(value, list):
        for each in value:
            yield from _uses(each)
