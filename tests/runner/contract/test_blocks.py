"""Blocks written out: inputs, defaults, where a finding points, and ends to every circle and every heap of steps."""

from __future__ import annotations

from typing import Any

import pytest

from runner.contract.contract import StepOf
from runner.contract.values import OwnerRef
from tests.runner.contract.repository import Drop, Edit, add, load, put, revision

BILLING, REST = "templates/billing/template.yaml", "templates/rest/template.yaml"
ANNOUNCE, ALARM = "templates/blocks/announce.yaml", "templates/blocks/alarm.yaml"
HEAD = "schema: surety/v1\nkind: Block\nsummary: For a test.\n"


def steps(point: str, *edits: Edit | Drop) -> tuple[StepOf, ...]:
    return revision(*edits).contracts["billing"].runbook[point]


def findings(*edits: Edit | Drop) -> list[tuple[str, str]]:
    return [(found.code, str(found.location)) for found in load(*edits).findings]


def use(text: str) -> Edit:
    """Use a block in the template in place of its second step."""
    return put(BILLING, "    - set_fields: {priority: high}", text)


def test_inputs_are_filled_in_and_kept_beside_the_step() -> None:
    said, kept, _ = steps("open")
    message = "{{ owner.name }}, please accept {{ ticket.id }}."
    assert (said.kind, said.room, said.args) == ("notify", "counter", {"message": message})
    assert said.inputs == {"room": "counter", "message": message, "entries": 5}
    assert (kept.kind, kept.args["snapshot"], kept.on_leave) == ("note", 5, "finish")
    assert kept.args["text"] == "Announced: {{ inputs.message }}", "text inside a message is rendered when it is sent"


def test_a_given_value_goes_before_the_default() -> None:
    given = put(BILLING, "      with:\n        message:", "      with:\n        entries: 9\n        message:")
    assert steps("open", given)[1].args["snapshot"] == 9


def test_an_input_may_be_a_mapping_and_go_through_blocks() -> None:
    assert steps("failover")[0].who == OwnerRef(team="desk")
    outer = add(
        "templates/blocks/outer.yaml",
        HEAD + "name: outer\ninputs: {team: {type: text, summary: x}}\n"
        "steps:\n  - use: alarm\n    with: {who: {team: $team}}\n",
    )
    step = steps("open", outer, use("    - use: outer\n      with: {team: desk}"))[2]
    assert (step.who, step.inputs) == (OwnerRef(team="desk"), {"who": {"team": "desk"}})
    assert step.rule == "billing#/runbook/open/1 > outer#/steps/0 > alarm#/steps/0"


def test_a_value_is_blamed_where_it_was_given_through_any_number_of_blocks() -> None:
    outer = add(
        "templates/blocks/outer.yaml",
        HEAD + "name: outer\ninputs: {team: {type: text, summary: x}}\n"
        "steps:\n  - use: alarm\n    with: {who: {team: $team}}\n",
    )
    assert findings(outer, use("    - use: outer\n      with: {team: dsk}")) == [("SUR201", f"{BILLING}:27:20")]
    assert findings(outer, use("    - use: outer\n      with: {team: Desk}")) == [("SUR104", f"{BILLING}:27:20")]


@pytest.mark.parametrize(
    ("default", "text", "at"),
    [
        ("type: text, summary: x, default: hgh", "- set_fields: {priority: $value}", "6:44"),
        ("type: text, summary: x, default: high", "- set_fields: {prority: $value}", "8:18"),
        ("type: text, summary: x, default: pager", "- notify: {via: [$value], message: x}", "6:44"),
        ("type: text, summary: x, default: pager", '- notify: {room: "$value", message: x}', "6:44"),
        ("type: text, summary: x, default: x", "- note: {text: $value, snapshot: -1}", "8:36"),
        ("type: text, summary: x, default: x", "- note: {txt: $value}", "8:12"),
        ("type: text, summary: x, default: x", "- nte: {text: $value}", "8:5"),
        ("type: text, summary: x, default: x", "- {}", "8:5"),
    ],
)
def test_what_is_wrong_in_a_block_is_shown_in_its_file(default: str, text: str, at: str) -> None:
    block = f"{HEAD}name: odd\ninputs:\n  value: {{{default}}}\nsteps:\n  {text}\n"
    assert {place for _, place in findings(add("templates/blocks/odd.yaml", block), use("    - use: odd"))} == {
        f"templates/blocks/odd.yaml:{at}"
    }


