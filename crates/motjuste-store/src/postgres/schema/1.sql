-- Format 1. People read these tables too: bodies are JSON, but for large responses, which are packed (Zstandard;
-- `body` is empty then). Every text has a sum that tells when it was changed.

CREATE TABLE format (
    id bigint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    application text NOT NULL DEFAULT 'motjuste',
    number bigint NOT NULL
);

CREATE TABLE studies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order of creation
    name text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE events (
    study text NOT NULL REFERENCES studies (name),
    sequence bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    body text NOT NULL,
    sum bigint NOT NULL,
    PRIMARY KEY (study, sequence)
);

CREATE TABLE responses (
    key bytea PRIMARY KEY,
    paid_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    body text NOT NULL,
    packed bytea,
    sum bigint NOT NULL
);

-- A row that stays is a call that may have been charged for and whose answer nobody heard.
CREATE TABLE attempts (
    id bigint PRIMARY KEY,
    paid_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    body text NOT NULL,
    sum bigint NOT NULL
);

CREATE INDEX attempts_by_payer ON attempts (paid_by);

-- Who runs a study. What holds it is an advisory lock of the session; a row whose lock is free is history.
CREATE TABLE leases (
    study text PRIMARY KEY,
    token bigint NOT NULL,
    host text NOT NULL,
    process bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    heard timestamptz NOT NULL DEFAULT now()
);

INSERT INTO format (number) VALUES (1);
