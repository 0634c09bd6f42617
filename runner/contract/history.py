"""HistoryMapping: how a log of another helpdesk is read as a history of tickets. Shapes only; reading is elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from runner.contract.policies import FieldName, Version, Zone
from runner.contract.values import Duration, Name, Seq, Strict, Text

__all__ = ["Assumed", "Column", "HistoryMapping", "MappedField"]

Header = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Column(Strict):
    """An instant in a column."""

    column: Header
    """Its header."""
    format: Annotated[str, StringConstraints(min_length=2, max_length=60)]
    """How it is written, in the letters of strptime: `%d/%m/%Y %H:%M`."""


class MappedField(Strict):
    """Where a field's value comes from: exactly one of column and constant."""

    column: Header | None = None
    """A column; its text is the value unless `values` says otherwise."""
    values: dict[str, JsonValue] | None = None
    """column: text to value. A text that is not listed makes the row unusable; `null` means no value."""
    constant: JsonValue = None
    """The same for every ticket: an assumption, which the run prints."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (self.constant is None):
            msg = "give exactly one of column and constant"
            raise ValueError(msg)
        if self.values is not None and self.column is None:
            msg = "`values` belongs to `column`"
            raise ValueError(msg)
        return self


class Assumed(Strict):
    """An instant that the log does not have: so long after the ticket's first row, by the value of another field."""

    by: FieldName
    """The field that decides."""
    within: dict[str, Duration]
    """Value to time."""


class HistoryMapping(Strict):
    """How to read a log as a history."""

    schema_: Version = Field(alias="schema")
    kind: Literal["HistoryMapping"]
    name: Name
    """What the log is called here."""
    summary: Text
    """Where it comes from."""
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    """Between columns."""
    missing: Seq[str] = ("",)
    """Texts that mean unknown, in any column."""
    zone: Zone
    """The zone of all times in the log."""
    ticket: Header
    """The column with the ticket's number."""
    at: Column
    """When a row was written; rows are ordered by this and by nothing else, then by their place in the file."""
    fields: dict[FieldName, MappedField] = Field(min_length=1)
    """Ticket field to its source."""
    assumed: dict[FieldName, Assumed] = {}
    """Instants that the log does not have."""
    never_read: Seq[Header] = ()
    """Columns that hold final values in every row: a rule that read them would see the future."""

    @model_validator(mode="after")
    def _sees_no_future(self) -> Self:
        used = {self.ticket, self.at.column, *(each.column for each in self.fields.values() if each.column)}
        future = sorted(used & set(self.never_read))
        if future:
            msg = f"{', '.join(future)} stands in never_read and is read"
            raise ValueError(msg)
        return self
