"""Loading a revision: from files to compiled, closed contracts with their source map, or to all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from runner.contract import policies as pol
from runner.contract.blocks import BlockInliner, needed_inputs
from runner.contract.compile import TemplateCompiler
from runner.contract.compile_roster import compile_roster
from runner.contract.contract import Contract
from runner.contract.diagnostic import Diagnostic, Location, Severity
from runner.contract.documents import OPTIONAL_KINDS, POLICY_KINDS, Document, Documents, Files, read_documents
from runner.contract.misfit import did_you_mean
from runner.contract.places import Places
from runner.contract.property import Property
from runner.contract.references import References
from runner.contract.roster_form import RosterForm
from runner.contract.routing import compile_routing
from runner.contract.routing_form import RoutingForm
from runner.contract.scenario import Scenario
from runner.contract.template import Block, Template

__all__ = ["Loaded", "Policies", "Revision", "load_revision", "scenarios_of"]

POLICY_RULES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "limits": ("Limits", ()),
    "governance": ("Governance", ("override_jobs", "last_resort")),
    "channels": ("Channels", ("channels",)),
    "fields": ("Fields", ("record", "lifecycle")),
    "exceptions": ("ExceptionClasses", ("classes",)),
}
"""The policies whose rules events name: kind and keys, all of them if none is listed. No template has such a name."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What stays outside contracts: always that of the active epoch."""

    people: pol.People
    rotations: pol.Rotations
    absences: pol.Absences | None
    channels: pol.Channels
    fields: pol.Fields
    routing: pol.Routing
    governance: pol.Governance
    limits: pol.Limits
    targets: pol.Targets | None = None
    actions: pol.Actions | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A valid revision. `places` maps rule pointers to positions; `scenarios` are (path, scenario) beside templates."""

    contracts: Mapping[str, Contract]
    routing: RoutingForm
    roster: RosterForm
    policies: Policies
    places: Mapping[str, Location]
    scenarios: tuple[tuple[str, Scenario, Document], ...]
    properties: tuple[tuple[str, Property], ...] = ()
    """The templates' own, each with its path."""

    def place(self, rule: str) -> Location | None:
        """Where a rule stands; for a rule inside a used block, the step of the block."""
        return self.places.get(rule)

    def lines(self) -> dict[str, dict[str, str]]:
        """By template, where every rule stands that its events may name, its own and the policies': `file:line`."""
        shared: dict[str, str] = {}
        own: dict[str, dict[str, str]] = {name: {} for name in self.contracts}
        for rule, place in self.places.items():
            owner = rule.partition("#")[0]
            (shared if owner in POLICY_RULES else own.setdefault(owner, {}))[rule] = f"{place.file}:{place.line}"
        return {name: {**shared, **own[name]} for name in self.contracts}


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
    blocks, misnamed_blocks = _named(documents, "Block", references)
    templates, misnamed = _named(documents, "Template", references)
    inliner = BlockInliner({**misnamed_blocks, **blocks}, complete="Block" not in documents.broken)
    contracts: dict[str, Contract] = {}
    places = Places()
    for name, document in templates.items():
        compiler = TemplateCompiler(references, inliner, document, document.read_as(Template))
        contract = compiler.compile()
        places.take_in(compiler.places)
        if contract is not None:
            contracts[name] = contract
    places.take_in(inliner.places)
    _note_policies(documents, places)
    routing = compile_routing(documents, references, templates, misnamed, contracts)
    _policies_over_templates(documents, references, templates, blocks)
    findings.extend(references.findings)
    findings.extend(inliner.findings)
    if findings:
        from runner.contract.secret_text import without_secrets  # its patterns, which are needed for nothing else

        findings = sorted(set(without_secrets(findings, documents.sources.values())))
    if any(each.severity is Severity.ERROR for each in findings) or routing is None:
        return Loaded(None, tuple(findings), documents)
    revision = _revision(documents, contracts, routing, places)
    return Loaded(revision, tuple(findings), documents)


def scenarios_of(document: Document) -> list[tuple[str, Scenario, Document]]:
    """What a scenario's document runs as: itself, or each of its cases, which is called `name[case]`."""
    if not document.cases:
        return [(document.path, document.read_as(Scenario), document)]
    return [
        (document.path, each.model_copy(update={"name": f"{each.name}[{name}]"}), replace(document, case=name))
        for name, each in document.cases.items()
        if isinstance(each, Scenario)
    ]


def _missing(documents: Documents, findings: list[Diagnostic]) -> None:
    present = any(documents.by_kind.values()) or findings
    if not present:
        message = "there is nothing to check: not one YAML file below policies/ and templates/"
        help_text = "start from the shipped example, or name another folder with --repo"
        findings.append(Diagnostic("SUR113", Severity.ERROR, message, None, help_text))
        return
    for kind in POLICY_KINDS:
        if kind not in OPTIONAL_KINDS and not documents.all(kind) and kind not in documents.broken:
            message = f"there is no document of kind {kind}"
            help_text = f"add a file below policies/ that begins with schema: surety/v1 and kind: {kind}"
            findings.append(Diagnostic("SUR110", Severity.ERROR, message, None, help_text))
    if not documents.all("Template") and "Template" not in documents.broken:
        message = "there is no template, so no ticket would ever be escalated"
        help_text = "add templates/NAME/template.yaml; the shipped ones are made to be copied"
        findings.append(Diagnostic("SUR110", Severity.ERROR, message, None, help_text))


