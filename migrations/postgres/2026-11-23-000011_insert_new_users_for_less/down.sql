CREATE OR REPLACE FUNCTION authsync_insert_new_users(
    subjects TEXT[], imported INTEGER[], emails TEXT[], verified BOOLEAN[], names TEXT[], pictures TEXT[],
    subject_keys BIGINT[], address_keys BIGINT[]
) RETURNS TABLE (subject TEXT, user_id INTEGER) LANGUAGE plpgsql AS $$
DECLARE
    is_free BOOLEAN[];
BEGIN
    -- Only then does the second statement see everything that was committed before the locks were had.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN;
    END IF;
    is_free := ARRAY(
        SELECT pg_try_advisory_xact_lock(w.subject_key) AND pg_try_advisory_xact_lock(w.address_key)
        FROM unnest(subject_keys, address_keys) WITH ORDINALITY AS w(subject_key, address_key, place) ORDER BY w.place
    );
    RETURN QUERY
        INSERT INTO users (auth0_id, email, email_verified, name, picture)
        SELECT w.auth0_id, w.email, w.verified, w.name, w.picture
        FROM unnest(subjects, imported, emails, verified, names, pictures, is_free)
            AS w(auth0_id, imported, email, verified, name, picture, is_free)
        WHERE w.is_free
            AND NOT EXISTS (SELECT FROM users u WHERE u.auth0_id = w.auth0_id)
            AND NOT EXISTS (SELECT FROM users u WHERE lower(u.email) = lower(w.email))
            AND NOT EXISTS (SELECT FROM auth0_records r WHERE r.auth0_id = w.auth0_id)
            AND NOT EXISTS (SELECT FROM auth0_records r WHERE r.email = w.email)
            AND NOT EXISTS (SELECT FROM legacy_users l WHERE l.user_id = w.imported AND l.exported_at IS NOT NULL)
        -- Another program, which knows nothing of these locks, may insert the same at the same moment.
        ON CONFLICT DO NOTHING
        RETURNING users.auth0_id::TEXT, users.id;
END
$$;
