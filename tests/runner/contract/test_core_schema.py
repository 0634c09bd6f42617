"""What plain scalars mean in YAML 1.2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.contract.core_schema import BOOL, FLOAT, INT, NULL, STR, NumberOutOfRange, resolve


@pytest.mark.parametrize(
    ("raw", "tag", "value"),
    [
        ("", NULL, None),
        ("~", NULL, None),
        ("null", NULL, None),
        ("Null", NULL, None),
        ("NULL", NULL, None),
        ("true", BOOL, True),
        ("True", BOOL, True),
        ("TRUE", BOOL, True),
        ("false", BOOL, False),
        ("False", BOOL, False),
        ("FALSE", BOOL, False),
        ("0", INT, 0),
        ("-0", INT, 0),
        ("+12", INT, 12),
        ("-7", INT, -7),
        ("017", INT, 17),
        ("0x1F", INT, 31),
        ("9223372036854775807", INT, 2**63 - 1),
        ("-9223372036854775807", INT, -(2**63 - 1)),
        ("0" * 5_000 + "1", INT, 1),
        ("1.5", FLOAT, 1.5),
        ("1.", FLOAT, 1.0),
        ("-.5", FLOAT, -0.5),
        ("1e3", FLOAT, 1000.0),
        ("1E-2", FLOAT, 0.01),
    ],
)
def test_the_core_schema(raw: str, tag: str, value: object) -> None:
    found_tag, found = resolve(raw)
    assert found_tag == tag
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "raw",
    [
        *("yes", "no", "on", "off", "y", "n", "Yes", "NO", "On"),
        *("0o17", "0b1", "1_000", "1:30", "190:20:30", "0x", "0xg", "-0x1", "+0x1"),
        *("2026-11-21", "2026-11-21T18:00:00Z", "15m", "2h", "1.2.3", "10.0.0.1"),
        *("nULL", "tRUE", "nil", "none", "inf", "nan", "NaN", ".", "-", "+", "e3", ".e3", "1e", "--1", "+.", "<<", "="),
        *("١٢", "1\u00a0", "½"),
    ],
)
def test_everything_else_is_text(raw: str) -> None:
    assert resolve(raw) == (STR, raw)


@pytest.mark.parametrize(
    "raw",
    [
        *(".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN"),
        *("1e999", "-1e999", "9223372036854775808", "-9223372036854775808", "0x8000000000000000"),
        pytest.param("9" * 100_000, id="many decimal digits"),
        pytest.param("0x" + "f" * 100_000, id="many hexadecimal digits"),
    ],
)
def test_a_number_that_cannot_be_held_is_refused(raw: str) -> None:
    with pytest.raises(NumberOutOfRange):
        resolve(raw)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_integers_come_back(number: int) -> None:
    assert resolve(str(number)) == (INT, number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back(number: float) -> None:
    assert resolve(repr(number)) == (FLOAT, number)


@given(st.text())
def test_any_text_has_a_meaning_or_is_refused(raw: str) -> None:
    try:
        tag, value = resolve(raw)
    except NumberOutOfRange:
        return
    assert (tag == STR) == isinstance(value, str)
