"""The policy kinds: what all templates must obey or draw on. Shapes only; references are checked by the compiler."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from runner.contract.misfit import Unfit
from runner.contract.values import Box, Duration, Instant, Name, OwnerRef, Seq, Strict, Text, TimeOfDay

__all__ = [
    "Absence",
    "Calendar",
    "Calendars",
    "Channel",
    "Channels",
    "ChecklistItem",
    "Checklists",
    "EvidenceKind",
    "EvidenceKinds",
    "ExceptionClass",
    "ExceptionClasses",
    "FieldName",
    "Fields",
    "Governance",
    "Handover",
    "Lifecycle",
    "Limits",
    "People",
    "Person",
    "RecordFields",
    "ResolutionCodes",
    "Rotation",
    "Rotations",
    "Routing",
    "Team",
    "TicketField",
]

Version = Literal["surety/v1"]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=64)]
"""The name of a ticket field; dots group, as in `account.tier`."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+\-/]*$", max_length=64)]
"""A name of the IANA time zone database, e.g. `Europe/Berlin`."""
Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A calendar date, `2026-03-03`."""


class Person(Strict):
    """Somebody who can be asked."""

    name: Text
    """The name that messages and pages show."""
    zone: Zone
    """Where this person's days begin and end."""
    jobs: Seq[Name] = ()
    """What this person is in the company; `role:` in templates refers to these."""
    contacts: dict[Name, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(min_length=1)
    """Channel name to address. The order is the order in which channels are tried."""
    helpdesk: dict[Name, Annotated[str, StringConstraints(min_length=1, max_length=100)]] = {}
    """Helpdesk name to this person's user name there."""


class Team(Strict):
    """People who answer together; the order says who is asked first."""

    name: Text
    """The name that messages and pages show."""
    members: Seq[Name] = Field(min_length=1)
    """People, first choice first."""


class People(Strict):
    """Who there is: people with zones and contacts, and teams."""

    schema_: Version = Field(alias="schema")
    kind: Literal["People"]
    people: dict[Name, Person] = Field(min_length=1)
    """By id; the id stands in records and never changes."""
    teams: dict[Name, Team] = {}
    """By name."""


class Handover(Strict):
    """When a rotation passes to the next member, in the rotation's own local time."""

    every: Literal["day", "week"]
    """The length of a shift."""
    at: TimeOfDay
    """Local time of the handover."""


class Rotation(Strict):
    """Who is on call in turn, at every hour."""

    summary: Text
    """What this rotation is for."""
    members: Seq[Name] = Field(min_length=1)
    """People, in turn; the first has the shift that begins on `starts`."""
    zone: Zone
    """The zone of `starts` and of the handover."""
    starts: Date
    """The local date of the first handover; before it nobody is on call."""
    handover: Handover
    """How long a shift is and when it ends."""


class Absence(Strict):
    """A person cannot be asked from an instant until another."""

    person: Name
    """Who is away."""
    from_: Instant = Field(alias="from")
    """First instant of the absence."""
    until: Instant
    """First instant at which the person is back."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.from_ >= self.until:
            raise Unfit(
                "this absence ends before it begins", "`until`, the first instant back, is later than `from`", "until"
            )
        return self


class Rotations(Strict):
    """Who is on call, and who is away."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Rotations"]
    rotations: dict[Name, Rotation] = Field(min_length=1)
    """By name."""
    absences: Seq[Absence] = ()
    """Known in advance."""


class Calendar(Strict):
    """Business hours in one zone."""

    summary: Text
    """Whose hours these are."""
    zone: Zone
    """The zone of all times below."""
    hours: dict[
        Weekday, Seq[Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")]]
    ]
    """Open intervals by weekday, `09:00-17:30`, closed at the start and open at the end; `24:00` ends a day."""
    closed: dict[Date, Text] = {}
    """Dates without business hours, each with its reason."""


class Calendars(Strict):
    """Business calendars, by name."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Calendars"]
    horizon: Date
    """The last date up to which `closed` is complete; `check` warns before it ends."""
    calendars: dict[Name, Calendar] = Field(min_length=1)
    """By name."""


class TicketField(Strict):
    """A field of a ticket that templates may use."""

    type: Literal["choice", "number", "boolean", "instant", "text", "person"]
    """What values it has; an absent value belongs to every type."""
    summary: Text
    """What it says about a ticket."""
    values: Seq[Annotated[str, StringConstraints(min_length=1, max_length=64)]] = ()
    """All values of a choice; in ascending order if `ordered`."""
    ordered: bool = False
    """Whether the values of a choice can be compared."""
    helpdesk: dict[Name, Annotated[str, StringConstraints(min_length=1, max_length=100)]] = {}
    """Helpdesk name to the field's name there; the same name where none is given."""

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        if self.type == "choice" and not self.values:
            raise Unfit("a choice needs its values", "add values: [one, two]", "type")
        if self.type != "choice" and self.values:
            raise Unfit(
                f"`values` belongs to a choice, and this is a {self.type}", "write type: choice, or remove it", "values"
            )
        if self.type != "choice" and self.ordered:
            raise Unfit(f"`ordered` belongs to a choice, and this is a {self.type}", "remove it", "ordered")
        twice = sorted(value for value in set(self.values) if self.values.count(value) > 1)
        if twice:
            raise Unfit(f"`{twice[0]}` is listed twice among the values", "remove one of the two", "values")
        return self


class Lifecycle(Strict):
    """Which values of which field say that a ticket is done."""

    field: FieldName
    """The choice that holds the status."""
    done: Seq[str] = Field(min_length=1)
    """Values that mean solved or closed."""
    reopen_to: str
    """The value written when a ticket was solved without proof."""


class RecordFields(Strict):
    """The ticket fields that show an escalation's state to everyone who reads the ticket."""

    state: FieldName
    """Text: offered, accepted, exhausted, resolved, closed, cancelled."""
    owner: FieldName
    """Person: who is accountable now."""
    accepted_at: FieldName
    """Instant: when the present owner accepted; absent before."""


class Fields(Strict):
    """Every ticket field that templates use, with its type, values and mapping to each helpdesk."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Fields"]
    fields: dict[FieldName, TicketField] = Field(min_length=1)
    """By name. `created_at` and `updated_at` always exist and are not listed."""
    lifecycle: Lifecycle
    """How to see that a ticket is done."""
    record: RecordFields
    """Where Surety writes who is accountable."""
    priority: FieldName
    """The choice that limits and reports go by."""


class Routing(Strict):
    """Which tickets are ours, and which template gets each of them."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Routing"]
    scope: dict[str, JsonValue]
    """A condition; a ticket outside it is none of our business."""
    order: Seq[Name] = Field(min_length=1)
    """Templates, the first that matches wins."""
    fallback: Name
    """The template for every ticket in scope that no other takes."""


