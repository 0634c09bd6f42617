"""Remedies: what keeps an escalation from ending and is for somebody else to do is asked of that person, by name.

A remedy has a time; after it the escalation owner hears of it until it is done. It ends when its check holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from runner.engine import events as ev
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.reasons import Reason
from runner.engine.state import Remedy, State
from runner.engine.undo import standing
from runner.engine.verification import No, refusal

__all__ = ["ask_remedies", "expire_remedy", "refuse", "settle_remedies"]


def refuse(draft: Draft, actor: str, found: list[No]) -> None:
    """Refuse what does not hold. Recorded, with a remedy asked for each that is somebody else's, if any is.

    Raises CommandRejected if all is the actor's own to do, or under way.
    """
    rejected = refusal(found)
    if not _others(actor, found):
        raise rejected
    noes = tuple(no.words for no in found)
    rule = draft.rule("/close/verify")
    draft.add(made(ev.ResolutionRefused, reason=Reason.UNPROVEN, rule=rule, by=actor, noes=noes))
    ask_remedies(draft, actor, found)
    draft.refused = rejected


def _others(actor: str, found: Iterable[No]) -> list[No]:
    return [no for no in found if no.who not in (None, actor)]


def ask_remedies(draft: Draft, actor: str, found: Iterable[No]) -> None:
    """Ask whoever can remedy each, once; those asked before whose check holds now are over."""
    settle_remedies(draft, {no.check for no in found})
    rule = limit_rule("remind_every")
    for no in _others(actor, found):
        if no.who is None or no.check in draft.state.remedies:
            continue
        due = draft.after(draft.contract.limits.remind_every)
        asked = made(
            ev.RemediationAsked, reason=Reason.UNPROVEN, rule=rule, check=no.check, to=no.who, due=due, words=no.words
        )
        draft.add(asked)
        draft.tell(no.who, "remediation", Reason.UNPROVEN, rule, note=no.words)


def settle_remedies(draft: Draft, failing: set[str] | None = None) -> None:
    """End remedies whose check holds, as far as the state tells, or since a verification found only these to fail."""
    for each in list(draft.state.remedies.values()):
        if not _fails(draft, each.check) or (failing is not None and each.check not in failing):
            rule = draft.rule("/close/verify")
            draft.add(made(ev.RemediationEnded, reason=Reason.REMEDIED, rule=rule, check=each.check))


def _fails(draft: Draft, check: str) -> bool:
    """Whether a check does not hold, as far as the state tells; what only the ticket tells is taken to fail."""
    state = draft.state
    sort, _, about = check.partition("/")
    match sort:
        case "postmortem":
            return state.postmortem is None
        case "exception":
            return int(about) in state.exceptions
        case "undone":
            return any(about == f"{action} still holds" for _, action, _ in standing(draft.contract, state))
        case "delivered":
            return about in state.unreached
        case "tasks_done" if about == "steps":
            return bool(state.failed_tasks)
        case "tasks_done" if about.startswith("exception "):
            return _open_task(state, about)
        case _:
            return True


def _open_task(state: State, about: str) -> bool:
    exception, task = (int(part.split(" ")[-1]) for part in about.split(","))
    held = state.exceptions.get(exception)
    return held is not None and any(each.id == task for each in held.open_tasks)


def expire_remedy(draft: Draft, remedy: Remedy) -> None:
    """It was not done in time: it is the escalation owner's, who is told again until it is."""
    rule, reason = limit_rule("remind_every"), Reason.NOT_REMEDIED
    manager = draft.manager().id
    overdue = made(
        ev.RemediationOverdue,
        reason=reason,
        rule=rule,
        check=remedy.check,
        due=remedy.due,
        to=manager,
        next_due=draft.after(draft.contract.limits.remind_every),
    )
    draft.add(overdue)
    draft.tell(manager, "remediation_overdue", reason, rule, note=remedy.words)
