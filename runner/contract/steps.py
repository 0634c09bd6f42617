"""The steps of a runbook: what a template or a block does along the way. Shapes only; the compiler closes them."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import Discriminator, Field, JsonValue, Tag, model_validator
from pydantic import StringConstraints as Constraints

from runner.contract.misfit import Unfit
from runner.contract.policies.words import FieldName
from runner.contract.values import Box, Duration, Name, OwnerRef, Seq, Strict, Text, check_choice, either_form

__all__ = [
    "STEP_KINDS",
    "Action",
    "Answer",
    "Approve",
    "Ask",
    "Assign",
    "Attach",
    "Branch",
    "Choose",
    "CreateTicket",
    "Message",
    "Note",
    "Notify",
    "Page",
    "Party",
    "Retry",
    "Step",
    "UndoBy",
    "Wait",
    "Who",
]

STEP_KINDS = (
    "notify", "page", "set_fields", "assign", "note", "attach", "create_ticket", "action", "ask", "approve", "wait",
    "choose", "use",
)  # fmt: skip
"""The keys of which a step has exactly one."""
Party = Literal["owner", "previous_owner", "primary", "secondary", "escalation_owner"]
Who = Annotated[
    Annotated[Party, Tag("party")] | Annotated[OwnerRef, Tag("ref")],
    Discriminator(lambda value: "party" if isinstance(value, str) else "ref"),
]
"""Somebody by the part played in this escalation, or by reference."""
Message = Annotated[str, Constraints(min_length=1, max_length=4000)]
"""Liquid text, rendered when it is sent."""
Otherwise = Literal["escalate", "default", "fail"]
"""What happens when nobody answers in time: the escalation owner gets it, the default counts, or the step fails."""


class Notify(Strict):
    """Send a message that names one accountable person."""

    who: Who = "owner"
    """Who is meant; `owner` is whoever is accountable when the step runs."""
    via: Seq[Name] = ()
    """Channels to try in this order; the person's own order if none is given."""
    room: Name | None = None
    """Post to this room instead of to the person; the message still names `who`."""
    message: Message
    """Liquid text."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.room is not None and self.via:
            raise Unfit(
                "a message goes to a person or to a room, found `via` and `room`",
                "keep `room` to post there, or `via` to choose the channels to the person",
                "via",
            )
        return self


class Page(Strict):
    """Wake one person: every channel in turn until one has taken the message."""

    who: Who
    """Who is paged."""
    via: Seq[Name] = ()
    """Channels to try first, in this order; then the person's others in their own order."""
    message: Message
    """Liquid text."""
    within: Box | None = None
    """By when the person must have done anything in this escalation; then the escalation owner is told."""


class Assign(Strict):
    """Write who works on the ticket into the helpdesk's own field for that: `assignee` of the ticket fields."""

    to: Who
    """Who gets it."""


class Note(Strict):
    """Write an internal comment to the ticket."""

    text: Message
    """Liquid text."""
    snapshot: Annotated[int, Field(ge=0, le=100)] | None = None
    """Append the ticket's fields and this many of its last history entries, read when the note is written."""


class Attach(Strict):
    """Attach facts as they are now: the ticket, recent changes, or logs of a named source."""

    what: Literal["ticket", "changes", "logs"]
    """What is attached."""
    source: Name | None = None
    """changes, logs: the action that reads them."""
    last: Annotated[int, Field(ge=1, le=1000)] = 50
    """The most entries."""
    mask_secrets: bool = True
    """Whether passwords, tokens and keys are blacked out."""

    @model_validator(mode="after")
    def _source_fits(self) -> Self:
        if self.what != "ticket" and self.source is None:
            raise Unfit(f"{self.what} come from somewhere", "add source: with a name from the Actions policy")
        if self.what == "ticket" and self.source is not None:
            raise Unfit("the ticket comes from the helpdesk", "remove `source`", "source")
        return self


