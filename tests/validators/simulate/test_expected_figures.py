"""Key figures that a scenario states: what holds, what does not, and what cannot be stated."""

from __future__ import annotations

import pytest

from runner.contract.expected_figures import expected_figure
from runner.contract.misfit import Unfit
from runner.contract.policies import Metric
from tests.validators.repositories import complaints, document_of, pointed_at, revision, scenario_text, tried
from validators.simulate import run_scenario

DAY = """
acts:
  - {at: "12:30", do: accept, by: tomasz-nowak}
  - {at: "12:45", do: raise_exception, by: tomasz-nowak, exception_class: data-missing, text: No contract.}
  - {at: "13:00", do: override_close, by: helen-park, code: refunded, text: Done by hand.}
"""


@pytest.mark.parametrize(
    ("at", "figures"),
    [
        ("09:00", "time_to_first_owner: 0, time_to_acknowledge: never, failovers: 0, sla_compliance: undecided"),
        ("10:59", "failovers: 0, longest_silence: 119m"),
        ("11:00", "failovers: 1, acceptance_in_time: false, sla_compliance: false"),
        ("12:40", "time_to_acknowledge: 210m, time_to_first_action: never, handoffs: 0"),
        ("12:45", "time_to_first_action: 225m, exceptions: 1"),
        ("13:00", "time_to_close: 4h, time_to_resolution: never, outcome_in_time: true, business_impact: undecided"),
        ("18:00", "longest_silence: 2h"),
    ],
)
def test_figures_are_those_of_the_same_fold(at: str, figures: str) -> None:
    result = tried(f'{DAY}expect: [{{at: "{at}", kpis: {{{figures}}}}}]')
    assert result.passed, complaints(result)


@pytest.mark.parametrize(
    ("figure", "where", "complaint"),
    [
        ("time_to_acknowledge: 3h", "3h", "time_to_acknowledge: expected 3h; got 210m"),
        ("time_to_acknowledge: never", "never", "time_to_acknowledge: expected never; got 210m"),
        ("time_to_first_action: 1h", "1h", "time_to_first_action: expected 1h; got never"),
        ("lateness: 5s", "5s", "lateness: expected 5s; got 0"),
        ("failovers: 2", "2", "failovers: expected 2; got 1"),
        ("acceptance_in_time: true", "true", "acceptance_in_time: expected true; got false"),
        ("outcome_in_time: false", "false", "outcome_in_time: expected false; got undecided"),
        ("business_impact: 7", "7", "business_impact: expected 7; got undecided"),
    ],
)
def test_a_figure_that_is_otherwise_fails_at_its_position(figure: str, where: str, complaint: str) -> None:
    text = scenario_text(f'{DAY}expect: [{{at: "12:30", kpis: {{{figure}}}}}]')
    result = run_scenario(revision(), *document_of(text))
    name, _, rest = complaint.partition(": ")
    assert complaints(result) == [f"SUR603 kpis.{name} is not as expected at Tue 2026-03-03 12:30:00: {rest}"]
    assert pointed_at(text, result.failures[0].diagnostic) == where


def test_a_ticket_without_an_escalation_has_no_figures() -> None:
    late = 'late:\n  at: "09:00"\n  fields: {type: question, priority: low, status: open}\n'
    result = tried('expect: [{at: "09:00", kpis: {time_to_close: never}}]', late)
    (failure,) = result.failures
    assert (failure.expected, failure.got) == ("never", "none")


@pytest.mark.parametrize(
    ("metric", "written", "value"),
    [
        ("time_to_acknowledge", "45m", 2700),
        ("time_to_acknowledge", "never", None),
        ("longest_silence", 0, 0),
        ("sla_compliance", True, True),
        ("outcome_in_time", "undecided", None),
        ("business_impact", "undecided", None),
        ("business_impact", 120000, 120000),
        ("handoffs", 2, 2),
    ],
)
def test_what_can_be_stated(metric: Metric, written: object, value: object) -> None:
    assert expected_figure(metric, written) == value


@pytest.mark.parametrize(
    ("metric", "written", "words"),
    [
        ("time_to_acknowledge", "soon", "`time_to_acknowledge` is a time, and `soon` is not a duration"),
        ("time_to_acknowledge", False, "`time_to_acknowledge` is a time, and"),
        ("time_to_acknowledge", 45, "a duration needs a unit, found `45`"),
        ("time_to_close", "undecided", "`undecided` is not a duration"),
        ("sla_compliance", 1, "`sla_compliance` is true, false or undecided, found `1`"),
        ("handoffs", True, "`handoffs` is a whole number, found `true`"),
        ("handoffs", "never", "`handoffs` is a whole number, found `never`"),
        ("handoffs", "undecided", "`handoffs` is a whole number"),
    ],
)
def test_what_cannot_be_stated(metric: Metric, written: object, words: str) -> None:
    with pytest.raises(Unfit) as caught:
        expected_figure(metric, written)
    assert words in str(caught.value)
