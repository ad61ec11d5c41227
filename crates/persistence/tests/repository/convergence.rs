//! Rule 9: whatever order Auth0's statements arrive in, however often, by whichever channel, and with logins in between,
//! they end in the same table. Random histories, on memory, SQLite and PostgreSQL; the same histories in one plain order in
//! memory say what the table must be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::in_memory::InMemoryUserRepository;
use domain::{
    Auth0Fact, Auth0Profile, BodyProfile, Change, DisplayName, EmailAddress, Login, PictureUrl, Profile, ProfileEmail,
    RecordTime, RepositoryError, Standing, Subject, UnixTime, UserRepository,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::bench::SqlBench;

/// How many histories each store goes through.
const HISTORIES: u32 = 10_000;
/// How many go through the lanes one call at a time, where each call changes threads twice.
const HISTORIES_IN_BATCHES: u32 = 500;

/// A change of one user at Auth0.
#[derive(Clone, Debug)]
struct Turn {
    email: Option<(u8, bool)>,
    name: Option<u8>,
    picture: Option<u8>,
    blocked: bool,
    deletion: bool,
    bare: bool,
}

/// All that happens to one user at Auth0, oldest first.
#[derive(Clone, Debug)]
struct Life {
    created_at: i64,
    turns: Vec<Turn>,
}

/// Something that reaches the table.
#[derive(Clone, Copy, Debug)]
enum Arrival {
    /// An event, a line of an export.
    Fact(usize, usize),
    /// A login for which the Management API was read.
    DirectoryLogin(usize, usize, u8),
    /// A login with claims in the token.
    ClaimsLogin(usize, usize, u8),
    /// A login that brings no more than the browser's word.
    BareLogin(usize, usize, u8),
}

fn turn() -> impl Strategy<Value = Turn> {
    let email = proptest::option::weighted(0.7, (0..3_u8, any::<bool>()));
    let part = || proptest::option::weighted(0.5, 0..3_u8);
    (email, part(), part(), proptest::bool::weighted(0.2), proptest::bool::weighted(0.2), any::<bool>()).prop_map(
        |(email, name, picture, blocked, deletion, bare)| Turn { email, name, picture, blocked, deletion, bare },
    )
}

/// A life in which Auth0 is never silent about a part from first to last: what only a browser says has no right order.
fn life() -> impl Strategy<Value = Life> {
    let first = (0..3_u8, any::<bool>(), 0..3_u8, 0..3_u8).prop_map(|(email, verified, name, picture)| Turn {
        email: Some((email, verified)),
        name: Some(name),
        picture: Some(picture),
        blocked: false,
        deletion: false,
        bare: false,
    });
    (0..3_i64, first, proptest::collection::vec(turn(), 0..4)).prop_map(|(created_at, first, mut turns)| {
        turns.insert(0, first);
        Life { created_at, turns }
    })
}

/// Each fact once, some again, logins in between; in no order.
fn arrivals(lives: &[Life], extra: &[(Index, u8, u8)]) -> Vec<Arrival> {
    let facts: Vec<_> =
        lives.iter().enumerate().flat_map(|(user, life)| (0..life.turns.len()).map(move |turn| (user, turn))).collect();
    let again = extra.iter().map(|(which, kind, noise)| {
        let (user, turn) = *which.get(&facts);
        match kind {
            0 => Arrival::Fact(user, turn),
            1 => Arrival::DirectoryLogin(user, turn, *noise),
            2 => Arrival::ClaimsLogin(user, turn, *noise),
            _ => Arrival::BareLogin(user, turn, *noise),
        }
    });
    facts.iter().map(|(user, turn)| Arrival::Fact(*user, *turn)).chain(again).collect()
}

fn history() -> impl Strategy<Value = (Vec<Life>, Vec<Arrival>)> {
    let extra = proptest::collection::vec((any::<Index>(), 0..4_u8, 0..3_u8), 0..6);
    (proptest::collection::vec(life(), 1..4), extra).prop_flat_map(|(lives, extra)| {
        let arrivals = arrivals(&lives, &extra);
        (Just(lives), Just(arrivals).prop_shuffle())
    })
}

/// One history among the many in a table: its users and addresses are nobody else's.
struct World<'a> {
    number: usize,
    lives: &'a [Life],
}

