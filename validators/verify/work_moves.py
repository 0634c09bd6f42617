"""What may happen to runs, questions, changes, messages and writes: results in time, late, twice, or never. As data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from runner.contract.contract import AnswerOf, Contract, StepOf
from runner.engine import commands as cmd
from runner.engine.choosing import by_engine, to_come
from runner.engine.events import made
from runner.engine.parts import Delivery, Run
from runner.engine.questions import APPROVED, wanted
from runner.engine.state import ExceptionState, Phase, State, accountable
from runner.engine.undo import changes_world
from runner.engine.wait_steps import HOLDS
from validators.verify.acts import MOMENT
from validators.verify.moves import HELPDESK, TEXT, Move, but, holding_moves, ownership_moves
from validators.verify.oracle import BOSS, LAST_RESORT, NEW

__all__ = ["delivery_moves", "remedy_moves", "run_moves", "write_moves"]

_WORLD: Final = "surety:runner"
_TICKET: Final = "T-9"
_ANYBODY: Final = "anybody"
"""To whom messages are that are not about what this person does: others may turn out to be the same one."""
_PHASES: Final = frozenset(
    (
        "accept the ladder offer", "accept the handoff offer", "escalate", "hand it over", "take it", "give it",
        "resolve with proof", "close with proof", "close with a rationale", "cancel", "wait for the customer", "go on",
        "the ticket is open again", "take back the acceptance of the ladder", "no answer to the ladder offer",
        "no answer to the handoff offer", "deadline: remind", "deadline: waiting", "the roster changes",
    )
)  # fmt: skip
"""The moves that bring about all that runs, messages and writes see of ownership: changes of phase and owner."""


_RUN_PHASES: Final = frozenset(
    (
        "accept the ladder offer", "escalate", "resolve with proof", "close with proof", "close with a rationale",
        "cancel", "the ticket is open again", "no answer to the ladder offer", "the roster changes",
        "wait for the customer", "go on",
    )
)  # fmt: skip
"""The moves that bring about each phase with another owner."""
_OF_POINTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "accepted": _PHASES - {"deadline: remind"},
        "handoff": _PHASES - {"deadline: remind"},
        "failover": _RUN_PHASES
        | {"take back the acceptance of the ladder", "deadline: waiting", "wait for the customer", "give it"},
        "overdue": _RUN_PHASES | {"give it"},
        "exhausted": _RUN_PHASES | {"deadline: remind", "give it"},
        "offered": _RUN_PHASES | {"deadline: remind", "give it", "take back the acceptance of the ladder"},
    }
)
"""What begins the runs of a point in yet other ways, or is for them another phase."""
_HANDOFFS: Final = frozenset(("accept the handoff offer", "hand it over", "no answer to the handoff offer"))
_WITHOUT_HANDOFFS: Final = _PHASES - _HANDOFFS - {"deadline: remind"}
"""Where a handoff is nothing else than another owner, whom somebody who takes it is as well."""
_ENDS: Final = frozenset(("RaiseException", "EndException"))
_OWNED: Final = frozenset(("accept the exception offer", "deadline: exception"))
"""What the runs of a class of exceptions hear of it."""


def _of_ownership(
    contract: Contract, state: State, phases: frozenset[str], also: Callable[[Move], bool]
) -> Iterator[Move]:
    """Of the moves of ownership those that change a phase or an owner, and what else is wanted."""
    return (move for move in ownership_moves(contract, state, odd=False) if move.label in phases or also(move))


def _world(label: str, state: State, args: cmd.Args) -> Move:
    return Move(label, "world", state, _WORLD, args, state.now, kind="result")


def run_moves(contract: Contract, state: State) -> Iterator[Move]:
    """What may come of the steps of the runs, with everything that they can hear of."""
    ticks = (
        "deadline: step",
        "deadline: undo",
        "deadline: page",
        "deadline: outcome",
        "no answer to the question offer",
    )
    (point,) = contract.runbook
    exceptions, phases = point.partition(":")[0] == "exception", _OF_POINTS.get(point, _RUN_PHASES)
    handoffs = not phases.isdisjoint(_HANDOFFS)
    moves = ownership_moves(contract, state, odd=False) if exceptions or handoffs else holding_moves(contract, state)
    for move in moves:
        about = exceptions and not move.must_fail and (move.args.type in _ENDS or move.label in _OWNED)
        wanted_one = move.label in phases or move.label in ticks or about
        if wanted_one and (move.label != "deadline: outcome" or "overdue" in contract.runbook):
            yield move
    for run in state.runs.values():
        yield from _results(contract, state, run)
    yield from _questions(contract, state)
    if state.phase.over or not state.runs:
        yield from _late(contract, state)
    yield from _created_after_all(contract, state)
    yield from _woken(state)
    yield from _undoing(contract, state)


def _woken(state: State) -> Iterator[Move]:
    """Whoever was paged is the one who holds it, and does something."""
    for key, page in state.pages.items():
        if state.holder is not None and state.phase is Phase.ACCEPTED:
            before = but(state, pages={**state.pages, key: replace(page, person=state.holder)})
            progress = made(cmd.Progress, text=TEXT)
            yield Move("whoever was paged shows progress", "owner", before, state.holder, progress, state.now)


def _created_after_all(contract: Contract, state: State) -> Iterator[Move]:
    """A task that could not be created is there, as it turns out."""
    known = {change.key for change in state.changes}
    for point, steps in contract.runbook.items():
        run = f"{point}#{state.occurrences.get(point, 0)}"
        for position, step in enumerate(steps):
            key = f"{run}/{position}"
            if step.task and key not in known and point in state.occurrences:
                created = made(cmd.SucceedStep, run=run, step=position, attempt=1, result={"ticket": _TICKET})
                missing = but(state, failed_tasks=(key,))
                yield _message(f"the task of {point}/{position} is created after all", missing, created)


def _results(contract: Contract, state: State, run: Run) -> Iterator[Move]:
    step = contract.runbook[run.point][run.step]
    place: dict[str, Any] = {"run": run.id, "step": run.step, "attempt": run.attempt}
    words = f"{run.point}/{run.step} ({step.kind})"
    if not by_engine(step, run.results):
        for more, result in _happy(step):
            yield _world(f"{words} is done{more}", state, made(cmd.SucceedStep, **place, result=result))
        yield _world(f"{words} fails", state, made(cmd.FailStep, **place, why="it failed"))
        if changes_world(step):
            unknown = made(cmd.FailStep, **place, why="nobody knows", unknown=True)
            yield _world(f"{words} fails, and may be done", state, unknown)
        if run.attempt > 1:
            before = {**place, "attempt": run.attempt - 1}
            yield _world(
                f"{words}: an earlier try is done", state, made(cmd.SucceedStep, **before, result=_happy(step)[0][1])
            )
            yield _world(f"{words}: an earlier try fails", state, made(cmd.FailStep, **before, why="it failed"))
    done = (n for n in reversed(range(run.step)) if changes_world(contract.runbook[run.point][n]))
    for position in islice(done, 1):
        again: dict[str, Any] = {"run": run.id, "step": position, "attempt": 1}
        result = _happy(contract.runbook[run.point][position])[0][1]
        twice = made(cmd.SucceedStep, **again, result=result)
        yield _world(f"{run.point}/{position} is done once more", _known(state, run.id, position), twice)


def _known(state: State, run: str, position: int) -> State:
    """The state in which it is known what an earlier step changed, which may have been left out since later ones."""
    key = f"{run}/{position}"
    known = any(each.key == key for each in state.changes)
    return state if known else but(state, taken_back=(*state.taken_back, key))


def _happy(step: StepOf) -> list[tuple[str, dict[str, Any]]]:
    """What a step may say when it is done."""
    match step.kind:
        case "choose":
            return [(f": {branch.name}", {"branch": branch.name}) for branch in step.branches]
        case "wait":
            return [("", {HOLDS: True}), (", not so far", {HOLDS: False})]
        case "create_ticket":
            return [("", {"ticket": _TICKET})]
        case "set_fields" | "assign":
            fields = step.args.get("fields")
            names = list(fields) if isinstance(fields, dict) else [str(step.args.get("field"))]
            return [("", {f"{part}.{name}": part for name in names for part in ("was", "field")})]
        case _:
            return [("", {})]


def _questions(contract: Contract, state: State) -> Iterator[Move]:
    for offer in state.offers.values():
        run = state.runs.get(offer.run or "")
        if offer.purpose != "question" or run is None:
            continue
        step = contract.runbook[run.point][run.step]

        def asked(label: str, args: cmd.Args, actor: str = offer.to) -> Move:
            return Move(label, "asked", state, actor, args, state.now)

        counts = any(later.of == step.name for later in to_come(contract.runbook[run.point], run.step))
        for words, answers, texts in islice(_answers(step), None if counts or step.kind == "approve" else 1):
            yield asked(f"answer{words}", made(cmd.Answer, offer=offer.id, answers=answers, texts=texts))
        yield asked("reject the question", made(cmd.Reject, offer=offer.id, why="no_capacity"))
        yield asked("reject the question: conflict", made(cmd.Reject, offer=offer.id, why="conflict"))
        yield asked("pass the question up", made(cmd.Escalate, offer=offer.id, text=TEXT))


def _answers(step: StepOf) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Every answer of an approval and of one choice, since a later step may go by it; one of whatever else is asked."""
    needed = wanted(step)
    if step.kind == "approve":
        for yes in (True, False):
            yield (" yes" if yes else " no"), {APPROVED: yes}, {}
        return
    plain = {name: _sample(each) for name, each in needed.items() if each.type != "text"}
    texts = {name: TEXT for name, each in needed.items() if each.type == "text"}
    choices = [(name, value) for name, each in needed.items() for value in _values(each)]
    if not choices:
        yield "", plain, texts
    for name, value in choices:
        yield f" {name}: {value}", {**plain, name: value}, texts


