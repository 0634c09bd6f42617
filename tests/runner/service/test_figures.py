"""Figures in the service: kept folds follow the record, Prometheus shows what becomes known, the API tells a week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from runner.contract.policies import Targets
from runner.engine import commands as cmd
from runner.engine.kpis import Fold
from runner.service.figures import FigureBook, Window, figures_view
from runner.service.metrics import Metrics
from runner.store import StoreError
from runner.store.memory import MemoryStore
from tests.runner.service.company import ANNA, BILLING, MIRIAM, START, TOMASZ, YES, Office, at, revision
from tests.runner.service.serving import Running

TEXT = "a" * 64


@pytest.fixture
def office() -> Office:
    return Office(MemoryStore())


def folded(office: Office, escalation: str) -> Fold:
    """The figures' truth: the whole record, read again."""
    fold = Fold()
    for row in office.rows(escalation):
        fold.add(row.now, row.events, row.command.actor, row.stamp.epoch)
    return fold


def kept(office: Office, book: FigureBook, escalation: str) -> Fold:
    stream = office.stream(escalation)
    with office.store.reader() as reader:
        return book.fold(reader, escalation, stream.seq, stream.hash)


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_what_is_kept_follows_the_record(office: Office) -> None:
    book = FigureBook(10)
    escalation = office.open("T-1")
    assert kept(office, book, escalation).figures() == folded(office, escalation).figures()
    office.succeed()
    office.move(1)
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    office.act(escalation, TOMASZ, cmd.Progress(text=TEXT))  # refused, and a row all the same
    assert kept(office, book, escalation).figures() == folded(office, escalation).figures()
    assert kept(office, book, escalation) is kept(office, book, escalation)


def test_what_does_not_fit_the_record_is_dropped(office: Office) -> None:
    book = FigureBook(10)
    escalation = office.open("T-1")
    fold = kept(office, book, escalation)
    fold.add(at(9), office.rows(escalation)[0].events, ANNA)  # of a transaction that came to nothing
    book.moved(escalation, 2, "other")
    assert kept(office, book, escalation).figures() == folded(office, escalation).figures()
    fold = kept(office, book, escalation)
    book.moved(escalation, 1, "other")
    office.succeed()
    assert kept(office, book, escalation).figures() == folded(office, escalation).figures()


def test_only_so_many_are_kept(office: Office) -> None:
    book = FigureBook(1)
    first, second = office.open("T-1"), office.open("T-2")
    fold = kept(office, book, first)
    kept(office, book, second)
    assert kept(office, book, first) is not fold


def test_a_window_holds_what_opened_in_it(office: Office) -> None:
    opened = []
    for hour in range(4):
        office.move(hour)
        opened.append(office.open(f"T-{hour}"))
    with office.store.reader() as reader:
        found, complete = FigureBook(10).within(reader, Window(at(1), at(3), at(4)))
    assert complete
    assert [each.opened_at for each in found] == [at(1), at(2)]
    assert found[0].value("longest_silence") == 3 * 3600


def test_an_answer_has_an_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.service.figures._MOST", 2)
    for number in range(3):
        office.open(f"T-{number}")
    with office.store.reader() as reader:
        found, complete = FigureBook(10).within(reader, Window(START, at(1), at(1)))
    assert (len(found), complete) == (2, False)


def test_metrics_show_what_becomes_known(office: Office) -> None:
    escalation = office.open("T-1")
    template = {"template": "enterprise-billing"}
    assert sample(office.metrics, "surety_kpi_seconds_count", **template, figure="time_to_first_owner") == 1
    office.succeed()
    office.move(2)
    office.fire()
    assert sample(office.metrics, "surety_kpi_total", **template, figure="failovers") == 1
    office.act(escalation, TOMASZ, cmd.Accept(offer=2, answers=YES))
    assert sample(office.metrics, "surety_kpi_seconds_sum", **template, figure="time_to_acknowledge") == 7200
    office.move(3)
    office.act(escalation, TOMASZ, cmd.RaiseException(exception_class="data-missing", text=TEXT))
    assert sample(office.metrics, "surety_kpi_seconds_sum", **template, figure="time_to_first_action") == 10800
    classes = {"template": "enterprise-billing", "class": "data-missing"}
    assert sample(office.metrics, "surety_exceptions_total", **classes) == 1
    assert sample(office.metrics, "surety_kpi_seconds_count", **template, figure="longest_silence") is None
    office.move(4)
    office.act(escalation, MIRIAM, cmd.Override(action="close", text=TEXT, code="refunded"))
    missed = {**template, "figure": "acceptance_in_time", "kept": "no"}
    assert sample(office.metrics, "surety_kpi_kept_total", **missed) == 1
    assert sample(office.metrics, "surety_kpi_seconds_count", **template, figure="longest_silence") == 1
    assert sample(office.metrics, "surety_kpi_seconds_count", **template, figure="time_to_acknowledge") == 1


