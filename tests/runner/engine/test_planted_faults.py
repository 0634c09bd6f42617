"""Each guarantee is seen red: one place of the engine is broken, and the same machines must find it.

A fault is found when a machine raises `Broken` of that guarantee, not when anything fails somewhere. That the machines
find nothing in the engine as it is, `test_guarantees` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from runner.contract.contract import RetryOf
from runner.engine import (
    acceptance,
    closing,
    decide,
    decision,
    evolve,
    handoffs,
    intake,
    ladder,
    progress,
    record,
    routing,
    runs,
    state,
)
from runner.engine import commands as cmd
from runner.engine import deadlines as ticking
from runner.engine import events as ev
from runner.engine.draft import Draft
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from tests.runner.engine.guarantees import Broken
from tests.runner.engine.machines import Escalations, Runbooks, Silences, Tickets

BUDGET = settings(
    max_examples=300,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
SOON = settings(BUDGET, max_examples=10)
Patch = Callable[[pytest.MonkeyPatch], None]


def found(machine: type[RuleBasedStateMachine], beginning: int) -> str | None:
    """The guarantee that the machine found broken; None if it found nothing."""
    begun = seed(beginning)(type(machine.__name__, (machine,), {}))
    for budget in (SOON, BUDGET):
        try:
            run_state_machine_as_test(begun, settings=budget)
        except Broken as broken:
            return broken.guarantee
    return None


# 1: somebody is accountable


def evolve_forgets_the_holder(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["OfferAccepted"]

    def forgetful(new: state.State, event: Any) -> None:
        honest(new, event)
        new.holder = None

    patch.setitem(evolve._APPLY, "OfferAccepted", forgetful)


def the_ladder_ends_in_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ladder, "exhaust", lambda draft: None)


def a_handoff_counts_when_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["OwnerOffered"]

    def hasty(new: state.State, event: Any) -> None:
        honest(new, event)
        if event.purpose == "handoff":
            new.holder = event.to

    patch.setitem(evolve._APPLY, "OwnerOffered", hasty)


def an_absence_is_kept_quiet(patch: pytest.MonkeyPatch) -> None:
    honest = Draft.tell_manager

    def quiet(draft: Draft, about: Any, reason: Reason, rule: str) -> None:
        if about != "rung_skipped":
            honest(draft, about, reason, rule)

    patch.setattr(Draft, "tell_manager", quiet)


def the_substitute_stays_when_it_holds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide, "name_substitute", lambda draft: None)


def two_are_asked_at_once(patch: pytest.MonkeyPatch) -> None:
    honest = ladder.withdraw
    patch.setattr(decide, "withdraw", lambda draft, reason, rule, *purposes: honest(draft, reason, rule, "handoff"))


def a_failed_write_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["RecordFailed"]

    def forgetful(new: state.State, event: Any) -> None:
        honest(new, event)
        new.rewrite_at = None

    patch.setitem(evolve._APPLY, "RecordFailed", forgetful)


# 2: there is a next deadline


def _without_deadlines(patch: pytest.MonkeyPatch, sort: str) -> None:
    honest = state.deadlines

    def deaf(of: state.State) -> Any:
        return (each for each in honest(of) if each.sort != sort)

    patch.setattr(state, "deadlines", deaf)
    patch.setattr(ticking, "deadlines", deaf)


def offers_have_no_deadline(patch: pytest.MonkeyPatch) -> None:
    _without_deadlines(patch, "offer")


def steps_have_no_deadline(patch: pytest.MonkeyPatch) -> None:
    _without_deadlines(patch, "step")


def pages_have_no_deadline(patch: pytest.MonkeyPatch) -> None:
    _without_deadlines(patch, "page")


def exceptions_have_no_deadline(patch: pytest.MonkeyPatch) -> None:
    _without_deadlines(patch, "exception")


def reminders_have_no_deadline(patch: pytest.MonkeyPatch) -> None:
    _without_deadlines(patch, "remind")


def writes_have_no_deadline(patch: pytest.MonkeyPatch) -> None:
    _without_deadlines(patch, "record")


def accepting_forgets_that_the_outcome_is_late(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["OfferAccepted"]

    def forgetful(new: state.State, event: Any) -> None:
        honest(new, event)
        new.remind_at = None

    patch.setitem(evolve._APPLY, "OfferAccepted", forgetful)


def a_missed_outcome_is_told_to_nobody(patch: pytest.MonkeyPatch) -> None:
    honest = Draft.tell

    def mute(draft: Draft, to: str, about: Any, *rest: Any) -> None:
        if about != "outcome_overdue":
            honest(draft, to, about, *rest)

    patch.setattr(Draft, "tell", mute)


# 4: late is not lost


def the_newest_deadline_comes_first(patch: pytest.MonkeyPatch) -> None:
    def newest(found: Any, *, default: Any) -> Any:
        return max(found, default=default)

    patch.setattr(ticking, "min", newest, raising=False)


def a_late_acceptance_is_refused(patch: pytest.MonkeyPatch) -> None:
    honest = acceptance.open_offer

    def strict(draft: Draft, command: Any, number: int) -> Any:
        offer = honest(draft, command, number)
        if offer.due is not None and draft.now > offer.due:
            raise CommandRejected(RejectReason.OFFER_ENDED, "too late")
        return offer

    patch.setattr(acceptance, "open_offer", strict)


def a_timebox_starts_when_the_one_before_ended(patch: pytest.MonkeyPatch) -> None:
    honest = ladder.offer_to

    def backdated(draft: Draft, *given: Any, due: datetime | None, **rest: Any) -> None:
        last = draft.events[0] if draft.events else None
        if due is not None and isinstance(last, ev.OfferEnded) and last.due is not None:
            due -= draft.now - last.due
        honest(draft, *given, due=due, **rest)

    patch.setattr(ladder, "offer_to", backdated)


def a_breach_is_dated_when_it_is_handled(patch: pytest.MonkeyPatch) -> None:
    honest = ladder.expire_ladder_offer
    patch.setattr(ticking, "expire_ladder_offer", lambda draft, offer: honest(draft, replace(offer, due=draft.now)))


def time_goes_back(patch: pytest.MonkeyPatch) -> None:
    honest = decide.drafted

    def careless(contract: Any, before: Any, command: Any, world: Any) -> Any:
        older = replace(before.copy(), now=world.now) if before is not None and world.now < before.now else before
        return honest(contract, older, command, world)

    patch.setattr(decision, "_not_before", lambda world, before: world)
    patch.setattr(decision, "drafted", careless)


def trying_again_is_counted_as_a_repeat(patch: pytest.MonkeyPatch) -> None:
    honest = ladder.offer_rung

    def counting(draft: Draft, rung: int, reason: Reason, *, retry: bool = False, **rest: Any) -> bool:
        if retry:
            again = draft.state.ladder_pass + 1
            draft.add(ev.LadderRepeated(reason=Reason.REPEATED, rule="x", ladder_pass=again))
        return honest(draft, rung, reason, retry=retry, **rest)

    patch.setattr(ladder, "offer_rung", counting)


def who_was_never_told_did_not_answer(patch: pytest.MonkeyPatch) -> None:
    honest = ladder.expire_ladder_offer
    patch.setattr(ticking, "expire_ladder_offer", lambda draft, offer: honest(draft, replace(offer, told=True)))


def every_failed_write_is_told(patch: pytest.MonkeyPatch) -> None:
    told = record.record_failed

    def loud(draft: Draft, command: Any, args: Any) -> None:
        before = draft.state.unwritten
        told(draft, command, args)
        if before and isinstance(draft.events[-1], ev.RecordFailed):
            draft.tell(draft.manager().id, "record_failed", Reason.UNWRITTEN, "x")

    patch.setitem(decide._HANDLERS, cmd.FailRecord, loud)


# 5: loops end


def handoffs_have_no_bound(patch: pytest.MonkeyPatch) -> None:
    honest = handoffs.hand_over

    def boundless(draft: Draft, command: Any, args: Any) -> None:
        rules = draft.contract.handoff.model_copy(update={"at_most": 99})
        draft.contract = draft.contract.model_copy(update={"handoff": rules})
        honest(draft, command, args)

    patch.setitem(decide._HANDLERS, cmd.HandOver, boundless)


def restores_have_no_bound(patch: pytest.MonkeyPatch) -> None:
    honest = closing.solved_outside

    def stubborn(draft: Draft, command: Any, args: Any) -> None:
        limits = draft.contract.limits.model_copy(update={"restores_at_most": 99})
        draft.contract = draft.contract.model_copy(update={"limits": limits})
        honest(draft, command, args)

    patch.setitem(decide._HANDLERS, cmd.NoteSolvedOutside, stubborn)


def the_ladder_repeats_for_ever(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["LadderRepeated"]

    def amnesic(new: state.State, event: Any) -> None:
        honest(new, event)
        new.ladder_pass = 0

    patch.setitem(evolve._APPLY, "LadderRepeated", amnesic)


def trying_again_has_no_bound(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["OwnerOffered"]

    def amnesic(new: state.State, event: Any) -> None:
        honest(new, event)
        new.untold = 0

    patch.setitem(evolve._APPLY, "OwnerOffered", amnesic)


def an_empty_pass_is_repeated(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["LadderRepeated"]

    def amnesic(new: state.State, event: Any) -> None:
        honest(new, event)
        new.ladder_pass = 0
        new.offered_in_pass = True

    patch.setitem(evolve._APPLY, "LadderRepeated", amnesic)


# 8: steps have their tries, and no more


def a_step_is_tried_for_ever(patch: pytest.MonkeyPatch) -> None:
    honest = Draft.steps

    def stubborn(draft: Draft, point: str) -> Any:
        def endless(step: Any) -> Any:
            return step.model_copy(update={"retry": RetryOf(times=99, every=step.retry.every)}) if step.retry else step

        return tuple(map(endless, honest(draft, point)))

    patch.setattr(Draft, "steps", stubborn)


def a_run_goes_on_after_what_should_stop_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(runs, "_stop", lambda draft, run, step, reason: runs._go_on(draft, run))


def a_step_is_given_up_in_silence(patch: pytest.MonkeyPatch) -> None:
    honest = Draft.tell_manager

    def quiet(draft: Draft, about: Any, reason: Reason, rule: str) -> None:
        if about not in ("step_failed", "run_stopped"):
            honest(draft, about, reason, rule)

    patch.setattr(Draft, "tell_manager", quiet)


def a_lost_task_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["StepFailed"]

    def forgetful(new: state.State, event: Any) -> None:
        honest(new, event)
        new.failed_tasks = ()

    patch.setitem(evolve._APPLY, "StepFailed", forgetful)


# 9: whoever is woken is waited for


def a_page_without_reaction_is_kept_quiet(patch: pytest.MonkeyPatch) -> None:
    honest = Draft.tell

    def mute(draft: Draft, to: str, about: Any, *rest: Any) -> None:
        if about != "page_unanswered":
            honest(draft, to, about, *rest)

    patch.setattr(Draft, "tell", mute)


def a_reaction_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide, "pages_answered", lambda draft, actor: None)


def a_page_is_answered_by_what_began_it(patch: pytest.MonkeyPatch) -> None:
    honest = evolve._APPLY["StepRequested"]

    def hasty(new: state.State, event: Any) -> None:
        honest(new, event)
        new.pages = {}

    patch.setitem(evolve._APPLY, "StepRequested", hasty)


def the_end_leaves_pages_behind(patch: pytest.MonkeyPatch) -> None:
    for name in ("EscalationClosed", "EscalationCancelled"):
        honest = evolve._APPLY[name]

        def keeping(new: state.State, event: Any, honest: Any = honest) -> None:
            pages = new.pages
            honest(new, event)
            new.pages = pages

        patch.setitem(evolve._APPLY, name, keeping)


def to_and_fro_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handoffs, "_bounced", lambda *given: False)


# 6: an acceptance can lapse


def silence_has_no_deadline(patch: pytest.MonkeyPatch) -> None:
    _without_deadlines(patch, "progress")


def nothing_counts_as_progress(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decide, "await_progress", lambda draft, command: None)


def whatever_anybody_does_counts_as_progress(patch: pytest.MonkeyPatch) -> None:
    honest = progress.await_progress

    def generous(draft: Draft, command: Any) -> None:
        honest(draft, command.model_copy(update={"actor": draft.state.holder}))

    patch.setattr(decide, "await_progress", generous)


def silence_is_not_reminded_first(patch: pytest.MonkeyPatch) -> None:
    honest = progress.expire_progress

    def hasty(draft: Draft) -> None:
        draft.state.progress_reminded = True
        honest(draft)

    patch.setattr(ticking, "expire_progress", hasty)


def who_loses_it_is_not_told(patch: pytest.MonkeyPatch) -> None:
    honest = Draft.tell

    def mute(draft: Draft, to: str, about: Any, *rest: Any) -> None:
        if about != "released":
            honest(draft, to, about, *rest)

    patch.setattr(Draft, "tell", mute)


def an_overdue_outcome_stays_where_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ticking, "_reassign", lambda draft, due: None)


# 12: the record can be decided again


def rows_are_not_chained(patch: pytest.MonkeyPatch) -> None:
    honest = decision._encode
    patch.setattr(decision, "_encode", lambda row: honest({**row, "prev": ""}))


def rows_know_what_only_this_process_knows(patch: pytest.MonkeyPatch) -> None:
    honest, calls = decision._encode, iter(range(10**9))
    patch.setattr(decision, "_encode", lambda row: honest({**row, "epoch": next(calls)}))


def something_happens_without_an_event(patch: pytest.MonkeyPatch) -> None:
    honest = ladder.name_substitute

    def sly(draft: Draft) -> None:
        honest(draft)
        draft.state.links = (*draft.state.links, "T-0")

    patch.setattr(decide, "name_substitute", sly)


# a refusal changes nothing


def a_decision_works_on_the_state_itself(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(state.State, "copy", lambda self: self)


# 13: one open escalation per ticket, and none ends silently


def an_open_escalation_does_not_matter(patch: pytest.MonkeyPatch) -> None:
    honest = routing.fires
    patch.setattr(intake, "fires", lambda table, case, *rest: honest(table, replace(case, escalation=None), *rest))


def every_match_fires(patch: pytest.MonkeyPatch) -> None:
    honest = routing.fires
    patch.setattr(intake, "fires", lambda table, case, *rest: honest(table, replace(case, outcome=None), *rest))


def nothing_fires_twice(patch: pytest.MonkeyPatch) -> None:
    honest = routing.fires
    patch.setattr(intake, "fires", lambda table, case, *rest: honest(table, replace(case, closed_at={}), *rest))


def what_was_taken_meanwhile_never_fires(patch: pytest.MonkeyPatch) -> None:
    honest = routing.fires

    def deaf(table: Any, case: Any, outcome: Any, now: datetime) -> Any:
        return honest(table, replace(case, fired_at={**case.fired_at, outcome.template: now}), outcome, now)

    patch.setattr(intake, "fires", deaf)


def evidence_that_comes_later_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(intake, "_new_evidence", lambda *given: False)


def a_ticket_solved_outside_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(intake, "_endings", lambda *given: [])


def a_ticket_solved_outside_is_believed(patch: pytest.MonkeyPatch) -> None:
    def gullible(draft: Draft, command: Any, args: Any) -> None:
        closing.finish(draft, command.actor, "fixed", None)

    patch.setitem(decide._HANDLERS, cmd.NoteSolvedOutside, gullible)


FAULTS: dict[tuple[type[RuleBasedStateMachine], str], tuple[Patch, ...]] = {
    (Escalations, "accountable"): (
        evolve_forgets_the_holder,
        the_ladder_ends_in_nothing,
        a_handoff_counts_when_it_is_sent,
        an_absence_is_kept_quiet,
        the_substitute_stays_when_it_holds,
        two_are_asked_at_once,
        a_failed_write_is_forgotten,
    ),
    (Escalations, "deadline"): (
        offers_have_no_deadline,
        exceptions_have_no_deadline,
        reminders_have_no_deadline,
        writes_have_no_deadline,
        accepting_forgets_that_the_outcome_is_late,
        a_missed_outcome_is_told_to_nobody,
    ),
    (Escalations, "late"): (
        the_newest_deadline_comes_first,
        a_late_acceptance_is_refused,
        a_timebox_starts_when_the_one_before_ended,
        a_breach_is_dated_when_it_is_handled,
        time_goes_back,
    ),
    (Escalations, "untold"): (
        trying_again_is_counted_as_a_repeat,
        who_was_never_told_did_not_answer,
        every_failed_write_is_told,
    ),
    (Escalations, "loops"): (
        handoffs_have_no_bound,
        restores_have_no_bound,
        the_ladder_repeats_for_ever,
        trying_again_has_no_bound,
        an_empty_pass_is_repeated,
    ),
    (Silences, "loops"): (to_and_fro_is_not_noticed,),
    (Silences, "deadline"): (silence_has_no_deadline,),
    (Runbooks, "deadline"): (steps_have_no_deadline, pages_have_no_deadline),
    (Silences, "progress"): (
        nothing_counts_as_progress,
        whatever_anybody_does_counts_as_progress,
        silence_is_not_reminded_first,
        who_loses_it_is_not_told,
        an_overdue_outcome_stays_where_it_is,
    ),
    (Runbooks, "runs"): (
        a_step_is_tried_for_ever,
        a_run_goes_on_after_what_should_stop_it,
        a_step_is_given_up_in_silence,
        a_lost_task_is_forgotten,
    ),
    (Runbooks, "pages"): (
        a_page_without_reaction_is_kept_quiet,
        a_reaction_is_not_noticed,
        a_page_is_answered_by_what_began_it,
        the_end_leaves_pages_behind,
    ),
    (Escalations, "reproducible"): (
        rows_are_not_chained,
        rows_know_what_only_this_process_knows,
        something_happens_without_an_event,
    ),
    (Escalations, "untouched"): (a_decision_works_on_the_state_itself,),
    (Tickets, "one open"): (
        an_open_escalation_does_not_matter,
        every_match_fires,
        nothing_fires_twice,
        what_was_taken_meanwhile_never_fires,
    ),
    (Tickets, "silent"): (
        a_ticket_solved_outside_is_not_noticed,
        a_ticket_solved_outside_is_believed,
        evidence_that_comes_later_is_not_noticed,
    ),
}
BEGINNINGS = {
    "the_substitute_stays_when_it_holds": 2,
    "two_are_asked_at_once": 1,
    "a_failed_write_is_forgotten": 1,
    "writes_have_no_deadline": 1,
    "a_late_acceptance_is_refused": 1,
    "a_timebox_starts_when_the_one_before_ended": 2,
    "a_breach_is_dated_when_it_is_handled": 2,
    "time_goes_back": 1,
    "every_failed_write_is_told": 1,
    "handoffs_have_no_bound": 4,
    "restores_have_no_bound": 2,
    "trying_again_has_no_bound": 1,
    "to_and_fro_is_not_noticed": 4,
}
"""Where chance begins so that a fault is found within ten lives, unless at 0. From elsewhere it takes up to 300."""
CASES = [(machine, guarantee, fault) for (machine, guarantee), faults in FAULTS.items() for fault in faults]


@pytest.mark.parametrize(("machine", "guarantee", "fault"), CASES, ids=[fault.__name__ for _, _, fault in CASES])
def test_the_fault_is_found(
    machine: type[RuleBasedStateMachine], guarantee: str, fault: Patch, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    assert found(machine, BEGINNINGS.get(fault.__name__, 0)) == guarantee


def test_every_guarantee_has_a_fault() -> None:
    named = {guarantee for _, guarantee in FAULTS}
    assert named == {
        "accountable",
        "deadline",
        "late",
        "untold",
        "loops",
        "progress",
        "runs",
        "pages",
        "reproducible",
        "untouched",
        "one open",
        "silent",
    }
