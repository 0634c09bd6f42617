"""What the holder answered to the checklist, at hand for the texts of steps: from the acceptance until somebody else
is asked.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from runner.contract.text import message_context, render
from runner.engine import commands as cmd
from runner.engine.briefing import briefing, with_texts
from tests.runner.engine.test_checklists import GOOD, TYPED
from tests.runner.engine.worlds import TEXT, YES, Life, at, box, contract, opened, step

STEPS = (step("note", on_leave="finish"),)
SAID = " ".join("{{ checklist.NAME | default: 'open' }}".replace("NAME", name) for name in ("sure", "amount", "plan"))


def said(life: Life, texts: Mapping[str, str]) -> str:
    """What the last step would say."""
    effect = [each for each in life.effects if each.kind == "step"][-1]
    told = with_texts(life.contract, effect.payload, texts.get)
    return render(SAID, message_context(ticket={}, **briefing(life.contract, "E-1", told, {})))


def typed(**changes: object) -> Life:
    runbook = dict.fromkeys(("accepted", "failover", "resolved"), STEPS)
    return opened(contract=TYPED.model_copy(update={"runbook": runbook, **changes}))


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [({TEXT: "call them"}, "true 0 call them"), ({}, "true 0 open")],
    ids=["said", "erased"],
)
def test_a_step_can_say_what_was_answered(texts: dict[str, str], wanted: str) -> None:
    life = typed()
    life.do(cmd.Accept(offer=1, answers=GOOD), "ann", when=at(5))
    assert said(life, texts) == wanted


def test_after_a_single_tap_there_is_nothing_yet() -> None:
    life = typed(checklist_within=box(600))
    life.do(cmd.Accept(offer=1, answers={}), "ann", when=at(5))
    assert (life.live.answers, said(life, {})) == ({}, "open open open")
    life.do(cmd.CompleteChecklist(answers=GOOD), "ann", when=at(6))
    assert life.live.answers == GOOD


def test_what_one_answered_is_not_said_of_the_next() -> None:
    life = typed()
    life.do(cmd.Accept(offer=1, answers=GOOD), "ann", when=at(5))
    life.do(cmd.Escalate(offer=None, text=TEXT), "ann", when=at(6))
    assert (life.live.answers, said(life, {TEXT: "call them"})) == ({}, "open open open")


def test_whoever_takes_it_has_answered_nothing() -> None:
    life = opened(contract=contract(runbook={"accepted": STEPS}))
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(5))
    assert life.live.answers == YES
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(6))
    assert life.live.answers == {}


def test_a_row_of_an_earlier_version_knows_no_answers() -> None:
    life = typed()
    life.do(cmd.Accept(offer=1, answers=GOOD), "ann", when=at(5))
    effect = [each for each in life.effects if each.kind == "step"][-1]
    old = {name: value for name, value in effect.payload.items() if name != "checklist"}
    assert with_texts(life.contract, old, lambda _: None)["checklist"] == {}
