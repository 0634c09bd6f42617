"""The kinds of mutants of shipped documents, each a way to make a contract weaker or another one by rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from tests.mutants.templates.places import Place, at, changed, places, without

__all__ = ["KINDS", "Edit", "Shipped", "edits"]

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing made otherwise: which kind, where, and the document as it is then."""

    kind: str
    label: str
    plain: Plain


@dataclass(frozen=True, slots=True)
class Shipped:
    """What a maker of mutants must know of the other documents: field values, rooms, actions; what a trigger takes."""

    values: Mapping[str, tuple[str, ...]]
    rooms: tuple[str, ...]
    actions: tuple[str, ...]
    uses: Mapping[str, tuple[str, ...]]
    """By block, the blocks that it uses."""


Maker = Callable[[Plain, Shipped], Iterator[Edit]]
_DURATION: Final = re.compile(r"^([0-9]+)([smhd])$")
_SPAN: Final = re.compile(r"^([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})$")
_FILLED: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ORDERED: Final = frozenset(
    ("ladder", "sequence", "order", "members", "via", "branches", "steps", "open", "offered", "failover", "accepted",
     "exhausted", "overdue", "exception", "handoff", "resolved", "closed")
)  # fmt: skip
"""Lists whose order says what comes first."""
_REFS: Final = ("rotation", "role", "team", "person")
_OTHERWISE: Final[Mapping[str, tuple[str, ...]]] = {
    "otherwise": ("escalate", "go_on", "fail", "default"),
    "on_error": ("continue", "stop"),
    "on_leave": ("cancel", "finish"),
    "when_overdue": ("remind", "reassign", "escalation_owner"),
    "then": ("owner", "escalation_owner"),
    "postmortem": ("never", "when_breached", "always"),
    "on_other_match": ("keep", "supersede"),
    "fields": ("restore", "adopt", "flag"),
}
"""Keys whose value is one of a few words."""
_DEFAULTS: Final[Mapping[str, str]] = {
    "on_error": "continue",
    "on_leave": "cancel",
    "when_overdue": "remind",
    "postmortem": "never",
    "on_other_match": "keep",
    "fields": "adopt",
}
"""What counts if nothing is written."""
_PARTIES: Final = {
    "owner": "escalation_owner",
    "escalation_owner": "owner",
    "secondary": "primary",
    "primary": "secondary",
    "previous_owner": "owner",
}


