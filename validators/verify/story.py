"""A course of an exploration told as an owner timeline, in the words of the simulator. Invents no times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from runner.contract.contract import Contract
from runner.engine import events as ev
from runner.engine.state import deadlines
from runner.engine.words import in_words
from validators.verify.explore import Edge
from validators.verify.people import NAMES, world_of

__all__ = ["Scene", "Step", "Story", "due_words", "move_words", "step_words", "steps_of", "told"]

_WHO: Final[Mapping[str, str]] = MappingProxyType(
    {"asked": "whoever is asked", "accountable": "whoever is accountable", "time": "time passes"}
)
"""The parts of those who do something, where their names alone do not say it."""
_DUE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "checklist": "the time for the checklist is over",
        "clarification": "the time to clarify is over",
        "exception": "the time to recover from the exception is over",
        "offer": "the time to accept is over",
        "outcome": "the outcome's own time is over",
        "page": "the time to react to a page is over",
        "progress": "the time to say how it goes on is over",
        "record": "the ticket is due to be written again",
        "remedy": "the time to put right what is missing is over",
        "remind": "the next reminder is due",
        "step": "the time of a step is over",
        "task": "the time of a task is over",
        "undo": "the time to take a step back is over",
        "waiting": "the wait is over",
    }
)
"""What has come when a deadline of a sort passes."""

_PERSON = re.compile(r"\bp-[0-9]+\b")
"""Somebody whom an exploration had to name."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that happens, what the world says to it, and what follows."""

    what: str
    world: tuple[str, ...]
    follows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a course as plain data: who does what, with which command, or which sort of deadline passes; and the
    phase after it. `free`: other deadlines were pending, any of which might have been the next; `world` is what the
    world answered, people named by the parts that they have.
    """

    label: str
    who: str
    kind: str
    type: str
    args: dict[str, Any]
    sort: str
    phase: str
    free: bool = False
    world: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """A course of events, from the opening on."""

    scenes: tuple[Scene, ...]


def due_words(sort: str) -> str:
    """What has come when a deadline of this sort passes."""
    return _DUE.get(sort, f"{sort} falls due")


def move_words(who: str, label: str) -> str:
    """A move in words: who does what."""
    sort = label.removeprefix("deadline: ").removesuffix(" falls due")
    return f"{_WHO.get(who, who)}: {label if sort == label else due_words(sort)}"


def told(contract: Contract, edges: Sequence[Edge]) -> Story:
    """The story of a path. People are named for the first part they have in it."""
    names = dict(NAMES)
    rungs = tuple(rung.name.replace("_", " ") for rung in contract.ladder)
    scenes = []
    for edge in edges:
        for event in edge.events:
            if isinstance(event, ev.OwnerOffered):
                part = rungs[event.rung] if event.rung is not None else f"receiver of the {event.purpose} offer"
                names.setdefault(str(event.to), f"the {part} ({event.to})")
        if edge.manager is not None:
            names.setdefault(str(edge.manager), f"the escalation owner ({edge.manager})")
        follows = tuple(
            filter(None, (step_words(edge.contract, event) or in_words(event, names, rungs) for event in edge.events))
        )
        if edge.refused is not None:
            follows = (*follows, f"refused: {edge.refused.detail}")
        if edge.fault is not None:
            follows = (f"the engine fails: {type(edge.fault).__name__}: {edge.fault}",)
        what = edge.words[0] if edge.move is None else move_words(edge.move.who, edge.move.label)
        world = edge.words[1:] if edge.move is None else edge.words
        scenes.append(Scene(what, tuple(_named(words, names) for words in world), follows))
    return _numbered(scenes)


def _numbered(scenes: Sequence[Scene]) -> Story:
    """People without a name numbered in the order in which they appear, so that a course always reads the same."""
    people: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return people.setdefault(found[0], f"person {len(people) + 1}")

    def plain(words: str) -> str:
        return _PERSON.sub(number, words)

    return Story(
        tuple(
            Scene(plain(each.what), tuple(map(plain, each.world)), tuple(map(plain, each.follows))) for each in scenes
        )
    )


def step_words(contract: Contract, event: ev.Event) -> str | None:
    """What a step does, without its texts; None for any other event."""
    if not isinstance(event, ev.StepRequested):
        return None
    point = event.run.partition("#")[0]
    step = contract.runbook[point][event.step]
    what = step.args.get("action") or (f"in {step.room}" if step.room else "")
    again = f", try {event.attempt}" if event.attempt > 1 else ""
    return f"the runner begins {point}/{event.step}: {step.kind} {what}".rstrip() + again


def steps_of(edges: Sequence[Edge]) -> tuple[Step, ...]:
    """The moves of a path as plain data, the opening first."""
    return tuple(_step(edge) for edge in edges)


def _step(edge: Edge) -> Step:
    phase = edge.after.phase.value if edge.after is not None else ""
    move = edge.move
    if move is None:
        return Step("it opens", "routing", "world", "Open", {}, "", phase, world=world_of(edge))
    pending = sorted(deadlines(move.state)) if move.kind == "time" else []
    args = move.args.model_dump(mode="json") if move.kind != "time" else {}
    sort = pending[0].sort if pending else ""
    return Step(move.label, move.who, move.kind, move.args.type, args, sort, phase, len(pending) > 1, world_of(edge))


def _named(words: str, names: Mapping[str, str]) -> str:
    return " ".join(names.get(word, word) for word in words.split(" "))
