"""The desk at which people act: it reads what a command needs, has it decided, and says what came of it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from runner.clock import Clocks
from runner.engine.commands import Args, Command, TicketFacts
from runner.engine.decision import read_decision
from runner.engine.intake import ticket_facts
from runner.engine.kpis import Dimension
from runner.engine.observation import observe
from runner.engine.reasons import CommandRejected, RejectReason
from runner.engine.state import State, load_state
from runner.helpdesk.port import Gone, Helpdesk
from runner.service.active import Active
from runner.service.decider import Decider, UnknownEscalation
from runner.service.figures import FigureBook, Window, figures_view
from runner.service.ids import Ids
from runner.service.metrics import Metrics
from runner.service.questions import questions_view
from runner.service.requests import Body, Texts
from runner.service.views import case_view, checklist_view, escalation_view, timeline_view
from runner.service.writer import Writer
from runner.store.port import Reader, Store, Stream, Text, Transaction

__all__ = ["Desk", "KeyReused", "NotAllowed"]


_PAGE = 200
"""Escalations read at once for a list."""
_FIGURES_KEPT = 5_000
"""Escalations whose figures are at hand; some 4 KB each."""
_NAMESPACE = uuid.UUID("0b8c3f5e-7a64-4f0e-9a53-0d6c2f1e8b47")
"""Ids of commands that come with a key follow from it, so that the same request is the same command."""


class NotAllowed(Exception):
    """This person may not; the message says why."""


class KeyReused(Exception):
    """An idempotency key came with another request; nothing was decided."""


class Desk:
    """Acts for people and takes webhooks in. Called from several threads."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        helpdesk: Helpdesk,
        decider: Decider,
        active: Callable[[], Active],
        clocks: Clocks,
        ids: Ids,
        metrics: Metrics,
        on_hint: Callable[[], None],
    ) -> None:
        self.clocks = clocks
        self._store = store
        self._writer = writer
        self._helpdesk = helpdesk
        self._decider = decider
        self._active = active
        self._ids = ids
        self._metrics = metrics
        self._on_hint = on_hint
        self._figures = FigureBook(_FIGURES_KEPT)
        self._figuring = threading.Lock()

    def known(self, person: str) -> None:
        """Raises NotAllowed unless the active epoch knows this person."""
        if person not in self._active().revision.policies.people.people:
            raise NotAllowed(f"{person} is not in the people file of the active revision")

    def hook(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take a webhook in: durable before it is answered. Raises BadHook."""
        try:
            hints = self._helpdesk.parse_hook(headers, body)
        except Exception:
            self._metrics.hook("refused")
            raise

        def piece(tx: Transaction) -> None:
            for hint in hints:
                tx.put_hint(hint.ref, "webhook")

        self._writer.call(piece)
        self._metrics.hook("taken")
        self._on_hint()
        return len(hints)

    def list(self, person: str | None, only_open: bool, after: str, limit: int) -> dict[str, Any]:  # noqa: FBT001
        """Escalations in order of id, those that involve a person if one is given; `next` continues the list."""
        with self._store.reader() as reader:
            wanted = _wanted(reader, person, only_open, after)
            found = [self._view(reader, stream, state) for stream, state in islice(wanted, limit)]
            more = next(wanted, None) is not None
        return {"escalations": found, "next": found[-1]["id"] if more else None}

    def show(self, escalation: str) -> dict[str, Any]:
        """One escalation with its timeline; raises UnknownEscalation."""
        with self._store.reader() as reader:
            stream, state = self._decider.stream(reader, escalation)
            return {**self._view(reader, stream, state), "timeline": timeline_view(reader, stream)}

    def kpis(self, since: datetime, until: datetime, by: Dimension) -> dict[str, Any]:
        """Key figures of the escalations that opened from `since` on and before `until`, by group, with targets."""
        window = Window(since, until, self.clocks.now())
        with self._figuring, self._store.reader() as reader:
            found, complete = self._figures.within(reader, window)
        return figures_view(found, window, by, self._active().revision.policies, complete=complete)

    def checklist(self, escalation: str) -> dict[str, Any]:
        """The checklist for "resolved" of one escalation; raises UnknownEscalation."""
        with self._store.reader() as reader:
            stream, state = self._decider.stream(reader, escalation)
            return checklist_view(reader, stream, state, self._decider.contract(reader, stream.contract))

    def case(self, ticket: str) -> dict[str, Any] | None:
        """Our row for a ticket: what routing said last and why; None if it was never seen."""
        with self._store.reader() as reader:
            case = reader.case(ticket)
        return case_view(case) if case is not None else None

    def act(self, escalation: str, person: str, asked: Body, key: str) -> dict[str, Any]:
        """Have a person's command decided; raises CommandRejected, after its refusal was recorded.

        With a key, the same request again gets the same answer without being decided again. Raises KeyReused if the key
        came with another request before.
        """
        texts = Texts(self._ids)
        args = asked.args(texts, lambda: self._facts(escalation))
        jobs = self._active().revision.policies.people.people[person].jobs
        source_key = f"api:{person}:{escalation}:{key}"
        command = self._decider.command(args, actor=person, source="api", jobs=jobs)
        if key:
            command = command.model_copy(update={"id": str(uuid.uuid5(_NAMESPACE, source_key))})

        def piece(tx: Transaction) -> tuple[CommandRejected | None, Stream | None, bool]:
            if key and not tx.first_time(source_key):
                return _answered(tx, escalation, command, texts.kept), tx.stream(escalation), True
            done = self._decider.apply(tx, escalation, command, texts.kept)
            return (done.rejected if done else None), tx.stream(escalation), False

        rejected, stream, repeated = self._writer.call(piece)
        if rejected is not None:
            raise rejected
        if stream is None:
            raise UnknownEscalation(escalation)
        with self._store.reader() as reader:
            view = self._view(reader, stream, load_state(stream.state))
        return {**view, "repeated": repeated}

    def _view(self, reader: Reader, stream: Stream, state: State) -> dict[str, Any]:
        """One escalation as it stands, with what is asked of people."""
        contract = self._decider.contract(reader, stream.contract)
        people, case = self._active().revision.policies.people.people, reader.case(stream.ticket)
        text_of = _text_of(reader, stream)
        questions = questions_view(contract, state, case.reading if case is not None else {}, people, text_of)
        return {**escalation_view(stream, state, contract, text_of), "questions": questions}

    def _facts(self, escalation: str) -> TicketFacts:
        """The ticket and the task tickets as they are now, read from the helpdesk."""
        with self._store.reader() as reader:
            stream, state = self._decider.stream(reader, escalation)
            contract = self._decider.contract(reader, stream.contract)
        fields = self._active().fields
        ticket = self._helpdesk.get(state.ticket)
        if isinstance(ticket, Gone):
            return TicketFacts(open_tasks=state.tasks)
        tasks = [ref for ref in state.tasks if fields.open_task(self._helpdesk.get(ref))]
        seen = observe(fields.fields.fields, None, fields.reading(ticket), self.clocks.now())
        return ticket_facts(contract, seen.after, tuple(tasks))


def _text_of(reader: Reader, stream: Stream) -> Callable[[str], str | None]:
    return lambda digest: reader.text(stream.escalation, digest)


def _wanted(
    reader: Reader,
    person: str | None,
    only_open: bool,  # noqa: FBT001
    after: str,
) -> Iterator[tuple[Stream, State]]:
    while streams := reader.streams(open_only=only_open, limit=_PAGE, after=after):
        for stream in streams:
            state = load_state(stream.state)
            if person is None or _involves(state, person):
                yield stream, state
        after = streams[-1].escalation


def _answered(tx: Transaction, escalation: str, again: Command, kept: Mapping[str, Text]) -> CommandRejected | None:
    """What a command that was given before was answered: its refusal, or None if it was taken.

    Raises KeyReused if it said something else. Texts are compared as words, since their digests are salted anew.
    """
    for _, body, _ in tx.decisions(escalation):
        row = read_decision(body)
        if row.command.id != again.id:
            continue
        before, now = row.command.args, again.args
        if before.type != now.type:
            raise KeyReused(f"this Idempotency-Key came with {before.type} before: use a new key")
        said = _words(before, lambda text: tx.text(escalation, text) or text)
        if said != _words(now, lambda text: kept[text][1] if text in kept else text):
            raise KeyReused(f"this Idempotency-Key came with another {before.type} before: use a new key")
        if row.rejected is not None:
            return CommandRejected(RejectReason(row.rejected["reason"]), row.rejected["detail"])
    return None


def _words(args: Args, text_of: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON data
    """What a person said by a command, without what was read from the helpdesk for it."""

    def words(value: object) -> object:
        match value:
            case str():
                return text_of(value)
            case list():
                return [words(each) for each in value]
            case dict():
                return {name: words(each) for name, each in value.items()}
            case _:
                return value

    return words(args.model_dump(mode="json", exclude={"facts", "other"}))


def _involves(state: State, person: str) -> bool:
    return (
        state.holder == person
        or any(offer.to == person for offer in state.offers.values())
        or any(each.owner == person for each in state.exceptions.values())
        or any(each.to == person for each in state.remedies.values())
        or any(task.owner == person for each in state.exceptions.values() for task in each.open_tasks)
    )
