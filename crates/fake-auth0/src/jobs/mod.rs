//! Long-running jobs of the Management API. They advance when their status is asked for, never by themselves, so that
//! a test needs no sleep.

mod export;
mod export_file;
mod import;

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Map, Value, json};

pub(crate) use export::Export;
pub(crate) use export_file::{ExportFaults, ExportFile};
use import::Imported;
pub(crate) use import::{CONCURRENT_JOBS, FILE_LIMIT, Import};

use crate::random;
use crate::timestamp::iso8601;
use crate::users::Users;

/// Auth0 forgets everything about a job after a day.
const REMEMBERED: i64 = 24 * 60 * 60 * 1000;
/// A job that takes longer fails.
const LONGEST: i64 = 2 * 60 * 60 * 1000;
/// How long a download's address is good for.
const LOCATION_LASTS: i64 = 60 * 1000;

/// The jobs of a tenant, by id.
#[derive(Debug)]
pub(crate) struct Jobs {
    jobs: BTreeMap<String, Job>,
    /// Polls that a job spends in each of its two unfinished states.
    pub(crate) polls_per_state: u32,
    /// While set, polls change nothing.
    pub(crate) held: bool,
    pub(crate) export_faults: ExportFaults,
}

#[derive(Debug)]
struct Job {
    created_at: i64,
    state: State,
    polls_in_state: u32,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Import(Import),
    Export { export: Export, location: Option<Location> },
}

#[derive(Debug)]
struct Location {
    key: String,
    expires_at: i64,
}

#[derive(Debug)]
enum State {
    Pending,
    Processing,
    /// With what an import did.
    Completed(Option<Imported>),
    Failed(&'static str),
}

/// What `GET /api/v2/jobs/{id}/errors` answers.
pub(crate) enum Errors {
    None,
    Rows(Vec<Value>),
    Unfinished(Value),
}

impl Jobs {
    /// How many import jobs are not finished.
    pub(crate) fn active_imports(&self) -> usize {
        let active = |job: &&Job| matches!(job.work, Work::Import(_)) && !job.is_over();
        self.jobs.values().filter(active).count()
    }

    pub(crate) fn start_import(&mut self, import: Import, now: i64, users: &Mutex<Users>) -> Value {
        self.start(Work::Import(import), now, users)
    }

    pub(crate) fn start_export(&mut self, export: Export, now: i64, users: &Mutex<Users>) -> Value {
        self.start(Work::Export { export, location: None }, now, users)
    }

    fn start(&mut self, work: Work, now: i64, users: &Mutex<Users>) -> Value {
        self.jobs.retain(|_, job| now.saturating_sub(job.created_at) < REMEMBERED);
        let id = format!("job_{}", random::alphanumeric(16));
        let mut job = Job { created_at: now, state: State::Pending, polls_in_state: 0, work };
        let shown = job.shown(&id);
        if self.polls_per_state == 0 && !self.held {
            job.finish(users);
        }
        self.jobs.insert(id, job);
        shown
    }

    /// The job after one more poll of its status; `None`: there is no such job, or it is forgotten. `base` begins
    /// the address of a finished export.
    pub(crate) fn poll(&mut self, id: &str, now: i64, users: &Mutex<Users>, base: &str) -> Option<Value> {
        let (held, polls_per_state) = (self.held, self.polls_per_state);
        let job = self.remembered(id, now)?;
        job.pass(now);
        if !held {
            job.advance(polls_per_state, users);
        }
        job.renew_location(now);
        let mut shown = job.shown(id);
        if let (Some(members), Some(path)) = (shown.as_object_mut(), job.location_path(id)) {
            members.insert("location".to_owned(), json!(format!("{base}{path}")));
        }
        Some(shown)
    }

    /// What a refused import does for the others: time passes for them too, so that a job that nobody asks about
    /// does not stand in the way for ever.
    pub(crate) fn advance_imports(&mut self, now: i64, users: &Mutex<Users>) {
        let (held, polls_per_state) = (self.held, self.polls_per_state);
        for job in self.jobs.values_mut().filter(|job| matches!(job.work, Work::Import(_))) {
            job.pass(now);
            if !held {
                job.advance(polls_per_state, users);
            }
        }
    }

