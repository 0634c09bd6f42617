"""An explanation for people at a terminal: the verdict, the others, the ladder in local and universal time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from runner.contract.diagnostic import Location, printable
from runner.zones import zone
from validators.simulate.explain import Ask, Explanation

__all__ = ["explanation_text"]

Place = Callable[[Location | None], str]
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def explanation_text(name: str, found: Explanation, *, colour: bool) -> str:
    """The whole explanation of the ticket in the file `name`; ends with a line break."""

    def bold(text: str) -> str:
        return f"{_BOLD}{text}{_RESET}" if colour else text

    def place(at: Location | None) -> str:
        if at is None:
            return ""
        return f"  {_DIM}{at}{_RESET}" if colour else f"  {at}"

    verdict = found.verdict
    lines = [f"{printable(name)} at {_utc(found.at)}"]
    lines += [f"  note: {printable(notice)}" for notice in found.notices]
    head = bold(verdict.template or "no template") + f": {verdict.why}{place(verdict.place)}"
    lines += ["", head, "", "Why not the others:" if verdict.template else "What each template says:"]
    width = max((len(each.template) for each in found.others), default=0)
    lines += [f"  {each.template:<{width}}  {each.why}{place(each.place)}" for each in found.others]
    lines += ["", *_ladder(found, bold(_heading(found)), place)]
    return "\n".join(lines).rstrip() + "\n"


def _heading(found: Explanation) -> str:
    if found.opened_at is None:
        return "Nobody would be asked."
    if found.opened_at > found.at:
        return f"If nothing changes, time alone opens {found.opened} at {_utc(found.opened_at)}; if then nobody reacts:"
    return "If nobody reacts:"


def _ladder(found: Explanation, heading: str, place: Place) -> Iterator[str]:
    yield heading
    table = [_row(ask) for ask in found.asks]
    widths = [max((len(row[column]) for row in table), default=0) for column in range(5)]
    for ask, row in zip(found.asks, table, strict=True):
        cells = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield f"  {cells}{place(ask.place)}"
    if found.exhausted_at is not None:
        yield f"From {_utc(found.exhausted_at)} on it stays there, with reminders, until somebody accepts."
    if found.outcome_due is not None:
        counted = f", counted in {found.calendar}" if found.calendar else ""
        yield f"The outcome is due at {_utc(found.outcome_due)}{counted}."


def _row(ask: Ask) -> tuple[str, str, str, str, str]:
    theirs = zone(ask.zone) if ask.person else UTC
    local = f"{ask.at.astimezone(theirs):%a %H:%M:%S %Z}" if ask.person else ""
    until = f"until {ask.until.astimezone(theirs):%a %H:%M:%S %Z}" if ask.until else ""
    who = f"{ask.name}, {ask.rung}" if ask.person else f"nobody, {ask.rung}"
    return _utc(ask.at), local, who, until, ask.why


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %Y-%m-%d %H:%M:%S} UTC"
