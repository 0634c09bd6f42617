"""All transitions of the ownership region, as data. The diagram in the docs is drawn from this table.

Events that are not listed leave the phase as it is. An event that is listed, in a phase for which it has no row, is a
fault of the engine: `phase_after` raises AssertionError.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from runner.engine.state import Phase

__all__ = ["RUN_SCOPES", "TRANSITIONS", "phase_after", "scope_of"]

O, A, W, X, R, C, N = (  # noqa: E741 - a table reads best with short names
    Phase.OFFERED,
    Phase.ACCEPTED,
    Phase.WAITING,
    Phase.EXHAUSTED,
    Phase.RESOLVED,
    Phase.CLOSED,
    Phase.CANCELLED,
)

TRANSITIONS: Mapping[tuple[Phase, str], Phase] = MappingProxyType(
    {
        (O, "EscalationOpened"): O,
        (O, "LadderExhausted"): X,
        (O, "HolderAccepted"): A,
        (A, "HolderAccepted"): A,
        (X, "HolderAccepted"): A,
        (A, "OwnerReleased"): O,
        (X, "OwnerReleased"): O,
        (O, "OwnerReleased"): O,
        (O, "OwnerTook"): A,
        (A, "OwnerTook"): A,
        (X, "OwnerTook"): A,
        (R, "OwnerTook"): A,
        (R, "OwnerReleased"): O,
        (A, "WaitingStarted"): W,
        (W, "WaitingEnded"): A,
        (A, "OutcomeResolved"): R,
        (R, "OutcomeReopened"): A,
        (C, "EscalationReopened"): O,
        (O, "EscalationClosed"): C,
        (A, "EscalationClosed"): C,
        (X, "EscalationClosed"): C,
        (R, "EscalationClosed"): C,
        (O, "EscalationCancelled"): N,
        (A, "EscalationCancelled"): N,
        (X, "EscalationCancelled"): N,
        (R, "EscalationCancelled"): N,
    }
)
"""(phase, event) to phase. `HolderAccepted` stands for `OfferAccepted` of an offer whose acceptance means to hold."""

_LISTED = frozenset(event for _, event in TRANSITIONS)

RUN_SCOPES: Mapping[str, frozenset[Phase]] = MappingProxyType(
    {
        "open": frozenset((O, A, W, X, R)),
        "offered": frozenset((O, A, X)),
        "failover": frozenset((O, X)),
        "accepted": frozenset((A, W)),
        "exhausted": frozenset((X,)),
        "overdue": frozenset((O, A, W, X, R)),
        "exception": frozenset((O, A, W, X)),
        "handoff": frozenset((A, W)),
        "resolved": frozenset((R,)),
        "closed": frozenset((C,)),
    }
)
"""The phases in which a run of each point goes on; outside them only steps with `on_leave: finish` are still begun."""


def scope_of(point: str) -> frozenset[Phase]:
    """The phases in which a run of a point goes on; `exception:vendor` is the point of one class of exceptions."""
    return RUN_SCOPES[point.partition(":")[0]]


def phase_after(phase: Phase, event: str) -> Phase:
    """The phase after an event in a phase."""
    if event not in _LISTED:
        return phase
    after = TRANSITIONS.get((phase, event))
    if after is None:
        msg = f"no transition for {event} in {phase}"
        raise AssertionError(msg)
    return after
