"""Coverage: what can be covered is computed from the contract, what was covered is noted, and the rest is named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from runner.contract.conditions import (
    All,
    Any_,
    Changed,
    Compare,
    Condition,
    Contains,
    HeldFor,
    In,
    IsSet,
    Like,
    Not,
    TimeFrom,
    Was,
)
from runner.contract.contract import BoxOf
from runner.contract.scenario import KEYS_OF_ACTS
from runner.engine.reasons import Reason
from runner.engine.state import Phase
from runner.engine.transitions import TRANSITIONS
from tests.validators.repositories import INVOICE, complaints, document_of, revision, scenario_text
from validators.simulate import run_scenario
from validators.simulate.coverable import _REASONS as ASKED_FOR
from validators.simulate.coverable import KINDS, NOT_ASKED_FOR, Item, coverable
from validators.simulate.coverage import TemplateCoverage, coverage_of
from validators.simulate.covered import Covered
from validators.simulate.leaf_words import leaves
from validators.simulate.ways import WAYS

BILLING = "enterprise-billing"


def covered(body: str, tickets: str = INVOICE, **more: str) -> TemplateCoverage:
    """What one scenario covers of the billing template."""
    result = run_scenario(revision(), *document_of(scenario_text(body, tickets, **more)), rows=False, covering=True)
    assert result.passed, complaints(result)
    (found,) = coverage_of([revision().contracts[BILLING]], result.covered)
    return found


def names(found: TemplateCoverage, kind: str) -> set[str]:
    return {item.name for item in found.items if item.kind == kind and item.key in found.hit}


def test_each_reason_is_asked_for_or_it_is_said_why_not() -> None:
    assert set(ASKED_FOR) | set(NOT_ASKED_FOR) == set(Reason)
    assert not set(ASKED_FOR) & set(NOT_ASKED_FOR)


def test_of_each_reason_it_is_said_what_brings_it_about_in_words_that_scenarios_have() -> None:
    assert set(WAYS) == set(ASKED_FOR)
    acts = [found for way in WAYS.values() for found in re.findall(r"\{do: (\w+)(.*?)\}", way)]
    assert len(acts) == sum(way.count("do:") for way in WAYS.values()) > 40
    for do, keys in acts:
        given = set(re.findall(r", (\w+):", keys)) - {"refused"}
        assert given <= KEYS_OF_ACTS[do].keys(), do


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        (In("priority", ("high", "urgent")), "priority is high or urgent"),
        (In("vip", (True,)), "vip is true"),
        (IsSet("vendor"), "vendor has a value"),
        (Compare("risk", "more_than", 1000), "risk is more than 1000"),
        (Compare("priority", "at_least", "high", ("low", "high")), "priority is at least high"),
        (Contains("subject", "refund"), "subject contains refund"),
        (Like("subject", "[VIP]*"), "subject is like [VIP]*"),
        (Changed("status"), "status has changed"),
        (Was("status", ("new", "open")), "status was new or open"),
        (TimeFrom("due", 1800), "due is past by more than 30m"),
        (TimeFrom("due", -7200, "office"), "due is due within 2h of office"),
        (HeldFor("status", ("waiting",), 172_800), "status has been waiting for more than 2d"),
    ],
)
def test_parts_of_a_trigger_are_named_as_they_read(leaf: Condition, words: str) -> None:
    assert list(leaves(All((Not(leaf), Any_((leaf,)))))) == [(leaf, words)] * 2


def test_only_what_a_contract_can_do_is_asked_for() -> None:
    contract = revision().contracts[BILLING]
    plain = {item.name for item in coverable(contract) if item.kind in ("state", "transition", "deadline")}
    waiting = {each for each in plain if "waiting" in each}
    assert bool(waiting) == (contract.waiting is not None)
    without = contract.model_copy(update={"waiting": None, "reopen_within": None})
    assert not any("waiting" in item.name for item in coverable(without))
    assert not any("EscalationReopened" in item.name for item in coverable(without))


def test_every_row_of_the_table_is_asked_for_where_it_can_be_taken() -> None:
    rows = {f"{before} -> {after} by {event}" for (before, event), after in TRANSITIONS.items()}
    every = {item.name for each in revision().contracts.values() for item in coverable(each)}
    assert {row for row in rows - every if "waiting" not in row and "EscalationReopened" not in row} == set()
    assert {phase.value for phase in Phase} - {"waiting"} <= every


def test_each_item_says_how_to_cover_it_and_has_a_name_of_its_own() -> None:
    for contract in revision().contracts.values():
        items = coverable(contract)
        assert len({item.key for item in items}) == len(items)
        assert all(item.how and item.kind in KINDS for item in items)


def test_a_story_is_noted_as_it_happens() -> None:
    found = covered("""
        acts:
          - {at: "09:30", do: reject, by: anna-keller, why: no_capacity}
          - {at: "10:00", do: accept, by: tomasz-nowak}
          - {at: "10:30", do: raise_exception, by: tomasz-nowak, exception_class: data-missing, text: Who?}
          - {at: "10:40", do: end_exception, by: tomasz-nowak, text: Found.}
        expect: [{at: "11:00", state: accepted}]
    """)
    assert names(found, "state") == {"offered", "accepted"}
    assert names(found, "transition") == {
        "offered -> offered by EscalationOpened",
        "offered -> accepted by HolderAccepted",
    }
    assert {"first_rung", "rejected_no_capacity", "accepted", "raised", "recovered"} <= names(found, "reason")
    assert names(found, "exception") >= {"data-missing raised", "data-missing ended"}
    assert names(found, "deadline") == set()
    assert "open[0] set_fields: done" in names(found, "step")
    assert "open[0] set_fields: failed" not in names(found, "step")


def test_deadlines_failures_and_calendars_are_noted() -> None:
    found = covered("""
        acts:
          - {at: "08:59", do: step_fails, step: set_fields}
        expect: [{at: "2026-03-04 09:00", state: exhausted}]
    """)
    assert {"ladder offer", "remind"} <= names(found, "deadline")
    assert "exhausted" in names(found, "state")
    assert "offered -> exhausted by LadderExhausted" in names(found, "transition")
    assert "open[0] set_fields: failed" in names(found, "step")
    assert names(found, "calendar") == {"finance-hours: closed hours"}


def test_a_clock_change_is_noted_where_a_time_runs_across_it() -> None:
    late = INVOICE.replace('"09:00"', '"17:00"')
    found = covered('expect: [{at: "17:00", state: offered}]', late, start="2026-03-27")
    assert "finance-hours: clock change" in names(found, "calendar")


@pytest.mark.parametrize(("hours", "crossed"), [(1, False), (2, True)])
def test_a_time_without_a_pause_has_crossed_nothing(hours: int, crossed: bool) -> None:
    noted, start = Covered(None), datetime(2026, 3, 3, 9, tzinfo=UTC)
    noted.box(
        revision().contracts[BILLING],
        BoxOf(seconds=3600, calendar="finance-hours"),
        start,
        start + timedelta(hours=hours),
    )
    assert (noted.keys == {f"{BILLING}|calendar|finance-hours: closed hours"}) == crossed
    assert bool(noted.keys) == crossed


def test_both_sides_of_each_part_of_the_trigger() -> None:
    first = covered('expect: [{at: "09:00", state: offered}]')
    assert all(name.endswith("holds") for name in names(first, "guard"))
    low = INVOICE.replace("high", "low")
    second = covered('expect: [{at: "09:00", state: none}]', low)
    assert {name for name in names(second, "guard") if name.endswith("fails")} == {
        "trigger: priority is high or urgent fails"
    }


@pytest.mark.parametrize(("of", "hits", "percent"), [(3, 0, 0), (3, 1, 33), (3, 2, 66), (144, 143, 99), (3, 3, 100)])
def test_percent_is_rounded_down_so_that_100_means_everything(of: int, hits: int, percent: int) -> None:
    items = tuple(Item("t", "state", str(number), "so") for number in range(of))
    kept = TemplateCoverage("t", items, frozenset(item.key for item in items[:hits]))
    assert (kept.percent, len(kept.missing), kept.counts("state")) == (percent, of - hits, (hits, of))
