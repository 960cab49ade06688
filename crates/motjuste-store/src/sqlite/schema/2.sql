-- Format 2: calls that left the process, written down before they leave. A row that stays is a call
-- that may have been charged for and whose answer nobody heard.

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    paid_by TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    body TEXT NOT NULL
) STRICT;

CREATE INDEX attempts_by_payer ON attempts (paid_by);

PRAGMA user_version = 2;
