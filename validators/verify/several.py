"""Verdicts on several contracts, in processes of their own where that is quicker, in the order of the contracts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from runner.contract.contract import Contract
from runner.contract.property import Property
from validators.verify.verdict import Verdict, verify

__all__ = ["Request", "verdicts"]


@dataclass(frozen=True, slots=True)
class Request:
    """How contracts are to be verified; see `verify`."""

    states: int
    seconds: float
    only: tuple[str, ...]
    silence_at_most: int | None
    clock: Callable[[], float]
    own: Mapping[str, tuple[Property, ...]] = field(default_factory=dict)
    """By template its own properties."""


def verdicts(contracts: Sequence[Contract], request: Request, jobs: int) -> Iterator[Verdict]:
    """One verdict for each contract."""
    if min(jobs, len(contracts)) <= 1:
        yield from (_one(contract.canonical, request) for contract in contracts)
        return
    with ProcessPoolExecutor(min(jobs, len(contracts))) as pool:
        waiting = [pool.submit(_one, contract.canonical, request) for contract in contracts]
        for each in waiting:
            yield each.result()


def _one(data: bytes, request: Request) -> Verdict:
    only: Collection[str] = request.only
    contract = Contract.load(data)
    return verify(
        contract,
        clock=request.clock,
        states=request.states,
        seconds=request.seconds,
        only=only,
        silence_at_most=request.silence_at_most,
        own=request.own.get(contract.name, ()),
    )
