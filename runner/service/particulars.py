"""What a message says beyond its kind: whom and what it is about, and what was said, by the decision that sent it.

Read from the record when the message is sent, so that no text of a person stands in an outbox. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from runner.contract.contract import Contract
from runner.contract.text import show_instant
from runner.engine import events as ev
from runner.engine.decision import ReadDecision
from runner.engine.reasons import SENTENCES
from runner.engine.words import in_words

__all__ = ["Particulars", "Reader", "particulars"]

_LONGEST: Final = 1_000
"""Characters of one text of a person; the record has the rest."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How to write for whoever reads it: people's names by id, their zone, and texts by digest (None: erased)."""

    names: Mapping[str, str]
    zone: tzinfo
    text_of: Callable[[str], str | None]

    def name(self, person: str) -> str:
        """A person's name; the id of whom nobody knows any more."""
        return self.names.get(person, person)


@dataclass(frozen=True, slots=True)
class Particulars:
    """`purpose` is that of the offer that the message makes, `asked` who is asked by now, and `asked_by` until when.

    `missed` is whom nobody has reached; all are None where the decision says nothing of it. `lines` say the rest.
    """

    purpose: str | None = None
    asked: str | None = None
    asked_by: str | None = None
    missed: str | None = None
    lines: tuple[str, ...] = ()


def particulars(
    row: ReadDecision | None, payload: Mapping[str, Any], contract: Contract, reader: Reader
) -> Particulars:
    """What the decision `row` says about one of its messages; `payload` is that of the message's effect.

    Nothing if the row is None: people must hear of it although the record cannot be read.
    """
    if row is None:
        return Particulars()
    said = _Said(row, payload, contract, reader)
    offered, made = said.offered(), said.nearest(ev.OwnerOffered)
    return Particulars(
        purpose=made.purpose if made is not None and made.offer == payload["offer"] else None,
        asked=reader.name(offered.to) if offered is not None else None,
        asked_by=show_instant(offered.due, reader.zone) if offered is not None and offered.due is not None else None,
        missed=said.missed(),
        lines=(*said.happened(), *said.due(), *said.written()),
    )


_HAPPENED: Final[Mapping[str, tuple[type[Any], ...]]] = {
    "drift": (ev.DriftFound,),
    "exception": (ev.ExceptionRaised, ev.ExceptionOwned),
    "exception_ended": (ev.ExceptionEnded,),
    "exception_overdue": (ev.ExceptionOverdue,),
    "not_undone": (ev.RollbackEnded,),
    "offer": (ev.ExceptionRaised,),
    "page_unanswered": (ev.PageUnanswered,),
    "record_failed": (ev.RecordFailed,),
    "returned": (ev.OfferEnded,),
    "rung_skipped": (ev.RungSkipped,),
    "run_stopped": (ev.StepFailed,),
    "step_failed": (ev.StepFailed,),
}
"""By what a message is about, the events that it is to put into words."""
_DUE: Final[Mapping[str, tuple[type[Any], str, str]]] = {
    "clarify": (ev.ClarificationAsked, "due", "The answer is needed by {}"),
    "clarifying": (ev.ClarificationAsked, "due", "The answer is needed by {}"),
    "exception": (ev.ExceptionRaised, "due", "Recovery is due by {}"),
    "no_progress": (ev.ProgressMissed, "lapses_at", "Somebody else is asked at {}"),
    "offer": (ev.ExceptionRaised, "due", "Recovery is due by {}"),
    "remediation": (ev.RemediationAsked, "due", "It is due by {}"),
    "task": (ev.TaskAdded, "due", "It is due by {}"),
}
"""By what a message is about, which event says until when, and how that is said."""
_MISSED: Final[Mapping[str, tuple[type[Any], str]]] = {
    "not_told": (ev.OfferEnded, "person"),
    "page_unanswered": (ev.PageUnanswered, "person"),
    "undelivered": (ev.ExceptionRaised, "about"),
}
"""By what a message is about, which event names the person whom nobody has reached."""
_WRITTEN: Final = (
    ("text", "{actor} writes: {}"),
    ("reason", "Reason: {}"),
    ("plan", "Plan: {}"),
    ("next_step", "Next step: {}"),
    ("artifacts", "Artifacts: {}"),
)
"""The texts that come with what people do, and how each is shown to others."""


