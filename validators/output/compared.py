"""How two versions of a template differ, for people: what changed, the first course that tells them apart, numbers.

What was not looked at is said, and "no difference" only where nothing was left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from runner.contract.values import format_duration
from validators.verify.part_words import part_words

if TYPE_CHECKING:
    from validators.verify.compare import Comparison, Difference, Number
    from validators.verify.story import Scene

__all__ = ["compared_lines", "compared_plain", "compared_words"]

_OTHERS: Final = 6
_TOLD: Final = 10  # scenes of a course that both have in common; of more the first ones and the last
_LAST: Final = 2
_SHOWN: Final = 30  # changes of a contract, and scenes of a course; a longer list is read by nobody


def compared_words(comparison: Comparison) -> str:
    """The result in one sentence."""
    seen = f"{comparison.pairs:,} pair{'s' * (comparison.pairs != 1)} of states"
    match comparison.result:
        case "new":
            return "new: it exists only after"
        case "removed":
            return "removed: it exists only before, and nothing takes its place under this name"
        case "same":
            return "the same contract before and after, so everything is decided alike"
        case "differs":
            first = comparison.differences[0]
            told = "" if first.deep else f": {first.sides[0]} before, {first.sides[1]} after"
            return f"differs: {first.words}{told}"
        case "unknown":
            return f"UNKNOWN whether it differs: none was found in {seen}, and not everything was looked at"
        case _:
            return _alike(comparison, seen)


def _alike(comparison: Comparison, seen: str) -> str:
    sorts = {each.sort for each in comparison.changes}
    if sorts <= {"text"}:
        return "only texts differ: everything is decided alike"
    if sorts <= {"text", "trigger"}:
        return "it opens for other tickets: once it is open, everything is decided alike"
    if comparison.unshown:
        return f"decided alike, apart from times, people and work: no course shows it so far ({seen})"
    return f"changed, but no course shows a difference ({seen}, which are all there are)"


def compared_lines(comparison: Comparison) -> Iterator[str]:
    """Everything about one template, for a terminal."""
    yield f"{comparison.template}: {compared_words(comparison)}"
    if comparison.changes:
        yield "  what changed in the contract:"
        yield from _changes(comparison)
    told = _told_in_full(comparison)
    for place, each in enumerate(told):
        way = "the shortest course after which they go other ways" if place else "the shortest course that differs"
        yield from _course(each, way)
    others = [each for each in comparison.differences if each not in told]
    for each in others[:_OTHERS]:
        steps = max(len(each.before.scenes), len(each.after.scenes))
        yield f"  also, after {steps} step{'s' * (steps != 1)} ({part_words(each.part)}): {each.words}"
        yield from _sides(each)
    if len(others) > _OTHERS:
        yield f"  and {len(others) - _OTHERS} more differences"
    for limits, what in (
        (comparison.limits, "not looked at any further, so there may be more"),
        (comparison.unshown, "differs in times, people or work alone, which no course has shown so far"),
    ):
        for limit, parts in _grouped(limits).items():
            yield f"  {what}: {part_words(*parts)} ({limit})"
    for number in comparison.numbers:
        yield f"  longest time {number.words}: {_number(number)}"


def _grouped(limits: Sequence[str]) -> dict[str, list[str]]:
    """By limit the parts that stopped at it."""
    found: dict[str, list[str]] = {}
    for each in limits:
        part, _, limit = each.rpartition(": ")
        found.setdefault(limit, []).append(part)
    return found


def _told_in_full(comparison: Comparison) -> list[Difference]:
    """The first difference, and the first after which the two go other ways."""
    deep = next((each for each in comparison.differences if each.deep), None)
    first = comparison.differences[:1]
    return [*first, *((deep,) if deep is not None and deep not in first else ())]


def _changes(comparison: Comparison) -> Iterator[str]:
    for each in comparison.changes[:_SHOWN]:
        rule = f" [{each.rule}]" if each.rule else ""
        if each.before is None or each.after is None:
            there = "only after" if each.before is None else "only before"
            value = each.after if each.before is None else each.before
            yield f"    {each.where}: {there}{'' if value == 'there' else f': {value}'}{rule}"
        else:
            yield f"    {each.where}: {each.before} before, {each.after} after{rule}"
    more = len(comparison.changes) - _SHOWN
    if more > 0:
        yield f"    and {more} more"


def _course(difference: Difference, words: str) -> Iterator[str]:
    before, after = difference.before.scenes, difference.after.scenes
    same = len(list(takewhile(lambda both: both[0] == both[1], zip(before, after, strict=False))))
    yield f"  {words} ({part_words(difference.part)}):"
    first = same if same <= _TOLD else _TOLD - _LAST
    yield from _scenes(before[:first], 1, "    ")
    if first < same:
        yield f"    … {same - _TOLD:,} more, the same in both"
        yield from _scenes(before[same - _LAST : same], same - _LAST + 1, "    ")
    for side, scenes in (("before", before[same:]), ("after", after[same:])):
        if scenes:
            yield f"    {side}:"
            yield from _scenes(scenes, same + 1, "      ")
    yield f"    what differs: {difference.words}"
    yield from _sides(difference)


def _sides(difference: Difference) -> Iterator[str]:
    for words, side, rule in zip(("before", "after"), difference.sides, difference.rules, strict=True):
        yield f"      {words}: {side}{f' [{rule}]' if rule else ''}"


def _scenes(scenes: Sequence[Scene], first: int, indent: str) -> Iterator[str]:
    for number, scene in enumerate(scenes[:_SHOWN], start=first):
        world = f" ({'; '.join(scene.world)})" if scene.world else ""
        yield f"{indent}{number}. {scene.what}{world}"
        yield from (f"{indent}     {follows}" for follows in scene.follows or ("nothing follows",))


def _number(number: Number) -> str:
    before, after = (_time(each) for each in (number.before, number.after))
    if number.there != "both":
        return f"{before if number.there == 'before' else after}, asked for only {number.there}"
    said = before if before == after else f"{before} before, {after} after"
    limits = ["any" if each is None else format_duration(each) for each in number.limits]
    if limits[0] != limits[1]:
        return f"{said}; {limits[0]} allowed before, {limits[1]} after"
    return said if number.limits[1] is None else f"{said}; {limits[1]} allowed"


def _time(seconds: int | None) -> str:
    return "need not come at all" if seconds is None else format_duration(seconds)


def compared_plain(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON data."""
    return {
        "template": comparison.template,
        "result": comparison.result,
        "words": compared_words(comparison),
        "changes": comparison.changes,
        "differences": comparison.differences,
        "pairs": comparison.pairs,
        "limits": comparison.limits,
        "unshown": comparison.unshown,
        "numbers": comparison.numbers,
    }