def _values(each: AnswerOf) -> tuple[Any, ...]:
    return each.values if each.type == "choice" else (True, False) if each.type == "boolean" else ()


def _sample(each: AnswerOf) -> Any:  # noqa: ANN401 - a value of the type that is asked for
    samples = {"number": 1, "boolean": True, "person": NEW, "instant": "2026-03-03T09:00:00Z"}
    return each.values[0] if each.type == "choice" else samples[each.type]


def _late(contract: Contract, state: State) -> Iterator[Move]:
    """A step of a run that has stopped, or ended, is done after all; a second one while the first still holds."""
    if len(state.changes) > 1:
        return
    for point, steps in contract.runbook.items():
        first = state.occurrences.get(point, 0)
        if first == 0 or any(change.run == f"{point}#{first}" for change in state.changes):
            continue
        for position, step in enumerate(steps):
            if changes_world(step):
                for words, stopped in (("stopped", (f"{point}#{first}",)), ("ended", ())):
                    run, result = f"{point}#{first}", _happy(step)[0][1]
                    args = made(cmd.SucceedStep, run=run, step=position, attempt=1, result=result)
                    yield _message(
                        f"{point}/{position} of a run that has {words} is done",
                        but(state, stopped=stopped, rolled_up_to={}),
                        args,
                    )


