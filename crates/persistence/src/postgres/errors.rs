//! What PostgreSQL's errors mean.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use crate::fault::{Meaning, classify_alike};

/// Tells a unique violation by the column that it is about. The index may have any name: an automatic one has a number
/// where another table has its name already.
pub(super) fn classify(error: &Error) -> Meaning {
    if let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, violation) = error {
        match column_of_users(&**violation) {
            Some("email" | "lower(email)" | "lower(email::text)") => return Meaning::EmailTaken,
            Some("auth0_id") => return Meaning::SubjectTaken,
            _ => {}
        }
    }
    classify_alike(error)
}

/// The column, or the expression, of the users table of which a value is there already: `Key (email)=(…) already exists.`,
/// in whatever language. Where PostgreSQL keeps that to itself, the name that the first migration gave the index tells.
fn column_of_users(violation: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<&str> {
    if violation.table_name().is_some_and(|table| table != "users") {
        return None;
    }
    let key = violation.details().and_then(|details| details.split_once('(')?.1.split_once(")=("));
    match (key, violation.constraint_name()?) {
        (Some((columns, _)), _) => Some(columns),
        (None, "users_email_key" | "users_email_lower_key") => Some("email"),
        (None, "users_auth0_id_key") => Some("auth0_id"),
        (None, _) => None,
    }
}
