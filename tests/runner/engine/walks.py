"""Random walks: one escalation, any command of anybody, its effects answered in any order, late, twice or never.

A walk is its number: the same number takes the same way, as long as the engine answers the same. Every decision is
judged by every guarantee, and the whole life at its end. It never chooses by what is right, only by what may happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from runner.contract.contract import StepOf
from runner.engine import commands as cmd
from runner.engine.decide import drafted
from runner.engine.decision import Advance, Decision
from runner.engine.effects import Effect
from runner.engine.reasons import CommandRejected
from runner.engine.roster import Roster
from runner.engine.state import dump_state, load_state, next_deadline
from runner.zones import zone
from tests.runner.engine.guarantees import Broken, Seen
from tests.runner.engine.habits import HABITS, habits_for, rearranged
from tests.runner.engine.judges import EVERY_DECISION, EVERY_LIFE, EVERY_REFUSAL
from tests.runner.engine.said_and_done import check_something_followed
from tests.runner.engine.stages import Stage, stage_of
from tests.runner.engine.wishes import SPANS, Wishes
from tests.runner.engine.worlds import MACHINE, T0, Impartial, Life, _guarantee_of, away

STEPS = 70
"""Commands of a walk: enough to be opened, handed around, resolved and closed once or twice over."""
PATIENCE = timedelta(minutes=30)
QUICK_DECISION = tuple(each for each in EVERY_DECISION if each.name != "made right")
LATE = 6
"""Commands after the end."""
STATE_BYTES = 4096
"""The most that a state may have, where things work."""
STATE_BYTES_AT_WORST = 4 * STATE_BYTES
"""Where most of what is asked of the world fails for days, every failure being somebody's, with a deadline."""


@dataclass
class Judged(Life):
    """A life that notes every guarantee that a decision breaks, not only the first."""

    red: dict[str, str] = field(default_factory=dict)
    largest: int = 0
    quick: bool = False
    unheard: bool = False
    """Nothing is answered any more, not even that it failed; a state may grow then."""

    def judge(self, seen: Seen) -> None:
        for each in QUICK_DECISION if self.quick else EVERY_DECISION:
            self.note(each.name, lambda each=each: each.check(seen))  # type: ignore[misc]
        size = 0 if self.unheard else len(dump_state(seen.state))
        self.largest = max(self.largest, size)
        if self.red:
            raise Broken(*next(iter(self.red.items())))

    def note(self, name: str, check: Callable[[], object]) -> None:
        try:
            check()
        except Broken as broken:
            self.red.setdefault(broken.guarantee, str(broken))
        except Exception as fault:  # noqa: BLE001 - what cannot even be checked does not hold
            self.red.setdefault(name, f"cannot be checked: {fault!r}")

    def _advance(self, given: cmd.Command) -> Advance | None:
        try:
            return super()._advance(given)
        except CommandRejected:
            raise
        except AssertionError as fault:
            name = _guarantee_of(fault)
            raise Broken("total" if name == "fault" else name, f"{type(given.args).__name__}: {fault}") from fault
        except Exception as fault:
            raise Broken("total", f"{type(given.args).__name__}: {fault!r}") from fault


