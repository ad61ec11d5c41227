//! `authsync legacy …`: from a table with passwords to Auth0.

mod by_hand;
mod candidate;
mod directory;
mod export;
mod files;
mod import;
mod local_users;
mod next;
mod plan;
mod sample;
mod status;
mod steps;
mod told;

use std::path::Path;
use std::sync::Arc;

use domain::{Clock, SystemClock};
use persistence::LegacyUsers;

pub use self::import::{ImportServices, run as import_with};
use crate::command::{LegacyAction, Outcome};
use crate::progress::Screen;
use crate::settings::{LocalSettings, TenantSettings};

/// Does a step that asks nobody but the database.
///
/// # Errors
/// When the step could not be done; what was done of it stays, and it can be run again.
pub fn run(action: &LegacyAction, settings: &LocalSettings) -> anyhow::Result<Outcome> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let screen = Screen::stderr(Arc::clone(&clock));
    let users = |named: &Option<String>| {
        let users = LegacyUsers::new(settings.database.url.clone());
        named.iter().fold(users, |users, names| users.with_password_columns(names))
    };
    match action {
        LegacyAction::Plan { password_column, format } => plan::run(&users(password_column), *format, &screen),
        LegacyAction::Export { out, password_column } => export::run(&users(password_column), out, &*clock, &screen),
        LegacyAction::Adopt { password_column } => steps::adopt(&users(password_column), &screen),
        LegacyAction::Link { uploaded } => steps::link(&users(&None), uploaded.as_deref(), &*clock, &screen),
        LegacyAction::Finish { accept_unlinked, dump, password_column } => {
            steps::finish(&users(password_column), *accept_unlinked, dump.as_deref(), &screen)
        }
        LegacyAction::Rollback { newcomers } => steps::rollback(&users(&None), *newcomers, &screen),
        LegacyAction::Status { format } => status::run(&users(&None), *format),
    }
}

/// Has Auth0 import the files of an export into one of its connections.
///
/// # Errors
/// When it could not be done; what was done of it stays, and it can be run again.
pub fn import(dir: &Path, connection: &str, settings: &TenantSettings) -> anyhow::Result<Outcome> {
    import::run(dir, connection, &ImportServices::from_settings(settings, Arc::new(SystemClock::default())))
}
