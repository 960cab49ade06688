-- Format 4: large texts of responses are packed (Zstandard; `body` is empty then), and every text has a sum that
-- tells when it was changed. Rows of format 3 stay as they are, without sum.

ALTER TABLE responses ADD COLUMN packed BLOB;
ALTER TABLE responses ADD COLUMN sum INTEGER;
ALTER TABLE events ADD COLUMN sum INTEGER;
ALTER TABLE attempts ADD COLUMN sum INTEGER;

PRAGMA user_version = 4;
