"""Whatever there is to be seen in lives comes about in explorations, or is left out for a reason.

That is every command, refusal, reason, message, effect, event and row of the transition table: the lists are made from
the types themselves, so that a new one fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

from runner.contract.contract import Contract
from runner.engine import events as ev
from runner.engine.effects import WITH_EFFECTS, effects
from tests.runner.engine.alphabet import everything
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import one_rung
from validators.verify.environment import COMMANDS, LEFT_OUT
from validators.verify.explore import Budget, Edge, explore
from validators.verify.parts import parts_of
from validators.verify.properties import broken

ALIKE = (
    "ownership with an exception", "waits with an exception", "exceptions and tasks", "messages", "substitutes",
    "remedies",
)  # fmt: skip
"""Parts that show of two contracts what they show of any."""
STATES = 300
"""Of each part: what there is to be seen is seen early, and what is not is no fault of the contract."""
SORTS = ("refused", "event", "row", "reason", "message", "effect")


def contracts() -> Iterator[Contract]:
    """Between them they use every key of the language."""
    hour = {"seconds": 3600, "calendar": None}
    asks = small_stages()[0].contract.model_dump(mode="json")["clarify"]
    yield one_rung(postmortem="always", progress_within=hour, checklist_within=hour, clarify=asks)
    yield from (small_stages()[number].contract for number in (1, 2, 3))


@cache
def seen() -> frozenset[str]:
    found: set[str] = set()

    def look(edge: Edge) -> Iterator[tuple[str, str]]:
        for event in edge.events:
            found.update(_shown(edge, event))
        yield from broken(edge)

    for number, contract in enumerate(contracts()):
        for part in parts_of(contract):
            if number > 1 and part.name in ALIKE:
                continue
            graph = explore(part, Budget(states=STATES), look)
            assert graph.found == [], (part.name, graph.found[0].words)
            found |= graph.seen
    return frozenset(found)


def _shown(edge: Edge, event: ev.Event) -> Iterator[str]:
    yield f"reason:{event.reason.value}"
    for others in ("absent", "passed_over"):
        yield from (f"reason:{why.value}" for why in getattr(event, others, {}).values())
    if isinstance(event, ev.DeliveryRequested):
        yield f"message:{event.about}"
    if type(event) in WITH_EFFECTS and edge.after is not None:
        yield from (f"effect:{each.kind}" for each in effects(edge.contract, edge.after, event))


def test_everything_is_in_the_alphabet_or_left_out_for_a_reason() -> None:
    wanted = {each for each in everything() if each.partition(":")[0] in SORTS}
    missing = wanted - seen() - LEFT_OUT.keys()
    assert not missing, sorted(missing)
    assert all(LEFT_OUT.values())


def test_nothing_is_left_out_that_comes_about() -> None:
    assert not LEFT_OUT.keys() & seen()
    assert LEFT_OUT.keys() <= everything()


def test_every_command_is_given_by_somebody() -> None:
    given = {each.partition(":")[2] for each in everything() if each.startswith("command:")}
    assert given == set(chain(*COMMANDS.values()))


def test_commands_come_from_where_the_environment_says() -> None:
    said = {f"{part}:{command}" for part, commands in COMMANDS.items() for command in commands}
    parts = tuple(f"{part}:" for part in COMMANDS)
    given = {each for each in seen() if each.startswith(parts)}
    assert given <= said, sorted(given - said)
    strangers = {f"stranger:{command}" for command in COMMANDS["stranger"]}
    assert said - given <= strangers, sorted(said - given - strangers)
