//! Memory in front of a table that is in the test's hands.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::{
    AsyncUserRepository, Auth0Record, BodyProfile, Change, EmailAddress, KnownUser, Login, ManualClock, Profile, Reply,
    RepositoryError, Saved, SchemaState, Seen, Standing, Subject, UnixTime, User, UserChange, UserId, UserRepository,
};
use tokio::sync::oneshot;

use super::{KnownUsers, UserCache};
use crate::metrics::Metrics;
use crate::settings::UserCacheSettings;

/// Room for a hundred, and a minute of what was last known.
pub(crate) const SETTINGS: UserCacheSettings = UserCacheSettings { entries: 100, stale_for: Duration::from_secs(60) };

/// A table in the test's hands.
#[derive(Default)]
pub(crate) struct Table {
    pub(super) rows: Mutex<Vec<Arc<KnownUser>>>,
    pub(super) reads: AtomicUsize,
    pub(super) out_of_reach: Mutex<bool>,
    /// The next read waits for this, and then answers what it says.
    gate: Mutex<Option<oneshot::Receiver<Option<Arc<KnownUser>>>>>,
}

/// Memory in front of such a table.
pub(crate) struct Bench {
    pub(crate) table: Arc<Table>,
    pub(crate) cache: Arc<UserCache>,
    pub(crate) users: Arc<KnownUsers>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) metrics: Metrics,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(SETTINGS)
    }

    /// With a feed that has just begun.
    pub(crate) fn with(settings: UserCacheSettings) -> Self {
        let bench = Self::unproven(settings);
        bench.cache.tell(&UserChange::Any);
        bench.prove();
        bench
    }

    pub(crate) fn unproven(settings: UserCacheSettings) -> Self {
        let (table, metrics) = (Arc::new(Table::default()), Metrics::new().expect("names that differ"));
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(1_000)));
        let cache = Arc::new(UserCache::new(settings, clock.clone(), metrics.users.clone()));
        let users = Arc::new(KnownUsers::new(table.clone(), Arc::clone(&cache)));
        clock.advance(Duration::from_secs(10));
        Self { table, cache, users, clock, metrics }
    }

    pub(crate) fn prove(&self) {
        // The moment is the real clock's; what counts is how long ago it was.
        self.cache.tell(&UserChange::ToldUntil(Instant::now()));
    }

    pub(crate) fn changed(&self, name: &str) {
        self.cache.tell(&UserChange::Of(subject(name)));
    }

    pub(crate) async fn find(&self, name: &str) -> Option<Arc<KnownUser>> {
        self.users.find(&subject(name)).settled().await.expect("an answer")
    }

    /// How often the table is asked for these look-ups.
    pub(crate) async fn reads_of(&self, name: &str, lookups: usize) -> usize {
        let before = self.table.reads.load(Ordering::SeqCst);
        for _ in 0..lookups {
            self.find(name).await;
        }
        self.table.reads.load(Ordering::SeqCst) - before
    }

    /// A user in the table and in memory.
    pub(crate) async fn kept(&self, name: &str) {
        self.table.put(user(name, "old"));
        self.reads_of(name, 2).await;
        assert!(self.cache.current(&subject(name)).is_some());
    }

    pub(crate) fn shows(&self, line: &str) {
        let text = self.metrics.render(&[]);
        assert!(text.lines().any(|written| written == line), "no line {line} in\n{text}");
    }
}

impl Table {
    pub(crate) fn put(&self, user: User) {
        let mut rows = self.rows.lock().expect("no panic");
        rows.retain(|row| row.user.subject != user.subject);
        rows.push(Arc::new(KnownUser { user, record: Some(Auth0Record::default()) }));
    }

    fn row(&self, subject: &Subject) -> Option<Arc<KnownUser>> {
        self.rows.lock().expect("no panic").iter().find(|row| row.user.subject == *subject).cloned()
    }

    fn in_reach(&self) -> Result<(), RepositoryError> {
        let is_out = *self.out_of_reach.lock().expect("no panic");
        if is_out { Err(RepositoryError::Unavailable("out of reach".into())) } else { Ok(()) }
    }

    pub(crate) fn close(&self) -> oneshot::Sender<Option<Arc<KnownUser>>> {
        let (sender, receiver) = oneshot::channel();
        *self.gate.lock().expect("no panic") = Some(receiver);
        sender
    }
}

impl AsyncUserRepository for Table {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if let Err(outage) = self.in_reach() {
            return Reply::AtOnce(Err(outage));
        }
        match self.gate.lock().expect("no panic").take() {
            Some(gate) => Reply::Later(Box::pin(async move { Ok(gate.await.expect("an answer")) })),
            None => Reply::AtOnce(Ok(self.row(subject))),
        }
    }

    fn log_in(&self, login: Arc<Login>, _: Seen, _: Instant) -> Reply<Saved> {
        Reply::AtOnce(UserRepository::save(self, Change::Login(&login)))
    }
}

impl UserRepository for Table {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        self.in_reach()?;
        Ok(self.row(subject).map(|row| row.user.clone()))
    }

    fn find_by_email(&self, _: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        Ok(None)
    }

    /// Writes, and says that it did not.
    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        self.put(user_of(change.subject().clone(), "new"));
        Err(RepositoryError::Unavailable("the connection broke".into()))
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        Ok(SchemaState::Current)
    }
}

pub(crate) fn subject(name: &str) -> Subject {
    Subject::parse(&format!("auth0|{name}")).expect("a subject")
}

pub(crate) fn user(name: &str, domain: &str) -> User {
    user_of(subject(name), domain)
}

pub(crate) fn user_of(subject: Subject, domain: &str) -> User {
    User {
        id: UserId::new(1),
        email: EmailAddress::parse(&format!("{}@{domain}", subject.as_str().replace('@', "-"))).expect("an address"),
        subject,
        email_verified: false,
        name: None,
        picture: None,
        standing: Standing::Active,
    }
}

pub(crate) fn login(name: &str) -> Login {
    Login {
        subject: subject(name),
        issued_at: None,
        directory: None,
        claims: Profile::default(),
        body: BodyProfile { email: EmailAddress::parse("ann@new").expect("an address"), name: None, picture: None },
        gives_way: None,
    }
}
