"""SUR0xx: a file that cannot be read as YAML 1.2, before anybody asks what it means."""

from __future__ import annotations

from functools import partial
from typing import Final

from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule

__all__ = ["SYNTAX"]

_gate = partial(Rule, severity=Severity.ERROR, waivable=False)

SYNTAX: Final = (
    _gate(
        code="SUR001",
        name="syntax",
        summary="The file is not valid YAML 1.2.",
        why="Nothing in the file can be read, so nothing that it says holds.",
        bad="accept_within: [15m\n",
        good="accept_within: [15m]\n",
        fix="Look at the marked place and at the line above it: most often a quote or a bracket is not closed, a blank "
        "is missing after a colon, or a line is not indented like its neighbours.",
    ),
    _gate(
        code="SUR002",
        name="encoding",
        summary="The file is not UTF-8 text, or holds a control character.",
        why="Every reader would guess another text. Control characters can hide from a reviewer what a file says.",
        bad='name: "B\\0en"\n',
        good="name: Ben\n",
        fix="Save the file as UTF-8 and remove the character at the marked place.",
    ),
    _gate(
        code="SUR003",
        name="too-large",
        summary="The file is larger than any document of a contract needs to be.",
        why="A file of this size is a mistake or an attack: reading it would take the time that a runner needs for its "
        "deadlines.",
        bad="# a file of more than a megabyte\n",
        good="# the same documents in several files\n",
        fix="Keep data out of the repository, and divide a large policy or template.",
    ),
    _gate(
        code="SUR004",
        name="too-deep",
        summary="Values are nested deeper than any document of a contract needs.",
        why="Nobody can review such a file, and a parser may fail on it.",
        bad="# a: {a: {a: {a: … more than 64 levels\n",
        good="a: {a: 1}\n",
        fix="Look for brackets or dashes that were repeated by mistake.",
    ),
    _gate(
        code="SUR005",
        name="alias-limit",
        summary="Aliases make the file grow beyond its limit when they are followed.",
        why="A few lines of aliases of aliases can stand for gigabytes.",
        bad="# a: &a [x, x]   b: &b [*a, *a]   c: &c [*b, *b]   and so on\n",
        good="a: [x, x]\n",
        fix="Write the values out, or use a block for what several templates share.",
    ),
    _gate(
        code="SUR006",
        name="duplicate-key",
        summary="A mapping has the same key twice.",
        why="Only one of the two values would hold, and a reader cannot tell which.",
        bad="step_within: 10m\nstep_within: 20m\n",
        good="step_within: 10m\n",
        fix="Keep one of the two; the help names the place of the first.",
    ),
    _gate(
        code="SUR007",
        name="non-string-key",
        summary="A key is not a text.",
        why="Keys are names. A number, `true` or a list as key is nearly always text without its quotes.",
        bad="1: first\n",
        good='"1": first\n',
        fix="Put the key in quotes.",
    ),
    _gate(
        code="SUR008",
        name="merge-key",
        summary="The file uses the merge key `<<`.",
        why="It is not part of YAML 1.2, and it hides what a document holds from whoever reviews it.",
        bad="a: &a {x: 1}\nb: {<<: *a}\n",
        good="a: {x: 1}\nb: {x: 1}\n",
        fix="Write the keys out, or move what is shared into a block or a policy.",
    ),
    _gate(
        code="SUR009",
        name="custom-tag",
        summary="A value carries a tag that is not one of YAML's own types.",
        why="Tags can make other programs run code. The language needs none.",
        bad="name: !person Ben\n",
        good="name: Ben\n",
        fix="Remove the tag.",
    ),
    _gate(
        code="SUR010",
        name="several-documents",
        summary="The file holds more than one YAML document.",
        why="A position, a history and an approval belong to one document in one file.",
        bad="kind: People\n---\nkind: Rotations\n",
        good="kind: People\n",
        fix="Move each document into a file of its own.",
    ),
    _gate(
        code="SUR011",
        name="empty-document",
        summary="The file holds nothing, or only comments.",
        why="An empty file looks like a policy that is there, and says nothing.",
        bad="# to be written\n",
        good="schema: surety/v1\nkind: Checklists\nitems: {}\n",
        fix="Write the document, or delete the file.",
    ),
    _gate(
        code="SUR012",
        name="number-out-of-range",
        summary="A number is not finite, or larger than 64 bits can hold.",
        why="Helpdesks, stores and other programs could not take it, or would round it.",
        bad="amount: 99999999999999999999\n",
        good="amount: 9999\n",
        fix="Write a smaller number, or put it in quotes if it is a reference and not an amount.",
    ),
    _gate(
        code="SUR013",
        name="undefined-alias",
        summary="An alias `*name` refers to an anchor `&name` that does not stand before it.",
        why="There is nothing to put in its place.",
        bad="a: *hours\n",
        good="b: &hours [9, 17]\na: *hours\n",
        fix="Put a text that begins with `*` in quotes, or write the value out.",
    ),
    _gate(
        code="SUR014",
        name="recursive-alias",
        summary="An alias stands inside the value that it refers to.",
        why="The value would have no end.",
        bad="a: &a [1, *a]\n",
        good="a: [1]\n",
        fix="Write the value out.",
    ),
    _gate(
        code="SUR015",
        name="directive",
        summary="The file begins with a directive for another version of YAML, or one that declares tags.",
        why="The same text means other things in other versions: in YAML 1.1 `no` is not a text.",
        bad="%YAML 1.1\n---\na: no\n",
        good="a: no\n",
        fix="Remove the line. Contracts are YAML 1.2.",
    ),
)
"""In order of the codes."""
