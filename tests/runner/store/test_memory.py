from __future__ import annotations

import pytest

from runner.store import Store
from runner.store.memory import MemoryStore
from tests.runner.store.contract_suite import DecisionSuite, EmptyStoreSuite, QueueSuite


@pytest.fixture
def store() -> Store:
    return MemoryStore()


class TestEmpty(EmptyStoreSuite):
    pass


class TestDecisions(DecisionSuite):
    pass


class TestQueues(QueueSuite):
    pass


def test_it_says_that_nothing_survives(store: Store) -> None:
    assert "nothing survives" in store.notices[0]
