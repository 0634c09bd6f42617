"""SUR907: nothing irreversible or expensive is done without a yes before it. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from runner.contract.blocks import BlockInliner, Flat
from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document, Path
from runner.contract.policies import Actions, Limits, NamedAction
from runner.contract.rule import Rule
from runner.contract.template import POINTS
from validators.check.subject import Subject

__all__ = ["RULES", "check"]

_RULE = Rule(
    code="SUR907",
    name="irreversible-without-approval",
    severity=Severity.ERROR,
    summary="An action that cannot be taken back, or that moves an amount for which the limits ask for approval, is "
    "carried out without an `approve` before it.",
    why="A runbook is fast and never hesitates. What cannot be taken back needs one person who looks at this very "
    "case and says yes.",
    bad="""\
- action: {run: delete-account, with: {account: "{{ ticket.id }}"}}
""",
    good="""\
- approve:
    who: escalation_owner
    question: Delete the account of {{ ticket.id }} for good?
    within: 4h
    otherwise: escalate
- action: {run: delete-account, with: {account: "{{ ticket.id }}"}}
""",
    fix="Put an `approve` step before the action, at the same lifecycle point. One inside a branch counts for what "
    "follows the branches only if every branch has one. Below the limit no approval is needed: a branch whose "
    "condition keeps the amount below it may go without.",
)
RULES: Final = (_RULE,)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Every run of every template, with its blocks written out."""
    actions, limits = subject.documents.policy(Actions), subject.documents.policy(Limits)
    above: Mapping[str, float] = limits.approval_above if limits else {}
    guarded = {
        name: action
        for name, action in (actions.actions if actions else {}).items()
        if action.irreversible is not None or action.amount in above
    }
    if not guarded:
        return
    steps_of = {document.path: [step for _, step in steps] for document, steps in subject.steps}
    acting = _acting_blocks(subject, steps_of)
    inliner = BlockInliner({model.name: document for document, model in subject.blocks})
    for document, template in subject.templates:
        if not any("action" in step or step.get("use") in acting for step in steps_of[document.path]):
            continue
        runbook = document.plain.get("runbook") or {}
        for point in POINTS:
            flats = inliner.steps(document, template.name, runbook.get(point) or [], ("runbook", point))
            run = _Run(guarded, above)
            run.walk(_nested(flats), approved=False, below=frozenset())
            for flat in run.unapproved:
                yield _finding(document, flat, guarded, above)


def _acting_blocks(subject: Subject, steps_of: Mapping[str, Sequence[Mapping[str, Any]]]) -> frozenset[str]:
    """The blocks that carry out an action, by themselves or through another block."""
    uses: dict[str, set[str]] = {}
    acting = set()
    for document, block in subject.blocks:
        steps = steps_of[document.path]
        uses[block.name] = {str(step["use"]) for step in steps if "use" in step}
        if any("action" in step for step in steps):
            acting.add(block.name)
    while more := {name for name, used in uses.items() if name not in acting and used & acting}:
        acting |= more
    return frozenset(acting)


@dataclass(slots=True)
class _Node:
    """A step with the steps inside its branches, by the number of the branch."""

    flat: Flat
    branches: dict[int, list[_Node]] = field(default_factory=dict)


def _nested(flats: Sequence[Flat]) -> list[_Node]:
    """The steps as a tree again: those of a branch follow their `choose`, and their rules begin with its rule."""
    top: list[_Node] = []
    around: list[tuple[str, _Node]] = []
    for flat in flats:
        while around and not flat.rule.startswith(around[-1][0]):
            around.pop()
        node = _Node(flat)
        if around:
            prefix, outer = around[-1]
            number = int(flat.rule[len(prefix) :].partition("/")[0])
            outer.branches.setdefault(number, []).append(node)
        else:
            top.append(node)
        if "choose" in flat.plain:
            around.append((f"{flat.rule}/choose/branches/", node))
    return top


@dataclass(slots=True)
class _Run:
    """Goes through the steps of one run and keeps the actions to which nobody has said yes before."""

    guarded: Mapping[str, NamedAction]
    above: Mapping[str, float]
    unapproved: list[Flat] = field(default_factory=list)

    def walk(self, nodes: Sequence[_Node], *, approved: bool, below: frozenset[str]) -> bool:
        """Whether a yes was given after these steps. `below` are amounts that are known to be under their limit."""
        for node in nodes:
            plain = node.flat.plain
            if "approve" in plain:
                approved = True
            elif "choose" in plain:
                approved = self._branches(node, approved=approved, below=below)
            elif "action" in plain and not approved:
                action = self.guarded.get(str(plain["action"].get("run")))
                if action is not None and (action.irreversible is not None or action.amount not in below):
                    self.unapproved.append(node.flat)
        return approved

    def _branches(self, node: _Node, *, approved: bool, below: frozenset[str]) -> bool:
        every = True
        for number, branch in enumerate(node.flat.plain["choose"]["branches"]):
            known = below | {
                name for name, limit in self.above.items() if _keeps_below(branch.get("when"), name, limit)
            }
            every = self.walk(node.branches.get(number, []), approved=approved, below=known) and every
        return every


def _keeps_below(when: object, name: str, limit: float) -> bool:
    """Whether a condition holds only for amounts below a limit; conjunctions alone are looked into."""
    if not isinstance(when, Mapping):
        return False
    if name in when and _is_below(when[name], limit):
        return True
    parts = when.get("all")
    return any(_keeps_below(part, name, limit) for part in parts) if isinstance(parts, list) else False


def _is_below(asked: Any, limit: float) -> bool:  # noqa: ANN401 - plain data
    if not isinstance(asked, Mapping):
        return _all_below(asked, limit)
    less, most = asked.get("less_than"), asked.get("at_most")
    return (
        (isinstance(less, int | float) and less <= limit)
        or (isinstance(most, int | float) and most < limit)
        or ("is" in asked and _all_below(asked["is"], limit))
    )


def _all_below(values: Any, limit: float) -> bool:  # noqa: ANN401 - plain data
    listed = values if isinstance(values, list) else [values]
    return bool(listed) and all(isinstance(each, int | float) and each < limit for each in listed)


def _finding(
    document: Document, flat: Flat, guarded: Mapping[str, NamedAction], above: Mapping[str, float]
) -> Diagnostic:
    """At the action if the template has it itself, else where the template uses the block that does."""
    name = str(flat.plain["action"]["run"])
    action = guarded[name]
    if action.irreversible is not None:
        why = "cannot be taken back"
    else:
        why = f"needs approval where `{action.amount}` is {above[str(action.amount)]:g} or more"
    path = _path(flat.rule.partition(" > ")[0])
    within = "" if " > " not in flat.rule else " in a block that is used here"
    message = f"the action `{name}`{within} {why}, and not every way to it leads through an approval"
    help_text = "put an approve step before it, at the same lifecycle point"
    return _RULE.found(document, (*path, "use") if within else (*path, "action", "run"), message, help_text)


def _path(rule: str) -> Path:
    """The path in a template from a rule such as `billing#/runbook/open/1`."""
    parts = rule.partition("#/")[2].split("/")
    return tuple(int(part) if part.isdigit() else part for part in parts)
