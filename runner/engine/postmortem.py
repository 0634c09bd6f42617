"""The post-mortem: attached with a remediation owner before an escalation closes that needs one."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.commands import AttachPostmortem, Command
from runner.engine.draft import Draft
from runner.engine.events import made
from runner.engine.handoffs import may_override
from runner.engine.reasons import CommandRejected, Reason, RejectReason
from runner.engine.roster import Nobody
from runner.engine.state import Phase

__all__ = ["attach_postmortem"]


def attach_postmortem(draft: Draft, command: Command, args: AttachPostmortem) -> None:
    """The holder or a manager attaches it, in place of an earlier one; the remediation owner is told."""
    state, rule = draft.state, draft.rule("/close/postmortem")
    if state.phase not in (Phase.ACCEPTED, Phase.WAITING, Phase.RESOLVED):
        detail = f"it is {state.phase.value}; a post-mortem is attached once somebody has accepted it"
        raise CommandRejected(RejectReason.WRONG_STATE, detail)
    if command.actor != state.holder and not may_override(draft, command):
        raise CommandRejected(RejectReason.NOT_YOURS, f"only {state.holder} or a manager may attach it")
    owner = args.remediation_owner
    found = draft.present(owner)
    if isinstance(found, Nobody) and found.reason is Reason.UNKNOWN_REF:
        raise CommandRejected(RejectReason.RECEIVER_UNAVAILABLE, f"{owner} is nobody known: name a remediation owner")
    attached = made(
        ev.PostmortemAttached,
        reason=Reason.ATTACHED,
        rule=rule,
        by=command.actor,
        text=args.text,
        remediation_owner=owner,
    )
    draft.add(attached)
    if owner != command.actor:
        draft.tell(owner, "postmortem", Reason.ATTACHED, rule, text=args.text)
