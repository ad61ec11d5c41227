-- Whether the user may come in. A constant default rewrites no row, and rows of other programs are whole without it.
ALTER TABLE users
    ADD COLUMN blocked BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE;

-- What Auth0 itself has said of each user, with the time of each part (docs/users-table.md, rule 9). The address stands
-- beside the document as well, so that whoever waits for it is found when it becomes free.
CREATE TABLE auth0_records (
    auth0_id VARCHAR(255) PRIMARY KEY,
    email VARCHAR(255),
    record TEXT NOT NULL
);
CREATE INDEX auth0_records_email ON auth0_records (email);
