"""The random walks see everything that there is to be seen, except what cannot come about, for a reason each."""

from __future__ import annotations

from tests.runner.engine.alphabet import everything, seen_in
from tests.runner.engine.walks import Walk

WALKS = 400
"""More than twice as many as were ever needed; most often a third is enough."""
NEVER: dict[str, str] = {
    "message:exhausted": "whoever is exhausted to is told by the offer",
}
"""What no walk sees, and why not."""


def test_walks_see_the_whole_alphabet() -> None:
    left = everything() - NEVER.keys()
    for number in range(WALKS):
        left -= seen_in(Walk(number).take())
        if not left:
            break
    assert not left, f"never seen: {sorted(left)}"


def test_what_is_left_out_is_there() -> None:
    assert everything() >= NEVER.keys()
