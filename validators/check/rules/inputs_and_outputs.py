"""SUR925 to SUR928: what a template declares to need and to leave behind is what it reads and gives. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract.blocks import Flat
from runner.contract.condition_reader import BUILTIN_FIELDS
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.misfit import did_you_mean
from runner.contract.policies import EvidenceKinds, Fields
from runner.contract.rule import Rule
from runner.contract.template import Template
from runner.contract.text import TextError, message_variables
from validators.check.conditions_written import fields_asked
from validators.check.doubt import files_in_doubt
from validators.check.inlined import Inlined, message_texts
from validators.check.subject import Subject
from validators.check.text_places import narrowed, variable

__all__ = ["RULES", "check"]

_UNDECLARED = Rule(
    code="SUR925",
    name="undeclared-input",
    severity=Severity.ERROR,
    summary="A template that declares its inputs reads a ticket field that is not among them.",
    why="Whoever connects a helpdesk or fills tickets in goes by the list. What is missing there is missing in "
    "the tickets too, and then the trigger stays silent or a message has a hole.",
    bad="""\
inputs:
  type: {summary: What kind of ticket it is.}
""",
    good="""\
inputs:
  type: {summary: What kind of ticket it is.}
  priority: {summary: How soon it must be dealt with., required: true}
""",
    fix="Add the field to `inputs`, or do not read it. What a block reads by itself need not be declared, and a "
    "template without any `inputs` is not checked.",
)
_UNUSED = Rule(
    code="SUR926",
    name="unused-input",
    severity=Severity.WARNING,
    summary="A template declares a ticket field as input and never reads it.",
    why="Somebody takes care that tickets have this field, and nothing comes of it.",
    bad="""\
inputs:
  type: {summary: What kind of ticket it is.}
  priority: {summary: How soon it must be dealt with.}
  vip: {summary: Whether the customer is important.}
""",
    good="""\
inputs:
  type: {summary: What kind of ticket it is.}
  priority: {summary: How soon it must be dealt with.}
""",
    fix="Remove it, or use it in the trigger, a message, a value or a branch.",
)
_NOT_GIVEN = Rule(
    code="SUR927",
    name="output-nobody-gives",
    severity=Severity.WARNING,
    summary="A template promises an output, and nothing in it makes sure that it is there in the end.",
    why="Others build on what is promised here. Evidence that is not asked for, or a field that nothing writes, is "
    "there by chance only.",
    bad="""\
outputs:
  picture: {summary: What the customer saw., evidence: photo}
""",
    good="""\
outputs:
  answer: {summary: What the customer was told., evidence: reply}
""",
    fix="Add the evidence to outcome.evidence, write the field in a step, or promise something else.",
)
_NO_ANSWER = Rule(
    code="SUR928",
    name="output-of-no-question",
    severity=Severity.ERROR,
    summary="A template promises the answer to a question that none of its steps asks.",
    why="Nobody is ever asked, so the promised output can never be there.",
    bad="""\
outputs:
  decision: {summary: What was decided., answer: refund-or-credit.decison}
""",
    good="""\
outputs:
  decision: {summary: What was decided., answer: refund-or-credit.decision}
""",
    fix="Name an `ask` step of this template and one of its answers, as in `refund-or-credit.decision`.",
)
RULES: Final = (_UNDECLARED, _UNUSED, _NOT_GIVEN, _NO_ANSWER)
_Place = tuple[Document, Path]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every template that declares inputs or outputs; nothing of it if a block could not be read.

    Nor of one that names something unknown: the right name may be just the one that seems to be missing, or unused.
    """
    doubtful = files_in_doubt(subject.loaded)
    declaring = [
        each for each in subject.templates if (each[1].inputs or each[1].outputs) and each[0].path not in doubtful
    ]
    if not declaring or "Block" in subject.documents.broken:
        return
    inlined = Inlined.of(subject.blocks)
    kinds, fields = subject.documents.policy(EvidenceKinds), subject.documents.policy(Fields)
    for document, template in declaring:
        flats = list(inlined.steps(document, template))
        held = _held_by_evidence(template, kinds)
        if template.inputs:
            kept = {fields.priority, fields.lifecycle.field, *_record(fields)} if fields else set()
            read = _read(document, flats)
            if fields is None or read.keys() <= fields.fields.keys() | BUILTIN_FIELDS.keys():
                yield from _inputs(document, template, read, held | kept, subject.documents.sources)
        if template.outputs and kinds is not None and fields is not None:
            yield from _outputs(document, template, flats, held | set(_record(fields)))


def _record(fields: Fields) -> tuple[str, ...]:
    return fields.record.state, fields.record.owner, fields.record.accepted_at


