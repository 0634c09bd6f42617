"""What one decision shows of ownership (3), proof (7), rights (10) and of being pinned (11); said a second time, in a

form that is as unlike the engine's as it can be: by tables of who may do what, and of what must be there before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.contract.contract import Contract, StepOf
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.reasons import RejectReason
from runner.engine.roster import Nobody
from runner.engine.state import Phase, State, accountable
from runner.engine.world import RosterWorld
from tests.runner.engine.guarantees import Seen, hold, manager_of

OWNERSHIP: tuple[type[ev.EventBase], ...] = (
    ev.EscalationCancelled,
    ev.EscalationClosed,
    ev.LadderExhausted,
    ev.OfferAccepted,
    ev.OwnerReleased,
    ev.OwnerTook,
)
"""The events by which somebody comes to hold it, or holds it no more."""


def is_manager(contract: Contract, world: RosterWorld, command: cmd.Command) -> bool:
    """Whether the actor may override: the escalation owner, the last resort, or by a job."""
    owner = manager_of(contract, world)
    by_job = any(job in contract.override_jobs for job in command.jobs)
    return command.actor in (owner, world.last_resort.id) or by_job


def check_ownership(seen: Seen) -> None:
    """3: who holds it changes by an event of ownership, and by nothing else."""
    name, before, state = "ownership", seen.before, seen.state
    holder = before.holder if before is not None else None
    moved = [event for event in seen.done.events if isinstance(event, OWNERSHIP)]
    hold(name, holder == state.holder or moved, f"{holder} gave way to {state.holder}, and nobody decided it")
    for event in seen.done.events:
        if isinstance(event, ev.OwnerTook):
            hold(name, state.holder == event.person, f"{event.person} took it, {state.holder} holds it")
        if isinstance(event, ev.OfferAccepted) and before is not None and event.offer in before.offers:
            took = before.offers[event.offer].on_accept == "hold"
            hold(name, not took or state.holder == event.person, f"{event.person} accepted, {state.holder} holds it")


# 7


def unproven(contract: Contract, before: State, facts: cmd.TicketFacts, given: set[str], actor: str) -> list[str]:
    """What is missing for a proof that was looked at now."""
    missing: list[str] = []
    if "outcome_evidence" in contract.verify:
        there = {*before.evidence, *facts.evidence, *given}
        missing += [need.name for need in contract.evidence if need.name not in there]
    if "tasks_done" in contract.verify:
        missing += [*(task for task in before.tasks if task in facts.open_tasks), *before.failed_tasks]
        for run in before.runs.values():
            missing += [run.id for step in ahead(contract.runbook[run.point], run.step) if step.task][:1]
    if "delivered" in contract.verify:
        missing += [person for person in before.unreached if person != actor]
    return missing


def ahead(steps: tuple[StepOf, ...], position: int) -> list[StepOf]:
    """The step at a position, and every one that can still come after it."""
    found: dict[int, StepOf] = {}
    waiting = [position]
    while waiting:
        here = waiting.pop()
        if here < len(steps) and here not in found:
            step = found[here] = steps[here]
            waiting.append(step.then if step.then is not None else here + 1)
            waiting += [branch.start for branch in step.branches]
    return list(found.values())


def check_proven(seen: Seen) -> None:
    """7: nothing is resolved or closed before it is proven; a close says how it ended."""
    name, before, args = "proven", seen.before, seen.command.args
    if before is None:
        return
    for event in seen.done.events:
        if isinstance(event, ev.OutcomeResolved):
            hold(name, before.phase in (Phase.ACCEPTED, Phase.WAITING), f"resolved while {before.phase.value}")
            ended = {e.exception for e in seen.done.events if isinstance(e, ev.ExceptionEnded)}
            hold(name, before.exceptions.keys() <= ended, "resolved with an exception open")
            facts: Any = getattr(args, "facts", None)
            hold(name, facts is not None, f"resolved by {args.type}")
            missing = unproven(seen.contract, before, facts, set(event.evidence), seen.command.actor)
            hold(name, not missing, f"resolved without {missing}")
            if isinstance(args, cmd.Resolve):
                hold(name, _consistent(seen.contract, before, facts), "resolved while the ticket says otherwise")
        if isinstance(event, ev.EscalationClosed):
            hold(name, event.code in seen.contract.resolution_codes, f"closed as {event.code}")
            if isinstance(args, cmd.Override):
                hold(name, event.text == args.text, "closed by a manager without a rationale")
            elif isinstance(args, cmd.Close):
                hold(name, before.phase is Phase.RESOLVED, f"closed while {before.phase.value}")
                hold(name, event.impact == args.impact, "the business impact is lost")
                missing = unproven(seen.contract, before, args.facts, set(), seen.command.actor)
                hold(name, not missing, f"closed without {missing}")
                hold(name, _consistent(seen.contract, before, args.facts), "closed while the ticket says otherwise")
    if isinstance(args, cmd.NoteSolvedOutside) and before.phase is not Phase.RESOLVED:
        verified = {"OutcomeResolved", "VerificationFailed"} & {event.type for event in seen.done.events}
        hold(name, verified or before.phase.over, "solved outside, and nobody looked whether it is proven")


def _consistent(contract: Contract, before: State, facts: cmd.TicketFacts) -> bool:
    if "fields_consistent" not in contract.verify or before.record is None:
        return True
    state, owner, _ = before.record
    says = (facts.record.get(contract.record.state), facts.record.get(contract.record.owner))
    return not before.unwritten and not before.writes and says == (state, owner)


# 10


def _offered(seen: Any, args: Any) -> bool:
    offer = seen.before.offers.get(args.offer)
    return offer is not None and offer.to == seen.command.actor


def _holds(seen: Any, args: Any) -> bool:
    held = seen.before.phase in (Phase.ACCEPTED, Phase.WAITING)
    return bool(held and seen.before.holder == seen.command.actor)


def _manages(seen: Any, args: Any) -> bool:
    return is_manager(seen.contract, seen.world, seen.command)


def _ends_exception(seen: Any, args: Any) -> bool:
    exception = seen.before.exceptions.get(args.exception)
    return exception is not None and seen.command.actor in (exception.owner, seen.before.holder)


RIGHTS: dict[type[Any], tuple[Callable[[Any, Any], bool], ...]] = {
    cmd.Accept: (_offered,),
    cmd.Reject: (_offered,),
    cmd.Escalate: (lambda seen, args: _holds(seen, args) if args.offer is None else _offered(seen, args),),
    cmd.HandOver: (_holds,),
    cmd.Progress: (lambda seen, args: seen.command.actor == seen.before.holder,),
    cmd.RaiseException: (_manages, lambda seen, args: seen.command.actor == accountable(seen.before)),
    cmd.EndException: (_manages, _ends_exception),
    cmd.Override: (_manages,),
    cmd.Resolve: (_holds,),
    cmd.Close: (_manages, lambda seen, args: seen.command.actor == seen.before.holder),
    cmd.Cancel: (_manages,),
}
"""Who may give a command: any of these is enough."""


def check_rights(seen: Seen) -> None:
    """10: what was decided was asked for by somebody who may; what a manager decides has a rationale on record."""
    name, args = "rights", seen.command.args
    rights = RIGHTS.get(type(args))
    if seen.before is None or rights is None:
        return
    hold(name, any(right(seen, args) for right in rights), f"{seen.command.actor} may not {args.type}")
    if isinstance(args, cmd.Override):
        texts = {getattr(event, "text", None) for event in seen.done.events}
        hold(name, args.text in texts, "a manager decided, and the rationale is lost")
        owner = {"take": seen.command.actor, "give": args.to}.get(args.action)
        hold(name, owner is None or accountable(seen.state) == owner, f"not {owner}'s after all")
        hold(name, args.action != "close" or seen.state.phase is Phase.CLOSED, "a manager closed it, and it is open")


def check_right_kept(seen: Seen, rejected: RejectReason | None) -> None:
    """10: a manager may take, give or close whatever is open; and nobody is told it is not theirs when it is."""
    name, args, before = "rights", seen.command.args, seen.before
    if before is None or before.phase.over or rejected is None:
        return
    rights = RIGHTS.get(type(args))
    if rights is not None and rejected in (RejectReason.NOT_YOURS, RejectReason.NOT_ALLOWED):
        hold(name, not any(right(seen, args) for right in rights), f"{args.type} is refused as not theirs")
    if isinstance(args, cmd.Override) and _manages(seen, args):
        given = args.to is not None and _present(seen.world, args.to)
        may = {"take": True, "give": given, "close": args.code in seen.contract.resolution_codes}[args.action]
        hold(name, not may, f"a manager may not {args.action}: {rejected}")
    if isinstance(args, cmd.Cancel):
        hold(name, not _manages(seen, args), f"a manager may not cancel: {rejected}")


def _present(world: RosterWorld, person: str) -> bool:
    if person not in world.roster.form.people or person in getattr(world, "conflicts", ()):
        return False
    return not any(a.person == person and a.start <= world.now < a.end for a in world.roster.form.absences)


# 11


def check_pinned(seen: Seen) -> None:
    """11: every row is decided under the contract of the opening; whom a rung means, today's roster says."""
    name = "pinned"
    body = seen.done.decision.body
    hold(name, f'"contract":"{seen.contract.digest}"'.encode() in body, "decided under another contract, or under none")
    hold(name, f'"roster":"{seen.world.roster.digest}"'.encode() in body, "no word of the roster")
    hold(name, seen.state.template == seen.contract.name, f"the contract of {seen.state.template}")
    if seen.before is not None:
        followed = ("ticket",) if seen.command.args.type != "NoteMerged" else ()
        fixed = ("template", "opened_at", "escalation", *followed)
        moved = [each for each in fixed if getattr(seen.before, each) != getattr(seen.state, each)]
        hold(name, not moved, f"{moved} moved")
    for event in seen.done.events:
        if (
            isinstance(event, ev.OwnerOffered)
            and event.purpose == "ladder"
            and event.rung is not None
            and not event.quiet
        ):
            meant = seen.world.on_call(seen.contract.ladder[event.rung].owner, seen.world.now)
            person = None if isinstance(meant, Nobody) else meant.id
            last = event.on_end in ("stay", "climb")
            wanted = manager_of(seen.contract, seen.world) if last or person is None else person
            hold(name, event.to == wanted, f"offered to {event.to}, and {wanted} is on call")
        if isinstance(event, ev.Reminded) and seen.state.phase is Phase.EXHAUSTED:
            wanted = manager_of(seen.contract, seen.world)
            hold(name, accountable(seen.state) == wanted, f"still {accountable(seen.state)}'s, not {wanted}'s")
