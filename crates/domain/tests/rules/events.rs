//! Events: each is taken in once, and what cannot be is parked and tried again.

use std::sync::Mutex;

use domain::in_memory::InMemoryUserRepository;
use domain::in_memory_inbox::InMemoryEventInbox;
use domain::{
    Auth0Fact, Change, DeadLetter, DirectoryAnswer, DirectoryError, EmailAddress, EventId, EventInbox as _, InboxPorts,
    ProfileDirectory, RepositoryError, SEEN_FOR, Saved, SchemaState, Standing, Subject, TakenIn, ToldEvent, User,
    UserRepository, take_in,
};

use crate::{alive, barred, deleted, email, profile, secs, subject};

const NOW: i64 = 1_000;

/// Whose remembered profiles were dropped.
#[derive(Default)]
struct Forgotten(Mutex<Vec<Subject>>);

impl ProfileDirectory for Forgotten {
    fn profile_of(&self, _: &Subject) -> Result<DirectoryAnswer, DirectoryError> {
        Ok(DirectoryAnswer::NotConfigured)
    }

    fn forget(&self, subject: &Subject) {
        self.0.lock().expect("no panic").push(subject.clone());
    }
}

/// A users table that can be made to refuse.
#[derive(Default)]
struct Table {
    rows: InMemoryUserRepository,
    trouble: Mutex<Option<fn() -> RepositoryError>>,
}

impl UserRepository for Table {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        self.rows.find_by_subject(subject)
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        self.rows.find_by_email(email)
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        match *self.trouble.lock().expect("no panic") {
            Some(trouble) => Err(trouble()),
            None => self.rows.save(change),
        }
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.rows.schema_state()
    }
}

#[derive(Default)]
struct Post {
    users: Table,
    inbox: InMemoryEventInbox,
    forgotten: Forgotten,
}

impl Post {
    fn hears(&self, id: &str, fact: &Auth0Fact) -> Result<TakenIn, RepositoryError> {
        self.hears_at(NOW, id, fact)
    }

    fn hears_at(&self, now: i64, id: &str, fact: &Auth0Fact) -> Result<TakenIn, RepositoryError> {
        let id = event(id);
        let event = ToldEvent { id: &id, fact, source: "push", body: b"the body" };
        let ports = InboxPorts { users: &self.users, profiles: &self.forgotten, inbox: &self.inbox };
        take_in(&event, &ports, secs(now))
    }

    fn letters(&self) -> Vec<DeadLetter> {
        self.inbox.dead_letters(None, 100).expect("the letters")
    }

    fn has_seen(&self, id: &str) -> bool {
        self.inbox.has_seen(&event(id)).expect("an answer")
    }

    fn row(&self, sub: &str) -> User {
        self.users.find_by_subject(&subject(sub)).expect("an answer").expect("a row")
    }

    #[track_caller]
    fn is_parked(&self, outcome: Result<TakenIn, RepositoryError>) -> String {
        match outcome {
            Ok(TakenIn::Parked { reason }) => {
                assert_eq!(self.letters().last().map(|letter| letter.letter.reason.clone()), Some(reason.clone()));
                reason
            }
            other => unreachable!("not parked: {other:?}"),
        }
    }
}

fn event(id: &str) -> EventId {
    EventId::parse(id).expect("an event's id")
}

#[test]
fn an_event_is_applied_once_and_its_second_delivery_changes_nothing() {
    let post = Post::default();
    assert_eq!(
        post.hears("evt_1", &alive("auth0|ada", 1, profile("ada@example.com", true))).ok(),
        Some(TakenIn::Applied)
    );
    let before = post.users.rows.rows();
    let twisted = alive("auth0|ada", 9, profile("other@example.com", true));
    assert_eq!(post.hears("evt_1", &twisted).ok(), Some(TakenIn::Duplicate));
    assert_eq!(post.users.rows.rows(), before);
    assert_eq!(post.letters(), []);
}

#[test]
fn another_event_that_says_the_same_leaves_the_table_alone() {
    let post = Post::default();
    let fact = alive("auth0|ada", 1, profile("ada@example.com", true));
    post.hears("evt_1", &fact).expect("taken in");
    assert_eq!(post.hears("evt_2", &fact).ok(), Some(TakenIn::Unchanged));
    assert!(post.has_seen("evt_2"));
}

#[test]
fn an_event_is_forgotten_after_seven_days_and_harmless_then() {
    let post = Post::default();
    let fact = alive("auth0|ada", 1, profile("ada@example.com", true));
    post.hears("evt_1", &fact).expect("taken in");
    let week = i64::try_from(SEEN_FOR.as_secs()).expect("seconds");
    post.hears_at(NOW + week, "evt_2", &fact).expect("taken in");
    assert!(post.has_seen("evt_1"));
    post.hears_at(NOW + week + 1, "evt_3", &fact).expect("taken in");
    assert!(!post.has_seen("evt_1") && post.has_seen("evt_2"));
    assert_eq!(post.hears("evt_1", &fact).ok(), Some(TakenIn::Unchanged));
}

#[test]
fn deletions_and_blocks_come_in_like_anything_else() {
    let post = Post::default();
    post.hears("evt_1", &alive("auth0|ada", 1, profile("ada@example.com", true))).expect("taken in");
    post.hears("evt_2", &barred("auth0|ada", 2, profile("ada@example.com", true))).expect("taken in");
    assert_eq!(post.row("auth0|ada").standing, Standing::Blocked);
    assert_eq!(post.hears("evt_3", &deleted("auth0|ada", 3)).ok(), Some(TakenIn::Applied));
    assert_eq!(post.row("auth0|ada").standing, Standing::Deleted { at: secs(3) });
}

