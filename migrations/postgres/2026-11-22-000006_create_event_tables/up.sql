-- Which events have been taken in, so that a second delivery is known for one. Times are in milliseconds since 1970, as
-- the program reckons them.
CREATE TABLE auth0_events_seen (
    event_id VARCHAR(255) PRIMARY KEY,
    seen_at BIGINT NOT NULL
);
CREATE INDEX auth0_events_seen_at ON auth0_events_seen (seen_at);

-- What could not be applied, as it came, for a person to look at and to try again.
CREATE TABLE auth0_dead_letters (
    id SERIAL PRIMARY KEY,
    source VARCHAR(32) NOT NULL,
    event_id VARCHAR(255) UNIQUE,
    auth0_id VARCHAR(255),
    reason TEXT NOT NULL,
    body TEXT NOT NULL,
    parked_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 1
);

-- How far something that goes on for long has come: the offset of the pulled events, the line of a backfill.
CREATE TABLE auth0_cursors (
    name VARCHAR(64) PRIMARY KEY,
    position TEXT NOT NULL,
    moved_at BIGINT NOT NULL
);
