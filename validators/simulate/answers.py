"""What a person answers to a question in a scenario, as the command of the engine. Judges no answer."""

from __future__ import annotations

from runner.contract.canonical import digest_of
from runner.contract.contract import AnswerOf
from runner.contract.local_time import LocalTimes, TimeError
from runner.contract.scenario import Act
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.questions import wanted
from runner.engine.state import Offer
from validators.simulate.simulation import Life, Simulation

__all__ = ["answer_of"]


def answer_of(act: Act, simulation: Simulation, life: Life, times: LocalTimes) -> cmd.Answer:
    """The answer to the question that the act means; texts are set aside, as the service does."""
    given = act.answers or {}
    offer = _question(life, act.by, set(given))
    needed = _wanted(life, offer) if offer is not None else {}
    answers: dict[str, cmd.Scalar] = {}
    texts: dict[str, str] = {}
    for name, value in given.items():
        sort = needed[name].type if name in needed else ""
        if sort == "text" and isinstance(value, str):
            texts[name] = digest_of(value.encode())
            simulation.world.texts[texts[name]] = value
        else:
            answers[name] = _instant(value, times) if sort == "instant" else value
    return cmd.Answer(offer=offer.id if offer is not None else _last(life, act.by), answers=answers, texts=texts)


def _wanted(life: Life, offer: Offer) -> dict[str, AnswerOf]:
    run = life.state.runs[offer.run or ""]
    return dict(wanted(life.contract.runbook[run.point][run.step]))


def _question(life: Life, person: str | None, names: set[str]) -> Offer | None:
    """The open question to a person, to anybody if there is none: the newest, one that wants these answers first."""
    every = [offer for offer in life.state.offers.values() if offer.purpose == "question"]
    mine = [offer for offer in every if offer.to == person] or every
    return max(mine, key=lambda offer: (names <= _wanted(life, offer).keys(), offer.id), default=None)


def _last(life: Life, person: str | None) -> int:
    """The last question ever, to this person if there was one, which is answered too late; 0 if there never was."""
    asked = [event for _, events in life.history for event in events if isinstance(event, ev.QuestionAsked)]
    return max((event.to == person, event.offer) for event in asked)[1] if asked else 0


def _instant(value: cmd.Scalar, times: LocalTimes) -> cmd.Scalar:
    """An instant as the engine takes it; a local time may stand for it."""
    try:
        return times.value(value)
    except TimeError:
        return value
