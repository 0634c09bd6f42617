"""Two versions under the same moves: the first difference, and worst-case times before and after."""

from __future__ import annotations

import json
from pathlib import Path

from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import one_rung
from validators.verify.bounds import bounds_of
from validators.verify.cache import ProofCache
from validators.verify.compare import compare
from validators.verify.several import Request
from validators.verify.verdict import Result, Verdict, verify


def test_the_same_digest_is_the_same_contract() -> None:
    found = compare(one_rung(), one_rung())
    assert found.same_digest
    assert found.difference is None


def test_a_changed_text_changes_nothing_that_happens() -> None:
    found = compare(one_rung(), one_rung(statement="Said in other words."))
    assert not found.same_digest
    assert found.known
    assert found.difference is None
    assert found.pairs > 5


def test_one_more_pass_differs_where_the_ladder_ends() -> None:
    found = compare(one_rung(), one_rung(repeat=1))
    assert found.difference is not None
    assert len(found.before.scenes) == len(found.after.scenes) >= 1
    last = next(each for each in found.numbers if each.name == "last-asked")
    assert last.before == last.after == 0


def test_a_longer_timebox_shows_in_the_numbers() -> None:
    plain = small_stages()[0].contract.model_dump(mode="json")
    short, long = (
        plain["ladder"][1:],
        [{**plain["ladder"][1], "within": {"seconds": 7200, "calendar": None}}, plain["ladder"][2]],
    )
    found = compare(one_rung(ladder=short), one_rung(ladder=long))
    knows = next(each for each in found.numbers if each.name == "manager-knows")
    assert knows.after == 7200
    assert knows.before == plain["ladder"][1]["within"]["seconds"]


def test_bounds_have_a_witness_and_are_held_against_the_limit() -> None:
    contract = one_rung(ladder=small_stages()[0].contract.model_dump(mode="json")["ladder"][1:])
    knows, last, silence = bounds_of(contract, silence_at_most=1)
    within = contract.ladder[0].within.seconds
    assert knows.seconds == within
    assert last.seconds == within * (1 + contract.limits.untold_retries), "each try reaches nobody"
    assert len(knows.story.scenes) == 2
    assert not knows.broken
    assert silence.broken
    verdict = verify(contract, clock=lambda: 0.0, silence_at_most=1, only=("silence",))
    assert verdict.result is Result.VIOLATED
    assert [each.name for each in verdict.violations] == ["silence"]


def test_a_proof_is_remembered_and_nothing_else(tmp_path: Path) -> None:
    contract = one_rung()
    request = Request(1_000_000, 60.0, (), None, lambda: 0.0)
    cache = ProofCache({"SURETY_CACHE_DIR": str(tmp_path)}, request)
    assert cache.recall(contract) is None
    cache.keep(contract, Verdict(contract.name, contract.digest, Result.UNKNOWN, (), ()))
    assert cache.recall(contract) is None
    verdict = verify(contract, clock=lambda: 0.0)
    assert verdict.result is Result.PROVED, verdict.violations
    cache.keep(contract, verdict)
    found = cache.recall(contract)
    assert found is not None
    assert (found.explored, found.bounds, found.result) == (verdict.explored, verdict.bounds, Result.PROVED)
    assert cache.recall(one_rung(repeat=1)) is None
    other = ProofCache({"SURETY_CACHE_DIR": str(tmp_path)}, Request(1, 60.0, ("proven",), None, lambda: 0.0))
    assert other.recall(contract) is None


def test_a_damaged_proof_is_as_if_there_were_none(tmp_path: Path) -> None:
    contract, request = one_rung(), Request(1, 1.0, (), None, lambda: 0.0)
    cache = ProofCache({"SURETY_CACHE_DIR": str(tmp_path)}, request)
    cache.keep(contract, Verdict(contract.name, contract.digest, Result.PROVED, (), ()))
    for file in tmp_path.glob("*.json"):
        entry = json.loads(file.read_text())
        file.write_text(json.dumps({**entry, "answer": {**entry["answer"], "text": "{}"}}))
    assert cache.recall(contract) is None
