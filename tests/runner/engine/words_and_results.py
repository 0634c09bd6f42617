"""What one decision shows of silence (9), and of what is asked of the world: each effect has one way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.state import State, accountable
from tests.runner.engine.guarantees import Seen, hold, manager_of


def check_silence(seen: Seen) -> None:
    """9: whoever is asked gets a message that names one accountable person; what nobody got is somebody's."""
    name, state = "silence", seen.state
    messages = [event for event in seen.done.events if isinstance(event, ev.DeliveryRequested)]
    for event in seen.done.events:
        if isinstance(event, ev.OwnerOffered) and not event.quiet:
            told = [each for each in messages if each.offer == event.offer]
            hold(
                name, [each.to for each in told] == [event.to], f"{event.to} is asked, and told by {len(told)} messages"
            )
    for each in messages:
        hold(name, each.accountable, "a message that names nobody")
        hold(name, each.to, "a message to nobody")
        hold(name, each.delivery in state.deliveries, "a message that nobody waits for")
    if not state.phase.over and messages:
        named = {messages[-1].accountable, accountable(state)}
        hold(name, len(named) == 1, f"the last message names another: {named}")
    _not_delivered(seen, messages)


def _not_delivered(seen: Seen, messages: list[ev.DeliveryRequested]) -> None:
    args, before = seen.command.args, seen.before
    if not isinstance(args, cmd.FailDelivery) or before is None or args.delivery not in before.deliveries:
        return
    missed = before.deliveries[args.delivery].to
    name = "silence"
    hold(name, args.delivery not in seen.state.deliveries, "waited for although it failed")
    if seen.state.phase.over or args.why == "ended":
        return
    hold(name, missed in seen.state.unreached, f"{missed} was not reached, and nobody remembers")
    mine = [each for each in seen.state.exceptions.values() if getattr(each, "about", None) == missed]
    hold(name, mine, f"{missed} was not reached, and nobody owns that")
    others = {manager_of(seen.contract, seen.world), seen.world.last_resort.id} - {missed, *seen.state.unreached}
    raised = any(isinstance(event, ev.ExceptionRaised) for event in seen.done.events)
    heard = {each.to for each in messages} & others
    hold(name, heard or not others or not raised, f"{missed} was not reached, and nobody hears of it")


def check_delivered(seen: Seen) -> None:
    """9: whom a channel reached counts as told, and whoever acts has been reached."""
    name, args, before = "silence", seen.command.args, seen.before
    if before is None or not isinstance(args, cmd.Deliver) or args.delivery not in before.deliveries:
        return
    delivery = before.deliveries[args.delivery]
    hold(name, args.delivery not in seen.state.deliveries, "waited for although it was taken")
    offer = seen.state.offers.get(delivery.offer or 0)
    hold(name, offer is None or offer.told, "told, and counted as not told")
    hold(name, delivery.to not in seen.state.unreached, "reached, and counted as not reached")


def check_effects(seen: Seen) -> None:
    """Every effect waits for exactly one result, and everything that waits has been asked for once."""
    name, state = "effects", seen.state
    asked = Counter(_key(effect.kind, effect.payload) for effect in seen.done.effects)
    hold(name, all(count == 1 for count in asked.values()), f"asked twice: {asked}")
    before = _waiting(seen.before) if seen.before is not None else set()
    waiting = _waiting(state)
    news = waiting - before
    news = {key for key in news if not _by_itself(seen, key)}
    known = set(asked)
    hold(name, known >= news, f"waited for, and never asked: {news - known}")
    hold(name, known <= waiting | _settled(seen), f"asked, and nobody waits: {known - waiting}")


def _settled(seen: Seen) -> set[tuple[Any, ...]]:
    """What was asked and given up in the same decision."""
    ended = {event.run for event in seen.done.events if isinstance(event, ev.RunEnded)}
    return {key for key in (_key(e.kind, e.payload) for e in seen.done.effects) if key[0] == "step" and key[1] in ended}


def _key(kind: str, payload: dict[str, Any]) -> tuple[Any, ...]:
    return WAITS[kind](payload) if kind in WAITS else (kind, repr(sorted(payload.items(), key=str)))


WAITS: dict[str, Callable[[dict[str, Any]], tuple[Any, ...]]] = {
    "message": lambda p: ("message", p["delivery"]),
    "step": lambda p: ("step", p["run"], p["step"], p["attempt"]),
    "record": lambda p: ("record", p["write"]),
    "restore": lambda p: ("record", p["write"]),
    "comment": lambda p: ("record", p["write"]),
    "link": lambda p: ("record", p["write"]),
    "undo": lambda p: ("undo", p["rollback"], f"{p['run']}/{p['step']}", p["attempt"]),
}


def _waiting(state: State) -> set[tuple[Any, ...]]:
    return {
        *(("message", number) for number in state.deliveries),
        *(("step", run.id, run.step, run.attempt) for run in state.runs.values()),
        *(("record", write) for write in state.writes),
        *(("undo", each.id, each.step, each.attempt) for each in state.rollbacks.values() if each.step is not None),
    }


def _by_itself(seen: Seen, key: tuple[Any, ...]) -> bool:
    """Whether a step asks a person, or only waits: then an offer or a deadline brings its result."""
    if key[0] != "step":
        return False
    run = seen.state.runs[key[1]]
    step = seen.contract.runbook[run.point][run.step]
    if step.kind in ("ask", "approve"):
        return any(offer.run == run.id for offer in seen.state.offers.values())
    return step.kind == "wait" and step.args.get("until") is None
