-- Instants of the contract clock are INTEGER microseconds since 1970 UTC, machine times REAL seconds since 1970.
-- Escalation ids are time-ordered, so new rows go to the end of every index that leads with them.
-- Tables with long rows keep their rowid: in a clustered table such rows would spill into pages of their own.

CREATE TABLE workspace (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    hints INTEGER NOT NULL DEFAULT 0            -- the last number given to a hint; never given again
) STRICT;

CREATE TABLE contract (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (workspace, digest)
) STRICT;

-- Where the rules of a contract stand in the files of a commit; a row only when that changed.
CREATE TABLE places (
    workspace INTEGER NOT NULL,
    digest TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (workspace, digest, epoch),
    FOREIGN KEY (workspace, digest) REFERENCES contract (workspace, digest)
) STRICT;

CREATE TABLE roster (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (workspace, digest)
) STRICT;

CREATE TABLE epoch (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    activation INTEGER NOT NULL,                -- counts from 1
    epoch INTEGER NOT NULL,
    revision TEXT NOT NULL,                     -- the commit
    manifest TEXT NOT NULL,
    roster TEXT NOT NULL,
    activated_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, activation),
    FOREIGN KEY (workspace, roster) REFERENCES roster (workspace, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
    workspace INTEGER NOT NULL,
    escalation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (workspace, escalation, seq)
) STRICT;

CREATE TABLE stream (
    workspace INTEGER NOT NULL,
    escalation TEXT NOT NULL,
    ticket TEXT NOT NULL,
    template TEXT NOT NULL,
    contract TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    state BLOB NOT NULL,
    due INTEGER,                                -- derived from the state; there is no table of timers
    open INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (workspace, escalation),
    FOREIGN KEY (workspace, contract) REFERENCES contract (workspace, digest)
) STRICT;
-- A closed escalation may have a deadline yet: a run that finishes after the close.
CREATE INDEX stream_due ON stream (workspace, due, escalation) WHERE due IS NOT NULL;
CREATE UNIQUE INDEX stream_open_on_ticket ON stream (workspace, ticket) WHERE open = 1;
CREATE INDEX stream_open ON stream (workspace, escalation) WHERE open = 1;

CREATE TABLE text (
    workspace INTEGER NOT NULL,
    escalation TEXT NOT NULL,
    digest TEXT NOT NULL,
    salt BLOB NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (workspace, escalation, digest)
) STRICT;

CREATE TABLE ticket_case (
    workspace INTEGER NOT NULL,
    ticket TEXT NOT NULL,
    watch_due INTEGER,                          -- holds whatever the body says
    gone INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (workspace, ticket)
) STRICT;
CREATE INDEX case_watch ON ticket_case (workspace, watch_due, ticket) WHERE watch_due IS NOT NULL;

CREATE TABLE seen (
    workspace INTEGER NOT NULL,
    source_key TEXT NOT NULL,
    PRIMARY KEY (workspace, source_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,       -- never used twice: whoever is done with a command names it by its id
    workspace INTEGER NOT NULL,
    escalation TEXT NOT NULL,
    command BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_order ON inbox (workspace, id);

CREATE TABLE hint (
    workspace INTEGER NOT NULL,
    ticket TEXT NOT NULL,
    n INTEGER NOT NULL,
    source TEXT NOT NULL,
    ready_at REAL NOT NULL,                     -- -1: at once; else the end of a lease or of a back-off
    PRIMARY KEY (workspace, ticket)
) STRICT;
CREATE INDEX hint_ready ON hint (workspace, ready_at);

CREATE TABLE polling (
    workspace INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (workspace, name)
) STRICT, WITHOUT ROWID;

-- Clustered: rows are short and leave soon, and a claim takes them in the order of the key.
CREATE TABLE outbox (
    workspace INTEGER NOT NULL,
    escalation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,                    -- of the effect within its decision, from 0
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    ready_at REAL,                              -- as in hint; NULL: behind another in its lane, or dead
    why TEXT NOT NULL,
    PRIMARY KEY (workspace, escalation, seq, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_ready ON outbox (workspace, ready_at, status);
