"""Checks of people, rotations and absences beyond their shape: names, zones, dates, circles. Compiles nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from runner.contract import policies as pol
from runner.contract.documents import Document, Path
from runner.contract.values import format_instant

if TYPE_CHECKING:
    from runner.contract.references import References

__all__ = ["check_absences", "check_people", "check_rotations"]


def check_people(references: References, document: Document) -> None:
    """Note what is wrong with people and teams."""
    people = document.read_as(pol.People)
    for name, person in people.people.items():
        here = ("people", name)
        references.zone(person.zone, document, (*here, "zone"))
        for channel in person.contacts:
            references.known("channel", channel, document, (*here, "contacts", channel), key=True)
        if person.substitute is not None:
            references.known("person", person.substitute, document, (*here, "substitute"))
    for name, team in people.teams.items():
        references.each("person", team.members, document, ("teams", name, "members"))
    substitutes = {name: (each.substitute,) for name, each in people.people.items() if each.substitute is not None}
    for circle in _circles(substitutes):
        first = circle[0]
        message = (
            f"`{first}` is their own substitute"
            if len(circle) == 1
            else f"{_arrows(circle)}: these substitutes stand in for each other in a circle"
        )
        help_text = "let the chain end with somebody who has no substitute; if all are away, the rung is skipped"
        references.wrong(document, "SUR310", ("people", first, "substitute"), message, help_text)


def check_rotations(references: References, document: Document) -> None:
    """Note what is wrong with rotations."""
    rotations = document.read_as(pol.Rotations).rotations
    for name, rotation in rotations.items():
        here = ("rotations", name)
        references.zone(rotation.zone, document, (*here, "zone"))
        _check_turns(references, rotation, document, here)
        for index, version in enumerate(rotation.versions):
            references.day(version.effective_from[:10], document, (*here, "versions", index, "effective_from"))
            _check_turns(references, version, document, (*here, "versions", index))
        for index, override in enumerate(rotation.overrides):
            references.known("person", override.person, document, (*here, "overrides", index, "person"))
        _check_overlaps(references, [*enumerate(rotation.overrides)], document, (*here, "overrides"), "overrides hold")
        references.each("rotation", rotation.apart_from, document, (*here, "apart_from"))
    for circle in _circles({name: each.apart_from for name, each in rotations.items()}):
        message = f"{_arrows(circle)}: these rotations are kept apart from each other in a circle"
        if len(circle) == 1:
            message = f"`{circle[0]}` is kept apart from itself"
        help_text = "let one of them give way: `apart_from` stands in the rotation that takes the next member"
        references.wrong(document, "SUR320", ("rotations", circle[0], "apart_from"), message, help_text, key=True)


def check_absences(references: References, document: Document) -> None:
    """Note what is wrong with absences and swaps."""
    absences = document.read_as(pol.Absences)
    for index, absence in enumerate(absences.absences):
        references.known("person", absence.person, document, ("absences", index, "person"))
    for index, swap in enumerate(absences.swaps):
        here: Path = ("swaps", index)
        references.known("rotation", swap.rotation, document, (*here, "rotation"))
        references.known("person", swap.person, document, (*here, "person"))
        references.known("person", swap.instead_of, document, (*here, "instead_of"))
    together: dict[tuple[str, str], list[tuple[int, pol.Swap]]] = {}
    for index, swap in enumerate(absences.swaps):
        together.setdefault((swap.rotation, swap.instead_of), []).append((index, swap))
    for (_, who), swaps in together.items():
        _check_overlaps(references, swaps, document, ("swaps",), f"people take over the shifts of {who}")


def _check_turns(
    references: References, turns: pol.Rotation | pol.RotationVersion, document: Document, here: Path
) -> None:
    written = turns.layers is not None
    for index, layer in enumerate(turns.stack):
        at: Path = (*here, "layers", index) if written else here
        references.each("person", layer.members, document, (*at, "members"))
        references.day(layer.starts, document, (*at, "starts"))


def _check_overlaps(
    references: References,
    spans: Sequence[tuple[int, pol.Override | pol.Swap]],
    document: Document,
    path: Path,
    what: str,
) -> None:
    """Of spans with their places in the list at `path`, none is in force together with one before it."""
    for position, (index, last) in enumerate(spans):
        for _, other in spans[:position]:
            since, until = max(other.from_, last.from_), min(other.until, last.until)
            if since < until:
                when = f"from {format_instant(since)[:16]}Z until {format_instant(until)[:16]}Z"
                message = f"two {what} {when}: {other.person} and {last.person}"
                references.wrong(document, "SUR321", (*path, index), message, "let one end where the other begins")
                break


def _circles(follows: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Every circle once, from its first name in the order of `follows`; what does not exist is no part of one."""
    reported: set[str] = set()
    for first in follows:
        circle = _way_back(first, follows)
        if circle and not reported & set(circle):
            reported |= set(circle)
            yield circle


def _way_back(first: str, follows: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The shortest way from a name to itself; empty if there is none."""
    ways: list[tuple[str, ...]] = [(first,)]
    seen: set[str] = set()
    for way in ways:
        for name in follows.get(way[-1], ()):
            if name == first:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()


def _arrows(circle: tuple[str, ...]) -> str:
    return " → ".join((*circle, circle[0]))
