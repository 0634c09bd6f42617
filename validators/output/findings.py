"""Findings for people at a terminal: each with the line it is about, and one line that sums up."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runner.contract.diagnostic import Diagnostic, Severity, render_text, split_lines
from runner.contract.documents import POLICY_KINDS, Documents, Files
from runner.contract.secret_text import blacked_out, secrets_in, text_of

__all__ = ["counted", "counts", "findings_text", "line_reader", "verdict_words"]


def line_reader(files: Files) -> Callable[[str, int], str | None]:
    """Gives a line of a file of a revision, counted from 1, with secrets blacked out; None if it cannot be had."""
    kept: dict[str, list[str]] = {}

    def read(path: str, line: int) -> str | None:
        if path not in kept:
            try:
                data = files.read(path)
                kept[path] = split_lines(blacked_out(text_of(data), secrets_in(data)))
            except Exception:  # noqa: BLE001 - an excerpt is never worth a failure
                kept[path] = []
        lines = kept[path]
        return lines[line - 1] if 0 < line <= len(lines) else None

    return read


def findings_text(findings: Iterable[Diagnostic], files: Files, *, colour: bool) -> str:
    """Findings, each with its line; ends with an empty line unless there are none."""
    text = render_text(findings, line_reader(files), colour=colour)
    return f"{text}\n" if text else ""


def counts(documents: Documents) -> dict[str, int]:
    """How many documents of each sort were looked at."""
    return {
        "templates": len(documents.all("Template")),
        "blocks": len(documents.all("Block")),
        "policies": sum(len(documents.all(kind)) for kind in POLICY_KINDS),
        "scenarios": len(documents.all("Scenario")),
    }


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`; nouns in `-y` become `-ies`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def verdict_words(documents: Documents, findings: Iterable[Diagnostic]) -> str:
    """`4 templates, 6 blocks, 12 policies, 23 scenarios: clean`."""
    looked_at = counts(documents)
    parts = ", ".join(
        counted(looked_at[key], noun)
        for key, noun in (
            ("templates", "template"), ("blocks", "block"), ("policies", "policy"), ("scenarios", "scenario"),
        )
    )  # fmt: skip
    severities = [each.severity for each in findings]
    found = ", ".join(
        counted(severities.count(severity), noun)
        for severity, noun in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "remark"))
        if severity in severities
    )
    return f"{parts}: {found or 'clean'}"
