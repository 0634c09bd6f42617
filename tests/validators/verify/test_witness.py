"""Courses made concrete: played in the simulator, written as a scenario that fails as long as the fault is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runner.contract.load import Revision, load_revision
from runner.engine import acceptance, closing, decide, evolve, handoffs, ladder, results, state, verification
from runner.engine import commands as cmd
from runner.engine.draft import Draft
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.state import Phase
from runner.revision import FolderTree, bundled_data
from validators.simulate import SimulationLimit, run_scenario, simulation
from validators.verify.bounds import bounds_of
from validators.verify.confirm import confirmed, scenario_text
from validators.verify.explore import Budget, Graph, explore
from validators.verify.own import own_bounds
from validators.verify.parts import ownership, parts_of, reduced
from validators.verify.properties import broken
from validators.verify.story import Step, Story, steps_of
from validators.verify.tickets import beginning
from validators.verify.verdict import Result, Verdict, Violation, _too_long, _violations
from validators.verify.witness import Unplayable, never_about, played

TEMPLATE = "enterprise-billing"
OPENS = Step("it opens", "routing", "world", "Open", {}, "", "offered")
HASTY = "sla-breach"
Fault = Callable[[pytest.MonkeyPatch], None]
Change = Callable[[str, bytes], bytes]


def as_it_is(_path: str, data: bytes) -> bytes:
    return data


@cache
def revision() -> Revision:
    found = load_revision(FolderTree(bundled_data())).revision
    assert found is not None
    return found


def explored(states: int) -> Graph:
    """The beginning of an exploration, which is enough for short courses."""
    return explore(ownership(revision().contracts[TEMPLATE]), Budget(states=states), broken)


def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not ask for the proof of the outcome."""
    honest: Callable[..., list[Any]] = verification.noes

    def noes(*args: Any, **more: Any) -> list[Any]:
        return [no for no in honest(*args, **more) if not no.check.startswith("outcome_evidence")]

    monkeypatch.setattr(closing, "noes", noes)


def deaf(*about: str) -> Fault:
    """An engine that does not tell some things."""

    def plant(patched: pytest.MonkeyPatch) -> None:
        honest = Draft.tell

        def tell(self: Draft, person: str, what: Any, *args: Any, **more: Any) -> None:
            if what not in about:
                honest(self, person, what, *args, **more)

        patched.setattr(Draft, "tell", tell)

    return plant


def instead(kind: type, handler: Callable[..., None]) -> Fault:
    """An engine that does something else at a command."""
    return lambda patched: patched.setitem(decide._HANDLERS, kind, handler)


def idle(draft: Draft, command: Any, args: Any) -> None:
    """Nothing comes of it."""


def looking_on(draft: Draft, command: Any, args: Any) -> None:
    """It is seen who is away, and nothing comes of it."""
    for offer in draft.state.offers.values():
        draft.present(offer.to)


def failing(draft: Draft, command: Any, args: Any) -> None:
    raise ZeroDivisionError


def lets_everybody(patched: pytest.MonkeyPatch) -> None:
    """An engine that asks nobody for rights."""
    patched.setattr(decide, "may_override", lambda *_: True)


def satisfied(patched: pytest.MonkeyPatch) -> None:
    """An engine to which every answer of the checklist is one."""
    patched.setattr(acceptance, "_answered", lambda _checklist, given: dict(given))


def unlimited(patched: pytest.MonkeyPatch) -> None:
    """An engine that has forgotten how often it was handed over."""
    honest = handoffs.hand_over

    def hand_over(draft: Draft, command: Any, args: Any) -> None:
        draft.state.handoffs = 0
        honest(draft, command, args)

    patched.setitem(decide._HANDLERS, cmd.HandOver, hand_over)


def unwritten(patched: pytest.MonkeyPatch) -> None:
    """An engine that does not write to the ticket."""
    patched.setattr(decide, "request_record", lambda *_args, **_more: None)


