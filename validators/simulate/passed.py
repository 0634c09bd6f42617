"""Remembers which scenarios have passed: with the same program and revision, the same file passes again.

Only what has passed is kept. What fails is run again, with its story; and what is to be covered or counted is run too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from validators.check.cache import Answer, AnswerCache, cache_folder, program_state
from validators.simulate.results import Place, ScenarioResult

__all__ = ["Kept", "PassedCache", "to_keep"]

_FORMAT: Final = 1
"""Rises when an entry is made of something else."""
_PASSED: Final = "passed"
Kept = dict[str, list[dict[str, Any]]]
"""By the digest of a file, what its scenarios are called, where they stand and how much was decided."""


class PassedCache:
    """What has passed under one revision. Nothing is kept if there is no place for it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        folder = cache_folder(environment)
        self._cache = AnswerCache(folder) if folder is not None else None
        self._program = program_state() if folder is not None else ""
        self._key = ""
        self._kept: Kept = {}
        self.now: Kept = {}
        """What is to be kept: what of it is still asked for, and what has passed since."""

    def open(self, sources: Mapping[str, bytes]) -> None:
        """Look up what passed under a revision, which is told by the bytes of all its files but the scenarios."""
        if self._cache is None:
            return
        files = {path: hashlib.sha256(data).hexdigest() for path, data in sources.items()}
        parts = {"format": _FORMAT, "test": files, "program": self._program}
        self._key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode(errors="surrogateescape")).hexdigest()
        answer = self._cache.recall(self._key)
        try:
            self._kept = json.loads(answer.text) if answer is not None and answer.verdict == _PASSED else {}
        except ValueError:
            self._kept = {}

    def of(self, path: str, data: bytes) -> list[ScenarioResult] | None:
        """The results of all scenarios of a file, if all of them have passed."""
        digest = _digest(path, data)
        try:
            found = [_result(path, each) for each in self._kept[digest]]
        except (KeyError, TypeError, AttributeError):
            return None
        self.now[digest] = self._kept[digest]
        return found

    def keep(self) -> None:
        """Keep what has passed now, if it is not what was kept already."""
        if self._cache is not None and self._key and self.now != self._kept:
            self._cache.keep(self._key, Answer(json.dumps(self.now), "surety test", _PASSED))


def to_keep(path: str, data: bytes, results: Sequence[ScenarioResult]) -> Kept:
    """What to keep of a file whose scenarios were all run; nothing unless all passed, and no more is said of them."""
    if not all(map(_is_plain_pass, results)):
        return {}
    places = [(each, each.place) for each in results if each.place is not None]
    kept = [
        {"name": each.name, "case": place.case, "zone": place.zone, "start": place.start, "decided": each.decided}
        for each, place in places
    ]
    return {_digest(path, data): kept} if kept else {}


def _digest(path: str, data: bytes) -> str:
    return hashlib.sha256(path.encode(errors="surrogateescape") + b"\n" + data).hexdigest()


def _result(path: str, kept: Mapping[str, Any]) -> ScenarioResult:
    place = Place(path, kept["case"], kept["zone"], kept["start"])
    return ScenarioResult(kept["name"], (), (), (), (), place, decided=kept["decided"])


def _is_plain_pass(result: ScenarioResult) -> bool:
    """Whether there is no more to be said of it than that it passed."""
    return result.place is not None and result == replace(
        ScenarioResult(result.name, (), (), (), ()), place=result.place, decided=result.decided
    )
