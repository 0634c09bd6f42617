"""The people of an exploration by the parts that they have, since it knows no names of theirs. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.contract.contract import Contract
from runner.contract.values import OwnerRef
from runner.engine.state import State
from validators.verify.changes import worded
from validators.verify.explore import Edge
from validators.verify.oracle import BOSS, LAST_RESORT, NEW, STANDBY, STRANGER

__all__ = ["NAMES", "parts_played", "people_in", "reference_words", "world_of"]

NAMES: Mapping[str, str] = {
    LAST_RESORT: "the last resort",
    STANDBY: "whoever comes next",
    STRANGER: "a stranger",
    NEW: "somebody new",
    BOSS: "a manager",
    "keeper": "the owner before",
}
"""The people whom explorations name, by the parts they have."""


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
    return f"{head}{reference_words(found[0]) if found else rule}: {said}"


def reference_words(who: OwnerRef | str | None) -> str:
    """Whom a step or a rung means, in words."""
    if isinstance(who, OwnerRef):
        return worded(who.model_dump(mode="json")) or "nobody"
    return str(who).replace("_", " ") if who is not None else "nobody"