def never_exhausted(patched: pytest.MonkeyPatch) -> None:
    """An engine that asks the last one and does not say that it is exhausted."""
    patched.setattr(ladder, "exhaust", lambda draft: ladder.offer_last(draft, Reason.LADDER_END))


def unheld(patched: pytest.MonkeyPatch) -> None:
    """An engine in which whoever hands it over is rid of it at once."""
    honest = handoffs.offer_to  # type: ignore[attr-defined] # what it is called by there

    def offer_to(draft: Draft, to: str, *args: Any, **more: Any) -> None:
        honest(draft, to, *args, **more)
        draft.state.holder = to

    patched.setattr(handoffs, "offer_to", offer_to)


def unwatched(patched: pytest.MonkeyPatch) -> None:
    """An engine in which nothing of what is awaited of an owner ever falls due."""
    patched.setattr(state, "_of_the_holder", lambda _state: iter(()))


def unawaited(patched: pytest.MonkeyPatch) -> None:
    """An engine that awaits no progress."""
    patched.setattr(decide, "await_progress", lambda *_: None)


def unhelpful(patched: pytest.MonkeyPatch) -> None:
    """An engine to which a person whom no message reaches is no trouble."""
    patched.setattr(results, "raise_by_runner", lambda *_args, **_more: None)


def in_no_time(patched: pytest.MonkeyPatch) -> None:
    """An engine that gives nobody time to take what is handed over."""
    honest = handoffs.offer_to  # type: ignore[attr-defined] # what it is called by there

    def offer_to(draft: Draft, *args: Any, **more: Any) -> None:
        honest(draft, *args, **{**more, "due": draft.now})

    patched.setattr(handoffs, "offer_to", offer_to)


def going_round(patched: pytest.MonkeyPatch) -> None:
    """An engine that reminds again at once; and gives up looking at it sooner than usual."""
    patched.setattr(Draft, "after", lambda draft, _seconds: draft.now)
    patched.setattr(simulation, "_MOST_COMMANDS", 200)


def never_leaving(patched: pytest.MonkeyPatch) -> None:
    """An engine in which runs go on whatever becomes of the state that they belong to."""
    patched.setattr(evolve, "scope_of", lambda _point: tuple(Phase))


FAULTS: dict[str, tuple[str, str, Fault]] = {
    "a proof is not asked for": ("proven", "ownership", blind),
    "strangers may take it": ("refuses", "ownership", lets_everybody),
    "the checklist need not be answered": ("earned", "ownership", satisfied),
    "progress is lost": ("takes-effect", "ownership", instead(cmd.Progress, idle)),
    "the engine fails": ("decides", "ownership", instead(cmd.Progress, failing)),
    "it is never exhausted": ("accountable", "ownership", never_exhausted),
    "the manager does not hear of a failover": ("manager-hears", "ownership", deaf("failover")),
    "a missed progress is silent": ("silence", "ownership", deaf("no_progress")),
    "whoever is away is asked on": ("replaced", "ownership", instead(cmd.NoteRoster, looking_on)),
    "no progress is awaited": ("progress", "ownership", unawaited),
    "progress never falls due": ("deadline", "ownership", unwatched),
    "handed over without end": ("bounded", "ownership", unlimited),
    "the ticket does not say who": ("recorded", "ownership", unwritten),
    "the sender of a handoff is rid of it": ("handoff-keeps-owner", "ownership", unheld),
    "the owner changes by itself": ("moves-by-engine", "ownership", unheld),
    "nobody sees to whom no message reaches": ("reached", "messages", unhelpful),
    "there is no time to take it": ("time", "ownership", in_no_time),
    "reminders without a pause": ("goes-on", "ownership", going_round),
}


