//! What makes the rows whole that the old application inserts.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::legacy::document::Document;
use crate::legacy::shape::Shape;
use crate::legacy::sql::{Sql, quoted};
use crate::legacy::table::UsersTable;

/// The trigger that completes rows of the old application, and its function.
pub(super) const COMPLETE: &str = "authsync_legacy_complete";
/// The trigger that notes which rows are not the old application's.
pub(super) const NEWCOMER: &str = "authsync_legacy_newcomer";

/// Makes the triggers. Their functions run with the rights of whoever adopts: the old application's role need know
/// nothing of our tables. So nothing in them is looked up where that role could have put something: functions and
/// operators are PostgreSQL's own, the table of notes is named with its schema, and nobody else makes triggers of them.
pub(super) fn create(connection: &mut PgConnection, shape: &Shape, document: &Document) -> QueryResult<()> {
    let notes = connection.read_one(
        "SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.oid = 'legacy_users'::regclass",
    )?;
    // Beside the users, or in another schema of the search path.
    let notes = format!("{}.legacy_users", quoted(&notes.word(0)));
    let runs_as = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp";
    let name = <PgConnection as UsersTable>::composed_name(shape, "NEW.")
        .map(|name| format!("NEW.name := coalesce(NEW.name, {name});"))
        .unwrap_or_default();
    // An address is judged as domain::EmailAddress does it; nobody registers with what is to be another placeholder.
    connection.batch_execute(&format!(
        r"CREATE FUNCTION {COMPLETE}() RETURNS trigger {runs_as} AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.auth0_id := coalesce(nullif(NEW.auth0_id, ''), 'legacy|' || NEW.id);
        NEW.email_verified := coalesce(NEW.email_verified, FALSE);
        {name}
    END IF;
    IF NEW.email IS NULL OR char_length(NEW.email) > 255
        OR NEW.email !~ '^\s*[^@\s[:cntrl:]]+@[^@\s[:cntrl:]]+\s*$'
        OR NEW.auth0_id LIKE 'legacy|%' AND NEW.email ILIKE '%@displaced.invalid%'
            AND NEW.email <> 'user-' || NEW.id || '@displaced.invalid' THEN
        INSERT INTO {notes} (user_id, email, displaced) VALUES (NEW.id, NEW.email, TRUE)
            ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, displaced = TRUE;
        NEW.email := 'user-' || NEW.id || '@displaced.invalid';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER {COMPLETE} BEFORE INSERT OR UPDATE OF email ON users
    FOR EACH ROW EXECUTE FUNCTION {COMPLETE}();
REVOKE ALL ON FUNCTION {COMPLETE}() FROM PUBLIC;"
    ))?;
    if !document.tells_newcomers() {
        return Ok(());
    }
    connection.batch_execute(&format!(
        r"CREATE FUNCTION {NEWCOMER}() RETURNS trigger {runs_as} AS $$
BEGIN
    INSERT INTO {notes} (user_id, newcomer) VALUES (NEW.id, TRUE)
        ON CONFLICT (user_id) DO UPDATE SET newcomer = TRUE;
    RETURN NULL;
END
$$;
CREATE TRIGGER {NEWCOMER} AFTER INSERT ON users
    FOR EACH ROW WHEN (NEW.auth0_id NOT LIKE 'legacy|%') EXECUTE FUNCTION {NEWCOMER}();
REVOKE ALL ON FUNCTION {NEWCOMER}() FROM PUBLIC;"
    ))
}

/// Takes both away.
pub(super) fn drop(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute(&format!(
        "DROP TRIGGER IF EXISTS {COMPLETE} ON users; DROP FUNCTION IF EXISTS {COMPLETE}(); \
         DROP TRIGGER IF EXISTS {NEWCOMER} ON users; DROP FUNCTION IF EXISTS {NEWCOMER}()"
    ))
}
