"""Documents: every YAML file of a revision, read, validated against its kind, with the position of each finding.

Nothing here follows a reference from one document to another; that is `runner.contract.references`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from runner.contract import policies as pol
from runner.contract import template as tpl
from runner.contract.cases import cases_of, placeholders, unfilled, with_values, written_at
from runner.contract.diagnostic import Diagnostic, Location, Severity, nearest
from runner.contract.misfit import Unfit, allowed_keys, described, did_you_mean, shown, words
from runner.contract.nodes import MappingNode, Node, locate, pointer_of, to_plain
from runner.contract.property import Property
from runner.contract.scenario import Scenario
from runner.contract.unreadable import unreadable_finding

__all__ = [
    "KINDS",
    "OPTIONAL_KINDS",
    "POLICY_KINDS",
    "Document",
    "Documents",
    "Files",
    "document_finding",
    "has_documents",
    "read_documents",
    "refused_paths",
    "validate",
]

POLICY_KINDS: Mapping[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (
        pol.People,
        pol.Rotations,
        pol.Absences,
        pol.Calendars,
        pol.Fields,
        pol.Routing,
        pol.ExceptionClasses,
        pol.Checklists,
        pol.EvidenceKinds,
        pol.ResolutionCodes,
        pol.Limits,
        pol.Channels,
        pol.Governance,
        pol.Actions,
        pol.Targets,
    )
}
"""Policy kinds; each stands once in a revision, in any file below `policies/`."""
OPTIONAL_KINDS = frozenset(("Absences", "Actions", "Targets"))
"""Those that may be left out."""
KINDS: Mapping[str, type[BaseModel]] = {
    **POLICY_KINDS,
    "Template": tpl.Template,
    "Block": tpl.Block,
    "Scenario": Scenario,
    "Property": Property,
}
"""Every kind of document."""
Path = tuple[str | int, ...]
Source = Callable[[Path], tuple[Node, Path]]
"""For a path in some data: the root of the document in which it is written, and the path there."""
_KIND_LINE = re.compile(rb"^kind:[ \t]*([A-Za-z]+)", re.MULTILINE)
Model = TypeVar("Model", bound=BaseModel)
_MOST_FINDINGS = 100
"""Of one document; nobody reads more at once, and each costs a search for the nearest right word."""


class Files(Protocol):
    """A revision's files: paths relative to its root, with slashes, and their bytes. Reading may raise OSError."""

    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one."""
        ...


@runtime_checkable
class WatchedFiles(Files, Protocol):
    """Files among which some may be that are none, such as a link: reading those raises OSError."""

    def refused(self) -> Collection[str]:
        """Those of `paths` of which this is known; whatever they are called, they are findings."""
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is valid for its kind."""

    path: str
    kind: str
    nodes: Callable[[], MappingNode]
    """Finds where everything stands, which takes time and is seldom asked for."""
    plain: dict[str, Any]
    model: BaseModel
    cases: Mapping[str, BaseModel] = field(default_factory=dict)
    """Of a scenario with cases, the model of each, by name; `model` is that of the first."""
    case: str | None = None
    """Which case it is read as; what a path leads to may then stand among that case's values."""

    @property
    def root(self) -> MappingNode:
        """The document as it is written, with positions."""
        return self.nodes()

    def at(self, *path: str | int, key: bool = False) -> Location:
        """The position of a value in it, or of its key."""
        if self.case is not None:
            path = written_at(self.plain, self.case, path)
        if len(path) == 1 and isinstance(self.nodes, _Written):
            quick = self.nodes.top(str(path[0]), key=key)
            if quick is not None:
                return quick
        return locate(self.root, path, key=key)

    def read_as(self, kind: type[Model]) -> Model:
        """The model; raises TypeError if it is of another kind."""
        if not isinstance(self.model, kind):
            raise TypeError(f"{self.path} is a {self.kind}")
        return self.model


