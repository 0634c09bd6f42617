"""Which results of steps a text may name: of steps before it at its point, in branches and in blocks."""

from __future__ import annotations

import textwrap

import pytest

from tests.runner.contract.repository import Edit, add, put
from tests.validators.check.test_hygiene import BILLING, found
from validators.check.rules import messages

STEP = "    - set_fields: {priority: high}\n"
ASK = (
    "- name: money\n  ask: {who: owner, question: x, answers: {way: [a, b], why: {type: text, required: false}}, "
    "within: 1h, otherwise: escalate}\n"
)
BLOCK = f"schema: surety/v1\nkind: Block\nname: odd\nsummary: Odd.\nsteps:\n{textwrap.indent(ASK, '  ')}"


def said(text: str) -> str:
    return f"- note: {{text: '{text}'}}\n"


WAY, WHY, CHOICE = said("{{ steps.money.way }}"), said("{{ steps.money.why }}"), said("{{ steps.c.branch }}")


def branched(first: str, second: str = "", after: str = "") -> str:
    """A choice with two branches, and what comes behind it."""
    one = f"    - name: one\n      when: {{priority: high}}\n{inner(first)}"
    return f"- name: c\n  choose:\n    branches:\n{one}    - name: rest\n{inner(second)}{after}"


def inner(steps: str) -> str:
    return f"      steps:\n{textwrap.indent(steps, '      ')}" if steps else "      steps: []\n"


def codes(steps: str, *more: Edit) -> list[str]:
    return [each.code for each in found(messages, put(BILLING, STEP, textwrap.indent(steps, "    ")), *more)]


@pytest.mark.parametrize(
    ("word", "steps", "wanted"),
    [
        ("after the question", ASK + WAY, []),
        ("before it", WAY + ASK, ["SUR402"]),
        ("an answer that it does not want", ASK + said("{{ steps.money.wy }}"), ["SUR402"]),
        ("no answer in particular", ASK + said("{{ steps.money }}"), ["SUR402"]),
        ("all steps", ASK + said("{{ steps }}"), ["SUR402"]),
        ("a step without that name", ASK + said("{{ steps.mony.way }}"), ["SUR402"]),
        ("an answer that may be left out", ASK + WHY, ["SUR403"]),
        ("and has a default in the text", ASK + said('{{ steps.money.why | default: "nothing" }}'), []),
        ("in a branch behind it", ASK + branched(WAY, WAY), []),
        ("asked in the same branch", branched(ASK + WAY), []),
        ("asked in another branch", branched(ASK, WAY), ["SUR402"]),
        ("asked in one branch, named behind the choice", branched(ASK, "", WAY), ["SUR403"]),
        ("the branch itself", branched("", "", CHOICE), []),
        ("the branch itself, within", branched(CHOICE), []),
        ("a question that may fail", ASK.replace("escalate", "fail") + WAY, ["SUR403"]),
        ("a question that stops the run", ASK.replace("escalate}", "fail}\n  on_error: stop") + WAY, []),
        ("a ticket", "- {name: t, create_ticket: {subject: x, body: x}}\n" + said("{{ steps.t.ticket }}"), []),
        ("what a note leaves", "- {name: n, note: {text: x}}\n" + said("{{ steps.n.text }}"), ["SUR402"]),
        ("what was written", "- {name: f, set_fields: {vip: true}}\n" + said("{{ steps.f.field.vip }}"), []),
        ("an approval", "- {name: ok, approve: {who: owner, question: x, within: 1h, otherwise: fail}}\n"
            + said("{{ steps.ok.approved }}"), []),
    ],
)  # fmt: skip
def test_what_a_text_may_name(word: str, steps: str, wanted: list[str]) -> None:
    assert codes(steps) == wanted, word


def test_another_point_has_other_results() -> None:
    later = put(BILLING, "runbook:\n", f"runbook:\n  exhausted:\n{textwrap.indent(WAY, '    ')}")
    assert codes(ASK, later) == ["SUR402"]


def test_a_block_leaves_results_and_knows_only_its_own() -> None:
    block = add("templates/blocks/odd.yaml", BLOCK)
    assert codes("- use: odd\n" + WAY, block) == []
    assert codes(WAY + "- use: odd\n", block) == ["SUR402"]
    within = add("templates/blocks/odd.yaml", BLOCK + textwrap.indent(WAY, "  "))
    assert codes("- use: odd\n", within) == []
    alone = add("templates/blocks/odd.yaml", BLOCK.replace("name: money", "name: other") + textwrap.indent(WAY, "  "))
    assert codes(ASK + "- use: odd\n", alone) == ["SUR402"]


def test_what_to_do_is_said() -> None:
    (one,) = found(messages, put(BILLING, STEP, textwrap.indent(ASK + said("{{ steps.mony.way }}"), "    ")))
    assert one.help == "did you mean `steps.money.way`?"
    (one,) = found(messages, put(BILLING, STEP, textwrap.indent(ASK + said("{{ steps.zzzzz.q }}"), "    ")))
    assert one.help == "named steps before it at this lifecycle point: money"
    (one,) = found(messages, put(BILLING, STEP, textwrap.indent(said("{{ steps.zzzzz.q }}"), "    ")))
    assert one.help == "named steps before it at this lifecycle point: none; give a step a name"
