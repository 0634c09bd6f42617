"""What the language can say and the engine of this version does not carry out: so a runner refuses it.

The table shrinks as the engine grows. Only what would change the course of an escalation stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import Document, Documents, document_finding
from runner.contract.written_steps import written_steps

__all__ = ["NOT_CARRIED_OUT", "NotCarriedOut", "not_carried_out"]

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class NotCarriedOut:
    """A key, by its path in documents of a kind, that the engine would have to act on; `*` stands for any part.

    `unless` are values that ask for nothing beyond what is done anyway.
    """

    kind: str
    path: tuple[str, ...]
    what: str
    unless: tuple[object, ...] = ()


_STEP = {
    "attach": "steps that attach facts",
    "action": "actions in other systems",
}
NOT_CARRIED_OUT: tuple[NotCarriedOut, ...] = (
    *(NotCarriedOut("Step", (key,), what) for key, what in _STEP.items()),
    NotCarriedOut("Step", ("undo", "action"), "taking the effect of a step back"),
    NotCarriedOut("Step", ("undo",), "taking the effect of a step back", ("never",)),
)
"""Everything that the engine does not carry out yet."""
_OF_STEPS = tuple(each for each in NOT_CARRIED_OUT if each.kind == "Step")


def not_carried_out(documents: Documents) -> Iterator[Diagnostic]:
    """SUR309 for each use of such a key in the documents of a revision."""
    for kind in ("Template", "ExceptionClasses", "Checklists", "Block"):
        for document in documents.all(kind):
            for each in NOT_CARRIED_OUT:
                if each.kind == kind:
                    yield from _uses(document, document.plain, each.path, (), each)
            for path, step in written_steps(document):
                yield from _step(document, step, path)


def _uses(
    document: Document, plain: object, left: tuple[str, ...], path: Path, each: NotCarriedOut
) -> Iterator[Diagnostic]:
    if not left:
        if plain is not None and plain not in each.unless:
            yield _finding(document, path, each.what)
        return
    if not isinstance(plain, Mapping):
        return
    for key in plain if left[0] == "*" else [key for key in (left[0],) if key in plain]:
        yield from _uses(document, plain[key], left[1:], (*path, key), each)


def _step(document: Document, step: Mapping[str, Any], path: Path) -> Iterator[Diagnostic]:
    for each in _OF_STEPS:
        value: Any = step
        for key in each.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if each.path == ("undo",) and isinstance(value, Mapping):
            continue  # an action is named in a row of its own, a reason asks for nothing
        if value is not None and value not in each.unless:
            yield _finding(document, (*path, *each.path), each.what)


def _finding(document: Document, path: Path, what: str) -> Diagnostic:
    message = f"this version does not carry out {what}, so a runner refuses this revision"
    help_text = "remove it for now; docs/language.md lists what is carried out"
    return document_finding(document, "SUR309", path, message, help_text, key=True)
