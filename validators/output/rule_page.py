"""The page of a rule, for a terminal, for programs and as Markdown; and the list of all. Judges nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

from runner.contract.diagnostic import Severity
from runner.contract.rule import Rule

__all__ = ["page_data", "page_markdown", "page_text", "rules_markdown", "rules_text"]

_WIDTH: Final = 96
_FAMILIES: Final = (
    ("SUR0", "Reading a file"),
    ("SUR1", "Shape and files"),
    ("SUR2", "References"),
    ("SUR3", "Limits and structure"),
    ("SUR4", "Messages"),
    ("SUR5", "Ownership and the repository"),
    ("SUR6", "Scenarios"),
    ("SUR7", "Time"),
    ("SUR8", "Routing"),
    ("SUR9", "Handoff, exceptions, gates, close; waivers"),
)


def rules_text(rules: Iterable[Rule]) -> str:
    """One line a rule; ends with a line break."""
    every = list(rules)
    width = max(len(rule.name) for rule in every)
    return "".join(f"{rule.code}  {_sort(rule):<8}{rule.name:<{width}}  {rule.summary}\n" for rule in every)


def page_text(rule: Rule) -> str:
    """The page for a terminal; ends with a line break."""
    parts = [
        f"{rule.code} {rule.name}",
        _wrapped(rule.summary),
        _standing(rule),
        f"Why it matters\n{_wrapped(rule.why)}",
        f"Bad\n{_indented(rule.bad)}",
        f"Good\n{_indented(rule.good)}",
        f"How to fix it\n{_wrapped(rule.fix)}",
        f"How to waive it\n{_how_to_waive(rule)}",
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def page_data(rule: Rule) -> dict[str, Any]:
    """The page as plain JSON data."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "gate": rule.gate,
        "waivable": rule.waivable,
        "summary": rule.summary,
        "why": rule.why,
        "bad": rule.bad,
        "good": rule.good,
        "fix": rule.fix,
    }


def page_markdown(rule: Rule) -> str:
    """The page as a section of Markdown; ends with a line break."""
    parts = [
        f"### {rule.code} {rule.name}",
        f"{rule.summary} *{_standing(rule)}*",
        rule.why,
        f"Bad:\n\n```yaml\n{textwrap.dedent(rule.bad)}```",
        f"Good:\n\n```yaml\n{textwrap.dedent(rule.good)}```",
        f"How to fix it: {rule.fix}",
    ]
    return "\n\n".join(parts) + "\n"


def rules_markdown(rules: Iterable[Rule]) -> str:
    """Every page in one document, with a table of contents; ends with a line break."""
    return "\n".join(_document(list(rules))).rstrip() + "\n"


def _document(rules: list[Rule]) -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield "What `surety check` and `surety test` can find. A code never changes its meaning. A *gate rule* is one on"
    yield "which a runner refuses the revision; it cannot be waived or ignored. [check](check.md) says how others can"
    yield "be waived. `surety rule CODE` prints one of these pages."
    yield ""
    for start, family in _FAMILIES:
        if any(rule.code.startswith(start) for rule in rules):
            yield f"- {start}xx: [{family}](#{_anchor(family)})"
    for start, family in _FAMILIES:
        own = [rule for rule in rules if rule.code.startswith(start)]
        if own:
            yield from ("", f"## {family}", "")
            yield "\n".join(page_markdown(rule) for rule in own).rstrip()


def _anchor(heading: str) -> str:
    return "".join(ch for ch in heading.lower() if ch.isalnum() or ch in " -").replace(" ", "-")


def _sort(rule: Rule) -> str:
    return "gate" if rule.gate else rule.severity.value


def _standing(rule: Rule) -> str:
    if rule.gate:
        return "A gate rule: a runner refuses the revision."
    if rule.severity is Severity.UNKNOWN:
        return "No answer: neither good nor bad is shown, and `surety check` ends with 3."
    return f"A finding of the tool: {'an' if rule.severity.value[0] in 'aeiou' else 'a'} {rule.severity.value}."


def _how_to_waive(rule: Rule) -> str:
    if not rule.waivable:
        return _wrapped("It cannot be waived: a runner refuses on it." if rule.gate else "It cannot be waived.")
    return _indented(
        f"waivers:\n  - {{code: {rule.code}, at: /place/in/this/file, reason: Why it may stand., until: 2027-01-31}}\n"
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _indented(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text), "    ")
