"""Verdicts for people and programs: proved, violated with the shortest story, or unknown with what stopped it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from runner.contract.values import format_duration
from validators.output.annotation import workflow_line
from validators.output.as_json import envelope
from validators.output.compared import compared_lines, compared_plain, compared_words
from validators.output.markdown import fenced, words
from validators.verify import NAMES, Result, Verdict, Violation
from validators.verify.environment import BOUNDS, COMMANDS, FAULTS, described, in_short
from validators.verify.part_words import part_words
from validators.verify.verdict import NO_PART, TIMES

if TYPE_CHECKING:
    from validators.verify.compare import Comparison

__all__ = ["verdicts_github", "verdicts_json", "verdicts_markdown", "verdicts_text", "verdicts_words"]

_SHOWN: Final = 60  # scenes of a story in text; a longer one is no story any more


def verdicts_text(
    verdicts: Sequence[Verdict],
    label: str,
    compared: Sequence[Comparison] = (),
    *,
    times: bool = True,
    only: Sequence[str] = (),
) -> str:
    """Everything, for a terminal."""
    del label
    lines: list[str] = []
    for verdict in verdicts:
        lines += [_headline(verdict, times=times), *_bounds(verdict)]
        lines += [f"  {reason}" for reason in _reasons(verdict)]
        for violation in verdict.violations:
            lines += ["", *_violation(violation)]
        lines.append("")
    for comparison in compared:
        lines += [*compared_lines(comparison), ""]
    lines += _environment(only)
    return "\n".join(lines) + "\n"


def _headline(verdict: Verdict, *, times: bool) -> str:
    said = verdict.result.value.upper()
    took = f" in {verdict.seconds:.1f} s" if times else ""
    counted = f"{verdict.states:,} states, {verdict.transitions:,} transitions{took}"
    return f"{verdict.template}: {said} ({counted}; {in_short()})"


def _bounds(verdict: Verdict) -> Iterator[str]:
    for bound in verdict.bounds:
        found = "need not come at all" if bound.seconds is None else format_duration(bound.seconds)
        limit = f", {format_duration(bound.limit)} allowed" if bound.limit is not None else ""
        yield f"  longest time {bound.words}: {found}{limit} (opened {bound.start:%Y-%m-%d %H:%M} UTC)"


def _reasons(verdict: Verdict) -> Iterator[str]:
    """Why nothing is known: parts that stopped at the same limit on one line, and what could not be decided."""
    limits: dict[str, list[str]] = {}
    for each in verdict.explored:
        if each.limit:
            limits.setdefault(each.limit, []).append(each.name)
    stopped = {f"{each.name}: {each.limit}" for each in verdict.explored}
    for limit, parts in limits.items():
        more = "--limit-states" if limit.endswith("states") else "--time"
        yield f"stopped at a limit ({limit}; `{more}` allows more): {part_words(*parts)}"
    yield from (f"not decided: {reason}" for reason in verdict.reasons if reason not in stopped)


def _violation(violation: Violation) -> Iterator[str]:
    yield f"  does not hold: {NAMES.get(violation.name, violation.title or violation.name)} [{violation.name}]"
    yield f"    {violation.words}"
    if violation.story.scenes:
        which = "course that takes longest" if violation.part == TIMES else "shortest course that shows it"
        yield f"  the {which} ({part_words(violation.part)}):"
    for number, scene in enumerate(violation.story.scenes[:_SHOWN], start=1):
        world = f" ({'; '.join(scene.world)})" if scene.world else ""
        yield f"    {number}. {scene.what}{world}"
        for follows in scene.follows:
            yield f"         {follows}"
    if violation.loosely:
        yield "  with the real times other deadlines pass in between, as the scenario of --write-scenario shows"
    yield from _elsewhere(violation)


def _elsewhere(violation: Violation) -> Iterator[str]:
    """What else shows it: the other parts in which the same was found, and what was found otherwise."""
    found: dict[str, list[str]] = {}
    for part, what in violation.also:
        found.setdefault(what, []).append(part)
    for what, parts in found.items():
        if NO_PART in parts:
            yield f"    {what}"
        else:
            yield f"  also in: {part_words(*parts)}{f': {what}' if what != violation.words else ''}"


def _environment(only: Sequence[str]) -> Iterator[str]:
    if only:
        yield f"Only looked at: {', '.join(only)}. Of the other properties nothing is said."
    yield "Explored: all commands of " + ", ".join(COMMANDS) + "."
    yield "Faults: " + "; ".join(FAULTS) + "."
    yield "Bounds: " + "; ".join(BOUNDS) + "."


def verdicts_words(verdicts: Sequence[Verdict]) -> str:
    """`4 templates: 3 proved, 1 violated`."""
    results = [verdict.result for verdict in verdicts]
    counts = [f"{results.count(each)} {each.value}" for each in Result if each in results]
    return f"{len(verdicts)} template{'s' * (len(verdicts) != 1)}: {', '.join(counts) or 'nothing was proven'}"


def verdicts_json(
    verdicts: Sequence[Verdict], label: str, compared: Sequence[Comparison] = (), *, only: Sequence[str] = ()
) -> str:
    """One JSON document."""
    results = [verdict.result for verdict in verdicts]
    summary: dict[str, Any] = {
        "revision": label,
        "only": list(only),
        **{each.value: results.count(each) for each in Result},
    }
    findings = [
        {
            "template": verdict.template,
            "property": each.name,
            "message": each.words,
            "part": each.part,
            "story": each.story,
            "also": [{"part": part, "message": words} for part, words in each.also],
        }
        for verdict in verdicts
        for each in verdict.violations
    ]
    told = [
        {
            "template": verdict.template,
            "digest": verdict.digest,
            "result": verdict.result.value,
            "states": verdict.states,
            "transitions": verdict.transitions,
            "seconds": round(verdict.seconds, 3),
            "parts": verdict.explored,
            "bounds": verdict.bounds,
            "reasons": verdict.reasons,
        }
        for verdict in verdicts
    ]
    return envelope(
        "verify",
        summary,
        findings,
        verdicts=told,
        compared=[compared_plain(each) for each in compared],
        environment=described(),
    )


def verdicts_markdown(
    verdicts: Sequence[Verdict], label: str, compared: Sequence[Comparison] = (), *, only: Sequence[str] = ()
) -> str:
    """For a pull request."""
    lines = [f"### surety verify: {words(verdicts_words(verdicts))}", "", f"Revision {words(label)}.", ""]
    lines += [
        "| Template | Verdict | States | Transitions | Longest time until the manager knows |",
        "|---|---|---|---|---|",
    ]
    for verdict in verdicts:
        knows = next((b for b in verdict.bounds if b.name == "manager-knows"), None)
        time = "" if knows is None else "never" if knows.seconds is None else format_duration(knows.seconds)
        row = (
            words(verdict.template),
            verdict.result.value.upper(),
            f"{verdict.states:,}",
            f"{verdict.transitions:,}",
            time,
        )
        lines.append(f"| {' | '.join(row)} |")
    for verdict in verdicts:
        for each in verdict.violations:
            lines += ["", f"**{words(verdict.template)}**", "", fenced("\n".join(_violation(each))).rstrip()]
        lines += [f"\n{words(verdict.template)}: {words(reason)}" for reason in _reasons(verdict)]
    for comparison in compared:
        lines += ["", f"**{words(comparison.template)}**: {words(compared_words(comparison))}"]
        lines += ["", fenced("\n".join(compared_lines(comparison))).rstrip()]
    return "\n".join([*lines, "", *(words(line) for line in _environment(only))]) + "\n"


def verdicts_github(
    verdicts: Sequence[Verdict], label: str, compared: Sequence[Comparison] = (), *, only: Sequence[str] = ()
) -> str:
    """Annotations of a GitHub workflow."""
    del label
    lines = []
    for verdict in verdicts:
        file = f"templates/{verdict.template}/template.yaml"
        for each in verdict.violations:
            title = f"{verdict.template}: {each.name}"
            story = "\n".join(line.removeprefix("  ") for line in _violation(each))
            lines.append(workflow_line("error", story, {"file": file, "title": title}))
        unknown = {"file": file, "title": f"{verdict.template}: unknown"}
        lines += [workflow_line("error", reason, unknown) for reason in _reasons(verdict)]
    for comparison in compared:
        name, sort = comparison.template, "error" if comparison.result == "unknown" else "notice"
        where = {} if comparison.only == "before" else {"file": f"templates/{name}/template.yaml"}
        story = "\n".join(compared_lines(comparison))
        lines.append(workflow_line(sort, story, {**where, "title": f"{name}: {comparison.result}"}))
    looked = (f"Only looked at: {', '.join(only)}.",) if only else ()
    return "\n".join([*lines, *looked, verdicts_words(verdicts)]) + "\n"
