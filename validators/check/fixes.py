"""Applies the fixes of findings, file by file, until nothing more can be fixed. Writes no file.

A fix is taken only if the finding is gone afterwards and nothing is found that was not there before; else its file is
left as it was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Files
from runner.contract.edits import EditError, InsertKey, Operation, Path, Remove
from runner.contract.nodes import MappingNode, SequenceNode
from runner.contract.rule import is_gate
from runner.contract.source import load
from validators.check.gate_fixes import gate_fixes
from validators.format.splice import spliced

__all__ = ["Examined", "Fixed", "fix"]

_ROUNDS: Final = 8
"""A fix may make another finding visible; what is not done after that many is left for the next run."""
_ONE_BY_ONE: Final = 40
"""Fixes that are tried alone after all of a round together did harm; each costs a look at the whole revision."""
_LINE = re.compile(r"\bline [0-9]+, column [0-9]+")


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a revision; unless it is `valid`, its errors hide what would be found without them."""

    findings: Sequence[Diagnostic]
    valid: bool


@dataclass(slots=True)
class Fixed:
    """The files with their new bytes, the findings that are gone, and those whose fix would have done harm."""

    files: dict[str, bytes] = field(default_factory=dict)
    gone: list[Diagnostic] = field(default_factory=list)
    refused: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overlay:
    """Files of which some have other bytes than they have."""

    files: Files
    changed: Mapping[str, bytes]

    def paths(self) -> Sequence[str]:
        """The same paths."""
        return self.files.paths()

    def read(self, path: str) -> bytes:
        """The other bytes where there are any."""
        return self.changed[path] if path in self.changed else self.files.read(path)


@dataclass(frozen=True, slots=True)
class _Fix:
    finding: Diagnostic
    file: str
    operations: tuple[Operation, ...]


def fix(files: Files, examine: Callable[[Files], Examined], wanted: Callable[[Diagnostic], bool]) -> Fixed:
    """Fix what can be fixed of the wanted findings; `examine` looks at a whole revision."""
    done = Fixed()
    before = examine(files)
    for _ in range(_ROUNDS):
        refused = {_key(each) for each in done.refused}
        findings = [each for each in before.findings if wanted(each) and _key(each) not in refused]
        fixes = _fixes(Overlay(files, done.files), findings)
        if not fixes:
            break
        before = _round(files, done, fixes, before, examine)
    return done


def _round(
    files: Files, done: Fixed, fixes: list[_Fix], before: Examined, examine: Callable[[Files], Examined]
) -> Examined:
    """All fixes at once, or one after another if that does harm; what is found afterwards."""
    alone = [[each] for each in fixes]
    for batch in [fixes, *(alone[:_ONE_BY_ONE] if len(alone) > 1 else [])]:
        changed, taken = _changed(Overlay(files, done.files), batch)
        after = examine(Overlay(files, done.files | changed)) if taken else before
        if taken and not _harm(taken, before, after):
            done.files |= changed
            done.gone += [each.finding for each in taken]
            if batch is fixes:
                return after
            before = after
        elif len(batch) == 1:
            done.refused += [each.finding for each in batch]
    done.refused += [each.finding for batch in alone[_ONE_BY_ONE:] for each in batch]
    return before


def _fixes(files: Files, findings: Iterable[Diagnostic]) -> list[_Fix]:
    roots: dict[str, MappingNode | None] = {}
    found: list[_Fix] = []
    for finding in findings:
        if finding.location is None:
            continue
        file = finding.location.file
        if file not in roots:
            roots[file] = _root(files, file)
        root = roots[file]
        operations = finding.fixes or (gate_fixes(finding, root) if root is not None else ())
        if root is not None and operations:
            found.append(_Fix(finding, file, operations))
    return found


def _root(files: Files, file: str) -> MappingNode | None:
    """The document in a file, None if it is none in which anything can be changed."""
    try:
        loaded = load(files.read(file), file)
    except OSError:
        return None
    return loaded.root if isinstance(loaded.root, MappingNode) and not loaded.diagnostics else None


def _changed(files: Files, fixes: Iterable[_Fix]) -> tuple[dict[str, bytes], list[_Fix]]:
    """The bytes after the fixes of a round, and which could be applied: no two may touch the same place."""
    by_file: dict[str, list[_Fix]] = {}
    for each in fixes:
        mine = by_file.setdefault(each.file, [])
        if not any(_touch(each, other) for other in mine):
            mine.append(each)
    changed: dict[str, bytes] = {}
    taken: list[_Fix] = []
    for file, mine in by_file.items():
        data = files.read(file)
        # From the end of lists to their beginning, so that no index changes before it is used.
        for each in sorted(mine, key=lambda each: [_order(step) for step in each.operations[0].path], reverse=True):
            if _empties(data, each.operations):
                continue  # the next round takes away the list as a whole
            try:
                data = spliced(data, each.operations)
            except EditError:
                continue
            taken.append(each)
        changed[file] = data
    return changed, taken


def _touch(one: _Fix, other: _Fix) -> bool:
    return any(a[: len(b)] == b[: len(a)] for a in map(_place, one.operations) for b in map(_place, other.operations))


def _empties(data: bytes, operations: Iterable[Operation]) -> bool:
    """Whether an operation would take the last waiver out of its list, which then means nothing."""
    if not any(isinstance(each, Remove) and each.path[:-1] == ("waivers",) for each in operations):
        return False
    root = load(data, "").root
    waivers = root.get("waivers") if isinstance(root, MappingNode) else None
    return isinstance(waivers, SequenceNode) and len(waivers.items) == 1


def _place(operation: Operation) -> Path:
    return (*operation.path, operation.key) if isinstance(operation, InsertKey) else operation.path


def _order(step: str | int) -> tuple[int, str]:
    return (step, "") if isinstance(step, int) else (-1, step)


def _harm(taken: Iterable[_Fix], before: Examined, after: Examined) -> bool:
    """Whether a finding is still there, or another is new: anywhere, or where errors hid others, in the same place.

    Of the latter only those of gate rules count, since the others are not looked for while there are errors.
    """
    counted = Counter(map(_key, before.findings))
    new = list((Counter(map(_key, after.findings)) - counted).elements())
    left = Counter(map(_key, after.findings))
    if any(left[_key(each.finding)] >= counted[_key(each.finding)] for each in taken):
        return True
    if before.valid:
        return bool(new)
    places = {(each.file, _pointer_prefix(each)) for each in taken}
    fresh = [each for each in after.findings if _key(each) in new and is_gate(each.code)]
    return any(
        each.location is not None and each.location.file == file and (each.pointer + "/").startswith(prefix + "/")
        for each in fresh
        for file, prefix in places
        if prefix
    )


def _pointer_prefix(fix: _Fix) -> str:
    if any(isinstance(each, Remove) for each in fix.operations):
        return ""
    return fix.finding.pointer


def _key(found: Diagnostic) -> tuple[str, str, str]:
    file = found.location.file if found.location is not None else ""
    return found.code, file, _LINE.sub("line", found.message)
