"""What is broken is told once by name, with the shortest course that can be played, whatever parts show it."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runner.contract.documents import Document
from runner.contract.load import Revision, load_revision
from runner.contract.property import Property
from runner.contract.scenario import Scenario
from runner.engine import state
from runner.revision import FolderTree, bundled_data
from tests.validators.verify.small import one_rung
from validators.output.verdicts import verdicts_json, verdicts_text
from validators.verify import witness
from validators.verify.confirm import confirmed, scenario_text
from validators.verify.explore import Budget, explore
from validators.verify.own import with_own
from validators.verify.part_words import PARTS, part_words
from validators.verify.parts import ownership, parts_of
from validators.verify.story import Scene, Step, Story, move_words
from validators.verify.tickets import beginning
from validators.verify.verdict import NO_PART, Explored, Result, Verdict, Violation, _violations
from validators.verify.witness import Unplayable, played

TEMPLATE = "enterprise-billing"
OPENS = Step("it opens", "routing", "world", "Open", {}, "", "offered")
UNANSWERED = Step("no answer to the ladder offer", "time", "time", "Tick", {}, "offer", "exhausted")
LATER = Step("deadline: outcome", "time", "time", "Tick", {}, "outcome", "offered", free=True)
NEVER = Property.model_validate(
    {
        "schema": "surety/v1",
        "kind": "Property",
        "name": "mine",
        "summary": "Nobody leaves it to the last rung.",
        "never": {"state": "exhausted"},
    }
)


@cache
def shipped() -> Revision:
    found = load_revision(FolderTree(bundled_data())).revision
    assert found is not None
    return found


def claiming() -> Revision:
    """The bundled files and a claim that is not so."""
    return replace(shipped(), properties=((f"templates/{TEMPLATE}/mine_property.yaml", NEVER),))


def violation(part: str, *steps: Step, words: str = "x", name: str = "mine", **more: Any) -> Violation:
    return Violation(name, words, part, Story(tuple(Scene(each.label, (), ()) for each in steps)), 1, steps, **more)


def verdict(*violations: Violation) -> Verdict:
    return Verdict(TEMPLATE, "d", Result.VIOLATED, (Explored("ownership", 5, 10, 0.5),), violations)


def test_a_property_is_told_once_with_the_shortest_course_and_the_parts_that_show_it() -> None:
    found = verdict(
        violation("ownership", OPENS, UNANSWERED),
        violation("runs: open", OPENS, UNANSWERED),
        violation("messages", OPENS),
        violation("runs: failover", OPENS, UNANSWERED, words="y"),
        violation("ownership", OPENS, name="proven"),
    )
    told = confirmed(claiming(), found)
    assert [(each.name, each.part, each.times) for each in told.violations] == [
        ("mine", "messages", 4),
        ("proven", "ownership", 1),
    ]
    assert told.violations[0].also == (("ownership", "x"), ("runs: open", "x"), ("runs: failover", "y"))
    text = verdicts_text([told], "here").splitlines()
    assert [line for line in text if "does not hold" in line] == [
        "  does not hold: Nobody leaves it to the last rung [mine]",
        "  does not hold: nothing resolves or closes unproven [proven]",
    ]
    assert "  the shortest course that shows it (messages that reach nobody):" in text
    assert [line for line in text if "also in" in line] == [
        "  also in: who is asked and who holds it; the steps at `open`",
        "  also in: the steps at `failover`: y",
    ]
    document = verdicts_json([told], "here")
    assert document.count('"property": "mine"') == 1
    assert '"part": "runs: failover"' in document


def test_everything_that_never_comes_about_is_named_below_one_headline() -> None:
    never = [Violation("steps", f"never begun: {n}", NO_PART, Story(()), 1) for n in ("a", "b", "c")]
    told = confirmed(shipped(), verdict(*never))
    lines = verdicts_text([told], "here").splitlines()
    at = lines.index("  does not hold: every step can come about [steps]")
    assert lines[at + 1 : at + 4] == [f"    never begun: {n}" for n in ("a", "b", "c")]


def test_a_scenario_that_fails_for_another_reason_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at the ticket before there is one, which is an error of its own."""
    early = {"expect": [{"at": "2026-03-03 08:00", "state": "none"}]}
    monkeypatch.setattr(witness, "demands", lambda _case: early)
    with pytest.raises(Unplayable, match="nothing is wrong"):
        scenario_text(claiming(), TEMPLATE, violation("ownership", OPENS), Path("mine_test.yaml"))


