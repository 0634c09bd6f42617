"""One byte form: the quick encoder of records and the one of the standard library say the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from runner.contract.canonical import canonical, canonical_encoder
from runner.contract.values import format_instant
from runner.engine.commands import SucceedStep

texts = st.text(st.characters(codec="utf-8"))
plain_floats = st.floats(min_value=1e-4, max_value=1e15, allow_subnormal=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | plain_floats | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_records_have_the_canonical_bytes(value: object) -> None:
    assert canonical_encoder()(value) == canonical(value)


def test_a_number_beyond_64_bits_is_written_out() -> None:
    assert canonical_encoder()({"n": 2**70}) == b'{"n":1180591620717411303424}'


def test_what_json_has_not_is_asked_for() -> None:
    class Inner(BaseModel):
        b: int = 2
        a: datetime = datetime(2026, 3, 3, 9, tzinfo=UTC)

    def plain(value: object) -> object:
        return format_instant(value) if isinstance(value, datetime) else vars(value)

    assert canonical_encoder(plain)([Inner()]) == b'[{"a":"2026-03-03T09:00:00.000000Z","b":2}]'
    with pytest.raises(TypeError):
        canonical_encoder()(object())


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_gets_into_no_record(number: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        SucceedStep(run="open#1", step=0, attempt=1, result={"amount": number})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"amount": number})
