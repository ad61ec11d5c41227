//! The services of commands that ask the Management API.

use std::sync::Arc;

use anyhow::Context as _;
use auth0_management::{JobClient, Limits, ManagementDirectory, SleepingWaiter, Waiter};
use domain::{Clock, EventInbox, ProfileDirectory, SchemaState, UserPages, UserRepository};
use persistence::Database;

use crate::progress::Screen;
use crate::settings::TenantSettings;

/// What a command works with that takes users from Auth0 into the table.
#[derive(Clone)]
pub struct TenantServices {
    /// Exports and imports.
    pub jobs: Arc<JobClient>,
    /// Single profiles.
    pub profiles: Arc<dyn ProfileDirectory>,
    /// The users table.
    pub users: Arc<dyn UserRepository>,
    /// The users table from one end to the other.
    pub user_pages: Arc<dyn UserPages>,
    /// Where parked lines and positions are kept.
    pub inbox: Arc<dyn EventInbox>,
    /// What time is told by.
    pub clock: Arc<dyn Clock>,
    /// How it is waited for Auth0.
    pub waiter: Arc<dyn Waiter>,
    /// Where progress is shown.
    pub screen: Screen,
    /// How many rows are saved at once.
    pub threads: usize,
}

/// More threads than this are no faster on any database, and each takes a connection.
const MOST_THREADS: usize = 16;

impl TenantServices {
    /// The services of production. The schema is left as it is.
    ///
    /// # Errors
    /// When the database is out of reach or its schema is not the one that this program knows.
    pub fn from_settings(settings: &TenantSettings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let screen = Screen::stderr(Arc::clone(&clock));
        Self::with(settings, clock, screen, Arc::new(SleepingWaiter))
    }

    /// The same with another way to show progress and to wait.
    ///
    /// # Errors
    /// As [`from_settings`](Self::from_settings).
    pub fn with(
        settings: &TenantSettings,
        clock: Arc<dyn Clock>,
        screen: Screen,
        waiter: Arc<dyn Waiter>,
    ) -> anyhow::Result<Self> {
        let database = Database::open(&settings.database.url, &settings.database.pool).context("DATABASE_URL")?;
        let users = database.users();
        if let SchemaState::Behind { pending } = users.schema_state().context("DATABASE_URL")? {
            anyhow::bail!("DATABASE_URL: {pending} migrations pending: run `authsync migrate up`");
        }
        let client = &settings.management;
        let (issuer, id) = (settings.issuer.as_str(), client.client_id.as_str());
        let (secret, limits) = (client.client_secret.clone(), Limits::default());
        Ok(Self {
            jobs: Arc::new(JobClient::new(issuer, id, secret.clone(), Arc::clone(&clock), limits, Arc::clone(&waiter))),
            profiles: Arc::new(ManagementDirectory::new(issuer, id, secret, Arc::clone(&clock), limits)),
            users,
            user_pages: database.user_pages(),
            inbox: database.event_inbox(),
            clock,
            waiter,
            screen,
            threads: usize::try_from(settings.database.pool.max_connections).unwrap_or(1).clamp(1, MOST_THREADS),
        })
    }
}

impl std::fmt::Debug for TenantServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantServices").field("threads", &self.threads).finish_non_exhaustive()
    }
}
