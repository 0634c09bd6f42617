"""Figures of many escalations: medians with "never", groups, and targets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from runner.contract.policies import Target, Targets
from runner.contract.policies.words import Metric
from runner.engine.kpis import Dimension, Figures, Grouping, Kept, Spread, Verdict, summarise, summarise_by, verdicts
from tests.architecture.project import ROOT
from tests.runner.engine.test_kpis import of
from tests.runner.engine.worlds import at, closed, exhausted

WELL = of(closed())
SILENT = of(exhausted())
GROUPING = Grouping("priority", "tier", {"back": ("ben",), "accounts": ("ann", "ben"), "all": ()})


def took(seconds: float | None, **changes: Any) -> Figures:
    return replace(WELL, times={**WELL.times, "time_to_acknowledge": seconds}, **changes)


def had(count: int) -> Figures:
    return replace(WELL, counts={**WELL.counts, "handoffs": count})


@pytest.mark.parametrize(
    ("word", "times", "expected"),
    [
        ("none", [], Spread(0, 0, None, None, None)),
        ("one", [300], Spread(1, 0, 300, 300, 300)),
        ("two", [100, 300], Spread(2, 0, 200, 300, 300)),
        ("never counts as longer than any", [100, None, 300], Spread(3, 1, 300, None, 300)),
        ("half of them never", [100, None], Spread(2, 1, None, None, 100)),
        ("one of ten never", [*range(1, 10), None], Spread(10, 1, 5.5, 9, 9)),
        ("two of ten never", [*range(1, 9), None, None], Spread(10, 2, 5.5, None, 8)),
        ("none of them ever", [None, None], Spread(2, 2, None, None, None)),
    ],
)
def test_the_spread_of_a_time(word: str, times: list[float | None], expected: Spread) -> None:
    assert summarise([took(each) for each in times]).times["time_to_acknowledge"] == expected, word


def test_what_was_cancelled_lacks_nothing() -> None:
    found = summarise([took(100), took(None, ending="cancelled"), took(50, ending="cancelled")])
    assert found.times["time_to_acknowledge"] == Spread(2, 0, 75, 100, 100)
    assert found.endings == {"open": 0, "closed": 1, "cancelled": 2}


@pytest.mark.parametrize(("spread", "share"), [(Spread(4, 1, 1, 1, 1), 0.25), (Spread(0, 0, None, None, None), None)])
def test_the_share_for_which_it_never_happened(spread: Spread, share: float | None) -> None:
    assert spread.never_share == share


@pytest.mark.parametrize(("kept", "share"), [(Kept(3, 1, 9), 0.75), (Kept(0, 0, 2), None)])
def test_the_share_that_was_kept(kept: Kept, share: float | None) -> None:
    assert kept.share == share


def test_many() -> None:
    dear = replace(WELL, impact=70, exceptions={"vendor": 2, "mine": 1})
    found = summarise([WELL, SILENT, dear, replace(WELL, impact=5, exceptions={"vendor": 1})])
    assert (found.count, found.endings) == (4, {"open": 1, "closed": 3, "cancelled": 0})
    assert found.kept["acceptance_in_time"] == Kept(3, 1, 0)
    assert found.kept["outcome_in_time"] == Kept(3, 0, 1)
    assert (found.counts["failovers"], found.counts["exhausted"]) == (5, 1)
    assert found.exceptions == {"mine": 1, "vendor": 3}
    assert (found.impact, found.impact_known) == (75, 2)


def test_none() -> None:
    found = summarise([])
    assert (found.count, found.impact, found.impact_known, found.counts["handoffs"]) == (0, 0, 0, 0)
    assert found.times["time_to_close"].median is None


def test_a_summary_as_json() -> None:
    plain = summarise([WELL, SILENT]).plain()
    assert plain["time_to_acknowledge"] == {
        "n": 2, "never": 1, "median": None, "p90": None, "longest": 300, "never_share": 0.5,
    }  # fmt: skip
    assert plain["sla_compliance"] == {"kept": 1, "missed": 1, "undecided": 0, "share": 0.5}
    assert (plain["count"], plain["failovers"], plain["business_impact"]) == (2, 5, 0)


@pytest.mark.parametrize(
    ("word", "by", "figures", "group"),
    [
        ("its template", "template", WELL, "small"),
        (
            "the team of whoever was asked first, the first by name",
            "team",
            replace(WELL, first_owner="ben"),
            "accounts",
        ),
        ("nobody's team", "team", replace(WELL, first_owner="boss"), "none"),
        ("nobody was asked", "team", replace(WELL, first_owner=None), "none"),
        ("a field of the ticket", "priority", WELL, "high"),
        ("the ticket has no such value", "tier", WELL, "none"),
        ("a number", "tier", replace(WELL, fields={"tier": 3}), "3"),
        ("the account", "account", replace(WELL, account="acme"), "acme"),
        ("no account", "account", WELL, "none"),
        ("the epoch of the opening", "epoch", WELL, "1"),
        ("no epoch", "epoch", replace(WELL, epoch=None), "none"),
    ],
)
def test_the_group_of_an_escalation(word: str, by: Dimension, figures: Figures, group: str) -> None:
    assert list(summarise_by([figures], by, GROUPING)) == [group], word


def test_a_revision_without_a_tier_has_one_group() -> None:
    assert list(summarise_by([replace(WELL, fields={"tier": 3})], "tier", Grouping())) == ["none"]


def test_groups_come_in_order_and_epochs_as_numbers() -> None:
    many = [replace(WELL, epoch=epoch) for epoch in (10, 9, None, 10)]
    found = summarise_by(many, "epoch", GROUPING)
    assert [(name, each.count) for name, each in found.items()] == [("none", 1), ("9", 1), ("10", 2)]


def judged(metric: Metric, target: dict[str, Any], *many: Figures) -> list[tuple[Any, ...]]:
    targets = Targets.model_validate({"schema": "surety/v1", "kind": "Targets", "every": {metric: target}})
    return [(v.part, v.target, v.found, v.kept, v.n, v.misses) for v in verdicts(targets, many)]


ACK: Metric = "time_to_acknowledge"


@pytest.mark.parametrize(
    ("word", "metric", "target", "many", "expected"),
    [
        ("a median kept", ACK, {"median": "5m"}, [took(300), took(None), took(1)], ("median", 300, 300, True, 3, None)),
        ("a median missed", ACK, {"median": "299s"}, [took(300)], ("median", 299, 300, False, 1, None)),
        ("never is no median", ACK, {"median": "5m"}, [took(None)], ("median", 300, None, False, 1, None)),
        ("nine of ten", ACK, {"p90": "9s"}, [*map(took, range(1, 10)), took(None)], ("p90", 9, 9, True, 10, None)),
        (
            "eight of ten",
            ACK,
            {"p90": "9s"},
            [*map(took, range(1, 9)), took(None), took(9.5)],
            ("p90", 9, 9.5, False, 10, None),
        ),
        ("a share kept", ACK, {"within": "2s", "share": 50}, [took(2), took(3)], ("share", 50, 50, True, 2, 1)),
        ("a share missed", ACK, {"within": "2s", "share": 51}, [took(2), took(None)], ("share", 51, 50, False, 2, 1)),
        ("at most", "handoffs", {"at_most": 1}, [had(1), had(0)], ("at_most", 1, 1, True, 2, 0)),
        ("too many", "handoffs", {"at_most": 1}, [had(3), had(2), had(0)], ("at_most", 1, 3, False, 3, 2)),
        (
            "an amount that is known",
            "business_impact",
            {"at_most": 9},
            [replace(WELL, impact=10), WELL],
            ("at_most", 9, 10, False, 1, 1),
        ),
        ("kept by the share", "sla_compliance", {"share": 50}, [WELL, SILENT], ("share", 50, 50, True, 2, 1)),
        ("missed by the share", "sla_compliance", {"share": 90}, [WELL, SILENT], ("share", 90, 50, False, 2, 1)),
        ("nothing to judge", "outcome_in_time", {"share": 90}, [SILENT], ("share", 90, None, None, 0, 0)),
        ("nothing to count", "business_impact", {"at_most": 9}, [WELL], ("at_most", 9, None, None, 0, 0)),
        (
            "only cancelled ones",
            ACK,
            {"median": "5m"},
            [took(None, ending="cancelled")],
            ("median", 300, None, None, 0, None),
        ),
    ],
)
def test_a_target(word: str, metric: Metric, target: dict[str, Any], many: list[Figures], expected: object) -> None:
    assert judged(metric, target, *many) == [expected], word


def test_what_a_figure_does_not_have_is_not_judged() -> None:
    targets = Targets(schema="surety/v1", kind="Targets")
    odd: dict[Metric, Target] = {"handoffs": Target(share=95), "sla_compliance": Target(at_most=1)}
    assert list(verdicts(targets.model_copy(update={"every": odd}), [WELL])) == []


def test_each_part_of_a_target_is_judged() -> None:
    parts = judged(ACK, {"median": "5m", "p90": "5m", "within": "5m", "share": 90}, took(300))
    assert [part[0] for part in parts] == ["median", "p90", "share"]


def test_a_template_goes_by_its_own_targets() -> None:
    targets = Targets(
        schema="surety/v1", kind="Targets",
        every={"handoffs": Target(at_most=2), "failovers": Target(at_most=0)},
        templates={"small": {"handoffs": Target(at_most=0)}, "other": {"failovers": Target(at_most=9)}},
    )  # fmt: skip
    found = list(verdicts(targets, [had(1), replace(had(1), template="big")]))
    assert found[1:3] == [
        Verdict("big", "handoffs", "at_most", 2, 1, True, 1, 0),
        Verdict("small", "failovers", "at_most", 0, 0, True, 1, 0),
    ]
    assert [(each.template, each.target) for each in found if each.metric == "handoffs"] == [("big", 2), ("small", 0)]


def test_the_opening_dates_an_escalation() -> None:
    assert WELL.opened_at == at(0)


def test_the_page_explains_every_figure_and_no_other() -> None:
    page = (ROOT / "docs" / "kpis.md").read_text(encoding="utf-8")
    table = page.partition("## Many escalations")[0]
    named = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert named == set(get_args(Metric))
