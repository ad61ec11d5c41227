//! What an import works with.

use std::sync::Arc;

use auth0_management::{JobClient, Limits, SleepingWaiter, Waiter};
use domain::Clock;
use persistence::LegacyUsers;

use super::waiter::TellingWaiter;
use crate::progress::Screen;
use crate::settings::TenantSettings;

/// What an import works with.
#[derive(Clone)]
pub struct ImportServices {
    pub(super) users: LegacyUsers,
    pub(super) jobs: Arc<JobClient>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) screen: Screen,
}

impl ImportServices {
    /// The services of production.
    #[must_use]
    pub fn from_settings(settings: &TenantSettings, clock: Arc<dyn Clock>) -> Self {
        let screen = Screen::stderr(Arc::clone(&clock));
        Self::with(settings, clock, screen, Arc::new(SleepingWaiter))
    }

    /// The same with another way to show progress and to wait.
    #[must_use]
    pub fn with(settings: &TenantSettings, clock: Arc<dyn Clock>, screen: Screen, waiter: Arc<dyn Waiter>) -> Self {
        let client = &settings.management;
        let waiter = Arc::new(TellingWaiter { screen: screen.clone(), waiter });
        let (id, secret) = (client.client_id.as_str(), client.client_secret.clone());
        let issuer = settings.issuer.as_str();
        Self {
            users: LegacyUsers::new(settings.database.url.clone()),
            jobs: Arc::new(JobClient::new(issuer, id, secret, Arc::clone(&clock), Limits::default(), waiter)),
            clock,
            screen,
        }
    }
}

impl std::fmt::Debug for ImportServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportServices").finish_non_exhaustive()
    }
}
