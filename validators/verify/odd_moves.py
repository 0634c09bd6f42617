"""What neither asks for exceptions nor changes any, and what must be refused: by strangers, or of what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.events import made
from runner.engine.state import ExceptionState, State
from validators.verify.acts import HELPDESK, TEXT, Move, facts_of, full, person
from validators.verify.oracle import BOSS, STRANGER

__all__ = ["odd_moves", "strange_tasks"]


def odd_moves(contract: Contract, state: State) -> Iterator[Move]:
    """What neither asks for exceptions nor changes any: tried where none is open. Also what strangers may not do."""

    def says(label: str, args: cmd.Args) -> Move:
        return Move(label, "helpdesk", state, HELPDESK, args, state.now, kind="world")

    def stranger(label: str, args: cmd.Args) -> Move:
        return person(state, label, "stranger", STRANGER, args, must_fail=True)

    yield says("the ticket is merged into one with an escalation", made(cmd.NoteMerged, into="T-2", escalation="other"))
    yield says("the ticket is merged into one without", made(cmd.NoteMerged, into="T-2"))
    yield says("another template matches", made(cmd.NoteOtherMatch, template="another", supersede=True))
    yield says("another ticket has the same cause", made(cmd.NoteLinked, ticket="T-3"))
    yield stranger("take it without the right", made(cmd.Override, action="take", text=TEXT))
    yield stranger("cancel without the right", made(cmd.Cancel, text=TEXT))
    yield from _strange(contract, state)
    for offer in state.offers.values():
        if offer.purpose == "ladder":
            yield stranger("accept an offer of another", made(cmd.Accept, offer=offer.id, answers=full(contract)))
    yield from _strangers(contract, state)
    if state.holder is not None:
        proven, code = facts_of(contract, state), contract.resolution_codes[0]
        yield stranger("escalate in the owner's place", made(cmd.Escalate, offer=None, text=TEXT))
        yield stranger("resolve in the owner's place", made(cmd.Resolve, evidence={}, facts=proven))
        yield stranger("close in the owner's place", made(cmd.Close, code=code, facts=proven))
        unknown = made(cmd.Close, code="no-such-code", facts=proven)
        yield person(state, "close with an unknown code", "owner", state.holder, unknown, must_fail=True)


def _strangers(contract: Contract, state: State) -> Iterator[Move]:
    """What only the one who answers for it may do, by somebody who does not."""

    def stranger(label: str, args: cmd.Args) -> Move:
        return person(state, f"{label} in the owner's place", "stranger", STRANGER, args, must_fail=True)

    for name in list(contract.exceptions)[:1]:
        yield stranger("raise an exception", made(cmd.RaiseException, exception_class=name, text=TEXT))
    if state.clarification is None and contract.clarify is not None:
        yield stranger("say what nobody has asked", made(cmd.Clarify, text=TEXT))
    if state.holder is None:
        return
    yield stranger("hand it over", made(cmd.HandOver, to=BOSS))
    yield stranger("take back the acceptance", made(cmd.Unaccept))
    if contract.progress_within is not None:
        yield stranger("show progress", made(cmd.Progress, text=TEXT))
    if state.checklist_due is not None:
        yield stranger("answer the checklist", made(cmd.CompleteChecklist, answers=full(contract)))
    if state.waiting is not None:
        yield stranger("go on", made(cmd.Resume))
    elif contract.waiting is not None:
        yield stranger("wait", made(cmd.Wait, for_="customer", text=TEXT))
    if contract.postmortem != "never":
        yield stranger("attach the post-mortem", made(cmd.AttachPostmortem, text=TEXT, remediation_owner=STRANGER))


def strange_tasks(state: State, exception: ExceptionState) -> Iterator[Move]:
    """Tasks of an exception are its owner's, and of whoever answers for the escalation."""
    task = made(cmd.Task, title=TEXT, owner=STRANGER, due=None)
    args: list[tuple[str, cmd.Args]] = [("add a task", made(cmd.AddTask, exception=exception.id, task=task))]
    args += [
        ("finish a task", made(cmd.FinishTask, exception=exception.id, task=each.id)) for each in exception.open_tasks
    ]
    for label, each in args:
        yield person(state, f"{label} of another", "stranger", STRANGER, each, must_fail=True)


def _strange(contract: Contract, state: State) -> Iterator[Move]:
    """Commands that name what is not there, or ask for more than there may be."""
    jobs = contract.override_jobs[:1]

    def odd(label: str, args: cmd.Args) -> Move:
        return person(state, label, "stranger", BOSS, args, jobs=jobs, must_fail=True)

    complete = full(contract)
    yield odd("accept an offer that never was", made(cmd.Accept, offer=state.offer_count + 9, answers=complete))
    ended = next((n for n in range(state.offer_count, 0, -1) if n not in state.offers), None)
    if ended is not None:
        yield odd("accept an offer that has ended", made(cmd.Accept, offer=ended, answers=complete))
        yield odd("answer a question that is over", made(cmd.Answer, offer=ended))
    for offer in state.offers.values():
        if offer.purpose == "ladder":
            yield odd("answer an offer that is no question", made(cmd.Answer, offer=offer.id))
    yield odd("end an exception that is not there", made(cmd.EndException, exception=0, text=TEXT))
    yield odd("roll back a run that never was", made(cmd.RollBack, run="open#99", text=TEXT))
    if not state.changes and not state.runs:
        yield odd("roll back nothing", made(cmd.RollBack, run=None, text=TEXT))
    if state.remind_at is not None:
        late = state.now + timedelta(seconds=contract.limits.snooze_at_most + 1)
        yield odd("put the reminder off for too long", made(cmd.Snooze, until=late, text=TEXT))
    if state.holder is not None:
        strange = made(cmd.Resolve, evidence={"no-such-proof": TEXT}, facts=facts_of(contract, state))
        yield person(state, "resolve with strange proof", "owner", state.holder, strange, must_fail=True)
        if contract.waiting is None:
            waits = made(cmd.Wait, for_="customer", text=TEXT)
            yield person(state, "wait although nobody may", "owner", state.holder, waits, must_fail=True)
        wrong: dict[str, cmd.Scalar] = dict.fromkeys((*complete, ""), 7.5)
        for offer in state.offers.values():
            if offer.purpose == "handoff" and any(check.answer != "number" for check in contract.checklist):
                wrongly = made(cmd.Accept, offer=offer.id, answers=wrong)
                yield person(state, "accept with wrong answers", "asked", offer.to, wrongly, must_fail=True)
