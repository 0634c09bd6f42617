"""The words of a question: what is asked, what helps to decide, which answers are wanted; for messages and pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.contract.contract import AnswerOf, Contract, StepOf
from runner.contract.policies import Person
from runner.contract.text import TextError, message_context, render
from runner.contract.values import format_instant
from runner.engine.briefing import briefing, with_texts
from runner.engine.effects import standing
from runner.engine.questions import wanted
from runner.engine.state import State
from runner.zones import zone

__all__ = ["question_text", "questions_view"]

_KINDS = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "person": "a person's id",
    "instant": "a date with time and zone",
}


def question_text(step: StepOf, context: Mapping[str, object]) -> str:
    """The lines of a message: question, guidance, and a line for each answer."""
    lines = [_said(step.args["question"], context)]
    if step.args.get("guidance"):
        lines.append(_said(step.args["guidance"], context))
    lines += [f"- {name}: {_wanted(each)}" for name, each in wanted(step).items()]
    return "\n".join(lines)


def _said(text: Any, context: Mapping[str, object]) -> str:  # noqa: ANN401 - the contract holds a text here
    """The text with its values; as it is written where one is missing, since a question must be asked all the same."""
    try:
        return render(str(text), context)
    except TextError:
        return str(text)


def _wanted(answer: AnswerOf) -> str:
    kind = f"one of {', '.join(answer.values)}" if answer.type == "choice" else _KINDS[answer.type]
    if answer.default is not None:
        return f"{kind}; {_shown(answer.default)} if left out"
    return kind if answer.required else f"{kind}; may be left out"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def questions_view(
    contract: Contract,
    state: State,
    ticket: Mapping[str, object],
    people: Mapping[str, Person],
    text_of: Callable[[str], str | None],
) -> list[dict[str, Any]]:
    """The open questions, with times as whoever is asked reads them.

    `ticket` is its last reading; `people` are those by id, `text_of` gives texts by digest.
    """
    found = []
    names = {person: each.name for person, each in people.items()}
    for offer in state.offers.values():
        run = state.runs.get(offer.run or "")
        if offer.purpose != "question" or run is None:
            continue
        step = contract.runbook[run.point][run.step]
        said = with_texts(contract, standing(state, run), text_of)
        briefed = briefing(contract, state.escalation, said, names)
        where = zone(people[offer.to].zone if offer.to in people else "UTC")
        context = message_context(ticket={"url": "", **ticket, "id": state.ticket}, zone=where, **briefed)
        guidance = step.args.get("guidance")
        found.append(
            {
                "offer": offer.id,
                "kind": step.kind,
                "name": step.name,
                "run": run.id,
                "to": offer.to,
                "question": _said(step.args["question"], context),
                "guidance": _said(guidance, context) if guidance else None,
                "answers": {name: each.model_dump(mode="json") for name, each in wanted(step).items()},
                "due": format_instant(offer.due) if offer.due is not None else None,
                "told": offer.told,
            }
        )
    return found
