//! What a command asks of jobs.

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Secret};
use serde_json::json;
use ureq::Agent;
use ureq::unversioned::multipart::{Form, Part};

use super::courier::{Courier, Errand};
use super::download::{Download, download};
use super::patience::Pauses;
use super::waiter::{Waiter, Waiting};
use super::{ExportLines, ImportErrors, Job, JobError, JobStatus, Patience};
use crate::Limits;
use crate::user_url::encoded;

const CREATE_USERS: &str = "create:users";
const READ_USERS: &str = "read:users";

/// Auth0's answers about jobs are about 1 KiB.
const MOST_JOB_BYTES: u64 = 64 * 1024;
/// A file of 500 KB, with some words on each of its users.
const MOST_ERROR_BYTES: u64 = 16 * 1024 * 1024;
/// How often another address is asked for in place of one that has expired.
const MOST_ADDRESSES: u32 = 5;
/// The first look at a job comes after this, and no two are further apart than the other.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// Begins jobs and follows them, for commands that may take their time.
///
/// - A rate limit, a used-up budget and an outage are waited for, as long as [`Patience`] says, by way of the
///   [`Waiter`]. Between two requests there is a pause; nothing is asked in a loop.
/// - A wrong secret and a missing scope are errors at once, and the scope is named.
/// - An import is sent twice only where the first cannot have arrived.
/// - The client's secret, its tokens and addresses of exports appear in no error, no log line and no `Debug`.
#[derive(Debug)]
pub struct JobClient {
    courier: Courier,
}

/// An import file on its way.
#[derive(Clone, Copy)]
pub struct ImportOrder<'a> {
    /// The database connection that the users go into: `con_…`.
    pub connection_id: &'a str,
    /// The file, as [`check_import_file`](crate::check_import_file) approves of it.
    pub file: &'a [u8],
    /// Whether users who are there, by email, are changed rather than refused.
    pub upsert: bool,
    /// What the job is to be recognised by later.
    pub external_id: Option<&'a str>,
}

impl JobClient {
    /// A client of the tenant whose issuer is `issuer_url` (`https://acme.eu.auth0.com/`), asked as the
    /// machine-to-machine client with these credentials. Asks nothing yet.
    #[must_use]
    pub fn new(
        issuer_url: &str,
        client_id: impl Into<String>,
        client_secret: Secret,
        clock: Arc<dyn Clock>,
        limits: Limits,
        waiter: Arc<dyn Waiter>,
    ) -> Self {
        Self { courier: Courier::new(issuer_url, client_id.into(), client_secret, clock, limits, waiter) }
    }

