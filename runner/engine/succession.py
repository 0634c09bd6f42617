"""What follows when a ticket becomes somebody else's: another template takes it over, or it is merged into another."""

from __future__ import annotations

from runner.contract.contract import Contract
from runner.engine import events as ev
from runner.engine.clocks import end_wait
from runner.engine.commands import Command, NoteMerged, NoteOtherMatch
from runner.engine.draft import Draft
from runner.engine.events import About, made
from runner.engine.exceptions import end_by_runner
from runner.engine.reasons import Reason
from runner.engine.record import request_record
from runner.engine.state import Phase, State, accountable
from runner.engine.undo import standing, tell_of_what_holds

__all__ = ["may_be_superseded", "note_merged", "note_other_match"]

_MERGED_RULE = "fields#/lifecycle"


def note_other_match(draft: Draft, command: Command, args: NoteOtherMatch) -> None:
    """Another template matched: it is recorded, or it takes the ticket over if the contract says so.

    What is resolved already is left to be closed, and what holds something in the world to let it go again. Whoever is
    accountable stays so until somebody accepts the other one.
    """
    rule = draft.rule("/on_other_match")
    if args.supersede and may_be_superseded(draft.contract, draft.state):
        _end(draft, command, Reason.SUPERSEDED_BY, rule, args.template, "superseded")
    else:
        draft.add(made(ev.OtherMatchNoted, reason=Reason.OTHER_MATCH, rule=rule, template=args.template))


def may_be_superseded(contract: Contract, state: State) -> bool:
    """Whether another template may take the ticket over now."""
    holds = any(True for _ in standing(contract, state))
    return contract.on_other_match == "supersede" and state.phase is not Phase.RESOLVED and not holds


def note_merged(draft: Draft, command: Command, args: NoteMerged) -> None:
    """Go on with the ticket into which this one was merged, or end if an escalation is open there already."""
    if args.into == draft.state.ticket:
        return
    if args.escalation is not None:
        _end(draft, command, Reason.MERGED, _MERGED_RULE, args.escalation, "merged")
        return
    draft.add(made(ev.TicketMerged, reason=Reason.MERGED, rule=_MERGED_RULE, ticket=args.into))
    end_by_runner(draft, "gone", Reason.MERGED)
    request_record(draft, again=True, reason=Reason.MERGED)
    draft.tell(accountable(draft.state) or draft.manager().id, "merged", Reason.MERGED, _MERGED_RULE)


def _end(draft: Draft, command: Command, reason: Reason, rule: str, instead: str, about: About) -> None:  # noqa: PLR0917
    """End it; what still holds in the world is told to the escalation owner, since nobody is accountable any more."""
    end_wait(draft, reason)
    person = accountable(draft.state) or draft.manager().id
    draft.add(made(ev.EscalationCancelled, reason=reason, rule=rule, by=command.actor, text=None, instead=instead))
    draft.tell(person, about, reason, rule)
    tell_of_what_holds(draft)
