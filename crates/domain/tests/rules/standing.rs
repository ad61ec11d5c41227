//! Rule 8: deleted and blocked users.

use domain::{ConfirmError, Profile, Standing, SyncError, confirm_user};

use crate::{Directory, World, alive, barred, deleted, email, profile, request, secs, subject, token_of, token_with};

fn of_ada() -> Profile {
    profile("ada@example.com", true)
}

fn confirmed(world: &World, issued_at: i64) -> Result<domain::User, ConfirmError> {
    confirm_user(&token_of("auth0|ada", issued_at), &world.users)
}

fn synced(world: &World, issued_at: i64) -> Result<domain::User, SyncError> {
    let synced = world.sync(&token_of("auth0|ada", issued_at), &request("auth0|ada", "ada@example.com"));
    synced.map(domain::Saved::into_user)
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
