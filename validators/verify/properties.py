"""What must hold of every decision, as data: the guarantees and the limits. Each is written apart from the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from runner.engine import events as ev
from runner.engine.reasons import Reason
from runner.engine.state import Phase, accountable, deadlines
from validators.verify.ending import nothing_unproven
from validators.verify.explore import Edge
from validators.verify.noted import recorded_as_it_is
from validators.verify.oracle import LAST_RESORT, same
from validators.verify.run_properties import (
    latest_first,
    refused_is_not_done,
    runs_in_their_state,
    undone_or_reported,
)
from validators.verify.standing import always_a_deadline, exceptions_owned, somebody_accountable

__all__ = ["PROPERTIES", "Property", "broken", "broken_decision", "broken_state"]

_FAILOVERS: Final = frozenset(
    (
        Reason.NO_ANSWER,
        Reason.NOT_TOLD,
        Reason.REJECTED_NOT_MINE,
        Reason.REJECTED_NO_CAPACITY,
        Reason.REJECTED_CONFLICT,
        Reason.ESCALATED,
        Reason.CHECKLIST_MISSED,
        Reason.NOT_CLARIFIED,
    )
)


@dataclass(frozen=True, slots=True)
class Property:
    """Something that must hold of every decision; `guarantee` is its number in the documentation.

    `of` are the events without which there is nothing to look at, `by` the kinds of moves. `standing`: it asks only how
    things stand afterwards, so once for all states with the same control.
    """

    name: str
    words: str
    guarantee: int
    check: Callable[[Edge], str | None]
    of: frozenset[str] | None = None
    by: frozenset[str] | None = None
    standing: bool = False


def broken(edge: Edge) -> Iterator[tuple[str, str]]:
    """The properties that a decision breaks, each with what was found."""
    yield from broken_decision(edge)
    yield from broken_state(edge)


def broken_decision(edge: Edge) -> Iterator[tuple[str, str]]:
    """Of these the properties of what was decided."""
    if edge.fault is not None:
        yield "decides", f"the engine fails: {type(edge.fault).__name__}: {edge.fault}"
        return
    if edge.refused is None or edge.events:
        for name, check in _asked_of("" if edge.move is None else edge.move.kind, edge.kinds):
            words = check(edge)
            if words is not None:
                yield name, words


def broken_state(edge: Edge) -> Iterator[tuple[str, str]]:
    """Of these the properties of how things stand after the decision."""
    if edge.fault is None and (edge.refused is None or edge.events):
        for each in _STANDING:
            words = each.check(edge)
            if words is not None:
                yield each.name, words


def _decides(edge: Edge) -> str | None:
    del edge
    return None  # a fault is said before anything else is looked at


def _refuses(edge: Edge) -> str | None:
    if edge.move is None or not edge.move.must_fail or edge.refused is not None:
        return None
    return f"not refused: {edge.move.label}"


def _takes_effect(edge: Edge) -> str | None:
    if edge.move is None or edge.refused is not None or edge.events:
        return None
    return f"neither refused nor done: {edge.move.label}"


def _handoff_keeps(edge: Edge) -> str | None:
    """The sender answers until the receiver accepts."""
    if edge.before is None or edge.after is None or edge.before.holder is None:
        return None
    offered = [e for e in edge.events if isinstance(e, ev.OwnerOffered) and e.purpose == "handoff"]
    if offered and edge.after.holder != edge.before.holder:
        return "the sender of a handoff does not answer for it any more"
    return None


_MOVED: Final = frozenset(
    ("OfferAccepted", "OwnerReleased", "OwnerTook", "LadderExhausted", "EscalationClosed", "EscalationCancelled")
)


def _only_by_events(edge: Edge) -> str | None:
    if edge.before is None or edge.after is None or edge.before.holder == edge.after.holder:
        return None
    return None if not _MOVED.isdisjoint(edge.kinds) else "the owner changed without an event that says so"


def _progress(edge: Edge) -> str | None:
    """Of whoever holds it, and does something, further progress is awaited."""
    state, within = edge.after, edge.contract.progress_within
    if within is None or state is None or state.phase is not Phase.ACCEPTED or state.progress_due is not None:
        return None
    acts = edge.move is not None and edge.move.actor == state.holder
    return "no progress is awaited of the one who holds it" if acts else None


def _manager_hears(edge: Edge) -> str | None:
    """At every failover the escalation owner is told, or asked."""
    if edge.after is None or edge.after.phase.over:
        return None
    over = next((event for event in edge.events if event.type in _SAID and _fails_over(edge, event)), None)
    return None if over is None or _heard(edge) else f"the escalation owner does not hear that {_SAID[over.type]}"


def _fails_over(edge: Edge, event: ev.Event) -> bool:
    if event.type in ("RungSkipped", "OutcomeMissed"):
        return True
    of_ladder = not isinstance(event, ev.OfferEnded) or _of_ladder(edge, event.offer)
    return event.reason in _FAILOVERS and of_ladder


_SAID: Final = {
    "OfferEnded": "an offer passed on",
    "OwnerReleased": "it was taken from its owner",
    "RungSkipped": "a rung was skipped",
    "OutcomeMissed": "the outcome is overdue",
}


def _of_ladder(edge: Edge, offer: int) -> bool:
    return edge.before is not None and offer in edge.before.offers and edge.before.offers[offer].purpose == "ladder"


def _heard(edge: Edge) -> bool:
    told = [e.to for e in edge.events if e.type in {"DeliveryRequested", "OwnerOffered"}]
    return any(to == LAST_RESORT or same(edge.manager, to) for to in told)


def _silence(edge: Edge) -> str | None:
    """Whatever falls due, somebody is asked or told of it, or the runner does something."""
    if not edge.events:
        return "a deadline passed, and nothing followed"
    if not _HEARD.isdisjoint(edge.kinds):
        return None
    return "a deadline passed, and nobody was asked or told"


_HEARD: Final = frozenset(
    ("DeliveryRequested", "OwnerOffered", "QuestionAsked", "StepRequested", "StepSucceeded", "UndoRequested",
     "RecordRequested", "StepFailed", "UndoFailed", "RunEnded")
)  # fmt: skip


def _accepted(edge: Edge) -> str | None:
    """Whoever accepts has answered every question of the checklist, or is awaited to."""
    wanted = {check.name for check in edge.contract.checklist}
    for event in edge.events:
        if isinstance(event, ev.OfferAccepted):
            if wanted - event.answers.keys() and event.checklist_due is None:
                return "accepted without the checklist, which nobody awaits"
            if event.checklist_due is not None and (edge.after is None or edge.after.checklist_due is None):
                return "nobody awaits the checklist that is to follow"
    return None


def _exceptions(edge: Edge) -> str | None:
    after = edge.after
    if after is None or edge.before is None or not edge.before.exceptions:
        return None
    for event in edge.events:
        if isinstance(event, ev.ExceptionOverdue) and not _heard(edge):
            return "an exception is overdue, and the escalation owner does not hear of it"
    gone = edge.before.exceptions.keys() - after.exceptions.keys()
    if gone and not after.phase.over and "ExceptionEnded" not in edge.kinds:
        return "an exception is gone without an end"
    return None


_COUNTED: Final = frozenset(("OwnerOffered", "RestoreRequested", "WaitingStarted"))


def _bounded(edge: Edge) -> str | None:
    before, after, contract = edge.before, edge.after, edge.contract
    if after is None:
        return None
    if after.ladder_pass > contract.repeat:
        return f"pass {after.ladder_pass + 1} through the ladder, and {contract.repeat + 1} are allowed"
    if after.untold > contract.limits.untold_retries:
        return f"tried {after.untold} times since nobody was told, and {contract.limits.untold_retries} is the limit"
    for event in () if _COUNTED.isdisjoint(edge.kinds) else edge.events:
        match event:
            case ev.OwnerOffered(purpose="handoff", reason=Reason.HANDED_OVER) if before is not None:
                if before.handoffs >= contract.handoff.at_most:
                    return f"handed over a further time after {contract.handoff.at_most}"
                if before.bounced and event.to == before.giver:
                    return "handed to and fro between the same two once more"
            case ev.RestoreRequested() if before is not None and before.restores >= contract.limits.restores_at_most:
                return f"set back a further time after {contract.limits.restores_at_most}"
            case ev.WaitingStarted() if before is not None and contract.waiting is not None:
                if before.waited >= contract.waiting.at_most.seconds:
                    return "waits although all the time for it is used up"
            case _:
                pass
    return None


def _time(edge: Edge) -> str | None:
    """Time never goes back, and new timeboxes start now."""
    after = edge.after
    if after is None or edge.before is None:
        return None
    if after.now < edge.before.now:
        return "time went back"
    if "OwnerOffered" not in edge.kinds:
        return None
    past = [
        event for event in edge.events if isinstance(event, ev.OwnerOffered) and event.due and event.due <= after.now
    ]
    return "somebody is asked until an instant that has passed" if past else None


def _goes_on(edge: Edge) -> str | None:
    """What has fallen due is over: it does not fall due again at the same instant."""
    if edge.before is None or edge.after is None or not edge.events:
        return None
    handled = min(deadlines(edge.before))
    return "what was handled is due again at once" if handled in deadlines(edge.after) else None


def _recorded(edge: Edge) -> str | None:
    """The ticket is made to say how it stands, if it is there and ours; what could not be written is tried again."""
    state = edge.after
    if state is None or not edge.events:
        return None
    if state.gone or state.replaced:
        whose = "gone" if state.gone else "another escalation's"
        return f"the ticket is {whose}, and it is written" if "RecordRequested" in edge.kinds else None
    owner = state.previous if state.phase.over else accountable(state)
    said = state.record or ("", None, None)
    shown = said[1] is owner or same(said[1], owner)
    if not shown or (said[0], said[2]) != (state.phase, state.accepted_at):
        return "the ticket is not made to say how it stands"
    tried = state.record_write in state.writes or state.rewrite_at is not None
    if state.unwritten and not state.phase.over and not tried:
        return "the ticket could not be written, and nobody tries again"
    return None


def _replaced(edge: Edge) -> str | None:
    """Whoever leaves does not go on holding it, nor being asked, unless that person acted although away."""
    before, after = edge.before, edge.after
    if before is None or after is None or edge.move is None or edge.move.args.type != "NoteRoster":
        return None
    asked = [offer.to for n, offer in before.offers.items() if n in after.offers and offer.on_end != "stay"]
    held = [before.holder] if before.holder is after.holder and after.phase is not Phase.RESOLVED else []
    for person in (*held, *asked):
        if f"{person} is away" in edge.words and f"{person} has been away ever since" not in edge.words:
            return f"whoever {'holds it' if person in held else 'is asked'} is away, and nobody is asked instead"
    return None


def _reached(edge: Edge) -> str | None:
    """Whoever could not be reached is somebody's exception, from then on."""
    for event in edge.events:
        if isinstance(event, ev.DeliveryFailed) and event.reason is Reason.UNDELIVERED:
            if edge.before is None or edge.after is None or edge.after.phase.over:
                continue
            person = edge.before.deliveries[event.delivery].to
            open_ones = [each.about for each in edge.after.exceptions.values() if each.exception_class == "undelivered"]
            if person not in open_ones:
                return "a message reached nobody, and that is nobody's to see to"
    return None


