"""What may happen next: every command that somebody may give, every deadline, what the helpdesk may say. As data.

A move comes with the state from which it is tried: where the control of states leaves something out that a guard asks
for, such as how many handoffs there were, the move is tried with both answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.events import made
from runner.engine.state import Offer, Phase, State, accountable
from validators.verify.acts import CLOCK, HELPDESK, MOMENT, TEXT, Move, but, facts_of, full, person
from validators.verify.odd_moves import odd_moves, strange_tasks
from validators.verify.oracle import BOSS, NEW, STRANGER
from validators.verify.order import each_first

__all__ = ["CLOCK", "HELPDESK", "TEXT", "Move", "but", "facts_of", "holding_moves", "openings", "ownership_moves"]

_TICK, _ROSTER, _REOPENED, _UNACCEPT = cmd.Tick(), cmd.NoteRoster(), cmd.NoteReopened(), cmd.Unaccept()
_ESCALATE, _CANCEL = cmd.Escalate(offer=None, text=TEXT), cmd.Cancel(text=TEXT)
_TAKE, _GIVE = cmd.Override(action="take", text=TEXT), cmd.Override(action="give", to=NEW, text=TEXT)


def openings(contract: Contract, at: datetime) -> Iterator[tuple[str, cmd.Open]]:
    """The ways in which an escalation opens: by itself, or in the place of another whose owner goes on answering."""
    for words, keeper in (("it opens", None), ("it opens in the place of another", "keeper")):
        yield (
            words,
            made(
                cmd.Open,
                ticket="T-1",
                template=contract.name,
                fallback=False,
                firing="rising_edge",
                created_at=at,
                observed="created",
                ticket_version="1",
                fields={},
                keeper=keeper,
            ),
        )


def ownership_moves(
    contract: Contract, state: State, classes: frozenset[str] = frozenset(), *, odd: bool = True
) -> Iterator[Move]:
    """Everything that people, time and the helpdesk may do about ownership and exceptions.

    `classes` of exceptions are tried each for itself; without `odd`, nothing that `odd_moves` has.
    """
    yield from holding_moves(contract, state)
    if state.phase.over:
        return
    if state.holder is not None:
        yield from _handovers(contract, state, state.holder)
    yield from _exceptions(contract, state, classes)
    yield from _helpdesks(contract, state)
    if odd and not state.exceptions:
        yield from odd_moves(contract, state)


def holding_moves(contract: Contract, state: State) -> Iterator[Move]:
    """Of these all that may change who holds it, or its phase, without a handoff."""
    if state.phase.over:
        yield from _after_the_end(contract, state)
        return
    yield from _deadlines(contract, state)
    for offer in state.offers.values():
        if offer.purpose != "question":
            yield from _answers(contract, state, offer)
    if state.holder is not None:
        yield from _holders(contract, state, state.holder)
        yield from _ends(contract, state, state.holder)
    yield from _managers(contract, state)
    if state.phase is Phase.RESOLVED:
        yield Move("the ticket is open again", "helpdesk", state, HELPDESK, _REOPENED, state.now, kind="world")
    yield Move("the roster changes", "roster", state, "surety:roster", _ROSTER, state.now, kind="world")


def _deadlines(contract: Contract, state: State) -> Iterator[Move]:
    for deadline, before in each_first(state):
        words, at = f"deadline: {deadline.sort}", deadline.at
        if deadline.sort == "offer":
            offer = before.offers[int(deadline.key)]
            words = f"no answer to the {offer.purpose} offer"
            if offer.purpose == "ladder" and not offer.quiet and offer.on_end != "climb":
                untold = replace(offer, told=False)
                unheard = but(before, offers={**before.offers, offer.id: untold})
                yield Move(f"{words}, which reached nobody", "time", unheard, CLOCK, _TICK, at, kind="time")
            told = replace(offer, told=True)
            before = but(before, offers={**before.offers, offer.id: told})  # noqa: PLW2901 - it was told
        yield Move(words, "time", before, CLOCK, _TICK, at, kind="time")
        if deadline.sort == "outcome" and contract.when_overdue != "remind" and before.accepted_at is not None:
            since = but(before, accepted_at=at + MOMENT, now=at + MOMENT)
            yield Move(
                f"{words}, handled after somebody accepted", "time", since, CLOCK, _TICK, at + MOMENT, kind="time"
            )


def _answers(contract: Contract, state: State, offer: Offer) -> Iterator[Move]:
    what, to = offer.purpose, offer.to
    answers = full(contract)
    accept = made(cmd.Accept, offer=offer.id, answers=answers)
    yield person(state, f"accept the {what} offer", "asked", to, accept)
    if contract.checklist_within is not None and offer.on_accept == "hold" and answers:
        tap = made(cmd.Accept, offer=offer.id, answers={})
        yield person(state, f"accept the {what} offer with one tap", "asked", to, tap)
    elif answers:
        some = dict(list(answers.items())[:-1])
        args = made(cmd.Accept, offer=offer.id, answers=some)
        yield person(state, f"accept the {what} offer without the checklist", "asked", to, args, must_fail=True)
    if offer.due is not None and what == "ladder" and contract.postmortem == "when_breached":
        yield person(state, f"accept the {what} offer late", "asked", to, accept, at=offer.due + MOMENT)
    yield person(state, f"reject the {what} offer", "asked", to, made(cmd.Reject, offer=offer.id, why="not_mine"))
    if contract.clarify is not None and what == "ladder":
        reject = made(cmd.Reject, offer=offer.id, why="incomplete")
        yield person(state, f"reject the {what} offer: incomplete", "asked", to, reject)
    if offer.last:
        reject = made(cmd.Reject, offer=offer.id, why="conflict")
        yield person(state, f"reject the {what} offer: conflict", "asked", to, reject)
    if what == "ladder":
        yield person(state, "pass it up", "asked", to, made(cmd.Escalate, offer=offer.id, text=TEXT))


def _holders(contract: Contract, state: State, holder: str) -> Iterator[Move]:
    yield person(state, "escalate", "owner", holder, _ESCALATE)
    if contract.progress_within is not None:
        yield person(state, "show progress", "owner", holder, made(cmd.Progress, text=TEXT))
    for words, asked in (("of the ladder", (holder,)), ("got otherwise", ())):
        yield person(but(state, asked=asked), f"take back the acceptance {words}", "owner", holder, _UNACCEPT)
    if state.checklist_due is not None:
        answers = full(contract)
        yield person(state, "answer the checklist", "owner", holder, made(cmd.CompleteChecklist, answers=answers))
        some = dict(list(answers.items())[:-1])
        half = made(cmd.CompleteChecklist, answers=some)
        yield person(state, "answer half the checklist", "owner", holder, half, must_fail=True)
    if contract.waiting is not None:
        for what in ("customer", "date"):
            until = None if what == "customer" else state.now + MOMENT
            args = made(cmd.Wait, for_=what, until=until, text=TEXT)
            yield person(state, f"wait for the {what}", "owner", holder, args)
        args = made(cmd.Wait, for_="customer", text=TEXT)
        used = but(state, waited=contract.waiting.at_most.seconds)
        yield person(used, "wait longer than allowed", "owner", holder, args, must_fail=True)
    if state.waiting is not None:
        yield person(state, "go on", "owner", holder, made(cmd.Resume))
    if contract.postmortem != "never":
        for words, other in (("", holder), (" that another follows up", NEW)):
            written = made(cmd.AttachPostmortem, text=TEXT, remediation_owner=other)
            yield person(state, f"attach the post-mortem{words}", "owner", holder, written)


def _ends(contract: Contract, state: State, holder: str) -> Iterator[Move]:
    proven, bare = facts_of(contract, state), facts_of(contract, state, proven=False)
    demands = bool(contract.evidence) and "outcome_evidence" in contract.verify
    resolve = made(cmd.Resolve, evidence={}, facts=proven)
    yield person(state, "resolve with proof", "owner", holder, resolve)
    if demands:
        unproven = made(cmd.Resolve, evidence={}, facts=bare)
        yield person(state, "resolve without proof", "owner", holder, unproven, must_fail=True)
    if "tasks_done" in contract.verify and state.phase is Phase.ACCEPTED:
        lacking = but(state, failed_tasks=("open#1/0",))
        yield person(lacking, "resolve although a task was not created", "owner", holder, resolve, must_fail=True)
    code = contract.resolution_codes[0]
    too_early = state.phase is not Phase.RESOLVED
    written = but(state, postmortem=(TEXT, NEW)) if contract.needs_postmortem(breached=False) else state
    close = made(cmd.Close, code=code, facts=proven)
    yield person(written, "close with proof", "owner", holder, close, must_fail=too_early)
    if contract.needs_postmortem(breached=True) and not too_early:
        missed = but(state, breached=True)
        yield person(missed, "close without the post-mortem", "owner", holder, close, must_fail=True)
        late = but(missed, postmortem=(TEXT, NEW))
        yield person(late, "close with proof and post-mortem", "owner", holder, close)
    if demands and not too_early:
        gone = made(cmd.Close, code=code, facts=bare)
        yield person(state, "close although the proof is gone", "owner", holder, gone, must_fail=True)


def _handovers(contract: Contract, state: State, holder: str) -> Iterator[Move]:
    given = {"reason": TEXT, "next_step": TEXT, "artifacts": (TEXT,), "expected_at": state.now}
    rules = contract.handoff

    def to(person: str | None) -> cmd.HandOver:
        return made(cmd.HandOver, to=person, **given)  # type: ignore[arg-type] # as above

    few = but(state, handoffs=max(0, rules.at_most - 1))
    full = but(state, handoffs=rules.at_most)
    if rules.at_most:
        yield person(few, "hand it over", "owner", holder, to(NEW))
    yield person(full, "hand it over beyond the limit", "owner", holder, to(NEW))
    if rules.at_most:
        yield person(but(few, giver=NEW), "hand it back", "owner", holder, to(NEW))
        bounced = but(few, giver=NEW, bounced=((holder, NEW),))
        yield person(bounced, "hand it back again", "owner", holder, to(NEW))
    if rules.sequence:
        yield person(state, "hand it to the next in the sequence", "owner", holder, to(None))
        last = but(state, planned=len(rules.sequence))
        yield person(last, "hand it to the next after the sequence", "owner", holder, to(None))
    if rules.require:
        yield person(
            state, "hand it over without what is demanded", "owner", holder, made(cmd.HandOver, to=NEW), must_fail=True
        )


def _exceptions(contract: Contract, state: State, classes: frozenset[str]) -> Iterator[Move]:
    owner = accountable(state) or ""
    if not state.exceptions:
        for name in _classes(contract, classes):
            demands = contract.exceptions[name].requires
            for words, tasks in _tasks(state) if "tasks" in demands else (("", ()),):
                args = made(cmd.RaiseException, exception_class=name, text=TEXT, plan=TEXT, tasks=tasks)
                yield person(state, f"raise an exception: {name}{words}", "accountable", owner, args)
            if demands:
                bare = made(cmd.RaiseException, exception_class=name, text=TEXT)
                yield person(
                    state, f"raise {name} without its {demands[0]}", "accountable", owner, bare, must_fail=True
                )
        unknown = made(cmd.RaiseException, exception_class="no-such-class", text=TEXT)
        yield person(state, "raise an exception of no known class", "accountable", owner, unknown, must_fail=True)
    for each in state.exceptions.values():
        end = made(cmd.EndException, exception=each.id, text=TEXT)
        yield person(state, "end the exception", "path owner", each.owner, end)
        if state.holder is not None:
            yield person(state, "end the exception", "owner", state.holder, end)
        yield person(state, "end the exception of another", "stranger", STRANGER, end, must_fail=True)
        yield from strange_tasks(state, each)
        if each.open_tasks:
            yield person(state, "end the exception", "manager", BOSS, end, jobs=contract.override_jobs[:1])
        if each.open_tasks:
            gone = made(cmd.FinishTask, exception=each.id, task=99)
            yield person(
                state,
                "finish a task that is not there",
                "manager",
                BOSS,
                gone,
                jobs=contract.override_jobs[:1],
                must_fail=True,
            )
        if each.open_tasks:
            past = made(cmd.Task, title=TEXT, owner=NEW, due=state.now)
            yield person(
                state,
                "add a task for the past",
                "path owner",
                each.owner,
                made(cmd.AddTask, exception=each.id, task=past),
                must_fail=True,
            )
        for task in each.open_tasks:
            yield person(
                state, "finish a task", "task owner", task.owner, made(cmd.FinishTask, exception=each.id, task=task.id)
            )
        if not each.open_tasks:
            for words, tasks in _tasks(state):
                further = made(cmd.AddTask, exception=each.id, task=tasks[0])
                yield person(state, f"add a task{words}", "path owner", each.owner, further)


def _tasks(state: State) -> tuple[tuple[str, tuple[cmd.Task, ...]], ...]:
    due = state.now + timedelta(days=30)
    return (
        ("", (made(cmd.Task, title=TEXT, owner=NEW, due=due),)),
        (" without a time", (made(cmd.Task, title=TEXT, owner=NEW, due=None),)),
    )


def _classes(contract: Contract, classes: frozenset[str]) -> Iterator[str]:
    """One class for each set of demands: the engine tells classes apart by nothing else."""
    seen = set()
    for name, kind in contract.exceptions.items():
        if kind.requires not in seen or name in classes:
            seen.add(kind.requires)
            yield name


def _managers(contract: Contract, state: State) -> Iterator[Move]:
    jobs = contract.override_jobs[:1]
    answers = accountable(state)

    def manager(label: str, args: cmd.Args, actor: str = BOSS) -> Move:
        return person(state, label, "manager", actor, args, jobs=jobs)

    yield manager("take it", _TAKE)
    if answers is not None:
        yield manager("take what one answers for", _TAKE, answers)
    yield manager("give it", _GIVE)
    yield manager(
        "close with a rationale", made(cmd.Override, action="close", code=contract.resolution_codes[0], text=TEXT)
    )
    yield manager("cancel", _CANCEL)
    if state.remind_at is not None:
        yield manager("put the reminder off", made(cmd.Snooze, until=state.now + MOMENT, text=TEXT))


def _helpdesks(contract: Contract, state: State) -> Iterator[Move]:
    def says(label: str, args: cmd.Args, before: State = state) -> Move:
        return Move(label, "helpdesk", before, HELPDESK, args, state.now, kind="world")

    yield says("the ticket is solved with proof", made(cmd.NoteSolvedOutside, facts=facts_of(contract, state)))
    bare = made(cmd.NoteSolvedOutside, facts=facts_of(contract, state, proven=False))
    yield says("the ticket is solved without proof", bare)
    often = but(state, restores=contract.limits.restores_at_most)
    yield says("the ticket is solved without proof once more", bare, often)
    if state.clarification is not None:
        yield person(state, "say what was missing", "anybody", NEW, made(cmd.Clarify, text=TEXT))
    if state.clarification is not None or (state.waiting is not None and state.waiting.for_ == "customer"):
        yield says("the ticket is changed", made(cmd.NoteChanged, fields=("subject",)))


def _after_the_end(contract: Contract, state: State) -> Iterator[Move]:
    jobs, inside = contract.override_jobs[:1], contract.reopen_within
    yield person(state, "take it after the end", "manager", BOSS, _TAKE, jobs=jobs, must_fail=True)
    if state.phase is not Phase.CLOSED or state.closed_at is None:
        return
    again = made(cmd.Reopen, text=TEXT)
    if inside is None:
        yield person(state, "open it again", "manager", BOSS, again, jobs=jobs, must_fail=True)
        return
    yield person(but(state, previous=NEW), "open it again", "manager", BOSS, again, jobs=jobs)
    late = max(state.now, state.closed_at + timedelta(seconds=inside + 1))
    yield person(state, "open it again too late", "manager", BOSS, again, jobs=jobs, at=late, must_fail=True)
    yield person(state, "open it again without the right", "stranger", STRANGER, again, must_fail=True)
    taken = made(cmd.Reopen, text=TEXT, other="other")
    yield person(state, "open it again beside another", "manager", BOSS, taken, jobs=jobs, must_fail=True)
