-- AUTOINCREMENT: an id that was given once is never given again. length() counts characters. The timestamps are UTC in
-- a form that sorts as text.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT COLLATE NOCASE UNIQUE NOT NULL CHECK (length(email) <= 255),
    name TEXT CHECK (length(name) <= 255),
    auth0_id TEXT UNIQUE NOT NULL CHECK (length(auth0_id) <= 255),
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
