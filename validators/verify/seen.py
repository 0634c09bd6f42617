"""What anybody could see of a decision of one version of a contract, so that it can be held against another's.

People are named for the part they have, since no two explorations know the same people. Compares nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from runner.contract.contract import Contract, StepOf
from runner.contract.values import OwnerRef, format_duration
from runner.engine import events as ev
from runner.engine.reasons import SENTENCES
from runner.engine.state import State
from runner.engine.words import in_words
from validators.verify.changes import TEXT_ARGS, worded
from validators.verify.explore import Edge
from validators.verify.story import NAMES, step_words

__all__ = ["Seen", "parts_played", "people_in", "seen_of", "world_of"]

_PERSON: Final = re.compile(r"\bp-[0-9]+\b")
"""Somebody whom an exploration had to name."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One event: what it is in words that any version could use; and what it shows of times, people and work."""

    core: tuple[str, ...]
    words: str
    shows: tuple[tuple[str, str], ...]
    rule: str


class _Names(dict[str, str]):
    """People by the part they have; whoever has none is somebody."""

    def get(self, person: Any, default: Any = None) -> Any:  # noqa: ANN401 - as a mapping has it
        if person in self:
            return self[person]
        return NAMES.get(person) or ("somebody" if str(person).startswith("p-") else default)


def people_in(state: State) -> Mapping[str, str]:
    """By part the people of a state, each once and as the state names them."""
    people = [(state.holder, "the owner"), (state.previous, "the owner before"), (state.giver, "the giver")]
    people += [(offer.to, f"whoever is asked ({offer.purpose})") for offer in state.offers.values()]
    people += [(each.owner, f"the path owner of {each.exception_class}") for each in state.exceptions.values()]
    found: dict[str, str] = {}
    known: set[str] = set()
    for person, part in people:
        if person is not None and str.__str__(person) not in known:
            known.add(str.__str__(person))
            others = sum(each == part or each.startswith(f"{part}, ") for each in found)
            found[f"{part}, number {others + 1}" if others else part] = person
    return found


def parts_played(state: State | None, manager: str | None = None) -> Mapping[str, str]:
    """The people of a state by the parts that they have in it."""
    names = _Names()
    for part, person in (people_in(state) if state is not None else {}).items():
        names[str.__str__(person)] = part
    if manager is not None:
        names.setdefault(str.__str__(manager), "the escalation owner")
    return names


def world_of(edge: Edge) -> tuple[str, ...]:
    """What the world answered, in words that both versions use. The words of an opening are left out."""
    names = parts_played(edge.before)
    said = edge.words if edge.move is not None else edge.words[1:]
    return tuple(" ".join(names.get(word, word) for word in _plain(edge.contract, each).split(" ")) for each in said)


def _plain(contract: Contract, words: str) -> str:
    """A person whom a step means, by the reference and not by the place of the step."""
    head, mark, rest = words.partition("who is meant by ")
    if not mark:
        return words
    rule, _, said = rest.rpartition(": ")
    found = [step.who for steps in contract.runbook.values() for step in steps if step.rule == rule]
    return f"{head}{_reference(found[0]) if found else rule}: {said}"


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


def _reference(who: OwnerRef | str | None) -> str:
    if isinstance(who, OwnerRef):
        return worded(who.model_dump(mode="json")) or "nobody"
    return str(who).replace("_", " ") if who is not None else "nobody"


def _shows(edge: Edge, event: ev.Event, now: datetime) -> list[tuple[str, str]]:
    """Times from now on, whom a reference means, and what a step does with what."""
    contract, shows = edge.contract, []
    for name, value in event.__dict__.items():
        if isinstance(value, datetime) and value > now:
            shows.append((name.replace("_", " "), f"{_after(value - now)} later"))
    match event:
        case ev.OwnerOffered(purpose="ladder", rung=int(rung)) if rung < len(contract.ladder):
            shows.append(("who", _reference(contract.ladder[rung].owner)))
        case ev.OwnerOffered(purpose="handoff", planned=int(planned)) if planned < len(contract.handoff.sequence):
            shows.append(("who", _reference(contract.handoff.sequence[planned])))
        case ev.ExceptionRaised(exception_class=name):
            shows.append(("who", _reference(contract.class_of(name).owner)))
        case ev.QuestionAsked(run=run, step=number):
            shows.append(("who", _reference(_step(contract, run, number).who)))
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
    return [("who", _reference(step.who)), *said]


def _after(span: timedelta) -> str:
    return format_duration(int(span.total_seconds()))
