-- Format 3: events are steps with candidates and trials, and a response is kept under the hash of a request
-- with messages. Stores of earlier formats hold neither, and are refused where they hold studies.

PRAGMA user_version = 3;
