DROP TRIGGER authsync_users_emptied ON users;
DROP TRIGGER authsync_user_changed ON users;
DROP TRIGGER authsync_user_made_or_deleted ON users;
DROP FUNCTION authsync_notify_user_change();
