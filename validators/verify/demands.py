"""What a scenario demands so that it fails as long as a property does not hold, and passes once it does. Plays nothing.

Each property in the words of scenarios. Where they have none for it, that is said, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from runner.contract.values import format_duration
from validators.verify.acting import Unplayable, local
from validators.verify.case import Case, Plain
from validators.verify.own_demands import own_demands

__all__ = ["DEMANDS", "demands"]

_LONG: Final = "30d"
"""How long is waited for what must follow at some time: longer than any timebox that is usual."""
_MANAGERS: Final = ("offer", "outcome", "remind", "exception", "task", "page")
"""Deadlines of which the escalation owner must hear; of the others whoever is accountable must."""


def demands(case: Case) -> Plain:
    """The keys of a scenario that say what should be instead. Raises Unplayable."""
    if case.own is not None:
        return own_demands(case, case.own)
    find = DEMANDS.get(case.violation.name)
    if find is None:
        raise Unplayable(f"no scenario can say that {case.violation.words}")
    return find(case)


_REFUSALS: Final[tuple[tuple[str, str], ...]] = (
    ("offer of another", "not_yours"),
    ("of another", "not_yours"),
    ("place", "not_yours"),
    ("open it again without the right", "not_yours"),
    ("without the right", "not_allowed"),
    ("never was", "unknown_offer"),
    ("that has ended", "offer_ended"),
    ("is over", "offer_ended"),
    ("no question", "wrong_offer"),
    ("roll back nothing", "nothing_to_undo"),
    ("put the reminder off", "snooze_out_of_bounds"),
    ("strange proof", "unknown_evidence"),
    ("unknown code", "unknown_code"),
    ("no known class", "unknown_class"),
    ("wait although", "waiting_not_allowed"),
    ("wait longer", "waiting_out_of_bounds"),
    ("wrong answers", "wrong_answer"),
    ("checklist", "checklist_incomplete"),
    ("without what is demanded", "handoff_incomplete"),
    ("take it after the end", "not_open"),
    ("beside another", "already_open"),
    ("open it again", "too_late"),
    ("for the past", "task_unfit"),
    ("without its", "demands_unmet"),
    ("task that is not there", "unknown_task"),
    ("exception that is not there", "unknown_exception"),
    ("close with proof", "wrong_state"),
)
"""With what a move that must fail is refused, by words of it; everything else is not proven."""


def _refused(case: Case) -> Plain:
    acts = [dict(act) for act in case.course.acts]
    if not acts or case.violation.steps[-1].kind != "person" or "by" not in acts[-1]:
        return {"never": [{**case.window(), "state": case.course.state.phase.value}]}
    acts[-1]["refused"] = next((reason for words, reason in _REFUSALS if words in case.last), "not_verified")
    return {"acts": acts, "expect": [{"at": case.at(1), "state": case.course.before.state}]}


def _somebody(case: Case) -> Plain:
    words = case.violation.words
    if "exhausted" in words and "it is not" in words:
        return {"expect": [{"at": case.at(), "state": "exhausted"}]}
    if "exhausted for nobody" in words:
        return {"never": [{**case.window(), "state": "exhausted"}]}
    if "nobody" not in words and "and 0 people" not in words:
        raise Unplayable(f"a scenario cannot look at how many are asked: {words}")
    return {"always": [{"while": "open", "accountable": "somebody"}]}


def _same_owner(case: Case) -> Plain:
    if case.course.before.owner is None:
        raise Unplayable("nobody was accountable before")
    return {"expect": [{"at": case.at(), "owner": case.course.before.owner}]}


_FALLS_DUE: Final[Mapping[str, str]] = {
    "offer": "no_answer",
    "outcome": "outcome_overdue",
    "remind": "still_open",
    "reminded": "still_open",
    "exception": "recovery_overdue",
    "task": "task_overdue",
    "progress": "no_progress",
    "checklist": "checklist_missed",
    "clarification": "not_clarified",
    "waits": "wait_over",
    "waiting": "wait_over",
    "asked": "no_answer",
}
"""What is recorded when a time has passed, by a word of the property."""


def _falls_due(case: Case) -> Plain:
    words = case.violation.words.replace(":", " ").replace(",", " ").split()
    reason = next((_FALLS_DUE[word] for word in reversed(words) if word in _FALLS_DUE), None)
    if reason is None:
        return {"eventually": [{"recorded": ["still_open"], "after": case.at(), "within": _LONG}]}
    return {"eventually": [{"recorded": [reason], "after": case.at(), "within": _LONG}]}


def _manager_told(case: Case) -> Plain:
    return _told(case, case.course.manager)


def _told(case: Case, person: str | None) -> Plain:
    if person is None:
        raise Unplayable("nobody is on call who could be told")
    return {"eventually": [{"notified": [person], "after": case.at(), "within": "1m"}]}


def _not_silent(case: Case) -> Plain:
    if case.violation.limit is not None:
        since = case.course.trail[-2][0] if len(case.course.trail) > 1 else case.course.opened
        told = {"notified": [_known(case.course.manager)], "after": local(case.times, since + timedelta(seconds=1))}
        return {"eventually": [{**told, "within": format_duration(case.violation.limit)}]}
    sort = case.violation.steps[-1].sort
    return _told(case, case.course.manager if sort in _MANAGERS else case.course.before.owner)


def _known(person: str | None) -> str:
    if person is None:
        raise Unplayable("nobody is on call who could be told")
    return person


def _knows(case: Case) -> Plain:
    told = {"notified": [_known(case.course.manager)], "after": local(case.times, case.course.opened)}
    return {"eventually": [{**told, "within": format_duration(case.violation.limit or 0)}]}


def _owned(case: Case) -> Plain:
    if "hear" in case.violation.words:
        return _manager_told(case)
    if "gone" in case.violation.words:
        return {"expect": [{"at": case.at(), "exceptions": list(case.course.before.exceptions)}]}
    raise Unplayable("a scenario cannot look at who owns an exception")


def _bounded(case: Case) -> Plain:
    words = case.violation.words
    for said, reason in (("handed over a further", "handoff_limit"), ("to and fro", "bounced")):
        if said in words:
            return {"expect": [{"at": case.at(), "recorded": [reason]}]}
    for said, reason in (("pass ", "repeated"), ("tried ", "not_told")):
        if words.startswith(said):
            return {"never": [{**case.window(), "recorded": [reason]}]}
    raise Unplayable(f"a scenario does not count that: {words}")


def _recorded(case: Case) -> Plain:
    record, state = case.contract.record, case.course.state
    owner = state.previous if state.phase.over else state.holder or next((o.to for o in state.offers.values()), None)
    return {"expect": [{"at": case.at(), "fields": {record.state: state.phase.value, record.owner: owner}}]}


_REASONS: Final[Mapping[str, str]] = {
    "Accept": "accepted", "AddTask": "planned", "AttachPostmortem": "attached", "Cancel": "cancelled",
    "Clarify": "clarified", "Close": "closed", "CompleteChecklist": "checklist", "EndException": "recovered",
    "Escalate": "escalated", "FinishTask": "task_done", "HandOver": "handed_over", "Override": "override",
    "Progress": "progress", "RaiseException": "raised", "Reopen": "reopened", "Resolve": "proven",
    "Resume": "resumed", "Snooze": "snoozed", "Unaccept": "unaccepted", "Wait": "waits",
}  # fmt: skip
"""What is recorded of a command."""


def _noted(case: Case) -> Plain:
    step = case.violation.steps[-1]
    reason = _FALLS_DUE.get(step.sort) if step.kind == "time" else _REASONS.get(step.type)
    if step.type == "Reject":
        reason = f"rejected_{step.args['why']}"
    if reason is None:
        raise Unplayable(f"no scenario can look at the record of `{step.label}`")
    return {"expect": [{"at": case.at(), "recorded": [reason]}]}


def _replaced(case: Case) -> Plain:
    left = next((act["who"] for act in reversed(case.course.acts) if act["do"] == "absent"), None)
    return {"never": [{**case.window(), "owner": _known(left)}]}


def _exception(name: str) -> Callable[[Case], Plain]:
    def find(case: Case) -> Plain:
        return {"eventually": [{"exceptions": [name], "after": local(case.times, case.course.opened), "within": _LONG}]}

    return find


_AT_ONCE: Final = "until an instant that has passed"


def _not_at_once(case: Case) -> Plain:
    """Whoever is asked has time: the offer does not end at the instant at which it was made."""
    if _AT_ONCE not in case.violation.words:
        raise Unplayable("no scenario can look at times that go back")
    return {"never": [{**case.window(), "recorded": ["no_answer"]}]}


def _comes_to_rest(case: Case) -> Plain:
    """What goes round by itself ends the simulation, and with it the scenario; nothing else need be demanded."""
    if not case.course.failed:
        raise Unplayable("it can be played, and with the real times it does not go round")
    return {"always": [{"while": "open", "accountable": "somebody"}]}


def _run_of_its_state(case: Case) -> Plain:
    left = {"recorded": ["left_state"]}
    if "given up" in case.violation.words:
        return {"never": [{**case.window(), **left}]}
    point = case.violation.words.partition(" ")[0]
    if all(run.point != point for run in case.course.state.runs.values()):
        raise Unplayable(f"with real times the steps at `{point}` are done before")
    return {"eventually": [{**left, "after": case.at(), "within": _LONG}]}


def _closes(case: Case) -> Plain:
    close = {"at": case.at(1), "do": "override_close", "by": _known(case.course.manager)}
    acts = [*case.course.acts, {**close, "code": case.contract.resolution_codes[0]}]
    return {"acts": acts, "expect": [{"at": case.at(2), "state": "closed"}]}


def _ends(case: Case) -> Plain:
    owner = next((each.owner for each in case.course.state.exceptions.values()), None)
    acts = [*case.course.acts, {"at": case.at(1), "do": "end_exception", "by": _known(owner)}]
    return {"acts": acts, "expect": [{"at": case.at(2), "exceptions": []}]}


def _not_undone(case: Case) -> Plain:
    words = case.violation.words
    if "nobody hears of it" in words or "somebody's trouble" in words:
        return _exception("not_undone")(case)
    raise Unplayable(f"no scenario can say that {words}")


DEMANDS: Final[Mapping[str, Callable[[Case], Plain]]] = {
    "decides": lambda _case: {"always": [{"while": "open", "accountable": "somebody"}]},
    "refuses": _refused,
    "takes-effect": lambda case: {"always": [{**case.window(), "accountable": "somebody"}]},
    "accountable": _somebody,
    "handoff-keeps-owner": _same_owner,
    "moves-by-engine": _same_owner,
    "deadline": _falls_due,
    "progress": _falls_due,
    "manager-hears": _manager_told,
    "silence": _not_silent,
    "earned": _refused,
    "proven": _refused,
    "exceptions-owned": _owned,
    "exceptions-told": _owned,
    "bounded": _bounded,
    "noted": _noted,
    "recorded": _recorded,
    "replaced": _replaced,
    "reached": _exception("undelivered"),
    "undone": _not_undone,
    "closes": _closes,
    "exceptions-end": _ends,
    "manager-knows": _knows,
    "time": _not_at_once,
    "goes-on": _comes_to_rest,
    "no-loop": _comes_to_rest,
    "runs": _run_of_its_state,
}
"""By property. Of what never comes about there is no course."""
