"""Actions, attachments and taking back, against a real helpdesk and played systems: what is done, kept and undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from runner.channels import make_senders
from runner.contract.contract import StepOf
from runner.demo.recorder import Recorder
from runner.demo.systems import Item
from runner.engine import commands as cmd
from runner.engine.reasons import RejectReason
from runner.helpdesk.local_client import LocalHelpdesk
from runner.helpdesk.port import Applied, HelpdeskUnavailable, Ticket
from runner.service.performer import Done, Performer, Retry, result_command
from runner.service.requests import Texts
from runner.store import Claimed
from runner.store.memory import MemoryStore
from tests.runner.service.company import BILLING, MIRIAM, Office, active, changed, revision

SECRET = "a key of nobody"
OUT = {"item": "A"}
URL = "SURETY_PUBLISHING_WEBHOOK"


def step(kind: str, **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "kind": kind, "rule": "enterprise-billing#/runbook/open/0", "who": None, "via": (), "room": None,
        "within": None, "args": {}, "inputs": {}, "task": False, "timeout": None, "retry": None,
        "on_error": "continue", "on_leave": "cancel",
    }  # fmt: skip
    return StepOf(**{**plain, **changes}).model_dump(mode="json")


def act(
    action: str, given: Mapping[str, Any], back: str | None = None, *, name: str | None = None, **more: Any
) -> dict[str, Any]:
    undo = {"undo_with": {key: value for key, value in given.items() if key in ("item", "lead")}} if back else {}
    args = {"action": action, "with": dict(given), **undo}
    return step("action", args=args, changes=not action.startswith("read"), undo_by=back, name=name, **more)


LOCK = act("lock_publishing", {"item": "{{ ticket.subject }}"}, "unlock_publishing", name="locked")
ROOM = act("open_room", {"name": "Help {{ ticket.id }}"}, "close_room")
PRIORITY = step("set_fields", args={"fields": {"priority": "urgent"}}, changes=True, undo="restore")
BREAK = act("roll_back_publication", {"item": "no such item", "hash": "none"}, on_error="stop")


@dataclass
class Desk:
    """An office whose effects are really done, one by one, in a world with played systems."""

    office: Office
    helpdesk: LocalHelpdesk
    recorder: Recorder
    performer: Performer

    def opened(self, *steps: Any) -> tuple[str, str]:
        """Ticket and escalation, with these steps at the opening."""
        billing = self.office.active.revision.contracts["enterprise-billing"]
        self.office.use(changed(billing, runbook={"open": list(steps)}))
        made = self.helpdesk.create({**BILLING, "subject": "A"}, f"made:{len(self.recorder.systems.asked)}:{id(self)}")
        assert isinstance(made, Applied)
        return made.ref, self.office.open(made.ref, self.ticket(made.ref).fields)

    def ticket(self, ref: str) -> Ticket:
        found = self.helpdesk.get(ref)
        assert isinstance(found, Ticket)
        return found

    def notes(self, ref: str) -> list[str]:
        return [entry.text or "" for entry in self.helpdesk.history(ref, 100) if entry.kind == "comment"]

    def next(self, kind: str = "step") -> Claimed:
        """The next effect of a kind; those of other kinds are done on the way."""
        for _ in range(50):
            for claimed in self.office.claim():
                if claimed.kind == kind:
                    return claimed
                self.settle(claimed, self.performer.perform(claimed))
        raise AssertionError(f"no {kind}")

    def settle(self, claimed: Claimed, result: Done | Retry) -> None:
        command = result.command if isinstance(result, Done) else result.giving_up
        with self.office.store.transaction() as tx:
            data = result_command(claimed.key, command).model_dump_json().encode()
            assert tx.settle(claimed.key, claimed.attempt, result=data)
            if isinstance(result, Done):
                tx.keep_texts(claimed.escalation, result.texts)
        self.office.drain()

    def everything(self) -> None:
        while claims := self.office.claim():
            for claimed in claims:
                self.settle(claimed, self.performer.perform(claimed))

    def text(self, escalation: str, digest: Any) -> str:
        with self.office.store.reader() as reader:
            found = reader.text(escalation, str(digest))
        assert found is not None
        return found

    def roll_back(self, escalation: str) -> None:
        texts = Texts(self.office.ids)
        self.office.act(escalation, MIRIAM, cmd.RollBack(run=None, text=texts.ref("It was a mistake.")), texts)


@pytest.fixture
def desk(helpdesk: LocalHelpdesk, tmp_path: Path) -> Iterator[Desk]:
    office = Office(MemoryStore(), seed=None)  # the helpdesk serves several tests, and knows a key for ever
    recorder = Recorder(SECRET)
    channels = {f"SURETY_{name}_WEBHOOK": recorder.url(name.lower()) for name in ("CHAT", "PAGER", "EMAIL")}
    office.active = active(revision(), make_senders(revision().policies.channels, channels, tmp_path))
    recorder.systems.items["A"] = Item({"v6": "six", "v7": "seven"}, "v7")
    performer = performing(helpdesk, office, recorder.action_variables())
    yield Desk(office, helpdesk, recorder, performer)
    performer.close()
    office.active.dispatcher.close()
    recorder.close()


def performing(helpdesk: Any, office: Office, variables: Mapping[str, str]) -> Performer:
    return Performer(helpdesk, lambda: office.active, office.contract, office.store, environment=variables)


def result(done: Done | Retry) -> dict[str, Any]:
    assert isinstance(done, Done)
    assert isinstance(done.command, cmd.SucceedStep), done
    return done.command.result


# Steps


def test_an_action_is_carried_out_signed_and_its_answer_is_the_result(desk: Desk) -> None:
    ref, escalation = desk.opened(LOCK)
    claimed = desk.next()
    found = result(desk.performer.perform(claimed))
    item = desk.recorder.systems.items["A"]
    assert item.locked
    assert {name: found[name] for name in ("version", "hash", "with.item", "undo.item", "consistent")} == {
        "version": "v7", "hash": item.hash, "with.item": "A", "undo.item": "A", "consistent": True,
    }  # fmt: skip
    [asked] = desk.recorder.systems.asked
    assert (asked.action, asked.inputs, asked.key) == ("lock_publishing", OUT, claimed.key)
    assert (claimed.ticket, claimed.escalation) == (ref, escalation)


def test_the_snapshot_after_a_change_stands_beside_the_record(desk: Desk) -> None:
    ref, escalation = desk.opened(LOCK)
    desk.everything()
    results = desk.office.state(escalation).results["locked"]
    assert results.keys() == {"version", "hash", "consistent", "snapshot"}
    assert desk.text(escalation, results["snapshot"]).startswith(f"Fields of {ref} at ")


def test_asked_again_after_a_lost_answer_it_is_done_once(desk: Desk) -> None:
    desk.opened(LOCK)
    claimed = desk.next()
    desk.recorder.systems.lose_answers("lock_publishing")
    lost = desk.performer.perform(claimed)
    assert isinstance(lost, Retry)
    assert lost.giving_up == cmd.FailStep(
        run="open#1", step=0, attempt=1, why="lock_publishing failed there: 504 Gateway Timeout", unknown=True
    )
    assert result(desk.performer.perform(replace(claimed, attempt=2)))["version"] == "v7"
    assert [each.repeated for each in desk.recorder.systems.asked] == [False, True]


@pytest.mark.parametrize(
    ("status", "failed", "why"),
    [
        (409, True, "lock_publishing was refused: 409 Conflict"),
        (423, True, "lock_publishing was refused: 423 Locked"),
        (302, True, "lock_publishing was refused: 302 Found"),
        (429, False, "lock_publishing is put off: 429 Too Many Requests"),
        (500, False, "lock_publishing failed there: 500 Internal Server Error"),
    ],
)
def test_what_another_system_says_decides_what_follows(desk: Desk, status: int, failed: bool, why: str) -> None:
    desk.opened(LOCK)
    claimed = desk.next()
    desk.recorder.systems.fail("lock_publishing", status)
    found = desk.performer.perform(claimed)
    said = found.command if isinstance(found, Done) else found.giving_up
    assert (isinstance(found, Done), said) == (
        failed, cmd.FailStep(run="open#1", step=0, attempt=1, why=why),
    )  # fmt: skip


MOVE = act("move_lead", {"lead": "L-1", "queue": "sdr"}, "restore_lead")


def test_answered_well_and_not_done_is_not_done(desk: Desk) -> None:
    desk.recorder.systems.leads["L-1"] = "rejected"
    desk.opened(MOVE)
    claimed = desk.next()
    desk.recorder.systems.leave_unchanged("move_lead")
    why = "move_lead was answered well, but the answer does not confirm queue"
    found = desk.performer.perform(claimed)
    assert isinstance(found, Retry)
    assert (found.why, found.giving_up) == (
        why, cmd.FailStep(run="open#1", step=0, attempt=1, why=why, unknown=True),
    )  # fmt: skip
    assert result(desk.performer.perform(claimed))["undo.before"] == "rejected"
    assert desk.recorder.systems.leads["L-1"] == "sdr"


def test_something_else_than_was_meant_is_in_doubt(desk: Desk) -> None:
    item = desk.recorder.systems.items["A"]
    desk.opened(act("roll_back_publication", {"item": "A", "hash": item.hash}, "publish_version"))
    found = desk.performer.perform(desk.next())
    assert isinstance(found, Retry)
    assert isinstance(found.giving_up, cmd.FailStep)
    assert (found.giving_up.unknown, item.published) == (True, "v6")


def test_a_missing_variable_is_said_without_a_traceback(desk: Desk) -> None:
    desk.opened(LOCK)
    claimed = desk.next()
    for variables, why in (
        ({}, f"the action lock_publishing has no address: set {URL}"),
        ({URL: "ftp:x"}, f"the action lock_publishing has no web address: look at {URL}"),
        ({URL: "http://127.0.0.1:9/x"}, "the action lock_publishing cannot be signed: set SURETY_ACTIONS_SECRET"),
    ):  # fmt: skip
        performer = performing(desk.helpdesk, desk.office, variables)
        found = performer.perform(claimed)
        performer.close()
        assert found == Done(cmd.FailStep(run="open#1", step=0, attempt=1, why=why), failed=True)


def test_a_system_that_is_not_there_is_tried_again_and_was_not_asked(desk: Desk) -> None:
    desk.opened(LOCK)
    claimed = desk.next()
    nowhere = {"SURETY_PUBLISHING_WEBHOOK": "http://127.0.0.1:9/x", "SURETY_ACTIONS_SECRET": SECRET}
    performer = performing(desk.helpdesk, desk.office, nowhere)
    found = performer.perform(claimed)
    performer.close()
    assert isinstance(found, Retry)
    assert found.giving_up == cmd.FailStep(
        run="open#1", step=0, attempt=1, why="lock_publishing cannot be reached (ConnectError)"
    )


def test_an_action_that_the_active_epoch_does_not_have_fails_in_words(desk: Desk) -> None:
    desk.opened(act("forgotten", {}))
    found = desk.performer.perform(desk.next())
    why = "there is no action forgotten in the active Actions policy"
    assert found == Done(cmd.FailStep(run="open#1", step=0, attempt=1, why=why), failed=True)


def test_an_input_without_a_value_fails_in_words(desk: Desk) -> None:
    desk.opened(act("lock_publishing", {}))
    found = desk.performer.perform(desk.next())
    assert isinstance(found, Done)
    assert isinstance(found.command, cmd.FailStep)
    assert found.command.why == "the action lock_publishing needs the input item, which has no value here"


def test_an_action_that_was_done_counts_although_the_helpdesk_is_away(desk: Desk) -> None:
    desk.opened(LOCK)
    claimed = desk.next()

    class Away:
        def get(self, ref: str) -> Ticket:
            raise HelpdeskUnavailable(f"{ref} cannot be read")

    performer = performing(Away(), desk.office, desk.recorder.action_variables())
    found = result(performer.perform(replace(claimed, payload={**claimed.payload})))
    performer.close()
    assert "snapshot" not in found


# Attachments


def test_what_an_action_reads_is_attached_with_a_hash_and_without_secrets(desk: Desk) -> None:
    logs: list[dict[str, Any] | str] = [
        "too old", {"at": "09:00", "what": "lead 17 rejected"}, "password: x7Kq92LmZp0aB4vT", {"deep": [1, None]},
    ]  # fmt: skip
    desk.recorder.systems.sync_logs = logs
    args = {"what": "logs", "source": "read_sync_logs", "last": 3, "mask_secrets": True}
    ref, escalation = desk.opened(step("attach", args=args, name="logs"))
    desk.everything()
    results = desk.office.state(escalation).results["logs"]
    assert results["entries"] == 3
    content = desk.text(escalation, results["text"])
    assert content == "at: 09:00, what: lead 17 rejected\npassword: ****************\ndeep: 1; nothing"
    [note] = [text for text in desk.notes(ref) if "read_sync_logs" in text]
    assert note.startswith("Last logs by read_sync_logs, entries: 3\n")
    assert content in note
    assert str(results["hash"]) in note


def test_an_attachment_whose_answer_was_lost_is_written_once_and_has_the_same_hash(desk: Desk) -> None:
    ref, _ = desk.opened(step("attach", args={"what": "ticket", "source": None, "last": 5, "mask_secrets": True}))
    claimed = desk.next()
    first = result(desk.performer.perform(claimed))
    desk.helpdesk.set_fields(ref, {"status": "pending"}, f"meanwhile {ref}")
    again = result(desk.performer.perform(replace(claimed, attempt=2)))
    assert (again["hash"], again["entries"]) == (first["hash"], first["entries"])
    assert len([text for text in desk.notes(ref) if "State of" in text]) == 1


def test_an_answer_without_entries_fails_in_words(desk: Desk) -> None:
    desk.recorder.systems.leave_unchanged("read_changes")
    args = {"what": "changes", "source": "read_changes", "last": 3, "mask_secrets": True}
    desk.opened(step("attach", args=args))
    found = desk.performer.perform(desk.next())
    why = "the answer of read_changes has no list of entries"
    assert found == Done(cmd.FailStep(run="open#1", step=0, attempt=1, why=why), failed=True)


# Taking back


def test_a_run_that_stops_is_taken_back_everywhere(desk: Desk) -> None:
    ref, escalation = desk.opened(PRIORITY, LOCK, ROOM, BREAK)
    desk.everything()
    systems, state = desk.recorder.systems, desk.office.state(escalation)
    assert (state.changes, state.rollbacks) == ((), {})
    assert (systems.items["A"].locked, systems.rooms) == (False, {"R-1": False})
    assert desk.ticket(ref).fields["priority"] == BILLING["priority"]
    order = [each.action for each in systems.asked]
    assert order == [
        "lock_publishing", "open_room", "roll_back_publication", "close_room", "unlock_publishing",
    ]  # fmt: skip
    assert desk.office.events(escalation).count("StepUndone") == 3


def test_what_somebody_changed_since_is_left(desk: Desk) -> None:
    ref, escalation = desk.opened(PRIORITY)
    desk.everything()
    desk.helpdesk.set_fields(ref, {"priority": "low"}, f"by hand {ref}")
    desk.roll_back(escalation)
    desk.everything()
    assert desk.ticket(ref).fields["priority"] == "low"
    [undone] = [event for row in desk.office.rows(escalation) for event in row.events if event.type == "StepUndone"]
    assert undone.left == ("priority",)


def test_a_write_whose_answer_was_lost_is_taken_back_to_what_was_there_before_it(desk: Desk) -> None:
    ref, escalation = desk.opened(PRIORITY)
    claimed = desk.next()
    desk.performer.perform(claimed)  # and the runner dies
    again = desk.performer.perform(replace(claimed, attempt=2))
    assert result(again)["was.priority"] == BILLING["priority"]
    desk.settle(claimed, again)
    desk.roll_back(escalation)
    desk.everything()
    assert desk.ticket(ref).fields["priority"] == BILLING["priority"]


def test_an_undo_whose_answer_was_lost_is_done_once(desk: Desk) -> None:
    _, escalation = desk.opened(LOCK)
    desk.everything()
    desk.roll_back(escalation)
    desk.recorder.systems.lose_answers("unlock_publishing")
    claimed = desk.next("undo")
    assert isinstance(desk.performer.perform(claimed), Retry)
    desk.settle(claimed, desk.performer.perform(replace(claimed, attempt=2)))
    assert desk.recorder.systems.done("unlock_publishing") == [OUT]
    assert desk.office.state(escalation).changes == ()


def test_an_undo_that_fails_is_an_exception_with_an_owner_and_the_lock_holds(desk: Desk) -> None:
    _, escalation = desk.opened(LOCK)
    desk.everything()
    desk.roll_back(escalation)
    desk.recorder.systems.fail("unlock_publishing", 500, 500, 500, 500)
    for _ in range(2):
        claimed = desk.next("undo")
        desk.settle(claimed, desk.performer.perform(claimed))
    state = desk.office.state(escalation)
    assert [(each.exception_class, each.owner) for each in state.exceptions.values()] == [("not_undone", MIRIAM)]
    assert [change.key for change in state.changes] == ["open#1/0"]
    assert desk.recorder.systems.items["A"].locked


def test_nothing_more_of_a_run_is_done_that_is_being_taken_back(desk: Desk) -> None:
    _, escalation = desk.opened(LOCK)
    claimed = desk.next()
    desk.roll_back(escalation)
    found = desk.performer.perform(claimed)
    why = "its run is being taken back"
    assert found == Done(cmd.FailStep(run="open#1", step=0, attempt=1, why=why), failed=True)
    assert not desk.recorder.systems.items["A"].locked


def test_publishing_is_refused_while_it_is_locked(desk: Desk) -> None:
    _, escalation = desk.opened(LOCK)
    desk.everything()
    assert desk.recorder.systems.publish("A", "v7") == 423
    refused = desk.office.act(escalation, MIRIAM, cmd.RollBack(run="open#9", text="0" * 64))
    assert refused is not None
    assert refused.rejected is not None
    assert refused.rejected.reason is RejectReason.UNKNOWN_RUN
