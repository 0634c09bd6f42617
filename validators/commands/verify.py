"""`surety verify`: explores every reachable state of templates, and proves the guarantees or shows what breaks them."""

from __future__ import annotations

import fnmatch
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from validators.commands.endings import CLEAN, FINDINGS, UNKNOWN, NoAnswer, Trouble, end
from validators.commands.reading import load, refuse_invalid, revision_options
from validators.commands.written import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.contract.contract import Contract
    from runner.contract.load import Loaded, Revision
    from runner.contract.property import Property
    from runner.revision import Tree
    from validators.verify import Verdict
    from validators.verify.compare import Comparison
    from validators.verify.several import Request

__all__ = ["own_of", "verify"]

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


@click.command()
@click.argument("templates", nargs=-1, metavar="[TEMPLATES]...")
@revision_options("text", "json", "markdown", "github")
@click.option("--property", "properties", multiple=True, metavar="NAME", help="Only this property; may be given again.")
@click.option(
    "--limit-states",
    type=click.IntRange(1),
    default=2_000_000,
    metavar="N",
    help="Give up a part of a template beyond so many states.",
)
@click.option(
    "--time", "time", default="60s", metavar="TIME", help="Give up a template after this time, such as 60s or 5m."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=2, help="So many parts of a template at a time.")
@click.option("--no-cache", is_flag=True, help="Prove afresh what was proven before.")
@click.option(
    "--base", metavar="REV", help="Say how each template differs from this commit: course and worst-case times."
)
@click.option(
    "--write-scenario",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the first course that shows a violation as a scenario, which fails until it is mended.",
)
def verify(  # noqa: PLR0917 - one for each option
    templates: tuple[str, ...],
    repo: Path | None,
    rev: str | None,
    form: str,
    properties: tuple[str, ...],
    limit_states: int,
    time: str,
    jobs: int,
    no_cache: bool,
    base: str | None,
    write_scenario: Path | None,
) -> None:
    """Prove that templates keep every guarantee, or show the shortest course in which one does not.

    Every state that can be reached is explored by the engine that the service runs. Exit code 3 means that a limit was
    reached, so that nothing is known.
    """
    from runner.clock import RealClocks
    from validators.output import verdicts as output
    from validators.verify import NAMES
    from validators.verify.several import Request

    tree, loaded = load(repo, rev, scenarios=False)  # a proof needs none, and there may be many
    revision = loaded.revision
    if revision is None:
        refuse_invalid(*load(repo, rev), form, "verify")
    own = _own(tree, loaded, form)
    names = [*NAMES, *(each.name for claims in own.values() for each in claims)]
    unknown = [name for name in properties if name not in names]
    if unknown:
        raise Trouble(f"there is no property `{unknown[0]}`", f"Properties: {', '.join(names)}.")
    before = _base(repo, base) if base is not None else None
    chosen = _chosen(revision, templates, () if before is None else before.contracts)
    silence = revision.policies.limits.silence_at_most
    clock = RealClocks().monotonic_seconds
    request = Request(limit_states, _duration(time), properties, silence, clock, own)
    here = [revision.contracts[name] for name in chosen if name in revision.contracts and _looks(name, properties, own)]
    if properties and not here:
        raise Trouble(f"no template that was chosen has a property `{properties[0]}`", "Nothing was verified.")
    found = _verdicts(here, request, jobs, fresh=no_cache)
    if any(each.violations for each in found):
        revision = _with_scenarios(revision, tree, [each.template for each in found if each.violations])
        found = _confirmed(revision, found)
    comparisons = _comparisons(before, revision, chosen, found, request) if before is not None else []
    forms = {
        "json": output.verdicts_json,
        "markdown": output.verdicts_markdown,
        "github": output.verdicts_github,
        "text": output.verdicts_text,
    }
    click.echo(forms[form](found, tree.label, comparisons, only=properties), nl=False)
    if write_scenario is not None:
        _write(revision, found, write_scenario)
    if form == "text":
        click.echo(output.verdicts_words(found))
    end(_code(found, comparisons))


def _looks(template: str, properties: Sequence[str], own: Mapping[str, tuple[Property, ...]]) -> bool:
    """Whether there is anything to look at: a guarantee, or a claim of the template's own."""
    from validators.verify import NAMES

    known = {*NAMES, *(each.name for each in own.get(template, ()))}
    return not properties or not known.isdisjoint(properties)


def _verdicts(contracts: list[Contract], request: Request, jobs: int, *, fresh: bool) -> list[Verdict]:
    """In the order of the contracts; what was proven before is not proven again unless it is to be."""
    from concurrent.futures.process import BrokenProcessPool

    from validators.verify.cache import ProofCache
    from validators.verify.several import verdicts

    cache = ProofCache({} if fresh else os.environ, request)
    known = {each.name: cache.recall(each) for each in contracts}
    missing = [each for each in contracts if known[each.name] is None]
    try:
        for contract, verdict in zip(missing, verdicts(missing, request, jobs), strict=True):
            cache.keep(contract, verdict)
            known[contract.name] = verdict
    except BrokenProcessPool:
        raise NoAnswer(
            "a process that explored a part was ended from outside, so there is no answer",
            "Perhaps the memory did not suffice: try again, with `--jobs 1` if need be.",
        ) from None
    return [found for each in contracts if (found := known[each.name]) is not None]


