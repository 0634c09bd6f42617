"""SUR110 to SUR114: files that are missing, doubled, misnamed or unreadable."""

from __future__ import annotations

from functools import partial
from typing import Final

from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule

__all__ = ["FILES"]

_gate = partial(Rule, severity=Severity.ERROR, waivable=False)

FILES: Final = (
    _gate(
        code="SUR110",
        name="missing-policy",
        summary="A policy that must be there is not, or there is no template.",
        why="Every template obeys all policies. Without one of them nobody could say what holds.",
        bad="# no file below policies/ with kind: Limits\n",
        good="schema: surety/v1\nkind: Limits\n",
        fix="Add a file below `policies/` of the kind that the message names; the shipped ones are made to be copied.",
    ),
    _gate(
        code="SUR111",
        name="duplicate-policy",
        summary="Two files hold a policy of the same kind.",
        why="Which of the two holds would depend on the order in which they are read.",
        bad="# policies/people.yaml and policies/more_people.yaml both say kind: People\n",
        good="# policies/people.yaml alone says it\n",
        fix="Merge them into one file.",
    ),
    _gate(
        code="SUR112",
        name="name-differs-from-path",
        summary="A template is not called like its folder, its file is not called template.yaml, a block is not called "
        "like its file, or two have the same name.",
        why="Records, messages and reviews name templates and blocks. Whoever follows a name must find the file.",
        bad="# templates/rest/template.yaml\nname: remainder\n",
        good="# templates/rest/template.yaml\nname: rest\n",
        fix="Write the name of the folder or file, or rename that.",
    ),
    _gate(
        code="SUR113",
        name="nothing-to-check",
        summary="There is not one YAML file below `policies/` and `templates/`.",
        why="Nothing is ever called good because nothing was looked at.",
        bad="# an empty repository, or the wrong folder\n",
        good="# policies/limits.yaml, templates/rest/template.yaml, …\n",
        fix="Name the repository with `--repo DIR`, or start from the shipped example.",
    ),
    _gate(
        code="SUR114",
        name="unreadable-file",
        summary="A file cannot be read, or is no plain file: a link, a pipe, a name that hides what it is.",
        why="What it says may matter to every template, so nothing can be said without it.",
        bad="# a file without read permission, or a link to nothing\n",
        good="# a regular file that this user may read\n",
        fix="Make it a regular file that this user may read, or remove it.",
    ),
)
"""In order of the codes."""
