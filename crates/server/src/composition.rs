//! Settings become services: the only place that names what stands behind the domain's traits.

mod events;
mod tenant;

use std::sync::Arc;

use anyhow::Context as _;
use auth0_management::{Limits, ManagementDirectory};
use auth0_verify::dpop::{DpopPolicy, ServerNonces};
use auth0_verify::{Auth0Verifier, KeySource, Leeway, TokenRules};
use domain::{
    AsyncUserRepository, ChangeListener, Clock, NoDirectory, ProfileDirectory, SystemClock, TokenVerifier, UserChanges,
    UserRepository,
};
use persistence::{Backend, Database, Migrator};

use crate::events::Webhook;
use crate::http::{BlockingUsers, Sockets};
use crate::metrics::Metrics;
use crate::migrate::migrate_in_background;
use crate::readiness::Readiness;
use crate::settings::{DpopSettings, Settings, UserCacheSettings};
use crate::user_cache::{KnownUsers, ToldUsers, UserCache};

pub use self::events::{EventServices, puller};
pub use self::tenant::TenantServices;

/// Everything that the HTTP layer works with.
#[derive(Clone)]
pub struct Services {
    /// Judges access tokens.
    pub verifier: Arc<dyn TokenVerifier>,
    /// The users table, for threads that may wait.
    pub users: Arc<dyn UserRepository>,
    /// The same with a memory in front, for those that may not.
    pub known_users: Arc<KnownUsers>,
    /// Auth0's own profiles.
    pub profiles: Arc<dyn ProfileDirectory>,
    /// The door for Auth0's events; closed if `None`.
    pub webhook: Option<Arc<Webhook>>,
    /// How tokens are taken that are bound to a key; `None` where they are refused.
    pub dpop: Option<DpopPolicy>,
    /// Whether requests can be served.
    pub readiness: Arc<Readiness>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The open sockets.
    pub sockets: Arc<Sockets>,
    /// What tokens and pauses are measured by.
    pub clock: Arc<dyn Clock>,
    /// Held so that it goes on telling.
    changes: Option<Arc<dyn UserChanges>>,
}

impl Services {
    /// Puts services together from their parts.
    ///
    /// # Errors
    /// Never, as long as no two metrics have one name.
    pub fn new(
        verifier: Arc<dyn TokenVerifier>,
        users: Arc<dyn UserRepository>,
        profiles: Arc<dyn ProfileDirectory>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let asynchronous = Arc::new(BlockingUsers(Arc::clone(&users)));
        let users = Users { blocking: users, asynchronous, cache: UserCacheSettings::OFF, database: None };
        Self::over(verifier, users, profiles, clock)
    }

    fn over(
        verifier: Arc<dyn TokenVerifier>,
        users: Users,
        profiles: Arc<dyn ProfileDirectory>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let Users { blocking, asynchronous, cache, database } = users;
        let readiness = Readiness::new(Arc::clone(&verifier), Arc::clone(&blocking), Arc::clone(&clock));
        let readiness = Arc::new(readiness.with_replica_of(database.clone()));
        let metrics = Arc::new(Metrics::new().context("metrics")?);
        metrics.tell_of_known_tokens(Arc::clone(&verifier)).context("metrics")?;
        if let Some(database) = database {
            metrics
                .tell_of_queues(database.clone())
                .and_then(|()| metrics.tell_of_replica(database))
                .context("metrics")?;
        }
        let cache = Arc::new(UserCache::new(cache, Arc::clone(&clock), metrics.users.clone()));
        Ok(Self {
            verifier,
            users: Arc::new(ToldUsers::new(blocking, Arc::clone(&cache))),
            known_users: Arc::new(KnownUsers::new(asynchronous, cache)),
            profiles,
            webhook: None,
            dpop: None,
            readiness,
            metrics,
            sockets: Arc::default(),
            clock,
            changes: None,
        })
    }

