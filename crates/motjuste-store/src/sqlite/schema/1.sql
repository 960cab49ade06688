-- Format 1. People read these tables too: bodies are JSON, times are UTC.
-- The body comes last in its row: a query that leaves it out does not walk through it.

CREATE TABLE studies (
    id INTEGER PRIMARY KEY, -- the order of creation
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE TABLE events (
    study TEXT NOT NULL REFERENCES studies (name),
    sequence INTEGER NOT NULL,
    kind TEXT GENERATED ALWAYS AS (body ->> 'event') STORED,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    body TEXT NOT NULL,
    PRIMARY KEY (study, sequence)
) STRICT;

CREATE TABLE responses (
    key BLOB NOT NULL PRIMARY KEY,
    paid_by TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    body TEXT NOT NULL
) STRICT;

PRAGMA application_id = 0x6d6a7374; -- "mjst": this file is a motjuste store
PRAGMA user_version = 1;
