-- What Auth0 has said of a user counts as part of the row for whoever keeps rows in memory: the same channel, the same
-- payload. Equal notifications of one transaction are sent once.
CREATE TRIGGER authsync_record_made_or_deleted AFTER INSERT OR DELETE ON auth0_records
    FOR EACH ROW EXECUTE FUNCTION authsync_notify_user_change();

CREATE TRIGGER authsync_record_changed AFTER UPDATE ON auth0_records
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION authsync_notify_user_change();

CREATE TRIGGER authsync_records_emptied AFTER TRUNCATE ON auth0_records
    FOR EACH STATEMENT EXECUTE FUNCTION authsync_notify_user_change();

-- Also for writes of logical replication and of sessions with session_replication_role = replica.
ALTER TABLE users
    ENABLE ALWAYS TRIGGER authsync_user_made_or_deleted,
    ENABLE ALWAYS TRIGGER authsync_user_changed,
    ENABLE ALWAYS TRIGGER authsync_users_emptied;
ALTER TABLE auth0_records
    ENABLE ALWAYS TRIGGER authsync_record_made_or_deleted,
    ENABLE ALWAYS TRIGGER authsync_record_changed,
    ENABLE ALWAYS TRIGGER authsync_records_emptied;
