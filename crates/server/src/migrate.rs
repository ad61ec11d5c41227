//! `authsync migrate`, and the migration that SQLite gets at start.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use persistence::{LegacyUsers, Migrator, Phase};

use crate::command::{MigrateAction, Outcome};
use crate::settings::LocalSettings;

/// Does what was asked and says what was done, a line for each migration.
///
/// # Errors
/// When the database is out of reach or a migration fails; the one that failed has changed nothing.
pub fn run(settings: &LocalSettings, action: MigrateAction) -> anyhow::Result<Outcome> {
    let migrator = Migrator::new(settings.database.url.clone());
    let lines = match action {
        MigrateAction::Up => {
            let applied = migrator.up().context("migrate up")?;
            let applied: String = applied.iter().map(|name| format!("applied   {name}\n")).collect();
            return Ok(Outcome::complete(or_nothing(applied) + &next_step(settings)));
        }
        MigrateAction::Down => {
            let reverted = migrator.down().context("migrate down")?;
            reverted.map(|name| format!("reverted  {name}\n")).unwrap_or_default()
        }
        MigrateAction::Status => {
            let known = migrator.status().context("migrate status")?;
            known
                .iter()
                .map(|migration| {
                    format!("{}  {}\n", if migration.applied { "applied " } else { "pending " }, migration.name)
                })
                .collect()
        }
    };
    Ok(Outcome::complete(or_nothing(lines)))
}

fn or_nothing(lines: String) -> String {
    if lines.is_empty() { "nothing to do\n".to_owned() } else { lines }
}

/// A line on what follows, where the table came from the password era and still is on its way.
fn next_step(settings: &LocalSettings) -> String {
    // The migration is done; that nothing can be said of it is no failure.
    match LegacyUsers::new(settings.database.url.clone()).status() {
        Ok(status) if !matches!(status.phase, Phase::NothingToDo | Phase::Finished) => {
            format!("next: {}\n", status.next_step())
        }
        Ok(_) | Err(_) => String::new(),
    }
}

/// Applies what is pending, and tries again every second until it works; the server starts meanwhile and is not ready.
///
/// # Errors
/// When the machine gives no thread.
pub fn migrate_in_background(migrator: Migrator) -> std::io::Result<()> {
    /// The pause after a failure.
    const PAUSE: Duration = Duration::from_secs(1);
    let (first_attempt_over, first_attempt) = channel();
    thread::Builder::new().name("migrate".into()).spawn(move || {
        // Nobody ever sends: the receiver is a pause that ends at once if the process is being torn down.
        let (_keep, never) = channel::<()>();
        loop {
            let outcome = migrator.up();
            let done = outcome.is_ok();
            match outcome {
                Ok(applied) => applied.iter().for_each(|name| log::info!("applied migration {name}")),
                Err(error) => log::error!("the database could not be migrated: {:#}", anyhow::Error::from(error)),
            }
            let _ = first_attempt_over.send(());
            if done || never.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    })?;
    // The usual case takes milliseconds; waiting for it spares the first requests a 503.
    let _ = first_attempt.recv_timeout(PAUSE);
    Ok(())
}
