"""SUR101 to SUR106: a document that does not have the shape of its kind. What the keys are is said by the models."""

from __future__ import annotations

from functools import partial
from typing import Final

from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule

__all__ = ["SHAPE"]

_gate = partial(Rule, severity=Severity.ERROR, waivable=False)

SHAPE: Final = (
    _gate(
        code="SUR101",
        name="unknown-key",
        summary="A key is not known at this place.",
        why="A misspelt key says nothing. If it were passed over, what it was meant to limit would not be limited.",
        bad="accept:\n  within: 1h\n  checklst: [clear]\n",
        good="accept:\n  within: 1h\n  checklist: [clear]\n",
        fix="Use the spelling that the help offers, or remove the key. The help lists all that are allowed here.",
    ),
    _gate(
        code="SUR102",
        name="missing-key",
        summary="A key that must be given is not there.",
        why="What a contract does not say would have to be guessed, and an escalation is not guessed.",
        bad="accept:\n  within: 1h\nrunbook:\n",
        good="accept:\n  within: 1h\n  checklist: [clear]\nrunbook:\n",
        fix="Add the key; `surety schema KIND` and an editor that knows the schema say what it holds.",
    ),
    _gate(
        code="SUR103",
        name="wrong-type",
        summary="A value is of another type than its key takes: a text for a list, a number for a text.",
        why="The two could be read in several ways, and the reader of the file would not know which one holds.",
        bad="  evidence: reply\n",
        good="  evidence: [reply]\n",
        fix="Write the value in the form that the help shows.",
    ),
    _gate(
        code="SUR104",
        name="wrong-value",
        summary="A value has the right type but not an allowed form, unit or choice.",
        why="A duration without a unit or a misspelt choice has no meaning that everybody would agree on.",
        bad="  within: 15min\n",
        good="  within: 2h\n",
        fix="Write it as the help shows. Durations are a number and one of s, m, h, d.",
    ),
    _gate(
        code="SUR105",
        name="unknown-kind",
        summary="The key `kind` is missing, empty or names no kind of document.",
        why="The kind says what the keys of the file mean.",
        bad="kind: Limit\n",
        good="kind: Limits\n",
        fix="Begin the file with `schema: surety/v1` and `kind:` with one of the kinds that the help lists.",
    ),
    _gate(
        code="SUR106",
        name="wrong-schema-version",
        summary="The document is written in a version of the language that this program does not read.",
        why="The same key may mean something else in another version.",
        bad="schema: surety/v2\nkind: Template\n",
        good="schema: surety/v1\nkind: Template\n",
        fix="Write `schema: surety/v1`, or use a newer version of Surety.",
    ),
)
"""In order of the codes."""
