-- Nobody inserts between the check and the drop.
LOCK TABLE users IN ACCESS EXCLUSIVE MODE;

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM users) THEN
        RAISE EXCEPTION 'the users table still holds rows; dropping it would lose them';
    END IF;
END
$$;

DROP TABLE users;
