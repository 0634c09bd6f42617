"""SUR612 to SUR614: what a property names exists, where it stands, and whether it is one of its own. Proves none.

`surety verify` asks the same first: a claim about what does not exist would hold, and say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.contract.contract import BUILT_IN, Contract
from runner.contract.diagnostic import Diagnostic, Severity, nearest
from runner.contract.documents import Document, Documents, Path
from runner.contract.load import Revision
from runner.contract.misfit import did_you_mean
from runner.contract.property import Look, Property
from runner.contract.rule import Rule
from validators.check.subject import Subject

__all__ = ["RULES", "check", "property_findings"]

_NAMES: Final = Rule(
    code="SUR612",
    name="property-names-nothing",
    severity=Severity.ERROR,
    summary="A property names an exception class, a rung or a state that its template does not have.",
    why="Where a thing cannot come about, that it never does is true and says nothing. A misspelt name is proved for "
    "ever, and nobody notices.",
    bad="""\
never: {state: exhausted, exceptions: [data-mising]}
""",
    good="""\
never: {state: exhausted, exceptions: [data-missing]}
""",
    fix="Use the spelling that the help text offers, or let the template have what the property is about.",
    waivable=False,
)
_PLACE: Final = Rule(
    code="SUR613",
    name="property-out-of-place",
    severity=Severity.ERROR,
    summary="A property does not stand in the folder of a template.",
    why="A property claims something of the template in whose folder it stands. Out of place it is never proved, and "
    "looks as if it were.",
    bad="""\
# templates/rset/never-forgotten_property.yaml
kind: Property
""",
    good="""\
# templates/rest/never-forgotten_property.yaml
kind: Property
""",
    fix="Move the file into the folder of the template that it is about.",
    waivable=False,
)
_TWICE: Final = Rule(
    code="SUR614",
    name="property-named-twice",
    severity=Severity.ERROR,
    summary="Two properties of a template have the same name.",
    why="A verdict, and `--property`, tell properties by their names: of two of the same name, one would be taken for "
    "the other.",
    bad="""\
# templates/rest/never-forgotten_property.yaml and templates/rest/never-late_property.yaml
name: never-late
""",
    good="""\
# templates/rest/never-forgotten_property.yaml
name: never-forgotten
""",
    fix="Give each property of a template a name of its own.",
    waivable=False,
)
RULES: Final = (_NAMES, _PLACE, _TWICE)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Properties in a wrong place, of a name that is taken, and about what does not exist."""
    yield from property_findings(subject.documents, subject.revision)


def property_findings(documents: Documents, revision: Revision | None) -> Iterator[Diagnostic]:
    """The same, of a revision as it was read; names are only looked at in a valid one."""
    folders = {document.path.rpartition("/")[0] for document in documents.all("Template")}
    known: dict[tuple[str, str], Document] = {}
    for document in documents.all("Property"):
        folder = document.path.rpartition("/")[0]
        each = document.read_as(Property)
        if folder not in folders:
            if "Template" not in documents.broken:
                near = nearest(folder.rpartition("/")[2], [name.rpartition("/")[2] for name in folders])
                message = f"this property stands in `{folder or '.'}`, which is not the folder of a template"
                help_text = f"move it to templates/{near or 'NAME'}/, if it is about that template"
                yield _PLACE.found(document, ("kind",), message, help_text)
            continue
        first = known.setdefault((folder, each.name), document)
        if first is not document:
            message = f"`{each.name}` is the name of another property of this template, in {first.path}"
            yield _TWICE.found(document, ("name",), message, "give each a name of its own")
        contract = revision.contracts.get(folder.rpartition("/")[2]) if revision is not None else None
        if contract is not None:
            for path, look in _looks(each):
                yield from _names(document, path, look, contract)


def _looks(each: Property) -> Iterator[tuple[Path, Look]]:
    for key in ("when", "always", "never"):
        look = getattr(each, key)
        if look is not None:
            yield (key,), look
    if each.leads_to is not None:
        yield ("leads_to", "from"), each.leads_to.from_
        yield ("leads_to", "to"), each.leads_to.to


def _names(document: Document, path: Path, look: Look, contract: Contract) -> Iterator[Diagnostic]:
    classes = (*contract.exceptions, *(name for name in BUILT_IN if name not in contract.exceptions))
    for index, name in enumerate(look.exceptions or ()):
        if name not in classes:
            message = f"the template `{contract.name}` has no exception class `{name}`"
            help_text = f"{did_you_mean(name, classes)}it has: {', '.join(classes)}"
            yield _NAMES.found(document, (*path, "exceptions", index), message, help_text)
    rungs = [rung.name for rung in contract.ladder]
    if look.rung is not None and look.rung not in rungs:
        message = f"nobody is asked on the rung `{look.rung}`: the ladder of `{contract.name}` is {', '.join(rungs)}"
        yield _NAMES.found(document, (*path, "rung"), message, "name a rung of the ladder, or leave it out")
    if look.state == "waiting" and contract.waiting is None:
        message = f"the template `{contract.name}` never waits: it has no `waiting`"
        yield _NAMES.found(document, (*path, "state"), message, "remove the property, or let the template wait")
    if look.handoff and not (contract.handoff.at_most or contract.handoff.sequence):
        message = f"nothing is handed over in `{contract.name}`: it allows no handoff"
        yield _NAMES.found(document, (*path, "handoff"), message, "remove the property, or let the template hand over")