def _drop(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """Whatever is written is left out: each key, each item of a list."""
    for each in places(plain):
        yield Edit("drop", each.label, without(plain, each.path))


def _swap(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """Neighbours change places where the order counts: rungs, steps, branches, templates, members, ways."""
    below = {each.path: each.label.rpartition("/")[2] for each in places(plain)}
    for each in places(plain):
        pairs: list[tuple[Any, Any]] = []
        if each.path == ("owners",):
            pairs = list(pairwise(each.value))
        elif isinstance(each.value, list) and each.path[-1] in _ORDERED:
            pairs = list(pairwise(range(len(each.value))))
        for one, other in pairs:
            found = changed(plain, (*each.path, one), each.value[other])
            at(found, each.path)[other] = each.value[one]
            names = f"{below[*each.path, one]} and {below[*each.path, other]}"
            yield Edit("swap", f"{each.label}: {names}", found)
        if each.key == "contacts" and isinstance(each.value, dict):
            for one, other in pairwise(each.value):
                order = [other if key == one else one if key == other else key for key in each.value]
                value = {key: each.value[key] for key in order}
                yield Edit("swap", f"{each.label}: {one} and {other}", changed(plain, each.path, value))


def _loosen(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """Each time is twice as long, each number one more, each day of a calendar an hour longer at both ends."""
    for each in places(plain):
        value: Any = each.value
        more: int | str | None = None
        if isinstance(value, int) and not isinstance(value, bool):
            more = value + 1
        elif isinstance(value, str) and (time := _DURATION.match(value)):
            more = f"{2 * int(time[1])}{time[2]}"
        elif isinstance(value, str) and (span := _SPAN.match(value)):
            more = f"{int(span[1]) - 1:02}:{span[2]}-{int(span[3]) + 1:02}:{span[4]}"
        if more is not None:
            label = each.label.removesuffix(f"/{value}")
            yield Edit("loosen", f"{label}: {value} to {more}", changed(plain, each.path, more))


def _conditions(plain: Plain) -> Iterator[Place]:
    """Every condition as a whole."""
    for each in places(plain):
        if isinstance(each.value, dict) and (
            each.path[-1] in {"when", "until"} or (each.path == ("scope",) and plain["kind"] == "Routing")
        ):
            yield each


def _parts(plain: Plain) -> Iterator[Place]:
    """Every part of a condition: a field with what is asked of it, `any`, `all`, `not`."""
    tops = [each.path for each in _conditions(plain)]
    for each in places(plain):
        top = next((path for path in tops if each.path[: len(path)] == path), None)
        if top is not None and each.keyed and len(each.path) > len(top):
            above = each.path[len(top) : -1]
            if all(isinstance(key, int) or key in {"any", "all", "not"} for key in above):
                yield each


def _negate(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """Each condition and each part of one is turned round."""
    for each in _conditions(plain):
        yield Edit("negate", each.label, changed(plain, each.path, {"not": each.value}))
    for each in _parts(plain):
        key, holder = each.path[-1], each.path[:-1]
        rest = {name: value for name, value in at(plain, holder).items() if name != key}
        if key == "not":
            turned = {**rest, **each.value} if not rest.keys() & each.value.keys() else None
        elif "not" in rest:
            turned = {**rest, "not": {"any": [rest["not"], {key: each.value}]}}
        else:
            turned = {**rest, "not": {key: each.value}}
        if turned is not None:
            yield Edit("negate", each.label, changed(plain, holder, turned))
        if key in {"any", "all"}:
            other = "all" if key == "any" else "any"
            value = {(other if name == key else name): inner for name, inner in at(plain, holder).items()}
            yield Edit("negate", f"{each.label} to {other}", changed(plain, holder, value))


def _people(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """Each person, role, rotation, team or party is somebody else."""
    for each in places(plain):
        value = each.value
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _REFS:
            role = "support-lead" if value == {"role": "head-of-operations"} else "head-of-operations"
            yield Edit("people", f"{each.label} to {role}", changed(plain, each.path, {"role": role}))
        elif each.path[-1] in {"who", "to", "assign", "default"} and isinstance(value, str) and value in _PARTIES:
            other = _PARTIES[value]
            yield Edit("people", f"{each.label}: {value} to {other}", changed(plain, each.path, other))
        elif each.path[-1] in {"last_resort", "audit_authority", "instead_of", "person"} and isinstance(value, str):
            other = "ravi-menon" if value == "helen-park" else "helen-park"
            if len(at(plain, each.path[:-1])) > 1:
                yield Edit("people", f"{each.label} to {other}", changed(plain, each.path, other))


def _otherwise(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """Each word of a few is another one: what follows on a time, a failure, an end; each flag is the other one."""
    for each in places(plain):
        if isinstance(each.value, bool):
            yield Edit("otherwise", f"{each.label} to {not each.value}", changed(plain, each.path, not each.value))
        for other in _OTHERWISE.get(str(each.path[-1]), ()):
            if _DEFAULTS.get(str(each.path[-1])) == other:
                continue  # as if it were left out
            if isinstance(each.value, str) and each.value in _OTHERWISE[str(each.path[-1])] and other != each.value:
                yield Edit("otherwise", f"{each.label} to {other}", changed(plain, each.path, other))


def _undo(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """What is taken back is never taken back; what waits for a later step does not."""
    for each in places(plain):
        if each.path[-1] == "undo" and plain["kind"] != "Actions":
            if not (isinstance(each.value, dict) and "never" in each.value):
                never = {"never": "It is left as it is."}
                yield Edit("undo", f"{each.label} to never", changed(plain, each.path, never))
            elif "set_fields" in at(plain, each.path[:-1]):
                yield Edit("undo", f"{each.label} to restore", changed(plain, each.path, "restore"))


def _values(plain: Plain, shipped: Shipped) -> Iterator[Edit]:
    """Each value of a ticket field, asked for or written, is the next one that is declared."""
    for each in places(plain):
        path = each.path if each.keyed else each.path[:-1]
        field = str(path[-1])
        known = shipped.values.get(field, ())
        if isinstance(each.value, str) and each.value in known and (each.keyed or isinstance(path[-1], str)):
            other = known[(known.index(each.value) + 1) % len(known)]
            label = each.label.removesuffix(f"/{each.value}")
            yield Edit("values", f"{label}: {each.value} to {other}", changed(plain, each.path, other))


def _ways(plain: Plain, shipped: Shipped) -> Iterator[Edit]:
    """Each room and each action is another one."""
    for each in places(plain):
        for keys, known in (({"room"}, shipped.rooms), ({"run", "source", "action"}, shipped.actions)):
            if each.path[-1] in keys and isinstance(each.value, str) and each.value in known:
                other = known[(known.index(each.value) + 1) % len(known)]
                yield Edit("ways", f"{each.label}: {each.value} to {other}", changed(plain, each.path, other))


def _loops(plain: Plain, shipped: Shipped) -> Iterator[Edit]:
    """A block uses itself, or the block that uses it; a ladder begins anew ever again; a ticket that a step creates
    opens the same escalation."""
    if plain["kind"] == "Block":
        name = plain["name"]
        for other in (name, *(user for user, used in shipped.uses.items() if name in used)):
            yield Edit("loop", f"uses {other}", changed(plain, ("steps",), [*plain["steps"], {"use": other}]))
        return
    if plain["kind"] != "Template":
        return
    yield Edit("loop", "accept/repeat: 9", changed(plain, ("accept",), {**plain["accept"], "repeat": 9}))
    taken = {field: _first(value) for field, value in plain["trigger"]["when"].items() if _first(value) is not None}
    for each in places(plain):
        if each.path[-1] == "create_ticket" and taken:
            fields = {**each.value.get("fields", {}), **taken}
            yield Edit("loop", f"{each.label} opens it again", changed(plain, (*each.path, "fields"), fields))


def _first(value: Any) -> Any:
    """A value that a part of a trigger takes; None if it asks for something else."""
    if isinstance(value, dict):
        return "loop" if value == {"set": True} else None
    return (
        value[0]
        if isinstance(value, list) and not isinstance(value[0], dict)
        else value
        if not isinstance(value, list)
        else None
    )


def _blank(plain: Plain, _shipped: Shipped) -> Iterator[Edit]:
    """Nothing is filled into a text: no name, no ticket, no time."""
    for each in places(plain):
        if isinstance(each.value, str) and _FILLED.search(each.value):
            yield Edit("blank", each.label, changed(plain, each.path, _FILLED.sub("(…)", each.value)))


KINDS: Final[Mapping[str, tuple[str, Maker]]] = {
    "drop": ("a key, a step, an item of a list is left out", _drop),
    "swap": ("neighbours change places where the order counts", _swap),
    "loosen": ("a time is twice as long, a number one more, a day an hour longer at both ends", _loosen),
    "negate": ("a condition, or a part of one, is turned round", _negate),
    "people": ("somebody else is meant", _people),
    "otherwise": ("a word of a few, or a flag, is another one", _otherwise),
    "undo": ("what is taken back is not, or the other way round", _undo),
    "values": ("a value of a ticket field is the next one", _values),
    "ways": ("a room or an action is another one", _ways),
    "loop": ("a block uses itself, a ladder begins ever again, a created ticket opens the same escalation", _loops),
    "blank": ("nothing is filled into a text", _blank),
}
"""By kind what is made wrong, and what makes it."""


def edits(plain: Plain, shipped: Shipped) -> Iterator[Edit]:
    """Every mutant of a document."""
    for _, make in KINDS.values():
        yield from make(plain, shipped)
