"""A governance repository of any size: the shipped policies and blocks, and so many templates of 1.5 KB, all different.

The same number gives the same bytes. No finding is meant to come out of it, but that nothing tries the templates.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from runner.revision import bundled_data

__all__ = ["routing_text", "template_text", "write_repository"]

_TEMPLATE: Final = """\
schema: surety/v1
kind: Template
name: {name}
summary: {summary}
source_of_truth: The helpdesk.
failure_mode: Nobody answers {account}.
metrics: [time_to_acknowledge]
trigger:
  on: [ticket.created, ticket.updated]
  when: {{type: {type}, account.name: {account}, priority: [{priorities}]}}
outcome:
  statement: {statement}
  evidence: [{evidence}]
  within: {{time: {hours}h, calendar: {calendar}}}
owners:
  primary: {{rotation: {primary}}}
  secondary: {{rotation: {secondary}}}
  escalation_owner: {{role: {lead}}}
accept:
  within: {minutes}m
  checklist: [{checklist}]
  repeat: {repeat}
runbook:
  open:
    - use: announce
      with:
        room: {room}
        message: >-
          {{{{ owner.name }}}}, please accept {{{{ ticket.id }}}} by {{{{ offer.accept_by | default: "then" }}}}:
          {reason}. {{{{ ticket.url }}}}
    - use: snapshot
      with: {{why: {why}, entries: {entries}}}
  {point}:
    # {closing}
    - notify:
        who: {{role: {lead}}}
        message: "{{{{ owner.name }}}} has {{{{ ticket.id }}}} of {account}. {{{{ ticket.url }}}}"
handoff: {{require: [reason, next_step, expected_at], accept_within: 1h, at_most: {handoffs}}}
exceptions:
  data-missing: {{within: {recovery}h}}
close:
  verify: [outcome_evidence, tasks_done, fields_consistent, delivered]
  resolution_codes: [{codes}]
on_other_match: keep
"""
_ROUTING: Final = """\
schema: surety/v1
kind: Routing
scope:
  status: {{not: [solved, closed]}}
  type: {{not: [task, escalation, postmortem]}}
order:
{order}
fallback: fallback
"""
_REASONS: Final = (
    "the customer disputes an invoice of the last quarter",
    "the import of the night has not ended",
    "nobody has answered since yesterday",
    "the export misses half of the records",
    "two contracts of the customer contradict each other",
    "the interface refuses every second request",
)
_CLOSINGS: Final = (
    "Send what you know about it to the ticket.",
    "The account team hears of it in the weekly review.",
    "No call to the customer before the owner has agreed to it.",
)
_STATEMENTS: Final = (
    "The matter is corrected or explained, and the customer has agreed to it in writing.",
    "The service works again for the customer, and the cause is known and has an owner.",
    "The customer has a written answer, and the team that can finish the rest has the ticket.",
)
_SUMMARIES: Final = (
    "A question of {account} that must not wait; it ends when the customer has an answer.",
    "Trouble of {account} with what was agreed; it ends when the customer confirms it is over.",
)
_LEADS: Final = ("support-lead", "finance-lead", "engineering-lead")
_EVIDENCE: Final = ("invoice_id", "customer_confirmation", "customer_update", "service_restored")
_CODES: Final = ("refunded", "credited", "no_error", "restored", "workaround", "answered", "duplicate")


def template_text(number: int) -> str:
    """One template, equal for equal numbers; its trigger has an account of its own, so no two ever both match."""
    pick = random.Random(number)
    some: Sequence[str]
    account = f"Customer {number:05}"
    values: dict[str, object] = {
        "name": f"customer-{number:05}",
        "account": account,
        "summary": pick.choice(_SUMMARIES).format(account=account),
        "type": pick.choice(("question", "incident", "billing")),
        "priorities": pick.choice(("high, urgent", "urgent", "normal, high, urgent")),
        "statement": pick.choice(_STATEMENTS),
        "evidence": ", ".join(pick.sample(_EVIDENCE, 2)),
        "hours": pick.randint(40, 80),
        "calendar": pick.choice(("finance-hours", "support-hours")),
        "lead": pick.choice(_LEADS),
        "minutes": pick.choice((15, 30, 45, 60, 90)),
        "checklist": ", ".join(pick.sample(("has_evidence", "scope_clear", "next_action", "reachable"), 3)),
        "repeat": pick.randint(0, 2),
        "room": pick.choice(("finance-ops", "incidents", "on-call")),
        "reason": pick.choice(_REASONS),
        "why": f"when {account} was escalated",
        "entries": pick.randint(5, 30),
        "point": pick.choice(("accepted", "resolved", "closed")),
        "closing": pick.choice(_CLOSINGS),
        "handoffs": pick.randint(1, 3),
        "recovery": pick.randint(2, 12),
    }
    some = pick.choice((("accounting", "accounting-backup"), ("on-call", "on-call-backup")))
    values["primary"], values["secondary"] = some
    values["codes"] = ", ".join(pick.sample(_CODES, 4))
    return _TEMPLATE.format(**values)


def routing_text(count: int) -> str:
    """The routing that orders so many templates, and ends with the shipped fallback."""
    return _ROUTING.format(order="\n".join(f"  - customer-{number:05}" for number in range(count)))


_BLOCKS = ("announce", "post-mortem", "snapshot", "supplier-down", "triage")
"""Those that the templates use, and the classes of exceptions are run by."""


def write_repository(folder: Path, count: int) -> Path:
    """The repository with so many templates in a new folder; gives the folder."""
    shipped = bundled_data()
    shutil.copytree(shipped / "policies", folder / "policies")
    for name in (*(f"blocks/{each}.yaml" for each in _BLOCKS), "fallback/template.yaml"):
        (folder / "templates" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shipped / "templates" / name, folder / "templates" / name)
    (folder / "policies" / "routing.yaml").write_text(routing_text(count), encoding="utf-8")
    for number in range(count):
        home = folder / "templates" / f"customer-{number:05}"
        home.mkdir()
        (home / "template.yaml").write_text(template_text(number), encoding="utf-8")
    return folder
