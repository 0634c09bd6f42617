"""Named actions of the active epoch, as steps and as the way back of steps: what they are given, what is kept of the
answer. An action is asked for again under the same key, so that the other system does it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.channels import ActionError, Call, scalars
from runner.contract.policies import NamedAction
from runner.engine import commands as cmd
from runner.helpdesk.readback import same_value
from runner.service.looking_back import LONGEST, look_back
from runner.service.means import Job, Means, rendered
from runner.service.outcomes import Done, Report, Retry
from runner.store.port import Claimed, Text

__all__ = ["action", "answer_of", "failed_action", "undo_action"]


def action(means: Means, job: Job) -> Done | Retry:
    """Carry out an action; its answer is the result, with what taking it back will need."""
    step, claimed = job.step, job.claimed
    name = str(step.args["action"])
    context = means.context(job, means.told(claimed.ticket))
    try:
        given = inputs_of(means, name, rendered(step.args.get("with", {}), context))
        answer = answer_of(means, claimed, name, given, claimed.key)
    except ActionError as error:
        return failed_action(error, job.report)
    result: dict[str, Any] = {**scalars(answer), **_short("with", given)}
    texts: dict[str, Text] = {}
    if step.undo_by is not None:
        back = _way_back(means, step.undo_by, rendered(step.args.get("undo_with", {}), context), answer)
        said, texts = _aside(means, claimed, back)
        result |= said
    if step.changes:
        seen, kept = look_back(means, job, {})
        result, texts = {**result, **seen}, {**texts, **kept}
    return Done(job.report(None, result), texts=texts)


def undo_action(means: Means, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
    """Take back what an action did, by the action that does so, with what was kept for it."""
    name, values = str(payload["action"]), payload["values"]
    given = {key: value for key, value in values.items() if not key.startswith("undo_text.")}
    for key, digest in values.items():
        if key.startswith("undo_text."):
            given[key.removeprefix("undo_text.")] = means.text(claimed.escalation, str(digest))
    key = f"{claimed.escalation}:undo:{payload['rollback']}:{payload['run']}/{payload['step']}"
    try:
        answer_of(means, claimed, name, inputs_of(means, name, given), key)
    except ActionError as error:
        return failed_action(error, report)
    return Done(report(None, {}))


def answer_of(means: Means, claimed: Claimed, name: str, given: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Ask the other system; what it answers. Raises ActionError, also if it does not confirm what it has to."""
    declared = _declared(means, name)
    answer = means.actions.send(declared, Call(name, given, claimed.escalation, claimed.ticket, key))
    missing = [each for each in declared.confirms if not same_value(answer.get(each), given.get(each))]
    if missing:
        message = f"{name} was answered well, but the answer does not confirm {', '.join(missing)}"
        raise ActionError(message, unknown=True)
    return answer


def failed_action(error: ActionError, report: Report) -> Done | Retry:
    """What becomes of an action that was not carried out, or of which nobody knows."""
    why = str(error)[:200]
    said: cmd.Args = report(why, {"unknown": error.unknown})
    return Done(said, failed=True) if error.permanent else Retry(why, said, after_seconds=error.after_seconds)


def _declared(means: Means, name: str) -> NamedAction:
    policy = means.active().revision.policies.actions
    if policy is None or name not in policy.actions:
        raise ActionError(f"there is no action {name} in the active Actions policy", permanent=True)
    return policy.actions[name]


def inputs_of(means: Means, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What an action takes of what it is given, each value of its type, with defaults. Raises ActionError."""
    declared = _declared(means, name).inputs
    values: dict[str, Any] = {}
    for key, wanted in declared.items():
        value = given.get(key, wanted.default)
        if value is None:
            raise ActionError(f"the action {name} needs the input {key}, which has no value here", permanent=True)
        values[key] = _fitted(name, key, wanted.type, value)
    return values


def _fitted(name: str, key: str, sort: str, value: object) -> object:
    """A value as its type wants it: a text that was filled in may stand for a number or a yes."""
    fits: object = None
    if sort == "number":
        fits = _number(value)
    elif sort == "boolean":
        fits = {"true": True, "false": False}.get(str(value).lower())
    else:
        fits = value
    if fits is None:
        raise ActionError(f"the input {key} of the action {name} is no {sort}", permanent=True)
    return fits


def _number(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    for kind in (int, float):
        try:
            return kind(str(value))
        except ValueError:
            continue
    return None


def _way_back(means: Means, name: str, planned: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of the action that takes it back: what the answer names so, else what the step was given."""
    policy = means.active().revision.policies.actions
    takes = policy.actions[name].inputs if policy is not None and name in policy.actions else {}
    return {**planned, **{key: value for key, value in scalars(answer).items() if key in takes and value is not None}}


def _short(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{kind}.{name}": value for name, value in values.items() if _fits(value)}


def _fits(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and len(value.encode()) <= LONGEST)


def _aside(means: Means, claimed: Claimed, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Text]]:
    """The values as results: long texts by digest."""
    said, texts = _short("undo", values), dict[str, Text]()
    for name, value in values.items():
        if isinstance(value, str) and not _fits(value):
            kept = means.aside(value, f"{claimed.key}:undo:{name}")
            said[f"undo_text.{name}"] = next(iter(kept))
            texts |= kept
    return said, texts