class ExceptionClass(Strict):
    """A declared kind of trouble with its own owner and recovery time."""

    summary: Text
    """When to raise it."""
    owner: OwnerRef
    """The path owner, accountable for recovery."""
    within: Box
    """Recovery time, from raising to end."""


class ExceptionClasses(Strict):
    """The closed list of exception classes."""

    schema_: Version = Field(alias="schema")
    kind: Literal["ExceptionClasses"]
    classes: dict[Name, ExceptionClass] = Field(min_length=1)
    """By name."""


class ChecklistItem(Strict):
    """One question that must be answered with yes."""

    question: Text
    """Asked of the person who accepts."""


class Checklists(Strict):
    """The questions that acceptance asks."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Checklists"]
    items: dict[Name, ChecklistItem] = Field(min_length=1)
    """By name; templates list the names."""


class EvidenceKind(Strict):
    """A kind of proof that an outcome was reached."""

    summary: Text
    """What counts as this evidence."""
    field: FieldName | None = None
    """A ticket field that holds it; a value there counts as given."""


class EvidenceKinds(Strict):
    """What can prove an outcome or travel with a handoff."""

    schema_: Version = Field(alias="schema")
    kind: Literal["EvidenceKinds"]
    evidence: dict[Name, EvidenceKind] = Field(min_length=1)
    """By name."""


class ResolutionCodes(Strict):
    """How an escalation can end."""

    schema_: Version = Field(alias="schema")
    kind: Literal["ResolutionCodes"]
    codes: dict[Name, Text] = Field(min_length=1)
    """By name, each with its meaning."""


class Limits(Strict):
    """What holds for every template."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Limits"]
    named_within: Duration
    """A primary and a secondary are named this soon after the trigger instant."""
    accept_within: dict[str, Duration]
    """The longest acceptance timebox by value of the priority field."""
    manager_knows_within: Duration
    """The longest time until a human has accepted or the escalation owner was told."""
    handoffs_at_most: int = Field(ge=0, le=20)
    """The most handoffs that a template may allow."""
    repeat_at_most: int = Field(ge=0, le=9)
    """The most extra passes through the ladder that a template may ask for."""
    remind_every: Duration
    """How often the escalation owner is told again when a time has passed."""
    untold_retries: int = Field(ge=0, le=9)
    """How often a rung is tried again because no channel took the message."""
    restores_at_most: int = Field(ge=0, le=9)
    """How often a ticket that was solved without proof is set back before it is only flagged."""
    step_within: Duration
    """How long a step of a runbook may take."""


class Channel(Strict):
    """A way to reach people."""

    summary: Text
    """What it is for."""
    sender: Literal["console", "file", "webhook"]
    """What takes the message."""
    url_env: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    """webhook: the environment variable that holds the URL, so that no secret stands in git."""
    path: str | None = None
    """file: where lines are appended, relative to the runner's working folder."""

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        needed = {"webhook": "url_env", "file": "path", "console": None}[self.sender]
        for key in ("url_env", "path"):
            if (getattr(self, key) is not None) != (key == needed):
                if key == needed:
                    raise Unfit(f"a {self.sender} channel needs `{key}`", f"add {key}: …")
                raise Unfit(f"a {self.sender} channel has no `{key}`", "remove it, or choose another sender", key)
        return self


class Room(Strict):
    """A place that many people read: a chat room, a mailing list."""

    channel: Name
    """The channel that carries it."""
    address: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The room's address on that channel."""


class Channels(Strict):
    """How messages travel."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Channels"]
    channels: dict[Name, Channel] = Field(min_length=1)
    """By name."""
    rooms: dict[Name, Room] = {}
    """By name."""


class Governance(Strict):
    """Who may do what."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Governance"]
    gatekeepers: Seq[Name] = Field(min_length=1)
    """People who review contracts."""
    audit_authority: Name
    """The person who verifies the trail."""
    override_jobs: Seq[Name] = Field(min_length=1)
    """Jobs whose holders may take, give or close any escalation, with a written rationale."""
    last_resort: Name
    """The person who is accountable when nobody else can be, even when absent."""
