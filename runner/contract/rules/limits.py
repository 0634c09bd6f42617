"""SUR3xx: a template that breaks a limit which holds for all, or contradicts itself."""

from __future__ import annotations

from functools import partial
from typing import Final

from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule

__all__ = ["LIMITS"]

_gate = partial(Rule, severity=Severity.ERROR, waivable=False)

LIMITS: Final = (
    _gate(
        code="SUR301",
        name="acceptance-above-limit",
        summary="An owner has more time to accept than the Limits policy allows for the priority.",
        why="The limit is what the company has promised. A template may be stricter, never slower.",
        bad="accept:\n  within: 150m\n",
        good="accept:\n  within: 1h\n",
        fix="Shorten `accept.within`, or let the gatekeepers change `accept_within` in the Limits policy.",
    ),
    _gate(
        code="SUR302",
        name="repeats-above-limit",
        summary="The ladder is repeated more often than the Limits policy allows.",
        why="Each pass asks the same people again while the customer waits.",
        bad="  repeat: 3\n",
        good="  repeat: 1\n",
        fix="Lower `accept.repeat`.",
    ),
    _gate(
        code="SUR303",
        name="handoffs-above-limit",
        summary="More handoffs are allowed than the Limits policy permits.",
        why="Every handoff loses knowledge and time; a ticket that is passed on and on belongs to nobody.",
        bad="handoff: {require: [reason], accept_within: 30m, at_most: 4}\n",
        good="handoff: {require: [reason], accept_within: 30m, at_most: 2}\n",
        fix="Lower `handoff.at_most`. What goes beyond it is given to the escalation owner.",
    ),
    _gate(
        code="SUR304",
        name="manager-told-too-late",
        summary="It can take longer than the limit until somebody has accepted or the escalation owner was told.",
        why="This bound is the guarantee: however silent everybody is, by then the manager knows.",
        bad="named_within: 15m\naccept_within: {low: 8h, normal: 4h, high: 2h}\nmanager_knows_within: 90m\n",
        good="named_within: 15m\naccept_within: {low: 8h, normal: 4h, high: 2h}\nmanager_knows_within: 3h\n",
        fix="Shorten the timebox of the first rung, or let the gatekeepers change `manager_knows_within`.",
    ),
    _gate(
        code="SUR305",
        name="days-in-business-time",
        summary="An amount of business time is written in days.",
        why="A day of business hours can mean eight hours or twenty-four; people read it either way.",
        bad="  within: {time: 2d, calendar: office}\n",
        good="  within: {time: 16h, calendar: office}\n",
        fix="Write hours: two working days of eight hours are `16h`.",
    ),
    _gate(
        code="SUR306",
        name="same-owner-twice",
        summary="Two rungs of a template ask the same owner.",
        why="When the first does not answer, failover asks somebody else. The same person is not somebody else.",
        bad="  primary: {rotation: first}\n  secondary: {rotation: first}\n",
        good="  primary: {rotation: first}\n  secondary: {rotation: second}\n",
        fix="Name another person, rotation, team or job on one of the rungs, or leave the rung out of the `ladder`.",
    ),
    _gate(
        code="SUR307",
        name="time-condition-without-time-trigger",
        summary="A condition becomes true by time alone, but the trigger does not listen to time.",
        why="Nothing happens to the ticket at that moment, so the template would open at the next change, or never.",
        bad="  on: [ticket.created, ticket.updated]\n  when:\n    due_at: {past_by: 30m}\n",
        good="  on: [ticket.created, ticket.updated, time.passed]\n  when:\n    due_at: {past_by: 30m}\n",
        fix="Add `time.passed` to `trigger.on`. In the `until` of a `wait`, leave the time to `within`.",
    ),
    _gate(
        code="SUR308",
        name="fallback-not-total",
        summary="The fallback template would miss tickets in the scope.",
        why="The fallback is the promise that no ticket falls through.",
        bad="  on: [ticket.created]\n  when: {created_at: {set: true}}\n",
        good="  on: [ticket.created, ticket.updated, time.passed]\n  when: {created_at: {set: true}}\n",
        fix="Let the fallback take every ticket: all three triggers, and `when: {created_at: {set: true}}`.",
    ),
    _gate(
        code="SUR311",
        name="wait-without-deadline",
        summary="Something waits without a time by which it must be over, or without anybody to whom it falls then.",
        why="What may wait for ever does: the customer hears nothing, and nobody is late. A wait is a promise only "
        "with an end and somebody who goes on.",
        bad="    - ask: {who: owner, question: Refund?, answers: {ok: boolean}, otherwise: escalate}\n",
        good="    - ask: {who: owner, question: Refund?, answers: {ok: boolean}, within: 4h, otherwise: escalate}\n",
        fix="Write `within` with the longest wait, and `otherwise`, or for waiting `then`, with what happens after it. "
        "Where the default is to count, give every answer that must be there a `default`.",
    ),
    _gate(
        code="SUR312",
        name="wait-above-limit",
        summary="A template may wait longer than the Limits policy permits.",
        why="While an owner waits the clocks stand still; a bound for all keeps outcomes from being put off for ever.",
        bad="waiting: {at_most: 3d, then: owner}\n",
        good="waiting: {at_most: 2d, then: owner}\n",
        fix="Lower `waiting.at_most`, or let the gatekeepers change `waiting_at_most`.",
    ),
)
"""In order of the codes."""
