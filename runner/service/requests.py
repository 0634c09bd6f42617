"""What people send, validated: the bodies of the API, and how each becomes a command with its free texts set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from runner.contract.misfit import words
from runner.engine import commands as cmd
from runner.engine.tasks import TASKS_AT_MOST
from runner.service.body import Body, Free, Number, Texts, Value, When, Word

__all__ = ["BODIES", "Body", "Texts", "misfits"]

_MOST_IMPACT = 10**12  # more than any company has to lose


class CompleteChecklistBody(Body):
    """The checklist's answers by item; texts, and where evidence is, under `texts`."""

    answers: Annotated[dict[Word, Value], Field(max_length=50)] = {}
    texts: Annotated[dict[Word, Free], Field(max_length=50)] = {}

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.CompleteChecklist(answers=self.answered(texts))

    def answered(self, texts: Texts) -> dict[str, cmd.Scalar]:
        """All answers, the texts set aside."""
        return {**self.answers, **{name: texts.ref(text) for name, text in self.texts.items()}}


class AcceptBody(CompleteChecklistBody):
    """Accept an offer with the checklist's answers; with none, where they may follow."""

    offer: Number

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Accept(offer=self.offer, answers=self.answered(texts))


class UnacceptBody(Body):
    """Take the acceptance back."""

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del texts, facts
        return cmd.Unaccept()


class ClarifyBody(Body):
    """Say what was missing."""

    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Clarify(text=texts.ref(self.text))


class WaitBody(Body):
    """Wait for the customer or for a date; without `until`, as long as the contract allows."""

    for_: Literal["customer", "date"] = Field(alias="for")
    until: When | None = None
    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Wait(for_=self.for_, until=self.until, text=texts.ref(self.text))


class ResumeBody(Body):
    """Go on before the wait is over."""

    text: Free | None = None

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Resume(text=texts.maybe(self.text))


class SnoozeBody(Body):
    """Put the next reminder off."""

    until: When
    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Snooze(until=self.until, text=texts.ref(self.text))


class AnswerBody(Body):
    """Answer the question of an offer: answers by name, those of type text under `texts`."""

    offer: Number
    answers: Annotated[dict[Word, Value], Field(max_length=50)] = {}
    texts: Annotated[dict[Word, Free], Field(max_length=50)] = {}

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        given = {name: texts.ref(text) for name, text in self.texts.items()}
        return cmd.Answer(offer=self.offer, answers=self.answers, texts=given)


class RejectBody(Body):
    """Reject an offer."""

    offer: Number
    why: Literal["not_mine", "incomplete", "no_capacity", "conflict"]
    text: Free | None = None

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Reject(offer=self.offer, why=self.why, text=texts.maybe(self.text))


class EscalateBody(Body):
    """Pass it up now; `offer` as seen, none for the one who holds it."""

    offer: Number | None = None
    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Escalate(offer=self.offer, text=texts.ref(self.text))


class HandOverBody(Body):
    """Offer it to another person, or to the next of the planned sequence."""

    to: Word | None = None
    reason: Free | None = None
    next_step: Free | None = None
    artifacts: Annotated[list[Free], Field(max_length=50)] = []
    expected_at: When | None = None

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.HandOver(
            to=self.to,
            reason=texts.maybe(self.reason),
            next_step=texts.maybe(self.next_step),
            artifacts=tuple(texts.ref(each) for each in self.artifacts),
            expected_at=self.expected_at,
        )


class ProgressBody(Body):
    """The holder says how it goes on."""

    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Progress(text=texts.ref(self.text))


