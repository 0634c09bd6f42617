"""Who is meant by a party that a template names, such as the owner or a rung. Asks nobody and tells nobody."""

from __future__ import annotations

from runner.contract.contract import Party
from runner.contract.values import OwnerRef
from runner.engine.draft import Draft
from runner.engine.roster import Nobody, Person
from runner.engine.state import accountable

__all__ = ["meant", "named"]


def meant(draft: Draft, who: Party | OwnerRef) -> Person | Nobody | str | None:
    """Whoever is on call, or the id of whom the escalation itself knows, who may be away; None if it knows nobody."""
    state = draft.state
    match who:
        case "owner":
            return accountable(state) or state.previous
        case "previous_owner":
            return state.previous or accountable(state)
        case "escalation_owner":
            return draft.manager()
        case OwnerRef() as ref:
            return draft.on_call(ref)
        case rung:
            return draft.on_call(draft.contract.owners[rung])


def named(draft: Draft, who: Party | OwnerRef | None) -> str | None:
    """The id of whom a party means; the escalation owner stands in for whom nobody can reach. None if none is named."""
    match meant(draft, who) if who is not None else None:
        case Nobody():
            return draft.manager().id
        case Person() as found:
            return found.id
        case person:
            return person
