"""Two versions under the same moves: the first difference, and worst-case times before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runner.contract.contract import Contract, StepOf
from tests.runner.engine.stages import small_stages
from tests.validators.verify.small import explored, one_rung
from validators.output.compared import compared_lines, compared_words
from validators.verify.bounds import bounds_of
from validators.verify.cache import ProofCache
from validators.verify.compare import Comparison, Difference, Side, compare
from validators.verify.explore import Budget
from validators.verify.pairs import differences_of
from validators.verify.parts import parts_of
from validators.verify.people import people_in
from validators.verify.several import Request
from validators.verify.story import Scene, Story
from validators.verify.verdict import Result, Verdict, verify


def against(head: Contract, base: Contract | None = None, *, states: int = 700) -> Comparison:
    """One rung, unless another version is given, against another version."""
    return compare(Side(base or one_rung()), Side(head), states=states)


def ladder(*within: int) -> list[dict[str, Any]]:
    """The last rungs of a ladder with these timeboxes in seconds."""
    rungs = one_ladder()[-len(within) :]
    return [{**rung, "within": {"seconds": time, "calendar": None}} for rung, time in zip(rungs, within, strict=True)]


def one_ladder() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = small_stages()[0].contract.model_dump(mode="json")["ladder"]
    return found


PLAIN = one_rung().model_dump(mode="json")
HANDOFF, LIMITS = PLAIN["handoff"], PLAIN["limits"]
ODD = {"summary": "x", "owner": {"role": "boss"}, "within": {"seconds": 60, "calendar": None}, "rule": "x#/odd"}


def test_the_same_digest_is_the_same_contract() -> None:
    found = against(one_rung())
    assert (found.result, found.pairs, found.changes) == ("same", 0, ())
    assert {each.name for each in found.numbers} == {"manager-knows", "last-asked", "silence"}
    assert all(each.before == each.after for each in found.numbers)


def test_a_changed_text_is_told_from_the_contracts_alone() -> None:
    found = against(one_rung(statement="Said in other words."))
    assert (found.result, found.pairs) == ("alike", 0)
    assert [(each.where, each.sort) for each in found.changes] == [("statement", "text")]
    assert compared_words(found) == "only texts differ: everything is decided alike"


def test_other_tickets_are_no_other_course() -> None:
    found = against(one_rung(rearm=60, on=["ticket.created"]))
    assert {each.where for each in found.changes} == {"rearm", "on"}
    assert compared_words(found) == "it opens for other tickets: once it is open, everything is decided alike"


STEP = StepOf(
    kind="note", rule="small#/runbook/open/0", who=None, via=(), room=None, within=None, args={"text": "x"}, inputs={},
    task=False, timeout=None, retry=None, on_error="continue", on_leave="cancel",
).model_dump(mode="json")  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "before", "after", "steps"),
    [
        ({"repeat": 1}, "the ladder is exhausted, the escalation owner holds it", "the ladder begins again, pass 2", 2),
        ({"resolution_codes": ["fixed", "new"]}, "refused: 'new' is not", "closed by the owner as new", 4),
        ({"ladder": ladder(600, 1800)}, "nothing of it", "secondary is skipped", 1),
        ({"evidence": []}, "refused: outcome_evidence: invoice is missing", "resolved by the owner", 3),
        ({"checklist": []}, "refused: answer proof", "whoever is asked (ladder) accepts", 2),
        ({"postmortem": "always"}, "closed by the owner", "refused: postmortem", 4),
        ({"override_jobs": ["lead"]}, "the offer to whoever is asked (ladder) ends", "refused: only the", 2),
        ({"reopen_within": 60}, "refused: this contract does not open again", "opened again by a manager", 3),
        ({"exceptions": {"odd": ODD}}, "refused: classes of this contract", "whoever is asked (ladder) raises odd", 2),
        ({"handoff": {**HANDOFF, "at_most": 1}}, "somebody new is offered a handoff", "the escalation owner is", 3),
        ({"limits": {**LIMITS, "restores_at_most": 7}}, "nothing of it", "the ticket is set back", 3),
        ({"runbook": {"open": [STEP]}}, "nothing of it", "run started (the runbook has steps", 1),
    ],
)
def test_the_first_course_after_which_they_go_other_ways(
    changes: dict[str, Any], before: str, after: str, steps: int
) -> None:
    found = against(one_rung(**changes))
    assert found.result == "differs"
    first = next(each for each in found.differences if each.deep)
    assert first.sides[0].startswith(before), first
    assert first.sides[1].startswith(after), first
    assert len(first.before.scenes) == len(first.after.scenes) == steps
    assert first.before.scenes[: steps - 1] == first.after.scenes[: steps - 1]


@pytest.mark.parametrize(
    ("changes", "sides"),
    [
        ({"ladder": ladder(600)}, ("due 30m later", "due 10m later")),
        ({"limits": {**LIMITS, "remind_every": 60}}, ("remind at 1h later", "remind at 1m later")),
        (
            {
                "ladder": [{**one_ladder()[-1], "owner": {"role": "chief"}}],
                "owners": {**PLAIN["owners"], "escalation_owner": {"role": "chief"}},
            },
            ("who person boss", "who role chief"),
        ),
    ],
)
def test_times_and_people_are_other_ones_on_the_same_course(changes: dict[str, Any], sides: tuple[str, str]) -> None:
    found = against(one_rung(**changes))
    assert found.differences[0].sides == sides
    assert not any(each.deep for each in found.differences)
    assert f"{sides[0]} before, {sides[1]} after" in compared_words(found)


def test_a_calendar_alone_shows_in_the_instants() -> None:
    week = [[[540, 1020]]] * 5 + [[], []]
    calendars = [{"office": {"zone": "UTC", "week": days, "closed": []}} for days in (week, [[[600, 1020]]] * 7)]
    within = [{**one_ladder()[-1], "within": {"seconds": 3600, "calendar": "office"}}]
    old, new = (one_rung(ladder=within, calendars=each) for each in calendars)
    found = against(new, old)
    assert [each.part for each in found.differences] == ["times, when nobody acts"]
    assert found.differences[0].sides[0].endswith("Tue 2026-03-03 10:00 UTC")
    assert found.differences[0].sides[1].endswith("Tue 2026-03-03 11:00 UTC")
    assert found.changes[0].where == "calendars/office/monday"
    assert (found.changes[0].before, found.changes[0].after) == ("09:00-17:00", "10:00-17:00")


def test_a_closed_day_that_no_opening_comes_past_is_not_shown() -> None:
    week = [[[540, 1020]]] * 7
    calendars = [{"office": {"zone": "UTC", "week": week, "closed": days}} for days in ([], ["2031-01-01"])]
    within = {"seconds": 3600, "calendar": "office"}
    handoff = {**HANDOFF, "accept_within": within}
    old, new = (one_rung(handoff=handoff, calendars=each) for each in calendars)
    found = against(new, old)
    assert (found.result, found.differences, len(found.unshown)) == ("alike", (), 1)
    assert compared_words(found).startswith("decided alike, apart from times, people and work: no course shows it")
    assert (found.changes[0].before, found.changes[0].after) == ("none", "2031-01-01")


def test_what_both_have_in_common_is_told_shortly() -> None:
    story = Story(tuple(Scene(f"scene {n}", (), ()) for n in range(30)))
    longer = Story((*story.scenes, Scene("another", (), ())))
    difference = Difference("x", "more", ("nothing of it", "another"), ("", ""), story, longer)
    lines = list(compared_lines(Comparison("x", differences=(difference,))))
    told = [line.strip() for line in lines[1:] if "scene" in line or "…" in line or "another" in line]
    assert told == [
        "1. scene 0", "2. scene 1", "3. scene 2", "4. scene 3", "5. scene 4", "6. scene 5", "7. scene 6", "8. scene 7",
        "… 20 more, the same in both", "29. scene 28", "30. scene 29", "31. another", "after: another",
    ]  # fmt: skip


def test_people_are_handed_on_as_the_state_names_them() -> None:
    """One who turned out to be somebody else is compared by both names, which a mere copy of the name is not."""
    held = [state for state in explored().states if state.holder is not None]
    assert held
    for state in held:
        assert any(person is state.holder for person in people_in(state).values())


def test_driven_by_itself_nothing_ever_differs() -> None:
    """Everybody has a counterpart, and each command means the same in both."""
    for part in parts_of(one_rung(runbook={"open": [STEP]})):
        done = differences_of(
            (part, part), Budget(states=40), lambda _part, _state: iter(()), shallow=False, known=False
        )
        assert (part.name, done.found) == (part.name, [])


def test_what_was_not_looked_at_is_no_answer() -> None:
    found = against(one_rung(resolution_codes=["fixed", "new"]), states=1)
    assert (found.result, found.differences) == ("unknown", ())
    assert "ownership: more than 1 states" in found.limits
    lines = list(compared_lines(found))
    assert lines[0].startswith("small: UNKNOWN whether it differs: none was found in ")
    assert any(
        "not looked at any further, so there may be more: who is asked and who holds it" in line for line in lines
    )


def test_lines_show_changes_the_common_course_and_both_ends() -> None:
    lines = list(compared_lines(against(one_rung(repeat=1))))
    assert lines[0].startswith("small: differs: the ladder is exhausted, the escalation owner holds it")
    for line in (
        "    repeat: 0 before, 1 after",
        "  the shortest course that differs (who is asked and who holds it):",
        "      2. whoever is asked: reject the ladder offer",
        "      after: the ladder begins again, pass 2 (the ladder starts again) [small#/accept/repeat]",
    ):
        assert line in lines, "\n".join(lines)


def test_a_longer_timebox_shows_in_the_numbers() -> None:
    found = against(one_rung(ladder=ladder(7200, 1800)), one_rung(ladder=ladder(600, 1800)))
    knows = next(each for each in found.numbers if each.name == "manager-knows")
    assert (knows.before, knows.after) == (600, 7200)
    assert f"  longest time {knows.words}: 10m before, 2h after; 1h allowed" in list(compared_lines(found))


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


@pytest.mark.parametrize("damage", [b"", b"\xff\x00", b"[]", b"{", b'{"answer": 1}', b"null"])
def test_a_file_that_is_no_proof_is_as_if_there_were_none(tmp_path: Path, damage: bytes) -> None:
    contract, request = one_rung(), Request(1, 1.0, (), None, lambda: 0.0)
    cache = ProofCache({"SURETY_CACHE_DIR": str(tmp_path)}, request)
    cache.keep(contract, Verdict(contract.name, contract.digest, Result.PROVED, (), ()))
    assert cache.recall(contract) is not None
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_bytes(damage)
    assert cache.recall(contract) is None


def test_a_damaged_proof_is_as_if_there_were_none(tmp_path: Path) -> None:
    contract, request = one_rung(), Request(1, 1.0, (), None, lambda: 0.0)
    cache = ProofCache({"SURETY_CACHE_DIR": str(tmp_path)}, request)
    cache.keep(contract, Verdict(contract.name, contract.digest, Result.PROVED, (), ()))
    for file in tmp_path.glob("*.json"):
        entry = json.loads(file.read_text())
        file.write_text(json.dumps({**entry, "answer": {**entry["answer"], "text": "{}"}}))
    assert cache.recall(contract) is None
