"""SUR502: every block is used by a template or a class of exceptions, directly or through another block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.policies import ExceptionClasses
from runner.contract.rule import Rule
from validators.check.doubt import unknown_sorts
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR502",
    name="unused-block",
    severity=Severity.WARNING,
    summary="No template and no class of exceptions uses this block.",
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
    """Blocks that no template reaches; nothing while a template is broken or a step uses an unknown block.

    It may be just the one that is meant.
    """
    if "Template" in subject.documents.broken or "block" in unknown_sorts(subject.loaded):
        return
    blocks = {model.name: document for document, model in subject.blocks}
    uses = {
        document.path: [use for _, step in steps if isinstance(use := step.get("use"), str)]
        for document, steps in subject.steps
    }
    waiting = {name for document in subject.documents.all("Template") for name in uses[document.path]}
    classes = subject.documents.policy(ExceptionClasses)
    waiting |= {each.runbook for each in (classes.classes.values() if classes else ()) if each.runbook is not None}
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in used and name in blocks:
            used.add(name)
            waiting.update(uses[blocks[name].path])
    for name, document in blocks.items():
        if name not in used:
            message = f"no template and no class of exceptions uses the block `{name}`"
            yield _RULE.found(document, ("name",), message, "use it, or delete the file")
