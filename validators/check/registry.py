"""Every rule there is, and asking those of the tool. Adding a rule is adding its module to `MODULES`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Protocol

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.rule import Rule
from validators.check.echoes import without_echoes
from validators.check.rules import (
    absence_without_substitute,
    acceptance_in_business_time,
    approvals,
    auditor_on_ladder,
    broadcast_names_nobody,
    calendar_near_its_end,
    closing,
    contradicting_times,
    doubtful_number,
    empty_rotation,
    empty_words,
    escalation_loop,
    handoffs,
    hasty_offer,
    hidden_character,
    inputs_and_outputs,
    listed_twice,
    messages,
    not_enforced_yet,
    not_ready,
    odd_handover,
    odd_pattern,
    odd_value,
    outcome_shorter_than_ladder,
    personal_data,
    properties,
    recovery,
    routing,
    rung_left_out,
    rung_without_anybody,
    same_person,
    scenario_out_of_place,
    scenarios,
    secret_in_file,
    several_things,
    shared_field,
    shared_identity,
    solves_itself,
    step_undo,
    swap_without_effect,
    task_without_assignee,
    template_without_scenario,
    text_cut_by_comment,
    timebox_never_elapses,
    unreachable_person,
    unreachable_steps,
    unused_block,
    unused_definition,
    waivers,
    way_nobody_has,
)
from validators.check.subject import Subject

__all__ = ["MODULES", "RuleModule", "all_rules", "ask", "tool_rules"]


class RuleModule(Protocol):
    """A module of `validators.check.rules`: one rule, or a close family that is found in one go."""

    @property
    def RULES(self) -> tuple[Rule, ...]:  # noqa: N802 - a constant of a module
        """Every rule that `check` can find."""
        ...

    @property
    def check(self) -> Callable[[Subject], Iterable[Diagnostic]]:
        """Finds what is wrong; never raises for what a document says. Severity UNKNOWN is "no answer"."""
        ...


MODULES: Final[tuple[RuleModule, ...]] = (
    messages,
    text_cut_by_comment,
    template_without_scenario,
    unused_block,
    calendar_near_its_end,
    scenario_out_of_place,
    unused_definition,
    shared_field,
    not_enforced_yet,
    doubtful_number,
    empty_rotation,
    same_person,
    unreachable_person,
    rung_left_out,
    rung_without_anybody,
    broadcast_names_nobody,
    task_without_assignee,
    shared_identity,
    way_nobody_has,
    swap_without_effect,
    auditor_on_ladder,
    hasty_offer,
    scenarios,
    properties,
    acceptance_in_business_time,
    outcome_shorter_than_ladder,
    timebox_never_elapses,
    contradicting_times,
    odd_handover,
    absence_without_substitute,
    routing,
    recovery,
    escalation_loop,
    closing,
    step_undo,
    approvals,
    handoffs,
    unreachable_steps,
    solves_itself,
    secret_in_file,
    hidden_character,
    personal_data,
    several_things,
    empty_words,
    not_ready,
    inputs_and_outputs,
    listed_twice,
    odd_pattern,
    odd_value,
    waivers,
)
"""In order of their codes."""


@cache
def tool_rules() -> Mapping[str, Rule]:
    """By code, the rules that only the tool looks at."""
    every = [rule for module in MODULES for rule in module.RULES]
    return MappingProxyType({rule.code: rule for rule in sorted([*every, *scenarios.TEST_RULES], key=lambda r: r.code)})


@cache
def all_rules() -> Mapping[str, Rule]:
    """By code, every rule: those on which a runner refuses, and those of the tool."""
    from runner.contract.rules import GATE_RULES  # pages, which checking does not need

    return MappingProxyType({**GATE_RULES, **tool_rules()})


def ask(subject: Subject, wanted: Callable[[str], bool] = lambda _code: True) -> tuple[Diagnostic, ...]:
    """What the tool's rules find whose code is wanted; sorted.

    What only repeats another finding is left out. A module of which no rule is wanted is not asked. That one could not
    answer is kept if any of its rules is wanted, since the answer that is missing may be theirs.
    """
    found: set[Diagnostic] = set()
    for module in MODULES:
        if any(wanted(rule.code) for rule in module.RULES):
            answers = module.check(subject)
            found.update(each for each in answers if each.severity is Severity.UNKNOWN or wanted(each.code))
    return tuple(sorted(without_echoes(subject, found)))
