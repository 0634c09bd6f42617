"""The Routing policy compiled: order, peers, the rearm of all, calendars; and what is wrong with it."""

from __future__ import annotations

import pytest

from runner.contract.conditions import HeldFor, TimeFrom
from runner.contract.diagnostic import Diagnostic
from tests.runner.contract.repository import MINIMAL, Edit, add, load, put, revision

ROUTING, BILLING, REST = "policies/routing.yaml", "templates/billing/template.yaml", "templates/rest/template.yaml"
ORDER = "order: [billing]"


def copy(name: str) -> Edit:
    """The billing template under another name."""
    text = MINIMAL[BILLING].decode().replace("name: billing", f"name: {name}", 1)
    return add(f"templates/{name}/template.yaml", text)


COPIES = (copy("second"), copy("third"), copy("fourth"))


def test_the_order_is_flat_and_peers_are_known() -> None:
    routing = revision(*COPIES, put(ROUTING, ORDER, "order: [fourth, [second, third], billing]")).routing
    assert routing.order == ("fourth", "second", "third", "billing")
    assert routing.peers == (("second", "third"),)
    assert routing.fallback == "rest"


def test_a_list_of_one_has_no_peers() -> None:
    assert revision(put(ROUTING, ORDER, "order: [[billing]]")).routing.peers == ()


def findings(*edits: Edit) -> list[tuple[str, str, str]]:
    loaded = load(*edits)
    assert loaded.revision is None

    def shown(each: Diagnostic) -> tuple[str, str, str]:
        return each.code, each.pointer, each.message

    return [shown(each) for each in loaded.findings]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("[[billing, biling]]", ("SUR201", "/order/0/1", "there is no template `biling`")),
        ("[[billing, billing]]", ("SUR208", "/order/0/1", "`billing` stands in the routing twice")),
        ("[billing, [rest]]", ("SUR208", "/fallback", "`rest` stands in the routing twice")),
        ("[[]]", ("SUR104", "/order/0", "entry 1 of `order` is empty")),
        ("[[billing, 3]]", ("SUR103", "/order/0/1", "entry 2 of `order` must be a text, found the number `3`")),
        ("[{a: b}]", ("SUR103", "/order/0", "entry 1 of `order` must be a text, found a mapping")),
        ("[[[billing]]]", ("SUR103", "/order/0/0", "entry 1 of `order` must be a text, found a list")),
    ],
)
def test_what_is_wrong_with_an_order(order: str, expected: tuple[str, str, str]) -> None:
    assert expected in findings(put(ROUTING, ORDER, f"order: {order}"))


def test_the_routing_gives_its_rearm_to_templates_that_have_none() -> None:
    routing = put(ROUTING, ORDER, f"rearm: 12h\n{ORDER}")
    own = put(REST, "trigger:", "trigger:\n  rearm: 2h")
    contracts = revision(routing, own).contracts
    assert (contracts["billing"].rearm, contracts["rest"].rearm) == (12 * 3600, 2 * 3600)
    assert revision().contracts["billing"].rearm is None


def test_calendars_of_conditions_are_taken_in() -> None:
    scope = "  status: {not: solved}\n  any:\n    - due_at: {past_by: {time: 4h, calendar: night}}\n    - type: billing"
    when = "due_at: {past_by: {time: 4h, calendar: night}}\n    status: {is: open, for: {time: 2h, calendar: office}}"
    found = revision(
        put(ROUTING, "  status: {not: solved}", scope),
        put(BILLING, "  on: [ticket.created, ticket.updated]", "  on: [ticket.created, ticket.updated, time.passed]"),
        put(BILLING, "type: billing", f"type: billing\n    {when}"),
    )
    assert set(found.routing.calendars) == {"night"}
    contract = found.contracts["billing"]
    assert {"night", "office"} <= contract.calendars.keys()
    assert TimeFrom("due_at", 14400, "night") in contract.condition.parts  # type: ignore[union-attr]
    assert HeldFor("status", ("open",), 7200, "office") in contract.condition.parts  # type: ignore[union-attr]
    assert found.routing.calendars["night"] == contract.calendars["night"]


def test_a_calendar_that_does_not_exist() -> None:
    scope = put(ROUTING, "  status: {not: solved}", "  due_at: {past_by: {time: 4h, calendar: nigth}}")
    found = [each for each in load(scope).findings if each.code == "SUR201"]
    assert [(each.pointer, each.help) for each in found] == [
        ("/scope/due_at/past_by/calendar", "did you mean `night`? known: night, office")
    ]
