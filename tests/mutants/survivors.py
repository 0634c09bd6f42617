"""Why a mutant survives the guarantees: each is the business of something else, or changes nothing that can be seen.

`python -m tests.mutants` also tries what survives against the engine's own tables, and names the test that finds it;
the reasons here are for what is left, and say which tables to look at for what was not tried against them yet.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from tests.mutants.kinds import Mutant

__all__ = ["EXPLAINED", "tables_of", "why_it_survives"]

ENGINE = "tests/runner/engine"


def _tables(*names: str) -> str:
    return "no guarantee speaks of it; its tables: " + ", ".join(f"`{ENGINE}/test_{name}.py`" for name in names)


EXPLAINED: tuple[tuple[str, str], ...] = (
    # equivalent, or text only
    ("stop:offered/EscalationOpened", "equivalent: the state before the opening has no phase to leave"),
    ("message:exhausted", "equivalent: whoever it is exhausted to is told by the offer"),
    ("guard:*._wanted:*", "text only: how a refusal lists what is wanted"),
    ("guard:*._kind:*", "text only: how a refusal lists what is wanted"),
    ("guard:acceptance.open_offer:[23]", "text only: which of two refusals is given"),
    ("guard:answering._question:[34]", "text only: which of two refusals is given"),
    ("guard:events.base.*", "performance only"),
    ("guard:effects.*", "what a message or step is told beside its number: `tests/runner/service`, stories"),
    # ways that the walks seldom or never take
    (
        "stop:accepted/EscalationClosed",
        "not on the walks' way: a manager who closes what is accepted; `test_override.py`",
    ),
    (
        "row:accepted/EscalationClosed",
        "not on the walks' way: a manager who closes what is accepted; `test_override.py`",
    ),
    ("*:Clarification*", _tables("clarification")),
    ("*:ChecklistCompleted", _tables("checklists")),
    ("*:OwnerAway", _tables("roster_change")),
    # tables, messages, events that only say more
    ("scope:*", "a step more or less is done when the state is left: `tests/runner/engine/test_runs.py`"),
    (
        "message:*",
        "one message less, where another of the same decision reaches the same person, or the tables say who",
    ),
    ("event:*", "nothing follows from it but a line in the record: the tables of its commands expect it"),
    ("record:*", "an event that changes nothing in the state: the tables of its commands expect it"),
    ("apply:*", "what it changes is used by a refusal or a count alone: the tables of its commands expect it"),
    # guards, by module
    ("guard:acceptance.*", _tables("checklists", "answers", "second_thoughts")),
    ("guard:answering.*", _tables("questions")),
    ("guard:causes.*", _tables("causes")),
    ("guard:choosing.*", _tables("choosing")),
    ("guard:clarification.*", _tables("clarification")),
    ("guard:clocks.*", _tables("waiting")),
    ("guard:closing.*", _tables("closing", "override")),
    ("guard:commands.*", _tables("rows")),
    ("guard:deadlines.*", _tables("ladder", "overdue")),
    ("guard:decide.*", _tables("ladder", "override")),
    ("guard:decision.*", _tables("rows")),
    ("guard:draft.*", _tables("stand_ins")),
    ("guard:drift.*", _tables("drift")),
    ("guard:evolve*", "which part of a state is copied or left alone: every table of the event's command"),
    ("guard:exceptions.*", _tables("exceptions", "runner_exceptions")),
    ("guard:faults.*", _tables("faults")),
    ("guard:handoffs.*", _tables("handoffs", "planned_handoffs", "bounces")),
    ("guard:hours.*", _tables("service_hours")),
    ("guard:intake.*", _tables("intake", "succession", "causes", "reopening")),
    ("guard:ladder.*", _tables("ladder", "stand_ins", "service_hours")),
    ("guard:opening.*", _tables("opening")),
    ("guard:parts.*", "a shorthand of the state: every table of whoever asks it"),
    ("guard:postmortem.*", _tables("closing", "tasks")),
    ("guard:questions.*", _tables("questions")),
    ("guard:record.*", _tables("results")),
    ("guard:rejecting.*", _tables("answers", "clarification")),
    ("guard:remedies.*", _tables("remedies")),
    ("guard:reminders.*", _tables("snooze")),
    ("guard:reopening.*", _tables("reopening")),
    ("guard:rollback.*", _tables("rollback")),
    ("guard:roster_change.*", _tables("roster_change", "roster_change_beside")),
    ("guard:runs.*", _tables("runs", "wait_steps", "choosing")),
    ("guard:state.*", _tables("transitions")),
    ("guard:succession.*", _tables("succession")),
    ("guard:tasks.*", _tables("tasks")),
    ("guard:undo.*", _tables("rollback")),
    ("guard:verification.*", _tables("closing", "remedies")),
    ("guard:wait_steps.*", _tables("wait_steps")),
    ("guard:waiting.*", _tables("waiting", "snooze")),
)
"""Patterns of names; the first that fits counts."""


def why_it_survives(mutant: str) -> str | None:
    """The reason; None if nobody has given one yet. A limit is the business of the tables of the guards beside it."""
    name = f"guard:{mutant.removeprefix('limit:')}" if mutant.startswith("limit:") else mutant
    return next((why for pattern, why in EXPLAINED if fnmatchcase(name, pattern)), None)


_EVOLVE = {
    "acceptance": ("clarification", "checklists"),
    "base": ("exceptions", "results"),
    "endings": ("closing", "remedies", "override"),
    "exceptions": ("exceptions", "runner_exceptions", "rollback", "results"),
    "messages": ("results", "runner_exceptions", "ladder"),
    "outside": ("reopening", "causes"),
    "ownership": ("ladder", "second_thoughts", "handoffs"),
    "questions": ("questions",),
    "ticket": ("drift", "results"),
    "undo": ("rollback",),
    "work": ("runs",),
}
_OTHERS = ("clarification", "results", "remedies", "roster_change", "roster_change_beside", "drift", "closing")
_MORE = ("causes", "succession", "wait_steps", "paging", "stand_ins", "reopening", "faults", "rollback")
_MODULES = {
    "effects": ("ladder", "runs", "rollback", "paging", "wait_steps"),
    "parts": ("second_thoughts", "ladder"),
    "undo": ("rollback", "results", "runs"),
    "record": ("results", "drift"),
    "remedies": ("remedies", "closing"),
    "roster_change": ("roster_change", "roster_change_beside", "stand_ins", "opening"),
    "rejecting": ("meetings", "answers", "clarification", "questions"),
    "draft": ("rows", "stand_ins"),
    "hours": ("service_hours", "opening"),
    "reopening": ("reopening", "intake"),
    "tasks": ("tasks", "exceptions"),
    "rollback": ("rollback", "results"),
}
"""Where to look for what the patterns above do not name, or do not name all of."""


def tables_of(mutant: Mutant) -> tuple[str, ...]:
    """The files of the engine's own tests that a mutant is tried against."""
    module, _, inner = mutant.place.partition(".")
    names: tuple[str, ...] = (*_OTHERS, *_MORE)
    if mutant.place:
        said = re.findall(r"test_(\w+)\.py", why_it_survives(mutant.id) or "")
        names = _MODULES.get(module) or tuple(said) or names
    if module == "evolve":
        names = _EVOLVE.get(inner.partition(".")[0], ("runs", "ladder", "second_thoughts", "clarification"))
    return tuple(f"test_{name}.py" for name in names)