def _with_scenarios(revision: Revision, tree: Tree, violated: Sequence[str]) -> Revision:
    """The revision with those scenarios, too, that can be read: courses are played with their tickets.

    Of templates that are violated it is said which ones cannot.
    """
    from dataclasses import replace

    from runner.contract.documents import read_documents
    from runner.contract.load import scenarios_of
    from validators.scenario_files import Only, scenario_files

    paths = scenario_files(tree)
    documents = read_documents(Only(tree, paths)).all("Scenario")
    unread = set(paths).difference(each.path for each in documents)
    for path in sorted(path for path in unread if path.split("/")[-2] in violated):
        click.echo(f"surety: {path} cannot be read as a scenario; `surety test` says why", err=True)
    beside = [each for document in documents for each in scenarios_of(document)]
    return replace(revision, scenarios=(*revision.scenarios, *beside))


def _confirmed(revision: Revision, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """With those violations alone that may come about with real times."""
    from validators.verify.confirm import confirmed

    return [confirmed(revision, each) if each.violations else each for each in verdicts]


def _base(repo: Path | None, base: str) -> Revision:
    before = load(repo, base, scenarios=False)[1].revision
    if before is None:
        raise Trouble(f"the revision {base} has errors, so there is nothing to compare with", "Name another one.")
    return before


def _comparisons(
    before: Revision, after: Revision, names: Sequence[str], verdicts: Sequence[Verdict], request: Request
) -> list[Comparison]:
    """Of each template that is in one of the two revisions, in the order of the names."""
    from validators.verify.compare import Side, compare, only_one

    proven = {verdict.template: verdict.bounds for verdict in verdicts}
    own = own_of(before)
    found = []
    for name in names:
        old, new = before.contracts.get(name), after.contracts.get(name)
        if old is None or new is None:
            found.append(only_one(name, "after" if old is None else "before"))
            continue
        base = Side(old, own.get(name, ()), silence_at_most=before.policies.limits.silence_at_most)
        head = Side(new, request.own.get(name, ()), proven.get(name, ()), request.silence_at_most)
        limits = {"clock": request.clock, "states": request.states, "seconds": request.seconds}
        found.append(compare(base, head, **limits))  # type: ignore[arg-type] # each of its own sort
    return found


def _write(revision: Revision, verdicts: Sequence[Verdict], file: Path) -> None:
    """Write the first violation that can be played; say of each before it why it cannot."""
    from validators.verify.confirm import scenario_text
    from validators.verify.witness import Unplayable

    violations = [(verdict.template, each) for verdict in verdicts for each in verdict.violations]
    for template, violation in violations:
        try:
            text = scenario_text(revision, template, violation, file)
        except Unplayable as error:
            click.echo(f"surety: no scenario of {template}, {violation.name}: {error}", err=True)
            continue
        write_whole(file, text, "Name a file in a folder that exists.")
        click.echo(f"written: {file}; `surety test` plays it beside templates/{template}/template.yaml", err=True)
        return
    proved = all(each.result.value == "proved" for each in verdicts)
    nothing = "nothing is violated" if proved else "nothing is known to be violated"
    why = "see above" if violations else nothing
    click.echo(f"surety: no scenario was written: {why}", err=True)


def _own(tree: Tree, loaded: Loaded, form: str) -> dict[str, tuple[Property, ...]]:
    """By template its own properties; ends the program if one of them claims what cannot be, or stands elsewhere."""
    from dataclasses import replace

    from validators.check.rules.properties import property_findings
    from validators.verify import NAMES

    if loaded.revision is None:
        raise AssertionError("it is valid")
    wrong = tuple(sorted(set(property_findings(loaded.documents, loaded.revision))))
    if wrong:
        refuse_invalid(tree, replace(loaded, findings=wrong), form, "verify")
    own = own_of(loaded.revision)
    taken = next((each.name for claims in own.values() for each in claims if each.name in NAMES), None)
    if taken is not None:
        raise Trouble(f"`{taken}` is the name of a guarantee", "Give the property of the template another name.")
    return own


def own_of(revision: Revision) -> dict[str, tuple[Property, ...]]:
    """By template the properties that stand in its folder."""
    found: dict[str, tuple[Property, ...]] = {}
    for path, each in revision.properties:
        template = path.split("/")[-2] if "/" in path else ""
        found[template] = (*found.get(template, ()), each)
    return found


def _chosen(revision: Revision, patterns: Sequence[str], gone: Iterable[str] = ()) -> list[str]:
    """The templates whose names fit, also those that are gone; raises Trouble for a pattern that fits none."""
    names = sorted({*revision.contracts, *gone})
    chosen: set[str] = set() if patterns else set(names)
    for pattern in patterns:
        name = Path(pattern).name if "/" in pattern else pattern
        fitting = fnmatch.filter(names, name)
        if not fitting:
            raise Trouble(f"no template fits `{pattern}`", f"Nothing was verified. Templates: {', '.join(names)}.")
        chosen.update(fitting)
    if not chosen:
        raise Trouble("there is not one template", "Nothing was verified: add templates/NAME/template.yaml.")
    return [name for name in names if name in chosen]


def _duration(text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,6})([smh]?)", text)
    if found is None or int(found[1]) == 0:
        raise Trouble(f"`{text}` is no time", "Write for example --time 60s or --time 5m.")
    return int(found[1]) * _SECONDS[found[2] or "s"]


def _code(verdicts: Sequence[Verdict], compared: Sequence[Comparison]) -> int:
    """Violated before unknown before clean. A difference is no finding; not to know of one is no answer."""
    results = {verdict.result.value for verdict in verdicts} | {each.result for each in compared}
    return FINDINGS if "violated" in results else UNKNOWN if "unknown" in results else CLEAN
