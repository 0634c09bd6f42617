"""What some walks do again and again, because by chance alone it would hardly ever come about: short stories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol

from runner.contract.contract import Contract
from runner.contract.roster_form import OverrideOf, RosterForm, SwapOf
from runner.engine import commands as cmd
from runner.engine.state import Phase, State
from tests.runner.engine.wishes import Wishes, answers_to
from tests.runner.engine.worlds import MACHINE, TEXT, Life

__all__ = ["HABITS", "habits_for", "rearranged"]


class Walker(Protocol):
    """What a habit needs of a walk."""

    rng: Random
    life: Life
    wishes: Wishes

    def give(self, args: cmd.Args, actor: str = MACHINE) -> None: ...
    def settle(self, *kinds: str) -> None: ...
    def change_roster(self, absent: float) -> None: ...


def _state(walk: Walker) -> State:
    return walk.life.live


def accept(walk: Walker) -> None:
    """Whoever is asked for it takes it, with every answer or, where that may be, with one tap."""
    state, checks = _state(walk), walk.life.contract.checklist
    answers = answers_to(checks, walk.life.now)
    if walk.life.contract.checklist_within is not None and walk.rng.random() < 0.5:
        answers = {}
    for offer in [o for o in state.offers.values() if o.purpose != "question"][-1:]:
        walk.give(cmd.Accept(offer=offer.id, answers=answers), offer.to)


def bounce(walk: Walker) -> None:
    """To and fro between two."""
    accept(walk)
    state = _state(walk)
    to = state.giver or walk.rng.choice(walk.wishes.people)
    if state.holder is not None and state.phase is Phase.ACCEPTED:
        walk.give(_handoff(walk, walk.rng.choice((to, to, to, None))), state.holder)
        accept(walk)


def _handoff(walk: Walker, to: str | None) -> cmd.HandOver:
    expected = walk.life.now + timedelta(hours=3)
    return cmd.HandOver(to=to, reason=TEXT, next_step=TEXT, artifacts=(TEXT,), expected_at=expected)


def drift(walk: Walker) -> None:
    """The helpdesk says something else than what was written, and all is written."""
    walk.settle("record", "restore", "step", "comment", "link")
    state, record = _state(walk), walk.life.contract.record
    if state.phase is Phase.OFFERED:
        accept(walk)
        walk.settle("record", "message")
    args = walk.wishes.made(cmd.NoteDrift)
    if walk.rng.random() < 0.4:
        args = cmd.NoteDrift(fields={record.owner: walk.rng.choice(walk.wishes.people)})
    elif state.written and walk.rng.random() < 0.6:
        args = cmd.NoteDrift(fields={walk.rng.choice(sorted(state.written)): walk.rng.choice(("low", "lower", None))})
    walk.give(args)
    walk.settle("record")


def wait(walk: Walker) -> None:
    """The holder waits for the customer, who may answer; or comes back to it."""
    state, rng = _state(walk), walk.rng
    if state.phase is Phase.WAITING and state.holder is not None:
        if rng.random() < 0.4:
            walk.give(cmd.NoteChanged(fields=("amount",)))
        elif rng.random() < 0.5:
            walk.give(cmd.Resume(text=TEXT), state.holder)
    elif state.phase is Phase.ACCEPTED and state.holder is not None:
        until = walk.wishes.instant() if rng.random() < 0.7 else None
        walk.give(cmd.Wait(for_=rng.choice(("customer", "date")), until=until, text=TEXT), state.holder)
        walk.give(cmd.CompleteChecklist(answers=answers_to(walk.life.contract.checklist, walk.life.now)), state.holder)
    else:
        accept(walk)


def doubt(walk: Walker) -> None:
    """Something is missing, say those who are asked; the requester may say what."""
    state, chance = _state(walk), walk.rng.random()
    if state.clarification is not None:
        if chance < 0.5:
            walk.give(cmd.Clarify(text=TEXT), walk.rng.choice(walk.wishes.people))
        elif chance < 0.7:
            walk.give(cmd.NoteChanged(fields=("amount",)))
        return
    for offer in [o for o in state.offers.values() if o.purpose == "ladder"]:
        why: Any = walk.rng.choice(("incomplete", "incomplete", "conflict", "not_mine"))
        walk.give(cmd.Reject(offer=offer.id, why=why, text=TEXT), offer.to)


def regret(walk: Walker) -> None:
    """What the runbook did is taken back, again and again."""
    walk.settle("step")
    if walk.rng.random() < 0.4:
        walk.give(cmd.RollBack(run=None, text=TEXT), walk.wishes.manager())
        walk.give(cmd.RollBack(run=None, text=TEXT), walk.wishes.manager())
    if _state(walk).changes and walk.rng.random() < 0.2:
        code = walk.life.contract.resolution_codes[0]
        walk.give(cmd.Override(action="close", text=TEXT, code=code), walk.wishes.manager())
    walk.settle("undo")


def finish(walk: Walker) -> None:
    """Everything is done that has to be done; it is resolved and closed, and may be opened again."""
    state, contract = _state(walk), walk.life.contract
    if state.phase in (Phase.OFFERED, Phase.EXHAUSTED):
        accept(walk)
    walk.settle("record", "restore", "step", "message", "comment", "link", "undo")
    holder = _state(walk).holder or walk.wishes.manager()
    for exception in list(_state(walk).exceptions.values()):
        for task in list(exception.tasks):
            walk.give(cmd.FinishTask(exception=exception.id, task=task), holder)
        walk.give(cmd.EndException(exception=exception.id, text=TEXT), holder)
    walk.settle("message")
    facts = walk.life.facts(evidence=tuple(each.name for each in contract.evidence))
    if walk.rng.random() < 0.3:
        facts = walk.wishes.facts()
    if _state(walk).checklist_due is not None:
        walk.give(cmd.CompleteChecklist(answers=answers_to(contract.checklist, walk.life.now)), holder)
    if _state(walk).phase is Phase.RESOLVED:
        walk.give(cmd.AttachPostmortem(text=TEXT, remediation_owner=walk.rng.choice(walk.wishes.people)), holder)
        walk.settle("record", "message")
        facts = walk.wishes.facts()
        walk.give(cmd.Close(code=contract.resolution_codes[0], impact=900, facts=facts), holder)
    elif _state(walk).phase is Phase.CLOSED:
        walk.give(cmd.Reopen(text=TEXT), walk.wishes.manager())
    else:
        walk.give(cmd.Resolve(evidence={}, facts=facts), holder)


def roster(walk: Walker) -> None:
    """People come and go, and the runner notices."""
    walk.change_roster(walk.rng.choice((0.1, 0.3, 0.6)))
    walk.give(cmd.NoteRoster())


def questions(walk: Walker) -> None:
    """Whoever is asked something answers, refuses, or passes it on."""
    walk.settle("step", "message")
    for offer in [o for o in _state(walk).offers.values() if o.purpose == "question"]:
        chance = walk.rng.random()
        args: cmd.Args = walk.wishes.made(cmd.Answer)
        if chance < 0.15:
            args = cmd.Reject(offer=offer.id, why="not_mine", text=TEXT)
        elif chance < 0.25:
            args = cmd.Escalate(offer=offer.id, text=TEXT)
        elif chance < 0.4:
            args = cmd.Answer(offer=offer.id, answers={"approved": False})
        walk.give(args, offer.to)


HABITS: dict[str, Callable[[Any], None]] = {
    "none": lambda walk: None,
    "accept": accept,
    "bounce": bounce,
    "doubt": doubt,
    "drift": drift,
    "finish": finish,
    "questions": questions,
    "regret": regret,
    "roster": roster,
    "wait": wait,
}


def habits_for(contract: Contract) -> list[str]:
    """The habits that a walk may have; those that a contract has words for come more often."""
    steps = [step for point in contract.runbook.values() for step in point]
    fitting = {
        "doubt": contract.clarify is not None,
        "drift": contract.drift.owner == "adopt" or contract.drift.fields == "restore",
        "questions": any(step.kind in ("ask", "approve") for step in steps),
        "regret": any(step.changes for step in steps),
        "wait": contract.waiting is not None,
    }
    return [*sorted(HABITS), *(name for name, fits in fitting.items() for _ in range(3) if fits)]


def rearranged(form: RosterForm, rng: Random, now: datetime) -> RosterForm:
    """The roster with a swap or an override in some rotation."""
    name = rng.choice(sorted(form.rotations))
    people, until = sorted(form.people), now + timedelta(hours=rng.choice((3, 40)))
    if rng.random() < 0.5:
        kept = tuple(each for each in form.rotations[name].overrides if each.end <= now or each.start >= until)
        override = OverrideOf(person=rng.choice(people), start=now, end=until)
        overrides = tuple(sorted((*kept, override), key=lambda each: each.start))
        rotation = form.rotations[name].model_copy(update={"overrides": overrides})
        return form.but(rotations={**form.rotations, name: rotation})
    members = {
        member for version in form.rotations[name].versions for each in version.layers for member in each.members
    }
    swap = SwapOf(
        rotation=name, person=rng.choice(people), instead_of=rng.choice(sorted(members)), start=now, end=until
    )
    return form.but(swaps=(*form.swaps, swap))