class CreateTicket(Strict):
    """Create a ticket in the same helpdesk and link it."""

    subject: Message
    """Liquid text."""
    body: Message
    """Liquid text."""
    fields: dict[FieldName, JsonValue] = {}
    """Further fields."""
    assign: Who | None = None
    """Who gets it."""
    task: bool = False
    """Whether the escalation may close only when this ticket is done."""


class Action(Strict):
    """Carry out a named action of the Actions policy."""

    run: Name
    """The action."""
    with_: dict[Name, JsonValue] = Field(default={}, alias="with")
    """Values for its inputs; text is Liquid."""


class Answer(Strict):
    """An answer that is wanted, with its type."""

    type: Literal["choice", "text", "number", "boolean", "person", "instant"]
    """What is accepted."""
    values: Seq[Annotated[str, Constraints(min_length=1, max_length=64)]] = ()
    """choice: what can be chosen; the short form is the list alone."""
    default: JsonValue = None
    """Counts when nobody answers and `otherwise` is default."""
    required: bool = True
    """Whether it may be left out."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: object) -> object:
        if isinstance(data, list | tuple):
            return {"type": "choice", "values": data}
        return {"type": data} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, object]:
        """The schema of all forms: a list of choices, a type, or a mapping."""
        types = [each for each in get_args(cls.model_fields["type"].annotation) if each != "choice"]
        texts = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 64}, "minItems": 1}
        return either_form({"anyOf": [texts, {"type": "string", "enum": types}]}, core_schema, handler)

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        check_choice(self.type, self.values, key=None, advice="write them as a list: [refund, credit]")
        return self


class Ask(Strict):
    """Ask somebody to decide; the answers can be used by later steps."""

    who: Who
    """Who may answer; the offer goes to this person."""
    question: Message
    """Liquid text."""
    answers: dict[Name, Answer] = Field(min_length=1)
    """The answers wanted, by name: a list of choices, a type, or both with a default."""
    guidance: Message | None = None
    """What helps to decide."""
    within: Box | None = None
    """By when; a question without it is a finding."""
    otherwise: Otherwise | None = None
    """What happens then; a question without it is a finding."""


class Approve(Strict):
    """Ask somebody to allow what comes next; the run goes on only with a yes."""

    who: Who
    """Who may allow it; never the one who carries it out."""
    question: Message
    """Liquid text."""
    guidance: Message | None = None
    """What helps to decide."""
    within: Box | None = None
    """By when; an approval without it is a finding."""
    otherwise: Literal["escalate", "fail"] | None = None
    """What happens then."""


class Wait(Strict):
    """Let time pass, or wait for a condition, within a bound."""

    until: dict[str, JsonValue] | None = None
    """A condition over ticket fields; none waits for the time alone."""
    within: Box | None = None
    """The longest wait; a wait without it is a finding."""
    otherwise: Literal["escalate", "go_on", "fail"] | None = None
    """What happens when the condition has not come true by then."""


class Branch(Strict):
    """One way to go on."""

    name: Name
    """What this way is called, in records and pages."""
    when: dict[str, JsonValue] | None = None
    """A condition over ticket fields; none stands for every other case, and comes last."""
    answer: dict[Name, JsonValue] | None = None
    """Answers of an earlier question, `{decision: refund}`, instead of a condition."""
    steps: Seq[Step] = ()
    """What is done then; nothing, if empty."""

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if self.when is not None and self.answer is not None:
            raise Unfit("a branch has one condition, found `when` and `answer`", "keep one of the two", "answer")
        return self


class Choose(Strict):
    """Go on by the first branch whose condition holds."""

    of: Name | None = None
    """The name of the question whose `answer` the branches look at."""
    branches: Seq[Branch] = Field(min_length=1)
    """The ways to go on, the first that holds wins; the last has no condition, so that one always does."""

    @model_validator(mode="after")
    def _total(self) -> Self:
        for branch in self.branches[:-1]:
            if branch.when is None and branch.answer is None:
                raise Unfit(f"nothing after the branch `{branch.name}` can be reached", "put it last", "branches")
        names = [branch.name for branch in self.branches]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise Unfit(f"two branches are called `{twice}`", "give each a name of its own", "branches")
        last = self.branches[-1]
        if last.when is not None or last.answer is not None:
            raise Unfit("no branch is left for every other case", "add a last one with a name and steps only")
        return self


class UndoBy(Strict):
    """How the effect of a step is taken back, or why it is not: exactly one of the two."""

    action: Name | None = None
    """An action of the Actions policy that takes it back."""
    never: Text | None = None
    """Why nothing is taken back."""
    later: Text | None = None
    """Why a later step takes it back and no rollback does: until then nothing closes."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.action, self.never, self.later)) != 1:
            raise Unfit(
                "an undo is `restore`, an action, or a reason why there is none, now or at all",
                'write undo: restore, undo: {action: NAME}, undo: {never: "why"} or undo: {later: "why"}',
            )
        return self


