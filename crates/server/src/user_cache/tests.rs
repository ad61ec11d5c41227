//! What memory may answer, and when.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::{
    AsyncUserRepository, Auth0Record, BodyProfile, Change, EmailAddress, KnownUser, Login, ManualClock, Profile, Reply,
    RepositoryError, Saved, SchemaState, Standing, Subject, UnixTime, User, UserChange, UserId, UserRepository,
};
use tokio::sync::oneshot;

use super::{KnownUsers, LEASE, ToldUsers, UserCache};
use crate::metrics::Metrics;
use crate::settings::UserCacheSettings;

const SETTINGS: UserCacheSettings = UserCacheSettings { entries: 100, stale_for: Duration::from_secs(60) };

/// A table in the test's hands.
#[derive(Default)]
struct Table {
    rows: Mutex<Vec<Arc<KnownUser>>>,
    reads: AtomicUsize,
    out_of_reach: Mutex<bool>,
    /// The next read waits for this, and then answers what it says.
    gate: Mutex<Option<oneshot::Receiver<Option<Arc<KnownUser>>>>>,
}

struct Bench {
    table: Arc<Table>,
    cache: Arc<UserCache>,
    users: KnownUsers,
    clock: Arc<ManualClock>,
    metrics: Metrics,
}

impl Bench {
    fn new() -> Self {
        Self::with(SETTINGS)
    }

    /// With a feed that has just begun.
    fn with(settings: UserCacheSettings) -> Self {
        let bench = Self::unproven(settings);
        bench.cache.tell(&UserChange::Any);
        bench.prove();
        bench
    }

    fn unproven(settings: UserCacheSettings) -> Self {
        let (table, metrics) = (Arc::new(Table::default()), Metrics::new().expect("names that differ"));
        let clock = Arc::new(ManualClock::at(UnixTime::from_secs(1_000)));
        let cache = Arc::new(UserCache::new(settings, clock.clone(), metrics.users.clone()));
        let users = KnownUsers::new(table.clone(), Arc::clone(&cache));
        clock.advance(Duration::from_secs(10));
        Self { table, cache, users, clock, metrics }
    }

    fn prove(&self) {
        // The moment is the real clock's; what counts is how long ago it was.
        self.cache.tell(&UserChange::ToldUntil(Instant::now()));
    }

    fn changed(&self, name: &str) {
        self.cache.tell(&UserChange::Of(subject(name)));
    }

    async fn find(&self, name: &str) -> Option<Arc<KnownUser>> {
        self.users.find(&subject(name)).settled().await.expect("an answer")
    }

    /// How often the table is asked for these look-ups.
    async fn reads_of(&self, name: &str, lookups: usize) -> usize {
        let before = self.table.reads.load(Ordering::SeqCst);
        for _ in 0..lookups {
            self.find(name).await;
        }
        self.table.reads.load(Ordering::SeqCst) - before
    }

    /// A user in the table and in memory.
    async fn kept(&self, name: &str) {
        self.table.put(user(name, "old"));
        self.reads_of(name, 2).await;
        assert!(self.cache.current(&subject(name)).is_some());
    }

    fn shows(&self, line: &str) {
        let text = self.metrics.render(&[]);
        assert!(text.lines().any(|written| written == line), "no line {line} in\n{text}");
    }
}

impl Table {
    fn put(&self, user: User) {
        let mut rows = self.rows.lock().expect("no panic");
        rows.retain(|row| row.user.subject != user.subject);
        rows.push(Arc::new(KnownUser { user, record: Some(Auth0Record::default()) }));
    }

    fn row(&self, subject: &Subject) -> Option<Arc<KnownUser>> {
        self.rows.lock().expect("no panic").iter().find(|row| row.user.subject == *subject).cloned()
    }

    fn close(&self) -> oneshot::Sender<Option<Arc<KnownUser>>> {
        let (sender, receiver) = oneshot::channel();
        *self.gate.lock().expect("no panic") = Some(receiver);
        sender
    }
}

impl AsyncUserRepository for Table {
    fn find(&self, subject: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if *self.out_of_reach.lock().expect("no panic") {
            return Reply::AtOnce(Err(RepositoryError::Unavailable("out of reach".into())));
        }
        match self.gate.lock().expect("no panic").take() {
            Some(gate) => Reply::Later(Box::pin(async move { Ok(gate.await.expect("an answer")) })),
            None => Reply::AtOnce(Ok(self.row(subject))),
        }
    }

