//! `authsync legacy import`: has Auth0 import the files of an export.
//!
//! A journal beside the files is written before and after whatever cannot be taken back, so that a run that was killed
//! is gone on with: a job that is known is asked about again, never begun again. A file that was on its way when nobody
//! was there to hear of its job is looked up at Auth0 first.

mod collect;
mod journal;
mod lookup;
mod services;
mod waiter;

use std::collections::VecDeque;
use std::path::Path;

use anyhow::{Context as _, bail};
use auth0_management::{ImportOrder, Job, JobError, JobStatus};

pub use self::services::ImportServices;

use self::journal::{Found, Journal, NO_REASON, RefusedUser, State, UNNAMED};
use self::lookup::Wanted;
use super::candidate::ID_TAKEN;
use super::directory::{Directory, JOURNAL, Manifest};
use super::local_users::{LocalFile, local_id};
use crate::command::Outcome;
use crate::progress::Progress;

/// How many jobs Auth0 takes at a time.
const AT_ONCE: usize = 2;

/// An import under way.
struct Import<'a> {
    services: &'a ImportServices,
    connection: &'a str,
    directory: &'a Directory,
    manifest: &'a Manifest,
    journal: Journal,
    progress: Progress,
    /// Jobs that failed as a whole, for the end of the run.
    failures: Vec<String>,
}

/// Imports what has not been imported yet.
///
/// # Errors
/// When it could not go on; run again, it goes on where it left off.
pub fn run(path: &Path, connection: &str, services: &ImportServices) -> anyhow::Result<Outcome> {
    import(path, connection, services).context("legacy import")
}

fn import(path: &Path, connection: &str, services: &ImportServices) -> anyhow::Result<Outcome> {
    services.users.status()?;
    let (directory, manifest) = Directory::for_import(path)?;
    let journal = Journal::open(&directory.join(JOURNAL), connection)?;
    let is_over = |journal: &Journal, file: &str| matches!(journal.state(file), State::Over { .. });
    let earlier =
        manifest.files.iter().filter(|file| is_over(&journal, &file.file)).map(|file| file.users).sum::<usize>();
    let progress = services.screen.begin("import", "users", u64::try_from(earlier)?);
    progress.expect(manifest.users);
    let mut import = Import {
        services,
        connection,
        directory: &directory,
        manifest: &manifest,
        journal,
        progress,
        failures: Vec::new(),
    };
    // Twice: looking up may show that a file has to be sent after all.
    for _ in 0..2 {
        import.send()?;
        import.look_up()?;
    }
    import.settle()?;
    let Import { journal, progress, failures, .. } = import;
    drop(progress);
    let left: Vec<_> = manifest.files.iter().map(|file| &file.file).filter(|file| !is_over(&journal, file)).collect();
    if let [file, ..] = left.as_slice() {
        let why = failures.first().cloned().unwrap_or_else(|| format!("auth0 did not say whether it has taken {file}"));
        bail!("{why}; {} of {} files are not imported: run it again", left.len(), manifest.files.len());
    }
    collect::collect(&directory, &manifest, &journal, connection)
}

