"""Loading a revision: from files to compiled, closed contracts with their source map, or to all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.contract import policies as pol
from runner.contract.blocks import BlockInliner
from runner.contract.compile import TemplateCompiler, compile_roster
from runner.contract.condition_reader import ConditionReader
from runner.contract.conditions import Condition, IsSet
from runner.contract.contract import Contract
from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.documents import POLICY_KINDS, Document, Documents, Files, read_documents
from runner.contract.references import References
from runner.contract.roster_form import RosterForm
from runner.contract.scenario import Scenario
from runner.contract.template import Block, Template

__all__ = ["Loaded", "Policies", "Revision", "load_revision"]


@dataclass(frozen=True, slots=True)
class Policies:
    """What stays outside contracts: always that of the active epoch."""

    people: pol.People
    rotations: pol.Rotations
    channels: pol.Channels
    fields: pol.Fields
    routing: pol.Routing
    governance: pol.Governance
    limits: pol.Limits


@dataclass(frozen=True, slots=True)
class Revision:
    """A valid revision. `places` maps rule pointers to positions; `scenarios` are (path, scenario) beside templates."""

    contracts: Mapping[str, Contract]
    scope: Condition
    order: tuple[str, ...]
    fallback: str
    roster: RosterForm
    policies: Policies
    places: Mapping[str, Location]
    scenarios: tuple[tuple[str, Scenario, Document], ...]

    def place(self, rule: str) -> Location | None:
        """Where a rule stands; for a rule inside a used block, the step of the block."""
        return self.places.get(rule)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The revision, or None with errors among the findings; findings are sorted and complete.

    `documents` are those that could be read, valid revision or not.
    """

    revision: Revision | None
    findings: tuple[Diagnostic, ...]
    documents: Documents


def load_revision(files: Files, *, scenarios: bool = True) -> Loaded:
    """Read, check and compile everything; never raises for what a document says."""
    kinds = None if scenarios else [*POLICY_KINDS, "Template", "Block"]
    documents = read_documents(files, kinds)
    findings = list(documents.findings)
    _missing(documents, findings)
    references = References(documents)
    references.check_policies()
    blocks = _named(documents, "Block", references)
    templates = _named(documents, "Template", references)
    inliner = BlockInliner(blocks)
    contracts: dict[str, Contract] = {}
    places: dict[str, Location] = {}
    for name, document in templates.items():
        if isinstance(document.model, Template):
            compiler = TemplateCompiler(references, inliner, document, document.model)
            contract = compiler.compile()
            places.update(compiler.places)
            if contract is not None:
                contracts[name] = contract
    scope = _routing(documents, references, templates, contracts)
    findings.extend(references.findings)
    findings.extend(inliner.findings)
    findings = sorted(set(findings))
    if any(each.severity is Severity.ERROR for each in findings) or scope is None:
        return Loaded(None, tuple(findings), documents)
    revision = _revision(documents, contracts, scope, {**places, **_policy_places(documents)})
    return Loaded(revision, tuple(findings), documents)


def _missing(documents: Documents, findings: list[Diagnostic]) -> None:
    present = any(documents.by_kind.values()) or documents.broken or findings
    if not present:
        message = "there is not one document below policies/ and templates/"
        findings.append(
            Diagnostic(
                "SUR113",
                Severity.ERROR,
                message,
                None,
                "start from the shipped example, or name another folder with --repo",
            )
        )
        return
    for kind in POLICY_KINDS:
        if documents.one(kind) is None and kind not in documents.broken:
            message = f"there is no document of kind {kind}"
            findings.append(
                Diagnostic("SUR110", Severity.ERROR, message, None, f"add one below policies/ with  kind: {kind}")
            )
    if not documents.all("Template") and "Template" not in documents.broken:
        message = "there is no template"
        findings.append(Diagnostic("SUR110", Severity.ERROR, message, None, "add templates/NAME/template.yaml"))


