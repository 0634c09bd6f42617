"""Handoffs: offers beside the ladder. The sender stays accountable until the receiver accepts."""

from __future__ import annotations

from runner.engine.commands import Command, HandOver
from runner.engine.draft import Draft
from runner.engine.ladder import offer_to
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.state import Offer, Phase, accountable

__all__ = ["hand_over", "may_override", "must_hold", "return_handoff"]


def may_override(draft: Draft, command: Command) -> bool:
    """Whether the actor has a manager's rights: escalation owner, last resort, or a job that governance names."""
    if not set(draft.contract.override_jobs).isdisjoint(command.jobs):
        return True
    return command.actor in (draft.manager().id, draft.world.last_resort.id)


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
        found = draft.on_call(sequence[position])
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
