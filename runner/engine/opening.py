"""Opening: the owners of every rung are named at once, the first is offered, the runbook begins."""

from __future__ import annotations

from runner.engine import events as ev
from runner.engine.commands import Command, Open
from runner.engine.draft import Draft, limit_rule
from runner.engine.events import made
from runner.engine.ladder import climb
from runner.engine.reasons import Reason
from runner.engine.roster import Nobody
from runner.engine.runs import start_run

__all__ = ["open_escalation"]


def open_escalation(draft: Draft, command: Command, args: Open) -> None:
    """The first decision of an escalation. Its id is the command's id."""
    contract = draft.contract
    outcome_due = draft.world.add_time(contract, draft.now, contract.outcome_within)
    keeper = None if args.keeper is None or isinstance(draft.present(args.keeper), Nobody) else args.keeper
    draft.add(
        made(
            ev.EscalationOpened,
            reason=Reason.TRIGGERED,
            rule=draft.rule("/trigger"),
            escalation=command.id,
            template=contract.name,
            ticket=args.ticket,
            created_at=args.created_at,
            outcome_due=outcome_due,
            fallback=args.fallback,
            fields=args.fields,
            keeper=keeper,
            account=args.account,
            earlier=args.earlier,
            group=args.group,
        )
    )
    _name_owners(draft, args)
    climb(draft, 0, Reason.FIRST_RUNG)
    start_run(draft, "open")


def _name_owners(draft: Draft, args: Open) -> None:
    """Name who stands on each rung now; late if the ticket was created longer ago than the limit allows.

    For a ticket that matched when it was created the limit counts from its creation, so polling delay counts; for later
    triggers from the trigger's instant, which is now.
    """
    owners: dict[str, str | None] = {}
    absent: dict[str, Reason] = {}
    for rung, ref in draft.contract.owners.items():
        found = draft.world.on_call(ref, draft.now)
        if isinstance(found, Nobody):
            owners[rung], absent[rung] = None, found.reason
        else:
            owners[rung] = found.id
    waited = max(0, int((draft.now - args.created_at).total_seconds())) if args.observed == "created" else 0
    draft.add(
        made(
            ev.OwnersNamed,
            reason=Reason.TRIGGERED,
            rule=limit_rule("named_within"),
            owners=owners,
            absent=absent,
            late_seconds=max(0, waited - draft.contract.limits.named_within),
            waited_seconds=waited,
        )
    )
