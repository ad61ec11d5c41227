-- The users of the password era, by their id, and how far each has come on the way to Auth0. Empty where there was none.
-- Times are in milliseconds since 1970, as the program reckons them.
CREATE TABLE legacy_users (
    user_id INTEGER PRIMARY KEY NOT NULL,
    -- Whether the row could not keep its address as it was, and that address.
    displaced BOOLEAN NOT NULL DEFAULT FALSE,
    email TEXT,
    -- Whether authsync inserted the row since the adoption: one without a password.
    newcomer BOOLEAN NOT NULL DEFAULT FALSE,
    exported_at BIGINT,
    imported_at BIGINT,
    -- Why Auth0 did not take the user, or would not.
    problem TEXT
);

-- What was changed about the table itself, and how far the whole has come, as one document.
CREATE TABLE legacy_migration (
    only_row BOOLEAN PRIMARY KEY NOT NULL DEFAULT TRUE CHECK (only_row),
    document TEXT NOT NULL
);
