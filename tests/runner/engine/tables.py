"""Tables of decisions: from where, which command, by whom, when, and what follows or why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest

from runner.engine import commands as cmd
from runner.engine.reasons import RejectReason
from runner.engine.replay import Verdict
from tests.runner.engine.worlds import MACHINE, Given, Life


@dataclass(frozen=True)
class Refused:
    """Refused, and yet something follows: others are asked for what is missing."""

    reason: RejectReason
    story: Sequence[str]


Expected = Sequence[str] | RejectReason | Refused


@dataclass(frozen=True)
class Row:
    """One line of a table. `command` may need the life, for facts as the ticket has them."""

    word: str
    given: Given
    command: cmd.Args | Callable[[Life], cmd.Args]
    when: datetime
    expected: Expected
    by: str = MACHINE
    jobs: tuple[str, ...] = ()


def table(*rows: Row) -> pytest.MarkDecorator:
    """The rows as cases, named by their words."""
    words = [row.word for row in rows]
    assert len(set(words)) == len(words), "two rows of one word"
    return pytest.mark.parametrize("row", rows, ids=words)


def play(row: Row) -> Life:
    """Do what the row says, compare, and decide the whole life again from its rows."""
    life = row.given()
    life.now = row.when
    args = row.command(life) if callable(row.command) else row.command
    before, rows = life.state, len(life.rows)
    outcome = life.do(args, row.by, jobs=row.jobs)
    if isinstance(row.expected, RejectReason):
        assert outcome.rejected is row.expected, outcome.story or outcome.detail
        assert outcome.detail
        assert life.state is before
        assert len(life.rows) == rows + (row.by != MACHINE)
    elif isinstance(row.expected, Refused):
        assert (outcome.rejected, outcome.story) == (row.expected.reason, list(row.expected.story))
        assert outcome.detail
    else:
        assert outcome.rejected is None, outcome.detail
        assert outcome.story == list(row.expected)
    assert life.replay().verdict is Verdict.IDENTICAL
    return life
