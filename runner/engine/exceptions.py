"""Exceptions: trouble with an owner and a recovery time of its own. Whoever holds stays accountable.

People raise those that the template lists; the runner raises what it cannot clear by itself, so that somebody must.
"""

from __future__ import annotations

from runner.contract.contract import ExceptionOf
from runner.engine import events as ev
from runner.engine.commands import Command, EndException, RaiseException
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import About, made
from runner.engine.handoffs import may_override
from runner.engine.ladder import offer_to
from runner.engine.progress import await_anew
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.runs import start_run
from runner.engine.state import ExceptionState, Offer, Phase, accountable
from runner.engine.tasks import add_tasks, check_demands, open_exception
from runner.engine.transitions import scope_of

__all__ = [
    "RUNNER",
    "accept_exception",
    "end_by_runner",
    "end_exception",
    "end_undelivered",
    "expire_exception",
    "expire_exception_offer",
    "pass_exception",
    "raise_by_runner",
    "raise_exception",
]

RUNNER = "surety:runner"
"""Who raises and ends an exception that no person does."""


def raise_exception(draft: Draft, command: Command, args: RaiseException) -> None:
    """Someone accountable says what kind of trouble it is; its path owner is asked, and recovery time runs from now."""
    state = draft.state
    if command.actor != accountable(state) and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"only {accountable(state)} or a manager may raise an exception")
    if state.phase not in (Phase.OFFERED, Phase.ACCEPTED, Phase.WAITING, Phase.EXHAUSTED):
        raise CommandRejected(RejectReason.WRONG_STATE, f"it is {state.phase.value}")
    rules = draft.contract.exceptions.get(args.exception_class)
    if rules is None:
        allowed = ", ".join(draft.contract.exceptions)
        raise CommandRejected(RejectReason.UNKNOWN_CLASS, f"classes of this contract: {allowed}")
    check_demands(draft, rules, args)
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
            plan=args.plan,
        )
    )
    add_tasks(draft, number, args.tasks, command.actor)
    _ask_path_owner(draft, command.actor, number, rules)
    draft.tell_manager("exception", Reason.RAISED, rules.rule)
    _start_runs(draft, args.exception_class)


def raise_by_runner(
    draft: Draft,
    kind: str,
    reason: Reason,
    *,
    rule: str | None = None,
    about: str | None = None,
    tell: About = "exception",
    by: str = RUNNER,
    cause: str | None = None,
) -> int:
    """Raise an exception without anybody's doing; its number, that of the open one if it is raised already.

    `kind` is a class of the contract or one of the runner's own; `about` the person or the step that it is about: one
    is open for each. `rule` says what led to it, the class if nothing else does. The path owner is asked unless that is
    the escalation owner, whose it is at once. The escalation owner is told, or the last resort if nobody reaches that
    person; nobody if both are out of reach, since a message would only be one more that fails.
    `cause` is the run that led to it: trouble of steps for an exception begins no such steps again, or it had no end.
    Neither does trouble while such steps are under way.
    """
    for each in draft.state.exceptions.values():
        if (each.exception_class, each.about) == (kind, about):
            return each.id
    rules, number = draft.contract.class_of(kind), draft.state.exception_count + 1
    hearer = _within_reach(draft)
    owner = hearer or draft.manager().id
    raised = made(
        ev.ExceptionRaised,
        reason=reason,
        rule=rule or rules.rule,
        exception=number,
        exception_class=kind,
        by=by,
        due=draft.ends(rules.within),
        text=None,
        owner=owner,
        about=about,
    )
    draft.add(raised)
    found = draft.on_call(rules.owner)
    if isinstance(found, Nobody) or found.id in (owner, draft.manager().id, about):
        _own(draft, number, owner, found.reason if isinstance(found, Nobody) else reason, rules.rule)
    else:
        _ask_path_owner(draft, owner, number, rules)
    if hearer is not None:
        draft.tell(hearer, tell, reason, rule or rules.rule)
    if draft.state.phase in scope_of("exception") and not (cause and _is_for_exception(cause)):
        _start_runs(draft, kind, besides=False)
    return number


def _is_for_exception(run: str) -> bool:
    return run.startswith(("exception#", "exception:"))


