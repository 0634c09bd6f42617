"""The transition table: complete, lived through, and the page that is drawn from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from runner.contract.contract import WaitingOf
from runner.contract.template import POINTS
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.evolve import evolve
from runner.engine.state import Phase, State
from runner.engine.transitions import RUN_SCOPES, TRANSITIONS, phase_after
from tests import generated
from tests.runner.engine.worlds import (
    DAY,
    HOUR,
    MACHINE,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    box,
    closed,
    contract,
    exhausted,
    opened,
    resolved,
)

LISTED = sorted({event for _, event in TRANSITIONS})
TAKE = cmd.Override(action="take", text=TEXT)
GIVE = cmd.Override(action="give", text=TEXT, to="carl")
CLOSE = cmd.Override(action="close", text=TEXT, code="fixed")
CANCEL = cmd.Cancel(text=TEXT)
AGAIN = contract(reopen_within=DAY)


@pytest.mark.parametrize("event", LISTED)
@pytest.mark.parametrize("phase", Phase)
def test_a_listed_event_has_a_row_or_is_a_fault(phase: Phase, event: str) -> None:
    if (phase, event) in TRANSITIONS:
        assert phase_after(phase, event) is TRANSITIONS[phase, event]
    else:
        with pytest.raises(AssertionError, match=f"no transition for {event} in {phase}"):
            phase_after(phase, event)


@pytest.mark.parametrize("phase", Phase)
def test_any_other_event_leaves_the_phase(phase: Phase) -> None:
    others = {kind.__name__ for kind in ev.EVENT_TYPES} - set(LISTED)
    assert others
    assert {phase_after(phase, event) for event in others} == {phase}


def test_every_listed_event_exists() -> None:
    names = {kind.__name__ for kind in ev.EVENT_TYPES} | {"HolderAccepted"}
    assert set(LISTED) <= names


def test_what_is_over_stays_over_unless_it_is_opened_again() -> None:
    assert [each for each in TRANSITIONS if each[0].over] == [(Phase.CLOSED, "EscalationReopened")]


def test_every_phase_is_reached() -> None:
    assert set(TRANSITIONS.values()) == set(Phase)


def seen(lives: Iterable[tuple[Life, cmd.Args, str]]) -> set[tuple[Phase, str]]:
    """The transitions of these lives, from their events."""
    found = set()
    for life, last, actor in lives:
        assert life.do(last, actor).rejected is None
        state: State | None = None
        for now, event in life.events:
            name: str = event.type
            if isinstance(event, ev.OfferAccepted) and state and state.offers[event.offer].on_accept == "hold":
                name = "HolderAccepted"
            found.add((state.phase if state else Phase.OFFERED, name))
            state = evolve(state, event, now)
    return {each for each in found if each[1] in LISTED}


def test_every_row_is_lived_through_and_no_other() -> None:
    lives: list[tuple[Life, cmd.Args, str]] = [
        (life(), command, "boss")
        for life in (opened, accepted, exhausted, resolved)
        for command in (TAKE, GIVE, CLOSE, CANCEL)
    ]
    lives.append((exhausted(), cmd.Accept(offer=7, answers=YES), "boss"))
    handed = accepted()
    handed.do(cmd.HandOver(to="carl", reason=TEXT, next_step=TEXT), "ann", when=at(9))
    lives.append((handed, cmd.Accept(offer=2, answers=YES), "carl"))
    lives += [(resolved(), cmd.NoteReopened(), MACHINE), (closed(contract=AGAIN), cmd.Reopen(), MACHINE)]
    patient = accepted(contract=contract(waiting=WaitingOf(at_most=box(HOUR), then="owner")))
    patient.do(cmd.Wait(for_="customer", text=TEXT), "ann")
    lives.append((patient, cmd.Resume(), "ann"))
    assert seen(lives) == set(TRANSITIONS)


def test_every_point_of_a_runbook_has_a_scope() -> None:
    assert set(RUN_SCOPES) == set(POINTS)
    assert all(scope for scope in RUN_SCOPES.values())
    assert {phase for scope in RUN_SCOPES.values() for phase in scope} == set(Phase) - {Phase.CANCELLED}


def test_an_escalation_begins_with_its_opening() -> None:
    event = opened().events[1][1]
    with pytest.raises(AssertionError, match="OwnersNamed before EscalationOpened"):
        evolve(None, event, at(0))


def test_the_page_is_current() -> None:
    assert generated.stale() == []


def test_a_stale_page_is_seen_and_written(tmp_path: Path) -> None:
    files = {"docs/page.md": lambda: "new\n", "other.md": lambda: "same\n"}
    (tmp_path / "other.md").write_text("same\n", encoding="utf-8")
    assert generated.stale(tmp_path, files) == ["docs/page.md"]
    assert generated.write(tmp_path, files) == ["docs/page.md"]
    assert (tmp_path / "docs/page.md").read_text(encoding="utf-8") == "new\n"
    assert generated.stale(tmp_path, files) == []


def test_the_program_checks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert generated.main(["--check"]) == 0
    assert generated.main(["--other"]) == 2
    monkeypatch.setattr(generated, "stale", lambda: ["docs/page.md"])
    assert generated.main(["--check"]) == 1
    assert "docs/page.md is out of date; write it again with: make docs" in capsys.readouterr().err


def test_the_diagram_has_every_transition() -> None:
    page = generated.state_machine()
    for (phase, event), after in TRANSITIONS.items():
        lines = [line for line in page.splitlines() if f"--> {after}: " in line and event in line]
        assert any(line.strip().startswith((f"{phase} ", "[*]")) for line in lines), (phase, event)
