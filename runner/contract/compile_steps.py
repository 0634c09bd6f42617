"""Compiling steps: what a runbook names must exist, and the steps that the engine carries out become closed ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from runner.contract.blocks import BlockInliner, Flat
from runner.contract.close_steps import closed_step, linked
from runner.contract.condition_reader import BUILTIN_FIELDS, declared_reader
from runner.contract.conditions import Condition, timed
from runner.contract.contract import StepOf
from runner.contract.documents import Document, Path, validate
from runner.contract.misfit import Unfit, described, did_you_mean, shown
from runner.contract.policies import TicketField
from runner.contract.references import References
from runner.contract.steps import STEP_KINDS, Answer, Ask, Branch, Choose, Step, UndoBy
from runner.contract.template import POINTS, Template
from runner.contract.values import Box, OwnerRef, instant_or_none, parse_instant

__all__ = ["StepCompiler"]


class StepCompiler:
    """Compiles the runbook of one template; findings go to `references`."""

    def __init__(self, references: References, inliner: BlockInliner) -> None:
        self._references = references
        self._inliner = inliner
        self._asked: dict[str, list[tuple[str, Ask]]] = {}
        """The questions of the run so far, by name: within which branch they are asked, as the rule of it begins."""
        self._checks: Mapping[str, Callable[[Any, Flat], None]] = {
            "notify": self._message,
            "page": self._message,
            "set_fields": lambda values, flat: self._fields(values, flat, ("set_fields",)),
            "assign": self._assign,
            "attach": self._attach,
            "create_ticket": self._ticket,
            "action": self._action,
            "ask": self._ask,
            "approve": self._bounded,
            "wait": self._wait,
            "choose": self._choose,
        }

    def runbook(self, template: Template, document: Document) -> dict[str, tuple[StepOf, ...]]:
        """The closed steps by lifecycle point; those that are wrong are left out."""
        plain = document.plain.get("runbook") or {}
        compiled = {}
        for point in POINTS:
            steps = self._inliner.steps(document, template.name, plain.get(point) or [], ("runbook", point))
            self._asked = {}  # each run goes by itself: another may not have got its answers yet, or never begin
            closed = [step for each in steps if (step := self._step(each)) is not None]
            compiled[point] = linked(steps, closed) if len(closed) == len(steps) else tuple(closed)
        return compiled

    def of_classes(self, document: Document, blocks: Mapping[str, str]) -> dict[str, tuple[StepOf, ...]]:
        """The closed steps of exception classes by the point at which they are begun; `blocks` by class."""
        compiled = {}
        for name, block in blocks.items():
            rule = f"exceptions#/classes/{name}/runbook"
            steps = self._inliner.of_block(block, rule, document, ("classes", name, "runbook"))
            self._asked = {}
            closed = [step for each in steps if (step := self._step(each)) is not None]
            compiled[f"exception:{name}"] = linked(steps, closed) if len(closed) == len(steps) else tuple(closed)
        return compiled

    def _step(self, flat: Flat) -> StepOf | None:
        step, findings = validate(Step, flat.plain, flat.document.nodes, flat.path, flat.root)
        self._references.findings.extend(findings)
        if step is None:
            return None
        kind = next(each for each in STEP_KINDS if getattr(step, each) is not None)
        check = self._checks.get(kind)
        if check is not None:
            check(getattr(step, kind), flat)
        if isinstance(step.undo, UndoBy) and step.undo.action is not None:
            self._references.known("action", step.undo.action, *flat.source("undo", "action"))
        if step.name is not None and step.ask is not None:
            branch = _BRANCH.match(flat.rule)
            self._asked.setdefault(step.name, []).append((branch[0] if branch else "", step.ask))
        return closed_step(step, flat, self._references)

    def _message(self, message: Any, flat: Flat) -> None:  # noqa: ANN401 - Notify or Page
        kind = "notify" if "notify" in flat.plain else "page"
        self._who(message.who, flat, (kind, "who"))
        for index, channel in enumerate(message.via):
            self._references.known("channel", channel, *flat.source(kind, "via", index))
        if kind == "notify" and message.room is not None:
            self._references.known("room", message.room, *flat.source(kind, "room"))
        if kind == "page" and message.within is not None:
            self._box(message.within, flat, (kind, "within"))

    def _assign(self, assign: Any, flat: Flat) -> None:  # noqa: ANN401 - Assign
        self._who(assign.to, flat, ("assign", "to"))
        fields = self._references.fields
        if fields is not None and fields.assignee is None:
            message = "`assign` writes who works on the ticket, and no ticket field is named for that"
            help_text = "add assignee: with a field of type person to the Fields policy, beside `record`"
            self._wrong(flat.source("assign"), "SUR102", message, help_text, key=True)

    def _ticket(self, ticket: Any, flat: Flat) -> None:  # noqa: ANN401 - CreateTicket
        self._fields(ticket.fields, flat, ("create_ticket", "fields"))
        self._who(ticket.assign, flat, ("create_ticket", "assign"))

    def _attach(self, attach: Any, flat: Flat) -> None:  # noqa: ANN401 - Attach
        if attach.source is not None:
            self._references.known("action", attach.source, *flat.source("attach", "source"))

    def _action(self, action: Any, flat: Flat) -> None:  # noqa: ANN401 - Action
        refs = self._references
        if not refs.known("action", action.run, *flat.source("action", "run")):
            return
        declared = refs.actions[action.run]
        for name, value in action.with_.items():
            if name not in declared.inputs:
                known = ", ".join(declared.inputs) or "none"
                help_text = f"{did_you_mean(name, declared.inputs)}inputs: {known}"
                message = f"the action `{action.run}` has no input `{name}`"
                self._wrong(flat.source("action", "with", name), "SUR207", message, help_text, key=True)
            elif not _fits_action(declared.inputs[name].type, value):
                wanted = declared.inputs[name]
                message = f"input `{name}` of the action `{action.run}` is a {wanted.type}, found {described(value)}"
                self._wrong(flat.source("action", "with", name), "SUR207", message, wanted.summary)
        for name, wanted in declared.inputs.items():
            if name not in action.with_ and wanted.default is None:
                message = f"the action `{action.run}` needs the input `{name}`"
                help_text = f"add with: {{{name}: …}}. {wanted.summary}"
                self._wrong(flat.source("action", "run"), "SUR207", message, help_text)

    def _ask(self, ask: Any, flat: Flat) -> None:  # noqa: ANN401 - Ask
        self._bounded(ask, flat)
        answers: Mapping[str, Answer] = ask.answers
        for name, answer in answers.items():
            at = ("ask", "answers", name)
            if answer.default is not None:
                self._value(answer, answer.default, flat, (*at, "default"), "SUR104")
            if ask.otherwise == "default" and answer.required and answer.default is None:
                message = f"the default is to count, and `{name}` has none"
                help_text = f"write for example {name}: {{type: {answer.type}, default: …}}"
                self._wrong(flat.source(*at), "SUR311", message, help_text, key=True)

    def _bounded(self, question: Any, flat: Flat) -> None:  # noqa: ANN401 - Ask or Approve
        """A question has a deadline, and somebody or something that it falls to."""
        kind = "ask" if "ask" in flat.plain else "approve"
        self._who(question.who, flat, (kind, "who"))
        self._answerable(flat, kind)
        self._deadline(question.within, question.otherwise, flat, kind, "write otherwise: escalate")

    def _wait(self, wait: Any, flat: Flat) -> None:  # noqa: ANN401 - Wait
        if wait.until is not None:
            self._until(wait.until, flat)
        falls_to = wait.otherwise if wait.until is not None else "go_on"
        self._deadline(wait.within, falls_to, flat, "wait", "write otherwise: escalate, go_on or fail")

    def _until(self, until: object, flat: Flat) -> None:
        """The ticket is looked at when it changes, so time alone ends a wait only by its bound."""
        condition = self._condition(until, flat, ("wait", "until"))
        if condition is not None and timed(condition):
            message = "what is waited for depends on time, and the ticket is looked at only when it changes"
            help_text = "leave the time to `within`, and name here what is to change on the ticket"
            self._wrong(flat.source("wait", "until"), "SUR307", message, help_text)
        self._answerable(flat, "wait")

    def _answerable(self, flat: Flat, kind: str) -> None:
        """Nobody is accountable for what is closed, and nothing looks at its ticket any more."""
        if "#/runbook/closed/" in flat.rule:
            message = f"this `{kind}` waits for somebody at the point `closed`, when nobody answers for it any more"
            help_text = "do it at the point `resolved`, before it is closed"
            self._wrong(flat.source(kind), "SUR311", message, help_text, key=True)

    def _deadline(self, within: Box | None, otherwise: str | None, flat: Flat, kind: str, advice: str) -> None:
        if within is None:
            message = f"`{kind}` has no deadline, so it could wait for ever"
            self._wrong(flat.source(kind), "SUR311", message, "write within: 4h, or what you think right", key=True)
        else:
            self._box(within, flat, (kind, "within"))
        if otherwise is None:
            message = f"nobody is named to whom this `{kind}` falls when its time is over"
            self._wrong(flat.source(kind), "SUR311", message, advice, key=True)

    def _choose(self, choose: Choose, flat: Flat) -> None:
        asked = {
            name: questions[-1]
            for name, every in self._asked.items()
            if (questions := [ask for branch, ask in every if flat.rule.startswith(branch)])
        }
        question = asked.get(choose.of or "")
        if choose.of is not None and question is None:
            known = ", ".join(asked) or "none; give an ask step a name"
            help_text = f"{did_you_mean(choose.of, asked)}questions asked on every way to here: {known}"
            message = f"no question `{choose.of}` is asked before at this lifecycle point"
            self._wrong(flat.source("choose", "of"), "SUR201", message, help_text)
        for index, branch in enumerate(choose.branches):
            at: Path = ("choose", "branches", index)
            if branch.when is not None:
                self._condition(branch.when, flat, (*at, "when"))
            if branch.answer is not None:
                self._answer(branch, question, choose.of, flat, at)

    def _answer(self, branch: Branch, question: Ask | None, of: str | None, flat: Flat, at: Path) -> None:
        if of is None:
            message = "the branch looks at an answer, and it is not said of which question"
            help_text = "add of: with the name of an ask step before it"
            self._wrong(flat.source(*at, "answer"), "SUR102", message, help_text, key=True)
        if question is None:
            return
        for name, value in (branch.answer or {}).items():
            wanted = question.answers.get(name)
            if wanted is None:
                help_text = f"{did_you_mean(name, question.answers)}answers: {', '.join(question.answers)}"
                message = f"`{of}` has no answer `{name}`"
                self._wrong(flat.source(*at, "answer", name), "SUR201", message, help_text, key=True)
            elif wanted.type == "text":
                message = f"`{name}` is a free text, which no branch can know"
                help_text = "ask for a choice beside the text, and let the branch look at that"
                self._wrong(flat.source(*at, "answer", name), "SUR104", message, help_text, key=True)
            else:
                self._value(wanted, value, flat, (*at, "answer", name), "SUR201")

    def _value(self, answer: Answer, value: object, flat: Flat, at: Path, code: str) -> None:
        """A value that an answer can have; `code` is that of one which is not among those to choose from."""
        if answer.type == "choice":
            if value not in answer.values:
                message = f"{shown(value)} is not one of the answers"
                self._wrong(flat.source(*at), code, message, f"answers: {', '.join(answer.values)}")
        elif answer.type == "person" and isinstance(value, str):
            self._references.known("person", value, *flat.source(*at))
        elif not _fits_answer(answer.type, value):
            message = f"the answer is {_ANSWERS[answer.type]}, found {described(value)}"
            self._wrong(flat.source(*at), "SUR104", message, "write one of that type")

    def _wrong(
        self, where: tuple[Document, Path], code: str, message: str, help_text: str, *, key: bool = False
    ) -> None:
        document, path = where
        self._references.wrong(document, code, path, message, help_text, key=key)

    def _condition(self, plain: object, flat: Flat, path: Path) -> Condition | None:
        """The condition, whose problems are noted; None if no fields are declared to read it by."""
        if self._references.fields is None:
            return None
        reader = declared_reader(self._references.documents)
        condition = reader.read(plain)
        for each in reader.problems:
            document, here = flat.source(*path, *each.path)
            self._references.wrong(document, each.code, here, each.message, each.help, key=each.key)
        return condition

    def _who(self, who: object, flat: Flat, path: Path) -> None:
        if isinstance(who, OwnerRef):
            self._references.known(who.sort, who.name, *flat.source(*path, who.sort))

    def _box(self, box: Box, flat: Flat, path: Path) -> None:
        """As `References.box`, where time and calendar may each come from an input."""
        if box.calendar is None:
            return
        self._references.known("calendar", box.calendar, *flat.source(*path, "calendar"))
        written: Any = flat.plain
        for part in (*path, "time"):
            written = written[part]
        if str(written).endswith("d"):
            message = f"`{written}` counts {box.time // 3600} open hours of `{box.calendar}`, not working days"
            help_text = "write hours, for example 16h for two days of eight hours"
            self._wrong(flat.source(*path, "time"), "SUR305", message, help_text)

    def _fields(self, values: Mapping[str, Any], flat: Flat, path: Path) -> None:
        declared = self._references.fields
        if declared is None:
            return
        reserved = {declared.record.state, declared.record.owner, declared.record.accepted_at}
        for name, value in values.items():
            document, above = flat.source(*path)
            here = (*above, name)
            if name in reserved:
                message = f"`{name}` shows the state of the escalation, and only the runner writes it"
                self._references.wrong(document, "SUR209", here, message, "remove it here", key=True)
            elif name in BUILTIN_FIELDS:
                message = f"`{name}` is kept by the helpdesk and cannot be written"
                self._references.wrong(document, "SUR209", here, message, "remove it here", key=True)
            elif self._references.known("ticket field", name, document, here, key=True):
                wrong = _misfit(name, declared.fields[name], value)
                if wrong is not None:
                    document, here = flat.source(*path, name)
                    self._references.wrong(document, "SUR209", here, *wrong)


_BRANCH = re.compile(r".*/choose/branches/[0-9]+/steps/")
"""The beginning of a rule up to the steps of the innermost branch."""
_ANSWERS: Mapping[str, str] = {
    "text": "a text", "number": "a number", "boolean": "true or false", "person": "a person",
    "instant": "an instant with its zone",
}  # fmt: skip


def _fits_answer(sort: str, value: object) -> bool:
    match sort:
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "instant":
            return isinstance(value, str) and instant_or_none(value) is not None
        case _:
            return isinstance(value, str)


def _fits_action(sort: str, value: object) -> bool:
    """Whether a value can be given to an input of an action; what Liquid becomes is known only when it is sent."""
    if isinstance(value, str) and "{" in value:
        return True
    return _fits_answer(sort, value) or (sort == "person" and isinstance(value, Mapping))


def _misfit(name: str, declared: TicketField, value: object) -> tuple[str, str] | None:
    """Why a value cannot be written to a field, and what to do; None if it can. Nothing empties any field."""
    found = described(value)
    if value is None:
        return None
    if declared.type == "choice" and value not in declared.values:
        hint = did_you_mean(value, declared.values) if isinstance(value, str) else ""
        return f"{shown(value)} is not a value of `{name}`", f"{hint}values: {', '.join(declared.values)}"
    if declared.type in ("number", "boolean") and isinstance(value, str) and "{" in value:
        return None  # what Liquid becomes is known only when it is written
    if declared.type == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        return f"`{name}` is a number, found {found}", "write digits without quotes"
    if declared.type == "boolean" and not isinstance(value, bool):
        return f"`{name}` is true or false, found {found}", "write true or false, without quotes"
    if declared.type in ("text", "person", "instant") and not isinstance(value, str):
        return f"`{name}` holds a text, found {found}", "write one text, in quotes"
    if declared.type == "instant" and isinstance(value, str) and "{" not in value:
        try:
            parse_instant(value)
        except Unfit as unfit:
            return unfit.problem, unfit.advice
    return None