@dataclass
class Walk:
    """One walk under way, or done: what it gave, what waits for an answer, and which guarantees it found broken."""

    number: int
    quick: bool = False
    """Leave out what costs most and seldom finds anything: for a multitude of walks."""
    life: Judged = field(init=False)
    stage: Stage = field(init=False)
    rng: Random = field(init=False)
    waiting: list[tuple[datetime, Effect]] = field(default_factory=list)
    answered: list[Effect] = field(default_factory=list)
    seen: int = 0
    tickets: int = 0

    def __post_init__(self) -> None:
        self.rng = Random(self.number)
        self.stage = stage_of(self.number)
        self.life = Judged(self.stage.contract, self._roster(0.15), answers=(), now=T0, quick=self.quick)
        self.wishes = Wishes(self.life, self.rng)
        self.sense = self.rng.choice((0.2, 0.8, 0.95))
        """How often a person looks before giving a command whether it may be given."""
        self.works = self.rng.choice((0.3, 0.9, 1.0, 1.0))
        """How often what is asked of the world succeeds."""
        self.habit = self.rng.choice(habits_for(self.stage.contract))
        self.patience = self.rng.choice((LATE, LATE, 30))
        """How much comes after the end."""
        self.haste = self.rng.choice((0.15, 0.35))

    def _roster(self, absent: float) -> Roster:
        """The company, with some away for the time being."""
        form = self.stage.form
        if self.rng.random() < absent:
            form = rearranged(form, self.rng, self.life.now if hasattr(self, "life") else T0)
        gone = tuple(away(name, self.life.now if hasattr(self, "life") else T0, self.rng.choice((2, 30, 700)))
                     for name in form.people if self.rng.random() < absent)  # fmt: skip
        return Roster(form.but(absences=(*form.absences, *gone)), zone)

    @property
    def red(self) -> dict[str, str]:
        """The guarantees that were broken, with what was found."""
        return self.life.red

    def take(self, steps: int = STEPS) -> Walk:
        """Go all the way, or until a guarantee is broken."""
        try:
            self.life.open(template=self.stage.contract.name, fields={"priority": "high"})
            left = steps
            while left > 0:
                self._step()
                left = min(left - 1, self.patience if self.life.live.phase.over else steps)
            if not self.quick or self.number % 3 == 0:
                self._end()
        except Broken as broken:
            self.red.setdefault(broken.guarantee, str(broken))
        return self

    def _step(self) -> None:
        self._hear()
        chance = self.rng.random()
        if chance < self.haste and self.waiting:
            self._answer()
        elif chance < 0.55:
            self._time()
        elif chance < 0.9:
            self._people()
        else:
            self._rest()

    # the world answers

    def _answer(self) -> None:
        _, effect = self.waiting.pop(self.rng.randrange(len(self.waiting)))
        self.answered.append(effect)
        self.give(self.result(effect))

    def _hear(self) -> None:
        """What was asked of the world since."""
        self.waiting.extend((self.life.live.now, each) for each in self.life.effects[self.seen :])
        self.seen = len(self.life.effects)

    def _give_up(self) -> None:
        """The outbox does not try for ever: what it could not do in half an hour has failed. A step may hang."""
        self._hear()
        until = self.life.now - PATIENCE
        old = [each for each in self.waiting if each[0] <= until and each[1].kind != "step"]
        self.waiting = [each for each in self.waiting if each not in old]
        for _, effect in old:
            self.answered.append(effect)
            self.give(self.result(effect))

    def result(self, effect: Effect) -> cmd.Args:
        """What comes back for an effect: done, or not done."""
        made = RESULT_OF[effect.kind](self, effect.payload, self.rng.random() < self.works)
        assert made is not None
        return made

    # time

    def _time(self) -> None:
        """To the next deadline, just before it, or late; then ticks, one or as many as it takes."""
        life, rng = self.life, self.rng
        self._give_up()
        due = next_deadline(life.live)
        chance = rng.random()
        if due is None or chance < 0.15:
            life.now += timedelta(seconds=rng.choice(SPANS))
        else:
            life.now = max(life.now, due + timedelta(seconds=rng.choice((-1, 0, 0, 0, 0, 1, 900, 7200))))
        if chance < 0.7:
            self._drain()
        elif chance < 0.9:
            self.give(cmd.Tick())

    def _drain(self) -> None:
        for _ in range(400):
            rows = len(self.life.rows)
            self.give(cmd.Tick())
            if len(self.life.rows) == rows:
                break
        else:
            raise Broken("loops", "400 deadlines were due at one instant")
        due = next_deadline(self.life.live)
        if due is not None and due <= self.life.now:
            raise Broken("late", f"{due} is overdue at {self.life.now}, and nothing happens")

    # people

    def settle(self, *kinds: str) -> None:
        """What waits of these kinds is answered, one after the other, and what follows from that."""
        for _ in range(12):
            self._hear()
            found = next((each for each in self.waiting if each[1].kind in kinds), None)
            if found is None:
                return
            self.waiting.remove(found)
            self.answered.append(found[1])
            self.give(self.result(found[1]))

    def _people(self) -> None:
        if self.rng.random() < 0.3:
            HABITS[self.habit](self)
            return
        args, actor = self.wishes.wish()
        if self.rng.random() < self.sense:
            for _ in range(6):
                if self._may(args, actor):
                    break
                args, actor = self.wishes.wish()
        self.give(args, actor)

    def _may(self, args: cmd.Args, actor: str) -> bool:
        """Whether something follows from it."""
        life = self.life
        given = cmd.Command(id="x", actor=actor, jobs=self.wishes.jobs(actor), source="test", args=args)
        before = life.live.copy()
        try:
            now = max(life.now, before.now)
            return bool(drafted(life.contract, before, given, replace(life.world(), now=now)).events)
        except CommandRejected:
            return False
        except Exception:  # noqa: BLE001 - let it be given, so that it is seen
            return True

    # everything else

    def _rest(self) -> None:
        life, rng = self.life, self.rng
        match rng.randrange(8):
            case 0:
                life.reload()
            case 1:
                self.change_roster(rng.choice((0.0, 0.1, 0.6)))
            case 2:
                now, life.now = life.now, T0 + timedelta(seconds=rng.choice(SPANS))
                self.give(self.wishes.note())
                life.now = max(now, life.live.now)
            case 3 if self.answered:
                self.give(self.result(rng.choice(self.answered)))
            case 4:
                self.give(self.wishes.stray())
            case 5:
                self.give(self.wishes.made(cmd.Open))
            case _:
                self.give(self.wishes.note())

    def change_roster(self, absent: float) -> None:
        """People come and go; the runner may notice at once, or has not yet."""
        self.life.roster = self._roster(absent)

    def give(self, args: cmd.Args, actor: str = MACHINE) -> None:
        before, jobs = self.life.live, self.wishes.jobs(actor)
        outcome = self.life.do(args, actor, jobs=jobs)
        given = cmd.Command(id="x", actor=actor, jobs=jobs, source="test", args=args)
        world = Impartial(max(self.life.now, before.now), self.life.roster, zone, before.conflicts)
        seen = Seen(self.stage.contract, before, given, NOTHING, world, self.life.events)
        for each in EVERY_REFUSAL:
            self.life.note(each.name, lambda each=each: each.check(seen, outcome.rejected))  # type: ignore[misc]
        followed = partial(check_something_followed, seen, outcome.rejected, followed=bool(outcome.events))
        self.life.note("said", followed)
        if self.red:
            raise Broken(*next(iter(self.red.items())))

    def _end(self) -> None:
        """Nobody does anything any more; then the whole life is looked at."""
        life = self.life
        life.now = max(life.now, life.live.now)
        self._hear()
        made, life.unheard = len(life.events), True
        life.until(life.now + timedelta(hours=9))
        for each in EVERY_LIFE:
            life.note(each.name, lambda each=each: each.check(life, made))  # type: ignore[misc]
        if load_state(dump_state(life.live)) != life.live:
            life.red["reproducible"] = "the store gives back another state"


