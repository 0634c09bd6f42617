"""Closing steps: one that is valid becomes one that needs nothing else, and those of a point say what follows each.

Judges nothing: what is wrong with a step was found before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.contract.blocks import Flat
from runner.contract.condition_reader import declared_reader
from runner.contract.conditions import Condition, condition_from_plain, condition_plain
from runner.contract.contract import AnswerOf, BranchOf, RetryOf, StepOf, closed_box
from runner.contract.policies import NamedAction
from runner.contract.references import References
from runner.contract.steps import Action, Branch, Choose, Step, UndoBy

__all__ = ["closed_step", "linked", "step_conditions"]


def closed_step(step: Step, flat: Flat, references: References) -> StepOf:
    """The closed step, not yet linked to others."""
    retry = RetryOf(times=step.retry.times, every=step.retry.every) if step.retry is not None else None
    parts: dict[str, Any] = {"who": None, "via": (), "room": None, "within": None, "task": False, "args": {}}
    parts |= _parts(step, references)
    return StepOf(
        rule=flat.rule,
        name=step.name,
        inputs=flat.inputs,
        timeout=step.timeout,
        retry=retry,
        on_error=step.on_error,
        on_leave=step.on_leave,
        **(parts | _undo(step, parts, references)),
    )


def _parts(step: Step, references: References) -> dict[str, Any]:
    """What a step does, in the words of a closed one."""
    if step.notify is not None:
        say = step.notify
        return {"kind": "notify", "who": say.who, "via": say.via, "room": say.room, "args": {"message": say.message}}
    if step.page is not None:
        page = step.page
        said = {"message": page.message}
        return {"kind": "page", "who": page.who, "via": page.via, "within": closed_box(page.within), "args": said}
    if step.set_fields is not None:
        return {"kind": "set_fields", "args": {"fields": dict(step.set_fields)}, "changes": True}
    if step.assign is not None:
        field = references.fields.assignee if references.fields is not None else None
        return {"kind": "assign", "who": step.assign.to, "args": {"field": field}, "changes": True}
    if step.note is not None:
        return {"kind": "note", "args": {"text": step.note.text, "snapshot": step.note.snapshot}}
    if step.create_ticket is not None:
        ticket = step.create_ticket
        args = {"subject": ticket.subject, "body": ticket.body, "fields": dict(ticket.fields)}
        return {"kind": "create_ticket", "who": ticket.assign, "task": ticket.task, "args": args, "changes": True}
    if step.attach is not None:
        return {"kind": "attach", "args": step.attach.model_dump(mode="json")}
    return _asking(step, references)


def _asking(step: Step, references: References) -> dict[str, Any]:
    """The kinds of step that ask, wait, choose, or act elsewhere."""
    if step.action is not None:
        return _action(step.action, references)
    if step.ask is not None:
        ask = step.ask
        answers = {name: AnswerOf(**each.model_dump()) for name, each in ask.answers.items()}
        words = {"question": ask.question, "guidance": ask.guidance}
        common = {"who": ask.who, "within": closed_box(ask.within), "otherwise": ask.otherwise, "args": words}
        return {"kind": "ask", "answers": answers, **common}
    if step.approve is not None:
        approve = step.approve
        words = {"question": approve.question, "guidance": approve.guidance}
        common = {
            "who": approve.who,
            "within": closed_box(approve.within),
            "otherwise": approve.otherwise,
            "args": words,
        }
        return {"kind": "approve", **common}
    if step.wait is not None:
        wait = step.wait
        until = _condition(wait.until, references) if wait.until is not None else None
        falls_to = wait.otherwise if wait.until is not None else "go_on"
        return {"kind": "wait", "within": closed_box(wait.within), "otherwise": falls_to, "args": {"until": until}}
    if step.choose is not None:
        return _choose(step.choose, references)
    raise AssertionError(step)


def _action(action: Action, references: References) -> dict[str, Any]:
    declared = references.actions.get(action.run)
    if declared is None:  # was found before
        return {"kind": "action", "args": {"action": action.run, "with": {}}}
    given: dict[str, Any] = {name: each.default for name, each in declared.inputs.items() if each.default is not None}
    given |= action.with_
    args: dict[str, Any] = {"action": action.run, "with": given}
    return {"kind": "action", "args": args, "changes": declared.changes_world}


def _choose(choose: Choose, references: References) -> dict[str, Any]:
    branches = tuple(_branch(each, references) for each in choose.branches)
    return {"kind": "choose", "of": choose.of, "branches": branches}


def _branch(branch: Branch, references: References) -> BranchOf:
    when = _condition(branch.when, references) if branch.when is not None else None
    answer = dict(branch.answer) if branch.answer is not None else None
    return BranchOf(name=branch.name, when=when, answer=answer, start=0)  # type: ignore[arg-type]


def _condition(plain: Mapping[str, Any], references: References) -> dict[str, object]:
    return condition_plain(declared_reader(references.documents).read(plain))


def _undo(step: Step, parts: Mapping[str, Any], references: References) -> dict[str, Any]:
    """How it is taken back: as the step says, else as its action says.

    With both `kept` and `undo_by` no rollback takes it back, but a later step must before anything closes.
    """
    if step.undo == "restore":
        return {"undo": "restore"}
    if isinstance(step.undo, UndoBy) and step.undo.never is not None:
        return {"kept": step.undo.never}
    action = step.undo.action if isinstance(step.undo, UndoBy) else None
    if step.action is not None and action is None:
        declared = references.actions.get(step.action.run)
        action = declared.undo if declared is not None else None
    if action is None:
        return {}
    kept = {"kept": step.undo.later} if isinstance(step.undo, UndoBy) and step.undo.later is not None else {}
    takes: NamedAction | None = references.actions.get(action)
    given = parts["args"].get("with", {})
    inputs = {name: each.default for name, each in takes.inputs.items() if each.default is not None} if takes else {}
    inputs |= {name: value for name, value in given.items() if takes is not None and name in takes.inputs}
    return {**kept, "undo_by": action, "args": {**parts["args"], "undo_with": inputs}}


def step_conditions(step: StepOf) -> Iterator[Condition]:
    """The conditions over the ticket that a closed step asks."""
    for branch in step.branches:
        if branch.when is not None:
            yield condition_from_plain(branch.when)
    until: Any = step.args.get("until")
    if until is not None:
        yield condition_from_plain(until)


def linked(flats: Sequence[Flat], steps: Sequence[StepOf]) -> tuple[StepOf, ...]:
    """The steps of a point with what follows each. They stand as the inliner lays them out: branches behind a choice,
    one after the other.
    """
    rules = [flat.rule for flat in flats]
    found = list(steps)
    _link(rules, found, 0, len(found), len(found))
    return tuple(found)


def _link(rules: Sequence[str], steps: list[StepOf], low: int, high: int, after: int) -> None:
    """Link the steps from `low` up to `high`, behind which `after` follows."""
    position = low
    while position < high:
        step, behind = steps[position], position + 1
        starts = []
        for number, _ in enumerate(step.branches):
            inside = f"{rules[position]}/choose/branches/{number}/steps/"
            starts.append(behind)
            while behind < high and rules[behind].startswith(inside):
                behind += 1
        follows = behind if behind < high else after
        for start, end in zip(starts, [*starts[1:], behind], strict=False):
            _link(rules, steps, start, end, follows)
        branches = tuple(
            each.model_copy(update={"start": start if start < end else follows})
            for each, start, end in zip(step.branches, starts, [*starts[1:], behind], strict=False)
        )
        then = follows if follows != position + 1 else None
        steps[position] = step.model_copy(update={"branches": branches, "then": then})
        position = behind
