"""The environment under which contracts are proven, as data: who may do what, what may fail, how often. Proves nothing.

What is left out is listed with its reason, so that nobody takes a proof for more than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["BOUNDS", "COMMANDS", "ENVIRONMENT_VERSION", "FAULTS", "LEFT_OUT", "described", "in_short"]

ENVIRONMENT_VERSION: Final = 5
"""Rises when something may happen that could not before, or the other way round: no verdict before is valid then."""

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "routing": ("Open",),
        "asked": ("Accept", "Reject", "Escalate", "Answer"),
        "owner": (
            "Escalate", "Progress", "Unaccept", "CompleteChecklist", "Wait", "Resume", "HandOver", "Resolve",
            "Close",
            "AttachPostmortem", "EndException", "RollBack",
        ),
        "accountable": ("RaiseException",),
        "path owner": ("EndException", "AddTask"),
        "task owner": ("FinishTask",),
        "manager": ("Override", "Cancel", "Snooze", "EndException", "Reopen", "RollBack"),
        "anybody": ("Clarify",),
        "helpdesk": (
            "NoteSolvedOutside", "NoteReopened", "NoteMerged", "NoteOtherMatch", "NoteLinked", "NoteChanged",
            "NoteGone",
            "NoteBack", "NoteDrift",
        ),
        "roster": ("NoteRoster",),
        "time": ("Tick",),
        "world": (
            "Deliver", "FailDelivery", "WriteRecord", "FailRecord", "SucceedStep", "FailStep", "SucceedUndo",
            "FailUndo",
        ),
        "stranger": ("Accept", "Escalate", "Override", "Cancel", "Resolve", "Close", "EndException", "Reopen",
            "Answer", "FinishTask", "RollBack", "Snooze"),
    }
)  # fmt: skip
"""By part who may give which commands, at any time and in any order. A stranger's are refused."""

FAULTS: Final[tuple[str, ...]] = (
    "nobody stands on a rung",
    "the owner, or whoever is asked, is away from one moment to the next",
    "a message reaches nobody",
    "a step fails, is late, or comes to an end twice",
    "a step cannot be taken back",
    "the ticket cannot be written, is gone, is changed by somebody else",
    "a deadline is handled late, and any other one before it",
)

BOUNDS: Final[tuple[str, ...]] = (
    "any number of handoffs, passes and exceptions one after the other",
    "one open exception at a time, with one task at a time: they do not ask for each other",
    "what is awaited while an exception is open, on a ladder of one rung",
    "whether two people who are looked for at once are one, while no exception is open, or on a ladder of one rung",
    "one message and two writes under way at a time; two runs of a point",
    "of a run the changes that an action takes back, and the latest other one",
    "two runs with something to take back one after the other, with nothing that failed to be taken back before",
    "of the changes of two runs one at most of which it is not known whether it was made",
)

LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "message:exhausted": "whoever is exhausted to is told by the offer",
        "reason:kept_apart": "an oracle says that nobody is on call, and not why",
        "reason:rotation_override": "an oracle says who is on call, and not in whose place",
        "reason:swapped": "an oracle says who is on call, and not in whose place",
        "reason:unknown_ref": "an oracle says that nobody is on call, and not why",
    }
)
"""What explorations never show of commands, refusals, events and rows of the transition table, each with the reason."""


def in_short() -> str:
    """The environment in a few words, for the line of a verdict."""
    return "all commands; any number of handoffs; one exception at a time; every fault"


def described() -> dict[str, object]:
    """The environment as JSON data."""
    return {
        "version": ENVIRONMENT_VERSION,
        "commands": {part: list(commands) for part, commands in COMMANDS.items()},
        "faults": list(FAULTS),
        "bounds": list(BOUNDS),
        "left_out": dict(LEFT_OUT),
    }
