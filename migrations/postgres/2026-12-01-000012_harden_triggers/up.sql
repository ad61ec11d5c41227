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

-- The functions of an adoption's triggers act with the rights of whoever adopted, for roles that have fewer. What they call
-- is PostgreSQL's own from now on, wherever those roles put something of the same name, and nobody else makes triggers of
-- them. Adoptions from this step on make them so.
DO $$
DECLARE
    notes TEXT := (
        SELECT format('INSERT INTO %I.legacy_users ', n.nspname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = 'legacy_users'::regclass
    );
    completes regprocedure;
BEGIN
    FOR completes IN
        SELECT t.tgfoid FROM pg_trigger t
        WHERE t.tgrelid = 'users'::regclass
            AND t.tgname IN ('authsync_legacy_complete', 'authsync_legacy_newcomer')
    LOOP
        EXECUTE replace(pg_get_functiondef(completes), 'INSERT INTO legacy_users ', notes);
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp', completes);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', completes);
    END LOOP;
END
$$;
