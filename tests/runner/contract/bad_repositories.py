"""Bad repositories: for each gate rule at least one edit of the minimal repository that breaks it, and nothing else.

`python -m tests.runner.contract.bad_repositories` writes what is said about them into `golden/`; read every line of the
difference as a gatekeeper would.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.contract.load import load_revision
from tests.runner.contract.repository import MINIMAL, Drop, Edit, add, drop, edited, put, rendered

__all__ = ["CASES", "Case"]

GOLDEN: Final = Path(__file__).parent / "golden"
BILLING = "templates/billing/template.yaml"
REST = "templates/rest/template.yaml"
OLD: Final = "templates/rest/old.yaml"
ANNOUNCE = "templates/blocks/announce.yaml"
ALARM = "templates/blocks/alarm.yaml"
FIELDS = "policies/fields.yaml"
LIMITS = "policies/limits.yaml"
PEOPLE = "policies/people.yaml"
ROTATIONS = "policies/rotations.yaml"
ABSENCES = "policies/absences.yaml"
CALENDARS = "policies/calendars.yaml"
ROUTING = "policies/routing.yaml"
CHANNELS = "policies/channels.yaml"
EXCEPTIONS = "policies/exceptions.yaml"
GOVERNANCE = "policies/governance.yaml"
STEP = "    - set_fields: {priority: high}"
ASK = "    - ask: {{who: owner, question: Refund?, answers: {{ok: boolean}}, {}}}"
DOUBLED = "\na{0}: &a{0} [*a{1}, *a{1}]"
BLOCK_HEAD = "schema: surety/v1\nkind: Block\nsummary: Goes round.\n"


@dataclass(frozen=True, slots=True)
class Case:
    """Edits that break one rule; `at` is `file:line:column` of the one finding, or None if it has no place.

    `also` are codes that cannot be kept out: what waits, for example, is not carried out yet either.
    """

    code: str
    name: str
    edits: tuple[Edit | Drop, ...]
    at: str | None
    also: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.code}-{self.name}"

    @property
    def golden(self) -> Path:
        return GOLDEN / f"{self.id}.txt"

    def text(self) -> str:
        """What is said about it."""
        files = edited(*self.edits)
        return rendered(files, load_revision(files).findings)


def turn(name: str, handover: str) -> Edit:
    """Another handover for a rotation."""
    until = {"first": "\n  second", "second": "\n"}[name]
    old = '    handover: {every: week, at: "09:00"}' + until
    return put(ROTATIONS, old, f'    handover: {{at: "09:00", {handover}}}' + until)


def first(keys: str) -> Edit:
    """More keys for the first rotation, from line 10 on."""
    return put(ROTATIONS, '"09:00"}\n  second:', f'"09:00"}}\n{keys}\n  second:')


def second(keys: str) -> Edit:
    """More keys for the second rotation, from line 16 on."""
    old = MINIMAL[ROTATIONS].decode().partition("  second:")[2]
    return put(ROTATIONS, old, f"{old}{keys}\n")


def version(effective_from: str) -> str:
    """A version of a rotation, on four lines."""
    return (
        f'      - effective_from: "{effective_from}"\n        members: [ben]\n        starts: "2026-01-05"\n'
        '        handover: {every: day, at: "09:00"}\n'
    )


def override(since: str, until: str, person: str = "ben") -> str:
    """The key `overrides` with one entry, on two lines."""
    span = f'from: "2026-{since}T09:00:00Z", until: "2026-{until}T09:00:00Z"'
    return f"    overrides:\n      - {{person: {person}, {span}, reason: A course.}}"


def swaps(*entries: tuple[str, str, str], rotation: str = "first") -> Edit:
    """People who take over Ann's shifts: who, from, until; the first on lines 6 to 10."""
    text = "".join(
        f'  - rotation: {rotation}\n    person: {person}\n    instead_of: ann\n    from: "2026-{since}T09:00:00Z"\n'
        f'    until: "2026-{until}T09:00:00Z"\n'
        for person, since, until in entries
    )
    return add(ABSENCES, MINIMAL[ABSENCES].decode() + "swaps:\n" + text)


def substitute(person: str, other: str) -> Edit:
    """A substitute for Ann, on line 7, or for Cyd."""
    zone = {"ann": "Europe/Berlin", "cyd": "America/New_York"}[person]
    return put(PEOPLE, f"    zone: {zone}\n", f"    zone: {zone}\n    substitute: {other}\n")


def key(text: str) -> Edit:
    """A key for Ann, on line 7."""
    return put(PEOPLE, "    zone: Europe/Berlin\n", f'    zone: Europe/Berlin\n    keys: ["{text}"]\n')


def years(first_year: int) -> Edit:
    """The first year of holidays, on line 4."""
    return put(CALENDARS, "calendars:\n", f"first_year: {first_year}\ncalendars:\n")


def holidays(written: str) -> Edit:
    """The holidays of the office, on line 12 after the first year."""
    return put(CALENDARS, "    closed:\n", f"    holidays: {written}\n    closed:\n")


def opened(written: str) -> Edit:
    """Extra hours of the office, from line 14 on."""
    return put(CALENDARS, "  night:\n", f"    open:\n      {written}\n  night:\n")


