"""SUR911: what is written and can never happen, or says what makes no difference. Judges by the template alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.rule import Rule
from runner.contract.template import Template
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR911",
    name="promise-nobody-checks",
    severity=Severity.INFO,
    summary="Steps stand where they are never reached, or a key stands where it makes no difference.",
    why="Whoever reads the template counts on it. A step that never runs is a promise that nobody keeps.",
    bad="""\
  closed:
    - notify: {who: owner, message: "{{ ticket.id }} is closed."}
      on_leave: cancel
""",
    good="""\
  closed:
    - notify: {who: owner, message: "{{ ticket.id }} is closed."}
""",
    fix="Remove it, or change what keeps it from happening: allow an exception class, give the branch a condition "
    "of its own.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Lifecycle points that never come, branches that never win, `on_leave` where nothing is left any more.

    The other points can always come. A failover follows every offer that ends unaccepted, also on a ladder of one rung;
    with `at_most: 0` and without a sequence a handoff still goes to the escalation owner.
    """
    for document, template in subject.templates:
        yield from _points(document, template)
    for document, steps in subject.steps:
        for path, step in steps:
            if "choose" in step:
                yield from _branches(document, path, step["choose"])
            if "on_leave" in step and path[:2] == ("runbook", "closed"):
                message = "nothing is left after `closed`, so `on_leave` makes no difference here"
                yield _RULE.found(document, (*path, "on_leave"), message, "remove on_leave", key=True)


def _points(document: Document, template: Template) -> Iterator[Diagnostic]:
    if template.runbook.exception and not template.exceptions:
        message = "the template allows no exception, so its steps for one never run"
        help_text = "allow a class under `exceptions`, or remove the steps"
        yield _RULE.found(document, ("runbook", "exception"), message, help_text, key=True)


def _branches(document: Document, path: Path, choose: Any) -> Iterator[Diagnostic]:  # noqa: ANN401 - plain data
    """Branches whose condition an earlier one has already, word for word."""
    branches = choose.get("branches") if isinstance(choose, Mapping) else None
    seen: list[tuple[object, object]] = []
    for number, branch in enumerate(listed := branches if isinstance(branches, list) else []):
        if not isinstance(branch, Mapping):
            return
        asked = (branch.get("when"), branch.get("answer"))
        if asked != (None, None):
            if asked in seen:
                earlier = listed[seen.index(asked)].get("name")
                message = f"the branch `{branch.get('name')}` has the condition of `{earlier}`, which always wins"
                here = (*path, "choose", "branches", number, "when" if asked[0] is not None else "answer")
                yield _RULE.found(document, here, message, "change its condition, or remove it", key=True)
            seen.append(asked)
