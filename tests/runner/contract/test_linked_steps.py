"""What follows each step of a point, with branches inside branches and branches without steps."""

from __future__ import annotations

from typing import Any

from runner.contract.blocks import Flat
from runner.contract.close_steps import linked
from runner.contract.contract import BranchOf, StepOf


def step(rule: str, *branches: str) -> StepOf:
    ways = tuple(BranchOf(name=name, when=None, answer=None, start=0) for name in branches)
    kind: Any = "choose" if branches else "note"
    return StepOf(
        kind=kind, rule=rule, who=None, via=(), room=None, within=None, branches=ways, args={}, inputs={}, task=False,
        timeout=None, retry=None, on_error="continue", on_leave="cancel",
    )  # fmt: skip


def links(*steps: StepOf) -> list[tuple[int | None, tuple[int, ...]]]:
    flats: Any = [Flat({}, None, (), each.rule, {}) for each in steps]  # type: ignore[arg-type]
    return [(each.then, tuple(way.start for way in each.branches)) for each in linked(flats, steps)]


def test_steps_without_choices_follow_one_another() -> None:
    assert links(step("t#/0"), step("t#/1")) == [(None, ()), (None, ())]


def test_a_branch_goes_on_behind_the_choice_and_one_without_steps_is_there_at_once() -> None:
    first, second = "t#/1/choose/branches/0/steps", "t#/1/choose/branches/2/steps"
    assert links(
        step("t#/0"),
        step("t#/1", "high", "empty", "low"),
        step(f"{first}/0"),
        step(f"{first}/1 > block#/steps/0"),
        step(f"{second}/0"),
        step("t#/2"),
    ) == [
        (None, ()),
        (5, (2, 5, 4)),
        (None, ()),
        (5, ()),
        (None, ()),
        (None, ()),
    ]


def test_a_choice_inside_a_branch_at_the_end_leads_out_of_both() -> None:
    outer = "t#/0/choose/branches/0/steps"
    inner = f"{outer}/0/choose/branches/1/steps"
    assert links(
        step("t#/0", "one", "rest"),
        step(f"{outer}/0", "nothing", "something"),
        step(f"{inner}/0"),
        step("t#/0/choose/branches/1/steps/0"),
        step("t#/1"),
    ) == [
        (4, (1, 3)),
        (4, (4, 2)),
        (4, ()),
        (None, ()),
        (None, ()),
    ]


def test_the_number_of_steps_stands_for_the_end() -> None:
    inside = "t#/0/choose/branches/0/steps"
    assert links(step("t#/0", "one", "rest"), step(f"{inside}/0")) == [(2, (1, 2)), (None, ())]
