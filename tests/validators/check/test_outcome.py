"""What counts, what is new since a base, and what the exit code says."""

from __future__ import annotations

import pytest

from runner.contract.diagnostic import Diagnostic, Location, Severity
from validators.check.outcome import Outcome, Verdict, compare, restrict, verdict

ERROR, WARNING, INFO, UNKNOWN = Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.UNKNOWN


def found(code: str = "SUR402", severity: Severity = ERROR, message: str = "m", **at: str | int) -> Diagnostic:
    place = Location(str(at.get("file", "a.yaml")), int(at.get("line", 1)), 1)
    return Diagnostic(code, severity, message, place, pointer=str(at.get("pointer", "/a")))


@pytest.mark.parametrize(
    ("findings", "answers"),
    [
        pytest.param((), "CCCC", id="nothing"),
        pytest.param((found(severity=ERROR),), "FFFC", id="an error"),
        pytest.param((found(severity=WARNING),), "CFFC", id="a warning"),
        pytest.param((found(severity=INFO),), "CCFC", id="a remark"),
        pytest.param((found(severity=UNKNOWN),), "UUUU", id="no answer is never clean, whatever fails"),
        pytest.param((found(severity=UNKNOWN), found(severity=WARNING)), "UFFU", id="a finding before no answer"),
    ],
)
def test_the_verdict_follows_the_worst(findings: tuple[Diagnostic, ...], answers: str) -> None:
    given = [verdict(Outcome(findings), fail_on) for fail_on in ("error", "warning", "info", "never")]
    assert "".join(each.value[0].upper() for each in given) == answers


@pytest.mark.parametrize(
    ("head", "new"),
    [
        pytest.param(found(), False, id="the same"),
        pytest.param(found(line=9), False, id="on another line"),
        pytest.param(found(pointer="/order/3"), False, id="at another place in a list"),
        pytest.param(found(message="n"), True, id="another message"),
        pytest.param(found(code="SUR403"), True, id="another rule"),
        pytest.param(found(file="b.yaml"), True, id="another file"),
    ],
)
def test_a_finding_is_new_unless_only_its_place_has_moved(head: Diagnostic, new: bool) -> None:
    outcome = compare(Outcome((head,)), [found()])
    assert outcome.new == (frozenset((head,)) if new else frozenset())
    assert verdict(outcome, "error") is (Verdict.FINDINGS if new else Verdict.CLEAN)


def test_each_old_finding_stands_for_one() -> None:
    twice = (found(pointer="/a"), found(pointer="/b"))
    assert compare(Outcome(twice), [found(pointer="/b")]).new == frozenset([found(pointer="/a")])
    assert compare(Outcome(twice), [found(pointer="/c")]).new == frozenset([found(pointer="/b")])
    assert compare(Outcome(twice), [found(pointer="/c"), found(pointer="/d")]).new == frozenset()


def test_a_line_in_a_message_makes_nothing_new() -> None:
    old = found("SUR503", message="here twice, first at line 2, column 3")
    moved = found("SUR503", message="here twice, first at line 20, column 3")
    assert compare(Outcome((moved,)), [old]).new == frozenset()


def test_an_old_gate_error_and_an_old_question_without_answer_still_count() -> None:
    for each, answer in ((found("SUR201"), Verdict.FINDINGS), (found(severity=UNKNOWN), Verdict.UNKNOWN)):
        assert verdict(compare(Outcome((each,)), [each]), "error") is answer


def test_only_the_wanted_files_are_shown_and_gate_errors_elsewhere_still_count() -> None:
    nowhere = Diagnostic("SUR110", ERROR, "m", None)
    everything = Outcome((nowhere, found(), found("SUR201", file="b.yaml"), found("SUR402", file="b.yaml")))
    here = restrict(everything, lambda file: file == "a.yaml")
    assert (here.findings, here.elsewhere) == ((nowhere, found()), 1)
    assert verdict(Outcome((), elsewhere=1), "error") is Verdict.FINDINGS
    assert verdict(Outcome((), elsewhere=1), "never") is Verdict.CLEAN
