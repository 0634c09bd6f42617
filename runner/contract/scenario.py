"""Scenario: a test of a template in virtual time, and the bundled day of the demo. Shapes only; driven elsewhere.

What must be true along the way is in `assertions`; both name times as `LocalTime` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from runner.contract.assertions import Always, Ends, Eventually, Expect, LocalTime, Never, OwnerChange
from runner.contract.misfit import Unfit
from runner.contract.policies import FieldName, Version, Zone
from runner.contract.values import Name, Seq, Strict, Text
from runner.contract.waiver import Waivers

__all__ = [
    "KEYS_OF_ACTS",
    "ROSTER_ACTS",
    "WORLD_ACTS",
    "Act",
    "Expect",
    "LocalTime",
    "Scenario",
    "ScenarioAbsence",
    "ScenarioTask",
    "ScenarioTicket",
]


class ScenarioTicket(Strict):
    """A ticket that appears."""

    at: LocalTime
    """When it is created."""
    fields: dict[FieldName, JsonValue] = Field(min_length=1)
    """Its fields; instants with a zone, or local time as in `at`."""


class ScenarioAbsence(Strict):
    """Somebody is away in this scenario."""

    person: Name
    """Who."""
    from_: LocalTime = Field(alias="from")
    """First instant away."""
    until: LocalTime
    """First instant back."""


class ScenarioTask(Strict):
    """A task that recovery from an exception needs."""

    title: Text
    """What is to be done."""
    owner: Name
    """Who does it."""
    due: LocalTime | None = None
    """Until when."""


Action = Literal[
    "update",
    "delete",
    "merge",
    "accept",
    "complete_checklist",
    "unaccept",
    "answer",
    "reject",
    "clarify",
    "wait",
    "resume",
    "snooze",
    "escalate",
    "hand_over",
    "progress",
    "raise_exception",
    "end_exception",
    "add_task",
    "finish_task",
    "attach_postmortem",
    "resolve",
    "close",
    "reopen",
    "cancel",
    "take",
    "give",
    "override_close",
    "roll_back",
    "undelivered",
    "step_fails",
    "step_hangs",
    "step_works",
    "absent",
    "back",
    "swap",
]

ROSTER_ACTS = frozenset(("absent", "back", "swap"))
"""Acts that change who is on call."""
WORLD_ACTS = frozenset(
    ("update", "delete", "merge", "undelivered", "step_fails", "step_hangs", "step_works", *ROSTER_ACTS)
)
"""Acts of the helpdesk and of the world; the others are commands of people."""
_STEPS = {"step": False, "action": False}
KEYS_OF_ACTS: Mapping[str, Mapping[str, bool]] = {
    "update": {"fields": True},
    "delete": {},
    "merge": {"into": True},
    "accept": {"answers": False},
    "complete_checklist": {"answers": False},
    "unaccept": {},
    "answer": {"answers": False},
    "reject": {"why": True, "text": False},
    "clarify": {"text": False},
    "wait": {"for": True, "until": False, "text": False},
    "resume": {"text": False},
    "snooze": {"until": True, "text": False},
    "escalate": {"text": False},
    "hand_over": {"to": False, "text": False, "next_step": False, "artifacts": False, "expected_at": False},
    "progress": {"text": False},
    "raise_exception": {"exception_class": True, "text": False, "plan": False, "tasks": False},
    "end_exception": {"exception_class": False, "text": False},
    "add_task": {"tasks": True, "exception_class": False},
    "finish_task": {"task": True, "text": False},
    "attach_postmortem": {"to": True, "text": False},
    "resolve": {"evidence": False},
    "close": {"code": True, "impact": False},
    "reopen": {"text": False},
    "cancel": {"text": False},
    "take": {"text": False},
    "give": {"to": True, "text": False},
    "override_close": {"code": True, "text": False},
    "roll_back": {"run": False, "text": False},
    "undelivered": {"who": True},
    "step_fails": _STEPS,
    "step_hangs": _STEPS,
    "step_works": _STEPS,
    "absent": {"who": True, "until": True},
    "back": {"who": True},
    "swap": {"who": True, "rotation": True, "until": True, "instead_of": False},
}
"""What each act says beside who, when and to which ticket; whether it must."""
_ALIASES = {"for": "for_"}
_OF_ALL = ("at", "do", "by", "ticket")
_OF_REFUSABLE = (*_OF_ALL, "refused")
_TAKEN = {
    do: frozenset(_OF_ALL if do in WORLD_ACTS - ROSTER_ACTS else _OF_REFUSABLE).union(_ALIASES.get(k, k) for k in keys)
    for do, keys in KEYS_OF_ACTS.items()
}


class Act(Strict):
    """Something that happens, in the order given when instants are equal."""

    at: LocalTime
    """When."""
    do: Action
    """What. `update`, `delete` and `merge` change the ticket; `undelivered`, `step_fails` and `step_hangs` make the
    world fail, or not answer, from now on; `step_works` puts an end to that. `absent`, `back` and `swap` change the
    roster from now on."""
    by: Name | None = None
    """The person who does it."""
    ticket: Name | None = None
    """Which ticket, by its key; not needed if there is one. A ticket that a runbook created has the key of the first
    one and the point of the runbook, as in `invoice-resolved`; a further one at that point ends in `-2`, `-3` …"""
    fields: dict[FieldName, JsonValue] = {}
    """update: the new values; `null` takes a value away."""
    answers: dict[Name, bool | int | float | str] | None = None
    """accept, complete_checklist: the checklist's answers; every item as it wants to be if not given, and with `{}`
    none, where the contract lets the checklist follow. answer: the answers to a question, `approved` to an approval."""
    why: Literal["not_mine", "incomplete", "no_capacity", "conflict"] | None = None
    """reject: the reason."""
    to: Name | None = None
    """hand_over: the person; without it, the next of the planned sequence. give: the person.
    attach_postmortem: who sees to what follows from it."""
    into: Name | None = None
    """merge: the ticket of which this one becomes part."""
    exception_class: Name | None = None
    """raise_exception: the class. end_exception: the class of the one that ends, if several are open."""
    plan: Text | None = None
    """raise_exception: the written plan."""
    tasks: Seq[ScenarioTask] = ()
    """raise_exception, add_task: tasks with their owners."""
    task: Text | None = None
    """finish_task: the title of the task."""
    evidence: dict[Name, Text] = {}
    """resolve: proof by kind."""
    code: Name | None = None
    """close, override_close: the resolution code."""
    impact: int | None = None
    """close: business impact in whole currency units."""
    text: Text | None = None
    """The reason, rationale or plan in words."""
    next_step: Text | None = None
    """hand_over: what comes next."""
    artifacts: Seq[Text] = ()
    """hand_over: logs, invoices, screenshots."""
    expected_at: LocalTime | None = None
    """hand_over: when it will be done."""
    refused: Name | None = None
    """The reason with which it must be refused; without it, it must succeed."""
    who: Name | None = None
    """undelivered: whose messages no channel takes. absent, back: who is away, or back. swap: who takes over."""
    until: LocalTime | None = None
    """absent, swap: the first instant at which it is over. wait: until when; as long as allowed if not given. snooze:
    when the reminder is to come."""
    for_: Literal["customer", "date"] | None = Field(default=None, alias="for")
    """wait: what is waited for."""
    rotation: Name | None = None
    """swap: in which rotation."""
    instead_of: Name | None = None
    """swap: whose shifts; without it, whoever's turn it is."""
    step: (
        Literal["notify", "page", "set_fields", "assign", "note", "attach", "create_ticket", "action", "wait", "choose"]
        | None
    ) = None
    """step_fails, step_hangs, step_works: which kind of step."""
    action: Name | None = None
    """step_fails, step_hangs, step_works: which action, in steps and when it takes another one back."""
    run: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z:_-]*#[1-9][0-9]{0,3}$")] | None = None
    """roll_back: which run, such as `open#1`; the whole runbook if not given."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.do not in WORLD_ACTS and self.by is None:
            msg = f"`{self.do}` needs `by`: who does it?"
            raise ValueError(msg)
        missing = next((key for key, must in KEYS_OF_ACTS[self.do].items() if must and not self._says(key)), None)
        if missing is not None:
            msg = f"`{self.do}` needs `{missing}`"
            raise ValueError(msg)
        if KEYS_OF_ACTS[self.do] is _STEPS and not self.step and not self.action:
            msg = f"`{self.do}` needs `step`, a kind of step, or `action`, one by its name"
            raise ValueError(msg)
        if not self.model_fields_set <= _TAKEN[self.do]:
            raise self._unfit()
        return self

    def _says(self, key: str) -> bool:
        return bool(getattr(self, _ALIASES.get(key, key)))

    def _unfit(self) -> Unfit:
        """A key that means nothing for this act would be believed to mean something."""
        given = min(self.model_fields_set - _TAKEN[self.do]).rstrip("_")
        if given == "refused":
            return Unfit(f"nobody refuses `{self.do}`", "remove it: this act always succeeds", given)
        takes = ", ".join(
            (*(_OF_ALL if self.do in WORLD_ACTS - ROSTER_ACTS else _OF_REFUSABLE), *KEYS_OF_ACTS[self.do])
        )
        return Unfit(f"`{self.do}` takes no `{given}`", f"it takes {takes}", given)


class Scenario(Strict):
    """A day in the life of a ticket, and what must be true along the way."""

    schema_: Version = Field(alias="schema")
    kind: Literal["Scenario"]
    name: Name
    """Unique within its template."""
    summary: Text
    """What it shows."""
    start: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    """The local date on which it begins."""
    zone: Zone
    """The zone of all local times."""
    tickets: dict[Name, ScenarioTicket] = Field(min_length=1)
    """By key."""
    absences: Seq[ScenarioAbsence] = ()
    """Beside those of the roster."""
    actions: dict[Name, dict[Name, JsonValue]] = {}
    """What other systems answer, by action; without it an action succeeds and says nothing. `entries` is the list of
    what a source of `attach` reads."""
    acts: Seq[Act] = ()
    """What people and the helpdesk do."""
    expect: Seq[Expect] = ()
    """What must be true at instants."""
    always: Seq[Always] = ()
    """What must be true all along."""
    never: Seq[Never] = ()
    """What must not be true at any time."""
    eventually: Seq[Eventually] = ()
    """What must come true in time."""
    ends: Ends | None = None
    """How it stands in the end."""
    owners: Seq[OwnerChange] | None = None
    """Everybody who was accountable, in order, and nobody else; `surety test --accept` writes it."""
    cases: dict[Name, dict[Name, JsonValue]] = Field(default={}, min_length=1)
    """The same story several times: by name, what stands in each for the values that are written `$name`."""
    waivers: Waivers = ()
    """Findings of `surety check` that may stand in this file until a day."""

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not any((self.expect, self.always, self.never, self.eventually, self.ends)) and self.owners is None:
            problem = "this scenario asserts nothing"
            advice = "add expect, always, never, eventually or ends; or owners: [] and run surety test --accept"
            raise Unfit(problem, advice, "name")
        return self
