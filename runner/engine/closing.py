"""Resolving and closing: nothing ends unproven, whether a person says so or the helpdesk does."""

from __future__ import annotations

from dataclasses import replace

from runner.engine import events as ev
from runner.engine.clocks import end_wait
from runner.engine.commands import Cancel, Close, Command, NoteSolvedOutside, Resolve
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.handoffs import may_override, must_hold
from runner.engine.ladder import withdraw
from runner.engine.progress import await_anew
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.remedies import ask_remedies, refuse, settle_remedies
from runner.engine.roster_change import replace_absent_holder
from runner.engine.runs import start_run
from runner.engine.state import Phase, accountable
from runner.engine.undo import tell_of_what_holds
from runner.engine.verification import No, noes, refusal

__all__ = ["cancel", "close", "finish", "resolve", "solved_outside"]

_WORDS = 500
"""Characters of what is missing that a message holds; the escalation shows all of it."""


def resolve(draft: Draft, command: Command, args: Resolve) -> None:
    """The holder says that the outcome is reached, with evidence; refused with every check that does not hold."""
    must_hold(draft, command)
    unknown = sorted(args.evidence.keys() - {need.name for need in draft.contract.evidence})
    if unknown:
        needed = ", ".join(need.name for need in draft.contract.evidence)
        raise CommandRejected(
            RejectReason.UNKNOWN_EVIDENCE, f"{', '.join(unknown)} proves nothing here; needed: {needed}"
        )
    missing = noes(draft, args.facts, args.evidence)
    if missing:
        refuse(draft, command.actor, missing)
        return
    settle_remedies(draft, set())
    _resolved(draft, command.actor, args.evidence, Reason.PROVEN)


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
    missing = noes(draft, args.facts, {}, closing=True)
    if any(no.broken for no in missing):
        _reopen(draft, command.actor, missing)
    elif missing:
        refuse(draft, command.actor, missing)
    else:
        finish(draft, command.actor, args.code, args.impact)


def _reopen(draft: Draft, actor: str, missing: list[No]) -> None:
    """What was proven does not hold any more: the same holder has it again, and what others must do is asked of them.

    If the holder has gone away, somebody else is asked to take it. The command is refused all the same, since nothing
    was closed.
    """
    holder, rule = accountable(draft.state) or actor, draft.rule("/close/verify")
    noes = tuple(no.words for no in missing)
    draft.add(made(ev.VerificationFailed, reason=Reason.UNPROVEN, rule=rule, noes=noes))
    draft.add(made(ev.OutcomeReopened, reason=Reason.UNPROVEN, rule=rule, person=holder))
    replace_absent_holder(draft)
    owner = accountable(draft.state) or holder
    ask_remedies(draft, actor, [replace(no, who=owner) if no.who == holder else no for no in missing])
    for person in dict.fromkeys((owner, draft.manager().id)):
        if person != actor:
            draft.tell(person, "not_closed", Reason.UNPROVEN, rule, note="; ".join(noes)[:_WORDS])
    if holder != actor:
        await_anew(draft)
    draft.refused = refusal(missing)


def finish(draft: Draft, by: str, code: str, impact: int | None, text: str | None = None) -> None:
    """Close it; with a text it is a manager's override."""
    reason = Reason.CLOSED if text is None else Reason.OVERRIDE
    rule = draft.rule("/close/resolution_codes")
    written, owner = draft.state.postmortem or (None, None)
    closed = made(
        ev.EscalationClosed,
        reason=reason,
        rule=rule,
        by=by,
        code=code,
        impact=impact,
        text=text,
        postmortem=written,
        remediation_owner=owner,
    )
    person = accountable(draft.state)
    draft.add(closed)
    _tell_of_end(draft, person, by, reason, rule)
    tell_of_what_holds(draft)
    start_run(draft, "closed")


def _tell_of_end(draft: Draft, person: str | None, by: str, reason: Reason, rule: str) -> None:
    """Whoever answered for it hears that another has ended it."""
    if person not in (None, by):
        draft.tell(str(person), "ended", reason, rule)


def cancel(draft: Draft, command: Command, args: Cancel) -> None:
    """A manager ends what should not have been opened."""
    if not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_ALLOWED, "only the escalation owner or a manager may cancel")
    reason, rule, person = Reason.CANCELLED, "governance#/override_jobs", accountable(draft.state)
    draft.add(made(ev.EscalationCancelled, reason=reason, rule=rule, by=command.actor, text=args.text))
    _tell_of_end(draft, person, command.actor, reason, rule)
    tell_of_what_holds(draft)


def solved_outside(draft: Draft, command: Command, args: NoteSolvedOutside) -> None:
    """The helpdesk says the ticket is done: verified like a resolve; without proof the ticket is set back.

    After as many restores as the limit allows it is only flagged, so that two systems do not fight over a field.
    """
    state = draft.state
    if state.phase is Phase.RESOLVED:
        return
    rule = draft.rule("/close/verify")
    found = noes(draft, args.facts, {}, outside=True)
    missing = tuple(no.words for no in found)
    settle_remedies(draft, {no.check for no in found})
    if not missing:
        _resolved(draft, command.actor, {}, Reason.SOLVED_OUTSIDE)
        return
    draft.add(made(ev.VerificationFailed, reason=Reason.UNPROVEN, rule=rule, noes=missing))
    restore_it = draft.contract.drift.status == "restore"
    if restore_it and state.restores < draft.contract.limits.restores_at_most:
        restore = limit_rule("restores_at_most")
        write = draft.state.write_count + 1
        draft.add(made(ev.RestoreRequested, reason=Reason.UNPROVEN, rule=restore, write=write, noes=missing))
    owner = accountable(draft.state)
    if owner is not None:
        draft.tell(owner, "unproven", Reason.UNPROVEN, rule)
    if owner != draft.manager().id:
        draft.tell_manager("unproven", Reason.UNPROVEN, rule)