def test_a_handoff_counts_once_it_is_accepted(office: Office) -> None:
    escalation = office.open("T-1")
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    handing = {"to": TOMASZ, "reason": TEXT, "next_step": TEXT, "artifacts": (TEXT,), "expected_at": at(9)}
    office.act(escalation, ANNA, cmd.HandOver.model_validate(handing))
    figure = {"template": "enterprise-billing", "figure": "handoffs"}
    assert sample(office.metrics, "surety_kpi_total", **figure) == 0
    office.act(escalation, TOMASZ, cmd.Accept(offer=2, answers=YES))
    assert sample(office.metrics, "surety_kpi_total", **figure) == 1


def test_figures_that_cannot_be_told_hold_up_no_decision(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Fold:
        raise ValueError("a row of another version")

    escalation = office.open("T-1")
    monkeypatch.setattr(FigureBook, "fold", broken)
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    assert office.state(escalation).holder == ANNA
    assert f"the figures of {escalation} cannot be told" in caplog.text


def test_figures_that_could_not_be_told_are_read_anew(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    escalation = office.open("T-1")
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    with monkeypatch.context() as patch:
        patch.setattr(FigureBook, "moved", _fails)
        office.act(escalation, ANNA, cmd.Progress(text=TEXT))
    office.move(1)
    office.act(escalation, ANNA, cmd.Override(action="close", text=TEXT, code="refunded"))
    office.act(escalation, MIRIAM, cmd.Override(action="close", text=TEXT, code="refunded"))
    closing = {"template": "enterprise-billing", "figure": "time_to_close"}
    assert sample(office.metrics, "surety_kpi_seconds_sum", **closing) == 3600


def _fails(*_: object) -> None:
    raise KeyError("moved")


def test_trouble_with_the_store_is_not_passed_over(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Fold:
        raise StoreError("the disk is full", "make room")

    escalation = office.open("T-1")
    monkeypatch.setattr(FigureBook, "fold", full)
    with pytest.raises(StoreError):
        office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))


def test_labels_are_templates_and_figures_only(office: Office) -> None:
    escalation = office.open("T-1")
    office.act(escalation, ANNA, cmd.Accept(offer=1, answers=YES))
    shown = [
        line for family in office.metrics.registry.collect() for each in family.samples for line in each.labels.values()
    ]
    assert not {ANNA, escalation, "T-1"} & set(shown)


def test_targets_are_in_the_answer(office: Office) -> None:
    escalation = office.open("T-1")
    policies = revision().policies
    asked = {"every": {"failovers": {"at_most": 0}}}
    targets = Targets.model_validate({"schema": "surety/v1", "kind": "Targets", **asked})
    aimed = replace(policies, targets=targets)
    found = [folded(office, escalation).figures()]
    (verdict,) = figures_view(found, Window(START, at(1), at(1)), "template", aimed, complete=True)["targets"]
    assert verdict == {
        "template": "enterprise-billing", "metric": "failovers", "part": "at_most", "target": 0, "found": 0,
        "kept": True, "n": 1, "misses": 0,
    }  # fmt: skip


# Over HTTP


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("figures")) as made:
        made.accepted("the one that was accepted")
        made.opened("the one that was not", {**BILLING, "priority": "urgent"})
        yield made


def test_the_week_by_template_unless_asked_otherwise(running: Running) -> None:
    answer = running.get("/api/kpis")
    assert (answer["by"], answer["complete"], answer["targets"]) == ("template", True, [])
    assert answer["since"] == "2026-02-24T08:00:00.000001Z"
    assert answer["until"] == "2026-03-03T08:00:00.000001Z"
    assert list(answer["groups"]) == ["enterprise-billing"]
    assert answer["groups"]["enterprise-billing"] == answer["all"]
    assert (answer["all"]["count"], answer["all"]["time_to_acknowledge"]["never"]) == (2, 1)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("priority", ["high", "urgent"]),
        ("tier", ["enterprise"]),
        ("team", ["finance"]),
        ("epoch", ["0"]),
    ],
)
def test_by_group(running: Running, by: str, groups: list[str]) -> None:
    assert list(running.get("/api/kpis", by=by)["groups"]) == groups


def test_of_another_time(running: Running) -> None:
    later = (START + timedelta(seconds=1)).isoformat()
    assert running.get("/api/kpis", since=later, until="2027-01-01T00:00:00Z")["all"]["count"] == 0
    assert running.get("/api/kpis", until=START.isoformat())["all"]["count"] == 0


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({"by": "person"}, "by is one of template, team, priority, tier, account, epoch"),
        ({"since": "monday"}, "since is an instant such as 2026-03-03T09:00:00Z"),
        ({"until": "2026-03-03"}, "until is an instant such as"),
        ({"until": "0001-01-01T00:00:00Z"}, "in the years 2000 to 2199"),
        ({"of": "me"}, "of; known: by, since, until"),
    ],
)
def test_what_cannot_be_asked(running: Running, query: dict[str, str], detail: str) -> None:
    answer = running.http.get("/api/kpis", params=query, headers=running.as_(ANNA))
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_figures_need_a_token(running: Running) -> None:
    assert running.http.get("/api/kpis").status_code == 401
