DROP TABLE auth0_records;
ALTER TABLE users DROP COLUMN deleted_at, DROP COLUMN blocked;
