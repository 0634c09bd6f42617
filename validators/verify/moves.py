"""What may happen next: every command that somebody may give, every deadline, what the helpdesk may say. As data.

A move comes with the state from which it is tried: where the control of states leaves something out that a guard asks
for, such as how many handoffs there were, the move is tried with both answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.state import Offer, Phase, State, accountable
from validators.verify.oracle import BOSS, NEW, STRANGER
from validators.verify.order import each_first

__all__ = ["CLOCK", "HELPDESK", "Move", "facts_of", "openings", "ownership_moves"]

CLOCK: Final = "surety:clock"
HELPDESK: Final = "surety:helpdesk"
TEXT: Final = "a" * 64
_MOMENT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may happen, in `state` at `at`. `who` is the part of the one who does it; `must_fail`: it must be
    refused, whatever else holds.
    """

    label: str
    who: str
    state: State
    actor: str
    args: cmd.Args
    at: datetime
    jobs: tuple[str, ...] = ()
    kind: Literal["person", "time", "world", "result"] = "person"
    must_fail: bool = False


Moves = Callable[[Contract, State], Iterator[Move]]


def openings(contract: Contract, at: datetime) -> Iterator[tuple[str, cmd.Open]]:
    """The ways in which an escalation opens: by itself, or in the place of another whose owner goes on answering."""
    for words, keeper in (("it opens", None), ("it opens in the place of another", "keeper")):
        yield (
            words,
            cmd.Open(
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


def ownership_moves(contract: Contract, state: State, classes: frozenset[str] = frozenset()) -> Iterator[Move]:
    """Everything that people, time and the helpdesk may do about ownership and exceptions; `classes` each for itself."""
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
        yield from _handovers(contract, state, state.holder)
    yield from _exceptions(contract, state, classes)
    yield from _managers(contract, state)
    yield from _helpdesks(contract, state)
    if not state.exceptions:
        yield from _apart(contract, state)
    yield Move("the roster changes", "roster", state, "surety:roster", cmd.NoteRoster(), state.now, kind="world")


def _person(state: State, label: str, who: str, actor: str, args: cmd.Args, **more: Any) -> Move:
    return Move(label, who, state, actor, args, more.pop("at", state.now), **more)


def but(state: State, **changes: object) -> State:
    """A state like this one apart from some fields."""
    new = state.copy()
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def _deadlines(contract: Contract, state: State) -> Iterator[Move]:
    for deadline, before in each_first(state):
        words, at = f"deadline: {deadline.sort}", deadline.at
        if deadline.sort == "offer":
            offer = before.offers[int(deadline.key)]
            words = f"no answer to the {offer.purpose} offer"
            if offer.purpose == "ladder" and not offer.quiet and offer.on_end != "climb":
                untold = replace(offer, told=False)
                unheard = but(before, offers={**before.offers, offer.id: untold})
                yield Move(f"{words}, which reached nobody", "time", unheard, CLOCK, cmd.Tick(), at, kind="time")
            told = replace(offer, told=True)
            before = but(before, offers={**before.offers, offer.id: told})
        yield Move(words, "time", before, CLOCK, cmd.Tick(), at, kind="time")
        if deadline.sort == "outcome" and contract.when_overdue != "remind" and before.accepted_at is not None:
            since = but(before, accepted_at=at + _MOMENT, now=at + _MOMENT)
            yield Move(
                f"{words}, handled after somebody accepted", "time", since, CLOCK, cmd.Tick(), at + _MOMENT, kind="time"
            )


def _full(contract: Contract) -> dict[str, cmd.Scalar]:
    sample: dict[str, Any] = {
        "yes": True, "number": 1, "instant": "2026-03-03T09:00:00Z", "text": TEXT, "evidence": TEXT,
    }  # fmt: skip
    return {c.name: c.values[0] if c.answer == "choice" else sample[c.answer] for c in contract.checklist}


def _answers(contract: Contract, state: State, offer: Offer) -> Iterator[Move]:
    what, to = offer.purpose, offer.to
    full = _full(contract)
    yield _person(state, f"accept the {what} offer", "asked", to, cmd.Accept(offer=offer.id, answers=full))
    if contract.checklist_within is not None and offer.on_accept == "hold" and full:
        yield _person(
            state, f"accept the {what} offer with one tap", "asked", to, cmd.Accept(offer=offer.id, answers={})
        )
    elif full:
        some = dict(list(full.items())[:-1])
        args = cmd.Accept(offer=offer.id, answers=some)
        yield _person(state, f"accept the {what} offer without the checklist", "asked", to, args, must_fail=True)
    if offer.due is not None and what == "ladder" and contract.postmortem == "when_breached":
        late = offer.due + _MOMENT
        yield _person(
            state, f"accept the {what} offer late", "asked", to, cmd.Accept(offer=offer.id, answers=full), at=late
        )
    yield _person(state, f"reject the {what} offer", "asked", to, cmd.Reject(offer=offer.id, why="not_mine"))
    if contract.clarify is not None and what == "ladder":
        yield _person(
            state, f"reject the {what} offer: incomplete", "asked", to, cmd.Reject(offer=offer.id, why="incomplete")
        )
    if offer.last:
        yield _person(
            state, f"reject the {what} offer: conflict", "asked", to, cmd.Reject(offer=offer.id, why="conflict")
        )
    if what == "ladder":
        yield _person(state, "pass it up", "asked", to, cmd.Escalate(offer=offer.id, text=TEXT))


def _holders(contract: Contract, state: State, holder: str) -> Iterator[Move]:
    yield _person(state, "escalate", "owner", holder, cmd.Escalate(offer=None, text=TEXT))
    if contract.progress_within is not None:
        yield _person(state, "show progress", "owner", holder, cmd.Progress(text=TEXT))
    for words, asked in (("of the ladder", (holder,)), ("got otherwise", ())):
        yield _person(but(state, asked=asked), f"take back the acceptance {words}", "owner", holder, cmd.Unaccept())
    if state.checklist_due is not None:
        full = _full(contract)
        yield _person(state, "answer the checklist", "owner", holder, cmd.CompleteChecklist(answers=full))
        some = dict(list(full.items())[:-1])
        yield _person(
            state, "answer half the checklist", "owner", holder, cmd.CompleteChecklist(answers=some), must_fail=True
        )
    if contract.waiting is not None:
        for what in ("customer", "date"):
            until = None if what == "customer" else state.now + _MOMENT
            args = cmd.Wait(for_=what, until=until, text=TEXT)
            yield _person(state, f"wait for the {what}", "owner", holder, args)
        args = cmd.Wait(for_="customer", text=TEXT)
        used = but(state, waited=contract.waiting.at_most.seconds)
        yield _person(used, "wait longer than allowed", "owner", holder, args, must_fail=True)
    if state.waiting is not None:
        yield _person(state, "go on", "owner", holder, cmd.Resume())
    if contract.postmortem != "never":
        yield _person(
            state, "attach the post-mortem", "owner", holder, cmd.AttachPostmortem(text=TEXT, remediation_owner=holder)
        )


def facts_of(contract: Contract, state: State, *, proven: bool = True) -> cmd.TicketFacts:
    """What the ticket says when everything is proven and as it should be; or when nothing is."""
    wrote = state.record or ("", None, None)
    record: dict[str, cmd.Scalar] = {contract.record.state: wrote[0], contract.record.owner: wrote[1]}
    if not proven:
        return cmd.TicketFacts(record=record)
    return cmd.TicketFacts(evidence=tuple(need.name for need in contract.evidence), record=record)


def _ends(contract: Contract, state: State, holder: str) -> Iterator[Move]:
    proven, bare = facts_of(contract, state), facts_of(contract, state, proven=False)
    demands = bool(contract.evidence) and "outcome_evidence" in contract.verify
    yield _person(state, "resolve with proof", "owner", holder, cmd.Resolve(evidence={}, facts=proven))
    if demands:
        yield _person(
            state, "resolve without proof", "owner", holder, cmd.Resolve(evidence={}, facts=bare), must_fail=True
        )
    code = contract.resolution_codes[0]
    too_early = state.phase is not Phase.RESOLVED
    yield _person(state, "close with proof", "owner", holder, cmd.Close(code=code, facts=proven), must_fail=too_early)
    if demands and not too_early:
        yield _person(
            state, "close although the proof is gone", "owner", holder, cmd.Close(code=code, facts=bare), must_fail=True
        )


def _handovers(contract: Contract, state: State, holder: str) -> Iterator[Move]:
    given = {"reason": TEXT, "next_step": TEXT, "artifacts": (TEXT,), "expected_at": state.now}
    rules = contract.handoff

    def to(person: str | None) -> cmd.HandOver:
        return cmd.HandOver(to=person, **given)  # type: ignore[arg-type] # as above

    few = but(state, handoffs=max(0, rules.at_most - 1))
    full = but(state, handoffs=rules.at_most)
    if rules.at_most:
        yield _person(few, "hand it over", "owner", holder, to(NEW))
    yield _person(full, "hand it over beyond the limit", "owner", holder, to(NEW))
    if rules.at_most:
        yield _person(but(few, giver=NEW), "hand it back", "owner", holder, to(NEW))
        bounced = but(few, giver=NEW, bounced=((holder, NEW),))
        yield _person(bounced, "hand it back again", "owner", holder, to(NEW))
    if rules.sequence:
        yield _person(state, "hand it to the next in the sequence", "owner", holder, to(None))
        last = but(state, planned=len(rules.sequence))
        yield _person(last, "hand it to the next after the sequence", "owner", holder, to(None))
    if rules.require:
        yield _person(
            state, "hand it over without what is demanded", "owner", holder, cmd.HandOver(to=NEW), must_fail=True
        )


def _exceptions(contract: Contract, state: State, classes: frozenset[str]) -> Iterator[Move]:
    owner = accountable(state) or ""
    if not state.exceptions:
        for name in _classes(contract, classes):
            demands = contract.exceptions[name].requires
            tasks = (cmd.Task(title=TEXT, owner=NEW, due=state.now + timedelta(days=30)),) if "tasks" in demands else ()
            args = cmd.RaiseException(exception_class=name, text=TEXT, plan=TEXT, tasks=tasks)
            yield _person(state, f"raise an exception: {name}", "accountable", owner, args)
            if demands:
                bare = cmd.RaiseException(exception_class=name, text=TEXT)
                yield _person(
                    state, f"raise {name} without its {demands[0]}", "accountable", owner, bare, must_fail=True
                )
        unknown = cmd.RaiseException(exception_class="no-such-class", text=TEXT)
        yield _person(state, "raise an exception of no known class", "accountable", owner, unknown, must_fail=True)
    for each in state.exceptions.values():
        end = cmd.EndException(exception=each.id, text=TEXT)
        yield _person(state, "end the exception", "path owner", each.owner, end)
        if state.holder is not None:
            yield _person(state, "end the exception", "owner", state.holder, end)
        yield _person(state, "end the exception of another", "stranger", STRANGER, end, must_fail=True)
        if each.tasks:
            yield _person(state, "end the exception", "manager", BOSS, end, jobs=contract.override_jobs[:1])
        if each.tasks:
            gone = cmd.FinishTask(exception=each.id, task=99)
            yield _person(
                state,
                "finish a task that is not there",
                "manager",
                BOSS,
                gone,
                jobs=contract.override_jobs[:1],
                must_fail=True,
            )
        if each.tasks:
            past = cmd.Task(title=TEXT, owner=NEW, due=state.now)
            yield _person(
                state,
                "add a task for the past",
                "path owner",
                each.owner,
                cmd.AddTask(exception=each.id, task=past),
                must_fail=True,
            )
        for task in each.open_tasks:
            yield _person(
                state, "finish a task", "task owner", task.owner, cmd.FinishTask(exception=each.id, task=task.id)
            )
        if not each.tasks:
            further = cmd.Task(title=TEXT, owner=NEW, due=state.now + timedelta(days=30))
            yield _person(state, "add a task", "path owner", each.owner, cmd.AddTask(exception=each.id, task=further))


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
        return _person(state, label, "manager", actor, args, jobs=jobs)

    yield manager("take it", cmd.Override(action="take", text=TEXT))
    if answers is not None:
        yield manager("take what one answers for", cmd.Override(action="take", text=TEXT), answers)
    yield manager("give it", cmd.Override(action="give", to=NEW, text=TEXT))
    yield manager("close with a rationale", cmd.Override(action="close", code=contract.resolution_codes[0], text=TEXT))
    yield manager("cancel", cmd.Cancel(text=TEXT))
    if state.remind_at is not None:
        yield manager("put the reminder off", cmd.Snooze(until=state.now + _MOMENT, text=TEXT))


def _helpdesks(contract: Contract, state: State) -> Iterator[Move]:
    def says(label: str, args: cmd.Args, before: State = state) -> Move:
        return Move(label, "helpdesk", before, HELPDESK, args, state.now, kind="world")

    yield says("the ticket is solved with proof", cmd.NoteSolvedOutside(facts=facts_of(contract, state)))
    bare = cmd.NoteSolvedOutside(facts=facts_of(contract, state, proven=False))
    yield says("the ticket is solved without proof", bare)
    often = but(state, restores=contract.limits.restores_at_most)
    yield says("the ticket is solved without proof once more", bare, often)
    if state.phase is Phase.RESOLVED:
        yield says("the ticket is open again", cmd.NoteReopened())
    if state.clarification is not None:
        yield _person(state, "say what was missing", "anybody", NEW, cmd.Clarify(text=TEXT))
    if state.clarification is not None or (state.waiting is not None and state.waiting.for_ == "customer"):
        yield says("the ticket is changed", cmd.NoteChanged(fields=("subject",)))


def _apart(contract: Contract, state: State) -> Iterator[Move]:
    """What neither asks for exceptions nor changes any: tried where none is open. Also what strangers may not do."""

    def says(label: str, args: cmd.Args) -> Move:
        return Move(label, "helpdesk", state, HELPDESK, args, state.now, kind="world")

    def stranger(label: str, args: cmd.Args) -> Move:
        return _person(state, label, "stranger", STRANGER, args, must_fail=True)

    yield says("the ticket is merged into one with an escalation", cmd.NoteMerged(into="T-2", escalation="other"))
    yield says("the ticket is merged into one without", cmd.NoteMerged(into="T-2"))
    yield says("another template matches", cmd.NoteOtherMatch(template="another", supersede=True))
    yield says("another ticket has the same cause", cmd.NoteLinked(ticket="T-3"))
    yield stranger("take it without the right", cmd.Override(action="take", text=TEXT))
    yield stranger("cancel without the right", cmd.Cancel(text=TEXT))
    yield from _strange(contract, state)
    for offer in state.offers.values():
        if offer.purpose == "ladder":
            yield stranger("accept an offer of another", cmd.Accept(offer=offer.id, answers=_full(contract)))
    if state.holder is not None:
        proven, code = facts_of(contract, state), contract.resolution_codes[0]
        yield stranger("escalate in the owner's place", cmd.Escalate(offer=None, text=TEXT))
        yield stranger("resolve in the owner's place", cmd.Resolve(evidence={}, facts=proven))
        yield stranger("close in the owner's place", cmd.Close(code=code, facts=proven))
        unknown = cmd.Close(code="no-such-code", facts=proven)
        yield _person(state, "close with an unknown code", "owner", state.holder, unknown, must_fail=True)


def _strange(contract: Contract, state: State) -> Iterator[Move]:
    """Commands that name what is not there, or ask for more than there may be."""
    jobs = contract.override_jobs[:1]

    def odd(label: str, args: cmd.Args) -> Move:
        return _person(state, label, "manager", BOSS, args, jobs=jobs, must_fail=True)

    full = _full(contract)
    yield odd("accept an offer that never was", cmd.Accept(offer=state.offer_count + 9, answers=full))
    ended = next((n for n in range(state.offer_count, 0, -1) if n not in state.offers), None)
    if ended is not None:
        yield odd("accept an offer that has ended", cmd.Accept(offer=ended, answers=full))
        yield odd("answer a question that is over", cmd.Answer(offer=ended))
    for offer in state.offers.values():
        if offer.purpose == "ladder":
            yield odd("answer an offer that is no question", cmd.Answer(offer=offer.id))
    yield odd("end an exception that is not there", cmd.EndException(exception=0, text=TEXT))
    yield odd("roll back a run that never was", cmd.RollBack(run="open#99", text=TEXT))
    if not state.changes and not state.runs:
        yield odd("roll back nothing", cmd.RollBack(run=None, text=TEXT))
    if state.remind_at is not None:
        late = state.now + timedelta(seconds=contract.limits.snooze_at_most + 1)
        yield odd("put the reminder off for too long", cmd.Snooze(until=late, text=TEXT))
    if state.holder is not None:
        strange = cmd.Resolve(evidence={"no-such-proof": TEXT}, facts=facts_of(contract, state))
        yield _person(state, "resolve with strange proof", "owner", state.holder, strange, must_fail=True)
        if contract.waiting is None:
            waits = cmd.Wait(for_="customer", text=TEXT)
            yield _person(state, "wait although nobody may", "owner", state.holder, waits, must_fail=True)
        wrong = dict.fromkeys(full, 7.5) | {"": 0}
        for offer in state.offers.values():
            if offer.purpose == "handoff" and any(check.answer != "number" for check in contract.checklist):
                wrongly = cmd.Accept(offer=offer.id, answers=wrong)
                yield _person(state, "accept with wrong answers", "asked", offer.to, wrongly, must_fail=True)


def _after_the_end(contract: Contract, state: State) -> Iterator[Move]:
    over = cmd.Override(action="take", text=TEXT)
    yield _person(
        state, "take it after the end", "manager", BOSS, over, jobs=contract.override_jobs[:1], must_fail=True
    )
    if state.phase is not Phase.CLOSED or state.closed_at is None:
        return
    jobs, inside = contract.override_jobs[:1], contract.reopen_within
    again = cmd.Reopen(text=TEXT)
    if inside is None:
        yield _person(state, "open it again", "manager", BOSS, again, jobs=jobs, must_fail=True)
        return
    yield _person(but(state, previous=NEW), "open it again", "manager", BOSS, again, jobs=jobs)
    late = max(state.now, state.closed_at + timedelta(seconds=inside + 1))
    yield _person(state, "open it again too late", "manager", BOSS, again, jobs=jobs, at=late, must_fail=True)
    yield _person(state, "open it again without the right", "stranger", STRANGER, again, must_fail=True)
    taken = cmd.Reopen(text=TEXT, other="other")
    yield _person(state, "open it again beside another", "manager", BOSS, taken, jobs=jobs, must_fail=True)
