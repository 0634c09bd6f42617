"""Time zones from the locked `tzdata` package, never from the machine, so that every machine decides alike.

The version in use is stamped into every decision row. No clock is read here.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

__all__ = ["UnknownZoneError", "tzdata_version", "zone", "zone_names"]


class UnknownZoneError(LookupError):
    """There is no such zone in the time zone database."""


@cache
def zone(name: str) -> ZoneInfo:
    """The zone by its IANA name; raises UnknownZoneError."""
    if name not in zone_names():
        raise UnknownZoneError(name)
    path = resources.files("tzdata.zoneinfo")
    for part in name.split("/"):
        path = path.joinpath(part)
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def zone_names() -> frozenset[str]:
    """All names of the database."""
    text = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def tzdata_version() -> str:
    """The database's own version, e.g. `2025b`."""
    import tzdata

    return str(tzdata.IANA_VERSION)
