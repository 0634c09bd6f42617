"""Steps that ask, wait and choose, and small runbooks of them with what follows each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runner.contract.blocks import Flat
from runner.contract.close_steps import linked
from runner.contract.conditions import Condition, condition_plain
from runner.contract.contract import AnswerOf, BranchOf, StepOf
from runner.engine import commands as cmd
from tests.runner.engine.worlds import HOUR, NET, Life, box, step

REFUND = {"decision": AnswerOf(type="choice", values=("refund", "credit"))}


def ask(**changes: Any) -> StepOf:
    """The network team decides between refund and credit within four hours; then the escalation owner."""
    plain: dict[str, Any] = {
        "name": "money", "who": NET, "within": box(4 * HOUR), "otherwise": "escalate", "answers": REFUND,
        "args": {"question": "Refund or credit?", "guidance": None},
    }  # fmt: skip
    return step("ask", **{**plain, **changes})


def approve(who: Any = NET, **changes: Any) -> StepOf:
    """The network team allows what comes next within two hours."""
    plain: dict[str, Any] = {
        "name": "allowed", "who": who, "within": box(2 * HOUR), "otherwise": "escalate",
        "args": {"question": "Do it?", "guidance": None},
    }  # fmt: skip
    return step("approve", **{**plain, **changes})


def wait(until: Condition | None = None, otherwise: str | None = None, hours: float = 3, **changes: Any) -> StepOf:
    """Three hours, or until something is so."""
    plain = {"until": condition_plain(until) if until is not None else None}
    falls_to = otherwise or ("go_on" if until is None else "escalate")
    return step("wait", within=box(int(hours * HOUR)), otherwise=falls_to, args=plain, **changes)


Way = tuple[str, "Condition | dict[str, Any] | None", Sequence[Any]]
"""A branch: its name, the condition or the answers that it needs (None: every other case), and its steps."""


def choose(*ways: Way, of: str | None = "money", **changes: Any) -> tuple[StepOf, Sequence[Way]]:
    """A choice with its branches, to be laid out by `program`."""
    branches = tuple(
        BranchOf(
            name=name,
            when=condition_plain(when) if when is not None and not isinstance(when, dict) else None,  # type: ignore[arg-type]
            answer=when if isinstance(when, dict) else None,
            start=0,
        )
        for name, when, _ in ways
    )
    return step("choose", of=of, branches=branches, **changes), ways


def program(*steps: Any) -> tuple[StepOf, ...]:
    """Steps as a runbook has them, those of branches behind their choice, each knowing what follows it."""
    laid: list[StepOf] = []
    _lay(steps, "small#/runbook/x", laid)
    flats = [Flat({}, None, (), each.rule, {}) for each in laid]  # type: ignore[arg-type]
    return linked(flats, laid)


def _lay(steps: Sequence[Any], path: str, laid: list[StepOf]) -> None:
    for index, each in enumerate(steps):
        rule = f"{path}/{index}"
        one, ways = each if isinstance(each, tuple) else (each, ())
        laid.append(one.model_copy(update={"rule": rule}))
        for number, (_, _, inner) in enumerate(ways):
            _lay(inner, f"{rule}/choose/branches/{number}/steps", laid)


def question(life: Life) -> int:
    """The number of the open question."""
    (found,) = [offer.id for offer in life.live.offers.values() if offer.purpose == "question"]
    return found


def answer(life: Life, *, texts: dict[str, str] | None = None, **answers: Any) -> cmd.Answer:
    """An answer to the open question."""
    return cmd.Answer(offer=question(life), answers=answers, texts=texts or {})


def rules(life: Life) -> list[str]:
    """The positions of the steps that were requested, in order, below the runbook."""
    return [each.removeprefix("small#/runbook/x/") for each in _requested(life)]


def _requested(life: Life) -> list[str]:
    return [event.rule for _, event in life.events if event.type == "StepRequested"]
