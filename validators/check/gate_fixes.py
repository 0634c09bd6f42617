"""What puts a finding of a gate rule right, where there is one obvious answer; tool rules bring their own.

Careful rather than eager: who is asked is never guessed from a name that is only alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.edits import InsertKey, Operation, Path, Remove, RenameKey, SetValue
from runner.contract.misfit import listed, suggested
from runner.contract.nodes import MappingNode, Plain, locate, to_plain

__all__ = ["gate_fixes", "path_of"]

_LONG: Final = 8
"""From how many letters on a word of the language may have two wrong; shorter ones, and all names, one."""
_DURATION = re.compile(r"[0-9]+[smhd]")
_VERSION: Final = "surety/v1"
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def gate_fixes(found: Diagnostic, root: MappingNode) -> tuple[Operation, ...]:
    """The operations on the document in which a finding is, none if there is a choice to make."""
    plain = to_plain(root)
    path = path_of(plain, found.pointer)
    if found.location is None or path is None:
        return ()
    if found.code == "SUR102" and path == ("schema",):
        return (InsertKey((), "schema", _VERSION),)
    if found.code == "SUR112" and path == ("name",):
        return _place_name(found.location.file, plain)
    if found.code == "SUR208" and len(path) == 2 and path[0] == "order" and "twice" in found.message:  # noqa: PLR2004
        return (Remove(path),)
    if found.code == "SUR104" and path == ("name",) and "is not a name" in found.message:
        return _place_name(found.location.file, plain)
    if found.code == "SUR103" and "must be a list" in found.message and (items := listed(_at(plain, path))):
        return (SetValue(path, [*items]),)
    meant = suggested(found.help)
    if meant is not None:
        is_key = bool(path) and found.location == locate(root, path, key=True) != locate(root, path)
        given = path[-1] if is_key else _at(plain, path)
        around = _at(plain, path[:-1])
        if isinstance(given, str) and _is_obvious(found, given, meant) and not _is_in(around, meant):
            return (RenameKey(path, meant) if is_key else SetValue(path, meant),)
    return _needless(found, plain, path)


def path_of(plain: Plain, pointer: str) -> Path | None:
    """The path of a JSON pointer; None if it leads nowhere. A key that is missing may be the last part of it."""
    path: list[str | int] = []
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    value: Plain = plain
    for number, part in enumerate(parts):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            path.append(int(part))
            value = value[int(part)]
        elif isinstance(value, dict) and (part in value or number == len(parts) - 1):
            path.append(part)
            value = value.get(part)
        else:
            return None
    return tuple(path)


def _is_in(around: Plain, word: str) -> bool:
    """Whether a list has the item already, or a mapping the key."""
    return isinstance(around, list | dict) and word in around


def _at(plain: Plain, path: Path) -> Plain:
    for part in path:
        plain = plain[part] if isinstance(plain, list) and isinstance(part, int) else _child(plain, part)
    return plain


def _child(plain: Plain, part: str | int) -> Plain:
    return plain.get(str(part)) if isinstance(plain, dict) else None


def _place_name(file: str, plain: Plain) -> tuple[Operation, ...]:
    """The name that the folder of a template or the file of a block asks for, if one can be called so."""
    *folders, last = file.split("/")
    kind = plain.get("kind") if isinstance(plain, dict) else None
    name = folders[-1] if kind == "Template" and folders else last.rpartition(".")[0]
    return (SetValue(("name",), name),) if _NAME.fullmatch(name) else ()


def _is_obvious(found: Diagnostic, given: str, meant: str) -> bool:
    if _DURATION.fullmatch(meant) and found.code == "SUR104":
        return True  # the same amount of time, written otherwise
    if _bare(given) == _bare(meant):
        return True
    if _digits(given) != _digits(meant) or "person" in found.message:
        return False
    slips = 2 if found.code < "SUR2" and len(meant) >= _LONG else 1
    return len(meant) > slips and _slips(_bare(given), _bare(meant)) <= slips


def _bare(word: str) -> str:
    return re.sub(r"[-_ ]", "-", word.strip().casefold())


def _digits(word: str) -> str:
    return re.sub(r"[^0-9]", "", word)


def _slips(one: str, other: str) -> int:
    """How many letters are wrong, missing or too many; two neighbours that changed places are one slip."""
    last, before = list(range(len(other) + 1)), list[int]()
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]


def _needless(found: Diagnostic, plain: Plain, path: Path) -> tuple[Operation, ...]:
    """What can go because it says nothing, or says the same a second time."""
    value = _at(plain, path)
    if found.code != "SUR104" or not isinstance(value, Mapping):
        return ()
    if "`ordered` belongs to a choice" in found.message and "ordered" in value:
        return (Remove((*path, "ordered")),)
    if "`on_leave` does not go with `use`" in found.message and value.get("on_leave") == "cancel":
        return (Remove((*path, "on_leave")),)  # it is what happens anyway
    listed = value.get("values")
    if "is listed twice among the values" in found.message and isinstance(listed, list):
        return tuple(Remove((*path, "values", n)) for n in reversed(range(len(listed))) if listed[n] in listed[:n])
    return ()
