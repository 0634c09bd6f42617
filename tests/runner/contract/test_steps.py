"""Every kind of step: what it names must exist, wherever it is written; what the engine cannot do is refused."""

from __future__ import annotations

import textwrap
from typing import Final

import pytest

from runner.contract.contract import BoxOf, RetryOf
from runner.contract.documents import read_documents
from runner.contract.steps import STEP_KINDS
from runner.contract.values import OwnerRef
from runner.contract.written_steps import written_steps
from tests.runner.contract.repository import Edit, MemoryFiles, add, edited, load, put

BILLING, BLOCK = "templates/billing/template.yaml", "templates/blocks/odd.yaml"
STEP = "    - set_fields: {priority: high}"
HEAD = "schema: surety/v1\nkind: Block\nname: odd\nsummary: For a test.\n"
ACTIONS = add(
    "policies/actions.yaml",
    """\
schema: surety/v1
kind: Actions
actions:
  logs: {summary: Reads logs., sender: webhook, url_env: LOGS_URL, changes_world: false}
  lock:
    summary: Locks an account.
    sender: webhook
    url_env: LOCK_URL
    inputs:
      account: {type: text, summary: Which one.}
      days: {type: number, summary: How long., default: 3}
      hard: {type: boolean, summary: For good., default: false}
      by: {type: person, summary: Who wants it., default: ann}
    undo: unlock
  unlock: {summary: Unlocks it., sender: webhook, url_env: LOCK_URL, undo: lock}
""",
)
ASK: Final = "ask: {who: owner, question: Which?, answers: {%s}, within: 4h, otherwise: escalate}"


def indented(steps: str) -> str:
    return textwrap.indent(textwrap.dedent(steps).strip("\n"), "    ")


def here(steps: str) -> list[Edit]:
    """The steps in the template itself."""
    return [ACTIONS, put(BILLING, STEP, indented(steps))]


def inside(steps: str) -> list[Edit]:
    """The steps in a branch of the template."""
    body = textwrap.indent(textwrap.dedent(steps).strip("\n"), "            ")
    branches = f"    - choose:\n        branches:\n        - name: every\n          steps:\n{body}"
    return [ACTIONS, put(BILLING, STEP, branches)]


def block(steps: str, inputs: str = "", given: str = "") -> list[Edit]:
    """The steps in a block that the template uses."""
    declared = f"inputs: {{{inputs}}}\n" if inputs else ""
    body = textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ")
    use = "    - use: odd" + (f"\n      with: {{{given}}}" if given else "")
    return [ACTIONS, add(BLOCK, f"{HEAD}{declared}steps:\n{body}\n"), put(BILLING, STEP, use)]


def found(edits: list[Edit]) -> list[tuple[str, str, str]]:
    """Code, what is pointed at, message."""
    files = edited(*edits)
    pointed = []
    for each in load(*edits).findings:
        at = each.location
        assert at is not None
        line = (files.read(at.file) or b"").decode().splitlines()[at.line - 1]
        text = line[at.column - 1 : at.end_column - 1] if at.end_line == at.line and at.end_column else "…"
        pointed.append((each.code, text, each.message))
    return pointed


