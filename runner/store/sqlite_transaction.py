"""Writing to SQLite: decisions, epochs, cases, inbox and hints. Decides nothing; the outbox has a module of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from runner.engine.decision import Decision
from runner.engine.effects import Effect
from runner.engine.observation import Case
from runner.store import sqlite_outbox as outbox
from runner.store import sqlite_statements as sql
from runner.store.encoding import dump_case, to_micros
from runner.store.port import ActiveEpoch, Claimed, Conflict, HintRow, InboxRow, Text
from runner.store.sharing import share
from runner.store.sqlite_file import Session
from runner.store.sqlite_reader import SqliteReader

__all__ = ["SqliteTransaction"]


class SqliteTransaction(SqliteReader):
    """See `runner.store.port.Transaction`.

    Decisions and their effects are written together, at the end or before anything that could see them: one statement
    with many rows costs less than many statements. Streams go at once, because they may conflict.
    """

    def __init__(self, session: Session, workspace: int) -> None:
        super().__init__(session, workspace)
        self._appended: set[str] = set()

    def activate(
        self,
        expected: int | None,
        new: ActiveEpoch,
        contracts: Mapping[str, bytes],
        roster: bytes,
        places: Mapping[str, bytes] = MappingProxyType({}),
    ) -> bool:
        """See the port."""
        active = self.active()
        if expected != (None if active is None else active.epoch):
            return False
        workspace = self._workspace
        self._session.many(sql.CONTRACT_ADD, [(workspace, digest, body) for digest, body in contracts.items()])
        self._session.run(sql.ROSTER_ADD, workspace, new.roster, roster)
        at = to_micros(new.activated_at)
        self._session.run(sql.EPOCH_ADD, workspace, new.epoch, new.commit, new.manifest, new.roster, at)
        lines = [(workspace, digest, new.epoch, body) for digest, body in places.items()]
        self._session.many(sql.PLACES_ADD, lines)
        return True

    def keep_roster(self, digest: str, body: bytes) -> None:
        """See the port."""
        self._session.run(sql.ROSTER_ADD, self._workspace, digest, body)

    def add_overlay(self, number: int, body: bytes, hash: str) -> None:  # noqa: A002 - the word of decisions
        """See the port."""
        if not self._session.run(sql.OVERLAY_ADD, self._workspace, number, hash, body):
            raise Conflict(f"entry {number} of the overlay does not follow the last one")

    def first_time(self, source_key: str) -> bool:
        """See the port."""
        return self._session.run(sql.SEEN_ADD, self._workspace, source_key) == 1

    def put_case(self, case: Case) -> None:
        """See the port."""
        watch_due = None if case.watch_due is None else to_micros(case.watch_due)
        self._session.run(sql.CASE_PUT, self._workspace, case.ticket, watch_due, int(case.gone), dump_case(case))

    def watch_all(self, now: datetime) -> None:
        """See the port."""
        self._session.run(sql.WATCH_ALL, to_micros(now), self._workspace)

    def append(
        self,
        decision: Decision,
        *,
        now: datetime,
        ticket: str,
        template: str,
        contract: str,
        state: bytes,
        due: datetime | None,
        open: bool,  # noqa: A002 - the word of `Stream`
        effects: Sequence[Effect],
        texts: Mapping[str, Text] | None = None,
    ) -> None:
        """See the port."""
        session, workspace, escalation, seq = self._session, self._workspace, decision.escalation, decision.seq
        if escalation in self._appended:
            session.flush()
        queued = outbox.prepare(session, workspace, escalation, seq, effects)
        # The stream goes first: it is the only statement that may conflict, so a conflict leaves nothing behind.
        statement = sql.STREAM_ADD if seq == 1 else sql.STREAM_ADVANCE
        due_at = None if due is None else to_micros(due)
        columns = (decision.hash, template, contract, state, due_at, int(open), to_micros(now), ticket)
        try:
            written = session.attempt(statement, *columns, workspace, escalation, seq)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname == "SQLITE_CONSTRAINT_FOREIGNKEY":
                raise LookupError(f"the store keeps no contract {contract}") from None
            if error.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY":
                raise Conflict(f"escalation {escalation} has its first decision already") from None
            raise Conflict(f"ticket {ticket} has another open escalation") from None
        if not written:
            stored = self.stream(escalation)
            raise Conflict(f"decision {seq} of {escalation} does not follow {stored.seq if stored else 0}")
        session.later(sql.DECISION_ADD, [(workspace, escalation, seq, decision.hash, decision.body)])
        if queued:
            session.later(sql.OUTBOX_ADD, queued)
            self._appended.add(escalation)
        if texts:
            self.keep_texts(escalation, texts)

    def keep_texts(self, escalation: str, texts: Mapping[str, Text]) -> None:
        """See the port."""
        rows = [(self._workspace, escalation, digest, salt, text) for digest, (salt, text) in texts.items()]
        self._session.many(sql.TEXT_ADD, rows)

    def standing(self, template: str, cause: str) -> str | None:
        """See the port."""
        row = self._session.row(sql.CAUSE_GET, self._workspace, template, cause)
        return None if row is None else str(row[0])

    def stand(self, template: str, cause: str, escalation: str, instead: str | None) -> None:
        """See the port."""
        if (found := self.standing(template, cause)) != instead:
            raise Conflict(f"{found or 'no escalation'} stands for the cause, not {instead or 'none'}")
        self._session.run(sql.CAUSE_PUT, self._workspace, template, cause, escalation)

    def link(self, escalation: str, ticket: str) -> None:
        """See the port."""
        self._session.run(sql.LINK_ADD, self._workspace, escalation, ticket)

    def linked(self, escalation: str) -> list[str]:
        """See the port."""
        return [row[0] for row in self._session.rows(sql.LINKED, self._workspace, escalation)]

    def put_account(self, account: str, at: datetime, escalation: str) -> None:
        """See the port."""
        self._session.run(sql.ACCOUNT_ADD, self._workspace, account, to_micros(at), escalation)

    def of_account(self, account: str, since: datetime, limit: int) -> list[str]:
        """See the port."""
        rows = self._session.rows(sql.ACCOUNT_SINCE, self._workspace, account, to_micros(since), limit)
        return [row[0] for row in rows]

    def due(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        return [row[0] for row in self._session.rows(sql.DUE, self._workspace, to_micros(now), limit)]

    def watches(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        return [row[0] for row in self._session.rows(sql.WATCHES, self._workspace, to_micros(now), limit)]

    def put_command(self, escalation: str, command: bytes, source_key: str) -> bool:
        """See the port."""
        if not self.first_time(source_key):
            return False
        self._session.run(sql.INBOX_ADD, self._workspace, escalation, command)
        return True

    def take_commands(self, limit: int) -> list[InboxRow]:
        """See the port."""
        return [InboxRow(*row) for row in self._session.rows(sql.INBOX_TAKE, self._workspace, limit)]

    def done_command(self, id: int) -> None:  # noqa: A002 - the word of `InboxRow`
        """See the port."""
        self._session.run(sql.INBOX_DONE, self._workspace, id)

    def put_hint(self, ticket: str, source: str) -> None:
        """See the port."""
        n = self._session.row(sql.HINT_NUMBER, self._workspace)[0]
        self._session.run(sql.HINT_PUT, self._workspace, ticket, n, source)

    def take_hints(self, limit: int, now_machine: float, lease_seconds: float) -> list[HintRow]:
        """See the port."""
        again = self._session.rows(sql.HINT_AGAIN, self._workspace, now_machine, limit)
        taken = share(again, self._session.rows(sql.HINT_FRESH, self._workspace, limit), limit)
        self._session.many(sql.HINT_LEASE, [(now_machine + lease_seconds, row[0]) for row in taken])
        return [HintRow(ticket, n) for _, ticket, n in taken]

    def done_hint(self, ticket: str, n: int) -> None:
        """See the port."""
        if not self._session.run(sql.HINT_DONE, self._workspace, ticket, n):
            self._session.run(sql.HINT_RELEASE, self._workspace, ticket)

    def back_off_hint(self, ticket: str, until_machine: float) -> None:
        """See the port."""
        self._session.run(sql.HINT_BACK_OFF, until_machine, self._workspace, ticket)

    def set_cursor(self, name: str, value: str) -> None:
        """See the port."""
        self._session.run(sql.POLLING_SET, self._workspace, name, value)

    def claim(self, limit: int, now_machine: float, lease_seconds: float) -> list[Claimed]:
        """See the port."""
        return outbox.claim(self._session, self._workspace, limit, now_machine, lease_seconds)

    def settle(self, key: str, attempt: int, *, result: bytes | None, source_key: str | None = None) -> bool:
        """See the port."""
        if not outbox.settle(self._session, self._workspace, key, attempt):
            return False
        self._answer(key, result, source_key)
        return True

    def retry(self, key: str, attempt: int, at_machine: float, why: str) -> bool:
        """See the port."""
        return outbox.retry(self._session, self._workspace, key, attempt, at_machine=at_machine, why=why)

    def bury(self, key: str, attempt: int, *, result: bytes | None, why: str, source_key: str | None = None) -> bool:
        """See the port."""
        if not outbox.bury(self._session, self._workspace, key, attempt, why):
            return False
        self._answer(key, result, source_key)
        return True

    def _answer(self, key: str, result: bytes | None, source_key: str | None) -> None:
        if result is not None:
            self.put_command(key.rsplit(":", 2)[0], result, source_key or key)
