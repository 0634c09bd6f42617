"""SUR801 to SUR809: what the exact analysis of routing says of each template, of peers, and of the fallback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.policies import Routing
from runner.contract.routing import listed
from runner.contract.rule import Rule
from validators.check.routing import Analysis, History, Overlap, Pointless, Reach, Reached, Witness
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_NEVER: Final = Rule(
    code="SUR801",
    name="never-matches",
    severity=Severity.ERROR,
    summary="No ticket can ever fulfil the trigger of a template.",
    why="The template looks as if it protected somebody, and it never opens.",
    bad="""\
  when:
    amount: {more_than: 100, less_than: 50}
""",
    good="""\
  when:
    amount: {more_than: 50, less_than: 100}
""",
    fix="Look at the parts that the message names: they can never hold together. Change one of them, or write "
    "`any: [...]` if either was meant. What a field `was` says nothing about a new ticket, so such a template needs "
    "`on: [ticket.updated]`.",
)
_OUTSIDE: Final = Rule(
    code="SUR802",
    name="never-in-scope",
    severity=Severity.ERROR,
    summary="Every ticket that fulfils the trigger of a template is outside the scope of the routing.",
    why="What is outside the scope is none of our business, so the template never opens.",
    bad="""\
  when:
    status: solved
""",
    good="""\
  when:
    status: pending
""",
    fix="Change the trigger, or widen `scope` in the Routing policy. The ticket in the message fulfils the trigger: "
    "put it into a file and ask `surety explain` which part of the scope leaves it out.",
)
_SHADOWED: Final = Rule(
    code="SUR803",
    name="shadowed-template",
    severity=Severity.ERROR,
    summary="Templates earlier in the order take every ticket that a template could take.",
    why="The first template that matches wins, and one that has the ticket goes on with it as long as it matches. A "
    "template that comes after others which together take all that it matches never opens: `time.passed` does not help "
    "behind one that took the ticket when it was created or changed. This is said of tickets that are new under these "
    "templates and never out of sight; one that another revision had, or that was gone for a while, is held by nobody.",
    bad="""\
order: [billing, late-billing]
""",
    good="""\
order: [late-billing, billing]
""",
    fix="Put the more specific template first in `order`, or narrow those that the message names, or remove the one "
    "that never opens.",
)
_OVERLAP: Final = Rule(
    code="SUR804",
    name="peers-overlap",
    severity=Severity.ERROR,
    summary="Two templates that have no order among themselves match one and the same ticket.",
    why="Peers stand in a list of their own in `order` because it must not matter which of them comes first. Here it "
    "does, and nobody has decided. Both may begin at one look, or one of them holds the ticket from a look before.",
    bad="""\
order: [[billing, large]]
""",
    good="""\
order: [large, billing]
""",
    fix="Take the two out of their common list and say which comes first; or change their triggers so that no ticket "
    "fulfils both.",
)
_REST: Final = Rule(
    code="SUR805",
    name="only-the-fallback",
    severity=Severity.INFO,
    summary="Some ticket in scope is taken by no template but the fallback; one example is shown.",
    why="The fallback asks people who may know nothing of the matter. See whether that is what you want for such "
    "tickets.",
    bad="""\
  status: {not: solved}
""",
    good="""\
  type: billing
""",
    fix="Nothing, if the fallback is right for such tickets. Otherwise add a template for them, or narrow `scope` so "
    "that they stay with the helpdesk.",
)
_UNDECIDED: Final = Rule(
    code="SUR806",
    name="undecided-routing",
    severity=Severity.UNKNOWN,
    summary="Whether a template can get any ticket, two peers one and the same, or the fallback one, is not known.",
    why="The analysis is exact up to a limit of work, and counts open time only where it finds such instants. What a "
    "ticket was before is tried out where a template that listens to `ticket.created` alone may hold it; no more than "
    "64 templates that may hold one ticket are weighed. Beyond that it says so, and an unknown answer is never shown "
    "as a pass.",
    bad="""\
    due_at: {past_by: {time: 10h, calendar: office}}
    not: {due_at: {past_by: 73h}}
""",
    good="""\
    due_at: {past_by: {time: 10h, calendar: office}}
