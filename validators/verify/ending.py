"""What must hold of resolving and closing: nothing ends unproven. Written apart from the engine."""

from __future__ import annotations

from runner.engine import commands as cmd
from runner.engine import events as ev
from runner.engine.state import Phase, State
from validators.verify.explore import Edge

__all__ = ["nothing_unproven"]


def nothing_unproven(edge: Edge) -> str | None:
    """Nothing is resolved or closed unproven."""
    before, move = edge.before, edge.move
    if before is None or move is None or edge.after is None:
        return None
    for event in edge.events:
        match event:
            case ev.OutcomeResolved():
                missing = _missing(edge, before)
                if missing:
                    return f"resolved although {missing}"
            case ev.EscalationClosed(text=None):
                missing = _missing(edge, before)
                if before.phase is not Phase.RESOLVED:
                    return f"closed without a rationale while it was {before.phase.value}"
                if missing:
                    return f"closed without a rationale although {missing}"
                if edge.contract.needs_postmortem(breached=before.breached) and before.postmortem is None:
                    return "closed without the post-mortem that it needs"
            case ev.EscalationCancelled(text=None, instead=None):
                return "cancelled without a rationale"
            case _:
                pass
    return None


def _missing(edge: Edge, before: State) -> str:
    args = edge.move.args if edge.move is not None else None
    if before.exceptions and "ExceptionEnded" not in edge.kinds:
        return "an exception is open"
    if before.checklist_due is not None:
        return "the checklist is not answered"
    if before.phase in (Phase.OFFERED, Phase.EXHAUSTED):
        return "nobody has accepted it"
    if any(change.undo == "action" for change in before.changes):
        return "an action still holds"
    if not isinstance(args, cmd.Resolve | cmd.Close | cmd.NoteSolvedOutside):
        return f"the command is {args.type}" if args is not None else ""
    given = {*before.evidence, *args.facts.evidence, *getattr(args, "evidence", {})}
    if "outcome_evidence" in edge.contract.verify and any(need.name not in given for need in edge.contract.evidence):
        return "proof is missing"
    if "tasks_done" in edge.contract.verify and (before.failed_tasks or set(before.tasks) & set(args.facts.open_tasks)):
        return "a task is not done"
    others = [person for person in before.unreached if edge.move is None or person != edge.move.actor]
    return "somebody was not reached" if "delivered" in edge.contract.verify and others else ""