def test_a_block_that_two_templates_use_is_blamed_once() -> None:
    also = put(REST, "handoff:", "runbook:\n  open:\n    - use: alarm\n      with: {who: owner}\nhandoff:")
    assert findings(also, put(ALARM, "via: [chat]", "via: [pager]")) == [("SUR201", f"{ALARM}:8:31")]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ("{type: text, summary: x}", {"text": True, "5": False, "true": False, "[a]": False}),
        ("{type: number, summary: x}", {"text": False, "5": True, "1.5": True, "true": False, '"5"': False}),
        ("{type: boolean, summary: x}", {"text": False, "true": True, "1": False}),
        ("{type: person, summary: x}", {"owner": True, "{team: desk}": True, "5": False, "[a]": False}),
        ("{type: channel, summary: x}", {"chat": True, "5": False}),
        ("{type: room, summary: x}", {"counter": True, "{a: 1}": False}),
    ],
)
def test_what_fits_an_input(given: str, codes: dict[str, bool]) -> None:
    block = add(
        "templates/blocks/odd.yaml", f"{HEAD}name: odd\ninputs: {{x: {given}}}\nsteps: [note: {{text: Yes.}}]\n"
    )
    for value, fits in codes.items():
        found = findings(block, use(f"    - use: odd\n      with: {{x: {value}}}"))
        assert found == ([] if fits else [("SUR207", f"{BILLING}:27:17")]), value


@pytest.mark.parametrize(
    "step",
    [
        "use: [alarm]",
        "use: 5",
        "use: $who",
        "use: alarm, with: [x]",
        "use: alarm, with: x",
        "use: alarm, note: {text: x}",
    ],
)
def test_a_use_in_a_block_is_checked_like_one_in_a_template(step: str) -> None:
    block = add(
        "templates/blocks/odd.yaml",
        f"{HEAD}name: odd\ninputs: {{who: {{type: text, summary: x, default: alarm}}}}\nsteps:\n  - {{{step}}}\n",
    )
    (found,) = findings(block, use("    - use: odd"))
    assert found[0] in {"SUR103", "SUR104"}
    assert found[1].startswith("templates/blocks/odd.yaml:7:")


def test_a_block_that_is_used_wrongly_is_not_looked_into() -> None:
    wrong = put(BILLING, "with: {who: {team: desk}}", "with: {whom: {team: desk}}")
    assert findings(wrong) == [("SUR207", f"{BILLING}:28:12"), ("SUR207", f"{BILLING}:29:14")]


def test_an_unknown_block_without_any_block() -> None:
    loaded = load(Drop(ANNOUNCE), Drop(ALARM))
    assert [found.code for found in loaded.findings] == ["SUR201", "SUR201"]
    assert "none; write one below templates/blocks/" in loaded.findings[0].help


def heap(width: int, depth: int) -> list[Edit]:
    """Blocks that each use the next many times: width to the power of depth steps."""
    blocks = [
        add(f"templates/blocks/h{n}.yaml", f"{HEAD}name: h{n}\nsteps:\n" + f"  - use: h{n + 1}\n" * width)
        for n in range(depth)
    ]
    last = add(f"templates/blocks/h{depth}.yaml", f"{HEAD}name: h{depth}\nsteps:\n  - note: {{text: x}}\n")
    return [*blocks, last, use("    - use: h0")]


def test_a_heap_of_steps_ends_soon() -> None:
    assert findings(*heap(10, 12)) == [("SUR207", f"{BILLING}:26:7")]
    assert findings(*heap(14, 2)) == []
    assert len(steps("open", *heap(14, 2))) == 2 + 196


def test_a_chain_of_blocks_ends_soon() -> None:
    assert findings(*heap(1, 15)) == []
    assert [code for code, _ in findings(*heap(1, 16))] == ["SUR207"]
    assert [code for code, _ in findings(*heap(1, 600))] == ["SUR207"]


@pytest.mark.parametrize(
    ("uses", "circles"),
    [
        ({"a": "a"}, ["a → a"]),
        ({"a": "b", "b": "c", "c": "a"}, ["a → b → c → a"]),
        ({"a": "b", "b": "a", "c": "d", "d": "c", "e": "a"}, ["a → b → a", "c → d → c"]),
        ({"a": "b", "b": "b"}, ["b → b"]),
        ({"a": "b", "c": "b"}, []),
    ],
)
def test_each_circle_is_noted_once_used_or_not(uses: dict[str, str], circles: list[str]) -> None:
    names = sorted({*uses, *uses.values()})
    blocks: list[Any] = [
        add(
            f"templates/blocks/{name}.yaml",
            f"{HEAD}name: {name}\nsteps:\n  - {f'use: {uses[name]}' if name in uses else 'note: {text: x}'}\n",
        )
        for name in names
    ]
    for edits in (blocks, [*blocks, use("    - use: a")]):
        loaded = load(*edits)
        assert [found.message.split(": ")[1] for found in loaded.findings] == circles
        assert {found.code for found in loaded.findings} <= {"SUR206"}


def test_a_dollar_that_is_not_a_whole_name_is_text() -> None:
    for text in ("$5 are missing", "US$", "$", "$ 5", "$Who"):
        edit = put(BILLING, 'message: "{{ owner.name }} has it."', f'message: "{text}"')
        assert steps("accepted", edit)[0].args == {"message": text}
