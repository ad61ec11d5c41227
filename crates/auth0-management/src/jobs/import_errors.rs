//! The users whom an import has refused.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Job, JobError, JobStatus};
use crate::ManagementError;

/// What an import has to say about single users.
#[derive(Clone, Debug, Default)]
pub struct ImportErrors {
    /// Whom it refused; empty if nobody.
    pub rows: Vec<RefusedRow>,
}

/// A user whom an import refused.
#[derive(Clone)]
pub struct RefusedRow {
    /// The user as sent, with hashes blotted out by Auth0. To send them again, take them from the file by email.
    pub user: Map<String, Value>,
    /// Why.
    pub faults: Vec<RowFault>,
}

/// Why a user was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFault {
    /// Auth0's code: `DUPLICATED_USER`, `CONFLICT_EMAIL`, `FORMAT` and so on; empty if there is none.
    pub code: String,
    /// Auth0's words. They may hold what is wrong, such as an address.
    pub message: String,
    /// The member at fault, where Auth0 names one.
    pub path: Option<String>,
}

#[derive(Deserialize)]
struct RowAnswer {
    #[serde(default)]
    user: Map<String, Value>,
    #[serde(default)]
    errors: Vec<Map<String, Value>>,
}

impl ImportErrors {
    /// Reads Auth0's answer: nothing (204), an array of rows, or the job itself if it has failed or is not over.
    pub(super) fn read(status: u16, body: &[u8]) -> Result<Self, JobError> {
        if status == 204 || body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        if body.trim_ascii_start().first() == Some(&b'{') {
            let job = Job::read(body).map_err(JobError::Auth0)?;
            return match job.status {
                JobStatus::Failed(reason) => Err(JobError::Failed(reason)),
                JobStatus::Completed => Ok(Self::default()),
                JobStatus::Pending | JobStatus::Processing => Err(JobError::NotOver),
            };
        }
        let rows: Vec<RowAnswer> = serde_json::from_slice(body)
            .map_err(|_| JobError::Auth0(ManagementError::Garbage("it is no list of refused users")))?;
        Ok(Self { rows: rows.into_iter().map(RefusedRow::from).collect() })
    }
}

impl RefusedRow {
    /// The id as sent, without a prefix.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user.get("user_id").and_then(Value::as_str)
    }

    /// The address as sent.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.user.get("email").and_then(Value::as_str)
    }
}

impl From<RowAnswer> for RefusedRow {
    fn from(row: RowAnswer) -> Self {
        let text = |fault: &Map<String, Value>, name| fault.get(name).and_then(Value::as_str).map(str::to_owned);
        let fault = |fault: &Map<String, Value>| RowFault {
            code: text(fault, "code").unwrap_or_default(),
            message: text(fault, "message").unwrap_or_default(),
            path: text(fault, "path"),
        };
        Self { faults: row.errors.iter().map(fault).collect(), user: row.user }
    }
}

impl fmt::Debug for RefusedRow {
    /// Without the user: not all hashes need be blotted out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedRow")
            .field("user_id", &self.user_id())
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_with_user_and_reasons_however_little_they_tell() {
        let body = br#"[{"user":{"email":"a@b.test","user_id":"7","password_hash":"*****"},
            "errors":[{"code":"CONFLICT_EMAIL","message":"taken","path":"email"},{"message":7}]},{}]"#;
        let errors = ImportErrors::read(200, body).unwrap();
        assert_eq!((errors.rows[0].email(), errors.rows[0].user_id()), (Some("a@b.test"), Some("7")));
        let conflict = RowFault { code: "CONFLICT_EMAIL".into(), message: "taken".into(), path: Some("email".into()) };
        assert_eq!(errors.rows[0].faults, [conflict, RowFault::default()]);
        assert!(errors.rows[1].faults.is_empty() && errors.rows[1].email().is_none());
    }

    #[test]
    fn no_content_is_nobody() {
        assert!(ImportErrors::read(204, b"").unwrap().rows.is_empty());
        assert!(ImportErrors::read(200, b"[]").unwrap().rows.is_empty());
    }

    #[test]
    fn a_job_in_place_of_rows_speaks_for_itself() {
        let read = |status: &str| {
            ImportErrors::read(
                200,
                format!(r#"{{"id":"job_1","status":"{status}","status_details":"why"}}"#).as_bytes(),
            )
        };
        assert!(matches!(read("failed"), Err(JobError::Failed(reason)) if reason == "why"));
        assert!(matches!(read("pending"), Err(JobError::NotOver)));
        assert!(read("completed").unwrap().rows.is_empty());
    }

    #[test]
    fn anything_else_is_garbage() {
        for body in [&b"<html>"[..], b"[1]", b"[{\"user\":[]}]", b"{}", b"\"\""] {
            let outcome = ImportErrors::read(200, body);
            assert!(matches!(outcome, Err(JobError::Auth0(ManagementError::Garbage(_)))), "{body:?}");
        }
    }
}
