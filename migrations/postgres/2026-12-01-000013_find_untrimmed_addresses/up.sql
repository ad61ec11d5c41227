-- Other programs write addresses with white space around them, and such a row holds its address like any other. There are few of
-- them, so the index is small, and a row without costs no more than a look at both ends of its address. Not unique: two rows
-- that hold one address already, one with white space and one without, both stay as they are.
CREATE INDEX users_email_untrimmed ON users (lower(btrim(email, E' \t\n\x0b\f\r')))
    WHERE email ~ E'^[ \t\n\x0b\f\r]|[ \t\n\x0b\f\r]$';

-- As before, but that whoever holds an address with white space around it is known, too.
CREATE OR REPLACE FUNCTION authsync_insert_new_users(
    subjects TEXT[], imported INTEGER[], emails TEXT[], verified BOOLEAN[], names TEXT[], pictures TEXT[],
    subject_keys BIGINT[], address_keys BIGINT[]
) RETURNS TABLE (subject TEXT, user_id INTEGER) LANGUAGE plpgsql AS $$
DECLARE
    is_free BOOLEAN[];
    addresses TEXT[];
    known TEXT[];
    taken TEXT[];
BEGIN
    -- Only then do the later statements see everything that was committed before the locks were had.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN;
    END IF;
    is_free := ARRAY(
        SELECT pg_try_advisory_xact_lock(w.subject_key) AND pg_try_advisory_xact_lock(w.address_key)
        FROM unnest(subject_keys, address_keys) WITH ORDINALITY AS w(subject_key, address_key, place) ORDER BY w.place
    );
    addresses := ARRAY(SELECT lower(w.email) FROM unnest(emails) AS w(email));
    known := ARRAY(
        SELECT u.auth0_id FROM users u WHERE u.auth0_id = ANY(subjects)
        UNION ALL SELECT r.auth0_id FROM auth0_records r WHERE r.auth0_id = ANY(subjects)
    );
    taken := ARRAY(
        SELECT lower(u.email) FROM users u WHERE lower(u.email) = ANY(addresses)
        UNION ALL
        SELECT lower(btrim(u.email, E' \t\n\x0b\f\r')) FROM users u
        WHERE u.email ~ E'^[ \t\n\x0b\f\r]|[ \t\n\x0b\f\r]$'
            AND lower(btrim(u.email, E' \t\n\x0b\f\r')) = ANY(addresses)
        UNION ALL SELECT lower(r.email) FROM auth0_records r WHERE r.email = ANY(emails)
    );
    RETURN QUERY
        INSERT INTO users (auth0_id, email, email_verified, name, picture)
        SELECT w.auth0_id, w.email, w.verified, w.name, w.picture
        FROM unnest(subjects, imported, emails, verified, names, pictures, is_free)
            AS w(auth0_id, imported, email, verified, name, picture, is_free)
        WHERE w.is_free AND w.auth0_id <> ALL(known) AND lower(w.email) <> ALL(taken)
            AND (
                w.imported IS NULL
                OR NOT EXISTS (SELECT FROM legacy_users l WHERE l.user_id = w.imported AND l.exported_at IS NOT NULL)
            )
        RETURNING users.auth0_id::TEXT, users.id;
END
$$;