    /// Lets memory and the open sockets know of changes to their users.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn following(mut self, changes: Arc<dyn UserChanges>) -> std::io::Result<Self> {
        changes.listen(word_of_changes(Arc::clone(&self.known_users), Arc::clone(&self.sockets)))?;
        self.changes = Some(changes);
        Ok(self)
    }

    /// Lets Auth0 deliver events.
    #[must_use]
    pub fn taking_events(self, webhook: Option<Webhook>) -> Self {
        Self { webhook: webhook.map(Arc::new), ..self }
    }

    /// Asks for proofs, as the verifier does.
    #[must_use]
    pub fn asking_for_proofs(self, dpop: Option<DpopPolicy>) -> Self {
        Self { dpop, ..self }
    }

    /// The services of production. Waits for neither the issuer nor the database.
    ///
    /// # Errors
    /// When the database cannot be opened even in principle, or the machine gives no thread.
    pub fn from_settings(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        // SQLite belongs to this one service, so nobody else could be in the middle of a deployment with it. Before the
        // pool opens: two connections cannot both turn on the write-ahead log of a new file.
        if settings.database.url.backend() == Backend::Sqlite {
            migrate_in_background(Migrator::new(settings.database.url.clone()))
                .context("the thread that migrates SQLite could not be started")?;
        }
        let database = settings.database.open().context("DATABASE_URL")?;
        let source =
            KeySource::of(settings.auth0.issuers.clone()).kept_by(settings.tokens.cache).stored_in(database.key_sets());
        let verifier = Auth0Verifier::over_http(token_rules(settings), &source, Arc::clone(&clock))
            .context("the thread that keeps the issuer's keys fresh could not be started")?
            .with_token_cache(settings.tokens.known_tokens);
        let dpop = settings.dpop.as_ref().map(|dpop| dpop_policy(dpop, &database, &clock)).transpose()?;
        let verifier = match &dpop {
            Some(policy) => verifier.with_dpop(policy.clone()),
            None => verifier,
        };
        let profiles: Arc<dyn ProfileDirectory> = match management_directory(settings, Arc::clone(&clock)) {
            Some(directory) => Arc::new(directory),
            None => Arc::new(NoDirectory),
        };
        let webhook = Webhook::behind(&settings.auth0.events_tokens, database.event_inbox());
        let (blocking, asynchronous) = (database.users(), database.async_users());
        let users = Users { blocking, asynchronous, cache: settings.user_cache, database: Some(database.clone()) };
        Self::over(Arc::new(verifier), users, profiles, clock)?
            .taking_events(webhook)
            .asking_for_proofs(dpop)
            .following(database.user_changes())
            .context("the thread that watches for changes of users could not be started")
    }

    /// The clock of production.
    #[must_use]
    pub fn system_clock() -> Arc<dyn Clock> {
        Arc::new(SystemClock::default())
    }
}

/// What is done about a change: memory first, so that a socket that is woken does not find the older row there.
pub(crate) fn word_of_changes(users: Arc<KnownUsers>, sockets: Arc<Sockets>) -> ChangeListener {
    Arc::new(move |change| {
        users.cache().tell(&change);
        sockets.tell(&change);
    })
}

/// One users table, asked in two ways, and how much of it is kept in memory.
struct Users {
    blocking: Arc<dyn UserRepository>,
    asynchronous: Arc<dyn AsyncUserRepository>,
    cache: UserCacheSettings,
    /// Where they are, for reports.
    database: Option<Database>,
}

/// What proofs are judged by.
fn dpop_policy(settings: &DpopSettings, database: &Database, clock: &Arc<dyn Clock>) -> anyhow::Result<DpopPolicy> {
    let policy = DpopPolicy::new(settings.mode, settings.public_url.clone(), database.used_proofs())
        .with_proof_max_age(settings.proof_max_age);
    if settings.nonce_secrets.is_empty() {
        return Ok(policy);
    }
    let nonces = ServerNonces::new(&settings.nonce_secrets, Arc::clone(clock)).context("AUTHSYNC_DPOP_NONCE_SECRET")?;
    Ok(policy.with_nonces(Arc::new(nonces)))
}

/// What a token must say to be accepted.
pub(crate) fn token_rules(settings: &Settings) -> TokenRules {
    TokenRules {
        audiences: settings.auth0.audiences.clone(),
        algorithms: settings.tokens.algorithms.clone(),
        leeway: Leeway::default(),
    }
}

/// Auth0's own profiles, if there are credentials to read them with. They are read from the first of the domains.
pub(crate) fn management_directory(settings: &Settings, clock: Arc<dyn Clock>) -> Option<ManagementDirectory> {
    let client = settings.auth0.management.as_ref()?;
    let issuer = settings.auth0.issuers.first()?;
    let (id, secret) = (client.client_id.as_str(), client.client_secret.clone());
    Some(ManagementDirectory::new(issuer.as_str(), id, secret, clock, Limits::default()))
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}
