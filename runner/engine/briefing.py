"""What the text of a step is told: the escalation as it stands, in values and names to show. Renders nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from runner.contract.contract import Contract

__all__ = ["Briefing", "briefing"]


class Briefing(TypedDict):
    """The arguments of `runner.contract.text.message_context` that come from an escalation."""

    escalation: dict[str, object]
    owner: str | None
    previous: str | None
    owners: dict[str, str | None]
    accept_by: str | None
    outcome: str
    inputs: dict[str, object]
    created: str | None
    steps: Mapping[str, Mapping[str, object]]


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
        outcome=contract.statement,
        inputs=dict(step.inputs),
        created=payload["created"],
        steps=payload["results"],
    )
