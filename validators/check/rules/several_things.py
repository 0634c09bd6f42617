"""SUR922: steps that several templates repeat, and points with very many steps. Rewrites none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.rule import Rule
from runner.contract.steps import STEP_KINDS
from runner.contract.template import POINTS, Template
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR922",
    name="template-does-several-things",
    severity=Severity.INFO,
    summary="The same steps stand in several templates, or one point has more steps than anybody oversees.",
    why="What stands in several places is changed in one of them and forgotten in the others. And whoever reviews a "
    "long list of steps sees each of them, but no longer what they do together.",
    bad="""\
  accepted:
    - notify: {room: counter, message: "{{ owner.name }} has {{ ticket.id }}."}
    - note: {text: "{{ owner.name }} has accepted."}
""",
    good="""\
  accepted:
    - use: tell
""",
    fix="Write the steps into a file below `templates/blocks/` once, make inputs of what differs, and `use` the block.",
)
RULES: Final = (_RULE,)
_AT_A_GLANCE: Final = 9
"""Steps of one point, as they are written. *Source:* G. A. Miller, The magical number seven, plus or minus two."""
_INPUTS: Final = {"room": "room", "via": "channel", "who": "person", "assign": "person", "to": "person"}
"""The keys of steps whose value two uses of a block may well give differently, and the input that would carry it."""
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive steps of one list: the forms of their plain data as numbers, equal for equal steps."""

    document: Document
    template: str
    path: Path
    steps: tuple[Mapping[str, Any], ...]
    forms: tuple[int, ...]


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every list of steps in every template: too long ones, and those whose steps stand elsewhere too."""
    known: dict[str, int] = {}
    runs: list[_Run] = []
    for document, every in subject.steps:
        if not isinstance(document.model, Template):
            continue
        lists: dict[Path, list[Mapping[str, Any]]] = {}
        for path, step in every:
            lists.setdefault(path[:-1], []).append(step)
        if len(every) > _AT_A_GLANCE:
            yield from _long(document, lists)
        for path, steps in lists.items():
            if len(steps) > 1:
                forms = tuple(known.setdefault(_form(step), len(known)) for step in steps)
                runs.append(_Run(document, document.model.name, path, tuple(steps), forms))
    yield from _repeated(runs)


def _form(step: Mapping[str, Any]) -> str:
    """The step without what a block would take as an input, as text that is equal for equal steps."""
    return repr([(kind, _bare(step[kind])) for kind in sorted(step)])


def _bare(body: Any) -> object:  # noqa: ANN401 - plain data
    """What a step does, in order of the keys; values that could be inputs are only named."""
    if not isinstance(body, dict):
        return body
    # Keys differ, so that values are never compared.
    return sorted((key, "" if key in _INPUTS else value) for key, value in body.items())


def _long(document: Document, lists: Mapping[Path, list[Mapping[str, Any]]]) -> Iterator[Diagnostic]:
    for point in POINTS:
        count = sum(len(steps) for path, steps in lists.items() if path[1] == point)
        if count > _AT_A_GLANCE:
            message = f"`{point}` has {count} steps, more than the {_AT_A_GLANCE} that people oversee at a glance"
            help_text = "put what belongs together into blocks, each named for what it does, and use these here"
            yield _RULE.found(document, ("runbook", point), message, help_text, key=True)


def _repeated(runs: list[_Run]) -> Iterator[Diagnostic]:
    """Runs of two or more steps that stand in two or more templates: each once, at the first template that has it.

    Work grows with the number of steps: neighbours are looked up, and only runs that are reported are compared.
    """
    pairs: dict[tuple[int, int], list[tuple[_Run, int]]] = {}
    for run in runs:
        for index, pair in enumerate(pairwise(run.forms)):
            pairs.setdefault(pair, []).append((run, index))
    for run in runs:
        start = 0
        while start < len(run.forms) - 1:
            places = pairs[run.forms[start], run.forms[start + 1]]
            is_first = places[0][0] is run and places[0][1] == start
            others = [each for each in places if each[0].template != run.template] if is_first else []
            if others:
                length = max(_common(run, start, *each) for each in others)
                same = [each for each in others if _common(run, start, *each) == length]
                yield _finding(run, start, length, same)
                start += length - 1
            else:
                start += 1


def _common(one: _Run, start: int, other: _Run, there: int) -> int:
    length = 0
    for mine, theirs in zip(one.forms[start:], other.forms[there:], strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def _finding(run: _Run, start: int, length: int, others: list[tuple[_Run, int]]) -> Diagnostic:
    names = list(dict.fromkeys(other.template for other, _ in others))
    where = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    where += f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    kinds = [next(kind for kind in STEP_KINDS if kind in step) for step in run.steps[start : start + length]]
    message = f"these {length} steps ({', '.join(kinds)}) stand in {where} as well"
    differing = sorted(
        {
            _INPUTS[key]
            for other, there in others
            for mine, theirs in zip(run.steps[start : start + length], other.steps[there : there + length], strict=True)
            for key in _differences(mine, theirs)
        }
    )
    inputs = f" with the inputs {', '.join(differing)}" if differing else ""
    first = "-and-".join(dict.fromkeys(kind.replace("_", "-") for kind in kinds[:2]))
    block = f"{run.path[1]}-{first}"
    help_text = f"write them once, as templates/blocks/{block}.yaml{inputs}, and use: {block} in each"
    return _RULE.found(run.document, (*run.path, start), message, help_text)


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """The keys of `_INPUTS` whose values differ between two steps of one form."""
    for kind, body in one.items():
        if isinstance(body, dict):
            yield from (key for key in body if key in _INPUTS and body[key] != other[kind][key])