def test_what_never_comes_about_is_shown_with_its_place() -> None:
    never = Violation("steps", f"this step never begins: {TEMPLATE}#/runbook/failover/0", NO_PART, Story(()), 1)
    (told,) = confirmed(shipped(), verdict(never)).violations
    assert re.search(r"failover/0 \(templates/\S+\.yaml:[0-9]+\)$", told.words)


def test_a_claim_is_broken_where_other_deadlines_pass_within_its_course() -> None:
    """The outcome's time passes first in the exploration, and with the real times long after all have been asked."""
    late = NEVER.model_dump(mode="json", by_alias=True, exclude_none=True)
    never = Property.model_validate({**late, "never": {"state": "resolved", "overdue": True}})
    claiming = replace(shipped(), properties=(("templates/sla-breach/mine_property.yaml", never),))
    contract = claiming.contracts["sla-breach"]
    part = ownership(contract)
    graph = explore(part, Budget(states=250), lambda _: iter(()), with_own([never], part, len(contract.ladder)))
    found = replace(verdict(*_violations(graph, ())), template="sla-breach")
    told = confirmed(claiming, found)
    assert told.result is Result.VIOLATED
    assert told.violations[0].loosely
    harmless = replace(found.violations[0], steps=found.violations[0].steps[:2], others=())
    (reason,) = confirmed(claiming, replace(found, violations=(harmless,))).reasons
    assert "when what comes first may come, it stands otherwise in the end" in reason
    refused = replace(
        harmless, steps=(*harmless.steps, Step("accept", "nobody", "person", "Accept", {"answers": {}}, "", ""))
    )
    (reason,) = confirmed(claiming, replace(found, violations=(refused,))).reasons
    assert "when what comes first may come, `accept` is refused: not_yours" in reason
    assert "real times other deadlines pass in between" in verdicts_text([told], "here")
    text = scenario_text(claiming, "sla-breach", told.violations[0], Path("mine_test.yaml")).decode()
    assert "never: [{" in text
    assert "ticket: late-open-2, fields: {status: solved}" in text, "or it could not be resolved"
    with pytest.raises(Unplayable, match="comes first"):
        scenario_text(claiming, "sla-breach", replace(told.violations[0], loosely=False), Path("mine_test.yaml"))


def test_a_doubt_is_no_doubt_where_another_part_shows_it_and_is_told_once_else() -> None:
    doubtful = [violation(part, OPENS, LATER) for part in ("ownership", "messages")]
    told = confirmed(shipped(), verdict(*doubtful, violation("remedies", OPENS, UNANSWERED, OPENS)))
    assert [each.part for each in told.violations] == ["remedies"]
    assert told.reasons == ()
    unknown = confirmed(shipped(), verdict(*doubtful))
    assert unknown.result is Result.UNKNOWN
    assert len(unknown.reasons) == 1


def test_where_the_shortest_course_cannot_be_told_the_next_one_is_written() -> None:
    alien = Step("do what no act says", "owner", "person", "Unheard", {}, "", "offered")
    found = confirmed(
        claiming(),
        verdict(violation("messages", OPENS, alien), violation("ownership", OPENS, UNANSWERED)),
    )
    assert found.violations[0].part == "messages"
    text = scenario_text(claiming(), TEMPLATE, found.violations[0], Path("mine_test.yaml")).decode()
    assert "state: exhausted" in text
    assert text.count("never:") == 1


@pytest.mark.parametrize("template", sorted(shipped().contracts))
def test_some_ticket_of_the_scenarios_beside_it_opens_every_template(template: str) -> None:
    base = beginning(shipped(), template)
    assert base.acts == ()
    assert len(base.tickets) == 1
    assert played(shipped(), base, (OPENS,)).state.phase.value == "offered"


