"""Message texts: well-formed Liquid that names only what is at hand. Renders nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity, nearest
from runner.contract.documents import Document
from runner.contract.policies import Checklists, Fields
from runner.contract.rule import Rule
from runner.contract.template import RUNGS, Block, Template
from runner.contract.text import message_gaps, message_problems, message_variables
from validators.check.conditions_written import demands
from validators.check.step_results import Results, StepResults
from validators.check.subject import Subject
from validators.check.text_places import Find, narrowed, unclosed, variable

__all__ = ["RULES", "check"]

_SYNTAX = Rule(
    code="SUR401",
    name="message-syntax",
    severity=Severity.ERROR,
    summary="A message text is not valid Liquid.",
    why="The text is rendered when the step runs. One that cannot be read fails then, and nobody is told.",
    bad="""\
message: "{{ ticket.id is yours"
""",
    good="""\
message: "{{ ticket.id }} is yours"
""",
    fix="Close every `{{` with `}}` and every `{% if %}` with `{% endif %}`. Use only the filters and tags that "
    "templates/README.md lists.",
)
_UNKNOWN = Rule(
    code="SUR402",
    name="unknown-message-variable",
    severity=Severity.ERROR,
    summary="A message names something that no message can name.",
    why="There would be nothing to fill in: the step would fail in the middle of an escalation.",
    bad="""\
message: "{{ owner.nam }} has it."
""",
    good="""\
message: "{{ owner.name }} has it."
""",
    fix="Use one of the names that the help text lists, a declared ticket field as `ticket.FIELD`, an input of the "
    "block as `inputs.NAME`, or the result of a named step before it as `steps.NAME.RESULT`.",
)
_GAP = Rule(
    code="SUR403",
    name="message-without-default",
    severity=Severity.WARNING,
    summary="A message names a value that may be absent, and gives no default.",
    why="A ticket need not have every field, and a first offer has no previous owner. The step fails where the value "
    "is missing, so the people concerned are not told.",
    bad="""\
message: "About {{ ticket.subject }}."
""",
    good="""\
