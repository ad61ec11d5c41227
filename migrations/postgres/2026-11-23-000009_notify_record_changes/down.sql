ALTER TABLE users
    ENABLE TRIGGER authsync_users_emptied,
    ENABLE TRIGGER authsync_user_changed,
    ENABLE TRIGGER authsync_user_made_or_deleted;
DROP TRIGGER authsync_records_emptied ON auth0_records;
DROP TRIGGER authsync_record_changed ON auth0_records;
DROP TRIGGER authsync_record_made_or_deleted ON auth0_records;
