"""What a change of the roster does to an escalation that is open: nobody goes on being asked who is away or gone.

Only what the change takes away counts; who comes back gets nothing back. Where it touches nothing, nothing follows.
Who acted although away is taken at their word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from runner.contract.values import OwnerRef
from runner.engine import events as ev
from runner.engine.answering import move_question, pass_question_on
from runner.engine.commands import Command, NoteRoster
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.exceptions import expire_exception_offer, pass_exception
from runner.engine.handoffs import return_handoff
from runner.engine.ladder import ask_anew, climb_on, name_another, offer_to, pass_on, rule_of, withdraw
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody
from runner.engine.state import Offer, Phase, accountable

__all__ = ["move_to_manager", "note_roster", "replace_absent_holder"]

_TICK = timedelta(microseconds=1)


def note_roster(draft: Draft, command: Command, args: NoteRoster) -> None:
    """Whoever holds it, is asked or stands by, and is away or unknown since then, is replaced; with the reason."""
    del command, args
    if not replace_absent_holder(draft):
        _keeper_left(draft)
        for offer in list(draft.state.offers.values()):
            if offer.purpose == "handoff":
                _handoff(draft, offer)
            elif offer.purpose == "ladder":
                _ladder_offer(draft, offer)
    for offer in list(draft.state.offers.values()):
        if offer.purpose == "question" and offer.id in draft.state.offers:
            _question(draft, offer)
    _exceptions(draft)
    substitute = draft.state.substitute
    reason = _away(draft, substitute)
    if reason is not None:
        name_another(draft, reason)


def move_to_manager(draft: Draft, rule: str) -> bool:
    """Nobody accepted, and the escalation owner is another person now: that one holds it. False if it is the same."""
    manager = draft.manager().id
    if draft.state.phase is not Phase.EXHAUSTED or accountable(draft.state) == manager:
        return False
    withdraw(draft, Reason.ROSTER_MOVED, rule, "ladder")
    last = len(draft.contract.ladder) - 1
    ladder_rule = draft.contract.ladder[-1].rule
    offer_to(draft, manager, Reason.ROSTER_MOVED, ladder_rule, due=None, rung=last, on_end="stay")
    return True


def _away(draft: Draft, person: str | None) -> Reason | None:
    """Why this person is not there now; None for who is, and for nobody."""
    if person is None:
        return None
    found = draft.world.on_call(made(OwnerRef, person=person), draft.now)  # of the state, so it is a name
    if isinstance(found, Nobody):
        return found.reason
    return None if found.id == person else Reason.ABSENT


def _left(draft: Draft, person: str, since: datetime) -> Reason | None:
    """As `_away`, but not for who acted, or was asked, at `since` although away, and has been away ever since."""
    reason = _away(draft, person)
    if reason is not Reason.ABSENT:
        return reason
    return reason if draft.world.was_there(person, since - _TICK) else None


def replace_absent_holder(draft: Draft) -> bool:
    """The holder is away: the ladder asks anew, unless all that is left is to close it. True if it was taken away."""
    state = draft.state
    if state.holder is None:
        return False
    person, ladder = state.holder, draft.contract.ladder
    reason = _left(draft, person, state.accepted_at or state.now)
    if reason is None:
        return False
    rule = ladder[state.rung].rule
    if state.phase is Phase.RESOLVED:
        if state.away != person:
            draft.add(made(ev.OwnerAway, reason=reason, rule=rule, person=person))
            draft.tell(draft.manager().id, "owner_away", reason, rule)
        return False
    start = _from(draft, person, state.rung) % len(ladder)
    ask_anew(draft, start, reason, rule, told=reason is not Reason.UNKNOWN_REF)
    draft.tell_manager("failover", reason, rule)
    return True


def _keeper_left(draft: Draft) -> None:
    """Who answered for what this escalation takes the place of is away: whoever is asked answers for it already."""
    state = draft.state
    person, rule = state.keeper, draft.contract.ladder[state.rung].rule
    reason = _left(draft, person, state.opened_at) if person is not None else None
    if person is not None and reason is not None:
        draft.add(made(ev.OwnerReleased, reason=reason, rule=rule, person=person, text=None))
        draft.tell_manager("failover", reason, rule)


def _from(draft: Draft, person: str, rung: int) -> int:
    """Where the ladder goes on after this person: on the same rung if somebody stands in there who was not asked yet,
    else on the next.
    """
    found = draft.on_call(draft.contract.ladder[rung].owner)
    stands_in = not isinstance(found, Nobody) and found.id not in (person, *draft.state.asked)
    return rung if stands_in else rung + 1


def _ladder_offer(draft: Draft, offer: Offer) -> None:
    if offer.on_end == "stay":
        move_to_manager(draft, draft.contract.ladder[-1].rule)
        return
    reason = _left(draft, offer.to, offer.made_at)
    if reason is None:
        return
    _end(draft, offer, reason, rule_of(draft, offer))
    if offer.on_end == "climb" and not offer.quiet:
        climb_on(draft, offer)  # until the service hours begin somebody else holds it; nobody was asked in vain
        return
    start = None if offer.rung is None else _from(draft, offer.to, offer.rung)
    pass_on(draft, offer, reason, start=start)


def _handoff(draft: Draft, offer: Offer) -> None:
    """The sender has answered for it all the time and goes on."""
    reason = _left(draft, offer.to, offer.made_at)
    if reason is not None:
        _end(draft, offer, reason, draft.rule("/handoff/accept_within"))
        return_handoff(draft, offer, reason)


def _question(draft: Draft, offer: Offer) -> None:
    """As if it had not been answered in time."""
    reason = _left(draft, offer.to, offer.made_at)
    if reason is None:
        return
    if offer.on_end == "stay":
        move_question(draft, offer)
    else:
        pass_question_on(draft, offer, reason)


def _exceptions(draft: Draft) -> None:
    """An exception's owner who is away: recovery is the escalation owner's."""
    for each in list(draft.state.exceptions.values()):
        offer = next((one for one in draft.state.offers.values() if one.exception == each.id), None)
        if offer is not None:
            reason = _left(draft, offer.to, offer.made_at)
            if reason is not None:
                _end(draft, offer, reason, draft.contract.class_of(each.exception_class).rule)
                expire_exception_offer(draft, offer, reason)
        else:
            reason = _away(draft, each.owner)
            if reason is not None and each.owner != draft.manager().id:
                pass_exception(draft, each, reason)


def _end(draft: Draft, offer: Offer, reason: Reason, rule: str) -> None:
    draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None))
