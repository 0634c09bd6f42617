"""What anybody could see of a decision of one version of a contract, so that it can be held against another's.

People are named for the part they have, since no two explorations know the same people. Compares nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from runner.contract.contract import Contract, StepOf
from runner.contract.values import format_duration
from runner.engine import events as ev
from runner.engine.reasons import SENTENCES
from runner.engine.words import in_words
from validators.verify.changes import TEXT_ARGS, worded
from validators.verify.explore import Edge
from validators.verify.people import parts_played, reference_words
from validators.verify.story import step_words

__all__ = ["Seen", "seen_of"]

_PERSON: Final = re.compile(r"\bp-[0-9]+\b")
"""Somebody whom an exploration had to name."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One event: what it is in words that any version could use; and what it shows of times, people and work."""

    core: tuple[str, ...]
    words: str
    shows: tuple[tuple[str, str], ...]
    rule: str


def seen_of(edge: Edge, now: datetime) -> tuple[Seen, ...]:
    """What a decision shows, event by event; why it was refused, if it was."""
    if edge.fault is not None:
        return (Seen(("fault", type(edge.fault).__name__), f"the engine fails: {edge.fault}", (), ""),)
    found = []
    if edge.refused is not None:
        why = _nameless(edge.refused.detail)
        found.append(Seen(("refused", edge.refused.reason.value), f"refused: {why}", (), ""))
    names = parts_played(edge.before, edge.manager)
    rungs = tuple(rung.name.replace("_", " ") for rung in edge.contract.ladder)
    for event in edge.events:
        work = _begun(edge.contract, event)
        said = work or in_words(event, names, rungs)
        said = _nameless(said) if said is not None else None
        shows = tuple(_shows(edge, event, now))
        if isinstance(event, ev.VerificationFailed | ev.ResolutionRefused):
            said, shows = said and said.partition(":")[0], (("because", _nameless("; ".join(event.noes))), *shows)
        core = (event.type, event.reason.value, said or "", *_more(edge.contract, event))
        words = f"{said or _spaced(event.type)} ({SENTENCES.get(event.reason, event.reason.value)})"
        found.append(Seen(core, words, shows, event.rule))
    return tuple(found)


def _nameless(words: str) -> str:
    return _PERSON.sub("somebody", words)


def _spaced(name: str) -> str:
    """`RunEnded` as `run ended`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def _more(contract: Contract, event: ev.Event) -> tuple[str, ...]:
    if isinstance(event, ev.OwnerOffered) and event.rung is not None and event.rung < len(contract.ladder):
        return event.on_accept, event.on_end, contract.ladder[event.rung].name
    if isinstance(event, ev.OwnerOffered):
        return event.on_accept, event.on_end
    return ()


def _begun(contract: Contract, event: ev.Event) -> str | None:
    """The step that is begun, whatever its place."""
    words = step_words(contract, event)
    return re.sub(r"/[0-9]+:", ":", words, count=1) if words is not None else None


def _step(contract: Contract, run: str, number: int) -> StepOf:
    return contract.runbook[run.partition("#")[0]][number]


def _shows(edge: Edge, event: ev.Event, now: datetime) -> list[tuple[str, str]]:
    """Times from now on, whom a reference means, and what a step does with what."""
    contract, shows = edge.contract, []
    for name, value in event.__dict__.items():
        if isinstance(value, datetime) and value > now:
            shows.append((name.replace("_", " "), f"{_after(value - now)} later"))
    match event:
        case ev.OwnerOffered(purpose="ladder", rung=int(rung)) if rung < len(contract.ladder):
            shows.append(("who", reference_words(contract.ladder[rung].owner)))
        case ev.OwnerOffered(purpose="handoff", planned=int(planned)) if planned < len(contract.handoff.sequence):
            shows.append(("who", reference_words(contract.handoff.sequence[planned])))
        case ev.ExceptionRaised(exception_class=name):
            shows.append(("who", reference_words(contract.class_of(name).owner)))
        case ev.QuestionAsked(run=run, step=number):
            shows.append(("who", reference_words(_step(contract, run, number).who)))
        case ev.StepRequested(run=run, step=number):
            shows += _done(_step(contract, run, number))
        case _:
            pass
    return shows


def _done(step: StepOf) -> list[tuple[str, str]]:
    plain = step.model_dump(mode="json", exclude={"rule", "then", "branches", "inputs", "within", "timeout", "args"})
    args = step.model_dump(mode="json", include={"args"})["args"]
    given = {f"with {key}": each for key, each in args.items() if key not in TEXT_ARGS}
    every = {**plain, **given, "who": None}
    said = [(key.replace("_", " "), worded(each) or "nothing") for key, each in every.items()]
    return [("who", reference_words(step.who)), *said]


def _after(span: timedelta) -> str:
    return format_duration(int(span.total_seconds()))
