-- The last good key set of each issuer, shared by all nodes. The time is in milliseconds since 1970, as the program
-- reckons it.
CREATE TABLE issuer_key_sets (
    issuer TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    fetched_at BIGINT NOT NULL
);