def _message(walk: Walk, payload: dict[str, Any], works: bool) -> cmd.Args:
    number = payload["delivery"]
    return cmd.Deliver(delivery=number, channel="mail") if works else cmd.FailDelivery(delivery=number, why="gone")


def _write(walk: Walk, payload: dict[str, Any], works: bool) -> cmd.Args:
    return cmd.WriteRecord(write=payload["write"]) if works else cmd.FailRecord(write=payload["write"], why="403")


def _undo(walk: Walk, payload: dict[str, Any], works: bool) -> cmd.Args:
    place = {name: payload[name] for name in ("rollback", "run", "step", "attempt")}
    if not works:
        return cmd.FailUndo(**place, why="refused")
    return cmd.SucceedUndo(**place, left=walk.rng.choice(((), (), ("priority",))))


def _step(walk: Walk, payload: dict[str, Any], works: bool) -> cmd.Args:
    place = {name: payload[name] for name in ("run", "step", "attempt")}
    if not works:
        return cmd.FailStep(**place, why="refused", unknown=walk.rng.random() < 0.3)
    step = walk.stage.contract.runbook[payload["point"]][payload["step"]]
    return cmd.SucceedStep(**place, result=_done(walk, step))


def _done(walk: Walk, step: StepOf) -> dict[str, Any]:
    """What a step reports."""
    args: Any = step.args
    match step.kind:
        case "create_ticket":
            walk.tickets += 1
            return {"ticket": f"T-{100 + walk.tickets}"}
        case "choose":
            return {"branch": walk.rng.choice([*(each.name for each in step.branches), "none of them"])}
        case "set_fields" | "assign":
            names = dict.fromkeys(args.get("fields") or {"assignee": None})
            kept = {f"field.{name}": "new" for name in names}
            return kept | ({f"was.{name}": "old" for name in names} if step.undo == "restore" else {})
        case "action":
            given = {f"with.{name}": value for name, value in dict(args.get("with") or {}).items()}
            return given | ({"undo.item": "I-1"} if step.undo_by else {}) | {"number": 7}
        case "attach":
            return {"hash": "a" * 64, "entries": 3}
        case _:
            return {}


RESULT_OF: dict[str, Callable[[Walk, dict[str, Any], bool], cmd.Args]] = {
    "message": _message,
    "step": _step,
    "record": _write,
    "restore": _write,
    "comment": _write,
    "link": _write,
    "undo": _undo,
}
"""For each kind of effect the one way in which its result comes back."""

NOTHING = Advance(Decision("", 0, b"", ""), None, (), ())
"""What a refused command leaves behind."""
