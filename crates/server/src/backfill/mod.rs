//! `authsync backfill`: everybody whom Auth0 has, taken into the table.

use crate::command::{BackfillOptions, Outcome};
use crate::settings::TenantSettings;

/// Takes in everybody.
///
/// # Errors
/// When it could not go on; run again, it goes on where it left off.
pub fn run(_options: &BackfillOptions, _settings: &TenantSettings) -> anyhow::Result<Outcome> {
    anyhow::bail!("backfill is not built yet")
}