impl World<'_> {
    fn subject(&self, user: usize) -> Subject {
        Subject::parse(&format!("auth0|h{}u{user}", self.number)).expect("a subject")
    }

    fn address(&self, which: u8) -> EmailAddress {
        EmailAddress::parse(&format!("h{}a{which}@example.com", self.number)).expect("an address")
    }

    /// Later turns are later, and no two users change at once.
    fn time(user: usize, turn: usize) -> UnixTime {
        UnixTime::from_secs(i64::try_from(1_000 + 1_000 * turn + 10 * user).expect("small"))
    }

    fn profile_of(&self, turn: &Turn) -> Profile {
        Profile {
            email: turn.email.map(|(which, verified)| ProfileEmail { address: self.address(which), verified }),
            name: turn.name.map(|name| DisplayName::from_auth0(&format!("Name {name}"))),
            picture: turn.picture.and_then(|number| PictureUrl::parse(&format!("https://example.com/{number}")).ok()),
        }
    }

    fn said(&self, user: usize, turn: usize) -> Auth0Profile {
        let life = &self.lives[user];
        let at = Self::time(user, turn);
        Auth0Profile {
            profile: self.profile_of(&life.turns[turn]),
            blocked: life.turns[turn].blocked,
            created_at: Some(UnixTime::from_secs(life.created_at)),
            time: RecordTime { updated_at: at, said_at: at },
        }
    }

    fn fact(&self, user: usize, turn: usize) -> Auth0Fact {
        let deleted_at = self.lives[user].turns[turn].deletion.then(|| Self::time(user, turn));
        // A deletion comes with the user's record or without.
        let profile =
            Some(self.said(user, turn)).filter(|_| deleted_at.is_none() || !self.lives[user].turns[turn].bare);
        Auth0Fact { subject: self.subject(user), profile, deleted_at }
    }

    /// All that Auth0 knows of the user after this turn, which is what an Action puts into a token.
    fn known(&self, user: usize, turn: usize) -> Profile {
        let turns = &self.lives[user].turns[..=turn];
        let said = turns.iter().filter(|turn| !(turn.deletion && turn.bare)).map(|turn| self.profile_of(turn));
        said.fold(Profile::default(), |known, said| Profile {
            email: said.email.or(known.email),
            name: said.name.or(known.name),
            picture: said.picture.or(known.picture),
        })
    }

    /// A login between this turn and the next, with a browser that says anything.
    fn login(&self, user: usize, turn: usize, noise: u8) -> Login {
        Login {
            subject: self.subject(user),
            issued_at: Some(UnixTime::from_secs(Self::time(user, turn).as_secs() + 1)),
            directory: None,
            claims: Profile::default(),
            body: BodyProfile {
                email: self.address(noise),
                name: Some(DisplayName::from_auth0("Browser")),
                picture: None,
            },
            gives_way: None,
        }
    }

    fn arrive(&self, users: &dyn UserRepository, arrival: Arrival) {
        let login = match arrival {
            Arrival::Fact(user, turn) => {
                users.save(Change::Fact(&self.fact(user, turn))).expect("a statement of Auth0's is taken in");
                return;
            }
            // Nobody logs in who is deleted.
            Arrival::DirectoryLogin(user, turn, _)
            | Arrival::ClaimsLogin(user, turn, _)
            | Arrival::BareLogin(user, turn, _)
                if self.lives[user].turns[turn].deletion =>
            {
                return;
            }
            Arrival::DirectoryLogin(user, turn, noise) => {
                Login { directory: Some(self.said(user, turn)), ..self.login(user, turn, noise) }
            }
            Arrival::ClaimsLogin(user, turn, noise) => {
                Login { claims: self.known(user, turn).into(), ..self.login(user, turn, noise) }
            }
            Arrival::BareLogin(user, turn, noise) => self.login(user, turn, noise),
        };
        match users.save(Change::Login(&login)) {
            Ok(_) | Err(RepositoryError::EmailTaken | RepositoryError::Deleted) => {}
            Err(error) => panic!("{error:?}"),
        }
    }

    /// What the table says in the end, without the ids, which go by who came first.
    fn table(&self, users: &dyn UserRepository) -> Vec<Row> {
        let rows = (0..self.lives.len()).map(|user| {
            let row = users.find_by_subject(&self.subject(user)).expect("an answer").expect("a row");
            let email = (!row.is_displaced()).then(|| (row.email.clone(), row.email_verified));
            (email, row.name, row.picture, row.standing)
        });
        rows.collect()
    }
}

type Row = (Option<(EmailAddress, bool)>, Option<DisplayName>, Option<PictureUrl>, Standing);

/// Each history gets a repository: a new one, or one that all share.
fn converges_on<R: std::ops::Deref<Target = dyn UserRepository>>(cases: u32, repository: impl Fn() -> R) {
    let histories = AtomicUsize::new(0);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&history(), |(lives, arrivals)| {
        let world = World { number: histories.fetch_add(1, Ordering::Relaxed), lives: &lives };
        let plain = InMemoryUserRepository::default();
        for (user, life) in lives.iter().enumerate() {
            (0..life.turns.len()).for_each(|turn| world.arrive(&plain, Arrival::Fact(user, turn)));
        }
        let users = repository();
        arrivals.iter().for_each(|arrival| world.arrive(&*users, *arrival));
        prop_assert_eq!(world.table(&*users), world.table(&plain));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn every_history_ends_in_the_same_table_in_memory() {
    converges_on(HISTORIES, || Box::new(InMemoryUserRepository::default()) as Box<dyn UserRepository>);
}

#[test]
fn every_history_ends_in_the_same_table_on_sqlite() {
    let bench = SqlBench::sqlite();
    converges_on(HISTORIES, || Arc::clone(&bench.users));
}

#[test]
fn every_history_ends_in_the_same_table_on_postgres() {
    let bench = SqlBench::postgres();
    converges_on(HISTORIES, || Arc::clone(&bench.users));
}

#[test]
fn every_history_ends_in_the_same_table_on_sqlite_in_batches() {
    let bench = SqlBench::sqlite().in_batches();
    converges_on(HISTORIES_IN_BATCHES, || Arc::clone(&bench.users));
}

#[test]
fn every_history_ends_in_the_same_table_on_postgres_in_batches() {
    let bench = SqlBench::postgres().in_batches();
    converges_on(HISTORIES_IN_BATCHES, || Arc::clone(&bench.users));
}
