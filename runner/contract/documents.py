"""Documents: every YAML file of a revision, read, validated against its kind, with the position of each finding.

Nothing here follows a reference from one document to another; that is `runner.contract.references`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from runner.contract import policies as pol
from runner.contract import template as tpl
from runner.contract.diagnostic import Diagnostic, Location, Severity, nearest
from runner.contract.nodes import MappingNode, Node, ScalarNode, locate, pointer_of, to_plain
from runner.contract.scenario import Scenario
from runner.contract.source import load

__all__ = ["KINDS", "POLICY_KINDS", "Document", "Documents", "Files", "document_finding", "read_documents", "validate"]

POLICY_KINDS: Mapping[str, type[BaseModel]] = {
    kind.__name__: kind
    for kind in (
        pol.People,
        pol.Rotations,
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
    )
}
"""Policy kinds; each stands exactly once in a revision, in any file below `policies/`."""
KINDS: Mapping[str, type[BaseModel]] = {
    **POLICY_KINDS,
    "Template": tpl.Template,
    "Block": tpl.Block,
    "Scenario": Scenario,
}
"""Every kind of document."""
Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class Files(Protocol):
    """A revision's files: paths relative to its root, with slashes, and their bytes."""

    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one."""
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is valid for its kind."""

    path: str
    kind: str
    root: MappingNode
    plain: dict[str, Any]
    model: BaseModel

    def at(self, *path: str | int, key: bool = False) -> Location:
        """The position of a value in it, or of its key."""
        return locate(self.root, path, key=key)


@dataclass(slots=True)
class Documents:
    """All documents of a revision, by kind, and what is wrong with the rest."""

    by_kind: dict[str, list[Document]] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Kinds of which a document could not be read, so that references to it are not judged."""

    def all(self, kind: str) -> list[Document]:
        """The documents of a kind."""
        return self.by_kind.get(kind, [])

    def one(self, kind: str) -> Document | None:
        """The policy of a kind."""
        found = self.all(kind)
        return found[0] if found else None

    def policy(self, kind: type[Model]) -> Model | None:
        """The model of a policy."""
        document = self.one(kind.__name__)
        return document.model if document and isinstance(document.model, kind) else None


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
    for path in files.paths():
        if not path.endswith((".yaml", ".yml")):
            continue
        _read(found, path, files.read(path), wanted)
    for kind in POLICY_KINDS:
        documents = found.all(kind)
        for extra in documents[1:]:
            message = f"there are two documents of kind {kind}; the first is {documents[0].path}"
            found.findings.append(document_finding(extra, "SUR111", ("kind",), message, "merge them into one file"))
    return found


def _read(found: Documents, path: str, data: bytes, wanted: frozenset[str]) -> None:
    loaded = load(data, path)
    found.findings.extend(loaded.diagnostics)
    if loaded.root is None or any(each.severity is Severity.ERROR for each in loaded.diagnostics):
        found.broken.add(_guess_kind(loaded.root, path))
        return
    root = loaded.root
    if not isinstance(root, MappingNode):
        help_text = "begin with:  schema: surety/v1  and  kind: …"
        message = "a document is a mapping of keys and values"
        found.findings.append(Diagnostic("SUR103", Severity.ERROR, message, root.location, help_text))
        return
    kind = _guess_kind(root, path)
    if kind not in KINDS:
        found.findings.append(_unknown_kind(root, kind))
        return
    if kind not in wanted:
        return
    plain = to_plain(root)
    model, findings = validate(KINDS[kind], plain, root)
    found.findings.extend(findings)
    if model is None or not isinstance(plain, dict):
        found.broken.add(kind)
        return
    found.by_kind.setdefault(kind, []).append(Document(path, kind, root, plain, model))


def _guess_kind(root: Node | None, path: str) -> str:
    if isinstance(root, MappingNode):
        node = root.get("kind")
        if isinstance(node, ScalarNode):
            return str(node.value)
    if path.endswith("/template.yaml"):
        return "Template"
    return ""


def _unknown_kind(root: MappingNode, kind: str) -> Diagnostic:
    near = nearest(kind, KINDS)
    hint = f"did you mean `{near}`? " if near else ""
    message = f"`{kind}` is not a kind" if kind else "the document does not say its kind"
    return Diagnostic("SUR105", Severity.ERROR, message, locate(root, ("kind",)), f"{hint}kinds: {', '.join(KINDS)}")


def validate(model: type[Model], plain: object, root: Node, base: Path = ()) -> tuple[Model | None, list[Diagnostic]]:
    """The model, or the findings that say why there is none; `base` is where `plain` stands below `root`."""
    try:
        return model.model_validate(plain), []
    except ValidationError as error:
        return None, [_finding(model, each, root, base) for each in error.errors(include_url=False)]


def _finding(model: type[BaseModel], error: ErrorDetails, root: Node, base: Path) -> Diagnostic:
    path = tuple(
        _walk(root, (*base, *(part for part in error["loc"] if part != "[key]")), keep=error["type"] == "missing")
    )
    key = error["type"] == "extra_forbidden" or "[key]" in error["loc"]
    where = locate(root, path[:-1] if error["type"] == "missing" else path, key=key)
    name = str(path[-1]) if path else ""
    code, message, help_text = _words(model, error, name, path[len(base) :])
    return Diagnostic(code, Severity.ERROR, message, where, help_text, pointer_of(path))


def _walk(root: Node, loc: Path, *, keep: bool) -> Iterator[str | int]:
    """The parts of an error's location that exist in the document; union tags do not."""
    node: Node | None = root
    for index, part in enumerate(loc):
        if isinstance(node, MappingNode) and isinstance(part, str):
            if part in node:
                node = node.get(part)
                yield part
            elif keep and index == len(loc) - 1:
                yield part
        elif isinstance(part, int) and node is not None and not isinstance(node, MappingNode | ScalarNode):
            node = node.items[part] if part < len(node.items) else None
            yield part


