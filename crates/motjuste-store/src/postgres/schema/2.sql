-- Format 2: calls that workers make, and the pace that servers are asked at.

CREATE TABLE calls (
    id bigint PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    key bytea NOT NULL, -- what is asked of whom
    asker bigint NOT NULL, -- the process that needs the answer: an advisory lock of its session
    worker bigint, -- the process that asks, likewise
    state smallint NOT NULL DEFAULT 0, -- 0 waits, 1 is being made, 2 is answered, 3 is told
    declined_by bigint[] NOT NULL DEFAULT '{}', -- workers that cannot make it
    body text NOT NULL,
    outcome text,
    told_at timestamptz
);

CREATE INDEX calls_waiting ON calls (position) WHERE state = 0;
CREATE INDEX calls_by_asker ON calls (asker, state);
CREATE INDEX calls_by_key ON calls (key);

CREATE TABLE paces (
    server text PRIMARY KEY,
    free_at timestamptz NOT NULL
);

-- Whether a process is at the queue: it holds the lock of its part with its number.
CREATE FUNCTION is_here(part bigint, member bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
            AND classid::bigint = part AND objid::bigint = member
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
$$;

UPDATE format SET number = 2;
