"""Checks of people and rotations beyond their shape: names, zones and dates. Compiles nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.contract import policies as pol
from runner.contract.documents import Document

if TYPE_CHECKING:
    from runner.contract.references import References

__all__ = ["check_people", "check_rotations"]


def check_people(references: References, document: Document) -> None:
    """Note what is wrong with people and teams."""
    people = document.read_as(pol.People)
    for name, person in people.people.items():
        references.zone(person.zone, document, ("people", name, "zone"))
        for channel in person.contacts:
            references.known("channel", channel, document, ("people", name, "contacts", channel), key=True)
    for name, team in people.teams.items():
        references.each("person", team.members, document, ("teams", name, "members"))


def check_rotations(references: References, document: Document) -> None:
    """Note what is wrong with rotations and absences."""
    rotations = document.read_as(pol.Rotations)
    for name, rotation in rotations.rotations.items():
        references.each("person", rotation.members, document, ("rotations", name, "members"))
        references.zone(rotation.zone, document, ("rotations", name, "zone"))
        references.day(rotation.starts, document, ("rotations", name, "starts"))
    for index, absence in enumerate(rotations.absences):
        references.known("person", absence.person, document, ("absences", index, "person"))