def _start_runs(draft: Draft, kind: str, *, besides: bool = True) -> None:
    """The steps of the template for every exception, and those approved for the class.

    Unless `besides`, none that are under way: people who cannot be reached, one after the other, are one trouble.
    """
    for point in ("exception", f"exception:{kind}"):
        if besides or all(run.point != point for run in draft.state.runs.values()):
            start_run(draft, point)


def _within_reach(draft: Draft) -> str | None:
    """Who hears of trouble: the escalation owner, else the last resort; None if no message got through to either."""
    people = (draft.manager().id, draft.world.last_resort.id)
    return next((person for person in people if person not in draft.state.unreached), None)


def end_by_runner(draft: Draft, kind: str, reason: Reason, about: str | None = None) -> None:
    """End the runner's own exception of a class, if it is open: what it was about is well again.

    One for which people have planned tasks is theirs to end.
    """
    for each in list(draft.state.exceptions.values()):
        if each.exception_class == kind and each.about == about and not each.open_tasks:
            _end(draft, each, RUNNER, reason, None)


def end_undelivered(draft: Draft, person: str) -> None:
    """A channel reached the person, or the person acts here: nothing keeps them from knowing any more."""
    end_by_runner(draft, "undelivered", Reason.REACHED, person)


def _ask_path_owner(draft: Draft, by: str, number: int, rules: ExceptionOf) -> None:
    found = draft.on_call(rules.owner)
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
        rule = draft.contract.class_of(state.exception_class).rule
        _own(draft, offer.exception, offer.to, Reason.ACCEPTED, rule)


def expire_exception_offer(draft: Draft, offer: Offer, reason: Reason) -> None:
    """The path owner did not take it: recovery is the escalation owner's now."""
    if offer.exception is None or offer.exception not in draft.state.exceptions:
        return
    state = draft.state.exceptions[offer.exception]
    rule = draft.contract.class_of(state.exception_class).rule
    manager = draft.manager().id
    _own(draft, offer.exception, manager, reason, rule)
    draft.tell(manager, "exception", reason, rule)


def pass_exception(draft: Draft, exception: ExceptionState, reason: Reason) -> None:
    """Its owner cannot go on with it: recovery is the escalation owner's now."""
    rule, manager = draft.contract.class_of(exception.exception_class).rule, draft.manager().id
    _own(draft, exception.id, manager, reason, rule)
    draft.tell(manager, "exception", reason, rule)


def expire_exception(draft: Draft, exception: ExceptionState) -> None:
    """Recovery took too long: the escalation owner takes over, and is told again until it ends."""
    rules = draft.contract.class_of(exception.exception_class)
    manager = draft.manager().id
    _withdraw_offers(draft, exception, Reason.RECOVERY_OVERDUE, rules.rule)
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


def _withdraw_offers(draft: Draft, exception: ExceptionState, reason: Reason, rule: str) -> None:
    """Nobody is asked to see to it any more."""
    for offer in list(draft.state.offers.values()):
        if offer.exception == exception.id:
            draft.add(made(ev.OfferEnded, reason=reason, rule=rule, offer=offer.id, person=offer.to, due=None))


def end_exception(draft: Draft, command: Command, args: EndException) -> None:
    """Its owner, the holder or a manager says that the trouble is over; while tasks are open only a manager may."""
    exception = open_exception(draft, args.exception)
    if command.actor not in (exception.owner, draft.state.holder) and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"exception {exception.id} is owned by {exception.owner}")
    if exception.open_tasks and not may_override(draft, command):
        open_ones = ", ".join(f"{task.id} ({task.owner})" for task in exception.open_tasks)
        detail = f"first finish its tasks: {open_ones}; a manager may end it with a rationale"
        raise CommandRejected(RejectReason.TASKS_OPEN, detail)
    _end(draft, exception, command.actor, Reason.RECOVERED, args.text)


def _end(draft: Draft, exception: ExceptionState, by: str, reason: Reason, text: str | None) -> None:
    rule = draft.contract.class_of(exception.exception_class).rule
    _withdraw_offers(draft, exception, reason, rule)
    draft.add(made(ev.ExceptionEnded, reason=reason, rule=rule, exception=exception.id, by=by, text=text))
    holder = draft.state.holder
    if holder is not None and holder != by and reason is not Reason.REACHED:
        draft.tell(holder, "exception_ended", reason, rule, note=exception.exception_class)
        await_anew(draft)