CASES: Final = (
    # Syntax; the messages themselves are tested where YAML is read.
    Case("SUR001", "broken-yaml", (put(LIMITS, "named_within: 15m", "named_within: [15m"),), f"{LIMITS}:3:15"),
    Case(
        "SUR002",
        "not-utf-8",
        (add("policies/checklists.yaml", b"schema: surety/v1\nkind: Checklists\nitems: {x: {question: \xe9}}\n"),),
        "policies/checklists.yaml:3:23",
    ),
    Case(
        "SUR006",
        "duplicate-key",
        (put(LIMITS, "step_within: 10m", "step_within: 10m\nremind_every: 3h"),),
        f"{LIMITS}:12:1",
    ),
    *(
        Case(code, name, (add(LIMITS, f"schema: surety/v1\nkind: Limits\n{text}\n"),), f"{LIMITS}:{at}")
        for code, name, text, at in (
            ("SUR003", "too-large", "# " + "x" * 1_048_576, "1:1"),
            ("SUR004", "too-deep", "step_within: " + "[" * 100 + "]" * 100, "3:77"),
            (
                "SUR005",
                "alias-limit",
                "a0: &a0 [x, x]" + "".join(map(DOUBLED.format, range(1, 20), range(19))),
                "16:18",
            ),
            ("SUR007", "number-as-key", "1: 15m", "3:1"),
            ("SUR008", "merge-key", "<<: {named_within: 15m}", "3:1"),
            ("SUR009", "custom-tag", "named_within: !minutes 15", "3:15"),
            ("SUR010", "several-documents", "---\nkind: People", "3:1"),
            ("SUR012", "number-out-of-range", "handoffs_at_most: .inf", "3:19"),
            ("SUR013", "undefined-alias", "named_within: *soon", "3:15"),
            ("SUR014", "recursive-alias", "named_within: &soon [*soon]", "3:22"),
        )
    ),
    Case("SUR011", "empty-document", (add(LIMITS, "# kind: Limits\n"),), f"{LIMITS}:1:1"),
    Case("SUR015", "directive", (add(LIMITS, "%YAML 1.1\n---\nkind: Limits\n"),), f"{LIMITS}:1:1"),
    Case(
        "SUR007",
        "variable-without-quotes",
        (put(BILLING, "statement: The invoice is right.", "statement: {{ owner.name }} has settled it."),),
        f"{BILLING}:11:14",
    ),
    Case(
        "SUR007",
        "comma-in-a-number",
        (put(BILLING, "    - set_fields: {priority: high}", "    - set_fields: {amount: 5,000, priority: high}"),),
        f"{BILLING}:26:28",
    ),
    # Keys
    Case("SUR101", "unknown-key", (put(BILLING, "  checklist: [clear]", "  checklst: [clear]"),), f"{BILLING}:20:3"),
    Case("SUR101", "nested", (put(BILLING, "who: previous_owner", "who: {rotaton: first}"),), f"{BILLING}:32:15"),
    Case(
        "SUR101",
        "in-policy",
        (put(PEOPLE, "    zone: Europe/Paris", "    zone: Europe/Paris\n    phone: '+49'"),),
        f"{PEOPLE}:12:5",
    ),
    Case("SUR102", "missing-key", (put(BILLING, "  checklist: [clear]\n", ""),), f"{BILLING}:18:1"),
    Case("SUR102", "at-the-top", (put(REST, "summary: Everything else.\n", ""),), f"{REST}:1:1"),
    Case("SUR102", "limit-of-a-priority", (put(LIMITS, "normal: 4h, ", ""),), f"{LIMITS}:4:1"),
    Case(
        "SUR102",
        "hours",
        (
            put(
                CALENDARS,
                MINIMAL[CALENDARS].decode().partition("  night:")[2],
                """
    summary: At night.
    zone: Europe/Berlin
""",
            ),
        ),
        f"{CALENDARS}:13:3",
    ),
    # Types
    Case(
        "SUR103",
        "not-a-mapping",
        (
            put(
                REST,
                "owners:\n  primary: {person: ann}\n  secondary: {person: ben}\n  escalation_owner: {person: cyd}",
                "owners: [ann, ben, cyd]",
            ),
        ),
        f"{REST}:12:9",
    ),
    Case("SUR103", "owner-as-text", (put(REST, "primary: {person: ann}", "primary: ann"),), f"{REST}:13:12"),
    Case("SUR103", "list-wanted", (put(REST, "evidence: [reply]", "evidence: reply"),), f"{REST}:10:13"),
    Case(
        "SUR103",
        "dash-without-a-blank",
        (put(BILLING, "  on: [ticket.created, ticket.updated]", "  on:\n    -ticket.created\n    -ticket.updated"),),
        f"{BILLING}:7:5",
    ),
    Case(
        "SUR103",
        "several-in-one-text",
        (put(REST, "resolution_codes: [answered]", "resolution_codes: answered, paid"),),
        f"{REST}:26:21",
    ),
    Case("SUR103", "number-as-text", (put(REST, "repeat: 1", 'repeat: "1"'),), f"{REST}:20:11"),
    Case(
        "SUR103",
        "text-as-number",
        (put(BILLING, "statement: The invoice is right.", "statement: 2026"),),
        f"{BILLING}:11:14",
    ),
    Case("SUR103", "text-as-boolean", (put(BILLING, "task: true", "task: yes"),), f"{BILLING}:40:15"),
    Case(
        "SUR103", "empty-value", (put(BILLING, "statement: The invoice is right.", "statement:"),), f"{BILLING}:11:12"
    ),
    Case("SUR103", "document-is-a-list", (add(LIMITS, "- named_within: 15m\n"),), f"{LIMITS}:1:1"),
    Case("SUR103", "box-as-list", (put(REST, "within: 1d", "within: [1d]"),), f"{REST}:11:11"),
    # Values
    Case("SUR104", "no-unit", (put(REST, "  within: 2h\n", "  within: 15\n"),), f"{REST}:18:11"),
    Case("SUR104", "minutes-as-min", (put(REST, "  within: 2h\n", "  within: 15min\n"),), f"{REST}:18:11"),
    Case("SUR104", "hours-in-words", (put(REST, "within: 1d", "within: 2 hours"),), f"{REST}:11:11"),
    Case("SUR104", "unit-of-a-limit", (put(LIMITS, "high: 2h", "high: 120"),), f"{LIMITS}:4:44"),
    Case("SUR104", "who", (put(BILLING, "who: previous_owner", "who: previus_owner"),), f"{BILLING}:32:14"),
    Case(
        "SUR104",
        "trigger",
        (put(BILLING, "on: [ticket.created, ticket.updated]", "on: [ticket.created, ticket.changed]"),),
        f"{BILLING}:6:24",
    ),
    Case(
        "SUR104",
        "two-owners",
        (put(REST, "secondary: {person: ben}", "secondary: {person: ben, rotation: first}"),),
        f"{REST}:14:3",
    ),
    Case(
        "SUR104",
        "two-things-in-a-step",
        (
            put(
                BILLING,
                "    - set_fields: {priority: high}",
                "    - set_fields: {priority: high}\n      note: {text: Raised.}",
            ),
        ),
        f"{BILLING}:26:7",
    ),
    Case(
        "SUR104",
        "nothing-in-a-step",
        (put(BILLING, "    - set_fields: {priority: high}", "    - on_leave: finish"),),
        f"{BILLING}:26:7",
    ),
    Case(
        "SUR104",
        "with-without-use",
        (put(BILLING, "    - set_fields: {priority: high}", "    - set_fields: {priority: high}\n      with: {x: 1}"),),
        f"{BILLING}:27:7",
    ),
    Case(
        "SUR104",
        "on-leave-of-a-use",
        (put(BILLING, "      with: {who: {team: desk}}", "      with: {who: {team: desk}}\n      on_leave: finish"),),
        f"{BILLING}:30:7",
    ),
    Case(
        "SUR104",
        "via-and-room",
        (put(BILLING, "        who: previous_owner", "        room: counter\n        via: [chat]"),),
        f"{BILLING}:33:9",
    ),
    Case(
        "SUR104",
        "ladder",
        (put(REST, "ladder: [primary, escalation_owner]", "ladder: [escalation_owner, primary]"),),
        f"{REST}:16:9",
    ),
    Case("SUR104", "name", (put(REST, "  evidence: [reply]", "  evidence: [Customer Reply]"),), f"{REST}:10:14"),
    Case(
        "SUR104",
        "key",
        (put(PEOPLE, "  ann:\n", "  Ann Archer:\n"), put(PEOPLE, "members: [ann, ben]", "members: [ben]")),
        f"{PEOPLE}:4:3",
    ),
    Case("SUR104", "name-with-accents", (put(REST, "  evidence: [reply]", "  evidence: [Müller]"),), f"{REST}:10:14"),
    Case("SUR104", "weekday", (put(CALENDARS, "friday:", "fri:"),), f"{CALENDARS}:10:7"),
    Case("SUR104", "field-name", (put(BILLING, "fields: {type: task}", "fields: {Type: task}"),), f"{BILLING}:38:18"),
    Case(
        "SUR104",
        "time-of-day",
        (
            put(
                ROTATIONS,
                '    starts: "2026-01-05"\n    handover: {every: week, at: "09:00"}\n  second',
                '    starts: "2026-01-05"\n    handover: {every: week, at: 9:00}\n  second',
            ),
        ),
        f"{ROTATIONS}:9:33",
    ),
    Case("SUR104", "date", (put(CALENDARS, '"2026-01-01": New Year', '"1 January": New Year'),), f"{CALENDARS}:12:7"),
    Case("SUR104", "interval", (put(CALENDARS, '["22:00-24:00"]', '["22-24"]'),), f"{CALENDARS}:17:16"),
    Case("SUR104", "night", (put(CALENDARS, '["22:00-24:00"]', '["22:00-06:00"]'),), f"{CALENDARS}:17:16"),
    Case("SUR104", "beyond-the-day", (put(CALENDARS, '["22:00-24:00"]', '["22:00-26:00"]'),), f"{CALENDARS}:17:16"),
    Case(
        "SUR104",
        "intervals-out-of-order",
        (put(CALENDARS, '["09:00-12:00", "13:00-17:00"]', '["13:00-17:00", "09:00-12:00"]'),),
        f"{CALENDARS}:9:31",
    ),
    Case("SUR104", "time-zone", (put(PEOPLE, "Europe/Paris", "Central European Time"),), f"{PEOPLE}:11:11"),
    Case(
        "SUR104",
        "environment-variable",
        (put(CHANNELS, "CHAT_WEBHOOK", "https://chat.example.com"),),
        f"{CHANNELS}:7:14",
    ),
    Case("SUR104", "setting-of-a-channel", (put(CHANNELS, "    path: mail.txt\n", ""),), f"{CHANNELS}:8:3"),
    Case(
        "SUR104",
        "foreign-setting-of-a-channel",
        (put(CHANNELS, "    path: mail.txt\n", "    path: mail.txt\n    url_env: MAIL\n"),),
        f"{CHANNELS}:12:5",
    ),
    Case(
        "SUR104", "choice-without-values", (put(FIELDS, "    values: [open, pending, solved]\n", ""),), f"{FIELDS}:15:5"
    ),
    Case(
        "SUR104",
        "values-of-a-text",
        (put(FIELDS, "{type: text, summary: The title.}", "{type: text, summary: The title., values: [a]}"),),
        f"{FIELDS}:4:46",
    ),
    Case(
        "SUR104",
        "order-of-a-text",
        (put(FIELDS, "{type: text, summary: The title.}", "{type: text, summary: The title., ordered: true}"),),
        f"{FIELDS}:4:46",
    ),
    Case(
        "SUR104",
        "value-twice",
        (put(FIELDS, "values: [open, pending, solved]", "values: [open, solved, open]"),),
        f"{FIELDS}:16:5",
    ),
    Case(
        "SUR104",
        "absence",
        (put(ABSENCES, "2026-02-09T09:00:00+01:00", "2026-02-01T09:00:00+01:00"),),
        f"{ABSENCES}:4:54",
    ),
    Case(
        "SUR104",
        "instant-without-zone",
        (put(ABSENCES, "2026-02-09T09:00:00+01:00", "2026-02-09T09:00:00"),),
        f"{ABSENCES}:4:61",
    ),
    Case("SUR104", "not-an-instant", (put(ABSENCES, "2026-02-09T09:00:00+01:00", "next Monday"),), f"{ABSENCES}:4:61"),
    Case("SUR104", "empty-list", (put(BILLING, "checklist: [clear]", "checklist: []"),), f"{BILLING}:20:14"),
    Case(
        "SUR104", "empty-text", (put(BILLING, "statement: The invoice is right.", 'statement: ""'),), f"{BILLING}:11:14"
    ),
    Case("SUR104", "too-long", (put(PEOPLE, "name: Ann Archer", "name: " + "Ann " * 600),), f"{PEOPLE}:5:11"),
    Case("SUR104", "too-small", (put(REST, "repeat: 1", "repeat: -1"),), f"{REST}:20:11"),
    Case("SUR104", "too-large", (put(LIMITS, "handoffs_at_most: 3", "handoffs_at_most: 99"),), f"{LIMITS}:6:19"),
    Case(
        "SUR104",
        "name-of-a-policy",
        (
            add("templates/limits/template.yaml", edited().read(BILLING).replace(b"name: billing", b"name: limits")),
            put(ROUTING, "[billing]", "[billing, limits]"),
        ),
        "templates/limits/template.yaml:3:7",
    ),
    # Documents
    Case("SUR105", "unknown-kind", (put(LIMITS, "kind: Limits", "kind: Limit"),), f"{LIMITS}:2:7"),
    Case("SUR105", "no-kind", (put(LIMITS, "kind: Limits\n", ""),), f"{LIMITS}:1:1"),
    Case("SUR105", "empty-kind", (put(LIMITS, "kind: Limits\n", "kind:\n"),), f"{LIMITS}:2:5"),
    Case(
        "SUR106",
        "other-version",
        (put(REST, "schema: surety/v1", "schema: surety/v2"), put(REST, "ladder:", "stairs:")),
        f"{REST}:1:9",
    ),
    Case("SUR110", "missing-policy", (drop(LIMITS),), None),
    Case("SUR110", "no-template", (drop(BILLING), drop(REST), drop(ANNOUNCE), drop(ALARM)), None),
    Case(
        "SUR111",
        "duplicate-policy",
        (
            add(
                "policies/more_people.yaml",
                "schema: surety/v1\nkind: People\n"
                "people:\n  dee: {name: Dee, zone: Europe/Berlin, contacts: {chat: dee}}\n",
            ),
            put(REST, "secondary: {person: ben}", "secondary: {person: dee}"),
        ),
        f"{PEOPLE}:2:7",
    ),
    Case("SUR112", "folder", (put(REST, "name: rest", "name: remainder"),), f"{REST}:3:7"),
    Case("SUR112", "file-of-a-block", (put(ANNOUNCE, "name: announce", "name: announcement"),), f"{ANNOUNCE}:3:7"),
    Case("SUR112", "two-of-one-name", (put(REST, "name: rest", "name: billing"),), f"{REST}:3:7"),
    Case(
        "SUR112",
        "two-folders-of-one-name",
        (add("templates/old/rest/template.yaml", edited().read(REST)),),
        f"{REST}:3:7",
    ),
    Case("SUR112", "second-file", (add(OLD, edited().read(REST)),), f"{OLD}:1:1"),
    Case(
        "SUR112",
        "file-of-a-template",
        (drop(REST), add("templates/rest/contract.yaml", edited().read(REST))),
        "templates/rest/contract.yaml:1:1",
    ),
    Case("SUR113", "nothing-to-check", tuple(drop(path) for path in MINIMAL), None),
    Case("SUR114", "unreadable-file", (add(CHANNELS, None),), f"{CHANNELS}:1:1"),
    # References
    Case("SUR201", "person", (put(REST, "primary: {person: ann}", "primary: {person: anne}"),), f"{REST}:13:21"),
    Case(
        "SUR201",
        "rotation",
        (put(BILLING, "primary: {rotation: first}", "primary: {rotation: frist}"),),
        f"{BILLING}:15:23",
    ),
    Case("SUR201", "role", (put(BILLING, "{role: manager}", "{role: president}"),), f"{BILLING}:17:28"),
    Case("SUR201", "calendar", (put(BILLING, "calendar: office", "calendar: ofice"),), f"{BILLING}:13:33"),
    Case(
        "SUR201",
        "exception-class",
        (put(REST, "data-missing: {within: 4h}", "data-missin: {within: 4h}"),),
        f"{REST}:23:3",
    ),
    Case(
        "SUR201",
        "checklist-item",
        (put(BILLING, "checklist: [clear]", "checklist: [clear, unclear]"),),
        f"{BILLING}:20:22",
    ),
    Case("SUR201", "hours", (put(REST, "  repeat: 1", "  hours: ofice"),), f"{REST}:20:10"),
    Case(
        "SUR201",
        "clarification-raises-what-is-not-allowed",
        (put(REST, "  repeat: 1", "  clarify: {within: 4h, exception: legal-hold}"),),
        f"{REST}:20:36",
    ),
    Case("SUR201", "evidence", (put(REST, "evidence: [reply]", "evidence: [replies]"),), f"{REST}:10:14"),
    Case(
        "SUR201",
        "resolution-code",
        (put(REST, "resolution_codes: [answered]", "resolution_codes: [done]"),),
        f"{REST}:26:22",
    ),
    Case(
        "SUR201",
        "channel-of-a-person",
        (put(PEOPLE, "mail: ann@example.com", "mial: ann@example.com"),),
        f"{PEOPLE}:8:44",
    ),
    Case("SUR201", "block", (put(BILLING, "- use: alarm", "- use: alrm"),), f"{BILLING}:28:12"),
    Case("SUR201", "template", (put(ROUTING, "order: [billing]", "order: [biling]"),), f"{ROUTING}:5:9"),
    Case(
        "SUR201",
        "field",
        (put(BILLING, "set_fields: {priority: high}", "set_fields: {prority: high}"),),
        f"{BILLING}:26:20",
    ),
    Case(
        "SUR201",
        "given-to-a-block",
        (put(BILLING, "with: {who: {team: desk}}", "with: {who: {team: dsk}}"),),
        f"{BILLING}:29:26",
    ),
    Case("SUR201", "in-a-block", (put(ALARM, "via: [chat]", "via: [pager]"),), f"{ALARM}:8:31"),
    Case("SUR201", "default-of-a-block", (put(ANNOUNCE, "default: counter", "default: countr"),), f"{ANNOUNCE}:6:56"),
    Case("SUR201", "member", (put(ROTATIONS, "members: [ben, ann]", "members: [ben, dee]"),), f"{ROTATIONS}:12:20"),
    Case("SUR201", "last-resort", (put(GOVERNANCE, "last_resort: cyd", "last_resort: sid"),), f"{GOVERNANCE}:6:14"),
    Case("SUR202", "time-zone", (put(PEOPLE, "Europe/Paris", "Europe/Pariss"),), f"{PEOPLE}:11:11"),
    Case("SUR202", "no-such-region", (put(PEOPLE, "Europe/Paris", "Xyz"),), f"{PEOPLE}:11:11"),
    Case("SUR203", "date", (put(CALENDARS, '"2026-01-01": New Year', '"2026-02-30": New Year'),), f"{CALENDARS}:12:7"),
    Case(
        "SUR203",
        "start",
        (
            put(
                ROTATIONS,
                'members: [ben, ann]\n    zone: Europe/Berlin\n    starts: "2026-01-05"',
                "members: [ben, ann]\n    zone: Europe/Berlin\n    starts: 2026-13-05",
            ),
        ),
        f"{ROTATIONS}:14:13",
    ),
    # Conditions; all their messages are in test_condition_reader.
    Case("SUR204", "field", (put(BILLING, "    type: billing\n", "    typ: billing\n"),), f"{BILLING}:8:5"),
    Case("SUR204", "value", (put(BILLING, "priority: [normal, high]", "priority: [normal, hihg]"),), f"{BILLING}:9:24"),
    Case(
        "SUR204",
        "operator",
        (put(BILLING, "priority: [normal, high]", "priority: {atleast: normal}"),),
        f"{BILLING}:9:16",
    ),
    Case("SUR204", "scope", (put(ROUTING, "status: {not: solved}", "status: {not: closed}"),), f"{ROUTING}:4:17"),
    Case("SUR204", "empty-scope", (put(ROUTING, "scope:\n  status: {not: solved}", "scope: {}"),), f"{ROUTING}:3:8"),
    # Blocks
    Case(
        "SUR206",
        "itself",
        (
            put(
                ANNOUNCE,
                "    on_leave: finish\n",
                "    on_leave: finish\n  - use: announce\n    with: {message: Again.}\n",
            ),
        ),
        f"{ANNOUNCE}:13:10",
    ),
    Case(
        "SUR206",
        "through-another",
        (put(ANNOUNCE, "    on_leave: finish\n", "    on_leave: finish\n  - use: alarm\n    with: {who: owner}\n"),),
        f"{ANNOUNCE}:13:10",
    ),
    Case(
        "SUR206",
        "unused",
        (
            add("templates/blocks/a.yaml", BLOCK_HEAD + "name: a\nsteps:\n  - use: b\n"),
            add("templates/blocks/b.yaml", BLOCK_HEAD + "name: b\nsteps:\n  - use: a\n"),
        ),
        "templates/blocks/b.yaml:6:10",
    ),
    Case("SUR207", "missing-input", (put(BILLING, "      with: {who: {team: desk}}\n", ""),), f"{BILLING}:28:12"),
    Case(
        "SUR207",
        "unknown-input",
        (put(BILLING, "with: {who: {team: desk}}", "with: {who: {team: desk}, room: counter}"),),
        f"{BILLING}:29:33",
    ),
    Case("SUR207", "wrong-type", (put(BILLING, "with: {who: {team: desk}}", "with: {who: 5}"),), f"{BILLING}:29:19"),
    Case("SUR207", "wrong-default", (put(ANNOUNCE, "default: 5", "default: five"),), f"{ANNOUNCE}:8:72"),
    Case("SUR207", "misspelt-in-a-block", (put(ALARM, "who: $who", "who: $whom"),), f"{ALARM}:8:19"),
    Case(
        "SUR207",
        "in-a-template",
        (put(BILLING, 'message: "{{ owner.name }} has it."', "message: $text"),),
        f"{BILLING}:33:18",
    ),
    Case(
        "SUR207",
        "too-many-steps",
        (
            add("templates/blocks/many.yaml", BLOCK_HEAD + "name: many\nsteps:\n" + "  - note: {text: Tick.}\n" * 150),
            put(BILLING, "    - set_fields: {priority: high}", "    - use: many\n    - use: many"),
        ),
        f"{BILLING}:27:7",
    ),
    Case(
        "SUR207",
        "too-deep",
        (
            *(
                add(f"templates/blocks/b{n}.yaml", f"{BLOCK_HEAD}name: b{n}\nsteps:\n  - use: b{n + 1}\n")
                for n in range(17)
            ),
            add("templates/blocks/b17.yaml", BLOCK_HEAD + "name: b17\nsteps:\n  - note: {text: Deep.}\n"),
            put(BILLING, "    - set_fields: {priority: high}", "    - use: b0"),
        ),
        "templates/blocks/b15.yaml:6:10",
    ),
    # Across documents
    Case(
        "SUR208",
        "not-routed",
        (add("templates/old/template.yaml", edited().read(BILLING).replace(b"name: billing", b"name: old")),),
        "templates/old/template.yaml:3:7",
    ),
    Case("SUR208", "routed-twice", (put(ROUTING, "order: [billing]", "order: [billing, rest]"),), f"{ROUTING}:6:11"),
    Case(
        "SUR209",
        "value",
        (put(BILLING, "set_fields: {priority: high}", "set_fields: {priority: hgh}"),),
        f"{BILLING}:26:30",
    ),
    Case(
        "SUR209",
        "number",
        (put(BILLING, "set_fields: {priority: high}", 'set_fields: {amount: "5"}'),),
        f"{BILLING}:26:28",
    ),
    Case(
        "SUR209", "boolean", (put(BILLING, "set_fields: {priority: high}", "set_fields: {vip: 1}"),), f"{BILLING}:26:25"
    ),
    Case(
        "SUR209",
        "text",
        (put(BILLING, "set_fields: {priority: high}", "set_fields: {subject: [a, b]}"),),
        f"{BILLING}:26:29",
    ),
    Case(
        "SUR209",
        "instant",
        (put(BILLING, "set_fields: {priority: high}", "set_fields: {due_at: tomorrow}"),),
        f"{BILLING}:26:28",
    ),
    Case(
        "SUR209",
        "record",
        (put(BILLING, "set_fields: {priority: high}", "set_fields: {escalation_state: open}"),),
        f"{BILLING}:26:20",
    ),
    Case(
        "SUR209",
        "built-in",
        (put(BILLING, "set_fields: {priority: high}", "set_fields: {created_at: now}"),),
        f"{BILLING}:26:20",
    ),
    Case("SUR209", "type-of-the-record", (put(FIELDS, "state: escalation_state", "state: due_at"),), f"{FIELDS}:27:17"),
    Case(
        "SUR209",
        "type-of-the-priority",
        (put(FIELDS, "priority: priority\n", "priority: amount\n"),),
        f"{FIELDS}:28:11",
    ),
    Case("SUR209", "done", (put(FIELDS, "done: [solved]", "done: [solvd]"),), f"{FIELDS}:26:35"),
    Case("SUR209", "reopen-to", (put(FIELDS, "reopen_to: open", "reopen_to: solved"),), f"{FIELDS}:26:55"),
    Case("SUR209", "priority-of-a-limit", (put(LIMITS, "low: 8h", "low: 8h, urgent: 1h"),), f"{LIMITS}:4:26"),
    Case(
        "SUR209",
        "word-of-conditions",
        (put(FIELDS, "  vip: {", "  any: {type: text, summary: Anything.}\n  vip: {"),),
        f"{FIELDS}:19:3",
    ),
    Case(
        "SUR209",
        "declared-built-in",
        (put(FIELDS, "  vip: {", "  created_at: {type: instant, summary: Since when.}\n  vip: {"),),
        f"{FIELDS}:19:3",
    ),
    # Limits
    Case("SUR301", "acceptance-above-limit", (put(BILLING, "  within: 1h\n", "  within: 150m\n"),), f"{BILLING}:19:11"),
    Case("SUR302", "repeats-above-limit", (put(REST, "repeat: 1", "repeat: 3"),), f"{REST}:20:11"),
    Case("SUR303", "handoffs-above-limit", (put(BILLING, "at_most: 2", "at_most: 4"),), f"{BILLING}:41:59"),
    Case(
        "SUR304",
        "manager-told-too-late",
        (put(LIMITS, "manager_knows_within: 3h", "manager_knows_within: 90m"),),
        f"{REST}:18:11",
    ),
    Case("SUR305", "days-in-business-time", (put(BILLING, "time: 16h", "time: 2d"),), f"{BILLING}:13:18"),
    Case("SUR305", "of-an-exception-class", (put(EXCEPTIONS, "time: 8h", "time: 1d"),), f"{EXCEPTIONS}:7:20"),
    Case(
        "SUR306",
        "same-owner-twice",
        (put(BILLING, "secondary: {rotation: second}", "secondary: {rotation: first}"),),
        f"{BILLING}:16:14",
    ),
    Case(
        "SUR307",
        "time-condition",
        (put(BILLING, "    type: billing\n", "    due_at: {past_by: 30m}\n"),),
        f"{BILLING}:6:7",
    ),
    Case(
        "SUR308",
        "fallback-by-trigger",
        (put(REST, "[ticket.created, ticket.updated, time.passed]", "[ticket.created]"),),
        f"{REST}:5:1",
    ),
    Case(
        "SUR308",
        "fallback-by-condition",
        (put(REST, "when: {created_at: {set: true}}", "when: {type: question}"),),
        f"{REST}:5:1",
    ),
    Case(
        "SUR311",
        "question-without-deadline",
        (put(BILLING, STEP, ASK.format("otherwise: escalate")),),
        f"{BILLING}:26:7",
    ),
    Case(
        "SUR311",
        "question-that-falls-to-nobody",
        (put(BILLING, STEP, ASK.format("within: 4h")),),
        f"{BILLING}:26:7",
    ),
    Case(
        "SUR311",
        "default-that-is-not-there",
        (put(BILLING, STEP, ASK.format("within: 4h, otherwise: default")),),
        f"{BILLING}:26:54",
    ),
    Case(
        "SUR311",
        "approval",
        (put(BILLING, STEP, "    - approve: {who: owner, question: Refund?, within: 4h}"),),
        f"{BILLING}:26:7",
    ),
    Case("SUR311", "wait", (put(BILLING, STEP, "    - wait: {}"),), f"{BILLING}:26:7"),
    Case(
        "SUR311",
        "wait-for-a-condition",
        (put(BILLING, STEP, "    - wait: {until: {vip: true}, within: 2h}"),),
        f"{BILLING}:26:7",
    ),
    Case(
        "SUR312",
        "wait-above-limit",
        (
            add("policies/limits.yaml", edited().read("policies/limits.yaml") + b"waiting_at_most: 2d\n"),
            put(REST, "handoff:", "waiting: {at_most: 3d, then: owner}\nhandoff:"),
        ),
        f"{REST}:21:20",
    ),
    Case("SUR311", "waiting", (put(REST, "handoff:", "waiting: {at_most: 3d}\nhandoff:"),), f"{REST}:21:1"),
    Case(
        "SUR102",
        "assign-without-a-field",
        (put("policies/fields.yaml", "assignee: agent\n", ""), put(BILLING, STEP, "    - assign: {to: owner}")),
        f"{BILLING}:26:7",
    ),
    Case(
        "SUR209",
        "assignee-is-no-person",
        (put("policies/fields.yaml", "assignee: agent", "assignee: amount"),),
        "policies/fields.yaml:29:11",
    ),
    Case(
        "SUR209",
        "assignee-is-the-record",
        (put("policies/fields.yaml", "assignee: agent", "assignee: escalation_owner"),),
        "policies/fields.yaml:29:11",
    ),
    # Rosters and calendars
    Case("SUR104", "shift-length", (turn("first", "every: fortnight"),), f"{ROTATIONS}:9:36"),
    Case("SUR104", "shift-of-more-than-a-year", (turn("first", "every: 400d"),), f"{ROTATIONS}:9:36"),
    Case("SUR104", "weekday-of-a-daily-handover", (turn("first", "every: day, on: monday"),), f"{ROTATIONS}:9:41"),
    Case(
        "SUR104",
        "members-beside-layers",
        (first('    layers: [{members: [ann], starts: "2026-01-05", handover: {every: day, at: "09:00"}}]'),),
        f"{ROTATIONS}:6:5",
    ),
    Case(
        "SUR104",
        "neither-members-nor-layers",
        (put(ROTATIONS, "    members: [ann, ben]\n", ""),),
        f"{ROTATIONS}:4:3",
    ),
    Case("SUR104", "window-without-end", (first('    only: [{from: "09:00"}]'),), f"{ROTATIONS}:10:12"),
    Case("SUR104", "window-that-says-nothing", (first("    only: [{}]"),), f"{ROTATIONS}:10:12"),
    Case(
        "SUR104",
        "versions-out-of-order",
        (first(f"    versions:\n{version('2026-05-01 09:00')}{version('2026-04-01 09:00')}".rstrip()),),
        f"{ROTATIONS}:10:5",
    ),
    Case(
        "SUR104",
        "local-date-and-time",
        (first(f"    versions:\n{version('1 May')}".rstrip()),),
        f"{ROTATIONS}:11:25",
    ),
    Case("SUR203", "version", (first(f"    versions:\n{version('2026-02-30 09:00')}".rstrip()),), f"{ROTATIONS}:11:25"),
    Case("SUR104", "override", (first(override("03-04", "03-02")),), f"{ROTATIONS}:11:53"),
    Case("SUR201", "override", (first(override("03-02", "03-04", "dee")),), f"{ROTATIONS}:11:18"),
    Case("SUR201", "kept-apart", (first("    apart_from: [third]"),), f"{ROTATIONS}:10:18"),
    Case("SUR201", "substitute", (substitute("ann", "dee"),), f"{PEOPLE}:7:17"),
    Case("SUR104", "swap", (swaps(("ben", "03-04", "03-02")),), f"{ABSENCES}:10:5"),
    Case("SUR104", "swap-with-oneself", (swaps(("ann", "03-02", "03-04")),), f"{ABSENCES}:7:5"),
    Case(
        "SUR201",
        "rotation-of-a-swap",
        (swaps(("ben", "03-02", "03-04"), rotation="frist"),),
        f"{ABSENCES}:6:15",
    ),
    Case("SUR104", "key-of-another-sort", (key("ssh-dss AAAAB3NzaC1kc3M="),), f"{PEOPLE}:7:12"),
    Case("SUR104", "key-cut-off", (key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"),), f"{PEOPLE}:7:12"),
    Case("SUR104", "no-key", (key("my key"),), f"{PEOPLE}:7:12"),
    Case("SUR104", "private-key", (key("-----BEGIN OPENSSH PRIVATE KEY-----"),), f"{PEOPLE}:7:12"),
    Case("SUR310", "circle", (substitute("cyd", "ann"), substitute("ann", "cyd")), f"{PEOPLE}:7:17"),
    Case("SUR310", "oneself", (substitute("ann", "ann"),), f"{PEOPLE}:7:17"),
    Case("SUR320", "itself", (second("    apart_from: [second]"),), f"{ROTATIONS}:16:5"),
    Case(
        "SUR320",
        "circle",
        (second("    apart_from:\n      - first"), first("    apart_from:\n      - second")),
        f"{ROTATIONS}:10:5",
    ),
    Case("SUR321", "swaps", (swaps(("ben", "03-01", "03-03"), ("cyd", "03-02", "03-04")),), f"{ABSENCES}:11:5"),
    Case(
        "SUR321",
        "overrides",
        (first(override("03-02", "03-04") + "\n" + override("03-03", "03-05").partition("\n")[2]),),
        f"{ROTATIONS}:12:9",
    ),
    Case("SUR104", "holidays-without-a-first-year", (holidays("{country: DE}"),), f"{CALENDARS}:3:1"),
    Case("SUR104", "first-year-after-the-horizon", (years(2028),), f"{CALENDARS}:4:1"),
    Case("SUR104", "too-many-years", (years(1971),), f"{CALENDARS}:4:1"),
    Case("SUR201", "country", (years(2026), holidays("{country: Germany}")), f"{CALENDARS}:12:25"),
    Case("SUR201", "subdivision", (years(2026), holidays("{country: DE, subdivision: XX}")), f"{CALENDARS}:12:42"),
    Case(
        "SUR201",
        "holiday",
        (years(2026), holidays('{country: DE, except: ["Labour Day"]}')),
        f"{CALENDARS}:12:38",
    ),
    Case("SUR203", "open-date", (opened('"2026-02-30": ["09:00-12:00"]'),), f"{CALENDARS}:14:7"),
    Case("SUR104", "open-interval", (opened('"2026-02-28": ["12:00-09:00"]'),), f"{CALENDARS}:14:22"),
)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.txt"):
        old.unlink()
    for case in CASES:
        case.golden.write_text(case.text(), encoding="utf-8")
    print(f"{len(CASES)} files in {GOLDEN}")
