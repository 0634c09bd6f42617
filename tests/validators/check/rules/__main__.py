"""Writes every `expected.txt` anew: `python -m tests.validators.check.rules`."""

from __future__ import annotations

from tests.validators.check.rules.cases import cases

for case in cases():
    case.golden.write_text(case.text(), encoding="utf-8")
print(f"{len(cases())} files written")
