"""A template against the limits that hold for every template. The tool computes what business hours add."""

from __future__ import annotations

from runner.contract import policies as pol
from runner.contract.conditions import Condition, required_values
from runner.contract.documents import Document, Path
from runner.contract.references import References
from runner.contract.template import Template
from runner.contract.values import format_duration

__all__ = ["acceptance_limit", "check_limits", "timeboxes"]


def timeboxes(template: Template) -> tuple[tuple[Path, int, str | None], ...]:
    """The timebox of each rung of the ladder: where it is written, its seconds, its calendar."""
    found = []
    for index, each in enumerate(template.ladder):
        box = each.within or template.accept.within
        path: Path = ("accept", "within") if each.within is None else ("ladder", index, "within")
        found.append((path, box.time, box.calendar))
    return tuple(found)


def check_limits(template: Template, document: Document, references: References, condition: Condition) -> None:
    """SUR301 to SUR304 and SUR312, noted in `references`."""
    limits = references.documents.policy(pol.Limits)
    fields = references.fields
    if limits is None or fields is None:
        return
    _timeboxes(template, document, references, condition)
    accept = template.accept
    if accept.repeat > limits.repeat_at_most:
        most = limits.repeat_at_most
        message = f"{accept.repeat} extra passes are more than `repeat_at_most` of the limits allows, {most}"
        references.wrong(document, "SUR302", ("accept", "repeat"), message, f"write {most} or less")
    handoffs = template.handoff.at_most
    if handoffs > limits.handoffs_at_most:
        most = limits.handoffs_at_most
        message = f"{handoffs} handoffs are more than `handoffs_at_most` of the limits allows, {most}"
        references.wrong(document, "SUR303", ("handoff", "at_most"), message, f"write {most} or less")
    _waiting(template, document, references, limits)
    path, first, _ = timeboxes(template)[0]
    if first > limits.manager_knows_within and template.ladder[0].rung != "escalation_owner":
        most_text = format_duration(limits.manager_knows_within)
        message = (
            f"the escalation owner would hear only after {format_duration(first)} that nobody accepts; "
            f"`manager_knows_within` of the limits allows {most_text}"
        )
        references.wrong(document, "SUR304", path, message, f"write {most_text} or less")


def _waiting(template: Template, document: Document, references: References, limits: pol.Limits) -> None:
    """The longest wait against that of the limits, each as it is written."""
    box = template.waiting.at_most if template.waiting is not None else None
    if box is None or limits.waiting_at_most is None or box.time <= limits.waiting_at_most:
        return
    most = format_duration(limits.waiting_at_most)
    message = f"{format_duration(box.time)} of waiting is more than `waiting_at_most` of the limits allows, {most}"
    references.wrong(document, "SUR312", ("waiting", "at_most"), message, f"write {most} or less")


def _timeboxes(template: Template, document: Document, references: References, condition: Condition) -> None:
    """Each timebox against the strictest priority that can trigger the template."""
    limits, fields = references.documents.needed(pol.Limits), references.documents.needed(pol.Fields)
    value = acceptance_limit(limits, fields, condition)
    if value is None:
        return
    for path, within, _ in dict.fromkeys(timeboxes(template)):
        if within > limits.accept_within[value]:
            least = format_duration(limits.accept_within[value])
            message = (
                f"{format_duration(within)} to accept is too long: this template takes tickets of {fields.priority} "
                f"`{value}`, for which the limits allow {least}"
            )
            help_text = f"write {least} or less, or leave `{value}` out of `when`"
            references.wrong(document, "SUR301", path, message, help_text)


def acceptance_limit(limits: pol.Limits, fields: pol.Fields, condition: Condition) -> str | None:
    """The priority with the shortest limit of those that tickets under this condition can have; None if none has one.

    Its limit stands in `limits.accept_within`.
    """
    declared = fields.fields.get(fields.priority)
    priorities = required_values(condition).get(fields.priority) or (declared.values if declared else ())
    listed = sorted(str(value) for value in priorities if value in limits.accept_within)
    return min(listed, key=limits.accept_within.__getitem__, default=None)
