"""Every command, refusal, event and row of the table comes about in explorations, or is left out for a reason."""

from __future__ import annotations

from functools import cache
from itertools import chain

from tests.runner.engine.alphabet import everything
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import one_rung
from validators.verify.environment import COMMANDS, LEFT_OUT
from validators.verify.explore import Budget, explore
from validators.verify.parts import parts_of
from validators.verify.properties import broken

STATES = 300
"""Of each part: what there is to be seen is seen early, and what is not is no fault of the contract."""
SORTS = ("refused", "event", "row")


@cache
def seen() -> frozenset[str]:
    found: set[str] = set()
    hour = {"seconds": 3600, "calendar": None}
    lapses = one_rung(postmortem="always", progress_within=hour, checklist_within=hour)
    contracts = [lapses, *(small_stages()[number].contract for number in (1, 2, 3))]
    for contract in contracts:
        for part in parts_of(contract):
            graph = explore(part, Budget(states=STATES), broken)
            assert graph.found == [], (part.name, graph.found[0].words)
            found |= graph.seen
    return frozenset(found)


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
