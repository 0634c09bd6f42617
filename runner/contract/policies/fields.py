"""Ticket fields: what templates may read and write, and where Surety shows its state. Shapes only."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from runner.contract.misfit import Unfit
from runner.contract.policies.words import FieldName, Version
from runner.contract.values import Name, Seq, Strict, Text, check_choice, either_form
from runner.contract.waiver import Waivers

__all__ = ["FieldThere", "Fields", "Lifecycle", "RecordFields", "TicketField"]


class FieldThere(Strict):
    """A field as a helpdesk has it."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """Its name there."""
    values: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=100)]] = {}
    """Our value to the helpdesk's, for those that are called otherwise there."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: object) -> object:
        return {"field": data} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, object]:
        """The schema of both forms: a name, or a mapping with values."""
        return either_form({"type": "string", "minLength": 1, "maxLength": 100}, core_schema, handler)

    @model_validator(mode="after")
    def _one_to_one(self) -> Self:
        twice = sorted({each for each in self.values.values() if list(self.values.values()).count(each) > 1})
        if twice:
            raise Unfit(
                f"`{twice[0]}` stands for several of our values, so nobody could tell which was meant",
                "give each value a name of its own",
                "values",
            )
        return self


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
    helpdesk: dict[Name, FieldThere] = {}
    """Helpdesk name to the field's name there, with its values if they differ; the same name where none is given."""
    personal: bool = False
    """Whether it holds personal data, which may not go to public rooms and is erased when its time is over."""
    unit: Text | None = None
    """number: what is counted, as in EUR or seats."""

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        check_choice(self.type, self.values, otherwise="write type: choice, or remove it")
        if self.type != "choice" and self.ordered:
            raise Unfit(f"`ordered` belongs to a choice, and this is a {self.type}", "remove it", "ordered")
        if self.type != "number" and self.unit is not None:
            raise Unfit(f"`unit` belongs to a number, and this is a {self.type}", "remove it", "unit")
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
    """Text: offered, accepted, waiting, exhausted, resolved, closed, cancelled."""
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
    assignee: FieldName | None = None
    """Person: the field by which the helpdesk says who works on a ticket; steps that assign write it."""
    priority: FieldName
    """The choice that limits and reports go by."""
    account: FieldName | None = None
    """The field that names the customer, so that repeats of one account are counted and linked."""
    tier: FieldName | None = None
    """The choice by which reports tell customers apart, such as their plan."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
