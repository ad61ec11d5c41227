-- SQLite cannot raise an error outside of a trigger; a failed check stops the migration, and its name is the message.
CREATE TABLE users_must_be_empty (
    rows_left INTEGER,
    CONSTRAINT "the users table still holds rows; dropping it would lose them" CHECK (rows_left = 0)
);
INSERT INTO users_must_be_empty SELECT count(*) FROM users;
DROP TABLE users_must_be_empty;

DROP TABLE users;
