"""Service hours: when people may be asked. Outside them the ladder stands still; decides nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from runner.contract.contract import BoxOf
from runner.engine.calendars import NEVER
from runner.engine.draft import Draft
from runner.engine.events import made

__all__ = ["ends_in_hours", "opens_at"]

_MOMENT = timedelta(seconds=1)


def opens_at(draft: Draft) -> datetime | None:
    """The instant at which people may be asked again; None if they may be now, or if the hours never come."""
    calendar = draft.contract.hours
    if calendar is None:
        return None
    whole = draft.now.replace(microsecond=0)
    opening = draft.world.add_time(draft.contract, whole, made(BoxOf, seconds=1, calendar=calendar)) - _MOMENT
    return opening if draft.now < opening < NEVER - _MOMENT else None


def ends_in_hours(draft: Draft, box: BoxOf) -> datetime:
    """When a timebox ends that begins as soon as people may be asked."""
    return draft.world.add_time(draft.contract, opens_at(draft) or draft.now, box)
