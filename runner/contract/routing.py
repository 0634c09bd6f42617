"""Compiles the Routing policy to the form that the engine routes by, and checks that it names every template once.

Decides nothing about tickets; whether templates can ever match is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.contract import policies as pol
from runner.contract.compile_calendar import compile_calendar
from runner.contract.condition_reader import declared_reader
from runner.contract.conditions import Condition, IsSet, condition_calendars
from runner.contract.contract import Contract
from runner.contract.diagnostic import nearest
from runner.contract.documents import Document, Documents, Path
from runner.contract.misfit import did_you_mean
from runner.contract.references import References
from runner.contract.routing_form import RoutingForm

__all__ = ["compile_routing", "listed"]


def listed(routing: pol.Routing) -> Iterator[tuple[str, Path]]:
    """Every template in `order`, with its path in the document; peers one after the other."""
    for index, item in enumerate(routing.order):
        if isinstance(item, str):
            yield item, ("order", index)
        else:
            for place, name in enumerate(item):
                yield name, ("order", index, place)


def compile_routing(
    documents: Documents,
    references: References,
    templates: Mapping[str, Document],
    misnamed: Mapping[str, Document],
    contracts: Mapping[str, Contract],
) -> RoutingForm | None:
    """The routing; findings go to `references`. None if there is no one policy that can be read.

    `misnamed` are templates whose name is not that of their folder, by the folder's name.
    """
    document = documents.one("Routing")
    if document is None:
        return None
    routing = document.read_as(pol.Routing)
    calendars, reader = documents.policy(pol.Calendars), declared_reader(documents)
    scope = reader.read(document.plain["scope"])
    if references.fields is not None:
        for each in reader.problems:
            path = ("scope", *each.path)
            references.wrong(document, each.code, path, each.message, each.help, key=each.key)
    _known(routing, document, documents, references, {**misnamed, **templates})
    _mentioned(routing, references, templates, misnamed)
    fallback = contracts.get(routing.fallback)
    if fallback is not None and not reader.problems and not _total(fallback, scope):
        message = "the fallback would miss tickets: it must take every ticket in scope, whatever happens to it"
        help_text = "write on: [ticket.created, ticket.updated, time.passed] and when: {created_at: {set: true}}"
        references.wrong(templates[routing.fallback], "SUR308", ("trigger",), message, help_text, key=True)
    counted = condition_calendars(scope) if calendars is not None and not reader.problems else ()
    return RoutingForm(
        scope=scope,
        order=tuple(name for name, _ in listed(routing)),
        fallback=routing.fallback,
        peers=tuple(item for item in routing.order if not isinstance(item, str) and len(item) > 1),
        calendars={name: compile_calendar(calendars, name) for name in sorted(counted)} if calendars else {},
    )


def _known(
    routing: pol.Routing,
    document: Document,
    documents: Documents,
    references: References,
    templates: Mapping[str, Document],
) -> None:
    """Every name in the routing is that of a template, once."""
    seen: set[str] = set()
    for name, path in (*listed(routing), (routing.fallback, ("fallback",))):
        if name in seen:
            references.wrong(document, "SUR208", path, f"`{name}` stands in the routing twice", "name it once")
        elif templates and name not in templates and "Template" not in documents.broken:
            help_text = f"{did_you_mean(name, templates)}templates: {', '.join(sorted(templates))}"
            references.wrong(document, "SUR201", path, f"there is no template `{name}`", help_text)
        seen.add(name)


def _mentioned(
    routing: pol.Routing, references: References, templates: Mapping[str, Document], misnamed: Mapping[str, Document]
) -> None:
    """Every template stands in the routing, be it misspelt."""
    names = {*(name for name, _ in listed(routing)), routing.fallback}
    names |= {nearest(name, templates) or name for name in names - templates.keys() - misnamed.keys()}
    meant = {document.path for name, document in misnamed.items() if name in names}
    for name, template in templates.items():
        if name not in names and template.path not in meant:
            message = f"the routing does not mention the template `{name}`, so no ticket reaches it"
            references.wrong(template, "SUR208", ("name",), message, "add it to `order` in the Routing policy")


def _total(fallback: Contract, scope: Condition) -> bool:
    every = {"ticket.created", "ticket.updated", "time.passed"}
    return set(fallback.on) == every and fallback.condition in (IsSet("created_at"), scope)
