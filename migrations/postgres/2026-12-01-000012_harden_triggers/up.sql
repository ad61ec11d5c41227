-- Whether an update has changed anything is told by the bytes of the row. A column that another program added may be of a
-- type without equality, json or xml, and IS DISTINCT FROM would refuse every update of such a row.
DROP TRIGGER authsync_user_changed ON users;
CREATE TRIGGER authsync_user_changed AFTER UPDATE ON users
    FOR EACH ROW WHEN (OLD.* OPERATOR(pg_catalog.*<>) NEW.*) EXECUTE FUNCTION authsync_notify_user_change();
ALTER TABLE users ENABLE ALWAYS TRIGGER authsync_user_changed;

DROP TRIGGER authsync_record_changed ON auth0_records;
CREATE TRIGGER authsync_record_changed AFTER UPDATE ON auth0_records
    FOR EACH ROW WHEN (OLD.* OPERATOR(pg_catalog.*<>) NEW.*) EXECUTE FUNCTION authsync_notify_user_change();
ALTER TABLE auth0_records ENABLE ALWAYS TRIGGER authsync_record_changed;
