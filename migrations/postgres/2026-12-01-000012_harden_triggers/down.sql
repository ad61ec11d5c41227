DROP TRIGGER authsync_record_changed ON auth0_records;
CREATE TRIGGER authsync_record_changed AFTER UPDATE ON auth0_records
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION authsync_notify_user_change();
ALTER TABLE auth0_records ENABLE ALWAYS TRIGGER authsync_record_changed;

DROP TRIGGER authsync_user_changed ON users;
CREATE TRIGGER authsync_user_changed AFTER UPDATE ON users
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION authsync_notify_user_change();
ALTER TABLE users ENABLE ALWAYS TRIGGER authsync_user_changed;
