"""`surety check` as a whole process over many templates, against `check-jsonschema` with a schema alone on the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from runner.contract.schema import schema_of
from tests.bench.many import write_repository
from tests.bench.measuring import Figure, interleaved, process_seconds

__all__ = ["figures"]

_COLD, _WARM = 1.5, 0.4
_LINEAR = 1.2  # ten times the files may take so much more than ten times the time: a bigger heap is a slower one
_SOME, _MANY = 1_000, 10_000
_IGNORED = ("--ignore", "SUR501", "--ignore", "SUR505", "--ignore", "SUR924")
"""Nothing tries these templates, and nobody says what they rely on: either would make them much larger."""


def figures(folder: Path, rounds: int, some: int = _SOME, many: int = _MANY) -> list[Figure]:
    """Cold and warm with `some` templates, and cold with `many`, in folders made below `folder`."""
    repository = write_repository(folder / "some", some)
    schema = folder / "Template.json"
    schema.write_text(json.dumps(schema_of("Template")), encoding="utf-8")
    templates = sorted(map(str, (repository / "templates").glob("*/template.yaml")))
    cold, against = interleaved(
        lambda: _check(repository, "--no-cache"),
        lambda: process_seconds("check-jsonschema", "--schemafile", str(schema), *templates),
        rounds,
    )
    cache = {"SURETY_CACHE_DIR": str(folder / "cache")}
    _check(repository, **cache)
    warm, again = interleaved(lambda: _check(repository, **cache), lambda: _check(repository, "--no-cache"), rounds)
    larger = write_repository(folder / "many", many)
    long, short = interleaved(lambda: _check(larger, "--no-cache"), lambda: _check(repository, "--no-cache"), 1)
    shutil.rmtree(larger)
    times = many / some
    return [
        Figure(
            f"surety check, {some:,} templates", cold, against, "check-jsonschema with a schema alone", "s",
            "1.5 s and 1.0", cold <= _COLD and cold <= against,
        ),
        Figure("the same again, nothing changed", warm, again, "without the cache", "s", "0.4 s", warm <= _WARM),
        Figure(
            f"surety check, {many:,} templates", long, short * times, f"{times:g} times that of {some:,}", "s",
            f"{_LINEAR}", long <= _LINEAR * short * times,
        ),
    ]  # fmt: skip


def _check(repository: Path, *more: str, **environment: str) -> float:
    return process_seconds("surety", "check", "--repo", str(repository), *_IGNORED, *more, **environment)
