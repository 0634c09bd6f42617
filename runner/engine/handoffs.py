"""Handoffs and exceptions: offers beside the ladder. The holder stays accountable until somebody accepts."""

from __future__ import annotations

from runner.contract.contract import ExceptionOf
from runner.engine import events as ev
from runner.engine.commands import Command, EndException, HandOver, RaiseException
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.ladder import offer_to
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.runs import start_run
from runner.engine.state import ExceptionState, Offer, Phase, accountable

__all__ = [
    "accept_exception",
    "end_exception",
    "expire_exception",
    "expire_exception_offer",
    "hand_over",
    "may_override",
    "must_hold",
    "raise_exception",
    "return_handoff",
]


def may_override(draft: Draft, command: Command) -> bool:
    """Whether the actor has a manager's rights: escalation owner, last resort, or a job that governance names."""
    people = (draft.manager().id, draft.world.last_resort.id)
    return command.actor in people or bool(set(command.jobs) & set(draft.contract.override_jobs))


def must_hold(draft: Draft, command: Command) -> None:
    """Refuse whoever does not hold an accepted escalation, saying why."""
    state = draft.state
    if state.phase is Phase.RESOLVED:
        raise CommandRejected(
            RejectReason.WRONG_STATE, "it is resolved: close it, or a manager may give it to somebody"
        )
    if state.phase is not Phase.ACCEPTED or state.holder != command.actor:
        who = accountable(state)
        raise CommandRejected(RejectReason.NOT_YOURS, f"only the one who accepted may do this; accountable now: {who}")


def hand_over(draft: Draft, command: Command, args: HandOver) -> None:
    """The holder offers it to another person, or to the next of the planned sequence if none is named.

    Beyond the allowed number, when it went to and fro between these two before, and when nobody is left in the
    sequence, it goes to the escalation owner instead.
    """
    state, rules = draft.state, draft.contract.handoff
    must_hold(draft, command)
    if any(offer.purpose == "handoff" for offer in state.offers.values()):
        raise CommandRejected(RejectReason.HANDOFF_PENDING, "a handoff waits for its receiver; wait for the answer")
    given = {
        "reason": args.reason,
        "next_step": args.next_step,
        "artifacts": args.artifacts,
        "expected_at": args.expected_at,
    }
    missing = [name for name in rules.require if not given[name]]
    if missing:
        raise CommandRejected(RejectReason.HANDOFF_INCOMPLETE, f"a handoff also needs: {', '.join(missing)}")
    to, reason, rule, planned = args.to, Reason.HANDED_OVER, draft.rule("/handoff"), None
    if to is None:
        to, reason, rule, planned = _next_in_sequence(draft, command.actor)
    elif _bounced(draft, command.actor, to):
        to, reason = draft.manager().id, Reason.BOUNCED
    elif state.handoffs >= rules.at_most:
        to, reason, rule = draft.manager().id, Reason.HANDOFF_LIMIT, draft.rule("/handoff/at_most")
    elif isinstance(found := draft.present(to), Nobody):
        raise CommandRejected(RejectReason.RECEIVER_UNAVAILABLE, f"{to} cannot be asked now ({found.reason.value})")
    if to == command.actor:
        raise CommandRejected(RejectReason.RECEIVER_UNAVAILABLE, "it cannot be handed to the one who holds it")
    due = draft.ends(rules.accept_within)
    offer_to(
        draft, to, reason, rule, due=due, purpose="handoff", sender=command.actor, on_end="return", planned=planned
    )


def _bounced(draft: Draft, sender: str, to: str) -> bool:
    """Whether it would go back to the one from whom it came, and did so between these two before."""
    state = draft.state
    return to == state.giver and not {(sender, to), (to, sender)}.isdisjoint(state.bounced)


def _next_in_sequence(draft: Draft, sender: str) -> tuple[str, Reason, str, int | None]:
    """Who comes next in the planned sequence, why, by which rule, at which position; one whom nobody can ask is passed
    over, and at its end it is the escalation owner.
    """
    sequence, rule = draft.contract.handoff.sequence, draft.rule("/handoff/sequence")
    if not sequence:
        raise CommandRejected(
            RejectReason.RECEIVER_UNAVAILABLE, "name a receiver: this contract plans no sequence of handoffs"
        )
    for position in range(draft.state.planned, len(sequence)):
        found = draft.world.on_call(sequence[position], draft.now)
        if not isinstance(found, Nobody) and found.id != sender:
            return found.id, Reason.PLANNED_HANDOFF, rule, position
    return draft.manager().id, Reason.SEQUENCE_END, rule, None


def return_handoff(draft: Draft, offer: Offer, reason: Reason) -> None:
    """The receiver did not accept: the sender, who was accountable all the time, goes on, and is told."""
    rule = draft.rule("/handoff/accept_within")
    if offer.sender is not None:
        draft.tell(offer.sender, "returned", Reason.RETURNED, rule)
    if draft.manager().id != offer.sender:
        draft.tell_manager("returned", reason, rule)


