"""Verification: which checks do not hold, in words that say what is missing, and who can remedy it. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runner.engine.choosing import to_come
from runner.engine.commands import TicketFacts
from runner.engine.draft import Draft
from runner.engine.reasons import CommandRejected, RejectReason
from runner.engine.state import Phase, accountable
from runner.engine.undo import standing_noes

__all__ = ["No", "noes", "refusal"]

_NAMED = 3
"""So many failed steps are named; a remedy is kept in the state."""
_RATIONALE = "a manager may close with a rationale"


@dataclass(frozen=True, slots=True)
class No:
    """A check that does not hold.

    `check` names it and what it is about; `who` can remedy it, None if it is under way and nobody has to. `broken`: it
    held when the outcome was proven, so that a close that meets it cannot stand.
    """

    check: str
    words: str
    who: str | None
    broken: bool = True


def noes(
    draft: Draft,
    facts: TicketFacts,
    evidence: Mapping[str, str],
    *,
    outside: bool = False,
    closing: bool = False,
) -> list[No]:
    """The checks that do not hold. Acceptance and open exceptions are always checked.

    The record's own fields are not checked for what was seen `outside`: our last write may have come after that look.
    A post-mortem is needed for `closing`.
    """
    state, contract = draft.state, draft.contract
    holder = accountable(state)
    found: list[No] = []
    if state.phase in (Phase.OFFERED, Phase.EXHAUSTED):
        found.append(No("accepted", "accepted: nobody has accepted it", holder))
    if state.checklist_due is not None:
        found.append(No("checklist", "accepted: the checklist is not answered yet", holder))
    found += _exceptions(draft)
    if "outcome_evidence" in contract.verify:
        given = {*state.evidence, *evidence, *facts.evidence}
        missing = [need.name for need in contract.evidence if need.name not in given]
        found += [No(f"outcome_evidence/{name}", f"outcome_evidence: {name} is missing", holder) for name in missing]
    if "tasks_done" in contract.verify:
        found += _tasks(draft, facts)
    if "delivered" in contract.verify:
        words = "delivered: no channel reached {}; " + _RATIONALE
        manager = draft.manager().id
        found += [No(f"delivered/{name}", words.format(name), manager, broken=False) for name in state.unreached]
    if "fields_consistent" in contract.verify and state.record is not None and not outside:
        found += _inconsistent(draft, facts)
    for words in standing_noes(draft):
        found.append(No(words.partition(";")[0].replace(": ", "/", 1), words, holder, broken=False))
    if closing and contract.needs_postmortem(breached=state.breached) and state.postmortem is None:
        words = "postmortem: it needs one with a remediation owner before it closes"
        found.append(No("postmortem", words, holder, broken=False))
    return found


def _exceptions(draft: Draft) -> Iterator[No]:
    """Each open exception with its open tasks. They are no part of the outcome's proof."""
    for each in draft.state.exceptions.values():
        words = f"exception: {each.exception_class} is open, {each.owner} owns recovery"
        yield No(f"exception/{each.id}", words, each.owner, broken=False)
        for task in each.open_tasks:
            words = f"tasks_done: task {task.id} of {each.exception_class} is not done"
            yield No(f"tasks_done/exception {each.id}, task {task.id}", words, task.owner, broken=False)


def _tasks(draft: Draft, facts: TicketFacts) -> Iterator[No]:
    state, manager = draft.state, draft.manager().id
    for position, task in enumerate(state.tasks):
        if task in facts.open_tasks:
            who, was_done = state.assignees.get(task, manager), position < state.proven_tasks
            yield No(f"tasks_done/{task}", f"tasks_done: ticket {task} is not done", who, broken=was_done)
    if state.failed_tasks:  # one for all: each is to be remedied by the same person, who is not asked twenty times
        more = len(state.failed_tasks) - _NAMED
        steps = ", ".join(state.failed_tasks[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield No("tasks_done/steps", f"tasks_done: step {steps} failed; {_RATIONALE}", manager, broken=False)
    for run in state.runs.values():
        if any(step.task for step in to_come(draft.steps(run.point), run.step)):
            words = f"tasks_done: {run.id} has not created its task yet"
            yield No(f"tasks_done/run {run.id}", words, None, broken=False)


def _inconsistent(draft: Draft, facts: TicketFacts) -> Iterator[No]:
    state, names = draft.state, draft.contract.record
    if state.writes:
        words = "fields_consistent: a write to the ticket is still under way; try again shortly"
        yield No("fields_consistent", words, None, broken=False)
        return
    if state.unwritten:
        words = "fields_consistent: the ticket could not be written; it is tried again by itself"
        yield No("fields_consistent", words, None, broken=False)
        return
    wanted = dict(zip((names.state, names.owner), state.record or (), strict=False))
    for name, value in wanted.items():
        if facts.record.get(name) != value:
            words = f"fields_consistent: {name} is {facts.record.get(name)!r}, the record says {value!r}"
            yield No(f"fields_consistent/{name}", words, accountable(state))


def refusal(found: list[No]) -> CommandRejected:
    """What refuses a command for these; an open exception is said first, since nothing is proven while one is."""
    exception = any(no.check.startswith("exception/") for no in found)
    reason = RejectReason.EXCEPTION_OPEN if exception else RejectReason.NOT_VERIFIED
    return CommandRejected(reason, "; ".join(no.words for no in found))
