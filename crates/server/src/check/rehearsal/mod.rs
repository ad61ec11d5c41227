//! `authsync check --rehearse-rotation`: what a rotation of keys will do, shown at a tenant on this machine.
//!
//! The keys of the tenant are really rotated and withdrawn; time passes for the rehearsal alone, on a clock that it moves.

mod script;
mod stage;
mod tenant;
mod timeline;

pub use self::timeline::Timeline;

use self::stage::Stage;
use self::tenant::DeveloperRoutes;
use crate::settings::Settings;

/// Why there is no rehearsal, or none to its end.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The issuer may be somebody's real tenant.
    #[error(
        "a rehearsal rotates keys, so it takes an issuer on this machine over plain http, such as \
         AUTH0_DOMAIN=http://127.0.0.1:4400 of `cargo xtask dev`, and not {0}"
    )]
    NotOnThisMachine(String),
    /// There is somebody, but not one whose keys could be rotated.
    #[error("{0} does not have the developer's routes of fake-auth0, by which a rehearsal rotates keys")]
    NoDeveloperRoutes(String),
    /// No answer, or one that makes no sense.
    #[error("the tenant at {url} did not do what was asked: {reason}")]
    Trouble {
        /// What was asked.
        url: String,
        /// What came back.
        reason: String,
    },
}

impl RehearsalError {
    /// Whether the configuration is not one for a rehearsal, rather than that something went wrong in it.
    #[must_use]
    pub fn is_misuse(&self) -> bool {
        matches!(self, Self::NotOnThisMachine(_) | Self::NoDeveloperRoutes(_))
    }
}

/// Rehearses with the first of the configured issuers, by the configured rules. Whatever happens, the tenant's keys can be
/// fetched again afterwards. The database is left alone.
///
/// # Errors
/// [`RehearsalError`]
pub fn run(settings: &Settings) -> Result<Timeline, RehearsalError> {
    // Settings hold at least one.
    let Some(issuer) = settings.auth0.issuers.first() else {
        return Err(RehearsalError::NotOnThisMachine("none".to_owned()));
    };
    let tenant = DeveloperRoutes::of(issuer)?;
    let stage = Stage::new(settings, issuer);
    script::play(&tenant, &stage)
}
