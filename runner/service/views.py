"""What the API shows: escalations and their timelines as JSON, with each reason in words and the line of the rule."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from runner.contract.contract import Contract
from runner.contract.values import format_instant
from runner.engine.checklist import Decided, checklist
from runner.engine.decision import read_decision
from runner.engine.observation import Case
from runner.engine.reasons import SENTENCES
from runner.engine.state import ExceptionState, Offer, State, accountable, deadlines, next_deadline
from runner.engine.undo import standing
from runner.store.port import Reader, Stream

__all__ = ["case_view", "checklist_view", "escalation_view", "timeline_view"]


TextOf = Callable[[str], str | None]
"""A text by its digest; None if it was erased."""


def escalation_view(stream: Stream, state: State, contract: Contract, text_of: TextOf) -> dict[str, Any]:
    """One escalation as it stands."""
    due = next_deadline(state)
    return {
        "id": stream.escalation,
        "ticket": state.ticket,
        "template": state.template,
        "summary": contract.summary,
        "state": state.phase.value,
        "accountable": accountable(state),
        "substitute": state.substitute,
        "holder": state.holder,
        "owners": state.owners,
        "opened_at": format_instant(state.opened_at),
        "outcome": contract.statement,
        "outcome_due": format_instant(state.outcome_due),
        "outcome_missed": state.outcome_missed,
        "progress_due": format_instant(state.progress_due) if state.progress_due is not None else None,
        "checklist_due": format_instant(state.checklist_due) if state.checklist_due is not None else None,
        "clarification": _clarification(state),
        "waiting": _waiting(state),
        "remind_at": format_instant(state.remind_at) if state.remind_at is not None else None,
        "next_deadline": format_instant(due) if due is not None else None,
        "deadlines": [
            {"at": format_instant(each.at), "what": each.sort, "of": each.key} for each in sorted(deadlines(state))
        ],
        "linked": {"tickets": state.linked, "last": list(state.last_linked)},
        "offers": [_offer(offer) for offer in state.offers.values()],
        "checklist": {check.name: check.question for check in contract.checklist},
        "checklist_answers": {
            check.name: {"answer": check.answer, "values": list(check.values)} for check in contract.checklist
        },
        "checklist_may_follow": contract.checklist_within is not None,
        "checklist_given": {
            check.name: text_of(str(state.answers[check.name])) or state.answers[check.name]
            for check in contract.checklist
            if check.name in state.answers
        },
        "evidence": {need.name: need.summary for need in contract.evidence},
        "resolution_codes": list(contract.resolution_codes),
        "exception_classes": {name: each.summary for name, each in contract.exceptions.items()},
        "handoff_requires": list(contract.handoff.require),
        "exceptions": [_exception(each, text_of) for each in state.exceptions.values()],
        "postmortem": {
            "demanded": contract.needs_postmortem(breached=state.breached),
            "attached": state.postmortem is not None,
            "remediation_owner": state.postmortem[1] if state.postmortem is not None else None,
        },
        "remedies": [
            {"what": each.words, "to": each.to, "due": format_instant(each.due)} for each in state.remedies.values()
        ],
        "standing": [
            {"run": change.run, "step": change.step, "action": action, "undone_by": back}
            for change, action, back in standing(contract, state)
        ],
        "rollbacks": [
            {
                "rollback": each.id,
                "run": each.run,
                "step": each.step,
                "due": format_instant(each.due) if each.due is not None else None,
                "undone": each.undone,
                "not_undone": list(each.not_undone),
            }
            for each in state.rollbacks.values()
        ],
        "runs": [
            {
                "run": run.id,
                "step": run.step,
                "does": contract.runbook[run.point][run.step].kind,
                "due": format_instant(run.due),
            }
            for run in state.runs.values()
        ],
        "links": list(state.links),
        "tasks": [{"ticket": ticket, "assignee": state.assignees.get(ticket)} for ticket in state.tasks],
        "unreached": list(state.unreached),
        "gone": state.gone,
        "decisions": stream.seq,
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "offer": offer.id,
        "purpose": offer.purpose,
        "from": offer.sender,
        "to": offer.to,
        "exception": offer.exception,
        "accept_by": format_instant(offer.due) if offer.due is not None else None,
        "told": offer.told,
    }


def _exception(each: ExceptionState, text_of: TextOf) -> dict[str, Any]:
    return {
        "exception": each.id,
        "class": each.exception_class,
        "about": each.about,
        "owner": each.owner,
        "owned": each.owned,
        "due": format_instant(each.due),
        "tasks": [
            {
                "task": task.id,
                "title": text_of(task.title),
                "owner": task.owner,
                "due": format_instant(task.due) if task.due is not None else None,
                "done": task.done,
            }
            for task in each.tasks.values()
        ],
    }


def _clarification(state: State) -> dict[str, Any] | None:
    """What the requester is asked, by whom and until when; None if nothing is."""
    asked = state.clarification
    return {"for": asked.person, "due": format_instant(asked.due)} if asked is not None else None


def _waiting(state: State) -> dict[str, Any] | None:
    """What the holder waits for, and until when; None if nobody waits."""
    wait = state.waiting
    return {"for": wait.for_, "until": format_instant(wait.until)} if wait is not None else None


def case_view(case: Case) -> dict[str, Any]:
    """A ticket as routing sees it: which template took it last and why, what is open, when to look again."""
    return {
        "ticket": case.ticket,
        "version": case.version,
        "template": case.outcome,
        "why": case.outcome_reason,
        "escalation": case.escalation,
        "fired": sorted(case.fired_at),
        "watch_due": format_instant(case.watch_due) if case.watch_due is not None else None,
        "gone": case.gone,
        "merged_into": case.merged_into,
        "linked_to": case.linked,
        "problems": list(case.problems),
    }


def timeline_view(reader: Reader, stream: Stream) -> list[dict[str, Any]]:
    """Every decision of an escalation with its events; texts are looked up, rules get file and line.

    `commit` is that of the epoch that was active, `lines_commit` the one in which the lines are to be looked up: an
    older one if nothing moved since, or if the template changed and the escalation goes on under its contract.
    """
    commits = {each.epoch: each.commit[:12] for each in reader.epochs()}
    known: dict[int, tuple[str | None, dict[str, str]]] = {}
    rows = []
    for seq, body, digest in reader.decisions(stream.escalation):
        row = read_decision(body)
        epoch = row.stamp.epoch
        if epoch not in known:
            found = reader.places(stream.contract, epoch)
            known[epoch] = (commits.get(found[0]), json.loads(found[1])) if found is not None else (None, {})
        lines_commit, lines = known[epoch]
        rows.append(
            {
                "seq": seq,
                "at": format_instant(row.now),
                "actor": row.command.actor,
                "source": row.command.source,
                "command": row.command.args.type,
                "refused": row.rejected,
                "hash": digest,
                "commit": commits.get(epoch),
                "lines_commit": lines_commit,
                "texts": _texts(reader, stream.escalation, row.command.args.model_dump(mode="json")),
                "events": [_event(lines, event.model_dump(mode="json")) for event in row.events],
            }
        )
    return rows


def checklist_view(reader: Reader, stream: Stream, state: State, contract: Contract) -> dict[str, Any]:
    """The checklist for "resolved": `decision` is the one that makes it so, `who` can remedy what is not."""
    rows = [read_decision(body) for _, body, _ in reader.decisions(stream.escalation)]
    found = checklist(contract, (Decided(row.seq, row.now, row.events) for row in rows))
    return {
        "id": stream.escalation,
        "state": state.phase.value,
        "items": [
            {
                "item": each.name,
                "question": each.question,
                "answer": each.answer,
                "because": each.because,
                "decision": each.seq,
                "who": each.who,
            }
            for each in found
        ],
    }


def _event(lines: Mapping[str, str], event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "sentence": SENTENCES[event["reason"]], "line": lines.get(event["rule"])}


def _texts(reader: Reader, escalation: str, args: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("text", "reason", "next_step", "plan"):
        digest = args.get(name)
        if isinstance(digest, str):
            found[name] = reader.text(escalation, digest)
    tasks = [args["task"]] if isinstance(args.get("task"), dict) else args.get("tasks") or []
    if tasks:
        found["tasks"] = [reader.text(escalation, each["title"]) for each in tasks]
    if args.get("artifacts"):
        found["artifacts"] = [reader.text(escalation, digest) for digest in args["artifacts"]]
    for name in ("answers", "texts"):
        given = args.get(name) or {}
        said = {key: reader.text(escalation, each) for key, each in given.items() if isinstance(each, str)}
        if kept := {key: text for key, text in said.items() if text is not None}:
            found[name] = kept
    for name in ("snapshot", "text"):
        digest = (args.get("result") or {}).get(name)
        if isinstance(digest, str) and (kept_text := reader.text(escalation, digest)) is not None:
            found[name] = kept_text
    if isinstance(args.get("evidence"), dict):
        found["evidence"] = {kind: reader.text(escalation, digest) for kind, digest in args["evidence"].items()}
    return found
