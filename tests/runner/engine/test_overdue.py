"""An outcome that is overdue: told, and with `reassign` taken from the one who let it pass and asked anew."""

from __future__ import annotations

from functools import partial

from runner.contract.contract import Contract
from runner.engine import commands as cmd
from runner.engine.state import Phase, accountable
from tests.runner.engine.tables import Row, play, table
from tests.runner.engine.worlds import (
    HOUR,
    TEXT,
    YES,
    Life,
    accepted,
    at,
    away,
    contract,
    exhausted,
    hand_over,
    handoff,
    opened,
    resolved,
    roster,
    step,
)

ANEW = contract(when_overdue="reassign")
OVER = contract(when_overdue="escalation_owner")
NOTE = (step("note"),)
MISSED = "OutcomeMissed: outcome_overdue"
TOLD = "tell boss: outcome_overdue"


def held(by: str, terms: Contract = ANEW) -> Life:
    """Accepted by whoever is on this rung: ann, ben, or boss."""
    life = opened(contract=terms)
    for _ in range({"ann": 0, "ben": 1, "boss": 2}[by]):
        life.do(cmd.Escalate(offer=max(life.live.offers), text=TEXT), accountable(life.live) or "")
    life.accept(by)
    return life


def offered(when_overdue: str = "reassign") -> Life:
    """Ann has it for three days, and the outcome is due today."""
    ladder = (("primary", 72 * HOUR), ("escalation_owner", 60))
    return opened(contract=contract(when_overdue=when_overdue, ladder=ladder))


def handed() -> Life:
    """Ann has asked carl shortly before."""
    long = handoff(accept_within={"seconds": 9 * HOUR, "calendar": None})
    life = accepted(contract=contract(when_overdue="reassign", handoff=long))
    life.do(hand_over("carl"), "ann", when=at(10))
    return life


@table(
    Row("told only, where nothing else is said", accepted, cmd.Tick(), at(480), [MISSED, TOLD]),
    Row(
        "the next rung is asked, and the holder told",
        partial(held, "ann"),
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased ann: outcome_overdue", "repeat 0", "ladder offer 2 to ben: outcome_overdue",
            "tell ben: offer", "tell ann: released", TOLD,
        ],
    ),
    Row(
        "after the last rung the first is asked",
        partial(held, "boss"),
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased boss: outcome_overdue", "repeat 0", "ladder offer 4 to ann: outcome_overdue",
            "tell ann: offer", "tell boss: released", TOLD,
        ],
    ),
    Row(
        "out of exhaustion the first is asked",
        partial(exhausted, contract=ANEW),
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased boss: outcome_overdue", "offer 7 ends: superseded", "repeat 0",
            "ladder offer 8 to ann: outcome_overdue", "tell ann: offer", "tell boss: released", TOLD,
        ],
    ),
    Row(
        "an open handoff ends with it",
        handed,
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased ann: outcome_overdue", "offer 2 ends: superseded", "repeat 0",
            "ladder offer 3 to ben: outcome_overdue", "tell ben: offer", "tell ann: released", TOLD,
        ],
    ),
    Row(
        "nobody is there but the holder",
        partial(accepted, contract=ANEW, roster=roster(*map(partial(away, start=at(100)), ("ben", "boss", "ceo")))),
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased ann: outcome_overdue", "repeat 0", "skip secondary: absent",
            "skip escalation_owner: absent", "exhausted, ceo holds", "ladder offer 2 to ceo: last_resort",
            "tell ceo: offer", "tell ann: released", "tell ceo: outcome_overdue",
        ],
    ),
    Row(
        "with the failover's steps",
        partial(accepted, contract=contract(when_overdue="reassign", runbook={"failover": (step("note"),)})),
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased ann: outcome_overdue", "repeat 0", "ladder offer 2 to ben: outcome_overdue",
            "tell ben: offer", "tell ann: released", "run failover#1", "step failover#1/0", TOLD,
        ],
    ),
    Row("whoever is asked goes on being asked", offered, cmd.Tick(), at(480), [MISSED, TOLD]),
    Row(
        "the escalation owner at once",
        partial(accepted, contract=OVER),
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased ann: outcome_overdue", "repeat 0", "ladder offer 2 to boss: outcome_overdue",
            "tell boss: offer", "tell ann: released", TOLD,
        ],
    ),
    Row(
        "the escalation owner at once, although somebody is being asked",
        partial(offered, "escalation_owner"),
        cmd.Tick(),
        at(480),
        [
            MISSED, "OwnerReleased ann: outcome_overdue", "offer 1 ends: superseded", "repeat 0",
            "ladder offer 2 to boss: outcome_overdue", "tell boss: offer", "tell ann: released", TOLD,
        ],
    ),
    Row("the escalation owner, who has it", partial(held, "boss", OVER), cmd.Tick(), at(480), [MISSED, TOLD]),
    Row("nobody is above who holds it", partial(exhausted, contract=OVER), cmd.Tick(), at(480), [MISSED, TOLD]),
    Row(
        "with steps of its own, and those of the offer",
        partial(accepted, contract=contract(when_overdue="reassign", runbook={"overdue": NOTE, "offered": NOTE})),
        cmd.Tick(),
        at(480),
        [
            MISSED, "run overdue#1", "step overdue#1/0", "OwnerReleased ann: outcome_overdue", "repeat 0",
            "ladder offer 2 to ben: outcome_overdue", "tell ben: offer", "run offered#2", "step offered#2/0",
            "tell ann: released", TOLD,
        ],
    ),
)  # fmt: skip
def test_overdue(row: Row) -> None:
    life = row.given()
    life.until(at(479))
    play(Row(row.word, lambda: life, row.command, row.when, row.expected, row.by, row.jobs))


def test_who_accepted_after_the_time_had_passed_keeps_it() -> None:
    """After an outage people come first; the one who takes it late is not the one who let it pass."""
    life = offered()
    life.do(cmd.Accept(offer=1, answers=YES), "ann", when=at(481))
    assert life.tick().story == [MISSED, TOLD]
    assert (life.live.phase, accountable(life.live)) == (Phase.ACCEPTED, "ann")


def test_who_takes_back_what_was_resolved_keeps_it() -> None:
    life = resolved(contract=ANEW)
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(600))
    assert life.tick().story == [MISSED, TOLD]
    assert accountable(life.live) == "boss"


def test_it_is_asked_anew_once_and_reminded_all_along() -> None:
    life = held("ann")
    life.until(at(480))
    assert accountable(life.live) == "ben"
    life.accept()
    life.until(at(2000))
    assert (life.live.phase, accountable(life.live)) == (Phase.ACCEPTED, "ben")
    assert life.live.remind_at == at(2040)


def test_all_passes_are_there_again() -> None:
    """Exhausted in the fourth hour, asked anew in the eighth, exhausted again in the twelfth."""
    life = exhausted(contract=ANEW)
    life.until(at(480))
    assert (life.live.phase, life.live.ladder_pass) == (Phase.OFFERED, 0)
    life.until(at(719))
    assert (life.live.phase, life.live.ladder_pass) == (Phase.OFFERED, 1)
    life.until(at(720))
    assert (life.live.phase, accountable(life.live)) == (Phase.EXHAUSTED, "boss")
