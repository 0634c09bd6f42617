"""SUR504: a scenario stands beside the template that it tries, in a file of its name. Runs none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from runner.contract.scenario import Scenario
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR504",
    name="scenario-out-of-place",
    severity=Severity.ERROR,
    summary="A scenario does not stand beside a template, or its file has another name.",
    why="A scenario is reported and chosen by its template and its name. Out of place it tries nothing that a reader "
    "would expect, and its failure points to a file that does not exist.",
    bad="""\
# templates/rest/tried_test.yaml
kind: Scenario
name: attempted
""",
    good="""\
# templates/rest/tried_test.yaml
kind: Scenario
name: tried
""",
    fix="Put the file into the folder of the template that it tries, and call it `NAME_test.yaml` after its `name`.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Scenarios in a folder without a template, and in a file of another name."""
    documents = subject.documents
    templates = {document.path.rpartition("/")[0] for document in documents.all("Template")}
    for document in documents.all("Scenario"):
        folder, _, file = document.path.rpartition("/")
        if folder not in templates and "Template" not in documents.broken:
            message = "this scenario does not stand beside a template"
            yield _RULE.found(document, ("kind",), message, "move it into the folder of the template that it tries")
        name = document.model.name if isinstance(document.model, Scenario) else ""
        if file.rpartition(".")[0] != f"{name}_test":
            message = f"the scenario is called `{name}`, but its file {file}"
            help_text = f"call the file {name}_test.yaml, so that it is found by name"
            yield _RULE.found(document, ("name",), message, help_text)
