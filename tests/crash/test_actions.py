"""Killed around actions in other systems and around taking them back: nothing is done twice, and nothing is missing."""

from __future__ import annotations

import subprocess
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from runner.demo.systems import Item
from runner.engine.state import load_state
from runner.helpdesk.local_client import LocalHelpdesk
from runner.helpdesk.port import Ticket
from runner.store import SqliteStore
from tests.crash.driving import Death, Run, Tally
from tests.crash.stage import Stage

pytestmark = pytest.mark.slow

TEMPLATE = "templates/enterprise-billing/template.yaml"
START = "runbook:\n  open:\n"
LOCKED_AND_TASKED = """
- action: {run: lock_publishing, with: {item: A}}
- create_ticket: {subject: Roll it back, body: "{{ ticket.id }}", task: true}
  undo: {never: It has to be done.}
"""
LOCKED_AND_STOPPED = """
- set_fields: {priority: low}
  undo: restore
- action: {run: lock_publishing, with: {item: A}}
- action: {run: open_room}
- action: {run: roll_back_publication, with: {item: nothing, hash: none}}
  on_error: stop
"""
BILLING = {"subject": "A", "type": "billing", "priority": "high", "status": "new", "account.tier": "enterprise"}


class Act(Run):
    """A run of one ticket, whose escalation begins with these steps, through so many deaths."""

    def __init__(self, stage: Stage, steps: str, deaths: list[Death]) -> None:
        self.tally = Tally()
        super().__init__(stage, iter(deaths), self.tally)
        self.stage = stage
        self._begin_with(steps)

    def _begin_with(self, steps: str) -> None:
        folder = self.stage.folder / "repository"
        path = folder / TEMPLATE
        text = path.read_text(encoding="utf-8")
        body = textwrap.indent(steps.strip("\n"), "    ")
        path.write_text(text.replace(START, f"{START}{body}\n"), encoding="utf-8")
        who = ["-c", "user.name=Crash", "-c", "user.email=crash@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(folder), *who, "commit", "-qam", "Act"], check=True)

    def play(self) -> str:
        """The ticket, once nothing is left to be done."""
        self.stage.recorder.systems.items["A"] = Item({"v6": "six", "v7": "seven"}, "v7")
        self._start()
        self._steadily(self.stage.stepper.settle)
        ref = self.stage.customers.create(BILLING, "the ticket")
        self._steadily(self.stage.stepper.settle)
        assert self.stage.runner is not None
        while self.stage.runner.end() != 0:
            self._again()
            self._steadily(self.stage.stepper.settle)
        return ref

    def asked(self) -> Counter[str]:
        """What the other systems did, by action."""
        return Counter(each.action for each in self.stage.recorder.systems.asked if not each.repeated)


def killed_at(*points: tuple[str, int]) -> list[Death]:
    return [Death(at=point) for point in points]


@pytest.mark.parametrize(
    "deaths",
    [
        [],
        killed_at(("action-ask", 1), ("action-answer", 1), ("ticket-settle", 1)),
        killed_at(("action-answer", 1), ("commit-effect", 1), ("batch-result", 1)),
    ],
    ids=["undisturbed", "around-the-lock", "between-lock-and-task"],
)
def test_killed_between_lock_and_task(tmp_path: Path, deaths: list[Death]) -> None:
    with Stage(tmp_path) as stage:
        run = Act(stage, LOCKED_AND_TASKED, deaths)
        run.play()
        assert run.tally.kills == len(deaths)
        assert run.asked() == {"lock_publishing": 1}
        assert stage.recorder.systems.items["A"].locked
        store = SqliteStore.open(stage.store)
        with store.reader() as reader:
            (stream,) = reader.streams(open_only=True, limit=10)
            state = load_state(stream.state)
        store.close()
        assert (len(state.tasks), [change.key for change in state.changes][:2]) == (1, ["open#1/0", "open#1/1"])


def test_killed_all_along_a_rollback(tmp_path: Path) -> None:
    deaths = killed_at(
        ("field-settle", 1), ("action-answer", 1), ("action-ask", 1), ("action-answer", 2), ("action-answer", 1),
        ("action-answer", 1), ("field-settle", 1),
    )  # fmt: skip
    with Stage(tmp_path) as stage:
        run = Act(stage, LOCKED_AND_STOPPED, deaths)
        ref = run.play()
        systems = stage.recorder.systems
        assert run.tally.kills >= len(deaths) - 2, f"some points were not passed: {run.tally.deaths}"
        done = {name: count for name, count in run.asked().items() if name != "roll_back_publication"}
        assert done == {"lock_publishing": 1, "open_room": 1, "close_room": 1, "unlock_publishing": 1}
        assert (systems.items["A"].locked, systems.rooms) == (False, {"R-1": False})
        with LocalHelpdesk(stage.desk_url, stage.keys.customer_token, stage.keys.webhook) as helpdesk:
            ticket = helpdesk.get(ref)
        assert isinstance(ticket, Ticket)
        assert ticket.fields["priority"] == "high"
