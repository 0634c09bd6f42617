"""What there is to be seen in lives of escalations, and what a walk has seen of it."""

from __future__ import annotations

import json
from typing import get_args

from runner.engine import events as ev
from runner.engine.effects import Effect
from runner.engine.events.base import About
from runner.engine.evolve import evolve
from runner.engine.reasons import Reason, RejectReason
from runner.engine.state import State, deadlines
from runner.engine.transitions import RUN_SCOPES, TRANSITIONS
from tests.runner.engine.walks import Walk
from tests.runner.engine.wishes import COMMANDS

__all__ = ["everything", "seen_in"]


def everything() -> set[str]:
    """Every command, refusal, reason, effect, event, message, and row of the transition table."""
    return {
        *(f"command:{each.__name__}" for each in COMMANDS),
        *(f"refused:{each.value}" for each in RejectReason),
        *(f"reason:{each.value}" for each in Reason),
        *(f"effect:{each}" for each in get_args(Effect.__annotations__["kind"]) or _effect_kinds()),
        *(f"event:{each.__name__}" for each in ev.EVENT_TYPES),
        *(f"message:{each}" for each in get_args(About)),
        *(f"row:{phase.value}/{event}" for phase, event in TRANSITIONS),
    }


def _effect_kinds() -> tuple[str, ...]:
    """The annotation is a text, since annotations are not evaluated there."""
    text = str(Effect.__annotations__["kind"])
    return tuple(each.strip(" \"'") for each in text[text.index("[") + 1 : text.rindex("]")].split(",") if each.strip())


def seen_in(walk: Walk) -> set[str]:
    """What a walk had happen; also runs under way in a phase, and deadlines that were to come."""
    seen: set[str] = {f"effect:{each.kind}" for each in walk.life.effects}
    for _, body, _ in walk.life.rows:
        row = json.loads(body)
        refused = row["rejected"]
        seen.add(f"refused:{refused['reason']}" if refused else f"command:{row['command']['args']['type']}")
    state: State | None = None
    for at, event in walk.life.events:
        name: str = event.type
        seen |= {f"event:{name}", f"reason:{event.reason.value}"}
        seen |= {f"reason:{each.value}" for each in getattr(event, "absent", {}).values()}
        seen |= {f"reason:{each.value}" for each in getattr(event, "passed_over", {}).values()}
        if isinstance(event, ev.DeliveryRequested):
            seen.add(f"message:{event.about}")
        if state is not None:
            if isinstance(event, ev.OfferAccepted) and state.offers[event.offer].on_accept == "hold":
                name = "HolderAccepted"
            seen.add(f"row:{state.phase.value}/{name}")
            points = {run.point.partition(":")[0] for run in state.runs.values()}
            seen |= {f"scope:{point}/{state.phase.value}" for point in points & RUN_SCOPES.keys()}
        elif isinstance(event, ev.EscalationOpened):
            seen.add("row:offered/EscalationOpened")
        state = evolve(state, event, at)
        seen |= {f"deadline:{each.sort}" for each in deadlines(state)}
    return seen
