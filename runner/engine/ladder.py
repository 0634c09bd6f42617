"""The ladder: offering the next rung, skipping whom nobody can ask, repeating, and being exhausted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from runner.engine import events as ev
from runner.engine.clocks import end_wait
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import About, made
from runner.engine.hours import ends_in_hours, opens_at
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody, PassedOver
from runner.engine.runs import start_run
from runner.engine.state import Offer, accountable

__all__ = [
    "ask_anew",
    "climb",
    "climb_on",
    "exhaust",
    "expire_ladder_offer",
    "name_another",
    "name_substitute",
    "offer_last",
    "offer_rung",
    "offer_to",
    "pass_on",
    "rule_of",
    "withdraw",
]

Purpose = Literal["ladder", "handoff", "exception"]
OVERRIDE_RULE = "governance#/override_jobs"
LAST_RESORT_RULE = "governance#/last_resort"


def climb(draft: Draft, start: int, reason: Reason, *, rule: str | None = None) -> None:
    """Offer the first rung from `start` on that somebody stands on; repeat the ladder while passes are left.

    A rung whose person is absent, unknown or already asked in this pass is skipped at once and recorded; the escalation
    owner is told. A pass in which nobody could be asked is not repeated. Then the ladder is exhausted. Outside the
    service hours nobody is asked: the escalation owner holds the offer until they begin.
    """
    if _held_until_open(draft, start, reason):
        return
    position = start
    while True:
        for rung in range(position, len(draft.contract.ladder)):
            if offer_rung(draft, rung, reason, rule=rule):
                _tell_of_skipped(draft)
                return
        state = draft.state
        if state.ladder_pass >= draft.contract.repeat or not state.offered_in_pass:
            exhaust(draft)
            return
        repeat_rule = draft.rule("/accept/repeat")
        draft.add(made(ev.LadderRepeated, reason=Reason.REPEATED, rule=repeat_rule, ladder_pass=state.ladder_pass + 1))
        position, reason, rule = 0, Reason.REPEATED, None


def _held_until_open(draft: Draft, start: int, reason: Reason) -> bool:
    """Offer it to the escalation owner until people may be asked again; False if they may be now, or nobody is left."""
    opening = opens_at(draft)
    state, last = draft.state, start >= len(draft.contract.ladder)
    if opening is None or (last and (state.ladder_pass >= draft.contract.repeat or not state.offered_in_pass)):
        return False
    offer_to(
        draft,
        draft.manager().id,
        Reason.OUTSIDE_HOURS,
        draft.rule("/accept/hours"),
        due=opening,
        on_end="climb",
        about="service_hours",
        resume=(start, reason),
    )
    return True


def climb_on(draft: Draft, offer: Offer) -> None:
    """Climb from where the ladder stood still."""
    climb(draft, offer.resume or 0, offer.resume_for or Reason.FIRST_RUNG)


def offer_last(draft: Draft, reason: Reason) -> None:
    """Offer what everybody was asked to whoever is the escalation owner now, until somebody accepts."""
    last = len(draft.contract.ladder) - 1
    stands_in = isinstance(draft.on_call(draft.contract.owners["escalation_owner"]), Nobody)
    rule = LAST_RESORT_RULE if stands_in else draft.contract.ladder[last].rule
    offer_to(draft, draft.manager().id, reason, rule, due=None, rung=last, on_end="stay")


def _tell_of_skipped(draft: Draft) -> None:
    """The escalation owner hears of the rung that was passed over last, with its reason."""
    skipped = [event for event in draft.events if isinstance(event, ev.RungSkipped)]
    if skipped:
        draft.tell_manager("rung_skipped", skipped[-1].reason, skipped[-1].rule)


def offer_rung(
    draft: Draft, rung: int, reason: Reason, *, retry: bool = False, again: bool = False, rule: str | None = None
) -> bool:
    """Offer one rung; False if nobody stands on it, which is recorded.

    `again` asks also who was asked already in this pass; `retry` as well, and does not count as a new offer.
    """
    step = draft.contract.ladder[rung]
    found = draft.on_call(step.owner)
    why = found.reason if isinstance(found, Nobody) else None
    if not isinstance(found, Nobody) and not (retry or again) and found.id in draft.state.asked:
        why = Reason.ALREADY_ASKED
    if why is not None or isinstance(found, Nobody):
        ladder_pass = draft.state.ladder_pass
        skipped = made(
            ev.RungSkipped,
            reason=why or Reason.ABSENT,
            rule=step.rule,
            rung=step.name,
            ladder_pass=ladder_pass,
            passed_over=dict(found.passed_over),
        )
        draft.add(skipped)
        return False
    offer_to(
        draft,
        found.id,
        reason,
        rule or step.rule,
        rung=rung,
        due=ends_in_hours(draft, step.within) if retry else draft.ends(step.within),
        retry=retry,
        passed_over=found.passed_over,
    )
    return True


def offer_to(
    draft: Draft,
    to: str,
    reason: Reason,
    rule: str,
    *,
    due: datetime | None,
    rung: int | None = None,
    purpose: Purpose = "ladder",
    sender: str | None = None,
    on_end: Literal["next_rung", "return", "escalation_owner", "stay", "climb"] = "next_rung",
    exception: int | None = None,
    retry: bool = False,
    planned: int | None = None,
    passed_over: PassedOver = (),
    about: About = "offer",
    quiet: bool = False,
    resume: tuple[int, Reason] | None = None,
) -> None:
    """Make an offer and tell the person, unless it is a quiet one: whom it is made to knows of it.

    `resume` says from where, and why, the ladder climbs on when an offer ends whose `on_end` is `climb`.
    """
    below = rung if resume is None else resume[0] - 1
    substitute, none = _substitute(draft, to, below) if purpose == "ladder" else (None, None)
    offer = draft.state.offer_count + 1
    draft.add(
        made(
            ev.OwnerOffered,
            reason=reason,
            rule=rule,
            offer=offer,
            purpose=purpose,
            sender=sender,
            to=to,
            rung=rung,
            due=due,
            on_accept="own_exception" if purpose == "exception" else "hold",
            on_end=on_end,
            exception=exception,
            substitute=substitute,
            no_substitute=none,
            retry=retry,
            planned=planned,
            passed_over=dict(passed_over),
            quiet=quiet,
            resume=resume[0] if resume is not None else None,
            resume_for=resume[1] if resume is not None else None,
        )
    )
    if not quiet:
        draft.tell(to, about, reason, rule, offer)
        if about == "offer" and purpose in ("ladder", "handoff"):
            start_run(draft, "offered")


def name_substitute(draft: Draft) -> None:
    """Name another substitute when the one who was it answers for the escalation now, or must not be asked for it."""
    state = draft.state
    holder = accountable(state)
    if holder is None:
        return
    if state.substitute == holder:
        name_another(draft, Reason.SUBSTITUTE_HOLDS)
    elif state.substitute in state.conflicts and state.substitute != draft.world.last_resort.id:
        name_another(draft, Reason.CONFLICT)


def name_another(draft: Draft, reason: Reason) -> None:
    """Name whoever comes next after the one who answers for it now, if that is another than before."""
    state = draft.state
    substitute, none = _substitute(draft, accountable(state) or "", state.rung)
    if substitute != state.substitute:
        rule = draft.contract.ladder[state.rung].rule
        draft.add(made(ev.SubstituteNamed, reason=reason, rule=rule, substitute=substitute, no_substitute=none))


def _substitute(draft: Draft, to: str, rung: int | None) -> tuple[str | None, Reason | None]:
    """Who is asked next, or why there is nobody."""
    last = len(draft.contract.ladder) - 1
    why = Reason.LADDER_END
    for position in range(last if rung is None else rung + 1, last + 1):
        found = draft.comes_next(draft.contract.ladder[position].owner)
        if isinstance(found, Nobody):
            why = found.reason
        elif found.id == to:
            why = Reason.ALREADY_ASKED
        else:
            return found.id, None
    if draft.world.last_resort.id != to:
        return draft.world.last_resort.id, None
    return None, why


def exhaust(draft: Draft) -> None:
    """Every rung was tried: the escalation owner holds it, and is told again and again until somebody accepts."""
    found = draft.on_call(draft.contract.owners["escalation_owner"])
    stands_in = isinstance(found, Nobody)
    holder = draft.manager()
    reason = Reason.LAST_RESORT if stands_in else Reason.LADDER_END
    rule = LAST_RESORT_RULE if stands_in else draft.contract.ladder[-1].rule
    remind_at = draft.after(draft.contract.limits.remind_every)
    draft.add(made(ev.LadderExhausted, reason=reason, rule=rule, holder=holder.id, remind_at=remind_at))
    rung, passed_over = len(draft.contract.ladder) - 1, found.passed_over
    offer_to(draft, holder.id, reason, rule, due=None, rung=rung, on_end="stay", passed_over=passed_over)
    start_run(draft, "exhausted")


def ask_anew(
    draft: Draft, start: int, reason: Reason, rule: str, *, due: datetime | None = None, told: bool = True
) -> None:
    """Take it from whoever answers for it, and climb from `start` on as if nobody had been asked yet.

    From then on whoever is asked is accountable, as with every offer of the ladder: two people who both answer would
    be none. The one it was taken from is `told`. `due` dates the breach that led here.
    """
    person = accountable(draft.state)
    if person is None:
        raise AssertionError("asked anew although it is over")
    end_wait(draft, reason)
    draft.add(made(ev.OwnerReleased, reason=reason, rule=rule, person=person, text=None, due=due))
    withdraw(draft, Reason.SUPERSEDED, rule, "ladder", "handoff")
    draft.add(made(ev.LadderRepeated, reason=reason, rule=rule, ladder_pass=0))
    climb(draft, start, reason)
    if told and accountable(draft.state) != person:
        draft.tell(person, "released", reason, rule)
    start_run(draft, "failover")


def withdraw(draft: Draft, reason: Reason, rule: str, *purposes: Purpose) -> None:
    """End the open offers of these purposes without blame."""
    for offer in list(draft.state.offers.values()):
        if offer.purpose in purposes:
            draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None))


def expire_ladder_offer(draft: Draft, offer: Offer) -> None:
    """The timebox of a rung is over.

    If no channel took the message, nobody was asked: the rung is tried again, up to the limit, and that does not count
    as a repeat. Otherwise the offer passes to the next rung.
    """
    told = offer.told
    rule = rule_of(draft, offer)
    reason = Reason.NO_ANSWER if told else Reason.NOT_TOLD
    if offer.quiet:
        reason = Reason.UNACCEPTED
    elif offer.on_end == "climb":
        reason, rule = Reason.SERVICE_HOURS, draft.rule("/accept/hours")
    draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=offer.due))
    if reason is Reason.SERVICE_HOURS:
        climb_on(draft, offer)
        return
    if not told and draft.state.untold < draft.contract.limits.untold_retries and _offer_again(draft, offer):
        draft.tell_manager("not_told", Reason.NOT_TOLD, limit_rule("untold_retries"))
        return
    pass_on(draft, offer, reason)


def rule_of(draft: Draft, offer: Offer) -> str:
    """The rule behind an offer of the ladder: its rung, a manager's right to give, or asking the last holder first."""
    if offer.rung is not None:
        return draft.contract.ladder[offer.rung].rule
    return OVERRIDE_RULE if offer.sender is not None else draft.rule("/close/reopen_within")


