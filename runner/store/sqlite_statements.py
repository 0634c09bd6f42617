"""Every statement that is sent to SQLite, by name. Values are bound, never formatted in; no statement reads a clock."""

from __future__ import annotations

from typing import Final

__all__: list[str] = []

# Workspaces
WORKSPACE_ADD: Final = "INSERT INTO workspace (name) VALUES (?) ON CONFLICT DO NOTHING"
WORKSPACE_ID: Final = "SELECT id FROM workspace WHERE name = ?"

# Epochs, contracts, rosters
EPOCH_ACTIVE: Final = (
    "SELECT epoch, revision, manifest, roster, activated_at FROM epoch"
    " WHERE workspace = ? ORDER BY activation DESC LIMIT 1"
)
EPOCH_ALL: Final = (
    "SELECT epoch, revision, manifest, roster, activated_at FROM epoch WHERE workspace = ? ORDER BY activation"
)
EPOCH_ADD: Final = (
    "INSERT INTO epoch (workspace, activation, epoch, revision, manifest, roster, activated_at)"
    " SELECT ?1, coalesce(max(activation), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM epoch WHERE workspace = ?1"
)
CONTRACT_ADD: Final = "INSERT INTO contract (workspace, digest, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
CONTRACT_GET: Final = "SELECT body FROM contract WHERE workspace = ? AND digest = ?"
PLACES_ADD: Final = (  # only if they are others than those kept last
    "INSERT INTO places (workspace, digest, epoch, body) SELECT ?1, ?2, ?3, ?4 WHERE ?4 IS NOT"
    " (SELECT body FROM places WHERE workspace = ?1 AND digest = ?2 ORDER BY epoch DESC LIMIT 1)"
)
PLACES_GET: Final = (
    "SELECT epoch, body FROM places WHERE workspace = ? AND digest = ? AND epoch <= ? ORDER BY epoch DESC LIMIT 1"
)
ROSTER_ADD: Final = "INSERT INTO roster (workspace, digest, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
ROSTER_GET: Final = "SELECT body FROM roster WHERE workspace = ? AND digest = ?"

# The overlay of the roster
OVERLAY_ADD: Final = (  # only right behind the last one
    "INSERT INTO overlay (workspace, number, hash, body) SELECT ?1, ?2, ?3, ?4 WHERE ?2 - 1 ="
    " (SELECT coalesce(max(number), 0) FROM overlay WHERE workspace = ?1)"
)
OVERLAY_AFTER: Final = "SELECT number, body, hash FROM overlay WHERE workspace = ? AND number > ? ORDER BY number"

# Cases
CASE_GET: Final = "SELECT body, watch_due FROM ticket_case WHERE workspace = ? AND ticket = ?"
CASE_PUT: Final = (
    "INSERT INTO ticket_case (workspace, ticket, watch_due, gone, body) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (workspace, ticket) DO UPDATE SET watch_due = excluded.watch_due, gone = excluded.gone,"
    " body = excluded.body"
)
WATCH_ALL: Final = (
    "UPDATE ticket_case SET watch_due = ?1 WHERE workspace = ?2 AND gone = 0 AND (watch_due IS NULL OR watch_due > ?1)"
)
WATCHES: Final = (
    "SELECT ticket FROM ticket_case WHERE workspace = ? AND watch_due <= ? ORDER BY watch_due, ticket LIMIT ?"
)
NEXT_WATCH: Final = (
    "SELECT watch_due FROM ticket_case WHERE workspace = ? AND watch_due IS NOT NULL ORDER BY watch_due LIMIT 1"
)

