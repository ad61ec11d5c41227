ALTER TABLE users
    DROP COLUMN email_verified,
    DROP COLUMN picture;
