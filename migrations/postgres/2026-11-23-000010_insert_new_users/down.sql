DROP TRIGGER authsync_user_deleted ON users;
CREATE TRIGGER authsync_user_made_or_deleted AFTER INSERT OR DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION authsync_notify_user_change();
ALTER TABLE users ENABLE ALWAYS TRIGGER authsync_user_made_or_deleted;

DROP FUNCTION authsync_insert_new_users(TEXT[], INTEGER[], TEXT[], BOOLEAN[], TEXT[], TEXT[], BIGINT[], BIGINT[]);