def _undoing(contract: Contract, state: State) -> Iterator[Move]:
    for rollback in state.rollbacks.values():
        if rollback.step is not None:
            run, _, step = rollback.step.rpartition("/")
            place: dict[str, Any] = {
                "rollback": rollback.id,
                "run": run,
                "step": int(step),
                "attempt": rollback.attempt,
            }
            yield _world("a step is taken back", state, made(cmd.SucceedUndo, **place))
            yield _world("a step cannot be taken back", state, made(cmd.FailUndo, **place, why="it failed"))
            stale = {**place, "attempt": rollback.attempt + 7}
            yield _world("a stale try cannot be taken back", state, made(cmd.FailUndo, **stale, why="it failed"))
    yield from _after_all(state)
    if not state.phase.over and (state.changes or state.runs):
        jobs = contract.override_jobs[:1]
        runs = dict.fromkeys([None, *state.runs, *(change.run for change in state.changes)])
        for each in runs:
            words = "everything" if each is None else f"the run {each.partition('#')[0]}"
            args = made(cmd.RollBack, run=each, text=TEXT)
            if each is None and state.holder is not None:  # what follows does not ask who of the two it was
                yield Move(f"roll back {words}", "owner", state, state.holder, args, state.now)
            else:
                yield Move(f"roll back {words}", "manager", state, BOSS, args, state.now, jobs)


