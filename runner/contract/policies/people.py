"""People and teams: who there is, and how they are reached. Shapes only; the compiler checks references."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from runner.contract.misfit import Unfit, shown
from runner.contract.policies.words import Version, Zone
from runner.contract.values import Name, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = ["People", "Person", "PublicKey", "Team"]

_KEY = re.compile(r"(?P<sort>[a-z0-9@.-]+) (?P<body>[A-Za-z0-9+/]+={0,2})(?: [^\n]*)?")
_KEY_SORTS = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
"""The sorts of keys with which `ssh-keygen -Y sign` signs."""
_KEY_FORM = "copy the one line of the file that ends in .pub, as in ssh-ed25519 AAAA…"


def _public_key(text: str) -> str:
    """An SSH public key as it stands in a `.pub` file; raises Unfit. Whether it is anybody's is not asked."""
    if "PRIVATE KEY" in text:
        raise Unfit("this is a private key, which is known to others from now on", f"make a new key, and {_KEY_FORM}")
    match = _KEY.fullmatch(text)
    if match is None or "-" not in match["sort"]:
        raise Unfit("this is not an SSH public key", _KEY_FORM)  # not quoted: it may be a secret
    sort = match["sort"]
    if sort not in _KEY_SORTS:
        raise Unfit(f"{shown(sort)} is not a sort of key that can sign", f"allowed: {', '.join(_KEY_SORTS)}")
    try:
        body = b64decode(match["body"], validate=True)
    except ValueError:
        body = b""
    # The body repeats the sort, after its length in four bytes; then comes the key itself.
    if not body.startswith(len(sort).to_bytes(4, "big") + sort.encode()) or len(body) < len(sort) + 36:
        raise Unfit(f"this {sort} key is damaged or cut off", _KEY_FORM)
    return text


PublicKey = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_public_key)]
"""An SSH public key on one line, `ssh-ed25519 AAAA… comment`."""


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
    substitute: Name | None = None
    """Who is asked instead while this person is away; if that person is away too, that person's own substitute."""
    keys: Seq[PublicKey] = ()
    """SSH public keys with which this person signs approvals."""


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
