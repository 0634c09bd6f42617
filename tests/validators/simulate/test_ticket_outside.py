"""Scenarios of what happens to tickets outside: changed, reopened, merged, matched twice, and many of one cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from runner.contract.load import Revision, load_revision
from runner.engine.events import EscalationOpened
from runner.revision import FolderTree
from tests.validators.repositories import complaints, copied, edit, tried
from validators.simulate import Simulation

BILLING = "templates/enterprise-billing/template.yaml"


def changed(folder: Path, old: str, new: str) -> Revision:
    """The shipped repository with another text in the template of billing."""
    edit(copied(folder), BILLING, old, new)
    found = load_revision(FolderTree(folder))
    assert found.revision is not None, found.findings
    return found.revision


def with_key(folder: Path, text: str) -> Revision:
    """The shipped repository with one more key in the template of billing."""
    return changed(folder, "\noutcome:\n", f"\n{text}\noutcome:\n")


def test_an_owner_that_is_changed_by_hand_is_written_back_twice_and_then_only_reported() -> None:
    result = tried("""
        acts:
          - {at: "09:10", do: update, fields: {escalation_owner: tomasz-nowak}}
          - {at: "09:20", do: update, fields: {escalation_owner: tomasz-nowak}}
          - {at: "09:30", do: update, fields: {escalation_owner: tomasz-nowak}}
          - {at: "09:40", do: update, fields: {subject: Invoice}}
        expect:
          - {at: "09:10", recorded: [drifted], owner: anna-keller, notified: []}
          - {at: "09:10", fields: {escalation_owner: anna-keller}}
          - {at: "09:20", fields: {escalation_owner: anna-keller}, notified: []}
          - {at: "09:30", recorded: [drift_limit], fields: {escalation_owner: tomasz-nowak}}
          - {at: "09:30", notified: [anna-keller, miriam-okafor], owner: anna-keller}
          - {at: "09:40", notified: []}
    """)
    assert result.passed, complaints(result)


def test_an_owner_that_is_changed_by_hand_is_offered_it(tmp_path: Path) -> None:
    result = tried(
        """
        acts:
          - {at: "09:05", do: accept, by: anna-keller}
          - {at: "09:10", do: update, fields: {escalation_owner: tomasz-nowak}}
          - {at: "09:30", do: accept, by: tomasz-nowak}
        expect:
          - {at: "09:10", recorded: [adopted], notified: [tomasz-nowak, anna-keller], owner: anna-keller}
          - {at: "09:10", fields: {escalation_owner: anna-keller}}
          - {at: "09:30", owner: tomasz-nowak, fields: {escalation_owner: tomasz-nowak}}
        """,
        of=with_key(tmp_path, "drift: {owner: adopt}"),
    )
    assert result.passed, complaints(result)


def test_a_field_that_a_step_has_written_is_written_again_and_a_persons_own_change_is_let_be(tmp_path: Path) -> None:
    fields = "fields: {group: Finance}"
    for answer, after in (("restore", fields), ("adopt", "fields: {group: Legal}"), ("flag", "fields: {group: Legal}")):
        folder = tmp_path / answer
        result = tried(
            f"""
            acts:
              - {{at: "09:10", do: update, fields: {{group: Legal}}}}
              - {{at: "09:20", do: update, fields: {{account.name: Acme}}}}
            expect:
              - {{at: "09:10", recorded: [drifted], {after}}}
              - {{at: "09:20", notified: [], {after}}}
            """,
            of=with_key(folder, f"drift: {{fields: {answer}}}"),
        )
        assert result.passed, complaints(result)


PROOF = "evidence: {invoice_id: INV-1, customer_confirmation: mail}"
CLOSE = f"""
          - {{at: "09:05", do: accept, by: anna-keller}}
          - {{at: "09:10", do: resolve, by: anna-keller, {PROOF}}}
          - {{at: "09:20", do: close, by: anna-keller, code: refunded}}"""
REOPEN = "  resolution_codes: [refunded"


def test_a_ticket_that_is_opened_again_after_it_was_resolved_is_its_owners_again() -> None:
    result = tried(f"""
        acts:{CLOSE.rpartition(chr(10))[0]}
          - {{at: "09:15", do: update, fields: {{status: solved}}}}
          - {{at: "09:30", do: update, fields: {{status: open}}}}
        expect:
          - {{at: "09:15", state: resolved}}
          - {{at: "09:30", state: accepted, owner: anna-keller, notified: [anna-keller, miriam-okafor]}}
          - {{at: "09:30", recorded: [reopened], fields: {{escalation_state: accepted}}}}
    """)
    assert result.passed, complaints(result)


def test_a_closed_escalation_is_opened_again_within_its_time_and_a_new_one_opens_later(tmp_path: Path) -> None:
    result = tried(
        f"""
        acts:{CLOSE}
          - {{at: "09:30", do: update, fields: {{status: solved}}}}
          - {{at: "10:00", do: update, fields: {{status: open}}}}
          - {{at: "10:05", do: accept, by: anna-keller}}
          - {{at: "10:10", do: resolve, by: anna-keller, {PROOF}}}
          - {{at: "10:20", do: close, by: anna-keller, code: refunded}}
          - {{at: "10:30", do: update, fields: {{status: solved}}}}
          - {{at: "13:00", do: update, fields: {{status: open}}}}
        expect:
          - {{at: "09:30", state: closed}}
          - {{at: "10:00", state: offered, owner: anna-keller, notified: [anna-keller, miriam-okafor], rooms: []}}
          - {{at: "10:00", recorded: [reopened], fields: {{escalation_state: offered}}}}
          - {{at: "10:20", state: closed}}
          - {{at: "13:00", state: offered, owner: anna-keller, recorded: [triggered]}}
        """,
        of=changed(tmp_path, REOPEN, f"  reopen_within: 2h\n{REOPEN}"),
    )
    assert result.passed, complaints(result)
    assert len({decision.escalation for decision in result.decisions}) == 2


def test_its_last_owner_opens_it_again(tmp_path: Path) -> None:
    result = tried(
        f"""
        acts:{CLOSE}
          - {{at: "10:00", do: reopen, by: tomasz-nowak, refused: not_yours}}
          - {{at: "10:10", do: reopen, by: anna-keller}}
          - {{at: "10:10", do: accept, by: anna-keller}}
        expect:
          - {{at: "10:10", state: accepted, owner: anna-keller}}
        """,
        of=changed(tmp_path, REOPEN, f"  reopen_within: 2h\n{REOPEN}"),
    )
    assert result.passed, complaints(result)


OTHER = """
          - {at: "09:05", do: accept, by: anna-keller}
          - {at: "09:10", do: update, fields: {type: incident, severity: critical}}"""
KEEP = "on_other_match: keep"


def test_another_template_takes_over_and_the_owner_answers_until_it_is_accepted(tmp_path: Path) -> None:
    result = tried(
        f"""
        acts:{OTHER}
          - {{at: "09:12", do: accept, by: priya-raman}}
        expect:
          - {{at: "09:05", template: enterprise-billing, owner: anna-keller}}
          - {{at: "09:10", template: critical-enterprise, state: offered, owner: anna-keller}}
          - {{at: "09:10", fields: {{escalation_state: offered, escalation_owner: anna-keller}}}}
          - {{at: "09:12", template: critical-enterprise, owner: priya-raman}}
        """,
        of=changed(tmp_path, KEEP, "on_other_match: supersede"),
    )
    assert result.passed, complaints(result)


def test_a_template_that_keeps_its_ticket_goes_on() -> None:
    result = tried(f"""
        acts:{OTHER}
        expect:
          - {{at: "09:10", template: enterprise-billing, owner: anna-keller, recorded: [other_match]}}
    """)
    assert result.passed, complaints(result)


TWO = """\
invoice:
  at: "09:00"
  fields: {type: billing, account.tier: enterprise, priority: high, status: new}
