-- Absences, swaps and overrides that people entered, as a chain: rows are only ever added.

CREATE TABLE overlay (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    number INTEGER NOT NULL,                    -- counts from 1
    hash TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (workspace, number)
) STRICT;