# Streams and decisions
STREAM_ADD: Final = (
    "INSERT INTO stream (hash, template, contract, state, due, open, at, ticket, workspace, escalation, seq)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
STREAM_ADVANCE: Final = (
    "UPDATE stream SET hash = ?1, template = ?2, contract = ?3, state = ?4, due = ?5, open = ?6, at = ?7, ticket = ?8,"
    " seq = ?11 WHERE workspace = ?9 AND escalation = ?10 AND seq = ?11 - 1"
)
STREAM_GET: Final = (
    "SELECT escalation, ticket, template, contract, seq, hash, state, due, open, at FROM stream"
    " WHERE workspace = ? AND escalation = ?"
)
STREAM_PAGE: Final = (
    "SELECT escalation, ticket, template, contract, seq, hash, state, due, open, at FROM stream"
    " WHERE workspace = ? AND escalation > ? ORDER BY escalation LIMIT ?"
)
STREAM_PAGE_OPEN: Final = (
    "SELECT escalation, ticket, template, contract, seq, hash, state, due, open, at FROM stream"
    " WHERE workspace = ? AND escalation > ? AND open = 1 ORDER BY escalation LIMIT ?"
)
ESCALATIONS: Final = "SELECT escalation FROM stream WHERE workspace = ? AND escalation > ? ORDER BY escalation LIMIT ?"
DUE: Final = "SELECT escalation FROM stream WHERE workspace = ? AND due <= ? ORDER BY due, escalation LIMIT ?"
NEXT_DUE: Final = "SELECT due FROM stream WHERE workspace = ? AND due IS NOT NULL ORDER BY due LIMIT 1"
DECISION_ADD: Final = "INSERT INTO decision (workspace, escalation, seq, hash, body) VALUES (?, ?, ?, ?, ?)"
DECISIONS: Final = (
    "SELECT seq, body, hash FROM decision WHERE workspace = ? AND escalation = ? AND seq > ? ORDER BY seq LIMIT ?"
)
TEXT_ADD: Final = (
    "INSERT INTO text (workspace, escalation, digest, salt, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
TEXT_GET: Final = "SELECT body FROM text WHERE workspace = ? AND escalation = ? AND digest = ?"

# Causes, links, accounts
CAUSE_GET: Final = (
    "SELECT c.escalation FROM cause AS c"
    " JOIN stream AS s ON s.workspace = c.workspace AND s.escalation = c.escalation AND s.open = 1"
    " WHERE c.workspace = ? AND c.template = ? AND c.cause = ?"
)
CAUSE_PUT: Final = (
    "INSERT INTO cause (workspace, template, cause, escalation) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (workspace, template, cause) DO UPDATE SET escalation = excluded.escalation"
)
LINK_ADD: Final = "INSERT INTO linked (workspace, escalation, ticket) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
LINKED: Final = "SELECT ticket FROM linked WHERE workspace = ? AND escalation = ? ORDER BY ticket"
ACCOUNT_ADD: Final = (
    "INSERT INTO account (workspace, account, at, escalation) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
ACCOUNT_SINCE: Final = (
    "SELECT escalation FROM account WHERE workspace = ? AND account = ? AND at >= ?"
    " ORDER BY at DESC, escalation DESC LIMIT ?"
)

# Inbox and inbound keys
SEEN_ADD: Final = "INSERT INTO seen (workspace, source_key) VALUES (?, ?) ON CONFLICT DO NOTHING"
INBOX_ADD: Final = "INSERT INTO inbox (workspace, escalation, command) VALUES (?, ?, ?)"
INBOX_TAKE: Final = "SELECT id, escalation, command FROM inbox WHERE workspace = ? ORDER BY id LIMIT ?"
INBOX_DONE: Final = "DELETE FROM inbox WHERE workspace = ? AND id = ?"
INBOX_COUNT: Final = "SELECT count(*) FROM inbox WHERE workspace = ?"

# Hints
HINT_NUMBER: Final = "UPDATE workspace SET hints = hints + 1 WHERE id = ? RETURNING hints"
HINT_PUT: Final = (
    "INSERT INTO hint (workspace, ticket, n, source, ready_at) VALUES (?, ?, ?, ?, -1.0)"
    " ON CONFLICT (workspace, ticket) DO UPDATE SET n = excluded.n, source = excluded.source"
)
HINT_FRESH: Final = "SELECT rowid, ticket, n FROM hint WHERE workspace = ? AND ready_at = -1.0 ORDER BY rowid LIMIT ?"
HINT_AGAIN: Final = (
    "SELECT rowid, ticket, n FROM hint WHERE workspace = ? AND ready_at >= 0.0 AND ready_at <= ?"
    " ORDER BY ready_at, rowid LIMIT ?"
)
HINT_LEASE: Final = "UPDATE hint SET ready_at = ? WHERE rowid = ?"
HINT_DONE: Final = "DELETE FROM hint WHERE workspace = ? AND ticket = ? AND n = ?"
HINT_RELEASE: Final = "UPDATE hint SET ready_at = -1.0 WHERE workspace = ? AND ticket = ?"
HINT_BACK_OFF: Final = "UPDATE hint SET ready_at = ? WHERE workspace = ? AND ticket = ?"
HINT_COUNT: Final = "SELECT count(*) FROM hint WHERE workspace = ?"

# Where polling stands
POLLING_GET: Final = "SELECT value FROM polling WHERE workspace = ? AND name = ?"
POLLING_SET: Final = (
    "INSERT INTO polling (workspace, name, value) VALUES (?, ?, ?)"
    " ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value"
)

# Outbox
OUTBOX_ADD: Final = (
    "INSERT INTO outbox (workspace, escalation, seq, number, kind, lane, payload, status, attempt, ready_at, why)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '')"
)
OUTBOX_LANES: Final = (
    "SELECT lane FROM outbox WHERE workspace = ? AND escalation = ? AND lane <> '' AND status <> 'dead'"
)
OUTBOX_FRESH: Final = (
    "SELECT o.escalation, o.seq, o.number, o.kind, o.lane, o.payload, o.attempt, s.contract, s.ticket"
    " FROM outbox AS o INDEXED BY outbox_ready"
    " CROSS JOIN stream AS s ON s.workspace = o.workspace AND s.escalation = o.escalation"
    " WHERE o.workspace = ? AND o.ready_at = -1.0 AND o.status = 'ready'"
    " ORDER BY o.escalation, o.seq, o.number LIMIT ?"
)
OUTBOX_AGAIN: Final = (
    "SELECT o.escalation, o.seq, o.number, o.kind, o.lane, o.payload, o.attempt, s.contract, s.ticket"
    " FROM outbox AS o INDEXED BY outbox_ready"
    " CROSS JOIN stream AS s ON s.workspace = o.workspace AND s.escalation = o.escalation"
    " WHERE o.workspace = ? AND o.ready_at >= 0.0 AND o.ready_at <= ?"
    " ORDER BY o.ready_at, o.status, o.escalation, o.seq, o.number LIMIT ?"
)
OUTBOX_LEASE: Final = (
    "UPDATE outbox SET status = 'leased', attempt = attempt + 1, ready_at = ?"
    " WHERE workspace = ? AND escalation = ? AND seq = ? AND number = ?"
)
OUTBOX_SETTLE: Final = (
    "DELETE FROM outbox WHERE workspace = ? AND escalation = ? AND seq = ? AND number = ? AND attempt = ?"
    " AND status = 'leased' RETURNING lane"
)
OUTBOX_RETRY: Final = (
    "UPDATE outbox SET status = 'waiting', ready_at = ?, why = ?"
    " WHERE workspace = ? AND escalation = ? AND seq = ? AND number = ? AND attempt = ? AND status = 'leased'"
)
OUTBOX_BURY: Final = (
    "UPDATE outbox SET status = 'dead', ready_at = NULL, why = ?"
    " WHERE workspace = ? AND escalation = ? AND seq = ? AND number = ? AND attempt = ? AND status = 'leased'"
    " RETURNING lane"
)
OUTBOX_NEXT_BEHIND: Final = (
    "SELECT seq, number FROM outbox WHERE workspace = ? AND escalation = ? AND lane = ? AND status = 'behind'"
    " ORDER BY seq, number LIMIT 1"
)
OUTBOX_UNBLOCK: Final = (
    "UPDATE outbox SET status = 'ready', ready_at = -1.0"
    " WHERE workspace = ? AND escalation = ? AND seq = ? AND number = ?"
)
OUTBOX_OF: Final = (
    "SELECT escalation, seq, number, kind, lane, payload, status, attempt, ready_at, why FROM outbox"
    " WHERE workspace = ? AND escalation = ? ORDER BY seq, number"
)
OUTBOX_COUNT: Final = "SELECT status, count(*) FROM outbox INDEXED BY outbox_ready WHERE workspace = ? GROUP BY status"
