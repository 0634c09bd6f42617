"""SUR508: no number is written so that a thousand of it may have been meant. Judges no number by its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final, TypeGuard

from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.documents import Path
from runner.contract.nodes import Node, ScalarNode, Style, pointer_of
from runner.contract.rule import Rule
from validators.check.scalars import files_with, scalars, sequences
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR508",
    name="doubtful-number",
    severity=Severity.WARNING,
    summary="A number has exactly three digits after a dot or a comma, as if these were thousands.",
    why="Many countries write five thousand as 5.000 or 5,000. In a file 5.000 is five, and [5,000] are two numbers: "
    "a limit or a trigger would hold for amounts a thousand times too small.",
    bad="""\
approval_above: {amount: 5.000}
""",
    good="""\
approval_above: {amount: 5000}
""",
    fix="Write thousands without a mark between the digits. A fraction that is really meant has more or fewer digits: "
    "5, 5.5 or 5.1250.",
)
RULES: Final = (_RULE,)
_SUSPECT: Final = (re.compile(rb"\.[0-9]{3}(?![0-9])"), re.compile(rb",[0-9]{3}(?![0-9])"))
_DOTTED: Final = re.compile(r"([-+]?[1-9][0-9]{0,2})\.([0-9]{3})")
_WHOLE: Final = re.compile(r"[-+]?[1-9][0-9]{0,2}")
_GROUP: Final = re.compile(r"[0-9]{3}")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every file that was read, whether it is valid or not."""
    for _, _, root in files_with(subject, *_SUSPECT):
        seen: set[Location] = set()
        for path, at, message, help_text in (*_dots(root), *_commas(root)):
            if at not in seen:  # an alias says the same once more
                seen.add(at)
                yield Diagnostic(_RULE.code, _RULE.severity, message, at, help_text, pointer_of(path))


def _dots(root: Node) -> Iterator[tuple[Path, Location, str, str]]:
    for path, node in scalars(root):
        found = _DOTTED.fullmatch(node.raw) if isinstance(node.value, float) else None
        if found:
            whole, fraction = found.groups()
            message = f"`{node.raw}` is {whole}{'' if fraction == '000' else ' and a fraction'}, not {whole}{fraction}"
            other = whole if fraction == "000" else f"{node.raw}0"
            help_text = f"write {whole}{fraction} if thousands are meant, and {other} if not"
            yield path, node.location, message, help_text


def _commas(root: Node) -> Iterator[tuple[Path, Location, str, str]]:
    for path, sequence in sequences(root):
        for index, (one, other) in enumerate(pairwise(sequence.items)):
            if _is_number(one, _WHOLE) and _is_number(other, _GROUP) and _touch(one.location, other.location):
                at = replace(one.location, end_line=other.location.end_line, end_column=other.location.end_column)
                written = f"{one.raw},{other.raw}"
                message = f"`{written}` are two values, {one.raw} and {other.value}"
                help_text = f"write {one.raw}{other.raw} if one number is meant, and a blank after the comma if two are"
                yield (*path, index), at, message, help_text


def _is_number(node: Node, form: re.Pattern[str]) -> TypeGuard[ScalarNode]:
    if not isinstance(node, ScalarNode) or node.style is not Style.PLAIN or not isinstance(node.value, int):
        return False
    return form.fullmatch(node.raw) is not None


def _touch(one: Location, other: Location) -> bool:
    """Whether nothing but a comma stands between two values."""
    return one.end_column is not None and (one.end_line, one.end_column + 1) == (other.line, other.column)
