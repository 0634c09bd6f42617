"""People and teams: who there is, and how they are reached. Shapes only; the compiler checks references."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from runner.contract.policies.words import Version, Zone
from runner.contract.values import Name, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = ["People", "Person", "Team"]


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
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""