@pytest.mark.parametrize(("name", "part", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_scenario_is_written_that_fails_until_the_fault_is_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, part: str, fault: Fault
) -> None:
    file = tmp_path / f"{name}-found-by-verify_test.yaml"
    with monkeypatch.context() as patched:
        fault(patched)
        violation = next(each for each in _violations(first_found(part, name), ()) if each.name == name)
        file.write_bytes(scenario_text(revision(), TEMPLATE, violation, file))
        failed, what = _run(file)
        assert failed, file.read_text()
    failed, what = _run(file)
    assert not failed, f"{what}\n{file.read_text()}"


def first_found(part: str, name: str) -> Graph:
    """The exploration of a part up to a short while after the property is first found broken."""
    which = next(each for each in parts_of(revision().contracts[TEMPLATE]) if each.name == part)
    for states in (10, 40, 150, 600):
        graph = explore(which, Budget(states=states), broken)
        if any(each.name == name for each in graph.found):
            return graph
    raise AssertionError(f"{name} is not found broken")


def test_an_exception_that_nobody_hears_of_becomes_a_scenario(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    contract = revision().contracts[TEMPLATE]
    full = {check.name: True for check in contract.checklist}
    raises: dict[str, Any] = {"exception_class": "data-missing", "plan": None, "tasks": []}
    steps = (
        OPENS,
        Step("accept the ladder offer", "asked", "person", "Accept", {"answers": full}, "", "accepted"),
        Step("raise an exception: data-missing", "accountable", "person", "RaiseException", raises, "", "accepted"),
        Step("accept the exception offer", "asked", "person", "Accept", {"answers": full}, "", "accepted"),
        Step("deadline: exception", "time", "time", "Tick", {}, "exception", "accepted"),
    )
    words = "an exception is overdue, and the escalation owner does not hear of it"
    file = tmp_path / "exceptions-told-found-by-verify_test.yaml"
    violation = Violation("exceptions-told", words, "ownership", Story(()), 1, steps)
    with monkeypatch.context() as patched:
        deaf("exception_overdue")(patched)
        file.write_bytes(scenario_text(revision(), TEMPLATE, violation, file))
        failed, what = _run(file)
        assert failed
        assert "notified" in what
    failed, what = _run(file)
    assert not failed, f"{what}\n{file.read_text()}"


def refusing(draft: Draft, command: Any, args: Any) -> None:
    raise CommandRejected(RejectReason.WRONG_STATE, "not now")


@pytest.mark.parametrize(
    ("name", "kind", "labels"),
    [
        ("closes", cmd.Override, ("accept the ladder offer",)),
        ("exceptions-end", cmd.EndException, ("accept the ladder offer", "raise an exception: data-missing")),
    ],
)
def test_what_can_never_end_is_tried_to_be_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, kind: type, labels: tuple[str, ...]
) -> None:
    """Such a violation is found in a whole graph alone, so that its course is made by hand here."""
    contract = revision().contracts[TEMPLATE]
    raises: dict[str, Any] = {"exception_class": "data-missing", "plan": None, "tasks": []}
    made = {
        "accept the ladder offer": Step("accept the ladder offer", "asked", "person", "Accept", {}, "", "accepted"),
        "raise an exception: data-missing": Step(
            "raise an exception: data-missing", "accountable", "person", "RaiseException", raises, "", "accepted"
        ),
    }
    full = {check.name: True for check in contract.checklist}
    steps = [OPENS, *(replace(made[label], args={**made[label].args, "answers": full}) for label in labels)]
    file = tmp_path / f"{name}-found-by-verify_test.yaml"
    violation = Violation(name, "from here it never comes to its end", "ownership", Story(()), 1, tuple(steps))
    with monkeypatch.context() as patched:
        instead(kind, refusing)(patched)
        file.write_bytes(scenario_text(revision(), TEMPLATE, violation, file))
        assert _run(file)[0]
    failed, what = _run(file)
    assert not failed, f"{what}\n{file.read_text()}"


def hastier(path: str, data: bytes) -> bytes:
    """The template whose timeboxes are short with still shorter ones."""
    shorter = data.replace(b"  within: 5m\n", b"  within: 1m\n").replace(b"  within: 4h\n", b"  within: 9m\n")
    return shorter if path.endswith(f"{HASTY}/template.yaml") else data


def quick(path: str, data: bytes) -> bytes:
    """The template with timeboxes of a minute."""
    return data.replace(b"  within: 2h\n", b"  within: 1m\n") if path.endswith(f"{TEMPLATE}/template.yaml") else data


@pytest.mark.parametrize("name", ["manager-knows", "silence"])
def test_times_that_are_too_long_become_a_scenario(tmp_path: Path, name: str) -> None:
    contract = revision().contracts[TEMPLATE]
    strict = reduced(contract, limits={**contract.limits.model_dump(mode="json"), "manager_knows_within": 600})
    bounds = [each for each in bounds_of(strict, silence_at_most=3600) if each.name == name]
    violation = next(_too_long(bounds, ()))
    file = tmp_path / f"{name}-found-by-verify_test.yaml"
    file.write_bytes(scenario_text(revision(), TEMPLATE, violation, file))
    failed, what = _run(file)
    assert failed
    assert "notified" in what
    start, at = ("2026-03-03", "10:00:00") if name == "manager-knows" else ("2026-04-02", "17:00:00")
    assert f'start: "{start}"' in file.read_text()
    assert f'at: "{at}"' in file.read_text(), "it opens when that takes longest, in its own zone"
    if name == "manager-knows":
        failed, what = _run(file, quick)
        assert not failed, f"{what}\n{file.read_text()}"


CLAIM = """\
schema: surety/v1
kind: Property
name: never-left-alone
summary: Nobody leaves it to the last rung.
"""


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("never: {state: exhausted}", "never:"),
        ("when: {state: exhausted}\nalways: {state: exhausted, exceptions: [data-missing]}", "always:"),
        ("leads_to: {from: {state: offered}, to: {state: exhausted}, within: 10m}", "eventually:"),
        ("leads_to: {from: {rung: primary}, to: {rung: escalation_owner}, within: 1m}", "eventually:"),
        ("leads_to: {from: {state: offered}, to: {overdue: true}, within: 10m}", "eventually:"),
        ("never: {rung: escalation_owner}", "owner: nadia-haddad"),
        ("when: {state: exhausted}\nalways: {rung: primary}", "always:"),
    ],
)
def test_a_claim_of_the_template_becomes_a_scenario(tmp_path: Path, claim: str, said: str) -> None:
    own = tmp_path / "never-left-alone_property.yaml"
    own.write_text(CLAIM + claim + "\n")
    claimed = load_revision(_With(own, template=HASTY)).revision
    assert claimed is not None
    contract = claimed.contracts[HASTY]
    claims = [each for _, each in claimed.properties]
    exhausted = Step("no answer to the ladder offer", "time", "time", "Tick", {}, "offer", "exhausted")
    violation = Violation("never-left-alone", "x", "ownership", Story(()), 1, (OPENS, exhausted))
    if said == "eventually:":
        violation = next(_too_long(own_bounds(contract, claims), ()))
    file = tmp_path / "never-left-alone-found-by-verify_test.yaml"
    file.write_bytes(scenario_text(claimed, HASTY, violation, file))
    assert said in file.read_text()
    assert _run(file, template=HASTY)[0]
    if said == "eventually:":
        failed, what = _run(file, hastier, template=HASTY)
        assert not failed, f"{what}\n{file.read_text()}"


