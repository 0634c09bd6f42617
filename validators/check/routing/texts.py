"""Texts that fit some patterns and not others: finds a short one, or proves that there is none.

A pattern is what `contains` and `like` ask of a text whose letters were folded. The search walks the product of their
automata, so it is exact; it never looks at more texts than the automata have states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import translate
from functools import cache, lru_cache
from itertools import pairwise

from runner.contract.conditions import Contains, Like
from validators.check.routing.domains import LONGEST_TEXT

__all__ = ["Pattern", "find_text", "fits", "plain_text"]

Pattern = Contains | Like
_PLAIN = "xabcdefghijklmnopqrstuvwyz0123456789 -"
_SURROGATES = range(0xD800, 0xE000)
_Token = str
"""`*`, `?`, a bracket expression, or a character with `=` before it."""


def fits(pattern: Pattern, text: str) -> bool:
    """Whether a text, whatever the case of its letters, fits."""
    folded = text.casefold()
    if isinstance(pattern, Contains):
        return pattern.text.casefold() in folded
    return bool(_compiled(pattern.glob.casefold()).match(folded))


def plain_text(avoid: Collection[str]) -> str:
    """A short text that is none of these."""
    for char in _PLAIN.strip(" -"):
        if char not in avoid:
            return char
    number = 1
    while f"other {number}" in avoid:
        number += 1
    return f"other {number}"


def find_text(
    wanted: Collection[Pattern], unwanted: Collection[Pattern], avoid: Collection[str], spend: Callable[[int], None]
) -> str | None:
    """A short text that fits all of `wanted`, none of `unwanted`, and is none of `avoid`; None if there is none.

    `spend` is told of each step of the search, and may raise.
    """
    if not wanted and not unwanted:
        return plain_text(avoid)
    patterns = [*wanted, *unwanted]
    spend(len(avoid))
    near = [
        text
        for text in avoid
        if all(fits(each, text) for each in wanted) and not any(fits(each, text) for each in unwanted)
    ]
    folded = frozenset(text.casefold() for text in near)
    word = _search([_tokens(each) for each in patterns], len(wanted), folded, spend)
    if word is not None:
        return word
    for each in sorted(folded):
        for spelling in _spellings(each):
            spend(1)
            if spelling not in avoid and len(spelling) <= LONGEST_TEXT:
                return spelling
    return None


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


def _tokens(pattern: Pattern) -> tuple[_Token, ...]:
    if isinstance(pattern, Contains):
        return ("*", *(f"={char}" for char in pattern.text.casefold()), "*")
    glob, tokens, at = pattern.glob.casefold(), [], 0
    while at < len(glob):
        char, end = glob[at], at + 1
        if char == "[":
            end = _bracket_end(glob, at)
        if end > at + 1:
            tokens.append(glob[at:end])
        elif char in "*?":
            tokens.append(char)
        else:
            tokens.append(f"={char}")
        at = end
    return tuple(tokens)


def _bracket_end(glob: str, at: int) -> int:
    """Where a bracket expression ends, as `fnmatch` reads it; the next character if it is none."""
    start = at + 1
    start += glob[start : start + 1] == "!"
    start += glob[start : start + 1] == "]"
    end = glob.find("]", start)
    return end + 1 if end >= 0 else at + 1


def _takes(token: _Token, char: str) -> bool:
    if token[0] == "=":
        return token[1] == char
    return token in ("*", "?") or bool(_compiled(token).match(char))


def _search(
    machines: Sequence[tuple[_Token, ...]], wanted: int, avoid: frozenset[str], spend: Callable[[int], None]
) -> str | None:
    """The shortest folded word that the first `wanted` machines accept and the others do not, none of `avoid`."""
    alphabet = _alphabet(machines, avoid)
    starts = frozenset(word[:length] for word in avoid for length in range(len(word) + 1))
    state = tuple(_closed(machine, {0}) for machine in machines)
    first = (state, "" if "" in starts else None)
    seen, layer = set(), [(first, "")]  # the start is not seen yet: the empty text is no value
    while layer:
        following = []
        for (state, prefix), word in layer:
            for char in alphabet:
                spend(len(machines))
                grown = prefix + char if prefix is not None else None
                after = (
                    tuple(_step(machine, at, char) for machine, at in zip(machines, state, strict=True)),
                    grown if grown in starts else None,
                )
                if after in seen or not all(after[0][:wanted]):
                    continue
                seen.add(after)
                accepted = [len(machine) in at for machine, at in zip(machines, after[0], strict=True)]
                if all(accepted[:wanted]) and not any(accepted[wanted:]) and after[1] not in avoid:
                    return word + char
                if len(word) + 1 < LONGEST_TEXT:
                    following.append((after, word + char))
        layer = following
    return None


def _closed(machine: tuple[_Token, ...], places: set[int]) -> frozenset[int]:
    """The places with those behind a `*` that may stand for nothing."""
    for place in range(len(machine)):
        if place in places and machine[place] == "*":
            places.add(place + 1)
    return frozenset(places)


def _step(machine: tuple[_Token, ...], places: frozenset[int], char: str) -> frozenset[int]:
    after = set()
    for place in places:
        if place < len(machine) and _takes(machine[place], char):
            after.add(place if machine[place] == "*" else place + 1)
    return _closed(machine, after)


def _alphabet(machines: Sequence[tuple[_Token, ...]], avoid: frozenset[str]) -> list[str]:
    """Characters enough: each that is named, and of those that no machine tells apart one that is not."""
    tokens = sorted({token for machine in machines for token in machine})
    named = {token[1] for token in tokens if token[0] == "="} | {char for word in avoid for char in word}
    sets = [token for token in tokens if len(token) > 1 and token[0] == "["]
    edges = {0, 0x110000} | {ord(char) + more for token in sets for char in token for more in (0, 1)}
    edges |= {ord(char) + more for char in named for more in (0, 1)}
    cuts = sorted(edges)
    found: dict[tuple[bool, ...], str] = {}
    for low, high in pairwise(cuts):
        if chr(low) in named and high == low + 1:
            continue
        sort = tuple(_takes(token, chr(low)) for token in sets)
        char = _folded_char(low, high)
        if char is not None and (sort not in found or _rank(char) < _rank(found[sort])):
            found[sort] = char
    plain = sorted(found.values(), key=lambda char: (_rank(char), char))
    return [*plain, *sorted(char for char in named if char.casefold() == char)]


def _rank(char: str) -> int:
    """The plainer the less."""
    return _PLAIN.index(char) if char in _PLAIN else len(_PLAIN)


def _folded_char(low: int, high: int) -> str | None:
    """A plain character of a range that folding leaves alone; None if it has none."""
    for char in _PLAIN:
        if low <= ord(char) < high:
            return char
    folded = (chr(code) for code in range(low, high) if code not in _SURROGATES and chr(code).casefold() == chr(code))
    first = next(folded, None)
    return first if first is None or first.isprintable() else next(filter(str.isprintable, folded), first)


@cache
def _unfolded() -> dict[str, list[str]]:
    """By folded text, the single characters that fold to it, other than itself."""
    found: dict[str, list[str]] = {}
    for code in range(0x110000):
        folded = chr(code).casefold()
        if folded != chr(code):
            found.setdefault(folded, []).append(chr(code))
    return found


def _spellings(word: str) -> Iterator[str]:
    """Every text that folds to a word, itself first."""
    if not word:
        yield ""
        return
    yield from (word[0] + rest for rest in _spellings(word[1:]))
    table = _unfolded()
    for length in (1, 2, 3):
        if length <= len(word):
            for char in table.get(word[:length], ()):
                yield from (char + rest for rest in _spellings(word[length:]))
