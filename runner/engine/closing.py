"""Resolving and closing: nothing ends unproven, whether a person says so or the helpdesk does."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.clocks import end_wait
from runner.engine.commands import Cancel, Close, Command, NoteSolvedOutside, Resolve, TicketFacts
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.handoffs import may_override, must_hold
from runner.engine.ladder import withdraw
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.runs import start_run
from runner.engine.state import Phase, accountable

__all__ = ["cancel", "close", "finish", "noes", "resolve", "solved_outside"]


def noes(draft: Draft, facts: TicketFacts, evidence: dict[str, str], *, outside: bool = False) -> list[str]:
    """The checks that do not hold, each in words that say what is missing. Acceptance is always checked.

    The record's own fields are not checked for what was seen `outside`: our last write may have come after that look.
    """
    state, contract = draft.state, draft.contract
    found = []
    if state.phase in (Phase.OFFERED, Phase.EXHAUSTED):
        found.append("accepted: nobody has accepted it")
    if "outcome_evidence" in contract.verify:
        given = {*state.evidence, *evidence, *facts.evidence}
        missing = [need.name for need in contract.evidence if need.name not in given]
        found += [f"outcome_evidence: {name} is missing" for name in missing]
    if "tasks_done" in contract.verify:
        open_tasks = [task for task in state.tasks if task in facts.open_tasks]
        found += [f"tasks_done: ticket {task} is not done" for task in open_tasks]
        found += [
            f"tasks_done: step {step} failed; a manager may close with a rationale" for step in state.failed_tasks
        ]
        pending = [run.id for run in state.runs.values() if any(s.task for s in draft.steps(run.point)[run.step :])]
        found += [f"tasks_done: {run} has not created its task yet" for run in pending]
    if "delivered" in contract.verify:
        found += [
            f"delivered: no channel reached {person}; a manager may close with a rationale"
            for person in state.unreached
        ]
    if "fields_consistent" in contract.verify and state.record is not None and not outside:
        found += _inconsistent(draft, facts)
    return found


def _inconsistent(draft: Draft, facts: TicketFacts) -> list[str]:
    state, names = draft.state, draft.contract.record
    if state.writes:
        return ["fields_consistent: a write to the ticket is still under way; try again shortly"]
    if state.unwritten:
        return ["fields_consistent: the ticket could not be written; it is tried again by itself"]
    wanted = dict(zip((names.state, names.owner), state.record or (), strict=False))
    return [
        f"fields_consistent: {name} is {facts.record.get(name)!r}, the record says {value!r}"
        for name, value in wanted.items()
        if facts.record.get(name) != value
    ]


def resolve(draft: Draft, command: Command, args: Resolve) -> None:
    """The holder says that the outcome is reached, with evidence; refused with every check that does not hold."""
    must_hold(draft, command)
    unknown = sorted(args.evidence.keys() - {need.name for need in draft.contract.evidence})
    if unknown:
        needed = ", ".join(need.name for need in draft.contract.evidence)
        raise CommandRejected(
            RejectReason.UNKNOWN_EVIDENCE, f"{', '.join(unknown)} proves nothing here; needed: {needed}"
        )
    _no_open_exception(draft)
    missing = noes(draft, args.facts, args.evidence)
    if missing:
        raise CommandRejected(RejectReason.NOT_VERIFIED, "; ".join(missing))
    _resolved(draft, command.actor, args.evidence, Reason.PROVEN)


def _no_open_exception(draft: Draft) -> None:
    if draft.state.exceptions:
        open_ones = ", ".join(f"{each.exception_class} ({each.owner})" for each in draft.state.exceptions.values())
        raise CommandRejected(RejectReason.EXCEPTION_OPEN, f"first end the open exceptions: {open_ones}")


def _resolved(draft: Draft, by: str, evidence: dict[str, str], reason: Reason) -> None:
    rule = draft.rule("/close/verify")
    end_wait(draft, reason)
    withdraw(draft, Reason.SUPERSEDED, rule, "handoff")
    remind_at = draft.after(draft.contract.limits.remind_every)
    draft.add(made(ev.OutcomeResolved, reason=reason, rule=rule, by=by, evidence=evidence, remind_at=remind_at))
    start_run(draft, "resolved")


def close(draft: Draft, command: Command, args: Close) -> None:
    """The holder or a manager closes what is resolved, with a resolution code; every check must still hold."""
    state = draft.state
    if state.phase is not Phase.RESOLVED:
        raise CommandRejected(RejectReason.WRONG_STATE, f"it is {state.phase.value}; resolve it with evidence first")
    if command.actor != state.holder and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"only {state.holder} or a manager may close it")
    if args.code not in draft.contract.resolution_codes:
        allowed = ", ".join(draft.contract.resolution_codes)
        raise CommandRejected(
            RejectReason.UNKNOWN_CODE, f"{args.code!r} is not a resolution code here; allowed: {allowed}"
        )
    missing = noes(draft, args.facts, {})
    if missing:
        raise CommandRejected(RejectReason.NOT_VERIFIED, "; ".join(missing))
    finish(draft, command.actor, args.code, args.impact)


def finish(draft: Draft, by: str, code: str, impact: int | None, text: str | None = None) -> None:
    """Close it; with a text it is a manager's override."""
    reason = Reason.CLOSED if text is None else Reason.OVERRIDE
    rule = draft.rule("/close/resolution_codes")
    draft.add(made(ev.EscalationClosed, reason=reason, rule=rule, by=by, code=code, impact=impact, text=text))
    start_run(draft, "closed")


def cancel(draft: Draft, command: Command, args: Cancel) -> None:
    """A manager ends what should not have been opened."""
    if not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_ALLOWED, "only the escalation owner or a manager may cancel")
    rule = "governance#/override_jobs"
    draft.add(made(ev.EscalationCancelled, reason=Reason.CANCELLED, rule=rule, by=command.actor, text=args.text))


def solved_outside(draft: Draft, command: Command, args: NoteSolvedOutside) -> None:
    """The helpdesk says the ticket is done: verified like a resolve; without proof the ticket is set back.

    After as many restores as the limit allows it is only flagged, so that two systems do not fight over a field.
    """
    state = draft.state
    if state.phase is Phase.RESOLVED:
        return
    rule = draft.rule("/close/verify")
    missing = noes(draft, args.facts, {}, outside=True)
    missing += [f"exception: {each.exception_class} is open" for each in state.exceptions.values()]
    if not missing:
        _resolved(draft, command.actor, {}, Reason.SOLVED_OUTSIDE)
        return
    draft.add(made(ev.VerificationFailed, reason=Reason.UNPROVEN, rule=rule, noes=tuple(missing)))
    restore_it = draft.contract.drift.status == "restore"
    if restore_it and state.restores < draft.contract.limits.restores_at_most:
        restore = limit_rule("restores_at_most")
        write = draft.state.write_count + 1
        draft.add(made(ev.RestoreRequested, reason=Reason.UNPROVEN, rule=restore, write=write, noes=tuple(missing)))
    owner = accountable(draft.state)
    if owner is not None:
        draft.tell(owner, "unproven", Reason.UNPROVEN, rule)
    if owner != draft.manager().id:
        draft.tell_manager("unproven", Reason.UNPROVEN, rule)
