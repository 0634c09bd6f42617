"""Where walks take place: small contracts that use each key of the language, every shipped template, and a full one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from runner.contract.conditions import In
from runner.contract.contract import AnswerOf, BoxOf, CheckOf, ClarifyOf, Contract, DriftOf, StepOf, WaitingOf
from runner.contract.load import load_revision
from runner.contract.roster_form import RosterForm, RotationOf, VersionOf
from runner.revision import FolderTree, bundled_data
from tests.runner.engine.machines import BUSY, CONTRACTS, OFFICE, WATCHED
from tests.runner.engine.programs import approve, ask, choose, program, wait
from tests.runner.engine.worlds import (
    DAY,
    DESK,
    HOUR,
    MINUTE,
    NET,
    box,
    contract,
    exception,
    handoff,
    layer,
    limits,
    page,
    roster,
    step,
    turning,
    twice,
)

__all__ = ["Stage", "real_stages", "small_stages", "stage_of", "stages"]

COMPLETE = Path(__file__).parent.parent / "contract" / "fixtures" / "complete"


@dataclass(frozen=True)
class Stage:
    """A contract, and the roster that it draws on."""

    name: str
    contract: Contract
    form: RosterForm


def act(action: str, back: str | None = None, **changes: Any) -> StepOf:
    """A named action, with the one that takes it back."""
    args = {"action": action, "with": {"item": "I-1"}, "undo_with": {}}
    return step("action", args=args, changes=True, undo_by=back, **changes)


SET = step("set_fields", args={"fields": {"priority": "urgent"}}, changes=True, undo="restore")
CHECKS = (
    CheckOf(name="understood", question="Is it understood?"),
    CheckOf(name="cause", question="What is it?", answer="choice", values=("ours", "theirs")),
    CheckOf(name="amount", question="How much?", answer="number"),
    CheckOf(name="until", question="Until when?", answer="instant"),
    CheckOf(name="proof", question="Where is it?", answer="evidence"),
)
DEFAULTS = {"decision": AnswerOf(type="choice", values=("refund", "credit"), default="credit")}
DECIDED = program(
    ask(),
    choose(
        ("refund", {"decision": "refund"}, [approve(), act("pay", "take_back"), step(on_error="stop")]),
        ("credit", {"decision": "credit"}, [ask(name="again", who=DESK, otherwise="fail", within=box(HOUR))]),
        ("else", None, [step("create_ticket", task=True)]),
    ),
    wait(hours=2),
    choose(("urgent", In("priority", ("urgent",)), [step()]), ("calm", None, [SET]), of=None),
    wait(In("status", ("solved",)), otherwise="escalate"),
    approve(who="escalation_owner", otherwise="fail"),
)
CHANGING = program(
    SET,
    act("lock", "unlock"),
    step("set_fields", args={"fields": {"x": 1}}, changes=True, kept="It stays."),
    act("open_room"),
    step("assign", args={"field": "assignee"}, who="owner", changes=True, undo="restore"),
    step("attach", args={"what": "logs", "source": "read", "last": 5}, retry=twice(300)),
    page("owner", on_error="stop", on_leave="finish"),
    act("publish", "roll_back", on_error="stop"),
)
LIVELY = (
    contract(
        checklist=CHECKS,
        checklist_within=box(15 * MINUTE),
        clarify=ClarifyOf(within=box(2 * HOUR), who=NET, exception="mine"),
        waiting=WaitingOf(at_most=box(DAY), then="owner"),
        progress_within=box(4 * HOUR),
        postmortem="always",
        reopen_within=3 * DAY,
        handoff=handoff(require=("reason", "next_step", "artifacts", "expected_at"), sequence=(NET, DESK)),
    ),
    contract(
        hours="office",
        calendars={"office": OFFICE},
        ladder=(("primary", BoxOf(seconds=HOUR, calendar="office")), ("escalation_owner", HOUR)),
        waiting=WaitingOf(at_most=BoxOf(seconds=8 * HOUR, calendar="office"), then="escalation_owner"),
        clarify=ClarifyOf(within=box(HOUR), who=None, exception=None),
        drift=DriftOf(owner="adopt", status="flag", fields="restore"),
        when_overdue="escalation_owner",
        verify=("outcome_evidence", "tasks_done", "fields_consistent", "delivered"),
        postmortem="when_breached",
        on_other_match="supersede",
        reopen_within=DAY,
        limits=limits(snooze_at_most=2 * HOUR),
    ),
    contract(
        runbook={
            "open": DECIDED,
            "accepted": program(ask(otherwise="default", answers=DEFAULTS), step()),
            "resolved": program(ask()),
        },
        drift=DriftOf(owner="flag", status="restore", fields="flag"),
        exceptions={
            "vendor": exception(NET, name="vendor").model_copy(update={"requires": ("plan", "tasks")}),
            "mine": exception(DESK, name="mine"),
        },
        postmortem="when_breached",
    ),
    contract(
        runbook={
            "open": CHANGING,
            "accepted": program(act("lock", "unlock"), wait(hours=1), act("unlock")),
            "exception:vendor": program(step("create_ticket", task=True), ask()),
            "overdue": program(page("escalation_owner")),
            "offered": program(step("notify", who="owner")),
        },
        drift=DriftOf(owner="restore", status="restore", fields="adopt"),
        when_overdue="reassign",
        reopen_within=DAY,
        postmortem="when_breached",
    ),
)


_DAYS = tuple((day * 1440 + 540, day * 1440 + 1020) for day in range(5))
_DESK = VersionOf(effective_from=None, layers=(layer(("ann", "abe"), "2026-01-05T09:00", days=7, only=_DAYS),))
OFFICE_DESK = roster(
    rotations={
        "desk": RotationOf(zone="Europe/Berlin", versions=(_DESK,)),
        "backup": turning(("ben", "ann"), "2026-01-05T00:00", zone="UTC", apart_from=("desk",)),
    }
).form
"""A desk that is there on workdays only, and a backup that is somebody else."""


def stage_of(number: int) -> Stage:
    """Where a walk takes place. Two of three are on small contracts, and stay there whatever templates are shipped."""
    fixed, shipped = small_stages(), real_stages()
    return shipped[number // 3 % len(shipped)] if number % 3 == 0 else fixed[number % len(fixed)]


def stages() -> tuple[Stage, ...]:
    """All of them."""
    return (*small_stages(), *real_stages())


@cache
def real_stages() -> tuple[Stage, ...]:
    """Every shipped template, and the repository that uses each key."""
    return (*_real(bundled_data()), *_real(COMPLETE))


@cache
def small_stages() -> tuple[Stage, ...]:
    """Small contracts."""
    small = [Stage(f"lively-{n}", each, OFFICE_DESK if n == 1 else roster().form) for n, each in enumerate(LIVELY)]
    small += [Stage(f"small-{n}", each, roster().form) for n, each in enumerate((*CONTRACTS, *BUSY, *WATCHED))]
    return tuple(small)


def _real(folder: Path) -> list[Stage]:
    loaded = load_revision(FolderTree(folder), scenarios=False)
    if loaded.revision is None:
        return []
    form = loaded.revision.roster
    return [Stage(name, each, form) for name, each in loaded.revision.contracts.items()]
