"""A file that many tests share is parsed once: parsing is pure, its nodes never change, and it takes most of a test."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from runner.contract.source import load


@pytest.fixture(autouse=True, scope="package")
def _parse_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runner.contract.source.load", cache(load))
        yield