def only(revision: Revision, template: str, name: str) -> Revision:
    """The revision with one scenario alone beside a template, in each of its cases."""

    def is_it(each: tuple[str, Scenario, Document]) -> bool:
        return each[0] == f"templates/{template}/{name}_test.yaml"

    return replace(revision, scenarios=tuple(filter(is_it, revision.scenarios)))


def test_where_no_ticket_opens_it_at_once_it_is_changed_until_one_does() -> None:
    late = only(shipped(), "rejected-lead", "becomes-so-later")
    base = beginning(late, "rejected-lead")
    assert [(act.at, act.do) for act in base.acts] == [("09:30", "update")]
    mine = replace(late, properties=(("templates/rejected-lead/mine_property.yaml", NEVER),))
    course = violation("ownership", OPENS, UNANSWERED)
    text = scenario_text(mine, "rejected-lead", course, Path("mine_test.yaml")).decode()
    assert text.index('at: "09:30", do: update') < text.index("never:")
    assert "ticket:" not in text


def test_where_no_ticket_opens_it_at_all_it_is_said_what_to_do() -> None:
    late = only(shipped(), "rejected-lead", "becomes-so-later").scenarios
    unchanged = tuple((path, each.model_copy(update={"acts": ()}), document) for path, each, document in late)
    with pytest.raises(Unplayable, match="write a scenario whose ticket opens it first"):
        beginning(replace(shipped(), scenarios=unchanged), "rejected-lead")
    with pytest.raises(Unplayable, match="write one beside it first"):
        beginning(replace(shipped(), scenarios=unchanged), TEMPLATE)


OVERDUE = Step("deadline: outcome", "time", "time", "Tick", {}, "outcome", "exhausted", free=True)
NOBODY = tuple(f"{rung}: nobody on call" for rung in ("primary", "secondary", "escalation owner"))


def test_reminders_pass_before_what_is_awaited_and_nobody_is_away_who_need_not_be() -> None:
    never = Property.model_validate(
        {**NEVER.model_dump(mode="json", by_alias=True, exclude_none=True), "never": {"overdue": True}}
    )
    claiming = replace(shipped(), properties=(("templates/enterprise-billing/mine_property.yaml", never),))
    course = (replace(OPENS, world=NOBODY, phase="exhausted"), OVERDUE)
    found = played(shipped(), beginning(shipped(), TEMPLATE), course)
    assert found.state.outcome_missed
    assert (found.ended - found.opened).days == 1, "two working days later, after many a reminder"
    text = scenario_text(claiming, TEMPLATE, violation("ownership", *course), Path("mine_test.yaml")).decode()
    assert "recorded: [outcome_overdue]" in text
    assert found.absences
    assert "absences" not in text


def test_of_what_is_broken_in_many_ways_each_way_has_a_course() -> None:
    graph = explore(ownership(one_rung()), Budget(), lambda _: iter([("mine", "always")]))
    (found,) = _violations(graph, ())
    ways = {each.steps[-1].label for each in found.others}
    assert {"deadline: outcome", "accept the ladder offer"} < ways
    assert len(ways) > 8, "more than the nearest have"
    lengths = [len(each.steps) for each in (found, *found.others)]
    assert lengths == sorted(lengths)


def test_every_deadline_has_words() -> None:
    sorts = set(re.findall(r'Deadline\(\S+, \d+, "(\w+)"', inspect.getsource(state)))
    assert {"offer", "outcome", "remedy"} < sorts
    for sort in sorts:
        assert move_words("time", f"deadline: {sort}").startswith("time passes: the ")
    assert move_words("asked", "accept") == "whoever is asked: accept"
    assert move_words("owner", "accept") == "owner: accept"


def test_every_part_has_words_of_its_own() -> None:
    names = {part.name for part in parts_of(shipped().contracts[TEMPLATE])}
    assert {name for name in names if not name.startswith("runs: ")} == PARTS.keys() - {"times"}
    assert part_words("runs: open", "ownership", "runs: exception:late") == (
        "who is asked and who holds it; the steps at `open`, `exception:late`"
    )
