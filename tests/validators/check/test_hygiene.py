"""The rules about what stands in the files: edge cases of each, beside the bad and good repositories in `rules/`."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from runner.contract.diagnostic import Diagnostic
from runner.contract.documents import KINDS
from runner.contract.load import load_revision
from tests.runner.contract.repository import MINIMAL, MemoryFiles, add, edited, put
from validators.check import check_revision
from validators.check.registry import RuleModule
from validators.check.rules import (
    empty_words,
    hidden_character,
    inputs_and_outputs,
    messages,
    not_enforced_yet,
    not_ready,
    personal_data,
    secret_in_file,
    several_things,
    unused_definition,
)
from validators.check.subject import Subject
from validators.cli import surety

BILLING = "templates/billing/template.yaml"
REST = "templates/rest/template.yaml"
ALARM = "templates/blocks/alarm.yaml"
ALL: Sequence[RuleModule] = (
    empty_words, inputs_and_outputs, messages, not_enforced_yet, not_ready, personal_data, secret_in_file,
    several_things, unused_definition,
)  # fmt: skip
TRIGGER = "trigger:\n  on: [ticket.created, ticket.updated]\n"


def found(module: RuleModule, *edits: Any) -> list[Diagnostic]:
    return sorted(set(module.check(Subject(load_revision(edited(*edits)), date(2026, 3, 3)))))


def said(module: RuleModule, *edits: Any, code: str = "") -> list[str]:
    return [each.message for each in found(module, *edits) if each.code.startswith(code)]


# What looks like a secret


def test_a_secret_is_pointed_at_where_it_stands_also_in_a_file_that_is_no_document() -> None:
    hidden = "Sommer" + "-2026"
    edits = [
        put("policies/people.yaml", "kind: People\n", f"kind: People\r\n# ü password: {hidden}\n"),
        add("policies/broken.yaml", f"kind: [\npassword: {hidden}\n"),
    ]
    broken, comment = found(secret_in_file, *edits)
    assert (str(broken.location), broken.pointer) == ("policies/broken.yaml:2:11", "")
    assert (str(comment.location), comment.pointer) == ("policies/people.yaml:3:15", "")
    assert comment.location is not None
    assert comment.location.end_column == 15 + len(hidden)


def test_a_secret_in_a_value_has_the_pointer_that_a_waiver_needs() -> None:
    address = "https://bot:" + "h7x9Qp" + "@corp.internal"
    (one,) = found(secret_in_file, put("policies/channels.yaml", '"#counter"', f'"{address}"'))
    assert one.pointer == "/rooms/counter/address"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "markdown"])
@pytest.mark.parametrize("more", [[], ["--schema-only"]], ids=["rules", "schemas"])
def test_no_form_of_the_output_repeats_a_secret(form: str, more: list[str], tmp_path: Path) -> None:
    token = "ghp_" + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=36))
    edits = [
        put("policies/people.yaml", "kind: People\n", f"kind: People  # {token}\n"),
        put("policies/channels.yaml", "sender: file", f"sender: {token}"),
        put("policies/limits.yaml", "kind: Limits\n", f"kind: Limits\n{token}: 1\n"),
        put(REST, "evidence: [reply]", f"evidence: [{token.lower()}, reply]  # {token}"),
        put(BILLING, "type: billing\n", f"type: {token}\n"),
    ]
    for path, data in edited(*edits).files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data or b"")
    told = CliRunner().invoke(surety, ["check", "--no-cache", "--repo", str(tmp_path), "--format", form, *more])
    assert told.exit_code == 1, told.output
    assert "***" in told.output
    assert token not in told.output
    assert token[4:] not in told.output


def test_a_rule_of_the_tool_repeats_none_either() -> None:
    token = "ghp_" + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=36))
    scenario = f"""\
schema: surety/v1
kind: Scenario
name: x
summary: Somebody has pasted too much.
start: "2026-03-03"
zone: Europe/Berlin
tickets:
  t: {{at: "09:00", fields: {{type: {token}}}}}
expect:
  - {{at: "09:01", state: none}}
