//! The services of commands about Auth0's events.

use std::sync::Arc;

use anyhow::Context as _;
use auth0_management::EventStreamClient;
use domain::{Clock, EventInbox, NoDirectory, ProfileDirectory, SchemaState, UserRepository, in_one_line};
use persistence::{Backend, Database};

use super::Services;
use crate::events::{Pace, Puller};
use crate::settings::{DatabaseSettings, LocalSettings, TenantSettings};

/// What events that wait are tried again with. No profile is remembered in this process, so none has to be forgotten.
#[derive(Clone)]
pub struct EventServices {
    /// The users table.
    pub users: Arc<dyn UserRepository>,
    /// Auth0's own profiles.
    pub profiles: Arc<dyn ProfileDirectory>,
    /// What is remembered of events.
    pub inbox: Arc<dyn EventInbox>,
    /// What time is told by.
    pub clock: Arc<dyn Clock>,
}

impl EventServices {
    /// The services of production.
    ///
    /// # Errors
    /// When the database cannot be opened even in principle, or its schema is not the one that this program knows.
    pub fn from_settings(settings: &LocalSettings) -> anyhow::Result<Self> {
        Self::over(&settings.database, Services::system_clock())
    }

    fn over(settings: &DatabaseSettings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let database = Database::open(&settings.url, &settings.pool).context("DATABASE_URL")?;
        // As the server does it at start.
        if settings.url.backend() == Backend::Sqlite {
            database.migrator().up().context("DATABASE_URL")?;
        }
        let (users, inbox) = (database.users(), database.event_inbox());
        match users.schema_state() {
            Ok(SchemaState::Current) => {}
            Ok(SchemaState::Behind { pending }) => {
                anyhow::bail!("DATABASE_URL: {pending} migrations pending: run `authsync migrate up`")
            }
            // It may come back; whoever cannot wait for that is told again.
            Err(error) => log::warn!("{}", in_one_line(&error)),
        }
        Ok(Self { users, profiles: Arc::new(NoDirectory), inbox, clock })
    }
}

/// What follows Auth0's events.
///
/// # Errors
/// As [`EventServices::from_settings`].
pub fn puller(settings: &TenantSettings, clock: Arc<dyn Clock>) -> anyhow::Result<Puller> {
    let EventServices { users, profiles, inbox, clock } = EventServices::over(&settings.database, clock)?;
    let client = &settings.management;
    let (id, secret) = (client.client_id.as_str(), client.client_secret.clone());
    let client = EventStreamClient::new(settings.issuer.as_str(), id, secret, Arc::clone(&clock));
    Ok(Puller { client, users, profiles, inbox, clock, pace: Pace::default() })
}

impl std::fmt::Debug for EventServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventServices").finish_non_exhaustive()
    }
}
