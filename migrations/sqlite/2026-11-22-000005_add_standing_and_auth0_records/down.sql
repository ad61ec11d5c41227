DROP TABLE auth0_records;
ALTER TABLE users DROP COLUMN deleted_at;
ALTER TABLE users DROP COLUMN blocked;
