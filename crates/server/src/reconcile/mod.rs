//! `authsync reconcile`: what differs between Auth0 and the table.

use crate::command::{Outcome, ReconcileOptions};
use crate::settings::TenantSettings;

/// Reports what differs and mends it.
///
/// # Errors
/// When the two could not be compared.
pub fn run(_options: ReconcileOptions, _settings: &TenantSettings) -> anyhow::Result<Outcome> {
    anyhow::bail!("reconcile is not built yet")
}