    fn log_in(&self, login: Arc<Login>) -> Reply<Saved> {
        Reply::AtOnce(UserRepository::save(self, Change::Login(&login)))
    }
}

impl UserRepository for Table {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
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

fn subject(name: &str) -> Subject {
    Subject::parse(&format!("auth0|{name}")).expect("a subject")
}

fn user(name: &str, domain: &str) -> User {
    user_of(subject(name), domain)
}

fn user_of(subject: Subject, domain: &str) -> User {
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

fn login(name: &str) -> Login {
    Login {
        subject: subject(name),
        issued_at: None,
        directory: None,
        claims: Profile::default(),
        body: BodyProfile { email: EmailAddress::parse("ann@new").expect("an address"), name: None, picture: None },
        gives_way: None,
    }
}

#[actix_web::test]
async fn who_comes_a_second_time_is_kept_and_then_answered_from_memory() {
    let bench = Bench::new();
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 10).await, 2);
    let ready = bench.cache.current(&subject("ann")).expect("a user in memory");
    assert_eq!(ready.verify_body(), r#"{"valid":true,"user":{"id":1,"email":"auth0|ann@old","name":null}}"#);
    assert_eq!(ready.sync_body(), r#"{"id":1,"email":"auth0|ann@old","name":null}"#);
    bench.shows(r#"authsync_user_cache_lookups_total{outcome="hit"} 9"#);
    bench.shows(r#"authsync_user_cache_lookups_total{outcome="miss"} 2"#);
    bench.shows("authsync_user_cache_entries 1");
}

#[actix_web::test]
async fn a_change_of_a_user_and_word_of_any_user_send_the_next_to_the_table() {
    let bench = Bench::new();
    for word in [UserChange::Of(subject("ann")), UserChange::Any] {
        bench.kept("ann").await;
        bench.table.put(user("ann", "new"));
        bench.cache.tell(&word);
        assert!(bench.cache.current(&subject("ann")).is_none());
        assert_eq!(bench.find("ann").await.expect("a user").user, user("ann", "new"));
        // Who was in memory is taken back at once.
        assert_eq!(bench.reads_of("ann", 5).await, 0);
    }
    bench.shows(r#"authsync_user_cache_invalidations_total{of="one"} 1"#);
    bench.shows(r#"authsync_user_cache_invalidations_total{of="any"} 2"#);
}

#[actix_web::test]
async fn a_read_that_was_under_way_when_word_came_is_not_kept() {
    for word in [UserChange::Of(subject("ann")), UserChange::Any] {
        let bench = Bench::new();
        bench.kept("ann").await;
        bench.changed("ann");
        let gate = bench.table.close();
        let slow = bench.users.find(&subject("ann"));
        bench.table.put(user("ann", "new"));
        bench.cache.tell(&word);
        let old = Arc::new(KnownUser { user: user("ann", "old"), record: None });
        gate.send(Some(old)).expect("somebody waits");
        // Whoever began to read before the word may be answered so, and nobody after them.
        slow.settled().await.expect("an answer");
        assert!(bench.cache.current(&subject("ann")).is_none());
        assert_eq!(bench.find("ann").await.expect("a user").user, user("ann", "new"));
    }
}

#[actix_web::test]
async fn nothing_is_answered_from_memory_without_a_young_proof_that_no_change_is_missed() {
    let bench = Bench::unproven(SETTINGS);
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 5).await, 5, "there was no proof yet");
    bench.prove();
    assert_eq!(bench.reads_of("ann", 5).await, 0);
    bench.clock.advance(LEASE);
    assert_eq!(bench.reads_of("ann", 5).await, 5, "the proof is too old");
    bench.shows(r#"authsync_user_cache_lookups_total{outcome="bypassed"} 10"#);
    bench.prove();
    assert_eq!(bench.reads_of("ann", 5).await, 0);
    assert!(LEASE < Duration::from_secs(1), "a change shows within a second");
}

#[actix_web::test]
async fn a_proof_counts_from_the_moment_that_it_is_about() {
    let bench = Bench::unproven(SETTINGS);
    bench.clock.advance(LEASE * 10);
    let Some(long_ago) = Instant::now().checked_sub(LEASE) else { return };
    bench.cache.tell(&UserChange::ToldUntil(long_ago));
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 5).await, 5);
}

#[actix_web::test]
async fn whoever_wrote_finds_the_new_row_whatever_the_outcome_and_before_any_word_of_it() {
    let bench = Bench::new();
    bench.kept("ann").await;
    bench.users.log_in(Arc::new(login("ann"))).settled().await.expect_err("the connection broke");
    assert_eq!(bench.find("ann").await.expect("a user").user, user("ann", "new"));

    bench.kept("bob").await;
    let blocking = ToldUsers::new(bench.table.clone(), Arc::clone(&bench.cache));
    blocking.save(Change::Login(&login("bob"))).expect_err("the connection broke");
    assert_eq!(bench.find("bob").await.expect("a user").user, user("bob", "new"));
}

#[actix_web::test]
async fn only_users_who_may_come_in_are_kept() {
    let bench = Bench::new();
    let deleted = Standing::Deleted { at: UnixTime::from_secs(1) };
    bench.table.put(User { standing: Standing::Blocked, ..user("blocked", "old") });
    bench.table.put(User { standing: deleted, ..user("deleted", "old") });
    bench.table.put(user_of(Subject::parse("8sBz2@clients").expect("a subject"), "old"));
    for name in ["blocked", "deleted", "unknown"] {
        assert_eq!(bench.reads_of(name, 5).await, 5, "{name}");
    }
    for _ in 0..5 {
        bench.users.find(&Subject::parse("8sBz2@clients").expect("a subject")).settled().await.expect("an answer");
    }
    assert_eq!(bench.table.reads.load(Ordering::SeqCst), 20);
}

#[actix_web::test]
async fn a_flood_of_users_who_come_once_costs_nobody_their_place() {
    let bench = Bench::new();
    for number in 0..20 {
        bench.kept(&format!("warm-{number}")).await;
    }
    for number in 0..5_000 {
        let name = format!("once-{number}");
        bench.table.rows.lock().expect("no panic").clear();
        bench.table.put(user(&name, "old"));
        bench.find(&name).await;
    }
    for number in 0..20 {
        assert!(bench.cache.current(&subject(&format!("warm-{number}"))).is_some(), "{number}");
    }
}

#[actix_web::test]
async fn memory_is_bounded_by_size_however_long_the_rows_are() {
    let bench = Bench::new();
    for number in 0..500 {
        bench.table.rows.lock().expect("no panic").clear();
        let name = format!("{number}-{}", "x".repeat(200));
        bench.table.put(user(&name, "old"));
        bench.reads_of(&name, 2).await;
    }
    let text = bench.metrics.render(&[]);
    let entries = text.lines().find_map(|line| line.strip_prefix("authsync_user_cache_entries ")).expect("a line");
    let entries: usize = entries.parse().expect("a number");
    assert!((20..=80).contains(&entries), "{entries}");
}

#[actix_web::test]
async fn without_entries_every_look_up_goes_to_the_table() {
    let bench = Bench::with(UserCacheSettings::OFF);
    bench.table.put(user("ann", "old"));
    assert_eq!(bench.reads_of("ann", 5).await, 5);
    *bench.table.out_of_reach.lock().expect("no panic") = true;
    assert!(bench.cache.last_known(&subject("ann")).is_none());
}

#[actix_web::test]
async fn what_was_last_known_is_good_for_the_configured_time_after_the_last_proof() {
    let bench = Bench::new();
    bench.kept("ann").await;
    let ann = subject("ann");
    bench.clock.advance(Duration::from_secs(59));
    assert!(bench.cache.last_known(&ann).is_some());
    // Changes were seen up to this moment, and none was of hers.
    bench.prove();
    bench.clock.advance(Duration::from_secs(59));
    assert!(bench.cache.last_known(&ann).is_some());
    bench.clock.advance(Duration::from_secs(1));
    assert!(bench.cache.last_known(&ann).is_none());
    bench.shows("authsync_users_served_stale_total 2");
}

#[actix_web::test]
async fn what_was_last_known_is_nothing_once_a_change_was_heard_of_or_changes_were_missed() {
    for word in [UserChange::Of(subject("ann")), UserChange::Any] {
        let bench = Bench::new();
        bench.kept("ann").await;
        bench.cache.tell(&word);
        assert!(bench.cache.last_known(&subject("ann")).is_none());
    }
}

#[actix_web::test]
async fn what_was_last_known_is_nothing_unless_it_is_configured() {
    let bench = Bench::with(UserCacheSettings { stale_for: Duration::ZERO, ..SETTINGS });
    bench.kept("ann").await;
    assert!(bench.cache.last_known(&subject("ann")).is_none());
}
