//! The rules of sync and verify, case by case, over a users table in memory.

#![allow(clippy::expect_used, reason = "a test says what it expects by failing")]

mod at_once;
mod confirm;
mod email_conflict;
mod events;
mod facts;
mod password_era;
mod precedence;
mod standing;
mod sync;

use std::collections::HashMap;
use std::sync::Mutex;

use domain::in_memory::InMemoryUserRepository;
use domain::{
    Auth0Fact, Auth0Profile, BodyProfile, Change, ClaimedEmail, ClaimedProfile, DirectoryAnswer, DirectoryError,
    DisplayName, EmailAddress, Grants, Profile, ProfileDirectory, ProfileEmail, RepositoryError, Saved, Subject,
    SyncError, SyncPorts, SyncRequest, UnixTime, User, UserRepository as _, VerifiedClaims, VerifiedToken, sync_user,
};

fn subject(text: &str) -> Subject {
    Subject::parse(text).expect("a subject")
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an email address")
}

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a name")
}

/// A profile with an address and nothing else.
fn profile(address: &str, verified: bool) -> Profile {
    Profile { email: Some(ProfileEmail { address: email(address), verified }), ..Profile::default() }
}

/// Claims with an address, and no word on whether it is verified.
fn silent_claims(address: &str) -> ClaimedProfile {
    let email = Some(ClaimedEmail { address: email(address), verified: None });
    ClaimedProfile { email, ..ClaimedProfile::default() }
}

fn token(sub: &str, profile: Profile) -> VerifiedToken {
    VerifiedToken::assert_verified(VerifiedClaims {
        subject: subject(sub),
        issued_at: None,
        expires_at: UnixTime::from_secs(2_000_000_000),
        profile: profile.into(),
        grants: Grants::default(),
    })
}

fn request(auth0_id: &str, address: &str) -> SyncRequest {
    SyncRequest { auth0_id: subject(auth0_id), profile: body(address) }
}

fn body(address: &str) -> BodyProfile {
    BodyProfile { email: email(address), name: None, picture: None }
}

/// A token of a moment, in seconds, that says nothing about the person.
fn token_of(sub: &str, issued_at: i64) -> VerifiedToken {
    token_with(sub, issued_at, ClaimedProfile::default())
}

fn token_with(sub: &str, issued_at: i64, profile: impl Into<ClaimedProfile>) -> VerifiedToken {
    VerifiedToken::assert_verified(VerifiedClaims {
        subject: subject(sub),
        issued_at: Some(secs(issued_at)),
        expires_at: secs(2_000_000_000),
        profile: profile.into(),
        grants: Grants::default(),
    })
}

fn secs(at: i64) -> UnixTime {
    UnixTime::from_secs(at)
}

/// What Auth0 says of a user at a moment.
fn alive(sub: &str, at: i64, profile: Profile) -> Auth0Fact {
    Auth0Fact::alive(subject(sub), Auth0Profile::of(profile, secs(at)))
}

/// The same of one whom it bars.
fn barred(sub: &str, at: i64, profile: Profile) -> Auth0Fact {
    let said = Auth0Profile { blocked: true, ..Auth0Profile::of(profile, secs(at)) };
    Auth0Fact::alive(subject(sub), said)
}

fn deleted(sub: &str, at: i64) -> Auth0Fact {
    Auth0Fact { subject: subject(sub), profile: None, deleted_at: Some(secs(at)) }
}

/// What Auth0's own directory says in a test.
#[derive(Default)]
struct Directory {
    configured: bool,
    down: bool,
    profiles: HashMap<Subject, Profile>,
    blocked: Vec<Subject>,
    asked: Mutex<Vec<Subject>>,
}

impl Directory {
    fn knowing<const N: usize>(profiles: [(&str, Profile); N]) -> Self {
        let profiles = profiles.into_iter().map(|(sub, profile)| (subject(sub), profile)).collect();
        Self { configured: true, profiles, ..Self::default() }
    }

    fn out_of_reach() -> Self {
        Self { configured: true, down: true, ..Self::default() }
    }
}

impl ProfileDirectory for Directory {
    fn profile_of(&self, subject: &Subject) -> Result<DirectoryAnswer, DirectoryError> {
        self.asked.lock().expect("no panic").push(subject.clone());
        match self.profiles.get(subject) {
            _ if self.down => Err(DirectoryError("connection refused".into())),
            _ if !self.configured => Ok(DirectoryAnswer::NotConfigured),
            Some(profile) => {
                let mut said = Auth0Profile::of(profile.clone(), secs(1_000));
                said.created_at = Some(secs(500));
                said.blocked = self.blocked.contains(subject);
                Ok(DirectoryAnswer::Found(said))
            }
            None => Ok(DirectoryAnswer::NoSuchUser { asked_at: secs(1_000) }),
        }
    }
}

/// A users table and what Auth0 knows.
#[derive(Default)]
struct World {
    users: InMemoryUserRepository,
    directory: Directory,
}

impl World {
    fn with(directory: Directory) -> Self {
        Self { directory, ..Self::default() }
    }

    fn sync(&self, caller: &VerifiedToken, request: &SyncRequest) -> Result<Saved, SyncError> {
        sync_user(caller, request, &SyncPorts { profiles: &self.directory, users: &self.users })
    }

    /// A login whose token says nothing about the person.
    fn login(&self, sub: &str, address: &str) -> Result<Saved, SyncError> {
        self.sync(&token(sub, Profile::default()), &request(sub, address))
    }

    /// A login whose token carries an address that Auth0 has verified.
    fn verified_login(&self, sub: &str, address: &str) -> Result<Saved, SyncError> {
        self.sync(&token(sub, profile(address, true)), &request(sub, "ignored@example.com"))
    }

    /// Auth0 says something, by whatever channel.
    fn hears(&self, fact: &Auth0Fact) -> Result<Saved, RepositoryError> {
        self.users.save(Change::Fact(fact))
    }

    fn row(&self, sub: &str) -> User {
        self.users.rows().into_iter().find(|user| user.subject.as_str() == sub).expect("a row")
    }
}