def _held_by_evidence(template: Template, kinds: EvidenceKinds | None) -> set[str]:
    """The fields that hold the evidence of the outcome, which the engine reads when somebody resolves."""
    known = kinds.evidence if kinds is not None else {}
    return {field for name in template.outcome.evidence if name in known and (field := known[name].field) is not None}


def _read(document: Document, flats: list[Flat]) -> dict[str, _Place]:
    """Every field that trigger, messages, values and branches read, with the first place that does."""
    found: dict[str, _Place] = {}
    trigger = document.plain["trigger"]
    for name, path in fields_asked(trigger["when"], ("trigger", "when")):
        found.setdefault(name, (document, path))
    for position, name in enumerate(trigger.get("group_by", ())):
        found.setdefault(name, (document, ("trigger", "group_by", position)))
    for flat in flats:
        for path, text in message_texts(flat):
            for name in _variables(text):
                found.setdefault(name, flat.source(*path))
        for name, path in _conditions(flat.plain):
            found.setdefault(name, flat.source(*path))
    return found


def _variables(text: str) -> Iterator[str]:
    """The fields that a text names; none if it cannot be read, which SUR401 says."""
    try:
        variables = message_variables(text)
    except TextError:
        return
    for each in variables:
        name = each.removeprefix("ticket.")
        if name != each and name not in ("id", "url"):
            yield name


def _conditions(step: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    wait, choose = step.get("wait"), step.get("choose")
    if isinstance(wait, Mapping):
        yield from fields_asked(wait.get("until"), ("wait", "until"))
    branches = choose.get("branches") if isinstance(choose, Mapping) else None
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        if isinstance(branch, Mapping):
            yield from fields_asked(branch.get("when"), ("choose", "branches", index, "when"))


def _inputs(
    document: Document,
    template: Template,
    read: Mapping[str, _Place],
    needed: set[str],
    sources: Mapping[str, bytes],
) -> Iterator[Diagnostic]:
    """`needed` are fields that the engine reads by itself: to declare them is as right as not to.

    What a block reads is the block's own affair, or one more line in a block would break every template that uses it.
    """
    for name, (where, path) in read.items():
        if name in template.inputs or name in BUILTIN_FIELDS or where is not document:
            continue
        message = f"the ticket field `{name}` is read here, and `inputs` does not declare it"
        key = path[:2] == ("trigger", "when")
        found = _UNDECLARED.found(document, path, message, f"add {name}: {{summary: …}} to `inputs`", key=key)
        yield found if key else narrowed(found, sources, document, path, variable(f"ticket.{name}"))
    for name in template.inputs:
        if name not in read and name not in needed:
            message = f"nothing in `{template.name}` reads the ticket field `{name}`"
            help_text = "remove it, or use it in the trigger, a message, a value or a branch"
            yield _UNUSED.found(document, ("inputs", name), message, help_text, key=True)


def _outputs(document: Document, template: Template, flats: list[Flat], held: set[str]) -> Iterator[Diagnostic]:
    asked: dict[str, set[str]] = {}
    written = set(held)
    for flat in flats:
        ask, values = flat.plain.get("ask"), flat.plain.get("set_fields")
        answers = ask.get("answers") if isinstance(ask, Mapping) else None
        if isinstance(answers, Mapping) and isinstance(flat.plain.get("name"), str):
            asked.setdefault(flat.plain["name"], set()).update(answers)
        if isinstance(values, Mapping):
            written |= set(values)
    for name, output in template.outputs.items():
        if output.evidence is not None and output.evidence not in template.outcome.evidence:
            message = f"the outcome needs no `{output.evidence}`, so it may end without this output"
            help_text = f"add {output.evidence} to outcome.evidence"
            yield _NOT_GIVEN.found(document, ("outputs", name, "evidence"), message, help_text)
        if output.field is not None and output.field not in written:
            message = f"no step writes `{output.field}`, and no evidence of the outcome is held in it"
            help_text = "write it with set_fields, or need a kind of evidence that this field holds"
            yield _NOT_GIVEN.found(document, ("outputs", name, "field"), message, help_text)
        wrong = _unasked(output.answer, asked) if output.answer is not None else None
        if wrong is not None:
            yield _NO_ANSWER.found(document, ("outputs", name, "answer"), *wrong)


def _unasked(output: str, asked: Mapping[str, set[str]]) -> tuple[str, str] | None:
    """Why an answer is never given, and which there are; None if it is asked for."""
    question, _, answer = output.partition(".")
    if question not in asked:
        known = ", ".join(sorted(asked)) or "none; give an ask step a name"
        return f"no step asks a question called `{question}`", f"{did_you_mean(question, asked)}questions: {known}"
    if answer not in asked[question]:
        known = ", ".join(sorted(asked[question]))
        hint = did_you_mean(answer, asked[question])
        return f"the question `{question}` has no answer `{answer}`", f"{hint}its answers: {known}"
    return None