copy:
  at: "09:00"
  fields: {type: question, account.tier: enterprise, priority: normal, status: new}
"""


def test_an_escalation_goes_with_its_ticket_into_another() -> None:
    result = tried(
        """
        acts:
          - {at: "09:05", do: accept, by: anna-keller, ticket: invoice}
          - {at: "09:10", do: merge, ticket: invoice, into: copy}
          - {at: "09:20", do: update, ticket: invoice, fields: {status: closed}}
          - {at: "09:30", do: merge, ticket: copy, into: copy-open}
        expect:
          - {at: "09:05", ticket: copy, state: none}
          - {at: "09:10", ticket: copy, state: accepted, owner: anna-keller, recorded: [merged]}
          - {at: "09:10", ticket: copy, fields: {escalation_owner: anna-keller, escalation_state: accepted}}
          - {at: "09:20", ticket: invoice, state: none}
          - {at: "09:20", ticket: copy, state: accepted}
        """,
        TWO,
    )
    assert [each.got for each in result.failures] == ["there is no ticket copy-open"], "nothing has created it"


def test_a_ticket_is_merged_into_one_of_the_scenario() -> None:
    result = tried('acts: [{at: "09:10", do: merge, into: nothing}]\nexpect: [{at: "09:10", state: offered}]')
    assert [each.diagnostic.message for each in result.failures] == ["there is no ticket `nothing`"], complaints(result)


def test_of_two_escalations_on_tickets_that_are_merged_one_goes_on() -> None:
    result = tried(
        """
        acts:
          - {at: "09:10", do: merge, ticket: invoice, into: copy}
        expect:
          - {at: "09:10", ticket: invoice, state: cancelled, recorded: [merged]}
          - {at: "09:10", ticket: copy, state: offered, owner: anna-keller}
        """,
        TWO.replace("type: question", "type: billing").replace("normal", "high"),
    )
    assert result.passed, complaints(result)


def test_a_copy_from_the_shared_mailbox_is_linked_and_two_causes_are_two_escalations(tmp_path: Path) -> None:
    tickets = """\
        invoice:
          at: "09:00"
          fields: {type: billing, account.tier: enterprise, priority: high, status: new, account.name: Acme}
        copy:
          at: "09:10"
          fields: {type: billing, account.tier: enterprise, priority: high, status: new, account.name: Acme}
        other:
          at: "09:20"
          fields: {type: billing, account.tier: enterprise, priority: high, status: new, account.name: Bolt}
        again:
          at: "10:00"
          fields: {type: billing, account.tier: enterprise, priority: high, status: new, account.name: Acme}
    """
    result = tried(
        """
        acts:
          - {at: "09:30", do: update, ticket: copy, fields: {priority: urgent}}
          - {at: "09:40", do: cancel, ticket: invoice, by: miriam-okafor}
          - {at: "09:50", do: update, ticket: copy, fields: {priority: high}}
        expect:
          - {at: "09:10", ticket: copy, state: none}
          - {at: "09:10", ticket: invoice, recorded: [same_cause], notified: []}
          - {at: "09:20", ticket: other, state: offered}
          - {at: "09:30", ticket: copy, state: none}
          - {at: "09:50", ticket: copy, state: none}
          - {at: "10:00", ticket: again, state: offered}
        """,
        tickets,
        of=changed(
            tmp_path,
            "  on: [ticket.created, ticket.updated]\n",
            "  on: [ticket.created, ticket.updated]\n  group_by: [account.name]\n",
        ),
    )
    assert result.passed, complaints(result)


def test_repeats_of_an_account_are_named(tmp_path: Path) -> None:
    edit(
        copied(tmp_path), "policies/fields.yaml", "\npriority: priority", "\naccount: account.name\npriority: priority"
    )
    found = load_revision(FolderTree(tmp_path))
    assert found.revision is not None, found.findings
    made = Simulation(found.revision)
    start = datetime(2026, 3, 3, 12, tzinfo=UTC)
    fields = {
        "type": "billing",
        "account.tier": "enterprise",
        "priority": "high",
        "status": "new",
        "account.name": "Acme",
    }
    for number in range(12):
        made.create(f"t{number}", dict(fields), start)
    made.create("late", dict(fields), start + timedelta(days=91))
    opened = [life.history[0][1][0] for life in made.lives.values()]
    earlier = [event.earlier for event in opened if isinstance(event, EscalationOpened)]
    assert earlier[:3] == [(), ("t0/1",), ("t1/1", "t0/1")]
    assert (len(earlier[11]), earlier[12]) == (10, ())