message: "About {{ ticket.subject | default: 'a ticket without a subject' }}."
""",
    fix="Write what to say instead: `{{ ticket.subject | default: 'no subject' }}`. Or ask first: `{% if "
    "ticket.subject %}{{ ticket.subject }}{% endif %}`. A field that the trigger asks for, and that `inputs` marks as "
    "required, needs no default in this template.",
)
RULES: Final = (_SYNTAX, _UNKNOWN, _GAP)

_ALWAYS: Final = frozenset(
    (
        "ticket.id",
        "ticket.url",
        "ticket.created_at",
        "ticket.updated_at",
        "escalation.id",
        "escalation.template",
        "escalation.state",
        "escalation.opened_at",
        "escalation.outcome_due",
        "offer.to",
        "owner.name",
        "outcome.statement",
    )
)
_SOMETIMES: Final = frozenset(
    ("previous.name", "offer.accept_by", "created.ticket", *(f"owners.{rung}.name" for rung in RUNGS))
)
_NO_INPUTS: Final[frozenset[str]] = frozenset()
_NO_RESULTS: Final = Results({}, frozenset())
_FILTER: Final = re.compile(r"there is no filter `([^`]+)`")
_MISSING: Final = re.compile(r"expected tag (end[a-z]+), found end")
_Wrong = tuple[Rule, str, str, Find]
"""A rule, the message and the help of its finding, and what finds the piece of a text that it is about."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every text of runbooks and blocks; texts that fill in the same are looked at once.

    A field that a template's trigger asks for and its inputs require has a value: its own texts need no default.
    """
    fields, items = subject.documents.policy(Fields), subject.documents.policy(Checklists)
    answers = frozenset(f"checklist.{name}" for name in items.items) if items is not None else _NO_INPUTS
    blocks = {model.name: frozenset(model.inputs) for _, model in subject.blocks}
    certain = {document.path: _certain(document, model) for document, model in subject.templates if model.inputs}
    of_steps = StepResults({model.name: document for document, model in subject.blocks})
    steps = {document.path: written for document, written in subject.steps}
    at_hand: dict[tuple[frozenset[str], frozenset[str]], _Names] = {}
    known: dict[tuple[str, frozenset[str], frozenset[str]], tuple[_Wrong, ...]] = {}
    for document, step_path, step, path, form in subject.texts:
        inputs = frozenset(document.model.inputs) if isinstance(document.model, Block) else _NO_INPUTS
        if path[0] == "with":  # what is given to a block is a text of that block, with its inputs at hand
            inputs |= blocks.get(str(step.get("use")), _NO_INPUTS)
        there = certain.get(document.path, _NO_INPUTS)
        key = (form, inputs, there)
        if "steps" in form:  # what is at hand there depends on where the text stands
            results = of_steps.before(steps[document.path], step_path)
            wrong = tuple(_wrong(form, _Names(fields, answers, inputs, there, results)))
        else:
            if key not in known:
                if (inputs, there) not in at_hand:
                    at_hand[inputs, there] = _Names(fields, answers, inputs, there)
                known[key] = tuple(_wrong(form, at_hand[inputs, there]))
            wrong = known[key]
        whole = (*step_path, *path)
        for rule, message, help_text, find in wrong:
            found = rule.found(document, whole, message, help_text)
            yield narrowed(found, subject.documents.sources, document, whole, find)


def _certain(document: Document, template: Template) -> frozenset[str]:
    """The fields, as messages name them, that a ticket must have to come under this template, and is to keep."""
    when = document.plain["trigger"]["when"]
    required = [name for name, each in template.inputs.items() if each.required]
    return frozenset(f"ticket.{name}" for name in required if demands(when, name))


class _Names:
    """What a text may name: always there, and sometimes. `inputs` are those of the block that it stands in, `answers`
    those to the questions of the checklists.
    """

    def __init__(
        self,
        fields: Fields | None,
        answers: frozenset[str],
        inputs: frozenset[str],
        certain: frozenset[str],
        results: Results = _NO_RESULTS,
    ) -> None:
        declared = frozenset(f"ticket.{name}" for name in fields.fields) if fields is not None else frozenset()
        declared |= answers
        self.sometimes = (_SOMETIMES | declared | results.sometimes) - certain
        self.known = _ALWAYS | _SOMETIMES | declared | frozenset(f"inputs.{name}" for name in inputs) | results.paths
        self.results = results
        self.any_field = fields is None

    def has(self, name: str) -> bool:
        """Whether a text may name this."""
        if name in self.known or self.results.known(name):
            return True
        return self.any_field and name.startswith("ticket.")


def _wrong(text: str, names: _Names) -> Iterator[_Wrong]:
    problems = message_problems(text)
    for problem in problems:
        yield _unreadable(text, problem)
    if problems:
        return
    for name in message_variables(text):
        if not names.has(name):
            yield _UNKNOWN, f"`{name}` is nothing a message can name", _instead(name, names), variable(name)
    for name in message_gaps(text):
        if name in names.sometimes:
            message = f"`{name}` may have no value, and then this step fails"
            yield _GAP, message, f"write {{{{ {name} | default: 'not stated' }}}}", variable(name, bare=True)


def _unreadable(text: str, problem: str) -> _Wrong:
    opened = unclosed(text)
    if opened is not None:
        opening = text[slice(*opened)]
        closing = {"{{": "}}", "{%": "%}"}[opening]
        message = f"this text cannot be read: `{opening}` is opened here, and `{closing}` is missing"
        return _SYNTAX, message, f"write `{closing}` where it ends, as in {{{{ owner.name }}}}", unclosed
    missing = _MISSING.search(problem)
    if missing:
        message = f"this text cannot be read: `{{% {missing[1]} %}}` is missing"
        return _SYNTAX, message, f"write `{{% {missing[1]} %}}` where that part of the text ends", _nowhere
    help_text = "the language is Liquid, with {{ name | default: 'text' }}; see templates/README.md"
    foreign = _FILTER.search(problem)
    return _SYNTAX, f"this text cannot be read: {problem}", help_text, variable(foreign[1]) if foreign else _nowhere


def _nowhere(_: str) -> None:
    """No piece of the text in particular."""


def _instead(name: str, names: _Names) -> str:
    if name.startswith("answers."):
        return "answers are results of the step that asked: write steps.NAME.ANSWER, with the name of that step"
    near = nearest(name, names.known)
    if name.startswith("steps") and not near:
        at_hand = ", ".join(sorted(names.results.names)) or "none; give a step a name"
        return f"named steps before it at this lifecycle point: {at_hand}"
    return f"did you mean `{near}`?" if near else f"at hand: {', '.join(sorted(_ALWAYS | _SOMETIMES))}"
