"""Commands made up at random, for any command class that there is: sensible arguments most of the time, odd ones too.

Arguments are made from the name of a field where it says what is meant (an offer, a person, a run), else from its type;
so a command class that is new tomorrow is tried tomorrow.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from runner.contract.contract import AnswerOf, CheckOf, StepOf
from runner.engine import commands as cmd
from runner.engine.state import Phase, accountable
from tests.runner.engine.worlds import DAY, HOUR, TEXT, Life


def _flat(union: Any) -> tuple[type[Any], ...]:
    """The classes of a union of unions."""
    if get_origin(union) is Annotated:
        return _flat(get_args(union)[0])
    if get_origin(union) in (Union, types.UnionType):
        return tuple(each for part in get_args(union) for each in _flat(part))
    return (union,)


COMMANDS = _flat(cmd.Args)
RESULTS = ("SucceedStep", "FailStep", "Deliver", "FailDelivery", "WriteRecord", "FailRecord", "SucceedUndo", "FailUndo")
WORLD_COMMANDS = tuple(
    each for each in COMMANDS if each.__name__ in (*RESULTS, "Open", "Tick") or each.__name__.startswith("Note")
)
PEOPLE_COMMANDS = tuple(each for each in COMMANDS if each not in WORLD_COMMANDS)
SPANS = (0, 1, 59, 300, 300, 600, 600, 1800, 3599, 3600, 3601, 2 * HOUR, 5 * HOUR, DAY)
OFTEN: Mapping[str, int] = {
    "AttachPostmortem": 4, "Cancel": 1, "Override": 8, "RaiseException": 5, "RollBack": 6, "Snooze": 4, "Unaccept": 5,
}  # fmt: skip
"""How often a person gives a command, against 10 for any other."""
IN_PHASE: Mapping[Phase, Mapping[str, int]] = {
    Phase.OFFERED: {"Accept": 90, "Reject": 20, "Escalate": 20},
    Phase.EXHAUSTED: {"Accept": 40},
    Phase.ACCEPTED: {"Resolve": 70, "HandOver": 30, "Accept": 20, "Wait": 20, "Unaccept": 10},
    Phase.WAITING: {"Resume": 40},
    Phase.CLOSED: {"Reopen": 60},
    Phase.RESOLVED: {"Close": 60, "AttachPostmortem": 20},
}
"""What suits a phase is given more often there."""
NOTES = tuple(each for each in WORLD_COMMANDS if each.__name__ not in (*RESULTS, "Open", "Tick"))
MOST_EXCEPTIONS = 2
"""Trouble is ended before there is more of it: a state is bounded by what people pile up."""
STRANGERS = ("ghost", "No Name", "")


def answers_to(checks: tuple[CheckOf, ...], now: datetime) -> dict[str, Any]:
    """The checklist answered as it wants to be."""
    proper: dict[str, Callable[[CheckOf], Any]] = {
        "yes": lambda check: True,
        "number": lambda check: 3,
        "choice": lambda check: check.values[0],
        "instant": lambda check: now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return {check.name: proper[check.answer](check) if check.answer in proper else TEXT for check in checks}


class Wishes:
    """Makes up commands for a life. All chance comes from one source, so the same seed wishes the same."""

    def __init__(self, life: Life, rng: Random) -> None:
        self.life = life
        self.rng = rng
        self.people = tuple(life.roster.form.people)

    def wish(self) -> tuple[cmd.Args, str]:
        """A person's command, and who gives it."""
        suits = {**OFTEN, **IN_PHASE.get(self.life.live.phase, {})}
        if self.life.live.exceptions:
            suits["EndException"] = 40
        if any(offer.purpose == "question" for offer in self.life.live.offers.values()):
            suits["Answer"] = 60
        (kind,) = self.rng.choices(PEOPLE_COMMANDS, [suits.get(each.__name__, 10) for each in PEOPLE_COMMANDS])
        if kind.__name__ == "RaiseException" and len(self.life.live.exceptions) > MOST_EXCEPTIONS:
            kind = cmd.EndException
        args = self.made(kind)
        return args, self.actor(args)

    def note(self) -> cmd.Args:
        """What the helpdesk or the runner says of itself."""
        made: cmd.Args = self.made(self.rng.choice(NOTES))
        return made

    def stray(self) -> cmd.Args:
        """A result for which nobody waits, most of the time."""
        names = [each for each in WORLD_COMMANDS if each.__name__ in RESULTS]
        made: cmd.Args = self.made(self.rng.choice(names))
        return made

    def jobs(self, actor: str) -> tuple[str, ...]:
        person = self.life.roster.form.people.get(actor)
        return tuple(person.jobs) if person is not None else ()

    def actor(self, args: cmd.Args) -> str:
        """Most often whom the command is for."""
        state, chance = self.life.live, self.rng.random()
        offer = state.offers.get(getattr(args, "offer", None) or 0)
        if offer is not None and chance < 0.6:
            return offer.to
        if chance < 0.7:
            return accountable(state) or self.rng.choice(self.people)
        if chance < 0.85:
            return self.manager()
        return self.rng.choice((*self.people, *STRANGERS[:2]))

    def manager(self) -> str:
        """The escalation owner, or who stands in; or anybody whose job is to override."""
        found = self.life.world().on_call(self.life.contract.owners["escalation_owner"], self.life.now)
        jobs = set(self.life.contract.override_jobs)
        able = [name for name in self.people if jobs & set(self.jobs(name))]
        return self.rng.choice([getattr(found, "id", self.life.roster.form.last_resort), *able])

    # arguments

    def made(self, kind: type[Any]) -> Any:
        """A command of this class, with arguments that suit it most of the time."""
        maker = _MADE.get(kind.__name__)
        if maker is not None and self.rng.random() < 0.85:
            return maker(self)
        fields = {
            name: self.value(kind, name, each.annotation) for name, each in kind.model_fields.items() if name != "type"
        }
        return kind(**fields)

    def value(self, kind: type[Any], name: str, wanted: Any) -> Any:
        named = _NAMED.get(f"{kind.__name__}.{name}") or _NAMED.get(name)
        if named is not None:
            return named(self)
        return self.by_type(wanted)

    def by_type(self, wanted: Any) -> Any:
        rng, origin = self.rng, get_origin(wanted)
        if origin is Annotated:
            return TEXT if get_args(wanted)[0] is str else self.by_type(get_args(wanted)[0])
        if origin is Literal:
            return rng.choice(get_args(wanted))
        if origin in (Union, types.UnionType):
            return self.by_type(rng.choice(get_args(wanted)))
        if origin is tuple:
            return tuple(self.by_type(get_args(wanted)[0]) for _ in range(rng.choice((0, 1, 2))))
        if origin is dict:
            return {}
        if wanted is datetime:
            return self.instant()
        if isinstance(wanted, type) and issubclass(wanted, BaseModel):
            return self.made(wanted)
        plain: dict[Any, Callable[[], Any]] = {
            bool: lambda: rng.random() < 0.5,
            int: lambda: rng.randint(0, 3),
            float: lambda: 1.5,
            str: lambda: TEXT,
            type(None): lambda: None,
        }
        return plain[wanted]()

    def instant(self) -> datetime:
        """Most often to come."""
        sign = 1 if self.rng.random() < 0.9 else -1
        return self.life.now + sign * timedelta(seconds=self.rng.choice(SPANS))

    def among(self, found: Any, other: Callable[[], Any]) -> Any:
        """One of what there is, most of the time."""
        known = sorted(found)
        return self.rng.choice(known) if known and self.rng.random() < 0.9 else other()

    def number(self) -> int:
        return self.rng.randint(0, 4)

    def person(self) -> str:
        return self.among(self.people, lambda: self.rng.choice(STRANGERS))  # type: ignore[no-any-return]

    def offer(self) -> int:
        return self.among(self.life.live.offers, self.number)  # type: ignore[no-any-return]

    def step(self) -> StepOf | None:
        runs = self.life.live.runs
        if not runs:
            return None
        run = runs[self.rng.choice(sorted(runs))]
        steps = self.life.contract.runbook.get(run.point, ())
        return steps[run.step] if run.step < len(steps) else None

    def answers(self) -> dict[str, Any]:
        proper = answers_to(self.life.contract.checklist, self.life.now)
        chance = self.rng.random()
        if chance < 0.75:
            return proper
        if chance < 0.85:
            return {}
        return {name: self.rng.choice((False, 7, "no", None, value)) for name, value in proper.items()}

    def facts(self) -> cmd.TicketFacts:
        state, chance = self.life.live, self.rng.random()
        names = tuple(each.name for each in self.life.contract.evidence)
        proper = self.life.facts(evidence=names)
        if chance < 0.7:
            return proper
        odd: tuple[dict[str, Any], ...] = ({"evidence": ()}, {"record": {}}, {"open_tasks": tuple(state.tasks)})
        return proper.model_copy(update=self.rng.choice(odd))

    def evidence(self) -> dict[str, str]:
        names = [each.name for each in self.life.contract.evidence]
        if self.rng.random() < 0.05:
            return {"photo": TEXT}
        return {name: TEXT for name in names if self.rng.random() < 0.7}


