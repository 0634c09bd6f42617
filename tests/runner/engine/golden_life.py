"""The life behind the golden rows: an opening, a refusal, a timebox that ends, and nearly every command there is.

`python -m tests.runner.engine.golden_life` writes the file. Once rows of a version are out in the world this is
done only for a new version, under a new name, beside the old files, which must be read for ever: `decision-v1.json` was
written under semantics 1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runner.contract.contract import CheckOf, ClarifyOf, Contract, DriftOf, WaitingOf
from runner.contract.roster_form import RosterForm
from runner.engine import commands as cmd
from runner.engine.roster import Roster
from runner.zones import zone
from tests.runner.engine.programs import ask, program
from tests.runner.engine.worlds import DAY, HOUR, NET, TEXT, YES, Life, at, box, contract, exception, opening, step

FILE = Path(__file__).parent / "golden" / "decision-v1-semantics-2.json"


def golden_contract() -> Contract:
    lock = step("action", args={"action": "lock", "with": {"item": "A"}}, changes=True, undo_by="unlock")
    priority = step("set_fields", args={"fields": {"priority": "urgent"}}, changes=True, undo="restore")
    return contract(
        runbook={
            "open": (step("notify", who="secondary"),),
            "accepted": program(priority, ask(), lock, step("create_ticket", task=True)),
        },
        checklist=(
            CheckOf(name="understood", question="Is it understood?"),
            CheckOf(name="cause", question="What is it?", answer="choice", values=("ours", "theirs")),
            CheckOf(name="amount", question="How much?", answer="number"),
        ),
        checklist_within=box(HOUR),
        clarify=ClarifyOf(within=box(2 * HOUR), who=NET, exception=None),
        waiting=WaitingOf(at_most=box(DAY), then="owner"),
        progress_within=box(9 * HOUR),
        exceptions={"vendor": exception(NET, name="vendor").model_copy(update={"requires": ("plan", "tasks")})},
        drift=DriftOf(owner="restore", status="restore", fields="adopt"),
        postmortem="always",
        reopen_within=DAY,
    )


def golden_life() -> Life:
    life = Life(golden_contract(), answers=())
    life.do(opening(fields={"priority": "high", "amount": 12.5, "vip": True, "count": 3, "none": None}))
    life.do(cmd.Accept(offer=1, answers=YES), "ben", when=at(5), jobs=("duty-manager",))
    life.do(cmd.Tick(), when=at(61))
    life.answers = ("deliveries", "writes")
    _taken(life)
    _worked_on(life)
    _passed_on(life)
    _ended(life)
    return life


def _taken(life: Life) -> None:
    """Doubted, clarified, accepted with one tap, and the checklist after it."""
    life.do(cmd.Reject(offer=1, why="incomplete", text=TEXT), "ann", when=at(62))
    life.do(cmd.NoteChanged(fields=("amount",)), when=at(63))
    life.do(cmd.Reject(offer=max(life.live.offers), why="no_capacity", text=TEXT), "ann", when=at(64))
    life.do(cmd.Accept(offer=max(life.live.offers), answers={}), "ben", when=at(65))
    answers: dict[str, cmd.Scalar] = {"understood": True, "cause": "ours", "amount": 3}
    life.do(cmd.CompleteChecklist(answers=answers), "ben", when=at(66))


def _worked_on(life: Life) -> None:
    """Steps, an answer, an exception with its tasks, a wait, drift, and what the ticket goes through."""
    was: dict[str, cmd.Scalar] = {"was.priority": "low", "field.priority": "urgent"}
    life.do(cmd.SucceedStep(run="accepted#1", step=0, attempt=1, result=was), when=at(67))
    question = next(offer.id for offer in life.live.offers.values() if offer.purpose == "question")
    life.do(cmd.Answer(offer=question, answers={"decision": "refund"}), "carl", when=at(68))
    locked: dict[str, cmd.Scalar] = {"with.item": "A", "undo.item": "A"}
    life.do(cmd.SucceedStep(run="accepted#1", step=2, attempt=1, result=locked), when=at(69))
    life.do(cmd.FailStep(run="accepted#1", step=3, attempt=1, why="refused"), when=at(70))
    life.do(cmd.Progress(text=TEXT), "ben", when=at(71))
    task = cmd.Task(title=TEXT, owner="cora", due=at(300))
    life.do(cmd.RaiseException(exception_class="vendor", text=TEXT, plan=TEXT, tasks=(task,)), "ben", when=at(72))
    trouble = max(life.live.exceptions)
    life.do(cmd.AddTask(exception=trouble, task=task), "ben", when=at(73))
    for number in (1, 2):
        life.do(cmd.FinishTask(exception=trouble, task=number, text=TEXT), "cora", when=at(74))
    life.do(cmd.EndException(exception=trouble, text=TEXT), "ben", when=at(75))
    life.do(cmd.Wait(for_="customer", until=at(500), text=TEXT), "ben", when=at(76))
    life.do(cmd.Resume(text=TEXT), "ben", when=at(77))
    life.do(cmd.NoteDrift(fields={"x_owner": "ann"}), when=at(78))
    life.do(cmd.NoteDrift(fields={"priority": "low"}), when=at(79))
    life.do(cmd.NoteLinked(ticket="T-2"), when=at(80))
    life.do(cmd.NoteGone(), when=at(81))
    life.do(cmd.NoteBack(), when=at(82))
    life.do(cmd.NoteOtherMatch(template="big"), when=at(83))


def _passed_on(life: Life) -> None:
    """Handed over, thought better of, escalated, given and taken; what was done is taken back."""
    life.do(cmd.HandOver(to="carl", reason=TEXT, next_step=TEXT), "ben", when=at(84))
    answers: dict[str, cmd.Scalar] = {"understood": True, "cause": "ours", "amount": 3}
    life.do(cmd.Accept(offer=max(life.live.offers), answers=answers), "carl", when=at(85))
    life.do(cmd.Unaccept(), "carl", when=at(86))
    life.do(cmd.Accept(offer=max(life.live.offers), answers=answers), "carl", when=at(86, seconds=5))
    life.do(cmd.Escalate(offer=None, text=TEXT), "carl", when=at(87))
    life.do(cmd.Override(action="give", text=TEXT, to="ann"), "dora", when=at(88), jobs=("duty-manager",))
    life.do(cmd.Override(action="take", text=TEXT), "boss", when=at(89))
    life.do(cmd.RollBack(run=None, text=TEXT), "boss", when=at(90))
    for at_work in list(life.live.changes)[::-1]:
        back: dict[str, Any] = {"rollback": "rollback#1", "run": at_work.run, "step": at_work.step}
        life.do(cmd.FailUndo(**back, attempt=1, why="refused"), when=at(91))
        life.do(cmd.SucceedUndo(**back, attempt=2), when=at(92))


def _ended(life: Life) -> None:
    """Refused, resolved, closed, opened again, and cancelled."""
    life.do(cmd.Resolve(evidence={"invoice": TEXT}, facts=life.facts(evidence=())), "boss", when=at(93))
    for run in list(life.live.runs.values()):
        life.do(cmd.FailStep(run=run.id, step=run.step, attempt=run.attempt, why="refused"), when=at(94))
    life.do(cmd.NoteSolvedOutside(facts=life.facts(evidence=())), when=at(95))
    life.do(cmd.Override(action="close", text=TEXT, code="fixed"), "boss", when=at(96))
    life.do(cmd.Reopen(text=TEXT), "boss", when=at(97))
    life.do(cmd.NoteRoster(), when=at(98))
    life.do(cmd.NoteMerged(into="T-3"), when=at(99))
    life.do(cmd.Cancel(text=TEXT), "boss", when=at(100))


def write() -> None:
    life = golden_life()
    plain = {
        "contract": json.loads(life.contract.canonical),
        "roster": json.loads(life.roster.form.canonical),
        "rows": [{"seq": seq, "body": body.decode(), "hash": digest} for seq, body, digest in life.rows],
    }
    FILE.write_text(json.dumps(plain, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def read(file: Path = FILE) -> Life:
    """A life with the file's contract, roster and rows, as somebody finds them years later."""
    plain = json.loads(file.read_text(encoding="utf-8"))
    roster = Roster(RosterForm.load(json.dumps(plain["roster"]).encode()), zone)
    life = Life(Contract.load(json.dumps(plain["contract"]).encode()), roster)
    life.rosters[roster.digest] = roster
    life.rows = [(row["seq"], row["body"].encode(), row["hash"]) for row in plain["rows"]]
    return life


if __name__ == "__main__":
    write()