_PERSON: Final = frozenset(("person",))
_TIME: Final = frozenset(("time",))
_WORLD: Final = frozenset(("world",))

PROPERTIES: Final = (
    Property("decides", "the engine always comes to a decision", 0, _decides),
    Property("refuses", "what nobody may do is refused", 10, _refuses, by=_PERSON),
    Property("takes-effect", "whatever a person asks for is refused or done", 10, _takes_effect, by=_PERSON),
    Property("accountable", "somebody is accountable from open to close", 1, somebody_accountable, standing=True),
    Property(
        "handoff-keeps-owner",
        "the sender of a handoff answers until the receiver accepts",
        1,
        _handoff_keeps,
        of=frozenset(("OwnerOffered",)),
    ),
    Property("moves-by-engine", "ownership moves only by decisions that say so", 3, _only_by_events),
    Property("deadline", "there is always a next deadline until close", 2, always_a_deadline, standing=True),
    Property("progress", "of whoever holds it and does something, progress is awaited", 2, _progress, by=_PERSON),
    Property(
        "manager-hears",
        "the escalation owner hears of every failover",
        4,
        _manager_hears,
        of=frozenset(("OfferEnded", "OwnerReleased", "RungSkipped", "OutcomeMissed")),
    ),
    Property("silence", "whatever falls due, somebody is asked or told", 9, _silence, by=_TIME),
    Property("earned", "an acceptance is earned", 6, _accepted, of=frozenset(("OfferAccepted",))),
    Property(
        "proven",
        "nothing resolves or closes unproven",
        7,
        nothing_unproven,
        of=frozenset(("OutcomeResolved", "EscalationClosed", "EscalationCancelled")),
    ),
    Property(
        "exceptions-owned",
        "every exception has an owner or somebody asked to own it",
        2,
        exceptions_owned,
        standing=True,
    ),
    Property("exceptions-told", "an exception that is overdue is told of, and it ends by a decision", 9, _exceptions),
    Property("bounded", "passes, retries, handoffs, bounces and restores are bounded", 5, _bounded),
    Property("time", "time never goes back and timeboxes start now", 4, _time),
    Property("goes-on", "what has fallen due is over when it was handled", 4, _goes_on, by=_TIME),
    Property("replaced", "whoever leaves is replaced", 1, _replaced, by=_WORLD),
    Property("recorded", "the ticket is made to say who is accountable, and left alone once it is gone", 3, _recorded),
    Property(
        "reached",
        "whom no message reaches is an exception with an owner",
        9,
        _reached,
        of=frozenset(("DeliveryFailed",)),
    ),
    Property("undone", "every change is taken back or reported", 8, undone_or_reported),
    Property("order", "the latest change is taken back first", 8, latest_first, of=frozenset(("UndoRequested",))),
    Property(
        "approved",
        "what somebody refuses to approve does not go on",
        8,
        refused_is_not_done,
        of=frozenset(("QuestionAnswered",)),
    ),
    Property("noted", "whatever is done, comes back or falls due is recorded as what it is", 12, recorded_as_it_is),
    Property("runs", "a run lasts as long as the state it belongs to", 8, runs_in_their_state),
)
_DECISIONS: Final = tuple(each for each in PROPERTIES if not each.standing)
_STANDING: Final = tuple(each for each in PROPERTIES if each.standing)


@lru_cache(maxsize=4096)  # contracts have some hundred different decisions
def _asked_of(move: str, kinds: tuple[str, ...]) -> tuple[tuple[str, Callable[[Edge], str | None]], ...]:
    """What is asked of a decision by the kind of its move, "" when it opens, and by its events: names and checks."""
    return tuple(
        (each.name, each.check)
        for each in _DECISIONS
        if (each.by is None or move in each.by) and (each.of is None or not each.of.isdisjoint(kinds))
    )
