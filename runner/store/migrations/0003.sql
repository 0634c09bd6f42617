-- One escalation for one cause, the tickets that are linked to it, and the escalations of an account.

CREATE TABLE cause (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    template TEXT NOT NULL,
    cause TEXT NOT NULL,                        -- names the values that the tickets have in common
    escalation TEXT NOT NULL,
    PRIMARY KEY (workspace, template, cause)
) STRICT, WITHOUT ROWID;

CREATE TABLE linked (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    escalation TEXT NOT NULL,
    ticket TEXT NOT NULL,
    PRIMARY KEY (workspace, escalation, ticket)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    escalation TEXT NOT NULL,
    PRIMARY KEY (workspace, account, at, escalation)
) STRICT, WITHOUT ROWID;