def _after_all(state: State) -> Iterator[Move]:
    """What a rollback could not take back is taken back later, while its exception is open."""
    for change in state.changes:
        if state.phase.over or change.failed is None or change.failed in state.rollbacks:
            continue
        number = state.exception_count + 1
        trouble = ExceptionState(number, "not_undone", LAST_RESORT, state.now + MOMENT, owned=True, about=change.failed)
        before = but(
            state,
            exceptions={**state.exceptions, number: trouble},
            exception_count=number,
            not_undone={change.failed: (change.key,)},
        )
        late = made(cmd.SucceedUndo, rollback=change.failed, run=change.run, step=change.step, attempt=2)
        yield _message("a step is taken back after all", before, late)


def _message(label: str, state: State, args: cmd.Args) -> Move:
    """Of something long ago, or one of many under way: so this is no result of the decision before."""
    return Move(label, "world", state, _WORLD, args, state.now, kind="world")


def delivery_moves(contract: Contract, state: State) -> Iterator[Move]:
    """Any message that may be under way arrives, or reaches nobody, at any time, whoever it is to."""
    yield from _of_ownership(contract, state, _PHASES, _of_exceptions)
    answers = None if state.phase.over else accountable(state)
    offers = {offer.to: offer.id for offer in state.offers.values() if offer.purpose == "ladder"}
    unreached = [each.about for each in state.exceptions.values() if each.about]
    for person in unreached:
        args = made(cmd.Override, action="give", to=person, text=TEXT)
        label = "give it to the one who could not be reached"
        yield Move(label, "manager", state, BOSS, args, state.now, contract.override_jobs[:1])
    people = dict.fromkeys((answers or _ANYBODY, _ANYBODY, LAST_RESORT, *unreached))
    for to in people:
        for offer in dict.fromkeys((offers.get(to), None)):
            under_way = but(
                state, deliveries={1: Delivery(1, to, "offer", offer)}, delivery_count=max(1, state.delivery_count)
            )
            what = "the offer" if offer is not None else "a message"
            yield _message(f"{what} reaches its person", under_way, made(cmd.Deliver, delivery=1, channel="mail"))
            unheard = made(cmd.FailDelivery, delivery=1, why="no channel took it")
            yield _message(f"{what} reaches nobody", under_way, unheard)
            yield _message(f"{what} is not sent any more", under_way, made(cmd.FailDelivery, delivery=1, why="ended"))
    yield _message("a message arrives twice", but(state, deliveries={}), made(cmd.Deliver, delivery=1, channel="mail"))
    yield _message(
        "a message fails that had arrived", but(state, deliveries={}), made(cmd.FailDelivery, delivery=1, why="late")
    )


def _of_exceptions(move: Move) -> bool:
    return "exception" in move.label or move.label in ("add a task without a time", "finish a task")


