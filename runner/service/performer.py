"""Doing one effect: a message, a step, a write to the ticket. Says what came of it; the outbox decides on retries.

Each kind of effect has a module of its own, `do_…`; here stands only which one does what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from runner.channels import ActionSender
from runner.clock import Clocks, RealClocks
from runner.contract.contract import Contract
from runner.contract.text import TextError
from runner.engine.undo import changes_world
from runner.helpdesk.port import Helpdesk, HelpdeskError
from runner.service.active import Active
from runner.service.do_actions import action
from runner.service.do_attach import attach
from runner.service.do_choosing import choose, look
from runner.service.do_messages import notify, send_message
from runner.service.do_ticket import create_ticket, link_tickets, note, set_fields, write_comment, write_record
from runner.service.do_undo import undo
from runner.service.ids import Ids
from runner.service.means import Job, Means, StepDoer
from runner.service.outcomes import Done, Report, Retry, reporter, result_command
from runner.store.port import Claimed, Store

__all__ = ["Done", "Performer", "Retry", "reporter", "result_command"]

OVERTAKEN: Final = "a newer try is under way"
STOPPED: Final = "its run is being taken back"
_STEPS: Final[Mapping[str, StepDoer]] = MappingProxyType(
    {
        "notify": notify,
        "page": notify,
        "set_fields": set_fields,
        "assign": set_fields,
        "note": note,
        "create_ticket": create_ticket,
        "attach": attach,
        "action": action,
        "choose": choose,
        "wait": look,
    }
)


class Performer:
    """Does effects through the helpdesk and the channels of the active epoch. Called from several threads."""

    def __init__(
        self,
        helpdesk: Helpdesk,
        active: Callable[[], Active],
        contract: Callable[[str], Contract],
        store: Store,
        *,
        environment: Mapping[str, str] = MappingProxyType({}),
        clocks: Clocks | None = None,
        ids: Ids | None = None,
    ) -> None:
        """`environment` holds addresses and keys of actions; real clocks and random salts if none are given."""
        clocks = clocks if clocks is not None else RealClocks()
        self._actions = ActionSender(environment, clocks.machine_seconds)
        ids = ids if ids is not None else Ids()
        self._means = Means(helpdesk, active, contract, store, self._actions, ids)

    def close(self) -> None:
        """Close the connections to other systems."""
        self._actions.close()

    def perform(self, claimed: Claimed) -> Done | Retry:
        """Do it once. Never raises for what the world does."""
        payload = claimed.payload
        report = reporter(claimed.kind, payload)
        try:
            match claimed.kind:
                case "message":
                    return send_message(self._means, claimed, payload, report)
                case "step":
                    return self._step(claimed, payload, report)
                case "undo":
                    return undo(self._means, claimed, payload, report)
                case "link":
                    return link_tickets(self._means, claimed, payload, report)
                case "comment":
                    return write_comment(self._means, claimed, payload, report)
                case _:
                    return write_record(self._means, claimed, payload, report)
        except HelpdeskError as error:
            return Retry(str(error)[:200], report(str(error)[:200], {}))
        except TextError as error:
            return Done(report(str(error)[:200], {}), failed=True)

    def _step(self, claimed: Claimed, payload: Mapping[str, Any], report: Report) -> Done | Retry:
        contract = self._means.contract(claimed.contract)
        step = contract.runbook[payload["point"]][payload["step"]]
        if step.retry is not None and self._means.overtaken(claimed.escalation, payload):
            return Done(report(OVERTAKEN, {}))
        if changes_world(step) and self._means.stopped(claimed.escalation, payload["run"]):
            return Done(report(STOPPED, {}), failed=True)
        return _STEPS[step.kind](self._means, Job(claimed, payload, contract, step, report))