@dataclass(slots=True)
class Documents:
    """All documents of a revision, by kind, and what is wrong with the rest."""

    by_kind: dict[str, list[Document]] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Kinds of which some document could not be understood, so that references to it are not judged."""
    unclear: list[str] = field(default_factory=list)
    """Files of which not even the kind could be told."""
    sources: dict[str, bytes] = field(default_factory=dict)
    """The bytes of every file that was read, by path: what comments say is nowhere else."""

    def all(self, kind: str) -> list[Document]:
        """The documents of a kind."""
        return self.by_kind.get(kind, [])

    def one(self, kind: str) -> Document | None:
        """The policy of a kind; None unless there is exactly one and nothing of it is broken."""
        found = self.all(kind)
        return found[0] if len(found) == 1 and kind not in self.broken else None

    def policy(self, kind: type[Model]) -> Model | None:
        """The model of a policy."""
        document = self.one(kind.__name__)
        return None if document is None else document.read_as(kind)

    def needed(self, kind: type[Model]) -> Model:
        """The model of a policy that is known to be there; raises LookupError."""
        model = self.policy(kind)
        if model is None:
            raise LookupError(f"there is no {kind.__name__}")
        return model


def document_finding(
    document: Document, code: str, path: Path, message: str, help_text: str = "", *, key: bool = False
) -> Diagnostic:
    """A finding at a path of a document."""
    where = document.at(*path, key=key)
    return Diagnostic(code, Severity.ERROR, message, where, help_text, pointer_of(path))


def read_documents(files: Files, kinds: Iterable[str] | None = None) -> Documents:
    """Read every YAML file below `policies/` and `templates/`; `kinds` limits which are validated."""
    wanted = frozenset(kinds) if kinds is not None else frozenset(KINDS)
    found = Documents()
    refused = refused_paths(files)
    for path in files.paths():
        if has_documents(path) or path in refused:
            _read(found, path, files, wanted)
    for kind in POLICY_KINDS:
        documents = found.all(kind)
        for extra in documents[1:]:
            message = f"there are two documents of kind {kind}; the other is {documents[0].path}"
            found.findings.append(document_finding(extra, "SUR111", ("kind",), message, "merge them into one file"))
    for path in found.unclear:
        if path.partition("/")[0] == "templates":
            found.broken |= KINDS.keys() - POLICY_KINDS.keys()
        else:
            found.broken |= {kind for kind in POLICY_KINDS if not found.all(kind)}
    return found


def has_documents(path: str) -> bool:
    """Whether the name of a file says that it is YAML, in capital letters or not."""
    return path.lower().endswith((".yaml", ".yml"))


def refused_paths(files: Files) -> Collection[str]:
    """Those of the paths that are known to be no files."""
    return files.refused() if isinstance(files, WatchedFiles) else ()


def _read(found: Documents, path: str, files: Files, wanted: frozenset[str]) -> None:
    from runner.contract.source import load, load_mapping  # the YAML parser, which nobody needs who reads no file

    try:
        data = files.read(path)
    except OSError as error:
        found.findings.append(unreadable_finding(path, error))
        if has_documents(path) or "." not in path.rpartition("/")[2]:  # else it would have held no document
            _useless(found, path, "")
        return
    found.sources[path] = data
    plain = load_mapping(data)
    if plain is not None:
        _validate(found, path, plain, _Written(data, path), wanted)
        return
    loaded = load(data, path)
    found.findings.extend(loaded.diagnostics)
    if loaded.root is None or any(each.severity is Severity.ERROR for each in loaded.diagnostics):
        kind = _KIND_LINE.search(data)
        _useless(found, path, kind[1].decode() if kind else "")
        return
    root = loaded.root
    if not isinstance(root, MappingNode):
        help_text = "begin with the lines  schema: surety/v1  and  kind: …"
        message = f"a document is a mapping of keys and values, found {described(to_plain(root))}"
        found.findings.append(Diagnostic("SUR103", Severity.ERROR, message, root.location, help_text))
        _useless(found, path, "")
        return
    _validate(found, path, {key.raw: to_plain(value) for key, value in root.entries}, lambda: root, wanted)


class _Written:
    """Gives the nodes of a file that holds a mapping and nothing wrong; reads them when they are first asked for."""

    def __init__(self, data: bytes, path: str) -> None:
        self._unread: bytes | None = data
        self._path = path
        self._root: MappingNode | None = None
        self._asked = False

    def top(self, name: str, *, key: bool) -> Location | None:
        """The position of a value at the top, or of its key, if that is quicker than to read everything; else None.

        It is for the first time only: a file of which more is asked is read once, rather than a part of it each time.
        """
        from runner.contract.source import load_position

        if self._asked or self._unread is None:
            return None
        self._asked = True
        return load_position(self._unread, self._path, name, key=key)

    def __call__(self) -> MappingNode:
        from runner.contract.source import load

        if self._root is None:
            root = load(self._unread or b"", self._path).root
            if not isinstance(root, MappingNode):
                raise TypeError(f"{self._path} is no mapping")
            self._root, self._unread = root, None
        return self._root


def _validate(
    found: Documents, path: str, plain: dict[str, Any], nodes: Callable[[], MappingNode], wanted: frozenset[str]
) -> None:
    kind = plain.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        found.findings.append(_unknown_kind(nodes()))
        _useless(found, path, kind if isinstance(kind, str) else "")
        return
    if kind not in wanted:
        return
    cases: dict[str, BaseModel] = {}
    model, findings = _cases(plain, nodes, cases) if cases_of(plain) else validate(KINDS[kind], plain, nodes)
    if kind == "Scenario" and not cases_of(plain):
        findings = unfilled(plain, findings)
    other_version = [each for each in findings if each.code == "SUR106"]
    found.findings.extend(other_version or findings)
    if model is None:
        found.broken.add(kind)
        return
    found.by_kind.setdefault(kind, []).append(Document(path, kind, nodes, plain, model, cases))


def _cases(
    plain: dict[str, Any], nodes: Callable[[], MappingNode], cases: dict[str, BaseModel]
) -> tuple[BaseModel | None, list[Diagnostic]]:
    """Fill in the models of a scenario's cases by name; the first of them, or what is wrong with any."""
    found: list[Diagnostic] = []
    open_places = placeholders(plain)
    for name, values in cases_of(plain).items():
        for path, wanted in open_places:
            if wanted not in values:
                message = f"the case `{name}` gives no value for `${wanted}`"
                help_text = f"{did_you_mean(wanted, values)}add it below cases: {name}"
                where = locate(nodes(), path)
                found.append(Diagnostic("SUR607", Severity.ERROR, message, where, help_text, pointer_of(path)))

        def written(path: Path, case: str = name) -> tuple[Node, Path]:
            return nodes(), written_at(plain, case, path)

        if not found:
            # The name of a case is checked as it stands in the story, with all the others.
            filled = with_values(plain, values) | {"cases": {name: dict(values)}}
            model, wrong = validate(Scenario, filled, nodes, (), written)
            found += wrong
            if model is not None:
                cases[name] = model
    return (None, sorted(set(found))) if found else (next(iter(cases.values())), [])