def test_where_nobody_is_on_call_people_are_away() -> None:
    world = ("primary: nobody on call", "secondary: nobody on call", "escalation owner: somebody on call")
    course = played(revision(), _base(), (replace(OPENS, world=world),))
    rotation = revision().policies.rotations.rotations["accounting"].model_dump()
    away = {each["person"] for each in course.absences}
    assert away <= set(rotation["members"]), "beside whoever is away by the roster"
    assert len(away) > 1
    assert revision().contracts[TEMPLATE].ladder[course.state.rung].name == "escalation_owner"


ACCEPTED = Step("accept the ladder offer", "asked", "person", "Accept", {"answers": {}}, "", "accepted")
ESCALATED = Step("escalate", "owner", "person", "Escalate", {}, "", "offered")
QUESTION = b"""
  accepted:
    - ask:
        who: {role: finance-manager}
        question: Refund or credit?
        answers: {choice: [refund, credit]}
        within: 4h
        otherwise: escalate
"""


def asking(path: str, data: bytes) -> bytes:
    """The template with a question to somebody once it is accepted."""
    return data.replace(b"\n  accepted:\n", QUESTION) if path.endswith(f"{TEMPLATE}/template.yaml") else data


def too_early(patched: pytest.MonkeyPatch) -> None:
    """An engine in which steps last as long as an offer does, and so are given up by whoever accepts."""
    patched.setattr(evolve, "scope_of", lambda _point: (Phase.OFFERED,))


