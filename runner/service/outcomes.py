"""What came of an effect: done or to be tried again, and the command that brings it back. Does nothing itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from runner.channels import Sent, Unsent
from runner.engine import commands as cmd
from runner.helpdesk.port import (
    Applied,
    Conflict,
    Denied,
    Gone,
    NoChange,
    Outcome,
    Partial,
    Rejected,
    Throttled,
    Unknown,
)
from runner.store.port import Text

__all__ = ["Done", "Report", "Retry", "reporter", "result_command", "sent", "written"]


@dataclass(frozen=True, slots=True)
class Done:
    """It is settled: `command` carries the result to the escalation. `failed` if it could not be done for good.

    `texts` are those that the result names by digest.
    """

    command: cmd.Args
    failed: bool = False
    texts: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """It may work later; `giving_up` is the result to report when there are no tries left."""

    why: str
    giving_up: cmd.Args
    after_seconds: float | None = None


Report = Callable[[str | None, Mapping[str, Any]], cmd.Args]
"""Makes the result command: from a failure's reason, or from None and what was gained."""


def reporter(kind: str, payload: Mapping[str, Any]) -> Report:
    """What makes the result of an effect."""

    def message(failure: str | None, gained: Mapping[str, Any]) -> cmd.Args:
        if failure is not None:
            return cmd.FailDelivery(delivery=payload["delivery"], why=failure)
        return cmd.Deliver(delivery=payload["delivery"], channel=str(gained.get("channel", "")))

    def step(failure: str | None, gained: Mapping[str, Any]) -> cmd.Args:
        run, number, attempt = payload["run"], payload["step"], payload["attempt"]
        if failure is not None:
            unknown = gained.get("unknown") is True
            return cmd.FailStep(run=run, step=number, attempt=attempt, why=failure, unknown=unknown)
        return cmd.SucceedStep(run=run, step=number, attempt=attempt, result=dict(gained))

    def undo(failure: str | None, gained: Mapping[str, Any]) -> cmd.Args:
        place = {name: payload[name] for name in ("rollback", "run", "step", "attempt")}
        if failure is not None:
            return cmd.FailUndo(**place, why=failure)
        return cmd.SucceedUndo(**place, left=tuple(gained.get("left", ())))

    def write(failure: str | None, gained: Mapping[str, Any]) -> cmd.Args:
        del gained
        if failure is not None:
            return cmd.FailRecord(write=payload["write"], why=failure)
        return cmd.WriteRecord(write=payload["write"])

    return {"message": message, "step": step, "undo": undo}.get(kind, write)


def sent(result: Sent | Unsent, report: Report) -> Done | Retry:
    """What became of a message."""
    if isinstance(result, Sent):
        return Done(report(None, {"channel": result.channel}))
    if result.permanent:
        return Done(report(result.why[:200], {}), failed=True)
    return Retry(result.why[:200], report(result.why[:200], {}))


def written(outcome: Outcome, report: Report, gained: Mapping[str, Any] = MappingProxyType({})) -> Done | Retry:
    """What became of a write to the helpdesk; `gained` is the result if it took effect."""
    match outcome:
        case Applied() | NoChange():
            return Done(report(None, gained))
        case Partial(rejected=rejected):
            why = f"the helpdesk did not take: {', '.join(rejected)}"
            return Retry(why[:200], report(why[:200], {}))
        case Throttled(retry_after_seconds=seconds):
            return Retry("throttled", report("throttled", {}), after_seconds=seconds)
        case Unknown(reason=reason):
            return Retry(reason[:200], report(reason[:200], {}))
        case Conflict():
            return Retry("the ticket moved on", report("the ticket moved on", {}))
        case Gone():
            return Done(report("the ticket is gone", {}), failed=True)
        case Rejected(reason=reason) | Denied(reason=reason):
            return Done(report(reason[:200], {}), failed=True)


_NAMESPACE = uuid.UUID("5d5a55f1-8f0a-4c51-9d2f-6d8f2b1f6a10")


def result_command(key: str, args: cmd.Args) -> cmd.Command:
    """The result of an effect as a command; its id follows from the effect's key, so repeats are the same command."""
    return cmd.Command(id=str(uuid.uuid5(_NAMESPACE, key)), actor="surety:outbox", source="outbox", args=args)
