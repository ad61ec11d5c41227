//! Rule 4: one address, two identities.

use domain::{Profile, Saved, SyncError};

use crate::{Directory, World, alive, email, profile, request, token_with};

#[test]
fn an_address_held_by_another_identity_is_a_conflict_and_nothing_changes() {
    let world = World::default();
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    let before = world.users.rows();
    assert!(matches!(world.login("auth0|eve", "Ada@Example.com"), Err(SyncError::EmailTaken)));
    assert!(matches!(world.verified_login("auth0|eve", "ada@example.com"), Err(SyncError::EmailTaken)));
    assert_eq!(world.users.rows(), before);
}

#[test]
fn moving_to_a_held_address_is_a_conflict_too() {
    let world = World::default();
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    world.login("auth0|eve", "eve@example.com").expect("a sync");
    assert!(matches!(world.login("auth0|eve", "ada@example.com"), Err(SyncError::EmailTaken)));
    assert_eq!(world.row("auth0|eve").email, email("eve@example.com"));
}

/// A squatter holds Ada's address in the table; Auth0 says `squatter` about them, and Ada's is verified there.
fn squatted(squatter: Profile) -> World {
    let mut world = World::default();
    world.login("auth0|eve", "ada@example.com").expect("a sync");
    world.directory = Directory::knowing([("auth0|eve", squatter), ("auth0|ada", profile("ada@example.com", true))]);
    world
}

#[test]
fn a_holder_whom_auth0_calls_unverified_gives_way_to_the_verified_owner() {
    let world = squatted(profile("ada@example.com", false));
    let squatter = world.row("auth0|eve").id;
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    assert_eq!(world.row("auth0|ada").email, email("ada@example.com"));
    assert_eq!(world.row("auth0|eve").id, squatter);
    assert_eq!(world.row("auth0|eve").email, email(&format!("user-{squatter}@displaced.invalid")));
}

#[test]
fn a_holder_who_has_another_address_at_auth0_gets_that_one() {
    let world = squatted(profile("eve@example.com", true));
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    let holder = world.row("auth0|eve");
    assert_eq!((holder.email, holder.email_verified), (email("eve@example.com"), true));
}

#[test]
fn a_holder_without_an_address_at_auth0_gives_way() {
    let world = squatted(Profile::default());
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    assert_eq!(world.row("auth0|ada").email, email("ada@example.com"));
}

#[test]
fn a_holder_whose_address_at_auth0_is_taken_as_well_moves_under_invalid() {
    let mut world = squatted(profile("grace@example.com", true));
    let directory = std::mem::take(&mut world.directory);
    world.verified_login("auth0|grace", "grace@example.com").expect("a sync");
    world.directory = directory;
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    assert!(world.row("auth0|eve").email.as_str().ends_with("@displaced.invalid"));
    assert_eq!(world.row("auth0|grace").email, email("grace@example.com"));
}

#[test]
fn two_verified_holders_of_one_address_are_a_conflict() {
    let world = squatted(profile("ada@example.com", true));
    assert!(matches!(world.login("auth0|ada", "ada@example.com"), Err(SyncError::EmailTaken)));
    assert_eq!(world.row("auth0|eve").email, email("ada@example.com"));
}

#[test]
fn an_unverified_claimant_never_displaces_anybody() {
    let mut world = squatted(profile("ada@example.com", false));
    world.directory.profiles.insert(crate::subject("auth0|ada"), profile("ada@example.com", false));
    assert!(matches!(world.login("auth0|ada", "ada@example.com"), Err(SyncError::EmailTaken)));
    assert_eq!(world.row("auth0|eve").email, email("ada@example.com"));
}

#[test]
fn only_the_holder_and_the_claimant_are_looked_up() {
    let world = squatted(profile("ada@example.com", false));
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    let asked: Vec<_> = world.directory.asked.lock().expect("no panic").iter().map(ToString::to_string).collect();
    assert_eq!(asked, ["auth0|ada", "auth0|eve"]);
}

#[test]
fn a_login_that_changes_nothing_is_refused_nothing_whoever_waits_for_the_address() {
    let world = World::default();
    world.hears(&alive("auth0|zoe", 1, profile("zoe@example.com", true))).expect("a row");
    world.login("auth0|eve", "eve@example.com").expect("a sync");
    // The row no longer says that Zoe's address is verified; the record still does.
    let token = token_with("auth0|zoe", 2, profile("zoe@example.com", false));
    world.sync(&token, &request("auth0|zoe", "zoe@example.com")).expect("a sync");
    world.hears(&alive("auth0|eve", 3, profile("zoe@example.com", false))).expect("taken in");
    assert_eq!(world.row("auth0|eve").email, email("zoe@example.com"));
    let again = world.login("auth0|eve", "zoe@example.com");
    assert!(matches!(again, Ok(Saved::Unchanged(_))), "{again:?}");
}
