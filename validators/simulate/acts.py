"""What people do in a scenario, as commands of the engine. Names the offer, as a person's screen would."""

from __future__ import annotations

from datetime import datetime

from runner.contract.canonical import digest_of
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Act, ScenarioTask
from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.overlay import AbsenceEntry, OverrideEntry, Span, SwapEntry
from validators.simulate.answers import answer_of
from validators.simulate.checklist_answers import checklist_answers, texts_of
from validators.simulate.simulation import Life, Simulation

__all__ = ["command_of", "roster_entry"]


def command_of(act: Act, simulation: Simulation, life: Life, times: LocalTimes) -> cmd.Args:  # noqa: PLR0912 - a table
    """The command that an act gives to an escalation."""
    text = _digest(act.text or act.do)
    match act.do:
        case "accept":
            simulation.world.texts |= texts_of(act, life.contract)
            return cmd.Accept(offer=_offer(life, act.by), answers=checklist_answers(act, life.contract, times))
        case "complete_checklist":
            simulation.world.texts |= texts_of(act, life.contract)
            return cmd.CompleteChecklist(answers=checklist_answers(act, life.contract, times))
        case "answer":
            return answer_of(act, simulation, life, times)
        case "unaccept":
            return cmd.Unaccept()
        case "clarify":
            return cmd.Clarify(text=text)
        case "wait":
            until = times.instant(act.until) if act.until is not None else None
            return cmd.Wait(for_=act.for_ or "date", until=until, text=text)
        case "resume":
            return cmd.Resume(text=text)
        case "snooze":
            return cmd.Snooze(until=times.instant(act.until or ""), text=text)
        case "reject":
            if act.why is None:
                raise AssertionError(act)
            return cmd.Reject(offer=_asked(life, act.by) or _offer(life, act.by), why=act.why, text=text)
        case "escalate":
            asked = any(o.to == act.by and o.purpose == "ladder" for o in life.state.offers.values())
            question = _asked(life, act.by) if life.state.holder != act.by else None
            return cmd.Escalate(offer=_offer(life, act.by) if asked else question, text=text)
        case "hand_over":
            return _hand_over(act, times)
        case "progress":
            return cmd.Progress(text=text)
        case "raise_exception":
            plan = _digest(act.plan) if act.plan else None
            tasks = tuple(_task(each, times) for each in act.tasks)
            return cmd.RaiseException(exception_class=act.exception_class or "", text=text, plan=plan, tasks=tasks)
        case "add_task":
            return cmd.AddTask(exception=_exception(life, act.exception_class), task=_task(act.tasks[0], times))
        case "finish_task":
            exception, task = _open_task(life, _digest(act.task or ""))
            return cmd.FinishTask(exception=exception, task=task, text=text)
        case "end_exception":
            return cmd.EndException(exception=_exception(life, act.exception_class), text=text)
        case "attach_postmortem":
            return cmd.AttachPostmortem(text=text, remediation_owner=act.to or "")
        case "resolve":
            evidence = {kind: _digest(proof) for kind, proof in act.evidence.items()}
            return cmd.Resolve(evidence=evidence, facts=simulation.facts(life))
        case "close":
            return cmd.Close(code=act.code or "", impact=act.impact, facts=simulation.facts(life))
        case "reopen":
            return cmd.Reopen(text=text)
        case "cancel":
            return cmd.Cancel(text=text)
        case "take" | "give":
            return cmd.Override(action=act.do, text=text, to=act.to)
        case "roll_back":
            return cmd.RollBack(run=act.run, text=text)
        case "override_close":
            return cmd.Override(action="close", text=text, code=act.code)
        case _:
            raise AssertionError(act.do)


def roster_entry(act: Act, times: LocalTimes, now: datetime) -> Span:
    """The absence, swap or override that an act enters, from now on."""
    who, until = act.who or "", times.instant(act.until or "")
    if act.do == "absent":
        return AbsenceEntry(person=who, start=now, end=until)
    rotation = act.rotation or ""
    if act.instead_of is None:
        return OverrideEntry(rotation=rotation, person=who, start=now, end=until)
    return SwapEntry(rotation=rotation, person=who, instead_of=act.instead_of, start=now, end=until)


def _hand_over(act: Act, times: LocalTimes) -> cmd.HandOver:
    expected: datetime | None = times.instant(act.expected_at) if act.expected_at is not None else None
    return cmd.HandOver(
        to=act.to,
        reason=_digest(act.text) if act.text else None,
        next_step=_digest(act.next_step) if act.next_step else None,
        artifacts=tuple(map(_digest, act.artifacts)),
        expected_at=expected,
    )


def _digest(text: str) -> str:
    """The digest that stands for a text; a scenario has no secrets, so there is no salt."""
    return digest_of(text.encode())


def _offer(life: Life, person: str | None) -> int:
    """The offer that a person answers: the newest open one to them, else the last ever made to them, else any."""
    open_ones = [o.id for o in life.state.offers.values() if o.to == person and o.purpose != "question"]
    if open_ones:
        return max(open_ones)
    made = [e for _, events in life.history for e in events if isinstance(e, ev.OwnerOffered)]
    to_them = [event.offer for event in made if event.to == person]
    return max(to_them or life.state.offers or (0,))


def _asked(life: Life, person: str | None) -> int | None:
    """The question that a person rejects or passes up, if no other offer is open to this person."""
    mine = [offer for offer in life.state.offers.values() if offer.to == person]
    if any(offer.purpose != "question" for offer in mine):
        return None
    return max((offer.id for offer in mine), default=None)


def _task(task: ScenarioTask, times: LocalTimes) -> cmd.Task:
    due = times.instant(task.due) if task.due is not None else None
    return cmd.Task(title=_digest(task.title), owner=task.owner, due=due)


def _open_task(life: Life, title: str) -> tuple[int, int]:
    """Exception and number of the task of a title, an open one if there is; the oldest exception and 0 if none is."""
    found = [
        (task.done, each.id, task.id)
        for each in life.state.exceptions.values()
        for task in each.tasks.values()
        if task.title == title
    ]
    return min(found)[1:] if found else (_exception(life, None), 0)


def _exception(life: Life, exception_class: str | None) -> int:
    """The open exception that ends: of that class, or the oldest; 0 if there is none."""
    fitting = [e.id for e in life.state.exceptions.values() if exception_class in (None, e.exception_class)]
    return min(fitting, default=0)
