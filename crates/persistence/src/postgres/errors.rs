//! What PostgreSQL's errors mean.

use diesel::result::{DatabaseErrorKind, Error};

use crate::fault::{Meaning, classify_alike};

/// Tells a unique violation by the constraint's name, which is part of the schema.
pub(super) fn classify(error: &Error) -> Meaning {
    if let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, violation) = error {
        match violation.constraint_name() {
            Some("users_email_key" | "users_email_lower_key") => return Meaning::EmailTaken,
            Some("users_auth0_id_key") => return Meaning::SubjectTaken,
            _ => {}
        }
    }
    classify_alike(error)
}