GOOD: Final = {
    "notify": "- notify: {who: {role: manager}, via: [chat, mail], message: x}",
    "notify-room": "- notify: {room: counter, message: x}",
    "page": "- page: {who: {team: desk}, via: [chat], message: x, within: {time: 2h, calendar: office}}",
    "set_fields": "- set_fields: {vip: true}",
    "set_fields-liquid": "- set_fields: {amount: '{{ ticket.amount }}', vip: '{{ ticket.vip }}'}",
    "assign": "- assign: {to: {rotation: first}}",
    "note": "- note: {text: x}",
    "attach": "- attach: {what: logs, source: logs}",
    "attach-ticket": "- attach: {what: ticket}",
    "create_ticket": "- create_ticket: {subject: x, body: y, fields: {type: task}, assign: {person: ann}}",
    "action": "- action: {run: lock, with: {account: x, days: 2, hard: true, by: ben}}",
    "action-liquid": '- action: {run: lock, with: {account: x, days: "{{ ticket.amount }}"}}',
    "ask": "- " + ASK % "which: [refund, credit], sum: number, who: person",
    "approve": "- approve: {who: escalation_owner, question: Sure?, within: 4h, otherwise: fail}",
    "wait": "- wait: {until: {status: pending}, within: 4h, otherwise: go_on}",
    "wait-for-time": "- wait: {within: 4h}",
    "undo": "- action: {run: lock, with: {account: x}}\n  undo: {action: unlock}",
    "undo-never": "- set_fields: {vip: true}\n  undo: {never: It stays.}",
    "retry": "- note: {text: x}\n  retry: {times: 2, every: 5m}\n  timeout: 2m",
    "choose": "- choose:\n    branches:\n    - {name: one, when: {vip: true}}\n    - {name: rest}",
    "choose-of": f"- name: q\n  {ASK % 'which: [a, b], sum: number, ok: boolean'}\n"
    "- choose:\n    of: q\n    branches:\n    - {name: one, answer: {which: a, sum: 5, ok: true}}\n    - {name: rest}",
}
BAD: Final = [
    ("- notify: {who: {role: boss}, message: x}", "SUR201", "boss"),
    ("- notify: {who: owner, via: [pigeon], message: x}", "SUR201", "pigeon"),
    ("- notify: {room: cellar, message: x}", "SUR201", "cellar"),
    ("- page: {who: {person: dee}, message: x}", "SUR201", "dee"),
    ("- page: {who: owner, via: [pigeon], message: x}", "SUR201", "pigeon"),
    ("- page: {who: owner, message: x, within: {time: 2h, calendar: moon}}", "SUR201", "moon"),
    ("- set_fields: {vipp: true}", "SUR201", "vipp"),
    ("- set_fields: {vip: 5}", "SUR209", "5"),
    ("- assign: {to: {rotation: third}}", "SUR201", "third"),
    ("- attach: {what: logs, source: lgs}", "SUR201", "lgs"),
    ("- create_ticket: {subject: x, body: y, fields: {type: tsk}}", "SUR209", "tsk"),
    ("- create_ticket: {subject: x, body: y, fields: {typ: task}}", "SUR201", "typ"),
    ("- create_ticket: {subject: x, body: y, assign: {team: dsk}}", "SUR201", "dsk"),
    ("- action: {run: lck}", "SUR201", "lck"),
    ("- action: {run: lock}", "SUR207", "lock"),
    ("- action: {run: lock, with: {account: x, acount: y}}", "SUR207", "acount"),
    ("- action: {run: lock, with: {account: 5}}", "SUR207", "5"),
    ("- action: {run: lock, with: {account: x, days: three}}", "SUR207", "three"),
    ("- action: {run: lock, with: {account: x, hard: 1}}", "SUR207", "1"),
    ("- action: {run: lock, with: {account: x}}\n  undo: {action: unlck}", "SUR201", "unlck"),
    ("- ask: {who: {role: boss}, question: x, answers: {a: text}, within: 4h, otherwise: fail}", "SUR201", "boss"),
    ("- " + ASK % "a: {type: choice, values: [b, c], default: d}", "SUR104", "d"),
    ("- " + ASK % "a: {type: number, default: five}", "SUR104", "five"),
    ("- " + ASK % "a: {type: boolean, default: 1}", "SUR104", "1"),
    ("- " + ASK % "a: {type: person, default: dee}", "SUR201", "dee"),
    ("- " + ASK % "a: {type: instant, default: soon}", "SUR104", "soon"),
    ("- approve: {who: {person: dee}, question: x, within: 4h, otherwise: fail}", "SUR201", "dee"),
    ("- approve: {who: owner, question: x, within: {time: 3d, calendar: office}, otherwise: fail}", "SUR305", "3d"),
    ("- wait: {until: {stats: open}, within: 4h, otherwise: fail}", "SUR204", "stats"),
    ("- wait: {until: {status: opn}, within: 4h, otherwise: fail}", "SUR204", "opn"),
    ("- choose:\n    branches:\n    - {name: a, when: {vp: true}}\n    - {name: b}", "SUR204", "vp"),
    ("- choose:\n    of: q\n    branches:\n    - {name: a, answer: {x: y}}\n    - {name: b}", "SUR201", "q"),
    ("- choose:\n    branches:\n    - {name: a, answer: {x: y}}\n    - {name: b}", "SUR102", "answer"),
]


def test_every_kind_of_step_is_looked_at() -> None:
    shown = {key for text in GOOD.values() for key in STEP_KINDS if f"{key}:" in text}
    assert shown | {"use"} == set(STEP_KINDS)


@pytest.mark.parametrize("steps", GOOD.values(), ids=GOOD)
def test_what_exists_may_be_named_anywhere(steps: str) -> None:
    assert found(here(steps)) == []
    assert found(inside(steps)) == []
    assert found(block(steps)) == []


