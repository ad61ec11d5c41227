//! Random logins of many people at once, in batches, against the same logins one by one in memory: each comes to the same
//! end, whoever shares the batch. Each world has its users and addresses to itself, and one thing happens in it after the
//! other; all the worlds go on at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::in_memory::InMemoryUserRepository;
use domain::{
    Auth0Fact, Auth0Profile, BodyProfile, Change, ClaimedProfile, DisplayName, EmailAddress, Login, Profile,
    ProfileEmail, RepositoryError, Saved, Subject, UnixTime, User, UserId, UserRepository,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::bench::{SqlBench, at_once};

/// How many worlds go on at once, and how often that is tried.
const WORLDS: usize = 24;
const CASES: u32 = 25;

/// Something that happens to one of the users of a world.
#[derive(Clone, Debug)]
struct Step {
    user: u8,
    address: u8,
    name: Option<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A login that brings the browser's word.
    Bare,
    /// A login with an address in the token, verified or not.
    Claims(bool),
    /// A login for which the Management API was read.
    Directory(bool),
    /// A statement of Auth0's: the address, verified or not.
    Fact(bool),
    /// Auth0 has deleted the user.
    Deletion,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        4 => Just(Kind::Bare),
        3 => any::<bool>().prop_map(Kind::Claims),
        3 => any::<bool>().prop_map(Kind::Directory),
        1 => any::<bool>().prop_map(Kind::Fact),
        1 => Just(Kind::Deletion),
    ];
    (0..3_u8, 0..3_u8, proptest::option::of(0..2_u8), kind).prop_map(|(user, address, name, kind)| Step {
        user,
        address,
        name,
        kind,
    })
}

fn arrive(users: &dyn UserRepository, world: usize, at: usize, step: &Step) -> Result<Saved, RepositoryError> {
    let subject = Subject::parse(&format!("auth0|w{world}u{}", step.user)).expect("a subject");
    let address = EmailAddress::parse(&format!("w{world}a{}@example.com", step.address)).expect("an address");
    let name = step.name.map(|name| DisplayName::from_auth0(&format!("Name {name}")));
    let now = UnixTime::from_secs(i64::try_from(1_000 + at).expect("small"));
    let said = |verified| Profile {
        email: Some(ProfileEmail { address: address.clone(), verified }),
        name: name.clone(),
        picture: None,
    };
    let login = |claims: ClaimedProfile, directory| Login {
        subject: subject.clone(),
        issued_at: Some(now),
        directory,
        claims,
        body: BodyProfile { email: address.clone(), name: name.clone(), picture: None },
        gives_way: None,
    };
    match step.kind {
        Kind::Bare => users.save(Change::Login(&login(Profile::default(), None))),
        Kind::Claims(verified) => users.save(Change::Login(&login(said(verified).into(), None))),
        Kind::Directory(verified) => {
            users.save(Change::Login(&login(Profile::default(), Some(Auth0Profile::of(said(verified), now)))))
        }
        Kind::Fact(verified) => {
            users.save(Change::Fact(&Auth0Fact::alive(subject, Auth0Profile::of(said(verified), now))))
        }
        Kind::Deletion => users.save(Change::Fact(&Auth0Fact { subject, profile: None, deleted_at: Some(now) })),
    }
}

/// What came of it, without the id, which goes by who came first.
fn outcome(saved: Result<Saved, RepositoryError>) -> (&'static str, Option<User>) {
    let anonymous = |user: User| {
        let email = if user.is_displaced() { EmailAddress::placeholder(UserId::new(0)) } else { user.email };
        Some(User { id: UserId::new(0), email, ..user })
    };
    match saved {
        Ok(Saved::Created(user)) => ("created", anonymous(user)),
        Ok(Saved::Updated(user)) => ("updated", anonymous(user)),
        Ok(Saved::Unchanged(user)) => ("unchanged", anonymous(user)),
        Err(RepositoryError::EmailTaken) => ("taken", None),
        Err(RepositoryError::Deleted) => ("deleted", None),
        Err(error) => panic!("{error:?}"),
    }
}

fn each_comes_to_the_same_end(bench: &SqlBench) {
    let worlds_so_far = AtomicUsize::new(0);
    let steps = || proptest::collection::vec(step(), 1..12);
    let worlds = proptest::collection::vec(steps(), WORLDS);
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let ran = runner.run(&worlds, |worlds| {
        let first = worlds_so_far.fetch_add(WORLDS, Ordering::Relaxed);
        let ends = at_once(WORLDS, |world| {
            let steps = worlds[world].iter().enumerate();
            let plain = InMemoryUserRepository::default();
            let each = steps.map(|(at, step)| {
                let ours = outcome(arrive(&*bench.users, first + world, at, step));
                (at, ours, outcome(arrive(&plain, first + world, at, step)))
            });
            each.collect::<Vec<_>>()
        });
        for (at, ours, expected) in ends.into_iter().flatten() {
            prop_assert_eq!(ours, expected, "step {}", at);
        }
        Ok(())
    });
    if let Err(failure) = ran {
        panic!("{failure}");
    }
}

#[test]
fn on_sqlite_each_login_of_a_batch_comes_to_the_end_that_it_comes_to_alone() {
    each_comes_to_the_same_end(&SqlBench::sqlite().in_batches());
}

#[test]
fn on_postgres_each_login_of_a_batch_comes_to_the_end_that_it_comes_to_alone() {
    each_comes_to_the_same_end(&SqlBench::postgres().in_batches());
}