def _useless(found: Documents, path: str, kind: str) -> None:
    """Note that a file was of no use, and what it might have held: the kind it names, or the one it misspells."""
    meant = kind if kind in KINDS else nearest(kind, KINDS) if kind else None
    if meant is None:
        found.unclear.append(path)
    else:
        found.broken.add(meant)


def _unknown_kind(root: MappingNode) -> Diagnostic:
    kinds = ", ".join(KINDS)
    node = root.get("kind")
    if node is None:
        message, help_text = "the key `kind` is missing", f"add kind: …, with one of {kinds}"
        return Diagnostic("SUR105", Severity.ERROR, message, locate(root, (), key=True), help_text)
    given = to_plain(node)
    message = "the key `kind` is empty" if given is None else f"{shown(given)} is not a kind of document"
    help_text = f"{did_you_mean(given, KINDS)}kinds: {kinds}"
    return Diagnostic("SUR105", Severity.ERROR, message, locate(root, ("kind",)), help_text, "/kind")


def validate(
    model: type[Model], plain: object, nodes: Callable[[], Node], base: Path = (), source: Source | None = None
) -> tuple[Model | None, list[Diagnostic]]:
    """The model, or the findings that say why there is none.

    `base` is where `plain` stands below what `nodes` gives. `source` says for a path in `plain` where it is written
    instead: below which root, at which path.
    """
    try:
        return model.model_validate(plain), []
    except ValidationError as error:
        wrong = error.errors(include_url=False)[:_MOST_FINDINGS]
    source = source or (lambda path: (nodes(), (*base, *path)))
    paths = [tuple(_walk(plain, each)) for each in wrong]
    meant = {
        (*path[:-1], nearest(str(path[-1]), allowed_keys(model, path[:-1])))
        for path, each in zip(paths, wrong, strict=True)
        if each["type"] == "extra_forbidden"
    }
    return None, [
        _finding(model, each, path, source)
        for path, each in zip(paths, wrong, strict=True)
        if not (each["type"] == "missing" and path in meant) and not (each["type"] == "too_short" and each["input"])
    ]


def _finding(model: type[BaseModel], error: ErrorDetails, path: Path, source: Source) -> Diagnostic:
    """A missing key is shown at the key that should hold it, a wrong one at itself, a value where it is."""
    root, full = source(path)
    if error["type"] == "missing":
        where = locate(root, full[:-1], key=True)
    elif error["type"] == "extra_forbidden" or "[key]" in error["loc"]:
        root, above = source(path[:-1])  # an input gives values, never keys
        where = locate(root, full := (*above, path[-1]), key=True)
    elif isinstance(error["input"], Mapping) and error["type"] == "value_error":
        unfit = error.get("ctx", {}).get("error")
        at_fault = unfit.key if isinstance(unfit, Unfit) else None
        where = locate(root, full if at_fault is None else (*full, at_fault), key=True)
    else:
        where = locate(root, full)
    code, message, help_text = words(model, error, path)
    return Diagnostic(code, Severity.ERROR, message, where, help_text, pointer_of(full))


def _walk(plain: object, error: ErrorDetails) -> Iterator[str | int]:
    """The parts of an error's location that exist in the data, and the key that should; tags of unions do not."""
    parts = [part for part in error["loc"] if part != "[key]"]
    value = plain
    for index, part in enumerate(parts):
        if isinstance(value, Mapping):
            if part in value or (error["type"] == "missing" and index == len(parts) - 1):
                yield part
                value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            yield part
            value = value[part]