def raise_exception(draft: Draft, command: Command, args: RaiseException) -> None:
    """Someone accountable says what kind of trouble it is; its path owner is asked, and recovery time runs from now."""
    state = draft.state
    if command.actor != accountable(state) and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"only {accountable(state)} or a manager may raise an exception")
    if state.phase not in (Phase.OFFERED, Phase.ACCEPTED, Phase.EXHAUSTED):
        raise CommandRejected(RejectReason.WRONG_STATE, f"it is {state.phase.value}")
    rules = draft.contract.exceptions.get(args.exception_class)
    if rules is None:
        allowed = ", ".join(draft.contract.exceptions)
        raise CommandRejected(RejectReason.UNKNOWN_CLASS, f"classes of this contract: {allowed}")
    number = state.exception_count + 1
    due = draft.world.add_time(draft.contract, draft.now, rules.within)
    draft.add(
        made(
            ev.ExceptionRaised,
            reason=Reason.RAISED,
            rule=rules.rule,
            exception=number,
            exception_class=args.exception_class,
            by=command.actor,
            due=due,
            text=args.text,
        )
    )
    _ask_path_owner(draft, command.actor, number, rules)
    draft.tell_manager("exception", Reason.RAISED, rules.rule)
    start_run(draft, "exception")


def _ask_path_owner(draft: Draft, by: str, number: int, rules: ExceptionOf) -> None:
    found = draft.world.on_call(rules.owner, draft.now)
    if isinstance(found, Nobody):
        _own(draft, number, draft.manager().id, found.reason, rules.rule)
    elif found.id == by:
        _own(draft, number, by, Reason.RAISED, rules.rule)
    else:
        due = draft.ends(draft.contract.ladder[0].within)
        offer_to(
            draft,
            found.id,
            Reason.RAISED,
            rules.rule,
            due=due,
            purpose="exception",
            sender=by,
            on_end="escalation_owner",
            exception=number,
            passed_over=found.passed_over,
        )


def _own(draft: Draft, number: int, owner: str, reason: Reason, rule: str) -> None:
    draft.add(made(ev.ExceptionOwned, reason=reason, rule=rule, exception=number, owner=owner))


def accept_exception(draft: Draft, offer: Offer) -> None:
    """The path owner took it."""
    if offer.exception is not None and offer.exception in draft.state.exceptions:
        state = draft.state.exceptions[offer.exception]
        rule = draft.contract.exceptions[state.exception_class].rule
        _own(draft, offer.exception, offer.to, Reason.ACCEPTED, rule)


def expire_exception_offer(draft: Draft, offer: Offer, reason: Reason) -> None:
    """The path owner did not take it: recovery is the escalation owner's now."""
    if offer.exception is None or offer.exception not in draft.state.exceptions:
        return
    state = draft.state.exceptions[offer.exception]
    rule = draft.contract.exceptions[state.exception_class].rule
    manager = draft.manager().id
    _own(draft, offer.exception, manager, reason, rule)
    draft.tell(manager, "exception", reason, rule)


def expire_exception(draft: Draft, exception: ExceptionState) -> None:
    """Recovery took too long: the escalation owner takes over, and is told again until it ends."""
    rules = draft.contract.exceptions[exception.exception_class]
    manager = draft.manager().id
    for offer in list(draft.state.offers.values()):
        if offer.exception == exception.id:
            ended = made(
                ev.OfferEnded,
                reason=Reason.RECOVERY_OVERDUE,
                rule=rules.rule,
                offer=offer.id,
                person=offer.to,
                due=None,
            )
            draft.add(ended)
    draft.add(
        made(
            ev.ExceptionOverdue,
            reason=Reason.RECOVERY_OVERDUE,
            rule=rules.rule,
            exception=exception.id,
            due=exception.due,
            owner=manager,
            next_due=draft.after(draft.contract.limits.remind_every),
        )
    )
    draft.tell(manager, "exception_overdue", Reason.RECOVERY_OVERDUE, limit_rule("remind_every"))


def end_exception(draft: Draft, command: Command, args: EndException) -> None:
    """Its owner, the holder or a manager says that the trouble is over."""
    exception = draft.state.exceptions.get(args.exception)
    if exception is None:
        raise CommandRejected(RejectReason.UNKNOWN_EXCEPTION, f"there is no open exception {args.exception}")
    if command.actor not in (exception.owner, draft.state.holder) and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"exception {exception.id} is owned by {exception.owner}")
    rule = draft.contract.exceptions[exception.exception_class].rule
    for offer in list(draft.state.offers.values()):
        if offer.exception == exception.id:
            draft.add(
                made(ev.OfferEnded, reason=Reason.RECOVERED, rule=rule, offer=offer.id, person=offer.to, due=None)
            )
    draft.add(
        made(
            ev.ExceptionEnded,
            reason=Reason.RECOVERED,
            rule=rule,
            exception=exception.id,
            by=command.actor,
            text=args.text,
        )
    )
