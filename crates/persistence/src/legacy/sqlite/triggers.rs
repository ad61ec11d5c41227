//! What makes the rows whole that the old application inserts. SQLite can do so only after the fact, so `auth0_id` may
//! be NULL for as long as the statement takes.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::legacy::document::Document;
use crate::legacy::shape::Shape;
use crate::legacy::table::UsersTable;

/// Every trigger of ours.
pub(super) const NAMES: [&str; 4] = [
    "authsync_legacy_complete",
    "authsync_legacy_address_of_new",
    "authsync_legacy_address_of_old",
    "authsync_legacy_newcomer",
];

/// Makes them. The shape is that of before.
pub(super) fn create(connection: &mut SqliteConnection, shape: &Shape, document: &Document) -> QueryResult<()> {
    let name = <SqliteConnection as UsersTable>::composed_name(shape, "NEW.")
        .map(|name| format!(", name = coalesce(name, {name})"))
        .unwrap_or_default();
    let lacks_name = if name.is_empty() { "" } else { " OR NEW.name IS NULL" };
    // An address is judged as domain::EmailAddress does it, as far as SQLite can; nobody registers with what is to be
    // another placeholder.
    let is_bad = "NEW.email IS NULL OR length(NEW.email) > 255 OR trim(NEW.email) NOT LIKE '_%@_%' \
                  OR NEW.email LIKE '%@%@%' \
                  OR trim(NEW.email) GLOB '*[' || char(1) || '-' || char(32) || char(127) || ']*' \
                  OR coalesce(nullif(NEW.auth0_id, ''), 'legacy|') LIKE 'legacy|%' AND NEW.email LIKE '%@displaced.invalid%' \
                     AND NEW.email <> 'user-' || NEW.id || '@displaced.invalid'";
    let put_aside = "INSERT INTO legacy_users (user_id, email, displaced) VALUES (NEW.id, NEW.email, TRUE) \
                         ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, displaced = TRUE; \
                     UPDATE users SET email = 'user-' || NEW.id || '@displaced.invalid' WHERE id = NEW.id;";
    connection.batch_execute(&format!(
        "CREATE TRIGGER authsync_legacy_complete AFTER INSERT ON users \
             WHEN coalesce(NEW.auth0_id, '') = '' OR NEW.email_verified IS NULL{lacks_name} BEGIN \
                 UPDATE users SET auth0_id = coalesce(nullif(auth0_id, ''), 'legacy|' || id), \
                     email_verified = coalesce(email_verified, FALSE){name} WHERE id = NEW.id; END; \
         CREATE TRIGGER authsync_legacy_address_of_new AFTER INSERT ON users WHEN {is_bad} BEGIN {put_aside} END; \
         CREATE TRIGGER authsync_legacy_address_of_old AFTER UPDATE OF email ON users WHEN {is_bad} \
             BEGIN {put_aside} END"
    ))?;
    if !document.tells_newcomers() {
        return Ok(());
    }
    connection.batch_execute(
        "CREATE TRIGGER authsync_legacy_newcomer AFTER INSERT ON users WHEN NEW.auth0_id NOT LIKE 'legacy|%' BEGIN \
             INSERT INTO legacy_users (user_id, newcomer) VALUES (NEW.id, TRUE) \
                 ON CONFLICT (user_id) DO UPDATE SET newcomer = TRUE; END",
    )
}

/// Takes them away.
pub(super) fn drop(connection: &mut SqliteConnection) -> QueryResult<()> {
    let statements: Vec<_> = NAMES.iter().map(|name| format!("DROP TRIGGER IF EXISTS {name}")).collect();
    connection.batch_execute(&statements.join("; "))
}