    /// The same with other bounds of waiting.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.courier.set_patience(patience);
        self
    }

    /// Begins an import (`POST /api/v2/jobs/users-imports`; scope `create:users`). Auth0 takes two at a time and lets
    /// others wait. No email is sent about it.
    ///
    /// # Errors
    /// [`JobError::Unsure`] when it may have begun all the same.
    pub fn start_import(&self, order: &ImportOrder<'_>) -> Result<Job, JobError> {
        let url = format!("{}jobs/users-imports", self.courier.api());
        let time = self.courier.patience().upload;
        let name = format!("{}.json", order.external_id.filter(|id| is_file_name(id)).unwrap_or("users"));
        let send = |agent: &Agent, authorization: &str| {
            let mut form = Form::new()
                .text("connection_id", order.connection_id)
                .text("upsert", if order.upsert { "true" } else { "false" })
                .text("send_completion_email", "false");
            if let Some(id) = order.external_id {
                form = form.text("external_id", id);
            }
            let file = Part::bytes(order.file).file_name(&name).mime_str("application/json")?;
            let request = agent.post(&url).config().timeout_global(Some(time)).build();
            request.header("authorization", authorization).send(form.part("users", file))
        };
        let errand = Errand { scope: CREATE_USERS, repeatable: false, most_bytes: MOST_JOB_BYTES, send: &send };
        let reply = self.courier.run(&errand)?;
        // It was taken; without its id nobody can ask about it.
        Job::read(&reply.body).map_err(JobError::Unsure)
    }

    /// Begins an export of these fields, of one connection or of the whole tenant (`POST /api/v2/jobs/users-exports`;
    /// scope `read:users`).
    ///
    /// # Errors
    /// [`JobError`].
    pub fn start_export(&self, fields: &[&str], connection_id: Option<&str>) -> Result<Job, JobError> {
        let url = format!("{}jobs/users-exports", self.courier.api());
        let fields: Vec<_> = fields.iter().map(|name| json!({ "name": name })).collect();
        let mut body = json!({ "format": "json", "fields": fields });
        if let (Some(id), Some(members)) = (connection_id, body.as_object_mut()) {
            members.insert("connection_id".to_owned(), id.into());
        }
        let (body, time) = (body.to_string(), self.courier.patience().request);
        let send = |agent: &Agent, authorization: &str| {
            let request = agent.post(&url).config().timeout_global(Some(time)).build();
            request.header("authorization", authorization).content_type("application/json").send(&body)
        };
        // One export too many costs Auth0 some work and nobody else anything.
        let errand = Errand { scope: READ_USERS, repeatable: true, most_bytes: MOST_JOB_BYTES, send: &send };
        Job::read(&self.courier.run(&errand)?.body).map_err(JobError::Auth0)
    }

    /// A job (`GET /api/v2/jobs/{id}`; scope `create:users` or `read:users`).
    ///
    /// # Errors
    /// [`JobError::NoSuchJob`] after 24 hours.
    pub fn job(&self, id: &str) -> Result<Job, JobError> {
        let (_, body) = self.read(&format!("{}jobs/{}", self.courier.api(), encoded(id)), MOST_JOB_BYTES)?;
        Job::read(&body).map_err(JobError::Auth0)
    }

    /// Looks at a job until it is over, failed ones too; tells of every look.
    ///
    /// # Errors
    /// [`JobError::NotOver`] when [`Patience::job`] is over first.
    pub fn finished_job(&self, id: &str, seen: &mut dyn FnMut(&Job)) -> Result<Job, JobError> {
        let begun_at = self.courier.clock().uptime();
        let mut pause = FIRST_LOOK;
        loop {
            let job = self.job(id)?;
            seen(&job);
            if job.is_over() {
                return Ok(job);
            }
            if self.courier.clock().uptime().saturating_sub(begun_at) >= self.courier.patience().job {
                return Err(JobError::NotOver);
            }
            self.courier.wait(pause, Waiting::Job(&job))?;
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    /// Whom an import that is over has refused (`GET /api/v2/jobs/{id}/errors`).
    ///
    /// # Errors
    /// [`JobError::Failed`] when the job has failed as a whole, [`JobError::NotOver`] when it is not over.
    pub fn import_errors(&self, id: &str) -> Result<ImportErrors, JobError> {
        let url = format!("{}jobs/{}/errors", self.courier.api(), encoded(id));
        let (status, body) = self.read(&url, MOST_ERROR_BYTES)?;
        ImportErrors::read(status, &body)
    }

    /// The lines of an export that is over, but for as many as are done already. Asks for another address when one has
    /// expired. The address is asked without a token, by https alone, and redirects are not followed.
    ///
    /// # Errors
    /// [`JobError::NotOver`], [`JobError::Failed`], [`JobError::NoFile`]; [`JobError::Broken`] when the lines to be passed
    /// over do not come.
    pub fn export_lines(&self, id: &str, done: u64) -> Result<ExportLines, JobError> {
        let patience = self.courier.patience();
        let (mut addresses, mut outage) = (0, Pauses::default());
        loop {
            let job = self.job(id)?;
            let location = match (&job.status, &job.location) {
                (JobStatus::Failed(reason), _) => return Err(JobError::Failed(reason.clone())),
                (JobStatus::Pending | JobStatus::Processing, _) => return Err(JobError::NotOver),
                (JobStatus::Completed, None) => return Err(JobError::NoFile("auth0 gives no address")),
                (JobStatus::Completed, Some(location)) => location,
            };
            match download(location.reveal(), self.courier.issuer(), patience.stall)? {
                Download::Begun(file) => {
                    let mut lines = ExportLines::new(file)?;
                    lines.pass_over(done)?;
                    return Ok(lines);
                }
                Download::Expired(status) if addresses >= MOST_ADDRESSES => {
                    return Err(JobError::Refused { status, message: "from where the export lies".to_owned() });
                }
                Download::Expired(_) => {
                    addresses += 1;
                    self.courier.wait(FIRST_LOOK, Waiting::Job(&job))?;
                }
                Download::Outage(error) => match outage.next(Duration::ZERO, patience.outage) {
                    Some(pause) => self.courier.wait(pause, Waiting::Outage(&error))?,
                    None => return Err(JobError::Auth0(error)),
                },
            }
        }
    }

    fn read(&self, url: &str, most_bytes: u64) -> Result<(u16, Vec<u8>), JobError> {
        let time = self.courier.patience().request;
        let send = |agent: &Agent, authorization: &str| {
            let request = agent.get(url).config().timeout_global(Some(time)).build();
            request.header("authorization", authorization).header("accept", "application/json").call()
        };
        let errand = Errand { scope: READ_USERS, repeatable: true, most_bytes, send: &send };
        let reply = self.courier.run(&errand)?;
        Ok((reply.status, reply.body))
    }
}

impl std::fmt::Debug for ImportOrder<'_> {
    /// Without the file, which holds hashes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportOrder")
            .field("connection_id", &self.connection_id)
            .field("bytes", &self.file.len())
            .field("upsert", &self.upsert)
            .field("external_id", &self.external_id)
            .finish()
    }
}

/// Whether a text can stand in a form's header as it is.
fn is_file_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
