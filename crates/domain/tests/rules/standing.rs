//! Rule 8: deleted and blocked users.

use std::sync::Mutex;

use domain::{
    Change, ConfirmError, EmailAddress, Profile, RepositoryError, Saved, SchemaState, Standing, Subject, SyncError,
    SyncPorts, User, UserRepository, confirm_user, sync_user,
};

use crate::{Directory, World, alive, barred, deleted, email, profile, request, secs, subject, token_of, token_with};

fn of_ada() -> Profile {
    profile("ada@example.com", true)
}

fn confirmed(world: &World, issued_at: i64) -> Result<User, ConfirmError> {
    confirm_user(&token_of("auth0|ada", issued_at), &world.users)
}

fn synced(world: &World, issued_at: i64) -> Result<User, SyncError> {
    let synced = world.sync(&token_of("auth0|ada", issued_at), &request("auth0|ada", "ada@example.com"));
    synced.map(Saved::into_user)
}

#[test]
fn a_deleted_users_row_stays_and_lets_nobody_in() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 10, of_ada())).expect("taken in");
    let before = world.row("auth0|ada");
    world.hears(&deleted("auth0|ada", 20)).expect("taken in");
    let row = world.row("auth0|ada");
    assert_eq!((row.id, row.email, row.standing), (before.id, before.email, Standing::Deleted { at: secs(20) }));
    assert!(matches!(confirmed(&world, 15), Err(ConfirmError::UnknownUser)));
    for issued_at in [15, 20] {
        assert!(matches!(synced(&world, issued_at), Err(SyncError::UnknownToAuth0)), "{issued_at}");
    }
    assert!(matches!(world.login("auth0|ada", "ada@example.com"), Err(SyncError::UnknownToAuth0)), "no iat");
}

#[test]
fn a_token_from_after_the_deletion_brings_the_user_back_with_the_same_id() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 10, of_ada())).expect("taken in");
    let id = world.row("auth0|ada").id;
    world.hears(&deleted("auth0|ada", 20)).expect("taken in");
    let back = synced(&world, 21).expect("a sync");
    assert_eq!((back.id, back.standing), (id, Standing::Active));
    assert!(confirmed(&world, 21).is_ok());
    world.hears(&deleted("auth0|ada", 20)).expect("taken in");
    assert!(confirmed(&world, 21).is_ok(), "the old deletion, told again, is not another one");
    world.hears(&deleted("auth0|ada", 30)).expect("taken in");
    assert!(confirmed(&world, 21).is_err());
}

#[test]
fn a_user_who_was_made_again_is_back_and_a_late_update_brings_nobody_back() {
    let world = World::default();
    world.hears(&deleted("auth0|ada", 20)).expect("taken in");
    world.hears(&alive("auth0|ada", 10, of_ada())).expect("taken in");
    assert!(confirmed(&world, 15).is_err());
    world.hears(&alive("auth0|ada", 30, of_ada())).expect("taken in");
    assert!(confirmed(&world, 31).is_ok());
}

#[test]
fn a_tombstone_gives_its_address_to_whoever_comes() {
    let world = World::default();
    world.hears(&alive("auth0|old", 10, of_ada())).expect("taken in");
    world.hears(&deleted("auth0|old", 20)).expect("taken in");
    let row = synced(&world, 30).expect("a sync");
    assert_eq!(row.email, email("ada@example.com"));
    assert!(world.row("auth0|old").is_displaced());
}

#[test]
fn a_blocked_user_is_told_so_and_is_free_again_when_auth0_says_so() {
    let world = World::default();
    world.hears(&barred("auth0|ada", 10, of_ada())).expect("taken in");
    assert!(matches!(confirmed(&world, 15), Err(ConfirmError::Blocked)));
    assert!(matches!(synced(&world, 15), Err(SyncError::Blocked)));
    world.hears(&alive("auth0|ada", 20, of_ada())).expect("taken in");
    assert!(confirmed(&world, 15).is_ok() && synced(&world, 15).is_ok());
}

#[test]
fn a_login_that_finds_the_user_blocked_writes_it_down() {
    let mut world = World::with(Directory::knowing([("auth0|ada", of_ada())]));
    assert!(synced(&world, 15).is_ok());
    world.directory.blocked.push(subject("auth0|ada"));
    world.directory.profiles.insert(subject("auth0|ada"), of_ada());
    assert!(matches!(synced(&world, 15), Err(SyncError::Blocked)));
    assert!(matches!(confirmed(&world, 15), Err(ConfirmError::Blocked)));
}

#[test]
fn a_login_that_finds_the_user_blocked_writes_it_down_whoever_has_the_address() {
    let mut world = World::default();
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    world.login("auth0|eve", "eve@example.com").expect("a sync");
    world.directory = Directory::knowing([("auth0|eve", profile("ada@example.com", false)), ("auth0|ada", of_ada())]);
    world.directory.blocked.push(subject("auth0|eve"));
    assert!(matches!(world.login("auth0|eve", "ada@example.com"), Err(SyncError::Blocked)));
    let verified = confirm_user(&token_of("auth0|eve", 15), &world.users);
    assert!(matches!(verified, Err(ConfirmError::Blocked)), "{verified:?}");
    assert_eq!(world.row("auth0|ada").email, email("ada@example.com"));
}

