"""Which value each comment of a document speaks of: the entry below it, the one beside it, or the end of a collection.

A comment on a line of its own belongs to what follows, unless it stands deeper: then it ends what went before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from runner.contract.layout import Comment, Entry, Layout, Part

__all__ = ["Remark", "Remarks", "attach"]


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, and whether an empty line goes before it."""

    text: str
    spaced: bool


@dataclass(slots=True)
class Remarks:
    """Comments by what they belong to; entries and parts are the keys, as the objects they are."""

    head: list[Remark] = field(default_factory=list)
    """Above everything."""
    above: dict[Entry, list[Remark]] = field(default_factory=lambda: defaultdict(list))
    beside: dict[Entry, list[str]] = field(default_factory=lambda: defaultdict(list))
    """On the line of an entry; of a collection on the line of its key."""
    below: dict[Part, list[Remark]] = field(default_factory=lambda: defaultdict(list))
    """After the last entry of a collection."""
    spaced: set[Entry] = field(default_factory=set)
    """Entries with an empty line before them, and after the comments above them."""

    def within(self, part: Part) -> bool:
        """Whether there is a comment anywhere inside a collection."""
        return bool(self.below.get(part)) or any(
            self.above.get(each) or self.beside.get(each) or self.within(each.value) for each in part.entries
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry, the collection it stands in, and the place of that collection."""

    entry: Entry
    container: Part
    up: _Place | None

    def chain(self) -> Iterator[Part]:
        """The collections around it, the innermost first."""
        here: _Place | None = self
        while here is not None:
            yield here.container
            here = here.up


def attach(layout: Layout) -> Remarks:
    """Every comment of a document whose root is a collection with entries, given to what it speaks of."""
    remarks = Remarks()
    places = list(_places(layout.root, None))
    starts = [place.entry.start for place in places]
    for place in places:
        if layout.follows_blank_line(place.entry.start):
            remarks.spaced.add(place.entry)
    for comment in layout.comments:
        index = bisect_left(starts, comment.start)
        after = places[index] if index < len(places) else None
        remark = Remark(comment.text, layout.follows_blank_line(comment.start))
        if index == 0:
            remarks.head.append(remark)
        else:
            _give(remarks, comment, remark, places[index - 1], after)
    return remarks


def _places(part: Part, up: _Place | None) -> Iterator[_Place]:
    for entry in part.entries:
        place = _Place(entry, part, up)
        yield place
        yield from _places(entry.value, place)


def _give(remarks: Remarks, comment: Comment, remark: Remark, before: _Place, after: _Place | None) -> None:
    at = comment.start
    while before.container.flow and before.container.end <= at and before.up is not None:
        before = before.up
    entry, value = before.entry, before.entry.value
    if value.flow and value.start < at < value.end:  # in brackets, before the first entry
        remarks.above[value.entries[0] if value.entries else entry].append(remark)
    elif not comment.own_line:
        remarks.beside[entry].append(comment.text)
    elif before.container.flow:
        if after is not None and after.entry.start < before.container.end:
            remarks.above[after.entry].append(remark)
        else:
            remarks.below[before.container].append(remark)
    elif value.start > at and (value.flow or not value.is_collection):  # between a key and its value
        remarks.above[entry].append(remark)
    elif after is not None and (after.container is value or comment.column <= after.container.column):
        remarks.above[after.entry].append(remark)
    else:
        chain = list(before.chain())
        owner = next((each for each in chain if each.column <= comment.column), chain[-1])
        if after is not None and owner is after.container:
            remarks.above[after.entry].append(remark)
        else:
            remarks.below[owner].append(remark)