@pytest.mark.parametrize(
    ("words", "then", "fault"),
    [
        ("accepted goes on although it is offered", (ESCALATED,), never_leaving),
        ("accepted is given up although it is accepted", (), too_early),
    ],
)
def test_steps_that_outlast_their_state_or_end_before_it_become_a_scenario(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, then: tuple[Step, ...], fault: Fault
) -> None:
    file = tmp_path / "runs-found-by-verify_test.yaml"
    file.write_bytes((bundled_data() / f"templates/{TEMPLATE}/nobody-answers_test.yaml").read_bytes())
    asks = load_revision(_With(file, asking)).revision
    assert asks is not None
    full = {check.name: True for check in asks.contracts[TEMPLATE].checklist}
    steps = (OPENS, replace(ACCEPTED, args={"answers": full}), *then)
    with monkeypatch.context() as patched:
        fault(patched)
        found = Violation("runs", words, "runs: accepted", Story(()), 1, steps)
        file.write_bytes(scenario_text(asks, TEMPLATE, found, file))
        assert _run(file, asking)[0]
    failed, what = _run(file, asking)
    assert not failed, f"{what}\n{file.read_text()}"


def test_steps_that_are_done_before_are_no_scenario() -> None:
    violation = Violation("runs", "failover goes on although it is offered", "x", Story(()), 1, (OPENS,))
    with pytest.raises(Unplayable, match="the steps at `failover` are done before"):
        scenario_text(revision(), TEMPLATE, violation, Path("x_test.yaml"))


def echoing(patched: pytest.MonkeyPatch) -> None:
    """An engine that tells a person of every message that this person has got."""

    def again(draft: Draft, _command: Any, args: Any) -> None:
        draft.tell(draft.manager().id, "reminder", Reason.STILL_OPEN, "x#/x")

    patched.setitem(decide._HANDLERS, cmd.Deliver, again)
    patched.setattr(simulation, "_MOST_COMMANDS", 200)