def _named(documents: Documents, kind: str, references: References) -> tuple[dict[str, Document], dict[str, Document]]:
    """Documents by name, which must be that of the folder (templates) or the file (blocks).

    Second, those that are called otherwise, by the name that their place asks for.
    """
    found: dict[str, Document] = {}
    misnamed: dict[str, Document] = {}
    place = "folder" if kind == "Template" else "file"
    for document in sorted(documents.all(kind), key=_is_misplaced):
        name = document.model.name if isinstance(document.model, Template | Block) else ""
        expected = _expected_name(document)
        if _is_misplaced(document):
            file = document.path.rpartition("/")[2]
            message = f"a template stands in a file called template.yaml, and this one is called {file}"
            help_text = "call it template.yaml, in a folder of its own that is called like the template"
            references.wrong(document, "SUR112", (), message, help_text)
            found.setdefault(name, document)
            continue
        if name != expected:
            misnamed[expected] = document
            help_text = f"write name: {expected}, or rename the {place}"
            message = f"the {kind.lower()} is called `{name}`, but its {place} `{expected}`"
            if name in found:
                message = f"there are two {kind.lower()}s called `{name}`; the other is {found[name].path}"
            references.wrong(document, "SUR112", ("name",), message, help_text)
        elif name in found:
            message = f"there are two {kind.lower()}s called `{name}`; the other is {found[name].path}"
            references.wrong(document, "SUR112", ("name",), message, f"rename one of the two, with its {place}")
        if kind == "Template" and name in POLICY_RULES:
            message = f"`{name}` is the name of a policy, and records would not tell the two apart"
            references.wrong(document, "SUR104", ("name",), message, "choose another name")
        found.setdefault(name, document)
    return found, misnamed


def _is_misplaced(document: Document) -> bool:
    """Whether a template is in a file that is not called so."""
    file = document.path.rpartition("/")[2].lower()
    return document.kind == "Template" and file not in {"template.yaml", "template.yml"}


def _policies_over_templates(
    documents: Documents, references: References, templates: Mapping[str, Document], blocks: Mapping[str, Document]
) -> None:
    """What policies say of templates and blocks is about some that exist."""
    for document in documents.all("Targets"):
        for name in document.read_as(pol.Targets).templates:
            if templates and name not in templates and "Template" not in documents.broken:
                help_text = f"{did_you_mean(name, templates)}templates: {', '.join(sorted(templates))}"
                message = f"there is no template `{name}`"
                references.wrong(document, "SUR201", ("templates", name), message, help_text, key=True)
    for document in documents.all("ExceptionClasses"):
        for name, each in document.read_as(pol.ExceptionClasses).classes.items():
            if each.runbook is not None:
                _runbook_of_class(documents, references, blocks, document, (name, each.runbook))


def _runbook_of_class(
    documents: Documents,
    references: References,
    blocks: Mapping[str, Document],
    document: Document,
    named: tuple[str, str],
) -> None:
    """The block that a class of exceptions (class, block) is run by is there, and needs nothing to be given."""
    (name, runbook), block = named, blocks.get(named[1])
    if block is None:
        if "Block" not in documents.broken:
            help_text = f"{did_you_mean(runbook, blocks)}blocks: {', '.join(sorted(blocks)) or 'none'}"
            path = ("classes", name, "runbook")
            references.wrong(document, "SUR201", path, f"there is no block `{runbook}`", help_text)
        return
    needed = " and ".join(f"`{each}`" for each in needed_inputs(block.read_as(Block)))
    if needed:
        message = f"the block `{runbook}` needs {needed}, and an exception class gives it nothing"
        help_text = "give each input a default in the block, or name a block without inputs"
        references.wrong(document, "SUR207", ("classes", name, "runbook"), message, help_text)


def _expected_name(document: Document) -> str:
    *folders, file = document.path.split("/")
    return folders[-1] if document.kind == "Template" and folders else file.rpartition(".")[0]


def _note_policies(documents: Documents, places: Places) -> None:
    """The policy rules that events name."""
    for policy, (kind, keys) in POLICY_RULES.items():
        for document in documents.all(kind):
            for key in keys or {**document.plain, **_limits()}:
                places.note(f"{policy}#/{key}", document, (key,), key=True)
    for document in documents.all("ExceptionClasses"):
        for name, each in document.read_as(pol.ExceptionClasses).classes.items():
            places.note(f"exceptions#/classes/{name}", document, ("classes", name), key=True)
            if each.runbook is not None:
                places.note(f"exceptions#/classes/{name}/runbook", document, ("classes", name, "runbook"), key=True)


def _limits() -> dict[str, None]:
    """All limits: one that is left out of the file has its default, and acts all the same."""
    return dict.fromkeys(name for name in pol.Limits.model_fields if not name.endswith("_"))


def _revision(
    documents: Documents, contracts: Mapping[str, Contract], routing: RoutingForm, places: Mapping[str, Location]
) -> Revision:
    policies = Policies(
        people=documents.needed(pol.People),
        rotations=documents.needed(pol.Rotations),
        absences=documents.policy(pol.Absences),
        channels=documents.needed(pol.Channels),
        fields=documents.needed(pol.Fields),
        routing=documents.needed(pol.Routing),
        governance=documents.needed(pol.Governance),
        limits=documents.needed(pol.Limits),
        targets=documents.policy(pol.Targets),
        actions=documents.policy(pol.Actions),
    )
    return Revision(
        contracts=contracts,
        routing=routing,
        roster=compile_roster(policies.people, policies.rotations, policies.absences, policies.governance),
        policies=policies,
        places=places,
        scenarios=tuple(found for each in documents.all("Scenario") for found in scenarios_of(each)),
        properties=tuple((each.path, each.read_as(Property)) for each in documents.all("Property")),
    )
