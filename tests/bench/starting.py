"""Start-up: whole processes of the tool, as CI and a shell see them, against `check-jsonschema --version`."""

from __future__ import annotations

from runner.revision import bundled_data
from tests.bench.measuring import Figure, interleaved, process_seconds

__all__ = ["figures"]

_VERSION_BUDGET, _CHECK_BUDGET = 0.15, 0.6
_REFERENCE = "check-jsonschema --version"


def figures(rounds: int) -> list[Figure]:
    """`surety --version`, and `surety check` on the shipped repository."""
    root = bundled_data()
    files = sum(1 for part in ("policies", "templates") for _ in (root / part).rglob("*.yaml"))
    version, against = interleaved(lambda: process_seconds("surety", "--version"), _reference, rounds)
    check, beside = interleaved(
        lambda: process_seconds("surety", "check", "--no-cache", "--repo", str(root)), _reference, rounds
    )
    return [
        Figure("surety --version", version, against, _REFERENCE, "s", "0.15 s", version <= _VERSION_BUDGET),
        Figure(f"surety check, {files} files", check, beside, _REFERENCE, "s", "0.6 s", check <= _CHECK_BUDGET),
    ]


def _reference() -> float:
    return process_seconds("check-jsonschema", "--version")
