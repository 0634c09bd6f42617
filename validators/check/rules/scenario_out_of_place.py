"""SUR504: a scenario stands beside the template that it tries, in a file of its name. Runs none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.rule import Rule
from runner.contract.scenario import Scenario

if TYPE_CHECKING:
    from validators.check.subject import Subject  # what `surety test` does without

__all__ = ["RULES", "check", "folders_of", "misplaced", "same_place"]

_RULE = Rule(
    code="SUR504",
    name="scenario-out-of-place",
    severity=Severity.ERROR,
    summary="A scenario does not stand beside a template, its file has another name, or two files have one name.",
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
    waivable=False,
)
RULES: Final = (_RULE,)
_NAMED: Final = re.compile(r"(?P<name>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)_test\.ya?ml")
"""The name of a file that a scenario may have."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Scenarios in a folder without a template, in a file of another name, and in two files of one name."""
    documents = subject.documents
    scenarios = documents.all("Scenario")
    folders = None if "Template" in documents.broken else folders_of(documents.all("Template"))
    others = same_place(document.path for document in scenarios)
    for document in scenarios:
        yield from misplaced(document, folders, others.get(document.path))


def folders_of(templates: Iterable[Document]) -> frozenset[str]:
    """The folders of these documents, which are templates."""
    return frozenset(document.path.rpartition("/")[0] for document in templates)


def same_place(paths: Iterable[str]) -> Mapping[str, str]:
    """Files that differ from an earlier one in the ending of their names only (`a_test.yml`), each with that one."""
    first: dict[str, str] = {}
    found = ((path, first.setdefault(path.rpartition(".")[0], path)) for path in sorted(paths))
    return {path: other for path, other in found if path != other}


def misplaced(document: Document, folders: Collection[str] | None, other: str | None) -> Iterator[Diagnostic]:
    """What is wrong with the place of one scenario.

    `folders` are those that have a template, None if that is not known. `other` is a file of the same name.
    """
    folder, _, file = document.path.rpartition("/")
    if folders is not None and folder not in folders:
        message = "this scenario does not stand beside a template"
        yield _RULE.found(document, ("kind",), message, "move it into the folder of the template that it tries")
    name = document.model.name if isinstance(document.model, Scenario) else ""
    if file.rpartition(".")[0] != f"{name}_test":
        message = f"the scenario is called `{name}`, but its file {file}"
        called = _NAMED.fullmatch(file)
        other_name = f"write name: {called['name']}, or " if called is not None else ""
        help_text = f"{other_name}call the file {name}_test.yaml, so that it is found by name"
        yield _RULE.found(document, ("name",), message, help_text)
    elif other is not None:
        message = f"there are two scenarios called `{name}`; the other is {other}"
        help_text = "remove one of the two files, or give it and its `name` another name"
        yield _RULE.found(document, ("name",), message, help_text)