""",
    fix="Make the condition simpler: count in one calendar, or on the clock alone; name fewer patterns of one text; "
    "write several templates instead of many alternatives.",
    waivable=False,
)
_POINTLESS: Final = Rule(
    code="SUR807",
    name="pointless-condition",
    severity=Severity.WARNING,
    summary="A listed value, an alternative or a part of the scope never makes a difference.",
    why="Whoever reads it believes that such tickets are taken, or kept out, by it. They are not: the rest of the "
    "condition or the scope decides that already.",
    bad="""\
    type: billing
    status: [open, solved]
""",
    good="""\
    type: billing
    status: [open, pending]
""",
    fix="Remove the part. If tickets of that sort should be taken, change what leaves them out: mostly the scope.",
)
_PARTLY: Final = Rule(
    code="SUR808",
    name="partly-out-of-scope",
    severity=Severity.WARNING,
    summary="A template matches tickets that the scope leaves out, because the scope demands more than the trigger.",
    why="Who wrote the trigger means every ticket that it matches. Those that the scope does not let in never open, "
    "and nobody hears of it: a new template mostly needs a line in the scope as well. What the scope only keeps out, "
    "such as solved tickets, is not meant.",
    bad="""\
scope:
  status: {not: solved}
  any: [{priority: high}, {type: question}]
""",
    good="""\
scope:
  status: {not: solved}
  any: [{priority: high}, {type: [question, billing]}]
""",
    fix="Widen `scope` in the Routing policy, mostly by one more line below `any` that says what the trigger says; or "
    "let the trigger ask for what the scope demands.",
)
_EMPTY: Final = Rule(
    code="SUR809",
    name="empty-scope",
    severity=Severity.ERROR,
    summary="No ticket can ever be in scope.",
    why="What is out of scope is none of our business, so nothing ever opens, whatever the templates say.",
    bad="""\
scope: {status: {not: [open, pending], is: open}}
""",
    good="""\