def _run(wishes: Wishes) -> str:
    return wishes.among(wishes.life.live.runs, lambda: "open#1")  # type: ignore[no-any-return]


def _answer(wishes: Wishes) -> cmd.Answer:
    """An answer to an open question, as it wants to be answered most of the time."""
    rng, state = wishes.rng, wishes.life.live
    asked = [offer for offer in state.offers.values() if offer.purpose == "question" and offer.run in state.runs]
    if not asked:
        return cmd.Answer(offer=wishes.number(), answers={"approved": True})
    offer = rng.choice(asked)
    run = state.runs[offer.run or ""]
    step = wishes.life.contract.runbook[run.point][run.step]
    if step.kind == "approve":
        return cmd.Answer(offer=offer.id, answers={"approved": rng.random() < 0.7})
    given = {name: _said(wishes, want) for name, want in step.answers.items() if want.type != "text"}
    if rng.random() < 0.15:
        given = dict.fromkeys(given, rng.choice((None, "no", 3, True)))
    texts = {name: TEXT for name, want in step.answers.items() if want.type == "text"}
    return cmd.Answer(offer=offer.id, answers=given, texts=texts)


def _said(wishes: Wishes, want: AnswerOf) -> Any:
    said: dict[str, Callable[[], Any]] = {
        "choice": lambda: wishes.rng.choice(want.values),
        "number": lambda: 5,
        "boolean": lambda: True,
        "person": lambda: wishes.rng.choice(wishes.people),
        "instant": lambda: wishes.life.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return said[want.type]()


def _drift(wishes: Wishes) -> cmd.NoteDrift:
    """Somebody else has changed what was written: the owner, the state, or a field."""
    record = wishes.life.contract.record
    fields = [record.owner, record.state, record.lifecycle, *sorted(wishes.life.live.written)]
    value = wishes.rng.choice((*wishes.people, "open", "solved", None))
    return cmd.NoteDrift(fields={wishes.rng.choice(fields): value})


def _merged(wishes: Wishes) -> cmd.NoteMerged:
    return cmd.NoteMerged(into="T-2", escalation=wishes.rng.choice((None, None, "E-9")))


def _reopen(wishes: Wishes) -> cmd.Reopen:
    return cmd.Reopen(text=TEXT, other=wishes.rng.choice((None, None, None, "E-9")))


def _snooze(wishes: Wishes) -> cmd.Snooze:
    """Within bounds, or far beyond them."""
    ahead = timedelta(seconds=wishes.rng.choice((600, HOUR, 5 * DAY)))
    return cmd.Snooze(until=wishes.life.now + ahead, text=TEXT)


_MADE: dict[str, Callable[[Wishes], cmd.Args]] = {
    "Answer": _answer,
    "NoteDrift": _drift,
    "NoteMerged": _merged,
    "Reopen": _reopen,
    "Snooze": _snooze,
}


def _runs_that_changed(wishes: Wishes) -> str | None:
    runs = {change.run for change in wishes.life.live.changes} | wishes.life.live.runs.keys()
    return None if wishes.rng.random() < 0.3 else wishes.among(runs, lambda: "open#1")


def _tasks(wishes: Wishes) -> tuple[cmd.Task, ...]:
    return tuple(wishes.made(cmd.Task) for _ in range(wishes.rng.choice((0, 1, 1, 2))))


_NAMED: dict[str, Callable[[Wishes], Any]] = {
    "offer": Wishes.offer,
    "Escalate.offer": lambda w: w.offer() if w.rng.random() < 0.5 else None,
    "answers": Wishes.answers,
    "exception": lambda w: w.among(w.life.live.exceptions, w.number),
    "exception_class": lambda w: w.among(w.life.contract.exceptions, lambda: "flood"),
    "Override.action": lambda w: w.rng.choice(("take", "give", "take", "give", "take", "give", "close")),
    "to": Wishes.person,
    "HandOver.to": lambda w: w.person() if w.rng.random() < 0.7 else None,
    "owner": Wishes.person,
    "person": Wishes.person,
    "remediation_owner": Wishes.person,
    "facts": Wishes.facts,
    "Resolve.evidence": Wishes.evidence,
    "code": lambda w: w.among(w.life.contract.resolution_codes, lambda: "meh"),
    "RollBack.run": _runs_that_changed,
    "tasks": _tasks,
    "task": lambda w: w.rng.randint(1, 3),
    "AddTask.task": lambda w: w.made(cmd.Task),
    "plan": lambda w: TEXT if w.rng.random() < 0.7 else None,
    "artifacts": lambda w: (TEXT,) if w.rng.random() < 0.8 else (),
    "expected_at": lambda w: w.instant() if w.rng.random() < 0.8 else None,
    "reason": lambda w: TEXT if w.rng.random() < 0.9 else None,
    "next_step": lambda w: TEXT if w.rng.random() < 0.9 else None,
    "rollback": lambda w: w.among(w.life.live.rollbacks, lambda: "rollback#1"),
    "keeper": lambda w: None,
    "impact": lambda w: w.rng.choice((None, 0, 900)),
    "run": _run,
    "step": lambda w: w.rng.randint(0, 2),
    "attempt": lambda w: w.rng.randint(1, 2),
    "result": lambda w: {},
    "delivery": lambda w: w.among(w.life.live.deliveries, w.number),
    "write": lambda w: w.among(w.life.live.writes, w.number),
    "template": lambda w: w.rng.choice(("big", "small", w.life.contract.name)),
    "ticket": lambda w: w.rng.choice(("T-9", "T-10")),
    "type": lambda w: None,
}