"""
    told = check_revision(load_revision(edited(add("templates/rest/x_test.yaml", scenario))), date(2026, 3, 3))
    assert {"SUR602", "SUR920"} <= {each.code for each in told}
    assert "`***` is not a value of `type`, which is a choice" in {each.message for each in told}
    assert not any(token in f"{each.message}{each.help}{each.pointer}" for each in told)


def test_neither_a_hint_nor_an_example_of_a_ticket_repeats_one() -> None:
    token = "ghp_" + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=36))
    peers = (
        MINIMAL[BILLING]
        .decode()
        .replace("name: billing", "name: large")
        .replace("    type: billing\n    priority: [normal, high]\n", f"    subject: {{contains: {token}}}\n")
    )
    hint = found_by_all(put(BILLING, "primary: {rotation: first}", f"primary: {{rotation: {token}}}"))
    witness = found_by_all(
        add("templates/large/template.yaml", peers),
        put("policies/routing.yaml", "order: [billing]", "order: [[billing, large]]"),
    )
    assert {"SUR104"} <= {each.code for each in hint}
    assert {"SUR804"} <= {each.code for each in witness}
    for each in (*hint, *witness):
        told = f"{each.message} {each.help} {each.pointer}".casefold()
        assert token[4:].casefold() not in told
    assert any("***" in each.help for each in hint)
    assert any("***" in each.help for each in witness)


def found_by_all(*edits: Any) -> Sequence[Diagnostic]:
    return check_revision(load_revision(edited(*edits)), date(2026, 3, 3))


# What nobody sees


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("müde, 日本, 👩‍💻, नमस्‍ते, می‌خواهم", []),
        ("soft\u00adhyphen", ["U+00AD"]),
        ("a\u200db", ["U+200D"]),
        ("\u202edoc\u202c and \u2066x\u2069", ["U+202E", "U+202C", "U+2066", "U+2069"]),
        ("a\U000e0041", ["U+E0041"]),
        ("\u200b" * 100, ["U+200B"] * 20),
    ],
    ids=ascii,
)
def test_only_what_nobody_sees_is_found(text: str, codes: list[str]) -> None:
    told = said(hidden_character, put("policies/people.yaml", "kind: People\n", f"kind: People\n# {text}\n"))
    assert [each.partition(": ")[2].partition(" ")[0] for each in told] == codes


# Personal data

PERSONAL = put("policies/fields.yaml", "  subject: {type: text,", "  subject: {type: text, personal: true,")
PUBLIC = put("policies/channels.yaml", '"#counter"}', '"#counter", public: true}')
ASKED = '"{{ owner.name }}, please accept {{ ticket.id }}."'


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"{{ ticket.subject }}"', 1),
        ('"{{ ticket.id | append: ticket.subject | upcase }}"', 1),
        ("\"{% if ticket.vip %}{{ ticket.subject | default: 'x' }}{% endif %}\"", 1),
        ('"ticket.subject is not filled in, {{ ticket.subject_line }} is another"', 0),
        ('"{{ ticket.url }}"', 0),
        ('"{{ ticket.subject"', 0),
    ],
)
def test_personal_data_is_seen_through_blocks_and_filters(text: str, count: int) -> None:
    told = found(personal_data, PERSONAL, PUBLIC, put(BILLING, ASKED, text))
    assert len(told) == count
    assert {each.pointer for each in told} <= {"/runbook/open/0/with/message"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Call +49 151 2345678.", 1),
        ("Call +49(0)151/2345-678", 1),
        ("Call 0049 151 2345678", 1),
        ("Ask ann.archer@example.com.", 1),
        ("Ask Ann <ann@example.com> or call +1 415 555 0100", 2),
        ("Ask support@example.com", 0),
        ("{{ owner.name }}, {{ ticket.subject | default: 'ann@example.com' }}", 0),
        ("Invoice 2026-03-004711, 12345678 EUR, +5 %, +100", 0),
        ("Due 2026-03-03T10:00:00+01:00", 0),
        ("Order +4711-0815", 0),
        ("@ann, look at chat@", 0),
        ("{{ broken +49 151 2345678", 1),
    ],
)
def test_contacts_in_words(text: str, count: int) -> None:
    told = said(personal_data, PUBLIC, put(BILLING, ASKED, f'"{text}"'))
    assert len(told) == count
    assert not any(each.partition("@")[1] or "2345" in each for each in told)
    assert said(personal_data, put(BILLING, ASKED, f'"{text}"')) == []


def test_personal_data_may_go_to_persons_to_other_rooms_and_into_notes() -> None:
    text = put(BILLING, ASKED, '"{{ ticket.subject }}"')
    assert said(personal_data, PERSONAL, text) == []
    assert said(personal_data, PUBLIC, text) == []
    direct = put(BILLING, 'message: "{{ owner.name }} has it."', 'message: "{{ ticket.subject }}"')
    assert said(personal_data, PERSONAL, PUBLIC, direct) == []
    rooms = 'rooms:\n  lobby: {channel: chat, address: "#lobby", public: true}\n'
    assert said(personal_data, PERSONAL, text, put("policies/channels.yaml", "rooms:\n", rooms)) == []


def test_a_text_of_a_block_that_several_templates_use_is_one_finding() -> None:
    edits = [PERSONAL, PUBLIC, put(ALARM, "Somebody was woken for {{ ticket.id }}.", "{{ ticket.subject }}")]
    handoff = "handoff: {require: [reason], accept_within: 1h"
    edits.append(put(REST, handoff, f"runbook:\n  failover:\n    - use: alarm\n      with: {{who: owner}}\n{handoff}"))
    (one,) = found(personal_data, *edits)
    assert "`billing` and 1 more would post it to the public room `counter`" in one.message
    assert one.pointer == "/steps/1/with/message"


# Repeated steps


def runbook(point: str, *steps: str) -> str:
    return f"runbook:\n  {point}:\n" + "".join(f"    - {step}\n" for step in steps)


def repeated(*books: str) -> list[Diagnostic]:
    """What is found in templates with these runbooks."""
    files: dict[str, bytes | None] = dict(MINIMAL)
    del files[BILLING]
    plain = (MINIMAL[REST]).decode()
    names = ["rest", *(f"more-{number}" for number in range(1, len(books)))]
    for name, book in zip(names, books, strict=True):
        text = plain.replace("name: rest", f"name: {name}").replace("handoff:", f"{book}handoff:")
        files[f"templates/{name}/template.yaml"] = text.encode()
    routing = (MINIMAL["policies/routing.yaml"]).decode().replace("[billing]", f"[{', '.join(names[1:])}]")
    files["policies/routing.yaml"] = routing.encode()
    return sorted(several_things.check(Subject(load_revision(MemoryFiles(files)), date(2026, 3, 3))))


A, B, C, D = (f'note: {{text: "{letter}."}}' for letter in "ABCD")


@pytest.mark.parametrize(
    ("books", "runs"),
    [
        (((A, B), (B, A)), []),
        (((A,), (A,)), []),
        (((A, B), (C, A, B, D)), ["these 2 steps (note, note) stand in `rest` as well"]),
        (((A, B, C), (A, B, C)), ["these 3 steps (note, note, note) stand in `rest` as well"]),
        (((A, B, A, B),), []),
        (
            ((A, B, C), (A, B), (B, C)),
            [
                "these 2 steps (note, note) stand in `rest` as well",
                "these 2 steps (note, note) stand in `rest` as well",
            ],
        ),
        (
            ((A, B), (A, B, C), (B, C)),
            [
                "these 2 steps (note, note) stand in `rest` as well",
                "these 2 steps (note, note) stand in `more-2` as well",
            ],
        ),
        (((A, B),) * 6, ["these 2 steps (note, note) stand in `more-2`, `more-3`, `more-4` and 2 more as well"]),
    ],
)
def test_runs_of_steps(books: tuple[tuple[str, ...], ...], runs: list[str]) -> None:
    # Files come in order of their paths, so `rest` is last.
    told = repeated(*(runbook("open", *steps) for steps in books))
    assert [each.message for each in told] == runs


def test_what_differs_becomes_an_input() -> None:
    books = [
        runbook("open", f"notify: {{who: {who}, via: [{via}], message: Come.}}", A)
        for who, via in (("owner", "chat"), ("escalation_owner", "mail"))
    ]
    (one,) = repeated(*books)
    assert one.help == (
        "write them once, as templates/blocks/open-notify-and-note.yaml with the inputs channel, person, "
        "and use: open-notify-and-note in each"
    )


def test_work_grows_with_the_number_of_steps() -> None:
    looked = 0

    def counted(one: Any, start: int, other: Any, there: int) -> int:
        nonlocal looked
        looked += 1
        return original(one, start, other, there)

    original = several_things._common
    several_things._common = counted
    try:
        (one,) = repeated(*[runbook("open", A, B, C)] * 120)
    finally:
        several_things._common = original
    assert "117" not in one.message
    assert "and 116 more" in one.message
    assert looked < 4 * 120


# Empty words


@pytest.mark.parametrize(
    ("text", "name", "wrong"),
    [
        ("TODO", "a", "it waits to be written"),
        ("todo: say what this is", "a", "it waits to be written"),
        ("TBD", "a", "it waits to be written"),
        ("to be defined.", "a", "it waits to be written"),
        ("N/A", "a", "it waits to be written"),
        ("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do.", "a", "it waits to be written"),
        ("FIXME before anybody sees this text of many words in a row", "a", "it waits to be written"),
        ("x", "a", "it has no words"),
        ("---", "a", "it has no words"),
        ("xxx", "a", "it has no words"),
        ("42", "a", "it has no words"),
        ("first", "first", "it repeats the name `first`"),
        ("The first rotation.", "first", "it repeats the name `first`"),
        ("Data missing", "data-missing", "it repeats the name `data-missing`"),
        ("Job code", "job-code", "it repeats the name `job-code`"),
        ("Everything else.", "rest", None),
        ("The title.", "subject", None),
        ("How soon it must be dealt with.", "priority", None),
        ("What to do about it.", "todo", None),
        ("A todo list is out of date.", "tasks", None),
        ("To do what was promised.", "promise", None),
        ("The rotation of the rotation.", "rotation", None),
        ("OK", "a", None),
        ("Ärger mit Rechnungen", "billing", None),
        ("問い合わせ", "billing", None),
    ],
)
def test_words(text: str, name: str, wrong: str | None) -> None:
    assert empty_words._says_nothing(text, name) == wrong


def test_empty_words_are_found_in_every_sort_of_document() -> None:
    waiver = 'waivers:\n  - {code: SUR501, reason: tbd, until: "2026-12-31"}\n'
    never = "    - set_fields: {priority: high}\n      undo: {never: none}\n"
    scenario = """\
