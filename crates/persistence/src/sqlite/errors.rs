//! What SQLite's errors mean.

use diesel::result::{DatabaseErrorKind, Error};

use crate::fault::{Meaning, classify_alike};

/// Tells a unique violation by the message, `UNIQUE constraint failed: users.email`: SQLite gives nothing else.
pub(super) fn classify(error: &Error) -> Meaning {
    if let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, violation) = error {
        match violation.message().rsplit_once(": ").map(|(_, column)| column) {
            Some("users.email") => return Meaning::EmailTaken,
            Some("users.auth0_id") => return Meaning::SubjectTaken,
            _ => {}
        }
    }
    classify_alike(error)
}
