"""SUR521: who is relieved by a swap has shifts to give. Moves no shift."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.misfit import did_you_mean
from runner.contract.policies import Absences, Rotation, Rotations
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR521",
    name="swap-without-effect",
    severity=Severity.WARNING,
    summary="A swap relieves somebody who is no member of that rotation.",
    why="There is no shift to take over, so nothing changes: whoever was to be relieved stays on call, and believes "
    "that somebody else is.",
    bad="""\
  - rotation: first
    person: ben
    instead_of: cyd
""",
    good="""\
  - rotation: first
    person: ben
    instead_of: ann
""",
    fix="Name the member whose shifts are meant under `instead_of`, or the rotation in which that person is. To put "
    "somebody on call whatever the turns say, write an override in the rotation.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every swap, against the members of all layers and versions of its rotation."""
    document, policy = subject.documents.one("Absences"), subject.documents.policy(Rotations)
    if document is None or policy is None:
        return
    for index, swap in enumerate(document.read_as(Absences).swaps):
        rotation = policy.rotations.get(swap.rotation)
        if rotation is None:
            continue  # SUR201
        members = _members(rotation)
        if swap.instead_of not in members:
            message = f"`{swap.instead_of}` is no member of `{swap.rotation}`, so there is no shift to take over"
            help_text = f"{did_you_mean(swap.instead_of, members)}members: {', '.join(members)}"
            yield _RULE.found(document, ("swaps", index, "instead_of"), message, help_text)


def _members(rotation: Rotation) -> list[str]:
    """Everybody who has turns in any version, in order."""
    stacks = (rotation.stack, *(version.stack for version in rotation.versions))
    return list(dict.fromkeys(member for stack in stacks for layer in stack for member in layer.members))