schema: surety/v1
kind: Scenario
name: x
summary: x
start: "2026-03-03"
zone: Europe/Berlin
tickets:
  t: {at: "09:00", fields: {type: task}}
expect:
  - {at: "09:01", state: none}
"""
    edits = [
        put("policies/people.yaml", "schema: surety/v1\n", f"schema: surety/v1\n{waiver}"),
        put("policies/resolution_codes.yaml", "answered: The customer has the answer.", "answered: Answered"),
        put("policies/checklists.yaml", "Does anybody ask this?", "spare?"),
        put("policies/fields.yaml", "How much money.", "TODO"),
        put(ALARM, "summary: Wake somebody, and announce it.", "summary: The alarm block"),
        put(ALARM, "Whom to wake.", "'?'"),
        put(BILLING, "statement: The invoice is right.", "statement: Billing"),
        put(BILLING, "    - set_fields: {priority: high}\n", never),
        add("templates/rest/x_test.yaml", scenario),
    ]
    assert [each.pointer for each in found(empty_words, *edits)] == [
        "/items/spare/question",
        "/fields/amount/summary",
        "/waivers/0/reason",
        "/codes/answered",
        "/outcome/statement",
        "/runbook/open/1/undo/never",
        "/summary",
        "/inputs/who/summary",
        "/summary",
    ]


# Readiness


def test_what_is_missing_is_listed_in_one_finding() -> None:
    whole = "source_of_truth: The ledger.\nfailure_mode: Money is lost.\nmetrics: [handoffs]\n"
    edits = [
        put(
            BILLING, "summary: A customer disputes an invoice.\n", f"summary: A customer disputes an invoice.\n{whole}"
        ),
        put(REST, "exceptions:\n  data-missing: {within: 4h}\n", "exceptions: {}\n"),  # SUR901
        put(REST, "[outcome_evidence]", "[delivered]"),  # SUR908
        put("policies/routing.yaml", "order: [billing]", "order: [other]"),  # SUR208
    ]
    (words,) = said(not_ready, *edits)
    assert words.partition(": ")[2] == "it lacks a source of truth, a failure mode and a metric"


# Inputs and outputs


DEEP = "    any: [{vip: true}, {not: {amount: {less_than: 3}}}]\n"


def with_inputs(*names: str) -> Any:
    lines = "".join(f"  {name}: {{}}\n" for name in names)
    return put(BILLING, TRIGGER, f"inputs:\n{lines}{TRIGGER}")


@pytest.mark.parametrize(
    ("names", "edits", "messages_"),
    [
        (("type", "priority"), (), []),
        (("type",), (), ["the ticket field `priority` is read here, and `inputs` does not declare it"]),
        (
            ("type", "priority"),
            (put(BILLING, ASKED, '"{{ ticket.subject }}"'),),
            ["the ticket field `subject` is read here, and `inputs` does not declare it"],
        ),
        (
            ("type", "priority"),
            (put(ALARM, "Wake up: {{ ticket.id }}", "{{ ticket.amount }} {{ ticket.vip }}"),),
            [],  # the block's own affair
        ),
        (("type", "priority", "vip"), (), ["nothing in `billing` reads the ticket field `vip`"]),
        (("type", "priority", "reply_link", "status", "escalation_owner"), (), []),
        (
            ("type", "priority"),
            (put(BILLING, "set_fields: {priority: high}", "set_fields: {subject: '{{ ticket.subject }}!'}"),),
            ["the ticket field `subject` is read here, and `inputs` does not declare it"],
        ),
        (
            ("type", "priority"),
            (
                put(
                    BILLING,
                    "    type: billing\n",
                    "    type: billing\n    any: [{vip: true}, {not: {amount: {less_than: 3}}}]\n",
                ),
            ),
            [
                "the ticket field `vip` is read here, and `inputs` does not declare it",
                "the ticket field `amount` is read here, and `inputs` does not declare it",
            ],
        ),
        (("type", "priority"), (put(BILLING, ASKED, '"{{ ticket.created_at }} {{ ticket.url }}"'),), []),
    ],
)
def test_inputs(names: tuple[str, ...], edits: tuple[Any, ...], messages_: list[str]) -> None:
    assert said(inputs_and_outputs, with_inputs(*names), *edits) == messages_


WAIT = "    - wait: {until: {vip: true}, within: 1h, otherwise: go_on}\n"
CHOOSE = (
    "    - choose:\n        branches:\n          - {name: rich, when: {amount: {more_than: 5}}}\n"
    "          - name: other\n            steps:\n              - note: {text: '{{ ticket.agent }}'}\n"
)


def test_what_groups_tickets_is_read_too() -> None:
    grouped = put(BILLING, "trigger:\n", "trigger:\n  group_by: [vip]\n")
    (told,) = found(inputs_and_outputs, with_inputs("type", "priority"), grouped)
    assert (told.pointer, said(inputs_and_outputs, with_inputs("type", "priority", "vip"), grouped)) == (
        "/trigger/group_by/0",
        [],
    )


def test_branches_and_waits_read_fields_too() -> None:
    steps = put(BILLING, "    - set_fields: {priority: high}\n", WAIT + CHOOSE)
    told = found(inputs_and_outputs, with_inputs("type", "priority"), steps)
    assert [each.pointer for each in told] == [
        "/runbook/open/1/wait/until/vip",
        "/runbook/open/2/choose/branches/0/when/amount",
        "/runbook/open/2/choose/branches/1/steps/0/note/text",
    ]


ASK = """\
    - name: pay
      ask: {who: owner, question: How?, answers: {way: [cash, card]}, within: 1h, otherwise: fail}
