"""Trying a mutant of the shipped repository: check first, then the scenarios that it can touch, likeliest first.

Whatever does not depend on the mutant is prepared once, in this process; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Final

from runner.contract.diagnostic import Diagnostic, Severity
from runner.contract.documents import Document
from runner.contract.load import Loaded, Revision, load_revision
from runner.contract.scenario import Scenario
from runner.revision import FolderTree
from tests.mutants.templates.proving import Proofs
from tests.mutants.templates.sources import ROOT, Mutant, Planted
from tests.mutants.templates.table import Line
from validators.check.outcome import examine
from validators.simulate.results import ScenarioResult, full_name
from validators.simulate.scenarios import _Run, run_scenario

__all__ = ["Kill", "Trial"]

TODAY: Final = date(2026, 3, 2)
_TELLING: Final = frozenset(("SUR603", "SUR604", "SUR605", "SUR611"))
"""What says that something went otherwise; other failures say that a part of the scenario has no effect any more."""
_BESIDE: Final = frozenset(
    ("SUR601", "SUR602", "SUR606", "SUR607", "SUR608", "SUR609", "SUR610", "SUR612", "SUR925", "SUR926", "SUR928")
)
"""What says that something else, a scenario or a declaration, names what is not there or not used any more."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Who found a mutant, by which rule, scenario or property, in which words. `by` is empty for one that is left.

    `beside` says that it was not found for what it breaks, but for what it leaves without a use.
    """

    by: str
    what: str
    words: str
    beside: bool = False


LEFT: Final = Kill("", "", "")


@dataclass(frozen=True, slots=True)
class _Story:
    """A scenario, one of its cases, with what it runs."""

    name: str
    scenario: Scenario
    document: Document
    templates: frozenset[str]
    """Of which escalations were opened, as the repository is shipped."""
    runs: frozenset[tuple[str, str]]
    """By template, the points whose steps were begun."""


class Trial:
    """The shipped repository as it is, and what finds its mutants."""

    def __init__(self) -> None:
        self.tree = FolderTree(ROOT, strict=False)
        loaded = load_revision(self.tree)
        assert loaded.revision is not None, loaded.findings[:3]
        self.honest = loaded.revision
        self._scenarios = loaded.documents.all("Scenario")
        self._hidden = frozenset(each.path for each in self._scenarios)
        self._sources = {path: data for path, data in loaded.documents.sources.items() if path in self._hidden}
        self._policies = _policies(loaded.revision)
        self._known = _warned(loaded)
        self.kills: Counter[str] = Counter()
        self._proofs: Proofs | None = None
        self.warned: dict[str, str] = {}
        """Of the mutants tried, those of which check warns, with the code."""

    @cached_property
    def stories(self) -> list[_Story]:
        """Every scenario, run once; what fails as the repository is shipped would say nothing of a mutant."""
        return [_told(self.honest, *each) for each in self.honest.scenarios]

    @staticmethod
    def _runs(revision: Revision, story: _Story) -> ScenarioResult:
        return run_scenario(revision, story.scenario, story.document, rows=False, figures=False)

    def tried(self, mutant: Mutant, seconds: float = 0.0) -> Line:
        """Who finds a mutant: check, else the scenarios, else a proof, with so many `seconds` for each part of it."""
        found, revision = self.check(mutant)
        same = explored = False
        if revision is not None and (not found.by or found.beside):
            changed = self.changed(revision)
            same = changed == frozenset()
            if not same:
                told = self.test(revision)
                found = told if told.by and not (told.beside and found.by) else found
            explored = not same and not found.by and seconds > 0
            if explored:
                found = self.prove(revision, changed, seconds)
        warns = self.warned.pop(mutant.name, "") if not found.by else ""
        return Line(mutant.name, mutant.kind, found.by, found.what, found.words, found.beside, warns, same, explored)

    def check(self, mutant: Mutant) -> tuple[Kill, Revision | None]:
        """What `surety check` finds, and the revision if it is a valid one."""
        loaded = load_revision(Planted(self.tree, mutant.file, mutant.data, self._hidden))
        if loaded.revision is None:
            return _first(loaded.findings), None
        loaded = self._with_scenarios(loaded, loaded.revision)
        found = examine(loaded, TODAY).findings
        if any(each.severity in {Severity.ERROR, Severity.UNKNOWN} for each in found):
            return _first(found), loaded.revision
        new = [each for each in found if each.severity is Severity.WARNING and _key(each) not in self._known]
        if new:
            self.warned[mutant.name] = new[0].code
        return LEFT, loaded.revision

    def _with_scenarios(self, loaded: Loaded, revision: Revision) -> Loaded:
        """The same with the scenarios, which were read once."""
        loaded.documents.by_kind["Scenario"] = self._scenarios
        loaded.documents.sources.update(self._sources)
        return replace(loaded, revision=replace(revision, scenarios=self.honest.scenarios))

    def test(self, revision: Revision) -> Kill:
        """What `surety test` finds: the first scenario that tells, else one that fails beside."""
        beside: Kill | None = None
        for story in self._touched(revision):
            try:
                result = self._runs(revision, story)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                return Kill("test", story.name, f"ends in {error!r}"[:240])
            for failure in result.failures:
                found = failure.diagnostic
                if found.code in _TELLING:
                    self.kills[story.name] += 1
                    return Kill("test", story.name, _words(found))
                beside = beside or Kill("test", story.name, _words(found), beside=True)
        return beside or LEFT

    def _touched(self, revision: Revision) -> list[_Story]:
        """The scenarios that may go otherwise; those that have found most come first."""
        changed = self.changed(revision)
        found = [each for each in self.stories if changed is None or self._tells(each, revision, changed)]
        return sorted(found, key=lambda each: -self.kills[each.name])

    def prove(self, revision: Revision, changed: frozenset[str] | None, seconds: float) -> Kill:
        """What `surety verify` finds."""
        if self._proofs is None:
            self._proofs = Proofs(self.honest, seconds)
        broken = self._proofs.finds(revision, changed)
        return Kill("verify", *broken) if broken is not None else LEFT

    def finds(self, revision: Revision, name: str) -> bool:
        """Whether a scenario fails."""
        for path, scenario, document in self.honest.scenarios:
            if full_name(path, scenario) == name:
                return not run_scenario(revision, scenario, document, rows=False, figures=False).passed
        raise LookupError(f"there is no scenario {name}")

    def _tells(self, story: _Story, revision: Revision, changed: frozenset[str]) -> bool:
        """Whether it opens a changed contract; and if only steps of some points are others, whether it begins them."""
        for name in story.templates & changed:
            honest, other = self.honest.contracts[name], revision.contracts.get(name)
            if other is None or honest.model_copy(update={"runbook": other.runbook}) != other:
                return True
            points = honest.runbook.keys() | other.runbook.keys()
            if any(
                honest.runbook.get(point) != other.runbook.get(point)
                and ((name, point) in story.runs or point not in honest.runbook)
                for point in points
            ):
                return True
        return False

    def changed(self, revision: Revision) -> frozenset[str] | None:
        """The templates whose contract is another one; None if more than contracts is."""
        honest = self.honest
        if (revision.routing, revision.roster) != (honest.routing, honest.roster):
            return None
        if _policies(revision) != self._policies:
            return None
        names = honest.contracts.keys() | revision.contracts.keys()
        digests = [{name: each.digest for name, each in of.contracts.items()} for of in (honest, revision)]
        return frozenset(name for name in names if digests[0].get(name) != digests[1].get(name))


def _told(revision: Revision, path: str, scenario: Scenario, document: Document) -> _Story:
    story = _Run(revision, scenario, document, rows=False, covering=False)
    story.go()
    if story.failures:
        raise RuntimeError(
            f"{full_name(path, scenario)} fails without any mutant: {story.failures[0].diagnostic.message}"
        )
    lives = story._simulation.lives.values()
    runs = {
        (life.contract.name, str(run).partition("#")[0])
        for life in lives
        for _, events in life.history
        for event in events
        if (run := getattr(event, "run", None)) is not None
    }
    templates = frozenset(life.contract.name for life in lives)
    return _Story(full_name(path, scenario), scenario, document, templates, frozenset(runs))


def _policies(revision: Revision) -> tuple[str, ...]:
    """What stands outside of contracts, with the order of everything; the limits stand in them."""
    policies = [getattr(revision.policies, each.name) for each in fields(revision.policies) if each.name != "limits"]
    return tuple("" if each is None else each.model_dump_json() for each in policies)


def _warned(loaded: Loaded) -> frozenset[tuple[str, str]]:
    return frozenset(map(_key, examine(loaded, TODAY).findings))


def _key(found: Diagnostic) -> tuple[str, str]:
    return found.code, found.message


def _first(found: Iterable[Diagnostic]) -> Kill:
    """The finding that tells most: an error, and rather one about what is said than about what has no use."""
    wrong = [each for each in found if each.severity in {Severity.ERROR, Severity.UNKNOWN}]
    first = next((each for each in wrong if each.code not in _BESIDE), wrong[0])
    return Kill("check", first.code, _words(first), beside=first.code in _BESIDE)


def _words(found: Diagnostic) -> str:
    place = f"{found.location.file}: " if found.location is not None else ""
    return f"{place}{found.message}"[:240]