def test_a_machine_that_goes_round_by_itself_becomes_a_scenario_that_does_not_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It goes round from the opening on, whatever comes later in the course."""
    later = Step("deadline: outcome", "time", "time", "Tick", {}, "outcome", "offered")
    violation = Violation("no-loop", "the runner goes round by itself from here", "messages", Story(()), 1)
    file = tmp_path / "no-loop-found-by-verify_test.yaml"
    for steps in ((OPENS,), (OPENS, later)):
        with monkeypatch.context() as patched:
            echoing(patched)
            found = replace(violation, steps=steps)
            file.write_bytes(scenario_text(revision(), TEMPLATE, found, file))
            assert _run(file) == (True, "the engine fails")
        failed, what = _run(file)
        assert not failed, f"{what}\n{file.read_text()}"
    with pytest.raises(Unplayable, match="does not go round"):
        scenario_text(revision(), TEMPLATE, replace(violation, steps=(OPENS,)), file)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("rungs", never_about("rungs")),
        ("steps", never_about("steps")),
        ("time", "no scenario can look at times that go back"),
    ],
)
def test_what_no_scenario_can_show_says_why(name: str, why: str | None) -> None:
    violation = Violation(name, "x", "ownership", Story(()), 1)
    with pytest.raises(Unplayable, match=re.escape(why or "no reason is given")):
        scenario_text(revision(), TEMPLATE, violation, Path("x_test.yaml"))


def _run(file: Path, change: Change = as_it_is, template: str = TEMPLATE) -> tuple[bool, str]:
    loaded = load_revision(_With(file, change, template))
    assert loaded.revision is not None, loaded.findings
    scenario, document = next((s, d) for path, s, d in loaded.revision.scenarios if path.endswith(file.name))
    try:
        result = run_scenario(loaded.revision, scenario, document)
    except (SimulationLimit, ZeroDivisionError):
        return True, "the engine fails"
    return not result.passed, " ".join(each.diagnostic.message for each in result.failures)


class _With:
    """The bundled files and one more."""

    def __init__(self, file: Path, change: Change = as_it_is, template: str = TEMPLATE) -> None:
        self._tree, self._change = FolderTree(bundled_data()), change
        self._path, self._data = f"templates/{template}/{file.name}", file.read_bytes()
        self.label, self.revision = self._tree.label, self._tree.revision

    def paths(self) -> tuple[str, ...]:
        """Of the scenarios only those beside the template: the others would only take time."""
        beside = self._path.rpartition("/")[0]
        kept = [path for path in self._tree.paths() if not path.endswith("_test.yaml") or path.startswith(beside)]
        return (*kept, self._path)

    def read(self, path: str) -> bytes:
        return self._data if path == self._path else self._change(path, self._tree.read(path))

    def refused(self) -> Any:
        return self._tree.refused()


def test_what_cannot_be_played_is_unknown_and_says_why() -> None:
    steps = (
        Step("it opens", "routing", "world", "Open", {}, "", "offered"),
        Step("deadline: outcome", "time", "time", "Tick", {}, "outcome", "offered", free=True),
    )
    violation = Violation("silence", "nobody hears", "ownership", Story(()), 1, steps)
    verdict = Verdict(TEMPLATE, "", Result.VIOLATED, (), (violation,))
    found = confirmed(revision(), verdict)
    assert found.result is Result.UNKNOWN
    assert found.violations == ()
    words = "`the outcome's own time is over` cannot come next: `the time to accept is over` comes first"
    assert words in found.reasons[0]


def test_a_time_that_is_too_long_needs_no_scenario_to_be_a_violation() -> None:
    """It was computed with the real calendars, and nobody chose which deadline comes next."""
    steps = (Step("it opens", "routing", "world", "Open", {}, "", "offered", free=True),)
    violation = Violation("manager-knows", "it may take 5h", "times", Story(()), 1, steps, 3600)
    verdict = Verdict(TEMPLATE, "", Result.VIOLATED, (), (violation,))
    assert confirmed(replace(revision(), scenarios=()), verdict).violations == (violation,)
    elsewhere = replace(verdict, violations=(replace(violation, part="ownership"),))
    assert confirmed(replace(revision(), scenarios=()), elsewhere).result is Result.UNKNOWN


def test_most_short_courses_can_be_played_and_the_others_say_why() -> None:
    graph = explored(250)
    done, why = 0, []
    for number in range(0, len(graph.states), 9):
        path = graph.path(number)
        violation = Violation("x", "x", "ownership", Story(()), 1, steps_of(path))
        if any(" one who is on call is " in f" {words}" for edge in path for words in edge.words):
            continue  # somebody would have to be the same as another
        try:
            played(revision(), _base(), violation.steps)
        except Unplayable as error:
            why.append(str(error))
        else:
            done += 1
    assert done >= 5, why
    for words in why:
        assert any(part in words for part in ("comes first", "no act", "refused", "it is", "nobody")), words


def _base() -> Any:
    return beginning(revision(), TEMPLATE)
