-- A constant default rewrites no row.
ALTER TABLE users
    ADD COLUMN picture TEXT,
    ADD COLUMN email_verified BOOLEAN NOT NULL DEFAULT FALSE;