def _offer_again(draft: Draft, offer: Offer) -> bool:
    """Ask the same rung, or the same person, once more, since nobody was told; False if nobody can be asked."""
    rule = limit_rule("untold_retries")
    if offer.rung is not None:
        return offer_rung(draft, offer.rung, Reason.NOT_TOLD, retry=True, rule=rule)
    if isinstance(draft.present(offer.to), Nobody):
        return False
    due = ends_in_hours(draft, draft.contract.ladder[0].within)
    offer_to(draft, offer.to, Reason.NOT_TOLD, rule, due=due, sender=offer.sender, on_end=offer.on_end, retry=True)
    return True


def pass_on(draft: Draft, offer: Offer, reason: Reason, *, start: int | None = None) -> None:
    """Failover: the offer passes to the next rung, the escalation owner is told, the failover steps begin.

    `start` is the rung to go on from, if it is not the next one.
    """
    if offer.on_end == "escalation_owner":
        if not offer_rung(draft, len(draft.contract.ladder) - 1, reason, again=True):
            exhaust(draft)
    elif offer.on_end == "climb":
        climb_on(draft, offer)
    else:
        here = -1 if offer.rung is None else offer.rung
        climb(draft, here + 1 if start is None else start, reason)
    draft.tell_manager("failover", reason, rule_of(draft, offer))
    start_run(draft, "failover")