def _named(documents: Documents, kind: str, references: References) -> dict[str, Document]:
    """Documents by name; the name must be that of the folder (templates) or the file (blocks)."""
    found: dict[str, Document] = {}
    for document in documents.all(kind):
        name = document.model.name if isinstance(document.model, Template | Block) else ""
        parts = document.path.split("/")
        expected = parts[-2] if kind == "Template" else parts[-1].rpartition(".")[0]
        if name != expected:
            message = f"the {kind.lower()} is called `{name}`, but its {'folder' if kind == 'Template' else 'file'} `{expected}`"
            references.wrong(document, "SUR112", ("name",), message, f"write name: {expected}, or move it")
        if name in found:
            message = f"there are two of the name `{name}`; the other is {found[name].path}"
            references.wrong(document, "SUR112", ("name",), message, "rename one")
        found.setdefault(name, document)
    return found


def _routing(
    documents: Documents,
    references: References,
    templates: Mapping[str, Document],
    contracts: Mapping[str, Contract],
) -> Condition | None:
    document = documents.one("Routing")
    if document is None or not isinstance(document.model, pol.Routing):
        return None
    routing = document.model
    fields = references.fields
    reader = ConditionReader(fields.fields if fields else {})
    scope = reader.read(document.plain["scope"])
    if fields is not None:
        for problem in reader.problems:
            references.wrong(document, "SUR204", ("scope", *problem.path), problem.message, problem.help)
    listed = (*routing.order, routing.fallback)
    judge = "Template" not in documents.broken
    for index, name in enumerate(listed):
        path: tuple[Any, ...] = ("order", index) if index < len(routing.order) else ("fallback",)
        if name not in templates and judge:
            known = ", ".join(sorted(templates))
            references.wrong(document, "SUR201", path, f"there is no template `{name}`", f"templates: {known}")
        elif name in listed[:index]:
            references.wrong(document, "SUR208", path, f"`{name}` stands in the routing twice", "name it once")
    for name, template in templates.items():
        if name not in listed:
            message = f"the routing does not mention the template `{name}`, so no ticket reaches it"
            references.wrong(template, "SUR208", ("name",), message, "add it to `order` in the Routing policy")
    fallback = contracts.get(routing.fallback)
    if fallback is not None and not _total(fallback, scope):
        message = "the fallback must take every ticket in scope, at any observation"
        help_text = "write on: [ticket.created, ticket.updated, time.passed] and when: {created_at: {set: true}}"
        references.wrong(templates[routing.fallback], "SUR308", ("trigger",), message, help_text)
    return scope


def _total(fallback: Contract, scope: Condition) -> bool:
    every = {"ticket.created", "ticket.updated", "time.passed"}
    return set(fallback.on) == every and fallback.condition in (IsSet("created_at"), scope)


def _policy_places(documents: Documents) -> dict[str, Location]:
    """Positions of the policy rules that events name."""
    places: dict[str, Location] = {}
    limits = documents.one("Limits")
    if limits is not None:
        places.update({f"limits#/{key}": limits.at(key) for key in limits.plain})
    for kind, key in (
        ("Governance", "override_jobs"),
        ("Channels", "channels"),
        ("Fields", "record"),
        ("Fields", "lifecycle"),
    ):
        document = documents.one(kind)
        if document is not None:
            places[f"{kind.lower()}#/{key}"] = document.at(key, key=True)
    return places


def _revision(
    documents: Documents, contracts: Mapping[str, Contract], scope: Condition, places: Mapping[str, Location]
) -> Revision:
    people, rotations = documents.policy(pol.People), documents.policy(pol.Rotations)
    channels, fields = documents.policy(pol.Channels), documents.policy(pol.Fields)
    routing, governance = documents.policy(pol.Routing), documents.policy(pol.Governance)
    limits = documents.policy(pol.Limits)
    if not (people and rotations and channels and fields and routing and governance and limits):
        raise AssertionError("a policy is missing although there is no finding")
    scenarios = tuple((d.path, d.model, d) for d in documents.all("Scenario") if isinstance(d.model, Scenario))
    return Revision(
        contracts=contracts,
        scope=scope,
        order=routing.order,
        fallback=routing.fallback,
        roster=compile_roster(people, rotations, governance),
        policies=Policies(people, rotations, channels, fields, routing, governance, limits),
        places=places,
        scenarios=scenarios,
    )
