"""What the text of a step is told: the escalation as it stands, in values and names to show. Renders nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from typing import Any, TypedDict

from runner.contract.contract import Contract

__all__ = ["Briefing", "briefing", "whose_time", "with_texts"]


class Briefing(TypedDict):
    """The arguments of `runner.contract.text.message_context` that come from an escalation."""

    escalation: dict[str, object]
    owner: str | None
    previous: str | None
    owners: dict[str, str | None]
    accept_by: str | None
    asked: str | None
    outcome: str
    inputs: dict[str, object]
    created: str | None
    steps: Mapping[str, Mapping[str, object]]
    checklist: Mapping[str, object]


_REF = re.compile(r"[0-9a-f]{64}")


def with_texts(
    contract: Contract, payload: Mapping[str, Any], text_of: Callable[[str], str | None]
) -> Mapping[str, Any]:
    """The payload with the texts that people answered in place of digests; `text_of` gives None for one erased."""
    results, answers = payload["results"], payload.get("checklist", {})
    if results:
        results = {name: dict(result) for name, result in results.items()}
        for step in contract.runbook[payload["point"]]:
            for name, answer in step.answers.items():
                value = results.get(step.name or "", {}).get(name)
                if answer.type == "text" and isinstance(value, str) and _REF.fullmatch(value):
                    results[step.name or ""][name] = text_of(value)
    if answers:
        wanted = {check.name for check in contract.checklist if check.answer in ("text", "evidence")}
        answers = {name: text_of(str(value)) if name in wanted else value for name, value in answers.items()}
    return {**payload, "results": results, "checklist": answers}


def whose_time(payload: Mapping[str, Any], people: Container[str]) -> str | None:
    """In whose time zone the text of a step tells times: that of the person whom it is for, else, as in a room or a
    note, that of whoever is accountable. None if neither is known to be there.
    """
    return next((each for each in (payload["who"], payload["accountable"]) if each in people), None)


def briefing(contract: Contract, escalation: str, payload: Mapping[str, Any], names: Mapping[str, str]) -> Briefing:
    """What to tell a step: `payload` is that of its effect, and says how things stood when it was decided.

    `names` shows people by id; who has no name there is shown by id.
    """
    step = contract.runbook[payload["point"]][payload["step"]]

    def name(person: str | None) -> str | None:
        return names.get(person, person) if person is not None else None

    return Briefing(
        escalation={
            "id": escalation,
            "template": contract.name,
            "state": payload["phase"],
            "opened_at": payload["opened_at"],
            "outcome_due": payload["outcome_due"],
        },
        owner=name(payload["accountable"]),
        previous=name(payload["previous"]),
        owners={rung: name(person) for rung, person in payload["owners"].items()},
        accept_by=payload["accept_by"],
        asked=name(payload.get("asked") or payload["accountable"]),
        outcome=contract.statement,
        inputs=dict(step.inputs),
        created=payload["created"],
        steps=payload["results"],
        checklist=payload.get("checklist", {}),
    )
