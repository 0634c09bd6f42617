"""Random walks of one ticket: what people and the helpdesk do to it, and the escalations that follow. Guarantee 13."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.runner.engine.conditions_of import RANKS, STATES
from tests.runner.engine.guarantees import Broken
from tests.runner.engine.machines import Tickets
from tests.runner.engine.wishes import SPANS

STEPS = 60
VALUES = {"status": STATES, "priority": RANKS, "amount": (1, 10, None), "vip": (True, True, True, False)}


@dataclass
class TicketWalk:
    """One walk; it drives the same machine that Hypothesis drives, by a number."""

    number: int
    red: dict[str, str] = field(default_factory=dict)

    def take(self, steps: int = STEPS) -> TicketWalk:
        """Go all the way, or until a guarantee is broken."""
        rng, machine = Random(self.number), Tickets()
        try:
            for _ in range(steps):
                self._step(rng, machine)
        except Broken as broken:
            self.red[broken.guarantee] = str(broken)
        except Exception as fault:  # noqa: BLE001 - whatever else is raised is raised by the engine
            self.red["total"] = repr(fault)
        return self

    def _step(self, rng: Random, machine: Tickets) -> None:
        match rng.randrange(12):
            case 0 | 1 | 2:
                name = rng.choice(sorted(VALUES))
                machine.somebody_edits(edit=(name, rng.choice(VALUES[name])))
            case 3:
                machine.somebody_solves_it()
            case 4:
                machine.it_comes_and_goes(exists=rng.random() < 0.7)
            case 5:
                machine.time_passes(span=rng.choice(SPANS))
            case 6 if machine.watch() is not None:
                machine.the_watch_falls_due()
            case 7 | 8 if machine.running is not None:
                machine.people_work(how=rng.choice(("accept", "accept", "resolve", "resolve", "close", "cancel")))
            case 9 if machine.running is not None:
                edit = rng.choice((("priority", "high"), ("priority", "low"), ("amount", 10), ("amount", 1)))
                machine.another_takes_it_and_the_first_ends(edit=edit)
            case _:
                machine.look()
