"""A manager may end what still holds something elsewhere; then the escalation owner hears of each such action."""

from __future__ import annotations

import pytest

from runner.contract.contract import StepOf
from runner.engine import commands as cmd
from tests.runner.engine.worlds import TEXT, Life, accepted, contract, step


def act(action: str, back: str | None = None) -> StepOf:
    return step("action", args={"action": action, "with": {}}, changes=True, undo_by=back)


def held(*, released: bool = False) -> Life:
    """The lock is done, and taken back by a later step if `released`."""
    steps = (act("lock", "unlock"), act("unlock")) if released else (act("lock", "unlock"),)
    life = accepted(contract=contract(runbook={"open": steps}), answers=("deliveries", "writes"))
    for number in range(len(steps)):
        life.do(cmd.SucceedStep(run="open#1", step=number, attempt=1))
    return life


@pytest.mark.parametrize(
    "end", [cmd.Cancel(text=TEXT), cmd.Override(action="close", text=TEXT, code="fixed")], ids=["cancel", "close"]
)
def test_what_outlasts_the_end_is_told(end: cmd.Args) -> None:
    life = held()
    life.do(end, "boss")
    assert life.live.phase.over
    (message,) = [each for each in life.effects if each.payload.get("about") == "still_holds"]
    assert (message.payload["to"], message.payload["note"]) == ("boss", "lock still holds; run unlock")


def test_what_was_taken_back_is_not() -> None:
    life = held(released=True)
    life.do(cmd.Cancel(text=TEXT), "boss")
    assert not [each for each in life.effects if each.payload.get("about") == "still_holds"]
