//! A job as Auth0 tells of it.

use domain::Secret;
use serde::Deserialize;
use serde_json::Value;

use crate::ManagementError;
use crate::http_answer::object;

/// A job and how far it is.
#[derive(Clone, Debug)]
pub struct Job {
    /// What it is asked about by: `job_…`.
    pub id: String,
    /// Where it stands.
    pub status: JobStatus,
    /// How much of it is done, of 100, where Auth0 says so.
    pub percentage_done: Option<u8>,
    /// What a completed import did.
    pub summary: Option<ImportSummary>,
    /// What the job was given as `external_id`.
    pub external_id: Option<String>,
    /// Where the file of a completed export is. Whoever knows the address can read it.
    pub(super) location: Option<Secret>,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// Not begun.
    Pending,
    /// Begun.
    Processing,
    /// Over. Single users may have been refused.
    Completed,
    /// Over, and nothing came of it, for this reason.
    Failed(String),
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// How many users the file had.
    pub total: u64,
    /// How many were added.
    pub inserted: u64,
    /// How many were there and have been changed.
    pub updated: u64,
    /// How many were refused.
    pub failed: u64,
}

#[derive(Deserialize)]
struct JobAnswer {
    id: Option<Value>,
    status: Option<Value>,
    status_details: Option<Value>,
    percentage_done: Option<Value>,
    summary: Option<Value>,
    external_id: Option<Value>,
    location: Option<Value>,
}

impl Job {
    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.status, JobStatus::Completed | JobStatus::Failed(_))
    }

    /// Reads Auth0's answer.
    pub(super) fn read(body: &[u8]) -> Result<Self, ManagementError> {
        let answer: JobAnswer = object(body)?;
        let text = |member: &Option<Value>| member.as_ref().and_then(Value::as_str).map(str::to_owned);
        let id = text(&answer.id).filter(|id| !id.is_empty() && id.len() <= 255);
        let status = match answer.status.as_ref().and_then(Value::as_str) {
            Some("pending") => JobStatus::Pending,
            Some("processing") => JobStatus::Processing,
            Some("completed") => JobStatus::Completed,
            Some("failed") => JobStatus::Failed(text(&answer.status_details).unwrap_or_default()),
            _ => return Err(ManagementError::Garbage("the job has no status that is known")),
        };
        Ok(Self {
            id: id.ok_or(ManagementError::Garbage("the job has no id"))?,
            status,
            percentage_done: answer.percentage_done.as_ref().and_then(percentage),
            summary: answer.summary.as_ref().and_then(summary),
            external_id: text(&answer.external_id),
            location: text(&answer.location).map(Secret::new),
        })
    }
}

fn percentage(value: &Value) -> Option<u8> {
    u8::try_from(value.as_u64()?).ok().filter(|part| *part <= 100)
}

fn summary(value: &Value) -> Option<ImportSummary> {
    let number = |name: &str| value.get(name).and_then(Value::as_u64);
    let part = |name| number(name).unwrap_or_default();
    Some(ImportSummary {
        total: number("total")?,
        inserted: part("inserted"),
        updated: part("updated"),
        failed: part("failed"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read_with_all_that_it_tells() {
        let job = Job::read(
            br#"{"id":"job_1","type":"users_import","status":"completed","percentage_done":100,"external_id":"users-0001",
                "location":"https://files.example.test/x?signature=s3cret",
                "summary":{"total":5,"inserted":3,"updated":1,"failed":1}}"#,
        )
        .unwrap();
        assert_eq!((job.id.as_str(), &job.status, job.percentage_done), ("job_1", &JobStatus::Completed, Some(100)));
        assert_eq!(job.summary, Some(ImportSummary { total: 5, inserted: 3, updated: 1, failed: 1 }));
        assert_eq!(job.external_id.as_deref(), Some("users-0001"));
        assert!(!format!("{job:?}").contains("s3cret"));
    }

    #[test]
    fn what_a_job_may_leave_out_is_not_missed() {
        let job = Job::read(br#"{"id":"job_1","status":"failed","summary":[],"percentage_done":"x"}"#).unwrap();
        assert!(job.is_over() && job.summary.is_none() && job.percentage_done.is_none());
        assert_eq!(job.status, JobStatus::Failed(String::new()));
    }

    #[test]
    fn what_is_no_job_is_garbage() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"id":"job_1"}"#,
            r#"{"status":"pending"}"#,
            r#"{"id":"","status":"pending"}"#,
            r#"{"id":"job_1","status":"cancelled"}"#,
            r#"{"id":1,"status":"pending"}"#,
        ] {
            assert!(matches!(Job::read(body.as_bytes()), Err(ManagementError::Garbage(_))), "{body}");
        }
    }
}
