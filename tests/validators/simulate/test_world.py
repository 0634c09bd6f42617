"""The virtual world: what it does at once, what it fails to do when told so, and texts that cannot be rendered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runner.contract.load import Revision, load_revision
from runner.revision import FolderTree
from tests.validators.repositories import complaints, copied, edit, revision, tried
from validators.simulate import Simulation, SimulationLimit, simulation

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
INVOICE = {"type": "billing", "account.tier": "enterprise", "priority": "high", "status": "new"}
OUTAGE = """\
outage:
  at: "03:00"
  fields: {type: incident, severity: critical, account.tier: enterprise, priority: urgent, status: new}
"""


@pytest.mark.parametrize(
    ("kind", "expectation"),
    [
        ("notify", "rooms: [], fields: {group: Finance}"),
        ("set_fields", "rooms: [finance-ops], fields: {group: null}"),
        ("note", "rooms: [finance-ops], fields: {group: Finance}"),
    ],
)
def test_a_step_that_fails_on_purpose_is_told_to_the_manager_and_the_ladder_goes_on(
    kind: str, expectation: str
) -> None:
    result = tried(f"""
        acts: [{{at: "08:00", do: step_fails, step: {kind}}}]
        expect:
          - {{at: "09:00", owner: anna-keller, notified: [anna-keller, miriam-okafor], {expectation}}}
          - {{at: "09:00", recorded: [failed]}}
          - {{at: "11:00", owner: tomasz-nowak}}
    """)
    assert result.passed, complaints(result)


def stubborn(folder: Path) -> Revision:
    """The shipped repository, whose first step of a billing dispute has a time, two more tries, and stops its run."""
    step = "    - set_fields: {group: Finance}\n"
    more = "      timeout: 1m\n      retry: {times: 2, every: 5m}\n      on_error: stop\n"
    edit(copied(folder), "templates/enterprise-billing/template.yaml", step, step + more)
    found = load_revision(FolderTree(folder)).revision
    assert found is not None
    return found


def test_a_step_is_tried_again_until_it_works(tmp_path: Path) -> None:
    result = tried(
        """
        acts:
          - {at: "08:00", do: step_fails, step: set_fields}
          - {at: "09:03", do: step_works, step: set_fields}
        expect:
          - {at: "09:00", recorded: [failed], notified: [anna-keller], rooms: [], next_deadline: "09:05"}
          - {at: "09:04:59", fields: {group: null}}
          - {at: "09:05", recorded: [tried_again, done], rooms: [finance-ops], fields: {group: Finance}}
        """,
        of=stubborn(tmp_path),
    )
    assert result.passed, complaints(result)


def test_a_step_of_which_nothing_is_heard_stops_its_run_after_its_last_try(tmp_path: Path) -> None:
    result = tried(
        """
        acts: [{at: "08:00", do: step_hangs, step: set_fields}]
        expect:
          - {at: "09:01", recorded: [timed_out], notified: [], next_deadline: "09:06"}
          - {at: "09:07", recorded: [timed_out], notified: [], next_deadline: "09:12"}
          - {at: "09:13", recorded: [timed_out, stopped], notified: [anna-keller, miriam-okafor], rooms: []}
          - {at: "09:13", next_deadline: "11:00", owner: anna-keller}
        """,
        of=stubborn(tmp_path),
    )
    assert result.passed, complaints(result)


def test_a_ticket_is_assigned_in_the_helpdesks_own_field(tmp_path: Path) -> None:
    step = "    - set_fields: {group: Finance}\n"
    edit(copied(tmp_path), "templates/enterprise-billing/template.yaml", step, "    - assign: {to: secondary}\n")
    found = load_revision(FolderTree(tmp_path)).revision
    assert found is not None
    result = tried('expect: [{at: "09:00", fields: {assignee: tomasz-nowak}, owner: anna-keller}]', of=found)
    assert result.passed, complaints(result)


def test_a_page_goes_by_any_channel_that_the_person_has(tmp_path: Path) -> None:
    step = "    - set_fields: {group: Finance}\n"
    page = "    - page: {who: {person: anna-keller}, via: [pager], message: Wake up.}\n"
    edit(copied(tmp_path), "templates/enterprise-billing/template.yaml", step, page)
    found = load_revision(FolderTree(tmp_path)).revision
    assert found is not None
    assert "pager" not in found.policies.people.people["anna-keller"].contacts
    made = Simulation(found)
    made.create("invoice", dict(INVOICE), NOON)
    assert ("anna-keller", "chat", "Wake up.") in {(m.person, m.channel, m.text) for m in made.world.messages}


def test_a_created_ticket_has_a_key_and_its_rendered_fields() -> None:
    made = Simulation(revision())
    made.create("outage", {**INVOICE, "type": "incident", "severity": "critical", "subject": "No logins"}, NOON)
    tickets = made.world.tickets
    assert list(tickets) == ["outage", "outage-open", "outage-open-2"]
    assert tickets["outage-open-2"].fields["subject"] == "War room for outage: No logins"
    assert tickets["outage-open-2"].fields["assignee"] == "claire-dubois"
    assert [note.partition(" ")[0] for note in tickets["outage"].notes] == ["The", "State"]


def test_a_message_goes_by_the_first_channel_of_the_step_or_of_the_person() -> None:
    made = Simulation(revision())
    made.create("outage", {**INVOICE, "type": "incident", "severity": "critical"}, NOON)
    ways = {(each.person or each.room, each.channel) for each in made.world.messages}
    assert ways == {("priya-raman", "pager"), ("claire-dubois", "pager"), ("incidents", "chat")}


def test_a_task_is_open_until_it_is_done_and_also_when_it_was_deleted() -> None:
    body = """
        acts:
          - {{at: "03:01", do: accept, by: priya-raman}}
          - at: "03:20"
            do: resolve
            by: priya-raman
            evidence: {{service_restored: graph, customer_confirmation: call}}
          - {{at: "03:30", ticket: outage-resolved, {0}}}
          - {{at: "03:40", do: close, by: priya-raman, code: restored{1}}}
        expect: [{{at: "03:40", state: {2}}}]
    """
    done = body.format("do: update, fields: {status: solved}", "", "closed")
    deleted = body.format("do: delete", ", refused: not_verified", "resolved")
    for text in (done, deleted):
        result = tried(text, OUTAGE, start="2026-03-07")
        assert result.passed, complaints(result)


def test_a_text_that_cannot_be_rendered_fails_whatever_is_expected(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    edit(folder, "templates/enterprise-billing/template.yaml", ' | default: "somebody accepts"', "")
    found = load_revision(FolderTree(folder)).revision
    assert found is not None
    result = tried('expect: [{at: "21:00", state: exhausted}]', of=found)
    assert [each.diagnostic.code for each in result.failures] == ["SUR605"]
    at = result.failures[0].diagnostic.location
    assert at is not None
    assert (at.file, at.line) == ("templates/enterprise-billing/template.yaml", 51)
    assert "`offer.accept_by` has no value" in result.failures[0].diagnostic.message
    assert tried('expect: [{at: "20:59", state: offered}]', of=found).passed


def test_nothing_can_be_done_to_a_ticket_that_is_gone() -> None:
    result = tried("""
        acts:
          - {at: "09:10", do: delete}
          - {at: "09:20", do: update, fields: {priority: low}}
        expect:
          - {at: "09:10", recorded: [gone], owner: anna-keller}
          - {at: "11:00", owner: tomasz-nowak, recorded: [failed], fields: {escalation_owner: anna-keller}}
    """)
    assert [each.got for each in result.failures] == ["no such ticket; the tickets are none"]


def test_a_simulation_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "_MOST_COMMANDS", 100)
    made = Simulation(revision())
    made.create("invoice", dict(INVOICE), NOON)
    with pytest.raises(SimulationLimit, match="more than 100 commands by 2026-03-0"):
        made.run(NOON + timedelta(days=30), including=True)


def test_a_scenario_that_is_given_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "_MOST_COMMANDS", 100)
    words = r"tried \(templates/enterprise-billing/tried_test.yaml\) needs more than 100 commands by 2026-03-0"
    with pytest.raises(SimulationLimit, match=words):
        tried('expect: [{at: "2026-04-03 09:00", state: exhausted}]')


def test_nothing_is_merged_into_itself() -> None:
    result = tried('acts: [{at: "09:10", do: merge, into: invoice}]\nends: {state: offered}')
    assert [(each.expected, each.got) for each in result.failures] == [
        ("another ticket to merge it into", "invoice itself")
    ]


def test_an_update_that_changes_nothing_is_not_looked_at() -> None:
    made = Simulation(revision())
    made.create("invoice", dict(INVOICE), NOON)
    version = made.world.tickets["invoice"].version
    made.update("invoice", {"priority": "high"}, NOON)
    assert made.world.tickets["invoice"].version == version