class Retry(Strict):
    """How often a step is tried again when it fails."""

    times: Annotated[int, Field(ge=1, le=9)]
    """Further tries."""
    every: Duration
    """The pause between two tries."""


class Step(Strict):
    """One step of a runbook: exactly one of the keys below that say what to do, and how."""

    name: Name | None = None
    """What later steps call its result."""
    notify: Notify | None = None
    """Send a message."""
    page: Page | None = None
    """Wake somebody."""
    set_fields: dict[FieldName, JsonValue] | None = None
    """Write fields of the ticket."""
    assign: Assign | None = None
    """Give the ticket to somebody in the helpdesk."""
    note: Note | None = None
    """Write a comment."""
    attach: Attach | None = None
    """Attach the ticket, recent changes or logs."""
    create_ticket: CreateTicket | None = None
    """Create and link a ticket."""
    action: Action | None = None
    """Carry out a named action."""
    ask: Ask | None = None
    """Ask somebody to decide."""
    approve: Approve | None = None
    """Ask somebody to allow what comes next."""
    wait: Wait | None = None
    """Let time pass, or wait for a condition."""
    choose: Choose | None = None
    """Go on by one of several branches."""
    use: Name | None = None
    """Run a block's steps here."""
    with_: dict[Name, JsonValue] = Field(default={}, alias="with")
    """Values for the inputs of the block."""
    undo: (
        Annotated[
            Annotated[Literal["restore"], Tag("restore")] | Annotated[UndoBy, Tag("by")],
            Discriminator(lambda value: "restore" if isinstance(value, str) else "by"),
        ]
        | None
    ) = None
    """How it is taken back when the run is rolled back: `restore` the values before, an action, or never and why."""
    timeout: Duration | None = None
    """How long it may take; `step_within` of the limits if not given."""
    retry: Retry | None = None
    """How often it is tried again when it fails."""
    on_error: Literal["continue", "stop"] = "continue"
    """Whether the steps after it run when it has failed; the owner is told in any case."""
    on_leave: Literal["cancel", "finish"] = "cancel"
    """What happens if the escalation leaves the state before the step has run."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [key for key in STEP_KINDS if getattr(self, key) is not None]
        if not given:
            raise Unfit("this step does nothing", f"give it one of {', '.join(STEP_KINDS)}")
        if len(given) > 1:
            raise Unfit(
                f"a step does one thing, found {' and '.join(given)}", "make them steps, each with its own dash"
            )
        if self.with_ and self.use is None:
            raise Unfit(
                "`with` gives inputs to a block, and this step uses none", "remove `with`, or add use: BLOCK", "with"
            )
        if given[0] in ("ask", "approve", "wait", "choose"):
            for key in ("timeout", "retry"):
                if key in self.model_fields_set:
                    advice = "remove it: `within` says how long it may take" if given[0] != "choose" else "remove it"
                    raise Unfit(f"`{key}` does not go with `{given[0]}`, which cannot be tried again", advice, key)
        if self.use is not None:
            for key in ("on_leave", "undo", "timeout", "retry", "on_error"):
                if key in self.model_fields_set:
                    raise Unfit(f"`{key}` does not go with `use`", "set it on the steps of the block", key)
        if isinstance(self.undo, str) and self.set_fields is None:
            raise Unfit("only `set_fields` can restore what was there before", "name an action that undoes it", "undo")
        return self
