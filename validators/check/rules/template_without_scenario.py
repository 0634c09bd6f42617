"""SUR501: every template is tried by a scenario. Does not judge whether the scenario is a good one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Documents
from runner.contract.rule import Rule
from runner.contract.template import Template

if TYPE_CHECKING:
    from validators.check.subject import Subject  # what `surety test` does without

__all__ = ["RULES", "check", "untried"]

_RULE = Rule(
    code="SUR501",
    name="template-without-scenario",
    severity=Severity.WARNING,
    summary="A template has no scenario beside it.",
    why="Nobody has seen what it does when an owner does not react. A scenario shows it in virtual time, and keeps "
    "showing it when somebody changes the template.",
    bad="""\
# templates/disputes/template.yaml stands alone in its folder
kind: Template
name: disputes
""",
    good="""\
# templates/disputes/accepted_test.yaml
kind: Scenario
name: accepted
""",
    fix="Add a file `templates/NAME/SOMETHING_test.yaml` with the ticket, what people do and what you expect; "
    "docs/scenarios.md shows how.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Templates without a scenario; nothing while a scenario is broken, since it may be the one."""
    if "Scenario" in subject.documents.broken:
        return
    tried = {document.path.rpartition("/")[0] for document in subject.documents.all("Scenario")}
    yield from untried(subject.documents, tried)


def untried(documents: Documents, tried: Collection[str]) -> Iterator[Diagnostic]:
    """Templates in folders that are not among those with a scenario."""
    for document in documents.all("Template"):
        template = document.read_as(Template)
        folder = document.path.rpartition("/")[0]
        if folder not in tried:
            message = f"nothing tries the template `{template.name}`: it has no scenario"
            yield _RULE.found(
                document, ("name",), message, f"add {folder}/SOMETHING_test.yaml; docs/scenarios.md says how"
            )
