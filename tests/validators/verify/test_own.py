"""A template's own properties: held against every state, or against time when nobody acts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from runner.contract.contract import Contract
from runner.contract.property import Property
from tests.validators.verify.small import one_rung
from validators.verify.explore import Budget, explore
from validators.verify.own import classes_of, own_bounds, with_own
from validators.verify.parts import ownership, parts_of
from validators.verify.properties import broken_state
from validators.verify.verdict import Result, verify

_WITHIN = {"seconds": 60, "calendar": None}
CLASSES = {
    name: {"summary": "x", "owner": {"role": "boss"}, "within": _WITHIN, "rule": f"x#/{name}"}
    for name in ("late", "odd")
}


def claim(**words: Any) -> Property:
    return Property.model_validate({"schema": "surety/v1", "kind": "Property", "name": "mine", "summary": "x", **words})


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ({"never": {"state": "waiting"}}, True),
        ({"never": {"state": "exhausted"}}, False),
        ({"never": {"state": "exhausted", "handoff": True}}, True),
        ({"never": {"exceptions": ["odd"]}}, False),
        ({"never": {"state": "resolved", "overdue": True}}, False),
        ({"when": {"handoff": True}, "always": {"state": "accepted"}}, True),
        ({"when": {"overdue": True}, "always": {"state": "accepted"}}, False),
        ({"never": {"rung": "secondary"}}, True),
        ({"leads_to": {"from": {"state": "offered"}, "to": {"state": "exhausted"}, "within": "1d"}}, True),
        ({"leads_to": {"from": {"state": "offered"}, "to": {"state": "exhausted"}, "within": "1m"}}, False),
        ({"leads_to": {"from": {"state": "offered"}, "to": {"state": "accepted"}, "within": "30d"}}, False),
        ({"leads_to": {"from": {"state": "resolved"}, "to": {"state": "closed"}, "within": "1m"}}, True),
        ({"leads_to": {"from": {"state": "offered"}, "to": {"overdue": True}, "within": "8h"}}, True),
        ({"leads_to": {"from": {"state": "offered"}, "to": {"overdue": True}, "within": "7h"}}, False),
        ({"leads_to": {"from": {"overdue": True}, "to": {"state": "accepted"}, "within": "30d"}}, False),
    ],
)
def test_a_claim_holds_or_is_violated(words: dict[str, Any], holds: bool) -> None:
    assert holds is (not _broken(one_rung(exceptions=CLASSES if "exceptions" in str(words) else {}), claim(**words)))


def _broken(contract: Contract, own: Property) -> set[str]:
    """The claim, if it is broken where people and time act on ownership."""
    if own.leads_to is not None:
        return {each.name for each in own_bounds(contract, [own]) if each.broken}
    parts = [part for part in parts_of(contract, classes_of([own])) if part.name.startswith("ownership")]
    checks = [with_own([own], part, len(contract.ladder)) for part in parts]
    graphs = [explore(part, Budget(), check) for part, check in zip(parts, checks, strict=True)]
    return {each.name for graph in graphs for each in graph.found}


def test_a_ladder_cut_short_says_nothing_of_rungs() -> None:
    contract = one_rung()
    own = claim(when={"state": "offered"}, always={"rung": "primary"})
    assert _broken(contract, own) == {"mine"}
    assert with_own([own], ownership(contract), len(contract.ladder) + 1) is broken_state
    assert classes_of([claim(never={"exceptions": ["odd"]})]) == {"odd"}


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"never": {"state": "waiting"}, "always": {"state": "waiting"}},
        {"never": {}},
        {"when": {"state": "waiting"}, "never": {"state": "waiting"}},
        {"never": {"state": "lost"}},
    ],
)
def test_a_claim_that_says_nothing_or_too_much_is_an_error(words: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        claim(**words)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"never": {"exceptions": ["late", "odd"]}}, "mine: exceptions are explored one at a time"),
        (
            {"when": {"exceptions": ["late", "odd"]}, "always": {"state": "accepted"}},
            "mine: exceptions are explored one at a time",
        ),
        (
            {"leads_to": {"from": {"state": "resolved"}, "to": {"state": "closed"}, "within": "1m"}},
            "mine: `state: resolved` never begins while nobody acts",
        ),
        ({"leads_to": {"from": {"state": "offered"}, "to": {"state": "exhausted"}, "within": "1d"}}, ""),
    ],
)
def test_a_claim_that_nothing_explored_can_break_is_no_proof(words: dict[str, Any], why: str) -> None:
    own, contract = claim(**words), one_rung(exceptions=CLASSES if "exceptions" in str(words) else {})
    verdict = verify(contract, clock=lambda: 0.0, only=("mine",), own=(own,))
    assert verdict.result is (Result.UNKNOWN if why else Result.PROVED)
    assert [each[: len(why)] for each in verdict.reasons] == ([why] if why else [])
    if "leads_to" in words and why:
        assert verify(contract, clock=lambda: 0.0, only=("deadline",), own=(own,)).result is Result.PROVED


@pytest.mark.parametrize(("when", "holds"), [({"handoff": True}, True), ({"state": "waiting"}, False)])
def test_a_claim_that_is_never_looked_at_is_no_proof(when: dict[str, Any], holds: bool) -> None:
    """Nobody may wait in this contract."""
    own = claim(when=when, always={"state": "accepted" if holds else "waiting"})
    verdict = verify(one_rung(), clock=lambda: 0.0, only=("mine",), own=(own,))
    assert (verdict.result is Result.PROVED) is holds
    assert [each.words for each in verdict.violations] == (
        [] if holds else ["never looked at: it never stands as its `when` says"]
    )