#[test]
fn a_blocked_user_is_told_so_also_where_they_name_somebody_elses_address() {
    let world = World::default();
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    world.login("auth0|eve", "eve@example.com").expect("a sync");
    world.hears(&barred("auth0|eve", 10, Profile::default())).expect("taken in");
    let before = world.users.rows();
    assert!(matches!(world.login("auth0|eve", "ada@example.com"), Err(SyncError::Blocked)));
    assert_eq!(world.users.rows(), before);
}

#[test]
fn a_blocked_stranger_at_the_door_of_the_password_era_is_told_so_and_changes_nothing() {
    let mut world = World::with(Directory::knowing([("auth0|eve", profile("ada@example.com", false))]));
    world.directory.blocked.push(subject("auth0|eve"));
    world.users.add_legacy_row(email("ada@example.com"), false);
    let before = world.users.rows();
    assert!(matches!(world.login("auth0|eve", "ada@example.com"), Err(SyncError::Blocked)));
    assert_eq!(world.users.rows(), before);
}

#[test]
fn an_older_word_of_a_block_than_the_last_one_blocks_nobody() {
    // A remembered profile of second 1,000 says that she is blocked; an event has told otherwise since.
    let mut world = World::with(Directory::knowing([("auth0|eve", profile("eve@example.com", false))]));
    world.directory.blocked.push(subject("auth0|eve"));
    world.users.add_row(subject("auth0|bea"), email("bea@example.com"));
    world.hears(&alive("auth0|eve", 2_000, profile("bea@example.com", false))).expect("taken in");
    let outcome = world.login("auth0|eve", "bea@example.com");
    assert!(matches!(outcome, Err(SyncError::EmailTaken)), "{outcome:?}");
}

/// Ada has a row; Auth0 has her no more.
fn forgotten_by_auth0() -> World {
    let mut world = World::default();
    world.hears(&alive("auth0|ada", 10, of_ada())).expect("taken in");
    world.directory = Directory::knowing([]);
    world
}

#[test]
fn a_user_whom_auth0_no_longer_has_is_refused() {
    let world = forgotten_by_auth0();
    for _ in 0..2 {
        assert!(matches!(synced(&world, 15), Err(SyncError::UnknownToAuth0)));
        assert!(matches!(confirmed(&world, 15), Err(ConfirmError::UnknownUser)));
        assert_eq!(world.row("auth0|ada").standing, Standing::Deleted { at: secs(1_000) }, "when auth0 was asked");
    }
}

#[test]
fn whom_auth0_knows_again_lives_again_with_a_later_token() {
    let mut world = forgotten_by_auth0();
    assert!(matches!(synced(&world, 15), Err(SyncError::UnknownToAuth0)));
    world.directory = Directory::knowing([("auth0|ada", of_ada())]);
    assert!(matches!(synced(&world, 1_000), Err(SyncError::UnknownToAuth0)), "a token from before");
    assert!(synced(&world, 1_001).is_ok() && confirmed(&world, 1_001).is_ok());
}

#[test]
fn an_answer_that_is_older_than_the_users_return_deletes_nobody() {
    let world = forgotten_by_auth0();
    world.hears(&alive("auth0|ada", 2_000, of_ada())).expect("taken in");
    assert!(matches!(synced(&world, 2_001), Err(SyncError::UnknownToAuth0)), "as it is remembered");
    assert!(confirmed(&world, 2_001).is_ok());
}

/// A users table that is out of reach, and what it was to save.
#[derive(Default)]
struct OutOfReach(Mutex<Vec<Subject>>);

fn no_route<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::Unavailable("no route".into()))
}

impl UserRepository for OutOfReach {
    fn find_by_subject(&self, _: &Subject) -> Result<Option<User>, RepositoryError> {
        no_route()
    }

    fn find_by_email(&self, _: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        no_route()
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        self.0.lock().expect("no panic").push(change.subject().clone());
        no_route()
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        no_route()
    }
}

#[test]
fn that_auth0_has_the_user_no_more_is_told_to_a_table_that_cannot_be_read_and_waits_for_it() {
    let (directory, table) = (Directory::knowing([]), OutOfReach::default());
    let ports = SyncPorts { profiles: &directory, users: &table };
    let outcome = sync_user(&token_of("auth0|ada", 15), &request("auth0|ada", "ada@example.com"), &ports);
    assert!(matches!(outcome, Err(SyncError::Unavailable(_))), "{outcome:?}");
    assert_eq!(*table.0.lock().expect("no panic"), [subject("auth0|ada")]);
}

#[test]
fn an_outage_lets_in_neither_the_blocked_nor_the_deleted() {
    let mut world = World::default();
    world.hears(&barred("auth0|ada", 10, of_ada())).expect("taken in");
    world.directory = Directory::out_of_reach();
    assert!(matches!(synced(&world, 15), Err(SyncError::Blocked)));
    world.hears(&deleted("auth0|ada", 20)).expect("taken in");
    assert!(matches!(synced(&world, 15), Err(SyncError::UnknownToAuth0)));
    assert!(matches!(synced(&world, 25), Err(SyncError::Unavailable(_))), "nobody vouches for them yet");
    let vouched = token_with("auth0|ada", 25, of_ada());
    let back = world.sync(&vouched, &request("auth0|ada", "x@example.com"));
    assert!(matches!(back, Err(SyncError::Blocked)), "back, and still barred: {back:?}");
}