@pytest.mark.parametrize(("steps", "code", "text"), BAD)
def test_what_does_not_exist_is_found_where_it_stands(steps: str, code: str, text: str) -> None:
    for edits in (here(steps), inside(steps), block(steps)):
        assert [each[:2] for each in found(edits)] == [(code, text)]


@pytest.mark.parametrize(
    ("steps", "given", "code"),
    [
        ("- notify: {who: $x, message: y}", "{role: boss}", "SUR201"),
        ("- notify: {via: [$x], message: y}", "pigeon", "SUR201"),
        ("- set_fields: {priority: $x}", "hgh", "SUR209"),
        ("- assign: {to: {team: $x}}", "dsk", "SUR201"),
        ("- attach: {what: logs, source: $x}", "lgs", "SUR201"),
        ("- create_ticket: {subject: x, body: y, fields: {type: $x}}", "tsk", "SUR209"),
        ("- action: {run: $x}", "lck", "SUR201"),
        ("- action: {run: lock, with: {account: x, days: $x}}", "three", "SUR207"),
        ("- action: {run: lock, with: {account: x}}\n  undo: {action: $x}", "unlck", "SUR201"),
        ("- ask: {who: {person: $x}, question: y, answers: {a: text}, within: 4h, otherwise: fail}", "dee", "SUR201"),
        ("- wait: {until: {status: $x}, within: 4h, otherwise: fail}", "opn", "SUR204"),
        ("- wait: {within: {time: $x, calendar: office}}", "3d", "SUR305"),
        ("- wait: {within: {time: 4h, calendar: $x}}", "moon", "SUR201"),
        ("- choose:\n    branches:\n    - {name: a, when: {status: $x}}\n    - {name: b}", "opn", "SUR204"),
    ],
)
def test_what_is_given_to_a_block_is_blamed_where_it_is_given(steps: str, given: str, code: str) -> None:
    sort = "person" if given.startswith("{") else "text"
    ((found_code, text, _),) = found(block(steps, f"x: {{type: {sort}, summary: s}}", f"x: {given}"))
    assert (found_code, text) == (code, "boss" if given.startswith("{") else given)


def test_an_input_whose_name_ends_in_d_is_not_a_number_of_days() -> None:
    steps = "- wait: {within: {time: $period, calendar: office}}"
    assert found(block(steps, "period: {type: duration, summary: s}", "period: 4h")) == []


@pytest.mark.parametrize(
    ("answer", "text", "code"),
    [
        ("{which: c}", "c", "SUR201"),
        ("{whch: a}", "whch", "SUR201"),
        ("{sum: five}", "five", "SUR104"),
        ("{sum: true}", "true", "SUR104"),
        ("{ok: a}", "a", "SUR104"),
        ("{words: 5}", "words", "SUR104"),
        ("{words: five}", "words", "SUR104"),
        ("{who: dee}", "dee", "SUR201"),
        ("{day: soon}", "soon", "SUR104"),
    ],
)
def test_a_branch_looks_at_answers_that_the_question_can_have(answer: str, text: str, code: str) -> None:
    asked = ASK % "which: [a, b], sum: number, ok: boolean, words: text, who: person, day: instant"
    steps = f"- name: q\n  {asked}\n- choose:\n    of: q\n    branches:\n    - {{name: x, answer: {answer}}}\n"
    assert [each[:2] for each in found(here(steps + "    - {name: rest}"))] == [(code, text)]


CHOOSE: Final = "- choose:\n    of: q\n    branches:\n    - {name: one, answer: {a: b}}\n    - {name: rest}"
QUESTION: Final = f"- name: q\n  {ASK % 'a: [b, c]'}"


def test_a_question_counts_only_after_it_is_asked() -> None:
    assert found(here(f"{QUESTION}\n{CHOOSE}")) == []
    ((code, text, message),) = found(here(f"{CHOOSE}\n{QUESTION}"))
    assert (code, text) == ("SUR201", "q")
    assert message == "no question `q` is asked before at this lifecycle point"


def test_a_question_of_another_lifecycle_point_may_not_be_answered_yet() -> None:
    later = put(BILLING, "  resolved:\n", f"  exhausted:\n{indented(CHOOSE)}\n  resolved:\n")
    assert [each[:2] for each in found([*here(QUESTION), later])] == [("SUR201", "q")]


