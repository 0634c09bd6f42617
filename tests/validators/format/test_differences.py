"""A diff shows every change and no secret."""

from __future__ import annotations

import pytest

from validators.format.differences import unified_diff

BEFORE = b"""\
kind: Channels
url: https://bot:Sommer-2026@chat.corp.internal/x
b:   1
# the old password: Winter-1999
"""


@pytest.mark.parametrize("colour", [False, True])
def test_secrets_are_blacked_out_on_every_line(colour: bool) -> None:
    text = unified_diff("a.yaml", BEFORE, BEFORE.replace(b"b:   1", b"b: 1"), colour=colour)
    assert "-b:   1" in text
    assert "+b: 1" in text
    assert "Sommer-2026" not in text
    assert "Winter-1999" not in text
    assert "***@chat.corp.internal" in text


def test_a_change_of_a_secret_alone_is_still_a_change() -> None:
    text = unified_diff("a.yaml", BEFORE, BEFORE.replace(b"Sommer", b"Herbst"))
    assert [line for line in text.splitlines() if line[:1] in "+-"][2:] == [
        "-url: https://bot:***@chat.corp.internal/x",
        "+url: https://bot:***@chat.corp.internal/x",
    ]


def test_without_a_secret_nothing_is_changed() -> None:
    text = unified_diff("a.yaml", b"a:  1\r\nb: 2", b"a: 1\r\nb: 2")
    assert text.startswith("--- a/a.yaml\n+++ b/a.yaml\n@@ -1,2 +1,2 @@\n-a:  1\r\n+a: 1\r\n")
    assert "***" not in text
