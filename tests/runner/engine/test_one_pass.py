"""A row is written from the events as they stand, and effects are found while deciding: the same as the long way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from runner.contract.canonical import canonical
from runner.contract.values import format_instant
from runner.engine import decision
from runner.engine import events as ev
from runner.engine.commands import Command, Open
from runner.engine.decision import Advance, read_decision
from runner.engine.effects import WITH_EFFECTS, Effect, effects
from runner.engine.events import made
from runner.engine.evolve import evolve
from runner.engine.reasons import Reason
from runner.engine.state import State
from tests.runner.engine import worlds
from tests.runner.engine.guarantees import Broken, check_made
from tests.runner.engine.worlds import T0, Life, contract, step

RUNBOOK = {"open": (step(), step("create_ticket", task=True)), "accepted": (step("notify", who="owner"),)}
LIVES = (worlds.closed, worlds.exhausted, worlds.handed, worlds.troubled)


@dataclass
class Watched(Life):
    """A life whose decisions are kept, each with its command and the state before it."""

    kept: list[tuple[State | None, Command, Advance]] = field(default_factory=list)

    def _advance(self, given: Command) -> Advance | None:
        before = self.state
        done = super()._advance(given)
        if done is not None:
            self.kept.append((before, given, done))
        return done


@pytest.fixture(params=LIVES, ids=lambda life: life.__name__)
def life(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setattr(worlds, "Life", Watched)
    build: Callable[..., Life] = request.param
    built = build(contract=contract(runbook=RUNBOOK))
    assert isinstance(built, Watched)
    assert len(built.kept) > 3
    return built


def test_the_row_is_the_canonical_form_of_its_validated_parts(life: Watched) -> None:
    for _, given, done in life.kept:
        read = read_decision(done.decision.body)
        assert read.command == given
        assert read.events == done.events
        row = {
            "v": decision.ROW_VERSION,
            "escalation": done.decision.escalation,
            "seq": done.decision.seq,
            "now": format_instant(read.now),
            "command": given.model_dump(mode="json"),
            "rejected": read.rejected,
            "contract": read.contract,
            "roster": read.stamp.roster,
            "epoch": read.stamp.epoch,
            "semantics": read.semantics,
            "tzdata": read.stamp.tzdata,
            "events": [event.model_dump(mode="json") for event in read.events],
            "prev": read.prev,
        }
        assert canonical(row) == done.decision.body


def test_the_state_and_the_effects_are_those_of_one_event_after_the_other(life: Watched) -> None:
    for before, _, done in life.kept:
        state, found = before, list[Effect]()
        for event in done.events:
            state = evolve(state, event, read_decision(done.decision.body).now)
            of_event = effects(life.contract, state, event)
            assert bool(of_event) == isinstance(event, WITH_EFFECTS), event.type
            found.extend(of_event)
        assert tuple(found) == done.effects
        if done.events:
            assert state == done.state


@pytest.mark.parametrize("value", ['ü\u2028"\\\n\t\x7f\x01', "", "😀", 0.1, 3, True, None, -5, 10**20, 2.0])
def test_any_field_of_a_ticket_is_written_as_its_json(value: str | float | None) -> None:
    life = Life()
    life.open(fields={"b": value, "a": value})
    assert canonical({"a": value, "b": value}) in life.rows[0][1]


@pytest.mark.parametrize("value", ['ü\u2028"\\\n\t\x7f\x01', 1e16, 1e-07, 10**20, 2**63])
def test_any_field_of_a_ticket_is_read_back_as_it_was(value: str | float | None) -> None:
    life = Life()
    life.open(fields={"b": value, "a": value})
    body = life.rows[0][1]
    command = read_decision(body).command
    assert isinstance(command.args, Open)
    assert command.args.fields == {"a": value, "b": value}
    assert command.args.created_at == T0


def test_what_has_no_canonical_form_is_no_row() -> None:
    with pytest.raises(TypeError, match="set has no canonical form"):
        decision._encode({"events": {1}})


def test_an_event_made_without_validation_has_its_defaults_and_its_fields() -> None:
    """That every event of every life is so is a guarantee, held after each decision."""
    fields = {"reason": Reason.GONE, "rule": "x", "offer": 1, "person": "ann", "due": None}
    event = made(ev.OfferEnded, **fields)  # type: ignore[arg-type]
    assert event == ev.OfferEnded.model_validate(fields)
    assert (event.type, event.text, event.model_fields_set) == ("OfferEnded", None, set(ev.OfferEnded.model_fields))
    assert event.model_copy(update={"offer": 2}).model_fields_set is not event.model_fields_set, "all share one set"
    check_made((event,))


@pytest.mark.parametrize("wrong", [{"steps": 1.0}, {"steps": True}, {"reason": "lifecycle"}, {"typo": 1}])
def test_an_event_of_other_types_than_its_own_is_seen(wrong: dict[str, Any]) -> None:
    fields = {"reason": Reason.LIFECYCLE, "rule": "x", "run": "open#1", "point": "open", "steps": 1, **wrong}
    with pytest.raises((Broken, ValueError), match=r"made right|Extra inputs"):
        check_made((made(ev.RunStarted, **fields),))