#[test]
fn what_was_read_of_the_user_before_is_forgotten() {
    let post = Post::default();
    post.hears("evt_1", &alive("auth0|ada", 1, profile("ada@example.com", true))).expect("taken in");
    post.hears("evt_1", &alive("auth0|ada", 1, profile("ada@example.com", true))).expect("a duplicate");
    assert_eq!(*post.forgotten.0.lock().expect("no panic"), [subject("auth0|ada")]);
}

#[test]
fn a_user_who_does_not_get_the_address_is_there_and_the_event_waits() {
    let post = Post::default();
    post.hears("evt_1", &alive("auth0|1", 1, profile("ada@example.com", true))).expect("taken in");
    let second = alive("auth0|2", 1, profile("ada@example.com", true));
    let reason = post.is_parked(post.hears("evt_2", &second));
    assert!(reason.contains("email address") && !reason.contains("ada@example.com"), "{reason}");
    assert!(post.row("auth0|2").is_displaced() && !post.has_seen("evt_2"));
    let letter = post.letters().remove(0);
    assert_eq!((letter.attempts, letter.parked_at), (1, secs(NOW)));
    assert_eq!(letter.letter.event, Some(event("evt_2")));
    assert_eq!(letter.letter.subject, Some(subject("auth0|2")));
    assert_eq!((letter.letter.source.as_str(), letter.letter.body.as_str()), ("push", "the body"));
}

#[test]
fn a_letter_goes_when_its_event_has_nothing_left_to_complain_about() {
    let post = Post::default();
    post.hears("evt_1", &alive("auth0|1", 1, profile("ada@example.com", true))).expect("taken in");
    let second = alive("auth0|2", 1, profile("ada@example.com", true));
    post.is_parked(post.hears("evt_2", &second));
    post.is_parked(post.hears_at(NOW + 5, "evt_2", &second));
    let letter = post.letters().remove(0);
    assert_eq!((post.letters().len(), letter.attempts, letter.parked_at), (1, 2, secs(NOW)));
    post.hears("evt_3", &deleted("auth0|1", 2)).expect("taken in");
    assert_eq!(post.hears("evt_2", &second).ok(), Some(TakenIn::Unchanged), "the address came by itself");
    assert_eq!(post.letters(), []);
    assert!(post.has_seen("evt_2"));
}

#[test]
fn a_deleted_user_without_an_address_is_no_complaint() {
    let post = Post::default();
    post.hears("evt_1", &alive("auth0|1", 1, profile("ada@example.com", true))).expect("taken in");
    post.is_parked(post.hears("evt_2", &alive("auth0|2", 1, profile("ada@example.com", true))));
    let gone = Auth0Fact { deleted_at: Some(secs(2)), ..alive("auth0|2", 1, profile("ada@example.com", true)) };
    assert_eq!(post.hears("evt_3", &gone).ok(), Some(TakenIn::Applied));
}

#[test]
fn an_event_at_the_door_of_the_password_era_waits_for_the_owner() {
    let post = Post::default();
    post.users.rows.add_legacy_row(email("ada@example.com"), false);
    let doubtful = alive("auth0|eve", 1, profile("ada@example.com", false));
    let before = post.users.rows.rows();
    let reason = post.is_parked(post.hears("evt_1", &doubtful));
    assert!(reason.contains("password era"), "{reason}");
    assert_eq!(post.users.rows.rows(), before);
    post.hears("evt_2", &alive("auth0|ada", 2, profile("ada@example.com", true))).expect("taken in");
    post.hears("evt_3", &alive("auth0|ada", 3, profile("moved@example.com", true))).expect("taken in");
    assert_eq!(post.hears("evt_1", &doubtful).ok(), Some(TakenIn::Applied));
    assert_eq!(post.letters(), []);
}

#[test]
fn an_event_is_parked_for_the_reason_that_there_is() {
    let post = Post::default();
    let fact = alive("auth0|ada", 1, profile("ada@example.com", true));
    // Another program took the address while the event was being taken in.
    *post.users.trouble.lock().expect("no panic") = Some(|| RepositoryError::EmailTaken);
    assert_eq!(post.is_parked(post.hears("evt_1", &fact)), "the email address belongs to another user");
}

#[test]
fn a_defect_parks_the_event_and_an_outage_leaves_it_to_the_sender() {
    let post = Post::default();
    let fact = alive("auth0|ada", 1, profile("ada@example.com", true));
    *post.users.trouble.lock().expect("no panic") = Some(|| RepositoryError::Unavailable("no route".into()));
    assert!(matches!(post.hears("evt_1", &fact), Err(RepositoryError::Unavailable(_))));
    assert!(post.letters().is_empty() && !post.has_seen("evt_1"));
    *post.users.trouble.lock().expect("no panic") = Some(|| RepositoryError::Failed("a broken row".into()));
    let reason = post.is_parked(post.hears("evt_1", &fact));
    assert!(reason.ends_with("a broken row"), "{reason}");
    *post.users.trouble.lock().expect("no panic") = None;
    assert_eq!(post.hears("evt_1", &fact).ok(), Some(TakenIn::Applied));
    assert_eq!(post.letters(), []);
}