class TaskBody(BaseModel):
    """A task: what is to be done, by whom, until when."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Free
    owner: Word
    due: When | None = None

    def task(self, texts: Texts) -> cmd.Task:
        """With its title set aside."""
        return cmd.Task(title=texts.ref(self.title), owner=self.owner, due=self.due)


class RaiseExceptionBody(Body):
    """Raise an exception of a class, with the plan and the tasks that the class demands."""

    exception_class: Word
    text: Free
    plan: Free | None = None
    tasks: Annotated[list[TaskBody], Field(max_length=TASKS_AT_MOST)] = []

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.RaiseException(
            exception_class=self.exception_class,
            text=texts.ref(self.text),
            plan=texts.maybe(self.plan),
            tasks=tuple(each.task(texts) for each in self.tasks),
        )


class AddTaskBody(Body):
    """Add a task to an open exception."""

    exception: Number
    title: Free
    owner: Word
    due: When | None = None

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        task = cmd.Task(title=texts.ref(self.title), owner=self.owner, due=self.due)
        return cmd.AddTask(exception=self.exception, task=task)


class FinishTaskBody(Body):
    """A task of an open exception is done."""

    exception: Number
    task: Number
    text: Free | None = None

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.FinishTask(exception=self.exception, task=self.task, text=texts.maybe(self.text))


class EndExceptionBody(Body):
    """End an exception."""

    exception: Number
    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.EndException(exception=self.exception, text=texts.ref(self.text))


class AttachPostmortemBody(Body):
    """What went wrong and what follows from it, with who sees to that."""

    text: Free
    remediation_owner: Word

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.AttachPostmortem(text=texts.ref(self.text), remediation_owner=self.remediation_owner)


class OverrideBody(Body):
    """A manager takes, gives or closes, with a rationale."""

    action: Literal["take", "give", "close"]
    text: Free
    to: Word | None = None
    code: Word | None = None

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Override(action=self.action, text=texts.ref(self.text), to=self.to, code=self.code)


class ResolveBody(Body):
    """Evidence by kind."""

    evidence: Annotated[dict[Word, Free], Field(max_length=50)] = {}

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        given = {kind: texts.ref(text) for kind, text in self.evidence.items()}
        return cmd.Resolve(evidence=given, facts=facts())


class CloseBody(Body):
    """Resolution code and business impact in whole currency units."""

    code: Word
    impact: Annotated[int, Field(ge=-_MOST_IMPACT, le=_MOST_IMPACT)] | None = None

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del texts
        return cmd.Close(code=self.code, impact=self.impact, facts=facts())


class ReopenBody(Body):
    """Open what was closed again."""

    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Reopen(text=texts.ref(self.text))


class CancelBody(Body):
    """End it without an outcome."""

    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.Cancel(text=texts.ref(self.text))


class RollBackBody(Body):
    """Take back what a run did, such as `open#1`; what the whole runbook did if none is named."""

    run: Word | None = None
    text: Free

    def args(self, texts: Texts, facts: Callable[[], cmd.TicketFacts]) -> cmd.Args:
        del facts
        return cmd.RollBack(run=self.run, text=texts.ref(self.text))


BODIES: Mapping[str, type[Body]] = {
    "accept": AcceptBody,
    "answer": AnswerBody,
    "reject": RejectBody,
    "escalate": EscalateBody,
    "hand-over": HandOverBody,
    "progress": ProgressBody,
    "raise-exception": RaiseExceptionBody,
    "end-exception": EndExceptionBody,
    "add-task": AddTaskBody,
    "finish-task": FinishTaskBody,
    "attach-postmortem": AttachPostmortemBody,
    "override": OverrideBody,
    "resolve": ResolveBody,
    "close": CloseBody,
    "reopen": ReopenBody,
    "cancel": CancelBody,
    "roll-back": RollBackBody,
    "complete-checklist": CompleteChecklistBody,
    "unaccept": UnacceptBody,
    "clarify": ClarifyBody,
    "wait": WaitBody,
    "resume": ResumeBody,
    "snooze": SnoozeBody,
}
"""The last part of the path to what it takes."""


def misfits(body: type[BaseModel], error: ValidationError) -> str:
    """What does not fit into a body, each with what to do, in one line."""
    return "; ".join(_misfit(body, each) for each in error.errors())


def _misfit(body: type[BaseModel], each: ErrorDetails) -> str:
    if each["type"] == "too_long":
        return f"`{each['loc'][0]}` has too many entries: at most {each['ctx']['max_length']}"
    said = words(body, each, each["loc"])
    return f"{said.message} ({said.help})"
