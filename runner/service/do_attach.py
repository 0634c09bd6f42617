"""Attaching facts as they are now: the ticket, or what a named action reads; as a note, with a hash, kept beside the
record as well, so that nobody can say later that it was otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from runner.channels import ActionError
from runner.helpdesk.port import Gone
from runner.service.do_actions import answer_of, failed_action, inputs_of
from runner.service.looking_back import masked
from runner.service.means import Job, Means
from runner.service.outcomes import Done, Retry, written
from runner.service.snapshot import snapshot_text

__all__ = ["attach"]

_LONGEST = 100_000
"""Characters of an attachment; more would be a file, which a note is not."""
_LINE = 2_000
_HASH = "SHA-256 of the lines between the rules: "
_RULE = "-" * 40
_SEARCHED = 100


def attach(means: Means, job: Job) -> Done | Retry:
    """Read the facts and write them to the ticket; the result is their hash and how many entries there were."""
    claimed, args = job.claimed, cast("Mapping[str, Any]", job.step.args)
    ticket = means.helpdesk.get(claimed.ticket)
    if isinstance(ticket, Gone):
        return Done(job.report("the ticket is gone", {}), failed=True)
    mark = f"({claimed.escalation} {job.payload['run']}/{job.payload['step']}.{job.payload['attempt']})"
    noted = _noted(means, job, mark) if means.done_before(claimed) else None
    if noted is not None:
        return _done(means, job, *noted)
    try:
        head, lines = _facts(means, job, args, ticket)
    except ActionError as error:
        return failed_action(error, job.report)
    content = "\n".join(lines)
    content = masked(content) if args.get("mask_secrets", True) else content
    if len(content) > _LONGEST:
        content = content[:_LONGEST] + "\n…"
    entries = len(lines)
    note = f"{head}: {entries}\n{_RULE}\n{content}\n{_RULE}\n{_HASH}{_hash(content)} {mark}"
    done = written(means.helpdesk.note(claimed.ticket, note, claimed.key), job.report)
    return done if isinstance(done, Retry) or done.failed else _done(means, job, content, entries)


def _facts(means: Means, job: Job, args: Mapping[str, Any], ticket: Any) -> tuple[str, list[str]]:  # noqa: ANN401 - a Ticket
    """What it is, and its lines. Raises ActionError."""
    last = int(args["last"])
    if args["what"] == "ticket":
        history = means.helpdesk.history(job.claimed.ticket, last)
        return f"State of {ticket.ref}, lines", snapshot_text(ticket, history).strip().splitlines()
    source = str(args["source"])
    given = {**inputs_of(means, source, {}), "last": last}
    found = answer_of(means, job.claimed, source, given, job.claimed.key).get("entries")
    if not isinstance(found, list):
        raise ActionError(f"the answer of {source} has no list of entries", permanent=True)
    return f"Last {args['what']} by {source}, entries", [_line(each) for each in found[-last:]]


def _line(entry: object) -> str:
    """An entry as one line for people."""
    match entry:
        case dict():
            text = ", ".join(f"{key}: {_line(value)}" for key, value in entry.items())
        case list():
            text = "; ".join(map(_line, cast("Sequence[object]", entry)))
        case None:
            text = "nothing"
        case _:
            text = str(entry)
    text = " ".join("".join(ch if ch.isprintable() or ch.isspace() else "�" for ch in text).split())
    return text if len(text) <= _LINE else text[:_LINE] + "…"


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _noted(means: Means, job: Job, mark: str) -> tuple[str, int] | None:
    """The content and the number of entries of the note that an earlier try wrote; None if it is not found."""
    for entry in reversed(means.helpdesk.history(job.claimed.ticket, _SEARCHED)):
        text = entry.text or ""
        if entry.kind == "comment" and text.rstrip().endswith(mark):
            head, _, rest = text.partition(f"\n{_RULE}\n")
            count = head.rpartition(" ")[2]
            return rest.rpartition(f"\n{_RULE}\n")[0], int(count) if count.isdecimal() else 0
    return None


def _done(means: Means, job: Job, content: str, entries: int) -> Done:
    kept = means.aside(content, f"{job.claimed.key}:attached")
    result = {"hash": _hash(content), "entries": entries, "text": next(iter(kept))}
    return replace(Done(job.report(None, result)), texts=kept)
