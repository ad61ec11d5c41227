//! `authsync legacy …`: from a table with passwords to Auth0.

use std::path::Path;

use crate::command::{LegacyAction, Outcome};
use crate::settings::{LocalSettings, TenantSettings};

/// Does a step that asks nobody but the database.
///
/// # Errors
/// When the step could not be done; what was done of it stays, and it can be run again.
pub fn run(action: &LegacyAction, _settings: &LocalSettings) -> anyhow::Result<Outcome> {
    anyhow::bail!("legacy {} is not built yet", action.name())
}

/// Has Auth0 import the files of an export into one of its connections.
///
/// # Errors
/// When it could not be done; what was done of it stays, and it can be run again.
pub fn import(_dir: &Path, _connection: &str, _settings: &TenantSettings) -> anyhow::Result<Outcome> {
    anyhow::bail!("legacy import is not built yet")
}
