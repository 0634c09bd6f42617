"""Remembers what was proven: the same contract, engine, environment and program have the same verdict.

Only a proof is kept. What is violated is told afresh, with its story; what is unknown is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from runner.contract.contract import Contract
from runner.engine.decision import SEMANTICS
from validators.check.cache import Answer, AnswerCache, cache_folder, program_state
from validators.verify.bounds import Bound
from validators.verify.environment import ENVIRONMENT_VERSION
from validators.verify.several import Request
from validators.verify.story import Scene, Step, Story
from validators.verify.verdict import Explored, Result, Verdict

__all__ = ["ProofCache"]

_FORMAT: Final = 3
"""Rises when an entry is made of something else."""


class ProofCache:
    """Proofs by everything that they depend on. Nothing is kept if there is no place for it."""

    def __init__(self, environment: Mapping[str, str], request: Request) -> None:
        folder = cache_folder(environment)
        self._cache = AnswerCache(folder) if folder is not None else None
        self._program = program_state() if folder is not None else ""
        self._request = request

    def recall(self, contract: Contract) -> Verdict | None:
        """The proof of this very contract, if one is kept."""
        if self._cache is None:
            return None
        answer = self._cache.recall(self._key(contract))
        if answer is None or answer.verdict != Result.PROVED.value:
            return None
        try:
            return _verdict(json.loads(answer.text))
        except (ValueError, KeyError, TypeError):
            return None

    def keep(self, contract: Contract, verdict: Verdict) -> None:
        """Keep a proof; anything else is let go."""
        if self._cache is not None and verdict.result is Result.PROVED:
            text = json.dumps(_plain(verdict), default=_instant)
            self._cache.keep(self._key(contract), Answer(text, verdict.template, verdict.result.value))

    def _key(self, contract: Contract) -> str:
        parts = {
            "format": _FORMAT,
            "verify": contract.digest,
            "semantics": SEMANTICS,
            "environment": ENVIRONMENT_VERSION,
            "program": self._program,
            "only": sorted(self._request.only),
            "silence_at_most": self._request.silence_at_most,
            "own": [each.model_dump(mode="json") for each in self._request.own.get(contract.name, ())],
        }
        return json.dumps(parts, sort_keys=True)


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "template": verdict.template,
        "digest": verdict.digest,
        "seconds": verdict.seconds,
        "explored": [asdict(each) for each in verdict.explored],
        "bounds": [asdict(each) for each in verdict.bounds],
    }


def _verdict(plain: dict[str, Any]) -> Verdict:
    explored = tuple(Explored(**each) for each in plain["explored"])
    bounds = tuple(map(_bound, plain["bounds"]))
    found = Verdict(plain["template"], plain["digest"], Result.PROVED, explored, (), bounds)
    return replace(found, seconds=float(plain["seconds"]))


def _bound(plain: dict[str, Any]) -> Bound:
    scenes = (Scene(each["what"], tuple(each["world"]), tuple(each["follows"])) for each in plain["story"]["scenes"])
    steps = tuple(Step(**{**each, "world": tuple(each["world"])}) for each in plain["steps"])
    start = datetime.fromisoformat(plain["start"])
    return Bound(**{**plain, "start": start, "story": Story(tuple(scenes)), "steps": steps})
