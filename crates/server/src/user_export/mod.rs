//! Everybody whom Auth0 has, by a users-exports job: ordered, waited for, and read in batches that several threads work on
//! at once. Memory does not grow with the number of users, and a connection that breaks off is opened again where it broke.

mod at_once;
mod batches;
mod persistently;

use auth0_management::{EXPORTED_FIELDS, JobClient, JobError, JobStatus};
use domain::UnixTime;

use crate::progress::Screen;

pub(crate) use self::at_once::at_once;
pub(crate) use self::batches::Batches;
pub(crate) use self::persistently::persistently;

/// An export that was ordered.
#[derive(Clone, Debug)]
pub(crate) struct UserExport<'a> {
    jobs: &'a JobClient,
    /// The job's id at Auth0.
    pub(crate) job: String,
    /// When it was ordered: what it says is no older.
    pub(crate) asked_at: UnixTime,
}

impl<'a> UserExport<'a> {
    /// Orders an export of the whole tenant or of one connection.
    pub(crate) fn order(jobs: &'a JobClient, connection: Option<&str>, asked_at: UnixTime) -> Result<Self, JobError> {
        Ok(Self { jobs, job: jobs.start_export(&EXPORTED_FIELDS, connection)?.id, asked_at })
    }

    /// One that was ordered earlier.
    pub(crate) fn of(jobs: &'a JobClient, job: String, asked_at: UnixTime) -> Self {
        Self { jobs, job, asked_at }
    }

    /// Waits until Auth0 has written it, and says how many lines it has, unless the connection breaks off meanwhile.
    pub(crate) fn finish(&self, task: &str, screen: &Screen) -> Result<Option<u64>, JobError> {
        let mut told = None;
        let job = self.jobs.finished_job(&self.job, &mut |job| {
            let news = job.percentage_done.unwrap_or(0);
            if !job.is_over() && told != Some(news) {
                screen.say(&format!("{task}: auth0 is writing the export, {news} % done"));
                told = Some(news);
            }
        })?;
        if let JobStatus::Failed(reason) = job.status {
            return Err(JobError::Failed(reason));
        }
        // Going through it twice is what tells how long the rest will take.
        match self.jobs.export_lines(&self.job, u64::MAX) {
            Ok(lines) => Ok(Some(lines.lines_read())),
            Err(JobError::Broken(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Its lines, but for so many that are done.
    pub(crate) fn batches(&self, done: u64) -> Batches<'a> {
        Batches::new(self.jobs, self.job.clone(), done)
    }
}
