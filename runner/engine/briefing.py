"""What the text of a step is told: the escalation as it stands, in values and names to show. Renders nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from runner.contract.contract import Contract
from runner.contract.values import format_instant
from runner.engine.state import State, accountable

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


def briefing(contract: Contract, state: State, payload: Mapping[str, Any], names: Mapping[str, str]) -> Briefing:
    """What to tell a step: `payload` is that of its effect, `state` the one now, `names` shows people by id.

    The owner is whoever is accountable now, or was last; the one before is as the step was requested. A person without
    a name is shown by id.
    """
    step = contract.runbook[payload["point"]][payload["step"]]
    dues = [offer.due for offer in state.offers.values() if offer.purpose == "ladder" and offer.due is not None]

    def name(person: str | None) -> str | None:
        return names.get(person, person) if person is not None else None

    return Briefing(
        escalation={
            "id": state.escalation,
            "template": contract.name,
            "state": state.phase.value,
            "opened_at": format_instant(state.opened_at),
            "outcome_due": format_instant(state.outcome_due),
        },
        owner=name(accountable(state) or state.previous),
        previous=name(payload["previous"]),
        owners={rung: name(person) for rung, person in payload["owners"].items()},
        accept_by=format_instant(max(dues)) if dues else None,
        outcome=contract.statement,
        inputs=dict(step.inputs),
        created=payload["created"],
    )