def test_a_question_inside_a_branch_counts_inside_that_branch_only() -> None:
    def branched(first: str, then: str) -> str:
        inner, more = (textwrap.indent(text, "        ") for text in (first, then))
        return (
            "- choose:\n    branches:\n    - name: big\n      when: {vip: true}\n      steps:\n"
            f"{inner}\n    - name: rest\n      steps:\n{more}\n"
        )

    assert found(here(branched(f"{QUESTION}\n{CHOOSE}", "- note: {text: x}"))) == []
    assert [each[:2] for each in found(here(branched(QUESTION, CHOOSE)))] == [("SUR201", "q")]
    assert [each[:2] for each in found(here(branched(QUESTION, "- note: {text: x}") + CHOOSE))] == [("SUR201", "q")]
    assert found(here(QUESTION + "\n" + branched(CHOOSE, CHOOSE))) == []


def test_a_question_in_a_block_can_be_looked_at_after_the_block() -> None:
    (actions, asking, use) = block(QUESTION)
    assert isinstance(use.new, str)
    assert found([actions, asking, Edit(use.path, use.old, f"{use.new}\n{indented(CHOOSE)}")]) == []


@pytest.mark.parametrize(
    "step",
    [
        "note: {text: x}, on_error: continue",
        ASK % "a: [b, c]",
        "approve: {who: owner, question: x, within: 4h, otherwise: fail}",
        "wait: {within: 4h}",
        "wait: {until: {priority: high}, within: 4h, otherwise: go_on}",
        "choose: {branches: [{name: rest}]}",
        "set_fields: {vip: true}, undo: {never: Why.}",
        "note: {text: x}, timeout: 2m",
        "note: {text: x}, retry: {times: 2, every: 5m}",
        "note: {text: x}, on_error: stop",
        "page: {who: owner, message: x, within: 5m}",
        "assign: {to: owner}",
    ],
)
def test_what_asks_for_nothing_more_is_carried_out(step: str) -> None:
    assert load(*here(f"- {{{step}}}")).revision is not None
    assert load(*block(f"- {{{step}}}")).revision is not None


@pytest.mark.parametrize(
    ("step", "timeout", "retry", "on_error"),
    [
        ("note: {text: x}", None, None, "continue"),
        ("note: {text: x}, timeout: 2m, on_error: stop", 120, None, "stop"),
        ("note: {text: x}, retry: {times: 9, every: 1h}", None, RetryOf(times=9, every=3600), "continue"),
    ],
)
def test_a_step_takes_its_time_its_tries_and_what_it_stops_into_the_contract(
    step: str, timeout: int | None, retry: RetryOf | None, on_error: str
) -> None:
    found = load(*here(f"- {{{step}}}")).revision
    assert found is not None
    closed = found.contracts["billing"].runbook["open"][-1]
    assert (closed.timeout, closed.retry, closed.on_error) == (timeout, retry, on_error)


def test_a_page_takes_its_box_and_its_calendar_into_the_contract() -> None:
    found = load(*here("- page: {who: owner, message: x, within: {time: 1h, calendar: office}}")).revision
    assert found is not None
    (closed,) = [each for each in found.contracts["billing"].runbook["open"] if each.kind == "page"]
    assert (closed.who, closed.args, closed.within) == (
        "owner",
        {"message": "x"},
        BoxOf(seconds=3600, calendar="office"),
    )
    assert "office" in found.contracts["billing"].calendars


def test_an_assignment_knows_the_field_that_it_writes() -> None:
    found = load(*here("- assign: {to: {team: desk}}")).revision
    assert found is not None
    closed = found.contracts["billing"].runbook["open"][-1]
    assert (closed.kind, closed.who, closed.args) == ("assign", OwnerRef(team="desk"), {"field": "agent"})


def test_an_assignment_needs_a_field_to_write() -> None:
    nowhere = put("policies/fields.yaml", "assignee: agent\n", "")
    for edits in (here("- assign: {to: owner}"), inside("- assign: {to: owner}"), block("- assign: {to: owner}")):
        ((code, text, message),) = found([nowhere, *edits])
        assert (code, text) == ("SUR102", "assign")
        assert message == "`assign` writes who works on the ticket, and no ticket field is named for that"


def test_written_steps_go_into_branches_and_keep_their_paths() -> None:
    files: MemoryFiles = edited(*inside("- note: {text: x}\n- note: {text: y}"))
    documents = read_documents(files)
    (billing,) = [each for each in documents.all("Template") if each.path == BILLING]
    paths = [path for path, _ in written_steps(billing)]
    inner = ("runbook", "open", 1, "choose", "branches", 0, "steps")
    assert paths[:4] == [("runbook", "open", 0), ("runbook", "open", 1), (*inner, 0), (*inner, 1)]
    assert all(billing.at(*path).line > 20 for path in paths)
    assert list(written_steps(documents.all("People")[0])) == []