scope: {status: {not: solved}}
""",
    fix="Look for parts of `scope` that can never hold together.",
)
RULES: Final = (_NEVER, _OUTSIDE, _SHADOWED, _OVERLAP, _REST, _UNDECIDED, _POINTLESS, _PARTLY, _EMPTY)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """The analysis of a valid revision, each answer where it is to be put right."""
    found, routing = subject.routing, subject.documents.one("Routing")
    if found is None or routing is None:
        return
    if found.empty_scope:
        help_text = "some of its parts can never hold together: a field cannot be and not be one value at once"
        yield _EMPTY.found(routing, ("scope",), "no ticket can ever be in scope, so nothing opens", help_text, key=True)
        return
    documents = {template.name: document for document, template in subject.templates}
    for name, witness in found.left_out:
        message = f"`{name}` matches tickets that the scope leaves out, and nobody is asked about them"
        help_text = f"widen `scope` in {routing.path}, or ask for more here; {_shown(witness)}"
        yield _PARTLY.found(documents[name], ("trigger", "when"), message, help_text, key=True)
    for each in found.reached:
        yield from _template(each, documents[each.template])
    places = dict(listed(routing.read_as(Routing)))
    for overlap in found.overlaps:
        yield _peers(overlap, routing, places[overlap.second])
    yield from _fallback(found, routing)
    lost = {name for name, _ in found.left_out}  # why some of their values never make a difference
    for part in found.pointless:
        if part.template in lost:
            continue
        document = routing if part.template is None else documents[part.template]
        above = ("scope",) if part.template is None else ("trigger", "when")
        yield from _no_difference(part, document, above)


def _template(each: Reached, document: Document) -> Iterator[Diagnostic]:
    path = ("trigger", "when")
    match each.reach:
        case Reach.NEVER:
            yield _NEVER.found(document, *_clash(each, document), key=True)
        case Reach.OUT_OF_SCOPE:
            message = f"every ticket that `{each.template}` matches is outside the scope, so it never opens"
            yield _OUTSIDE.found(document, path, message, _shown(each.witness), key=True)
        case Reach.SHADOWED:
            message = f"`{each.template}` never opens: every ticket that it matches is taken by {_names(each.by)}"
            yield _SHADOWED.found(document, path, message, _shown(each.witness), key=True)
        case Reach.UNKNOWN:
            message = f"whether `{each.template}` can ever open could not be decided"
            yield _UNDECIDED.found(document, path, message, "make the condition simpler", key=True)


def _clash(each: Reached, document: Document) -> tuple[tuple[str, ...], str, str]:
    """Where, and which parts never hold together, as they are written."""
    when: dict[str, Any] = document.plain["trigger"]["when"]
    keys = sorted(when)  # the order in which a condition is read
    on = " and ".join(document.plain["trigger"]["on"])
    path, help_text = ("trigger", "when"), f"it is asked on {on}; change one part, or write any: [{{…}}, {{…}}]"
    if len(keys) == 1 or len(each.clash) == 1:
        key = keys[each.clash[0] if len(keys) > 1 else 0]
        return (*path, key), f"no ticket can ever match `{each.template}`: `{key}` can never hold", help_text
    if len(each.clash) > len(keys) or not each.clash:
        return path, f"no ticket can ever match `{each.template}`", help_text
    parts = [f"`{keys[place]}`" for place in each.clash]
    together = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return path, f"no ticket can ever match `{each.template}`: {together} can never hold together", help_text


def _peers(overlap: Overlap, routing: Document, path: tuple[str | int, ...]) -> Diagnostic:
    one, two = overlap.first, overlap.second
    if overlap.history is not None:
        message = f"`{one}` and `{two}` are peers, and both match one ticket, as it is looked at again and again"
        return _OVERLAP.found(routing, path, message, _looks(overlap.history))
    if overlap.witness is None:
        message = f"whether the peers `{one}` and `{two}` can match one ticket could not be decided"
        return _UNDECIDED.found(routing, path, message, "say which comes first, or make the conditions simpler")
    message = f"`{one}` and `{two}` are peers, and both match one ticket"
    return _OVERLAP.found(routing, path, message, _shown(overlap.witness))


def _fallback(found: Analysis, routing: Document) -> Iterator[Diagnostic]:
    if found.unmatched is not None:
        message = f"some tickets in scope are taken by the fallback alone, such as {found.unmatched.text}"
        help_text = "put that ticket into a file, and surety explain FILE says why no other template takes it"
        yield _REST.found(routing, ("fallback",), message, help_text)
    elif found.unmatched_history is not None:
        message = "some tickets in scope are taken by the fallback alone, but only after several looks"
        yield _REST.found(routing, ("fallback",), message, _looks(found.unmatched_history))
    elif not found.unmatched_known:
        message = "whether any ticket in scope is taken by the fallback alone could not be decided"
        yield _UNDECIDED.found(routing, ("fallback",), message, "make the conditions of the templates simpler")


def _no_difference(part: Pointless, document: Document, above: tuple[str, ...]) -> Iterator[Diagnostic]:
    whole: Any = document.plain
    for key in above:
        whole = whole[key]
    keys = sorted(whole)  # the order in which a condition is read
    if part.part >= len(keys):
        return  # one key with several parts, such as {all: [...]}: there is no one place for it
    key = keys[part.part]
    path: tuple[str | int, ...] = (*above, key)
    help_text = "remove it, or change what already says so"
    if part.item is None:
        yield _POINTLESS.found(document, path, f"`{key}` keeps no ticket out: the rest of the scope does", help_text)
    elif key == "any":
        message = "this alternative never makes a difference: where it holds, another one does, or nothing is in scope"
        yield _POINTLESS.found(document, (*path, part.item), message, help_text)
    else:
        listed_at, path = (
            (whole[key], path) if not isinstance(whole[key], dict) else (whole[key].get("is"), (*path, "is"))
        )
        if isinstance(listed_at, list) and part.item < len(listed_at):
            message = f"`{listed_at[part.item]}` never makes a difference: no ticket in scope matches with this `{key}`"
            yield _POINTLESS.found(document, (*path, part.item), message, help_text)


def _names(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _looks(history: History) -> str:
    """Looks at one ticket, one after another."""
    return f"for example where these looks follow one another\n{history.text}"


def _shown(witness: Witness | None) -> str:
    """A ticket to look at."""
    if witness is None:
        return ""
    return f"for example this ticket; put it into a file and ask surety explain FILE\n{witness.text}"
