-- Tells every node whose row has changed, whichever program changed it: the channel is authsync_users, the payload an
-- auth0_id, or nothing where the whole table was emptied. Told when the transaction commits, and not if it rolls back.
CREATE FUNCTION authsync_notify_user_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('authsync_users', '');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('authsync_users', OLD.auth0_id);
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.auth0_id <> OLD.auth0_id) THEN
        PERFORM pg_notify('authsync_users', NEW.auth0_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER authsync_user_made_or_deleted AFTER INSERT OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION authsync_notify_user_change();

-- An update that writes what was there before wakes nobody.
CREATE TRIGGER authsync_user_changed AFTER UPDATE ON users
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION authsync_notify_user_change();

CREATE TRIGGER authsync_users_emptied AFTER TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION authsync_notify_user_change();
