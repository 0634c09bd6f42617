"""What one decision shows of acceptance (4, 6): answered as the checklist wants it, late or not, and never in vain."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from runner.contract.contract import CheckOf
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.state import Phase
from tests.runner.engine.guarantees import Seen, hold

DIGEST = re.compile("[0-9a-f]{64}")


def proper(check: CheckOf, answer: Any) -> bool:
    """Whether an answer is of the kind that the question wants."""
    if check.answer == "yes":
        return answer is True
    if check.answer == "number":
        return type(answer) in (int, float)
    if check.answer == "choice":
        return answer in check.values
    if check.answer == "instant":
        return isinstance(answer, str) and _zoned(answer)
    return isinstance(answer, str) and DIGEST.fullmatch(answer) is not None


def _zoned(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def check_earned(seen: Seen) -> None:
    """6: whoever accepts has answered every question, or has a time to; nothing is resolved while that time runs."""
    name, contract, before = "earned", seen.contract, seen.before
    for event in seen.done.events:
        if isinstance(event, ev.OfferAccepted) and before is not None:
            wrong = [c.name for c in contract.checklist if not proper(c, event.answers.get(c.name))]
            tapped = contract.checklist_within is not None and not event.answers
            hold(name, not wrong or tapped, f"accepted without {wrong}")
            due = contract.checklist_within if wrong and event.checklist_due is not None else None
            wanted = seen.world.add_time(contract, seen.state.now, due) if due is not None else None
            hold(name, event.checklist_due == wanted, f"a checklist that is due at {event.checklist_due}")
            hold(name, not wrong or event.checklist_due is not None, "one tap, and no time for the checklist")
            hold(name, seen.state.phase is not Phase.OFFERED or not _holds(seen, event), "accepted, and still offered")
        if event.type == "ChecklistCompleted":
            given = getattr(event, "answers", {})
            wrong = [check.name for check in contract.checklist if not proper(check, given.get(check.name))]
            hold(name, not wrong, f"completed without {wrong}")
            hold(name, seen.state.checklist_due is None, "completed, and still due")
        if isinstance(event, ev.OutcomeResolved) and before is not None and event.by == before.holder:
            hold(name, before.checklist_due is None, "resolved, and the checklist is open")
    hold(name, seen.state.checklist_due is None or seen.state.phase is Phase.ACCEPTED, "due of nobody")


def _holds(seen: Seen, event: ev.OfferAccepted) -> bool:
    offer = seen.before.offers.get(event.offer) if seen.before is not None else None
    return offer is not None and offer.on_accept == "hold"


def check_welcome(seen: Seen, rejected: RejectReason | None) -> None:
    """4: an acceptance of an offer that is still open counts, however late, once it is answered as it should be."""
    args, before = seen.command.args, seen.before
    if args.type != "Accept" or before is None or before.phase.over:
        return
    offer = before.offers.get(args.offer)
    if offer is None or offer.to != seen.command.actor or offer.purpose == "question":
        return
    if all(proper(check, args.answers.get(check.name)) for check in seen.contract.checklist):
        hold("late", rejected is None, f"a valid acceptance was refused: {rejected}")