    /// Ends every unfinished job, held or not.
    pub(crate) fn finish_all(&mut self, users: &Mutex<Users>) {
        self.jobs.values_mut().for_each(|job| job.finish(users));
    }

    pub(crate) fn errors(&mut self, id: &str, now: i64) -> Option<Errors> {
        let job = self.remembered(id, now)?;
        Some(match &job.state {
            State::Completed(Some(imported)) if !imported.refused.is_empty() => Errors::Rows(imported.refused.clone()),
            State::Completed(_) | State::Failed(_) => Errors::None,
            State::Pending | State::Processing => Errors::Unfinished(job.shown(id)),
        })
    }

    /// The export whose file may be fetched by this key at this moment.
    pub(crate) fn export_for(&self, id: &str, key: &str, now: i64) -> Option<&Export> {
        match &self.jobs.get(id)?.work {
            Work::Export { export, location: Some(location) } if location.key == key && now < location.expires_at => {
                Some(export)
            }
            _ => None,
        }
    }

    fn remembered(&mut self, id: &str, now: i64) -> Option<&mut Job> {
        self.jobs.get_mut(id).filter(|job| now.saturating_sub(job.created_at) < REMEMBERED)
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self { jobs: BTreeMap::new(), polls_per_state: 1, held: false, export_faults: ExportFaults::default() }
    }
}

impl Job {
    fn is_over(&self) -> bool {
        matches!(self.state, State::Completed(_) | State::Failed(_))
    }

    fn pass(&mut self, now: i64) {
        if !self.is_over() && now.saturating_sub(self.created_at) > LONGEST {
            self.state = State::Failed("The job timed out.");
        }
    }

    fn advance(&mut self, polls_per_state: u32, users: &Mutex<Users>) {
        self.polls_in_state += 1;
        if self.polls_in_state < polls_per_state {
            return;
        }
        self.polls_in_state = 0;
        match self.state {
            State::Pending if polls_per_state > 0 => self.state = State::Processing,
            _ => self.finish(users),
        }
    }

    fn finish(&mut self, users: &Mutex<Users>) {
        if self.is_over() {
            return;
        }
        self.state = match &self.work {
            Work::Export { .. } => State::Completed(None),
            Work::Import(import) => match import.run(users) {
                Some(imported) => State::Completed(Some(imported)),
                None => {
                    State::Failed("Failed to parse users file JSON when importing users. Make sure it is valid JSON.")
                }
            },
        };
    }

    fn renew_location(&mut self, now: i64) {
        if let (State::Completed(_), Work::Export { location, .. }) = (&self.state, &mut self.work)
            && location.as_ref().is_none_or(|location| location.expires_at <= now)
        {
            *location = Some(Location { key: random::token(24), expires_at: now.saturating_add(LOCATION_LASTS) });
        }
    }

    fn location_path(&self, id: &str) -> Option<String> {
        match &self.work {
            Work::Export { location: Some(location), .. } => {
                Some(format!("/exports/{id}/{}/{}.json.gz", location.key, crate::TENANT_NAME))
            }
            _ => None,
        }
    }

    fn shown(&self, id: &str) -> Value {
        let mut members = match &self.work {
            Work::Import(import) => import.members(),
            Work::Export { export, .. } => export.members(),
        };
        let (status, progress) = match &self.state {
            State::Pending => ("pending", None),
            State::Processing => ("processing", Some((50, 1))),
            State::Completed(_) => ("completed", Some((100, 0))),
            State::Failed(_) => ("failed", None),
        };
        members.insert("id".to_owned(), json!(id));
        members.insert("status".to_owned(), json!(status));
        members.insert("created_at".to_owned(), json!(iso8601(self.created_at)));
        if let Some((done, left)) = progress {
            members.insert("percentage_done".to_owned(), json!(done));
            members.insert("time_left_seconds".to_owned(), json!(left));
        }
        match &self.state {
            State::Completed(Some(imported)) => insert(&mut members, "summary", imported.summary()),
            State::Failed(reason) => insert(&mut members, "status_details", json!(reason)),
            _ => (),
        }
        Value::Object(members)
    }
}

fn insert(members: &mut Map<String, Value>, name: &str, value: Value) {
    members.insert(name.to_owned(), value);
}
