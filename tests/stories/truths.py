"""What holds of every story, whatever it is about; read from the record, the helpdesk and the recorder when it is over.

Nothing of one story stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from runner.engine.commands import Tick
from runner.engine.decision import ReadDecision, read_decision
from runner.engine.evolve import evolve
from runner.engine.kpis import Figures, Fold
from runner.engine.state import State, accountable, next_deadline
from runner.store import Reader
from tests.recorded import whole_record
from tests.stories.harness import Stage

__all__ = ["Life", "the_end"]

OWNER_CHANGES = frozenset(
    ("OwnerOffered", "OfferAccepted", "OfferEnded", "OwnerReleased", "OwnerTook", "LadderExhausted")
)


@dataclass
class Life:
    """An escalation as the record has it: its last state, its decisions, its key figures."""

    ticket: str
    state: State
    figures: Figures
    rows: list[ReadDecision] = field(default_factory=list)
    late: dict[datetime, float] = field(default_factory=dict)
    """By instant at which it was due, how many seconds a deadline was handled late; without those in time."""


def the_end(stage: Stage, *, late: bool = False, gone: Iterable[str] = (), given_up: int = 0) -> dict[str, Life]:
    """End the runner and look whether all is well; the last escalation of each ticket.

    Every deadline was handled at the very instant at which it was due, unless the runner is said to have been `late`;
    somebody was accountable at every instant; the helpdesk says what the record says, except of the tickets that are
    `gone`; each message names one accountable person; each change of owner has its line in a file; nothing waits,
    only as many effects as are expected were `given_up`; and deciding again gives the same bytes.
    """
    _lines(stage)
    _messages(stage)
    lives: dict[str, Life] = {}
    tickets = {
        each["ticket"]: stage.ticket(each["ticket"]) for each in stage.escalations() if each["ticket"] not in gone
    }
    stage.stop_runner()
    with whole_record(stage.store, given_up=given_up) as reader:
        for escalation in reader.escalations(limit=1000):
            life = _life(reader, escalation)
            lives[life.ticket] = life
    for life in lives.values():
        assert late or not life.late, f"deadlines of {life.ticket} were handled late: {life.late}"
        if life.ticket in tickets:
            _helpdesk_agrees(life, tickets[life.ticket])
    return lives


def _life(reader: Reader, escalation: str) -> Life:
    state: State | None = None
    fold = Fold()
    rows = [read_decision(body) for _, body, _ in reader.decisions(escalation)]
    late: dict[datetime, float] = {}
    for row in rows:
        if isinstance(row.command.args, Tick) and state is not None:
            due = next_deadline(state)
            assert due is not None, f"{row.now}: a tick without anything that was due"
            if (seconds := (row.now - due).total_seconds()) != 0:
                late[due] = seconds
        for event in row.events:
            state = evolve(state, event, row.now)
        fold.add(row.now, row.events, row.command.actor, row.stamp.epoch)
        assert state is not None, "the first decision opens it"
        assert state.phase.over or accountable(state) is not None, f"{row.now}: nobody is accountable"
        assert state.phase.over or next_deadline(state) is not None, f"{row.now}: nothing will ever fall due"
    assert state is not None, "an escalation without a decision"
    return Life(state.ticket, state, fold.figures(rows[-1].now), rows, late)


def _helpdesk_agrees(life: Life, ticket: dict[str, object]) -> None:
    state = life.state
    if state.gone or state.replaced:
        return
    owner = state.previous if state.phase.over else accountable(state)
    said = (ticket.get("escalation_state"), ticket.get("escalation_owner"))
    assert said == (state.phase.value, owner), f"the helpdesk says {said} of {life.ticket}"


def _messages(stage: Stage) -> None:
    people = stage.revision.policies.people.people
    for message in stage.said():
        assert message.accountable in people, f"nobody is accountable in: {message}"
        name = people[message.accountable].name
        assert message.text.count("Accountable now: ") == 1, message.text
        assert f"Accountable now: {name}." in message.text, message.text


def _lines(stage: Stage) -> None:
    """Why somebody was asked has one answer: the reason, and the line of the rule."""
    for ref in {each["ticket"] for each in stage.escalations()}:
        for event in stage.happened(ref, *OWNER_CHANGES):
            assert event["sentence"], event
            assert event["line"], f"{event.type} by {event['rule']} has no line"