def write_moves(contract: Contract, state: State) -> Iterator[Move]:
    """Writes to the ticket succeed and fail in any order; the ticket goes, comes back, and is changed by others."""
    phases = _PHASES if contract.drift.owner == "adopt" else _WITHOUT_HANDOFFS  # whom others name is handed it
    yield from _of_ownership(contract, state, phases, _of_writes)
    for number in state.writes:
        newest = "the newest write" if number == state.record_write else "an older write"
        yield _world(f"{newest} succeeds", state, made(cmd.WriteRecord, write=number))
        yield _world(f"{newest} fails", state, made(cmd.FailRecord, write=number, why="it failed"))
    stale = state.write_count + 100
    yield _world("a write succeeds twice", state, made(cmd.WriteRecord, write=stale))
    yield _world("a write fails that is over", state, made(cmd.FailRecord, write=stale, why="it failed"))
    if state.phase.over:
        return
    helpdesk: list[tuple[str, cmd.Args]] = [
        ("the ticket is gone", made(cmd.NoteGone)),
        ("the ticket is merged into one without", made(cmd.NoteMerged, into="T-2")),
        ("the ticket is merged into one with an escalation", made(cmd.NoteMerged, into="T-2", escalation="other")),
        ("another template matches", made(cmd.NoteOtherMatch, template="another", supersede=True)),
        ("another ticket has the same cause", made(cmd.NoteLinked, ticket="T-3")),
    ]
    if state.gone:
        helpdesk.append(("the ticket is back", made(cmd.NoteBack)))
    for label, args in helpdesk:
        yield Move(label, "helpdesk", state, HELPDESK, args, state.now, kind="world")
    yield from _drift(contract, state)


def _of_writes(move: Move) -> bool:
    return move.label == "deadline: record" or "exception" in move.label or "solved" in move.label


def _drift(contract: Contract, state: State) -> Iterator[Move]:
    if state.phase.over:
        return
    often = contract.limits.restores_at_most
    names = contract.record
    changes: list[tuple[str, dict[str, cmd.Scalar]]] = [
        ("somebody else is the owner in the helpdesk", {names.owner: NEW}),
        ("the owner is named again in the helpdesk", {names.owner: accountable(state)}),
        ("the state is changed in the helpdesk", {names.state: "other"}),
        ("a field of a step is changed in the helpdesk", {"field": "other"}),
    ]
    for label, fields in changes:
        for words, count in (("", 0), (" once more", often)):
            before = but(state, restored={"record": count, "field": count}, written={"field": "ours"}, handoffs=0)
            drift = made(cmd.NoteDrift, fields=fields)
            yield Move(f"{label}{words}", "helpdesk", before, HELPDESK, drift, state.now, kind="world")


def remedy_moves(contract: Contract, state: State) -> Iterator[Move]:
    """Somebody wants to end it while something is missing that is for somebody else to do."""

    def ends(move: Move) -> bool:
        proof = "proof" in move.label and not move.label.endswith("once more")  # a limit that knows of no remedy
        timely = not move.label.endswith("without a time")  # when a task is due is for exceptions alone
        end = proof or (move.args.type in _ENDS and timely) or move.args.type == "FinishTask"
        return move.label == "deadline: remedy" or (end and not (move.must_fail and state.exceptions))

    yield from _of_ownership(contract, state, _WITHOUT_HANDOFFS, ends)
    if state.phase in (Phase.ACCEPTED, Phase.RESOLVED) and state.holder is not None:
        code = contract.resolution_codes[0]
        missed = but(state, unreached=(NEW,))
        facts = made(
            cmd.TicketFacts, evidence=tuple(need.name for need in contract.evidence), record={}, open_tasks=(_TICKET,)
        )
        waits = but(state, tasks=(_TICKET,), assignees={_TICKET: NEW}, proven_tasks=1)
        for words, before in (("whom no message reached", missed), ("a task is open", waits)):
            resolve, close = made(cmd.Resolve, evidence={}, facts=facts), made(cmd.Close, code=code, facts=facts)
            for each in (resolve, close):
                yield Move(f"{each.type.lower()} although {words}", "owner", before, state.holder, each, state.now)