class _Said:
    """One decision, looked at from one of its messages."""

    def __init__(self, row: ReadDecision, payload: Mapping[str, Any], contract: Contract, reader: Reader) -> None:
        self._row = row
        self._payload = payload
        self._contract = contract
        self._reader = reader
        self._about = str(payload["about"])
        self._before = _before(row, payload["delivery"])

    def nearest(self, kind: type[Any]) -> Any:  # noqa: ANN401 - an event of this kind
        """The last event of a kind before the message; None if there is none."""
        return next((event for event in reversed(self._before) if isinstance(event, kind)), None)

    def offered(self) -> ev.OwnerOffered | None:
        """The last offer of the ladder that the decision made."""
        found = [each for each in self._row.events if isinstance(each, ev.OwnerOffered) and each.purpose == "ladder"]
        return found[-1] if found else None

    def missed(self) -> str | None:
        """The name of the person whom nobody has reached."""
        kind, name = _MISSED.get(self._about, (None, ""))
        event = self.nearest(kind) if kind is not None else None
        person = getattr(event, name, None)
        return self._reader.name(person) if person is not None else None

    def happened(self) -> Iterator[str]:
        """What happened, each event with its reason."""
        rungs = tuple(rung.name for rung in self._contract.ladder)
        for kind in _HAPPENED.get(self._about, ()):
            event = self.nearest(kind)
            words = in_words(event, self._reader.names, rungs) if event is not None and self._fits(event) else None
            if words:
                known = event.reason.value == self._payload["reason"]  # the message says so already
                yield f"{words}." if known else f"{words} ({SENTENCES[event.reason]})."
        into = getattr(self._row.command.args, "into", None)
        if self._about == "merged" and into is not None:
            yield f"It is {into} now."

    def due(self) -> Iterator[str]:
        """Until when something is to be done."""
        kind, name, sentence = _DUE.get(self._about, (None, "", ""))
        event = self.nearest(kind) if kind is not None else None
        at = getattr(event, name, None)
        if at is not None and self._fits(event):
            yield f"{sentence.format(show_instant(at, self._reader.zone))}."

    def written(self) -> Iterator[str]:
        """What the person wrote whose act led to the message; not what the message says anyway."""
        command = self._row.command
        if not command.human or command.actor == self._payload["to"]:
            return
        actor = self._reader.name(command.actor)
        for name, sentence in _WRITTEN:
            given = getattr(command.args, name, None) or ()
            digests = given if isinstance(given, tuple) else (given,)
            texts = [self._reader.text_of(each) for each in digests if each != self._payload.get("text")]
            shown = "; ".join(_cut(text) for text in texts if text)
            if shown:
                yield sentence.replace("{actor}", actor).replace("{}", shown)
        expected = getattr(command.args, "expected_at", None)
        if expected is not None:
            yield f"Expected by: {show_instant(expected, self._reader.zone)}"

    def _fits(self, event: Any) -> bool:  # noqa: ANN401 - an event of some kind
        """Whether an event is about the same as the message: offers are of many sorts, and tasks are several."""
        if self._about == "offer":
            made = self.nearest(ev.OwnerOffered)
            return made is not None and made.purpose == "exception" and made.exception == event.exception
        return self._about not in ("task", "remediation") or self._payload["to"] in (
            getattr(event, "owner", None),
            getattr(event, "to", None),
        )


def _before(row: ReadDecision, delivery: int) -> list[ev.Event]:
    """The events of a decision up to the one that asks for a message."""
    found: list[ev.Event] = []
    for event in row.events:
        if isinstance(event, ev.DeliveryRequested) and event.delivery == delivery:
            break
        found.append(event)
    return found


def _cut(text: str) -> str:
    """A text of a person, short, its further lines set off from those of the message."""
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return "\n  ".join(short.splitlines())
