"""SUR520: a channel that a step names reaches the people it is for. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.policies import People
from runner.contract.rule import Rule
from runner.contract.template import RUNGS, Template
from runner.contract.values import OwnerRef
from validators.check.duty import Duty
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR520",
    name="way-nobody-has",
    severity=Severity.WARNING,
    summary="A message names the channels to take, and somebody it may go to has no address on any of them.",
    why="The channels were named for a reason, mostly because the message is urgent. For somebody without such an "
    "address they count for nothing: the message takes the person's own channels, and nobody hears that the pager was "
    "silent.",
    bad="""\
    - notify:
        who: {person: ben}
        via: [mail]
""",
    good="""\
    - notify:
        who: {person: ann}
        via: [mail]
""",
    fix="Add the address in the People policy, name a channel that everybody has who may be meant, or leave `via` out.",
)
RULES: Final = (_RULE,)
_SHOWN: Final = 3
_OWNERS: Final = ("owner", "previous_owner")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every step of a valid revision that says by which channels; not those for whom a block is told at its use."""
    people, duty = subject.documents.policy(People), subject.duty
    if people is None or duty is None:
        return
    for document, steps in subject.steps:
        for path, step in steps:
            for kind in ("notify", "page"):
                body = step.get(kind)
                if not isinstance(body, dict) or not (ways := _ways(body)):
                    continue
                meant = _meant(document, body, duty)
                without = [each for each in meant if ways.isdisjoint(people.people[each].contacts)]
                if without:
                    names = ", ".join(f"`{each}`" for each in without[:_SHOWN])
                    more = f" and {len(without) - _SHOWN} more" if len(without) > _SHOWN else ""
                    has = "has" if len(without) == 1 else "have"
                    message = f"{names}{more} {has} no address on {' or '.join(body['via'])}, and may be meant here"
                    help_text = "add the address, or name a channel that everybody has; otherwise their own are taken"
                    yield _RULE.found(document, (*path, kind, "via"), message, help_text)


def _ways(body: Mapping[str, Any]) -> frozenset[str]:
    """The channels that are named; none if an input gives any of them."""
    ways = body.get("via")
    named = isinstance(ways, list) and all(isinstance(each, str) and each[:1] != "$" for each in ways)
    return frozenset(ways or ()) if named else frozenset()


def _meant(document: Document, body: Mapping[str, Any], duty: Duty) -> list[str]:
    """Everybody whom the message may be for, in order; nobody if only the use of a block says it."""
    who, template = body.get("who", "owner"), document.model
    refs: list[OwnerRef] = []
    if isinstance(who, dict) and len(who) == 1:
        ((sort, name),) = who.items()
        if sort in OwnerRef.model_fields and isinstance(name, str):
            refs = [OwnerRef(**{sort: name})]
    elif isinstance(template, Template) and who in RUNGS:
        refs = [getattr(template.owners, who)]
    elif isinstance(template, Template) and who in _OWNERS:
        refs = [getattr(template.owners, each.rung) for each in template.ladder]
    return list(dict.fromkeys(person for ref in refs for person in duty.people_of(ref)))