def _words(model: type[BaseModel], error: ErrorDetails, name: str, path: Path) -> tuple[str, str, str]:
    sort, given = error["type"], error["input"]
    if sort == "extra_forbidden":
        allowed = _allowed(model, path[:-1])
        near = nearest(name, allowed)
        return (
            "SUR101",
            f"unknown key `{name}`",
            (f"did you mean `{near}`? " if near else "") + f"allowed: {', '.join(allowed)}",
        )
    if sort == "missing":
        return "SUR102", f"the key `{name}` is missing", f"add `{name}: …` here"
    if name == "schema" and sort == "literal_error":
        return "SUR106", f"`{given}` is not a schema version that this program reads", "write schema: surety/v1"
    if sort == "value_error":
        return "SUR104", str(error.get("ctx", {}).get("error", error["msg"])), ""
    if sort == "literal_error":
        expected = str(error.get("ctx", {}).get("expected", ""))
        near = nearest(str(given), [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")])
        return (
            "SUR104",
            f"`{given}` is not allowed for `{name}`",
            (f"did you mean `{near}`? " if near else "") + f"allowed: {expected}",
        )
    if sort == "string_pattern_mismatch":
        return (
            "SUR104",
            f"`{given}` does not have the form of `{name}`",
            f"expected: {_FORMS.get(str(error.get('ctx', {}).get('pattern')), error['msg'])}",
        )
    if sort.endswith("_type") or sort in ("model_attributes_type", "string_type"):
        return (
            "SUR103",
            f"`{name}` has the wrong type: found {_show(given)}",
            error["msg"]
            .replace("Input should be", "expected")
            .replace("tuple", "list")
            .replace("dictionary", "mapping"),
        )
    return "SUR104", f"`{name}`: {error['msg']}", ""


_FORMS = {
    r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$": "lower case letters and digits with single dashes or underscores, as in enterprise-billing",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": 'a time of day, as in "09:00"',
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a date, as in 2026-03-03",
}


def _show(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"`{value}`"


def _allowed(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that are allowed at a path, as far as the models say."""
    current: Any = model
    for part in path:
        current = _descend(current, part)
    fields = getattr(_model_of(current), "model_fields", {})
    return [info.alias or name for name, info in fields.items()]


def _descend(current: Any, part: str | int) -> Any:
    owner = _model_of(current)
    if owner is not None and isinstance(part, str):
        for name, info in owner.model_fields.items():
            if part in (info.alias, name):
                return info.annotation
        return None
    args = [arg for arg in get_args(current) if arg is not Ellipsis]
    return args[-1] if args else None


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for arg in get_args(annotation):
        found = _model_of(arg)
        if found is not None:
            return found
    return None
