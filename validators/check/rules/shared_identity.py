"""SUR518 and SUR519: nobody has the user name or the address of somebody else. Asks no helpdesk and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.policies import People, Person
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_USER = Rule(
    code="SUR518",
    name="shared-helpdesk-user",
    severity=Severity.ERROR,
    summary="Two people have the same user name in a helpdesk.",
    why="When the helpdesk says who works on a ticket or who has accepted, nobody can tell which of the two it was. "
    "The record names the wrong person, and a step taken by one counts for the other.",
    bad="""\
  ann:
    name: Ann Archer
    zone: Europe/Berlin
    jobs: [clerk]
    helpdesk: {local: front-desk}
""",
    good="""\
  ann:
    name: Ann Archer
    zone: Europe/Berlin
    jobs: [clerk]
    helpdesk: {local: ann.archer}
""",
    fix="Give each person the user name that is theirs alone. Often one entry was copied from the other.",
)
_ADDRESS = Rule(
    code="SUR519",
    name="shared-address",
    severity=Severity.WARNING,
    summary="Two people are reached at the same address of a channel.",
    why="A message names one person, who is to act. At a shared address either both think that it is for the other, "
    "or the one who is on call never sees it. Often one entry was copied from the other.",
    bad="""\
  ben:
    name: Ben Baker
    zone: Europe/Paris
    jobs: [clerk]
    contacts: {chat: ann@chat.example.com}
""",
    good="""\
  ben:
    name: Ben Baker
    zone: Europe/Paris
    jobs: [clerk]
    contacts: {chat: ben@chat.example.com}
""",
    fix="Write the address that is the person's own. Post to a room where several people are to read along.",
)
RULES: Final = (_USER, _ADDRESS)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The second and every further person with a name or an address that somebody has; case makes no difference."""
    document = subject.documents.one("People")
    if document is None:
        return
    people = document.read_as(People).people
    yield from _users(document, people)
    addresses: dict[tuple[str, str], str] = {}
    for name, person in people.items():
        for channel, address in person.contacts.items():
            other = addresses.setdefault((channel, address.casefold()), name)
            if other != name:
                message = f"`{name}` and `{other}` are reached at the same address of `{channel}`: {address}"
                help_text = "write each person's own address; to reach several people, post to a room"
                yield _ADDRESS.found(document, ("people", name, "contacts", channel), message, help_text)


def _users(document: Document, people: Mapping[str, Person]) -> Iterator[Diagnostic]:
    """Who has no user name in a helpdesk is called there by their id."""
    for helpdesk in dict.fromkeys(each for person in people.values() for each in person.helpdesk):
        users: dict[str, str] = {}
        for name, person in people.items():
            user = person.helpdesk.get(helpdesk, name)
            other = users.setdefault(user.casefold(), name)
            if other != name:
                message = f"`{name}` and `{other}` are the same user of the helpdesk `{helpdesk}`: {user}"
                here = name if helpdesk in person.helpdesk else other
                help_text = "write the user name that each of them has for themselves; without one it is the id"
                yield _USER.found(document, ("people", here, "helpdesk", helpdesk), message, help_text)
