"""One cause, one finding: what only repeats another finding is left out while that one counts. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from runner.contract.diagnostic import Diagnostic
from validators.check.subject import Subject

__all__ = ["without_echoes"]


class _Echo(NamedTuple):
    """A finding of `code` repeats one of `of` in the same file: at the same place, or if it stands at `pointer`."""

    code: str
    of: str
    pointer: str | None


_ECHOES: Final = (
    _Echo("SUR701", "SUR702", None),  # one timebox is too long for the priority and for the manager
    _Echo("SUR911", "SUR901", "/runbook/exception"),  # steps for exceptions, of which there are none
)


def without_echoes(subject: Subject, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings without those that repeat another one. One that is waived, or was not asked for, hides nothing."""
    found = list(findings)
    leading = {echo.of for echo in _ECHOES}
    leaders = [each for each in found if each.code in leading and not _is_waived(subject, each)]
    if not leaders:
        return found
    said: set[tuple[str, str, str | None]] = set()
    for each in leaders:
        said |= {(each.code, _file(each), each.pointer), (each.code, _file(each), None)}
    return [each for each in found if not any(_repeats(each, echo, said) for echo in _ECHOES)]


def _repeats(found: Diagnostic, echo: _Echo, said: set[tuple[str, str, str | None]]) -> bool:
    if found.code != echo.code or echo.pointer not in (None, found.pointer):
        return False
    return (echo.of, _file(found), found.pointer if echo.pointer is None else None) in said


def _is_waived(subject: Subject, found: Diagnostic) -> bool:
    return any(
        document.path == _file(found) and waiver.last_day >= subject.today and waiver.covers(found.code, found.pointer)
        for document, _, waiver in subject.waivers
    )


def _file(found: Diagnostic) -> str:
    return found.location.file if found.location is not None else ""
