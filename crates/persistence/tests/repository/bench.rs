//! What the tests stand on: repositories to call, databases to look into, users to save.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use domain::in_memory::InMemoryUserRepository;
use domain::{
    BodyProfile, Change, ClaimedEmail, DisplayName, EmailAddress, Login, PictureUrl, Profile, RepositoryError, Saved,
    Standing, Subject, User, UserId, UserRepository,
};
use persistence::{Database, DatabaseUrl, PoolSettings};
use scratch_database::ScratchDatabase;

use crate::batched::Batched;

/// A repository, and how many rows it holds, counted from outside.
pub(crate) struct Bench {
    pub(crate) users: Arc<dyn UserRepository>,
    rows: Box<dyn Fn() -> usize + Send + Sync>,
}

impl Bench {
    pub(crate) fn in_memory() -> Self {
        let users = Arc::new(InMemoryUserRepository::default());
        Self { users: Arc::clone(&users) as Arc<dyn UserRepository>, rows: Box::new(move || users.rows().len()) }
    }

    pub(crate) fn sqlite() -> Self {
        SqlBench::sqlite().into_bench()
    }

    pub(crate) fn postgres() -> Self {
        SqlBench::postgres().into_bench()
    }

    pub(crate) fn sqlite_in_batches() -> Self {
        SqlBench::sqlite().in_batches().into_bench()
    }

    pub(crate) fn postgres_in_batches() -> Self {
        SqlBench::postgres().in_batches().into_bench()
    }

    pub(crate) fn rows(&self) -> usize {
        (self.rows)()
    }
}

/// A migrated database and the repository on it.
pub(crate) struct SqlBench {
    // Before the database, so that the pool is closed first.
    pub(crate) users: Arc<dyn UserRepository>,
    pub(crate) database: ScratchDatabase,
}

impl SqlBench {
    pub(crate) fn sqlite() -> Self {
        Self::migrated(ScratchDatabase::sqlite())
    }

    pub(crate) fn postgres() -> Self {
        Self::migrated(ScratchDatabase::postgres())
    }

    pub(crate) fn migrated(database: ScratchDatabase) -> Self {
        let bench = Self::unmigrated(database, &patient());
        Database::open(&url(&bench.database), &patient()).expect("settings").migrator().up().expect("migrations");
        bench
    }

    pub(crate) fn unmigrated(database: ScratchDatabase, settings: &PoolSettings) -> Self {
        let users = Database::open(&url(&database), settings).expect("settings").users();
        Self { users, database }
    }

    /// The same with logins and lookups in batches.
    pub(crate) fn in_batches(self) -> Self {
        let users = Arc::new(self.batched_with(&patient()));
        Self { users, ..self }
    }

    /// Another repository on the same database, with logins and lookups in batches.
    pub(crate) fn batched_with(&self, settings: &PoolSettings) -> Batched {
        Batched::of(&Database::open(&url(&self.database), settings).expect("settings"))
    }

    /// Another repository on the same database.
    pub(crate) fn users_with(&self, settings: &PoolSettings) -> Arc<dyn UserRepository> {
        Database::open(&url(&self.database), settings).expect("settings").users()
    }

    /// One column of the one row of this subject.
    pub(crate) fn column(&self, column: &str, subject: &str) -> Option<String> {
        self.database.scalar(&format!("SELECT {column} FROM users WHERE auth0_id = '{subject}'"))
    }

    pub(crate) fn rows(&self) -> usize {
        self.database.scalar("SELECT count(*) FROM users").and_then(|count| count.parse().ok()).expect("a number")
    }

    fn into_bench(self) -> Bench {
        Bench { users: Arc::clone(&self.users), rows: Box::new(move || self.rows()) }
    }
}

pub(crate) fn url(database: &ScratchDatabase) -> DatabaseUrl {
    DatabaseUrl::parse(database.url()).expect("a URL")
}

/// Settings for tests that are not about time, on machines of any speed.
pub(crate) fn patient() -> PoolSettings {
    PoolSettings {
        checkout_timeout: Duration::from_secs(60),
        statement_timeout: Duration::from_secs(60),
        ..PoolSettings::default()
    }
}

