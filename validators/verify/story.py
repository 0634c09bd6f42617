"""A course of an exploration told as an owner timeline, in the words of the simulator. Invents no times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runner.contract.contract import Contract
from runner.engine import events as ev
from runner.engine.words import in_words
from validators.verify.explore import Edge
from validators.verify.oracle import BOSS, LAST_RESORT, NEW, STANDBY, STRANGER

__all__ = ["Scene", "Story", "told"]

_NAMES: Mapping[str, str] = {
    LAST_RESORT: "the last resort",
    STANDBY: "whoever comes next",
    STRANGER: "a stranger",
    NEW: "somebody new",
    BOSS: "a manager",
    "keeper": "the owner before",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that happens, what the world says to it, and what follows."""

    what: str
    world: tuple[str, ...]
    follows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A course of events, from the opening on."""

    scenes: tuple[Scene, ...]


def told(contract: Contract, edges: Sequence[Edge]) -> Story:
    """The story of a path. People are named for the first part they have in it."""
    names = dict(_NAMES)
    rungs = tuple(rung.name.replace("_", " ") for rung in contract.ladder)
    scenes = []
    for edge in edges:
        for event in edge.events:
            if isinstance(event, ev.OwnerOffered):
                part = rungs[event.rung] if event.rung is not None else f"receiver of the {event.purpose} offer"
                names.setdefault(str(event.to), f"the {part} ({event.to})")
        follows = tuple(filter(None, (in_words(event, names, rungs) for event in edge.events)))
        if edge.refused is not None:
            follows = (*follows, f"refused: {edge.refused.detail}")
        if edge.fault is not None:
            follows = (f"the engine fails: {type(edge.fault).__name__}: {edge.fault}",)
        what = edge.words[0] if edge.move is None else f"{edge.move.who}: {edge.move.label}"
        world = edge.words[1:] if edge.move is None else edge.words
        scenes.append(Scene(what, tuple(_named(words, names) for words in world), follows))
    return Story(tuple(scenes))


def _named(words: str, names: Mapping[str, str]) -> str:
    return " ".join(names.get(word, word) for word in words.split(" "))
