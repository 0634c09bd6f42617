"""Public holidays by country, from the holidays library, which is imported on first use. Knows no company days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from runner.contract.diagnostic import nearest

if TYPE_CHECKING:
    from holidays import HolidayBase

__all__ = ["UnknownPlaceError", "public_holidays"]

_LANGUAGE = "en_US"
_LETTERS = 2  # of a country's code


class UnknownPlaceError(LookupError):
    """There are no holidays for this country, or it has no such subdivision; the help says what there is."""

    def __init__(self, message: str, advice: str, *, subdivision: bool) -> None:
        super().__init__(message)
        self.advice = advice
        self.subdivision = subdivision


@lru_cache(maxsize=64)
def public_holidays(
    country: str, subdivision: str | None, first_year: int, last_year: int
) -> Mapping[date, tuple[str, ...]]:
    """The public holidays of some whole years, by date, each with its names: English where the library has them.

    Without a subdivision, those of the whole country. What the library adds for a holiday on a weekend is among them.
    Raises UnknownPlaceError.
    """
    from holidays.registry import COUNTRIES  # names only; to ask the library which it has loads all of them, 0.1 s

    if country not in {code for _, *codes in COUNTRIES.values() for code in codes if len(code) == _LETTERS}:
        raise UnknownPlaceError(f"there are no holidays for a country `{country}`", _hint(country), subdivision=False)
    kind = _kind(country)
    places = (*kind.subdivisions, *kind.subdivisions_aliases)
    if subdivision is not None and subdivision not in places:
        near = nearest(subdivision, places)
        known = f"known: {', '.join(kind.subdivisions)}" if kind.subdivisions else "it has none; remove the key"
        raise UnknownPlaceError(
            f"`{country}` has no subdivision `{subdivision}` with holidays of its own",
            f"did you mean `{near}`? {known}" if near else known,
            subdivision=True,
        )
    days = kind(
        subdiv=subdivision,
        years=range(first_year - 1, last_year + 2),  # a holiday may be observed in the year before or after its own
        language=_LANGUAGE if _LANGUAGE in kind.supported_languages else None,
    )
    inside = {day: tuple(days.get_list(day)) for day in sorted(days) if first_year <= day.year <= last_year}
    return MappingProxyType(inside)


def _kind(country: str) -> type[HolidayBase]:
    """What the library calls this country. Its module alone is loaded: the library would load those of all, 0.06 s."""
    import holidays
    from holidays.registry import COUNTRIES

    module = next(module for module, (_, *codes) in COUNTRIES.items() if country in codes)
    file = Path(holidays.__file__).with_name("countries") / f"{module}.py"
    spec = spec_from_file_location(f"holidays.countries.{module}", file) if file.is_file() else None
    if spec is None or spec.loader is None:  # installed in another form
        return type(holidays.country_holidays(country))
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    kind: type[HolidayBase] = getattr(loaded, country)
    return kind


def _hint(country: str) -> str:
    """The code that was meant, by code or by the country's name."""
    from holidays.registry import COUNTRIES

    names = {name: code for name, code, *_ in COUNTRIES.values()}
    by_name = nearest("".join(country.split()), names)
    near = names[by_name] if by_name else nearest(country.upper(), names.values())
    hint = f"did you mean `{near}`? " if near else ""
    return f"{hint}write the two letters of a country, as in DE or US"