"""


@pytest.mark.parametrize(
    ("output", "messages_"),
    [
        ("evidence: reply", []),
        ("evidence: photo", ["the outcome needs no `photo`, so it may end without this output"]),
        ("field: reply_link", []),
        ("field: priority", []),
        ("field: escalation_owner", []),
        ("field: amount", ["no step writes `amount`, and no evidence of the outcome is held in it"]),
        ("answer: pay.way", []),
        ("answer: pay.when", ["the question `pay` has no answer `when`"]),
        ("answer: paid.way", ["no step asks a question called `paid`"]),
    ],
)
def test_outputs(output: str, messages_: list[str]) -> None:
    steps = put(BILLING, "    - set_fields: {priority: high}\n", f"    - set_fields: {{priority: high}}\n{ASK}")
    declared = put(BILLING, TRIGGER, f"outputs:\n  given: {{summary: Given., {output}}}\n{TRIGGER}")
    assert said(inputs_and_outputs, steps, declared) == messages_


# Unused definitions


def unused(*edits: Any) -> list[str]:
    return [each.pointer for each in found(unused_definition, *edits)]


def test_what_the_minimal_repository_defines_and_does_not_use() -> None:
    assert unused() == [
        "/calendars/night",
        "/items/spare",
        "/evidence/photo",
        "/classes/legal-hold",
        *(f"/fields/{name}" for name in ("amount", "vip", "due_at")),
    ]


@pytest.mark.parametrize(
    ("gone", "edits"),
    [
        ("/calendars/night", (put(REST, "within: 1d", "within: {time: 4h, calendar: night}"),)),
        ("/calendars/night", (put(REST, "{within: 4h}", "{within: {time: 4h, calendar: night}}"),)),
        ("/calendars/night", (put(REST, "  repeat: 1", "  hours: night"),)),
        ("/calendars/night", (put(REST, "  repeat: 1", "  clarify: {within: {time: 4h, calendar: night}}"),)),
        (
            "/calendars/night",
            (put("policies/routing.yaml", "status: {not: solved}", "due_at: {past_by: {time: 4h, calendar: night}}"),),
        ),
        ("/calendars/night", (put("policies/exceptions.yaml", "within: 2d", "within: {time: 2h, calendar: night}"),)),
        ("/items/spare", (put(REST, "checklist: [clear]", "checklist: [clear, spare]"),)),
        ("/evidence/photo", (put(REST, "evidence: [reply]", "evidence: [reply, photo]"),)),
        ("/evidence/photo", (put(REST, "require: [reason]", "require: [reason, artifacts]"),)),
        ("/classes/legal-hold", (put(REST, "  data-missing: {within: 4h}", "  legal-hold: {}"),)),
        ("/fields/amount", (put("policies/limits.yaml", "step_within:", "approval_above: {amount: 5}\nstep_within:"),)),
        ("/fields/amount", (put(BILLING, "set_fields: {priority: high}", "set_fields: {amount: 3}"),)),
        ("/fields/vip", (put("policies/routing.yaml", "status: {not: solved}", "any: [{not: {vip: true}}]"),)),
        ("/fields/vip", (put(ALARM, "Wake up: {{ ticket.id }}", "{% if ticket.vip %}Run{% endif %}"),)),
        ("/fields/due_at", (with_inputs("due_at"),)),
    ],
)  # fmt: skip
def test_each_way_of_using_something_counts(gone: str, edits: tuple[Any, ...]) -> None:
    assert gone in unused()
    assert gone not in unused(*edits)


LOBBY = put("policies/channels.yaml", "rooms:\n", 'rooms:\n  lobby: {channel: chat, address: "#lobby"}\n')


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (put(BILLING, "      with:\n        message:", "      with:\n        room: lobby\n        message:"), set()),
        (put("templates/blocks/announce.yaml", "default: counter", "default: lobby"), {"/rooms/counter"}),
        (put("templates/blocks/announce.yaml", "room: $room", "room: lobby"), set()),
        (put(BILLING, "who: previous_owner", "who: previous_owner\n        room: lobby"), set()),
    ],
)
def test_a_room_may_be_named_in_a_step_in_a_block_or_given_to_one(edit: Any, expected: set[str]) -> None:
    assert "/rooms/lobby" in unused(LOBBY)
    assert {each for each in unused(LOBBY, edit) if each.startswith("/rooms")} == expected


def test_channels_are_used_by_contacts_rooms_and_steps_and_a_console_is_always_at_hand() -> None:
    head = "channels:\n"
    extra = "  {0}:\n    summary: Another way.\n    sender: {1}\n"
    pager = put("policies/channels.yaml", head, head + extra.format("pager", "webhook") + "    url_env: PAGER\n")
    console = put("policies/channels.yaml", head, head + extra.format("console", "console"))
    assert "/channels/pager" in unused(pager)
    assert "/channels/pager" not in unused(pager, put(ALARM, "via: [chat]", "via: [pager]"))
    assert "/channels/console" not in unused(console)


def test_a_person_without_a_part_is_only_remarked() -> None:
    dan = "  dan:\n    name: Dan\n    zone: Europe/Berlin\n    contacts: {chat: dan@chat.example.com}\nteams:\n"
    new = put("policies/people.yaml", "teams:\n", dan)
    (one,) = [each for each in found(unused_definition, new) if each.code == "SUR507"]
    assert (one.severity.value, one.pointer) == ("info", "/people/dan")
    for path, old, given in (
        ("policies/people.yaml", "members: [ann, ben]", "members: [ann, ben, dan]"),
        ("policies/people.yaml", "    jobs: [manager]\n", "    jobs: [manager]\n    substitute: dan\n"),
        ("policies/governance.yaml", "audit_authority: cyd", "audit_authority: dan"),
        (REST, "primary: {person: ann}", "primary: {person: dan}"),
        ("policies/exceptions.yaml", "owner: {person: cyd}", "owner: {person: dan}"),
    ):
        assert "SUR507" not in {each.code for each in found(unused_definition, new, put(path, old, given))}, path


def test_a_class_that_the_runner_raises_is_used_by_it() -> None:
    declared = "classes:\n  {}: {{summary: x, owner: {{person: cyd}}, within: 2h}}"
    for name, is_unused in (("gone", False), ("flood", True)):
        found_here = unused(put("policies/exceptions.yaml", "classes:", declared.format(name)))
        assert (f"/classes/{name}" in found_here) is is_unused


def test_nothing_is_called_unused_while_a_file_that_may_use_it_is_broken() -> None:
    assert unused(put(REST, "kind: Template", "kind: Template\nnonsense: 1")) == []
    pointers = unused(put("policies/limits.yaml", "kind: Limits", "kind: Limits\nnonsense: 1"))
    assert "/items/spare" in pointers
    assert not any(each.startswith("/fields") for each in pointers)


# What is not enforced yet


def test_the_table_names_keys_that_exist() -> None:
    for each in not_enforced_yet.NOT_ENFORCED:
        assert each.key in KINDS[each.kind].model_fields, each
        assert each.what
        assert each.meanwhile


def test_a_key_is_remarked_at_its_place_and_an_empty_one_not_at_all() -> None:
    kept = "last_resort: cyd\nretention: {personal_data: 730d}\napprovals: {}\npaths: []"
    (one,) = found(not_enforced_yet, put("policies/governance.yaml", "last_resort: cyd", kept))
    assert one.location is not None
    assert (one.location.file, one.pointer) == ("policies/governance.yaml", "/retention")
    assert one.message == "`retention` is read and not acted on in this version: nothing is erased"


# Messages


def test_an_answer_is_nothing_that_a_message_can_name() -> None:
    (one,) = found(messages, put(BILLING, ASKED, '"{{ answers.pay.way }}"'))
    assert (one.code, one.message) == ("SUR402", "`answers.pay.way` is nothing a message can name")
    assert "steps.NAME.ANSWER" in one.help


@pytest.mark.parametrize(
    ("step", "codes"),
    [
        ("page: {who: owner, message: '{{ nobody }}'}", ["SUR402"]),
        ("approve: {who: owner, question: '{{ ticket.nothing }}', within: 1h, otherwise: fail}", ["SUR402"]),
        (
            "{name: pay, ask: {who: owner, question: 'How, {{ owner.name }}?', answers: {a: text}, guidance: '{{ x'}}",
            ["SUR401"],
        ),
        ("note: {text: '{{ created.ticket }}'}", ["SUR403"]),
        ("note: {text: '{{ inputs.message }}'}", ["SUR402"]),
    ],
)
def test_texts_of_every_kind_of_step_are_looked_at(step: str, codes: list[str]) -> None:
    told = found(messages, put(BILLING, "    - set_fields: {priority: high}\n", f"    - {step}\n"))
    assert [each.code for each in told] == codes


# Whatever a block holds

JUNK: Sequence[str] = (
    "{notify: 5}", "{notify: {room: [1], message: {a: 1}, via: 3, who: [x]}}", "{ask: {answers: 3}, name: pay}",
    "{choose: {branches: 4}}", "{choose: {branches: [3, {when: 5, steps: 6}]}}", "{undo: 3}",
    "{action: {run: {x: 1}, with: 3, source: [2]}}", "{wait: {until: [3]}}", "{use: [announce], with: 7}",
    "{set_fields: [1]}",
    "{create_ticket: {fields: 3, assign: 4}}", "{name: 4, note: 3}", "{}",
    "{use: announce, with: {message: 3, room: {a: b}}}",
)  # fmt: skip


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.__name__.rpartition(".")[2])
def test_no_rule_fails_on_the_steps_of_a_block_which_may_be_anything(module: RuleModule) -> None:
    text = "schema: surety/v1\nkind: Block\nname: alarm\nsummary: Odd.\n"
    edits = [PERSONAL, PUBLIC, with_inputs("type"), put(BILLING, "failover:\n", "failover:\n    - use: alarm\n")]
    for junk in JUNK:
        found(module, add(ALARM, f"{text}steps:\n  - {junk}\n"), *edits)