impl Import<'_> {
    /// Sends the files that wait, and follows those that are under way, two at a time.
    fn send(&mut self) -> anyhow::Result<()> {
        let files = |wanted: fn(&State) -> bool| {
            let of_state = self.manifest.files.iter().filter(|file| wanted(&self.journal.state(&file.file)));
            of_state.map(|file| file.file.clone()).collect::<VecDeque<_>>()
        };
        let mut under_way = files(|state| matches!(state, State::Running(_)));
        let mut waiting = files(|state| *state == State::Waiting);
        loop {
            while under_way.len() < AT_ONCE
                && let Some(file) = waiting.pop_front()
            {
                if self.start(&file)? {
                    under_way.push_back(file);
                }
            }
            let Some(file) = under_way.pop_front() else { return Ok(()) };
            self.follow(&file)?;
        }
    }

    /// Begins the import of a file. `false`: it may have begun, and nobody knows of a job.
    fn start(&mut self, file: &str) -> anyhow::Result<bool> {
        let local = LocalFile::read(&self.directory.join(file))?;
        let external_id = Some(file.trim_end_matches(".json"));
        let order = ImportOrder { connection_id: self.connection, file: &local.bytes, upsert: false, external_id };
        self.journal.sending(file)?;
        match self.services.jobs.start_import(&order) {
            Ok(job) => {
                self.journal.started(file, &job.id)?;
                self.services.screen.say(&format!("import: {file} is {}", job.id));
                Ok(true)
            }
            Err(JobError::Unsure(cause)) => {
                let cause = domain::in_one_line(&cause);
                self.services.screen.say(&format!("import: it is not known whether {file} has arrived: {cause}"));
                Ok(false)
            }
            Err(error) => {
                self.journal.withdrawn(file)?;
                let connection = self.connection;
                Err(error).with_context(|| format!("{file} could not be sent to the connection {connection}"))
            }
        }
    }

    /// Waits for the end of a file's job, and keeps what it came to.
    fn follow(&mut self, file: &str) -> anyhow::Result<()> {
        let State::Running(id) = self.journal.state(file) else { return Ok(()) };
        let job = match self.services.jobs.finished_job(&id, &mut |_| {}) {
            Err(JobError::NoSuchJob) => {
                self.services.screen.say(&format!("import: auth0 has forgotten the job of {file}"));
                return self.journal.lost(file);
            }
            other => other.with_context(|| format!("the job of {file} ({id})"))?,
        };
        if let JobStatus::Failed(reason) = &job.status {
            self.failures.push(format!("the job of {file} has failed: {reason}"));
            // Some of its users may be there; then Auth0 will say so.
            return self.journal.withdrawn(file);
        }
        let refused = self.refused(file, &job)?;
        self.journal.over(file, refused)?;
        self.settle_file(file)?;
        let count = self.manifest.files.iter().find(|known| known.file == file).map_or(0, |known| known.users);
        self.progress.add(u64::try_from(count)?);
        Ok(())
    }

    /// Whom the job has refused.
    fn refused(&self, file: &str, job: &Job) -> anyhow::Result<Vec<RefusedUser>> {
        let errors = self.services.jobs.import_errors(&job.id);
        let rows = errors.with_context(|| format!("the errors of {file} ({})", job.id))?.rows;
        let failed = job.summary.map_or(0, |summary| summary.failed);
        let unnamed = failed > u64::try_from(rows.len())?;
        if rows.is_empty() && !unnamed {
            return Ok(Vec::new());
        }
        let local = LocalFile::read(&self.directory.join(file))?;
        let mut refused: Vec<_> = rows
            .iter()
            .map(|row| {
                let id = local.find(row.user_id(), row.email()).and_then(local_id);
                let codes = row.faults.iter().map(|fault| match &fault.path {
                    Some(path) => format!("{} ({path})", fault.code),
                    None => fault.code.clone(),
                });
                RefusedUser { id, codes: codes.map(|code| readable(&code)).collect(), found: None }
            })
            .collect();
        if unnamed {
            // Each of the others may be one of them.
            let named: std::collections::HashSet<_> = refused.iter().filter_map(|user| user.id).collect();
            let others = local.ids().into_iter().filter(|id| !named.contains(id));
            refused.extend(others.map(|id| RefusedUser { id: Some(id), codes: vec![UNNAMED.into()], found: None }));
        }
        Ok(refused)
    }

    /// Asks who is at Auth0 already: of files that nobody knows a job of, and of users whom Auth0 refused because they
    /// are.
    fn look_up(&mut self) -> anyhow::Result<()> {
        let mut wanted = Wanted::default();
        let mut open = Vec::new();
        for file in &self.manifest.files {
            let asked: Option<Vec<i64>> = match self.journal.state(&file.file) {
                State::Unsure => None,
                State::Over { refused, .. } if refused.iter().any(RefusedUser::is_open) => {
                    Some(refused.iter().filter(|user| user.is_open()).filter_map(|user| user.id).collect())
                }
                _ => continue,
            };
            let local = LocalFile::read(&self.directory.join(&file.file))?;
            for user in &local.checked.users {
                let Some(id) = local_id(user) else { continue };
                if asked.as_ref().is_none_or(|asked| asked.contains(&id)) {
                    wanted.add(id, &user.email);
                }
            }
            open.push((file.file.clone(), local.ids()));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        self.services.screen.say("import: some users may be at Auth0 already; looking who is");
        let Import { services, .. } = self;
        let there = wanted.look_up(&services.jobs, services.clock.now(), &services.screen);
        let there =
            there.context("who is at Auth0 already could not be looked up (which takes the scope read:users)")?;
        for (file, ids) in open {
            match self.journal.state(&file) {
                State::Unsure if ids.iter().all(|id| there.same.contains(id)) => {
                    self.journal.over(&file, Vec::new())?;
                    self.progress.add(u64::try_from(ids.len())?);
                }
                State::Unsure => self.journal.withdrawn(&file)?,
                State::Over { refused, .. } => {
                    let is_imported =
                        |user: &RefusedUser| user.is_open() && user.id.is_some_and(|id| there.same.contains(&id));
                    let mut refused: Vec<_> = refused.into_iter().filter(|user| !is_imported(user)).collect();
                    for user in refused.iter_mut().filter(|user| user.is_open()) {
                        let is_taken = user.id.is_some_and(|id| there.others.contains(&id));
                        match user.codes.as_slice() {
                            _ if is_taken => user.found = Some(Found::IdTaken),
                            [code] if code == UNNAMED => user.codes = vec![NO_REASON.to_owned()],
                            _ => user.found = Some(Found::Elsewhere),
                        }
                    }
                    self.journal.over(&file, refused)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Tells the database what is known of every file and it has not been told.
    fn settle(&mut self) -> anyhow::Result<()> {
        self.manifest.files.iter().try_for_each(|file| self.settle_file(&file.file))
    }

    fn settle_file(&mut self, file: &str) -> anyhow::Result<()> {
        let State::Over { refused, settled: false } = self.journal.state(file) else { return Ok(()) };
        let users = &self.services.users;
        let not_imported: std::collections::HashSet<_> = refused.iter().filter_map(|user| user.id).collect();
        let mut imported = LocalFile::read(&self.directory.join(file))?.ids();
        imported.retain(|id| !not_imported.contains(id));
        users.mark_imported(&imported, self.services.clock.now())?;
        for user in refused.iter().filter(|user| !user.is_open()) {
            let Some(id) = user.id else { continue };
            if user.found == Some(Found::IdTaken) {
                users.withdraw_export(id)?;
            }
            users.note_problem(id, &problem(user))?;
        }
        // Who is still to be looked up has no result yet.
        if refused.iter().any(RefusedUser::is_open) { Ok(()) } else { self.journal.settled(file) }
    }
}

/// What the row is to say about it.
fn problem(user: &RefusedUser) -> String {
    let codes = user.codes.join(", ");
    match user.found {
        Some(Found::IdTaken) => ID_TAKEN.to_owned(),
        Some(Found::Elsewhere) => format!("Auth0 has another user with this address ({codes})"),
        None => format!("Auth0 refused the user: {codes}"),
    }
}

/// A code as Auth0 writes them, and nothing else.
fn readable(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(100).collect()
}
