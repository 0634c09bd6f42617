"""SUR310, SUR320, SUR321: people and rotations of which nobody could say who is on call."""

from __future__ import annotations

from functools import partial
from typing import Final

from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule

__all__ = ["ROSTERS"]

_gate = partial(Rule, severity=Severity.ERROR, waivable=False)

ROSTERS: Final = (
    _gate(
        code="SUR310",
        name="substitute-cycle",
        summary="Substitutes stand in for each other in a circle, or somebody for themselves.",
        why="When all of them are away the chain leads back to where it began, and it looks as if somebody stood in.",
        bad="    substitute: cyd\n",
        good="    substitute: ben\n",
        fix="Let the chain end with a person who has no substitute. When all of them are away, the rung is skipped at "
        "once and the escalation owner is told.",
    ),
    _gate(
        code="SUR320",
        name="rotations-apart-in-circle",
        summary="Rotations are kept apart from each other in a circle, or one from itself.",
        why="Each of them would wait for the other to say who is on call.",
        bad="    apart_from: [second]\n",
        good="    apart_from: [first]\n",
        fix="Write `apart_from` in the rotation that gives way, most often the backup, and only there.",
    ),
    _gate(
        code="SUR321",
        name="overlapping-overrides",
        summary="Two overrides of a rotation, or two swaps of the same person's shifts, hold at the same time.",
        why="A rotation has one person at an instant. Which of the two would be asked could only be guessed.",
        bad='    person: cyd\n    instead_of: ann\n    from: "2026-03-02T09:00:00Z"\n',
        good='    person: cyd\n    instead_of: ann\n    from: "2026-03-03T09:00:00Z"\n',
        fix="Let one end at the instant at which the other begins, or remove one.",
    ),
)
