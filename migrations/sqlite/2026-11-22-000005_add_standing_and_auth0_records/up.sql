-- Whether the user may come in. Rows of other programs are whole without it.
ALTER TABLE users ADD COLUMN blocked BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN deleted_at TEXT;

-- What Auth0 itself has said of each user, with the time of each part (docs/users-table.md, rule 9). The address stands
-- beside the document as well, so that whoever waits for it is found when it becomes free.
CREATE TABLE auth0_records (
    auth0_id TEXT PRIMARY KEY NOT NULL CHECK (length(auth0_id) <= 255),
    email TEXT COLLATE NOCASE,
    record TEXT NOT NULL
);
CREATE INDEX auth0_records_email ON auth0_records (email);
