//! A sync and a look-up that hold no thread come to what those that wait come to.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use domain::{
    AsyncSyncPorts, AsyncUserRepository, ConfirmError, KnownUser, Login, Profile, Reply, RepositoryError, Saved, Seen,
    SyncError, confirm_user, confirm_user_later, sync_user_at_once,
};

use super::*;

/// Nothing in memory makes anybody wait.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("a table in memory answers at once"),
    }
}

impl World {
    fn at_once(&self, caller: &VerifiedToken, request: &SyncRequest) -> Option<Result<Saved, SyncError>> {
        ready(sync_user_at_once(
            caller,
            request,
            &AsyncSyncPorts { profiles: &AtOnce(&self.directory), users: &self.users },
        ))
    }
}

/// A directory that remembers everything.
struct AtOnce<'a>(&'a Directory);

impl ProfileDirectory for AtOnce<'_> {
    fn profile_of(&self, subject: &Subject) -> Result<DirectoryAnswer, DirectoryError> {
        self.0.profile_of(subject)
    }

    fn profile_at_once(&self, subject: &Subject) -> Option<DirectoryAnswer> {
        self.0.profile_of(subject).ok()
    }
}

#[test]
fn every_pair_of_syncs_ends_as_those_do_that_wait() {
    let directories = || {
        let barred = Directory {
            blocked: vec![subject("auth0|ann")],
            ..Directory::knowing([("auth0|ann", profile("a@example.com", true))])
        };
        [Directory::default(), Directory::knowing([("auth0|ann", profile("a@example.com", true))]), barred]
    };
    let claims = [Profile::default(), profile("a@example.com", true), profile("b@example.com", false)];
    let mut logins = Vec::new();
    for sub in ["auth0|ann", "auth0|ben", "robot@clients"] {
        for claims in &claims {
            for address in ["a@example.com", "b@example.com"] {
                logins.push((token_with(sub, 50, claims.clone()), request(sub, address)));
            }
        }
    }
    logins.push((token("auth0|ann", Profile::default()), request("auth0|ben", "a@example.com")));
    for which in 0..directories().len() {
        for first in &logins {
            for second in &logins {
                let [waiting, at_once] = [(); 2].map(|()| {
                    let directory = directories().into_iter().nth(which).expect("a directory");
                    let world = World::with(directory);
                    world.users.add_legacy_row(email("legacy@example.com"), true);
                    world
                });
                for (caller, request) in [first, second] {
                    let expected = format!("{:?}", waiting.sync(caller, request));
                    let outcome = at_once.at_once(caller, request).unwrap_or_else(|| at_once.sync(caller, request));
                    assert_eq!(format!("{outcome:?}"), expected);
                    assert_eq!(at_once.users.rows(), waiting.users.rows());
                    let found = ready(confirm_user_later(caller, &at_once.users)).map(|known| known.user.clone());
                    let expected = confirm_user(caller, &waiting.users);
                    assert_eq!(format!("{found:?}"), format!("{expected:?}"));
                }
            }
        }
    }
}

#[test]
fn a_directory_that_has_to_be_asked_makes_somebody_wait_and_changes_nothing() {
    let world = World::with(Directory::out_of_reach());
    assert!(world.at_once(&token("auth0|ann", Profile::default()), &request("auth0|ann", "a@example.com")).is_none());
    assert!(world.users.rows().is_empty());
}

#[test]
fn what_is_to_be_written_down_of_the_blocked_and_the_gone_makes_somebody_wait_once() {
    let mut world = World::default();
    world.login("auth0|ann", "a@example.com").expect("a row");
    world.login("auth0|ben", "b@example.com").expect("a row");
    world.directory = Directory::knowing([("auth0|ben", profile("a@example.com", false))]);
    world.directory.blocked.push(subject("auth0|ben"));
    for (sub, address) in [("auth0|ben", "b@example.com"), ("auth0|ann", "a@example.com")] {
        let (caller, request) = (token_of(sub, 50), request(sub, address));
        assert!(world.at_once(&caller, &request).is_none(), "{sub}");
        world.sync(&caller, &request).expect_err("a refusal");
    }
    let gone = world.at_once(&token_of("auth0|ann", 50), &request("auth0|ann", "a@example.com"));
    assert!(matches!(gone, Some(Err(SyncError::UnknownToAuth0))), "{gone:?}");
    let nobody = world.at_once(&token_of("auth0|eve", 50), &request("auth0|eve", "e@example.com"));
    assert!(matches!(nobody, Some(Err(SyncError::UnknownToAuth0))), "{nobody:?}");
    assert_eq!(world.users.rows().len(), 2);
}

#[test]
fn two_who_are_vouched_for_contend_where_waiting_is_possible() {
    let world = World::default();
    world.login("auth0|ann", "a@example.com").expect("a row");
    let claimant = token("auth0|ben", profile("a@example.com", true));
    assert!(world.at_once(&claimant, &request("auth0|ben", "b@example.com")).is_none());
    assert_eq!(world.users.rows().len(), 1);
}

#[test]
fn a_blocked_user_is_refused_by_what_was_found() {
    let world = World::default();
    world.hears(&barred("auth0|ann", 10, profile("a@example.com", true))).expect("a row");
    let caller = token_of("auth0|ann", 50);
    assert!(matches!(ready(confirm_user_later(&caller, &world.users)), Err(ConfirmError::Blocked)));
    let outcome = world.at_once(&caller, &request("auth0|ann", "a@example.com"));
    assert!(matches!(outcome, Some(Err(SyncError::Blocked))), "{outcome:?}");
}

#[test]
fn without_auth0s_word_at_hand_nobody_says_that_nothing_changes() {
    let world = World::default();
    world.login("auth0|ann", "a@example.com").expect("a row");
    let login = domain::Login {
        subject: subject("auth0|ann"),
        issued_at: None,
        directory: None,
        claims: Profile::default(),
        body: body("a@example.com"),
        gives_way: None,
    };
    let user = world.row("auth0|ann");
    let known = |record| KnownUser { user: user.clone(), record };
    assert!(!known(None).is_unchanged_by(&login).expect("a draft"));
    assert!(known(Some(domain::Auth0Record::default())).is_unchanged_by(&login).expect("a draft"));
}

/// A table that has nobody, and remembers when it was asked and since when a login was said to be under way.
#[derive(Default)]
struct Times {
    looked_up: OnceLock<Instant>,
    since: OnceLock<Instant>,
}

impl AsyncUserRepository for Times {
    fn find(&self, _: &Subject) -> Reply<Option<Arc<KnownUser>>> {
        let _ = self.looked_up.set(Instant::now());
        Reply::AtOnce(Ok(None))
    }

    fn log_in(&self, _: Arc<Login>, _: Seen, since: Instant) -> Reply<Saved> {
        let _ = self.since.set(since);
        Reply::AtOnce(Err(RepositoryError::EmailTaken))
    }
}

#[test]
fn the_time_of_a_sync_runs_from_its_first_question_on() {
    let (directory, users) = (Directory::default(), Times::default());
    let ports = AsyncSyncPorts { profiles: &AtOnce(&directory), users: &users };
    let outcome = ready(sync_user_at_once(
        &token("auth0|ann", Profile::default()),
        &request("auth0|ann", "a@example.com"),
        &ports,
    ));
    assert!(matches!(outcome, Some(Err(SyncError::EmailTaken))), "{outcome:?}");
    assert!(users.since.get() <= users.looked_up.get() && users.since.get().is_some());
}
