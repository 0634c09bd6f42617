"""In whose time zone the text of a step tells times."""

from __future__ import annotations

import pytest

from runner.engine.briefing import whose_time


@pytest.mark.parametrize(
    ("who", "accountable", "expected"),
    [
        ("ann", "ben", "ann"),
        (None, "ben", "ben"),
        ("gone", "ben", "ben"),
        (None, None, None),
        ("gone", "gone", None),
    ],
    ids=["whom it is for", "a room or a note", "who is not there any more", "nobody", "nobody who is there"],
)
def test_times_are_told_as_whoever_is_meant_sees_them(who: str | None, accountable: str | None, expected: str) -> None:
    assert whose_time({"who": who, "accountable": accountable}, {"ann", "ben"}) == expected
