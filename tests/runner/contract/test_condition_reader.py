"""Conditions as they are written: each good form with the tree it means, each bad one with what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.contract.condition_reader import BUILTIN_FIELDS, ConditionReader, Problem
from runner.contract.conditions import Condition, condition_from_plain, condition_plain
from runner.contract.policies import TicketField


def field(sort: Any, *values: str, ordered: bool = False) -> TicketField:
    return TicketField(type=sort, summary="x", values=values, ordered=ordered)


FIELDS = {
    "type": field("choice", "incident", "billing"),
    "priority": field("choice", "low", "normal", "high", ordered=True),
    "amount": field("number"),
    "vip": field("boolean"),
    "subject": field("text"),
    "agent": field("person"),
    "due_at": field("instant"),
    "account.tier": field("choice", "free", "paid"),
}
RANKS = ["low", "normal", "high"]


def read(plain: object) -> tuple[Condition, list[Problem]]:
    reader = ConditionReader(FIELDS, ("office", "night"))
    return reader.read(plain), reader.problems


def is_in(field: str, *values: object) -> dict[str, object]:
    return {"op": "in", "field": field, "values": list(values)}


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ({"type": "billing"}, is_in("type", "billing")),
        ({"type": ["billing", "incident"]}, is_in("type", "billing", "incident")),
        ({"type": {"is": "billing"}}, is_in("type", "billing")),
        ({"account.tier": "paid"}, is_in("account.tier", "paid")),
        ({"amount": 5}, is_in("amount", 5)),
        ({"amount": [5, 1.5]}, is_in("amount", 5, 1.5)),
        ({"vip": True}, is_in("vip", True)),
        ({"subject": "Help"}, is_in("subject", "Help")),
        ({"agent": "ann"}, is_in("agent", "ann")),
        ({"type": {"not": "billing"}}, {"op": "not", "of": is_in("type", "billing")}),
        ({"type": {"not": ["billing"]}}, {"op": "not", "of": is_in("type", "billing")}),
        ({"type": {"was": ["billing"]}}, {"op": "was", "field": "type", "values": ["billing"]}),
        ({"type": {"changed": True}}, {"op": "changed", "field": "type"}),
        ({"type": {"changed": False}}, {"op": "not", "of": {"op": "changed", "field": "type"}}),
        ({"due_at": {"set": True}}, {"op": "set", "field": "due_at"}),
        ({"due_at": {"set": False}}, {"op": "not", "of": {"op": "set", "field": "due_at"}}),
        ({"created_at": {"set": True}}, {"op": "set", "field": "created_at"}),
        ({"subject": {"contains": "fire"}}, {"op": "contains", "field": "subject", "text": "fire"}),
        ({"subject": {"like": "*fire*"}}, {"op": "like", "field": "subject", "glob": "*fire*"}),
        ({"agent": {"like": "a*"}}, {"op": "like", "field": "agent", "glob": "a*"}),
        (
            {"amount": {"more_than": 5}},
            {"op": "compare", "field": "amount", "compare": "more_than", "value": 5, "ranks": []},
        ),
        (
            {"priority": {"at_least": "normal"}},
            {"op": "compare", "field": "priority", "compare": "at_least", "value": "normal", "ranks": RANKS},
        ),
        (
            {"due_at": {"less_than": "2026-03-03T10:00:00+01:00"}},
            {
                "op": "compare",
                "field": "due_at",
                "compare": "less_than",
                "value": "2026-03-03T09:00:00.000000Z",
                "ranks": [],
            },
        ),
        ({"due_at": {"past_by": "30m"}}, {"op": "time_from", "field": "due_at", "seconds": 1800}),
        ({"due_at": {"past_by": "0m"}}, {"op": "time_from", "field": "due_at", "seconds": 0}),
        ({"due_at": {"due_within": "1h"}}, {"op": "time_from", "field": "due_at", "seconds": -3600}),
        (
            {"due_at": {"past_by": {"time": "4h", "calendar": "office"}}},
            {"op": "time_from", "field": "due_at", "seconds": 14400, "calendar": "office"},
        ),
        (
            {"due_at": {"due_within": {"time": "4h", "calendar": "office"}}},
            {"op": "time_from", "field": "due_at", "seconds": -14400, "calendar": "office"},
        ),
        ({"due_at": {"past_by": {"time": "30m"}}}, {"op": "time_from", "field": "due_at", "seconds": 1800}),
        (
            {"type": {"is": "billing", "for": {"time": "48h", "calendar": "office"}}},
            {"op": "held_for", "field": "type", "values": ["billing"], "seconds": 172800, "calendar": "office"},
        ),
        ({"created_at": {"past_by": "2d"}}, {"op": "time_from", "field": "created_at", "seconds": 172800}),
        ({"updated_at": {"past_by": "2d"}}, {"op": "time_from", "field": "updated_at", "seconds": 172800}),
        (
            {"type": {"is": "billing", "for": "48h"}},
            {"op": "held_for", "field": "type", "values": ["billing"], "seconds": 172800},
        ),
        (
            {"type": "billing", "vip": True},
            {"op": "all", "of": [is_in("type", "billing"), is_in("vip", True)]},
        ),
        (
            {"vip": True, "type": "billing"},  # in the order of names, whatever the order in the file
            {"op": "all", "of": [is_in("type", "billing"), is_in("vip", True)]},
        ),
        (
            {"amount": {"at_most": 9, "at_least": 5}},
            {
                "op": "all",
                "of": [
                    {"op": "compare", "field": "amount", "compare": "at_least", "value": 5, "ranks": []},
                    {"op": "compare", "field": "amount", "compare": "at_most", "value": 9, "ranks": []},
                ],
            },
        ),
        (
            {"any": [{"vip": True}, {"type": "billing"}]},  # a list keeps its order
            {"op": "any", "of": [is_in("vip", True), is_in("type", "billing")]},
        ),
        ({"all": [{"vip": True}]}, is_in("vip", True)),
        ({"any": [{"vip": True}]}, {"op": "any", "of": [is_in("vip", True)]}),
        ({"not": {"vip": True}}, {"op": "not", "of": is_in("vip", True)}),
        (
            {"not": {"any": [{"vip": True}, {"not": {"type": "billing"}}]}},
            {
                "op": "not",
                "of": {"op": "any", "of": [is_in("vip", True), {"op": "not", "of": is_in("type", "billing")}]},
            },
        ),
    ],
    ids=str,
)
def test_a_good_form_and_its_tree(written: object, tree: dict[str, object]) -> None:
    condition, problems = read(written)
    assert problems == []
    assert condition_plain(condition) == tree
    assert condition_from_plain(tree) == condition


CALENDAR_PROBLEMS = [
    (
        {"time": "4h", "calendar": "ofice"},
        ("calendar",),
        "SUR201",
        "there is no calendar `ofice`",
        "did you mean `office`? known: night, office",
    ),
    ({"time": "4h", "calendar": 4}, ("calendar",), "SUR201", "there is no calendar `4`", "known: night, office"),
    (
        {"time": "2d", "calendar": "office"},
        ("time",),
        "SUR305",
        "`2d` counts 48 open hours of `office`, not working days",
        "write hours, for example 16h for two days of eight hours",
    ),
    ({"calendar": "office"}, (), "SUR204", "the key `time` is missing", "write {time: 4h, calendar: NAME}"),
    (
        {"time": "4h", "calender": "office"},
        ("calender",),
        "SUR204",
        "unknown key `calender`",
        "did you mean `calendar`? allowed: time, calendar",
    ),
    ({"time": 4, "calendar": "office"}, ("time",), "SUR204", "a duration needs a unit, found `4`", None),
]


@pytest.mark.parametrize(("written", "path", "code", "message", "advice"), CALENDAR_PROBLEMS, ids=str)
@pytest.mark.parametrize(
    ("whole", "above"),
    [
        (lambda span: {"due_at": {"past_by": span}}, ("due_at", "past_by")),
        (lambda span: {"due_at": {"due_within": span}}, ("due_at", "due_within")),
        (lambda span: {"type": {"is": "billing", "for": span}}, ("type", "for")),
    ],
    ids=["past_by", "due_within", "for"],
)
def test_time_of_a_calendar_that_does_not_fit(  # noqa: PLR0917 - two tables
    whole: Any, above: tuple[str, ...], written: object, path: tuple[str, ...], code: str, message: str, advice: Any
) -> None:
    (problem,) = read(whole(written))[1]
    assert (problem.code, problem.path, problem.message) == (code, (*above, *path), message)
    assert advice in (None, problem.help)


def test_any_calendar_is_believed_where_nobody_knows_them() -> None:
    reader = ConditionReader(FIELDS)
    reader.read({"due_at": {"past_by": {"time": "4h", "calendar": "ofice"}}})
    assert reader.problems == []


def nested(levels: int) -> object:
    condition: object = {"vip": True}
    for _ in range(levels):
        condition = {"all": [condition]}
    return condition


def test_nesting_is_allowed_as_far_as_it_is_said() -> None:
    assert read(nested(12))[1] == []
    (problem,) = read(nested(13))[1]
    assert problem.message == "this condition is nested too deeply"
    assert "at most 12" in problem.help


A_CHOICE = "a choice takes is, not, more_than, at_least, less_than, at_most, set, changed, was, for"


@pytest.mark.parametrize(
    ("written", "path", "message", "advice"),
    [
        ("billing", (), "a condition is a mapping of fields, found the text `billing`", "write for example {priority:"),
        ([{"vip": True}], (), "a condition is a mapping of fields, found a list", "write for example"),
        (None, (), "a condition is a mapping of fields, found nothing", "write for example"),
        ({}, (), "this condition is empty", "write for example"),
        ({"not": {}}, ("not",), "this condition is empty", "write for example"),
        (
            {"any": {"vip": True}},
            ("any",),
            "`any` holds a list of conditions, found a mapping",
            "write any: [{…}, {…}]",
        ),
        ({"all": []}, ("all",), "`all` holds a list of conditions, found an empty list", "write all: ["),
        ({"any": [True]}, ("any", 0), "a condition is a mapping of fields, found `true`", "write for example"),
        (
            {"typ": "billing"},
            ("typ",),
            "there is no ticket field `typ`",
            "did you mean `type`? fields of the Fields policy: acc",
        ),
        ({"zzz": 1}, ("zzz",), "there is no ticket field `zzz`", "fields of the Fields policy: account.tier, agent,"),
        ({"type": {}}, ("type",), "nothing is asked of `type`", A_CHOICE),
        ({"type": {"equal-to-it": "x"}}, ("type", "equal-to-it"), "`equal-to-it` is not an operator", A_CHOICE),
        ({"type": {"equals": "x"}}, ("type", "equals"), "`equals` is not an operator", "did you mean `is`? a choice"),
        ({"amount": {">": 5}}, ("amount", ">"), "`>` is not an operator", "did you mean `more_than`? a number takes"),
        (
            {"amount": "> 5"},
            ("amount",),
            "`amount` is a number, found the text `> 5`",
            "write {amount: {more_than: 5}}",
        ),
        (
            {"priority": "low or high"},
            ("priority",),
            "`low or high` is not a value of `priority`",
            "several values stand in brackets: priority: [low, high]. values: low",
        ),
        (
            {"priority": "low", "high": None},
            ("high",),
            "there is no ticket field `high`",
            "several values of `priority` stand in brackets: priority: [low, high]",
        ),
        (
            {"priority": {"not": "low", "high": None}},
            ("priority", "high"),
            "`high` is not an operator",
            "several values stand in brackets, as in {not: [one, two]}. a choice takes",
        ),
        ({"type": "refund"}, ("type",), "`refund` is not a value of `type`", "values: incident, billing; another one"),
        (
            {"amount": {"morethan": 1}},
            ("amount", "morethan"),
            "`morethan` is not an operator",
            "did you mean `more_than`?",
        ),
        (
            {"type": {"contains": "b"}},
            ("type", "contains"),
            "`contains` does not work on `type`, which is a choice",
            A_CHOICE,
        ),
        (
            {"due_at": {"is": "x"}},
            ("due_at", "is"),
            "`is` does not work on `due_at`, which is an instant",
            "an instant takes",
        ),
        (
            {"amount": {"past_by": "2h"}},
            ("amount", "past_by"),
            "`past_by` does not work on `amount`, which is a number",
            "a number",
        ),
        (
            {"type": {"for": "2h"}},
            ("type", "for"),
            "`for` says how long, but not which value",
            "write for example {type: {is:",
        ),
        ({"type": {"is": "billing", "for": "2 h"}}, ("type", "for"), "`2 h` is not a duration", "did you mean 2h?"),
        ({"type": {"is": "billing", "for": 48}}, ("type", "for"), "a duration needs a unit, found `48`", "write 48m"),
        (
            {"due_at": {"past_by": 30}},
            ("due_at", "past_by"),
            "a duration needs a unit, found `30`",
            "write 30m for minutes",
        ),
        ({"due_at": {"due_within": []}}, ("due_at", "due_within"), "an empty list is not a duration", "write a whole"),
        (
            {"type": "biling"},
            ("type",),
            "`biling` is not a value of `type`",
            "did you mean `billing`? values: incident, billing",
        ),
        ({"type": ["billing", "x"]}, ("type", 1), "`x` is not a value of `type`", "values: incident"),
        ({"type": {"not": "x"}}, ("type", "not"), "`x` is not a value of `type`", "values:"),
        ({"type": {"was": [True]}}, ("type", "was", 0), "`true` is not a value of `type`", "values:"),
        ({"type": []}, ("type",), "the list of values for `type` is empty", "name at least one value"),
        (
            {"type": None},
            ("type",),
            "no value is given for `type`",
            "to ask whether it has none, write {type: {set: false}}",
        ),
        ({"type": [[]]}, ("type", 0), "an empty list is not a value of `type`", "values:"),
        ({"amount": "5"}, ("amount",), "`amount` is a number, found the text `5`", "write digits without quotes"),
        ({"amount": True}, ("amount",), "`amount` is a number, found `true`", "write digits"),
        (
            {"vip": "yes"},
            ("vip",),
            "`vip` is true or false, found the text `yes`",
            "write true or false, without quotes",
        ),
        ({"vip": 1}, ("vip",), "`vip` is true or false, found the number `1`", "write true or false"),
        ({"subject": 5}, ("subject",), "`subject` is a text, found the number `5`", "put the value in quotes"),
        ({"agent": True}, ("agent",), "`agent` is a person, found `true`", "put the value in quotes"),
        (
            {"due_at": "soon"},
            ("due_at",),
            "`soon` is not an instant",
            "write it with a zone, as in 2026-03-03T09:00:00Z or",
        ),
        ({"due_at": {"at_most": "30m"}}, ("due_at", "at_most"), "`30m` is not an instant", "write it with a zone"),
        (
            {"type": {"at_least": "billing"}},
            ("type", "at_least"),
            "the values of `type` have no order, so `at_least`",
            "list the",
        ),
        (
            {"priority": {"at_least": "hgh"}},
            ("priority", "at_least"),
            "`hgh` is not a value of `priority`",
            "did you mean `high`?",
        ),
        ({"amount": {"at_least": [1]}}, ("amount", "at_least"), "`amount` is a number, found a list", "write digits"),
        (
            {"type": {"set": "yes"}},
            ("type", "set"),
            "`set` is true or false, found the text `yes`",
            "write {type: {set: true}}",
        ),
        (
            {"type": {"changed": None}},
            ("type", "changed"),
            "`changed` is true or false, found nothing",
            "write {type: {changed",
        ),
        (
            {"subject": {"contains": 5}},
            ("subject", "contains"),
            "`contains` needs a text, found the number `5`",
            "write it in",
        ),
        (
            {"subject": {"like": ""}},
            ("subject", "like"),
            "`like` needs a text, found an empty text",
            "write it in quotes",
        ),
    ],
    ids=str,
)
def test_a_bad_form_and_what_is_said(written: object, path: tuple[str | int, ...], message: str, advice: str) -> None:
    _, (problem,) = read(written)
    assert problem.path == path
    assert problem.message.startswith(message)
    assert problem.help.startswith(advice)


def test_an_instant_compared_with_a_duration_is_told_of_the_operators_for_that() -> None:
    _, (problem,) = read({"due_at": {"at_most": "30m"}})
    assert problem.help.endswith("a time before or after now is asked with past_by or due_within")


def test_every_mistake_is_found_at_once() -> None:
    _, problems = read({"any": [{"typ": "x"}, {"vip": 1}], "amount": "5", "not": {"priority": "hgh"}})
    assert [problem.path for problem in problems] == [
        ("amount",),
        ("any", 0, "typ"),
        ("any", 1, "vip"),
        ("not", "priority"),
    ]


def test_what_is_wrong_with_a_key_is_shown_at_the_key() -> None:
    wrong_key = (
        {"typ": 1},
        {"type": {"equals": 1}},
        {"amount": {"like": "x"}},
        {"type": {"for": "1h"}},
        {"type": {"at_most": 1}},
    )
    assert all(problem.key for written in wrong_key for problem in read(written)[1])
    assert not any(problem.key for problem in read({"type": "x", "amount": "5"})[1])


def test_every_ticket_has_the_instants_of_its_creation_and_last_change() -> None:
    assert {name: field.type for name, field in BUILTIN_FIELDS.items()} == {
        "created_at": "instant",
        "updated_at": "instant",
    }