/// Settings for tests in which something has to time out.
pub(crate) fn hasty() -> PoolSettings {
    PoolSettings {
        checkout_timeout: Duration::from_millis(300),
        statement_timeout: Duration::from_millis(300),
        ..PoolSettings::default()
    }
}

pub(crate) fn subject(text: &str) -> Subject {
    Subject::parse(text).expect("a subject")
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

pub(crate) fn name(text: &str) -> Option<DisplayName> {
    Some(DisplayName::parse(text).expect("a name"))
}

pub(crate) fn picture(text: &str) -> Option<PictureUrl> {
    Some(PictureUrl::parse(text).expect("a picture"))
}

/// What a login says in a test, and what of it is vouched for.
#[derive(Clone, Debug)]
pub(crate) struct LoginRecord {
    pub(crate) subject: Subject,
    pub(crate) email: EmailAddress,
    pub(crate) evidence: Evidence,
    pub(crate) name: Option<DisplayName>,
    pub(crate) picture: Option<PictureUrl>,
}

/// What the source of an address says about its verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// The token calls it verified.
    Verified,
    /// The token calls it unverified.
    Unverified,
    /// The browser names it.
    None,
}

impl LoginRecord {
    pub(crate) fn login(&self) -> Login {
        let claimed = |verified| Some(ClaimedEmail { address: self.email.clone(), verified: Some(verified) });
        let email = match self.evidence {
            Evidence::Verified => claimed(true),
            Evidence::Unverified => claimed(false),
            Evidence::None => None,
        };
        Login {
            subject: self.subject.clone(),
            issued_at: None,
            directory: None,
            claims: Profile { email, ..Profile::default() },
            body: BodyProfile { email: self.email.clone(), name: self.name.clone(), picture: self.picture.clone() },
            gives_way: None,
        }
    }

    /// The row that this makes.
    pub(crate) fn row(&self, id: UserId) -> User {
        User {
            id,
            subject: self.subject.clone(),
            email: self.email.clone(),
            email_verified: self.evidence == Evidence::Verified,
            name: self.name.clone(),
            picture: self.picture.clone(),
            standing: Standing::Active,
        }
    }
}

/// Saving what a login says.
pub(crate) trait SaveLogin {
    fn save_login(&self, record: &LoginRecord) -> Result<Saved, RepositoryError>;
}

impl SaveLogin for dyn UserRepository + '_ {
    fn save_login(&self, record: &LoginRecord) -> Result<Saved, RepositoryError> {
        self.save(Change::Login(&record.login()))
    }
}

/// A record with name and picture, from a source that vouches for nothing.
pub(crate) fn record(subject_text: &str, email_text: &str) -> LoginRecord {
    LoginRecord {
        subject: subject(subject_text),
        email: email(email_text),
        evidence: Evidence::None,
        name: name("Ann Example"),
        picture: picture("https://example.com/ann.png"),
    }
}

/// What the calls return when all of them are made at once, in no order.
pub(crate) fn at_once<T: Send>(times: usize, call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(times);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..times)
            .map(|number| {
                let (start, call) = (&start, &call);
                scope.spawn(move || {
                    start.wait();
                    call(number)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// Asks until the answer is yes.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "waited too long until {what}");
        thread::yield_now();
    }
}

pub(crate) fn created_id(saved: Result<Saved, RepositoryError>) -> i32 {
    match saved {
        Ok(Saved::Created(user)) => user.id.get(),
        other => panic!("expected a new row, got {other:?}"),
    }
}

pub(crate) fn is_unavailable<T>(outcome: Result<T, RepositoryError>) -> bool {
    matches!(outcome, Err(RepositoryError::Unavailable(_)))
}

/// All that a log could show of an error: every message of the chain, and `Debug`.
pub(crate) fn everything_said(error: &RepositoryError) -> String {
    let mut said = format!("{error:?} {error:#?}");
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        said.push_str(&format!(" | {error}"));
        next = error.source();
    }
    said
}
