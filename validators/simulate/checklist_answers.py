"""The checklist's answers of an act, as commands carry them; what is not given is answered as the item wants it."""

from __future__ import annotations

from runner.contract.canonical import digest_of
from runner.contract.contract import CheckOf, Contract
from runner.contract.local_time import LocalTimes
from runner.contract.scenario import Act
from runner.contract.values import format_instant
from runner.engine.commands import Scalar

__all__ = ["checklist_answers", "texts_of"]


def checklist_answers(act: Act, contract: Contract, times: LocalTimes) -> dict[str, Scalar]:
    """By item. Texts and evidence become digests, local times instants; what fits no item is handed on as it is."""
    checks = {check.name: check for check in contract.checklist}
    if act.answers is None:
        return {name: _proper(check, act, times) for name, check in checks.items()}
    return {name: _given(checks.get(name), answer, times) for name, answer in act.answers.items()}


def texts_of(act: Act, contract: Contract) -> dict[str, str]:
    """The texts among the answers, by the digest that stands for each."""
    given = act.answers if act.answers is not None else {check.name: check.name for check in contract.checklist}
    return {digest_of(text.encode()): text for text in given.values() if isinstance(text, str)}


def _proper(check: CheckOf, act: Act, times: LocalTimes) -> Scalar:
    match check.answer:
        case "yes":
            return True
        case "number":
            return 0
        case "choice":
            return check.values[0]
        case "instant":
            return format_instant(times.instant(act.at))
        case _:
            return digest_of(check.name.encode())


def _given(check: CheckOf | None, answer: bool | float | str, times: LocalTimes) -> Scalar:  # noqa: FBT001 - any answer
    if check is None or not isinstance(answer, str):
        return answer
    if check.answer in ("text", "evidence"):
        return digest_of(answer.encode())
    if check.answer == "instant":
        try:
            return times.value(answer)
        except ValueError:
            return answer
    return answer
