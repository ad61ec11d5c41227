//! Rule 4: one address, two identities.

use std::collections::HashSet;

use domain::{
    ConfirmError, EmailAddress, EmailAddressError, Profile, Saved, Standing, SyncError, UserId, confirm_user,
};

use crate::{Directory, World, alive, barred, deleted, email, profile, request, secs, subject, token_of, token_with};

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
fn a_holder_whom_auth0_no_longer_has_gives_way() {
    let mut world = World::default();
    let old = world.login("auth0|old", "ada@example.com").expect("a sync").into_user();
    world.directory = Directory::knowing([("google-oauth2|ada", profile("ada@example.com", true))]);
    let new = world.login("google-oauth2|ada", "ada@example.com").expect("a sync").into_user();
    assert_eq!((new.email, new.id == old.id), (email("ada@example.com"), false));
    let left = world.row("auth0|old");
    assert_eq!((left.id, left.standing, left.is_displaced()), (old.id, Standing::Deleted { at: secs(1_000) }, true));
}

#[test]
fn a_holder_who_is_back_since_auth0_was_asked_keeps_the_address() {
    let mut world = World::default();
    world.hears(&alive("auth0|eve", 2_000, profile("ada@example.com", false))).expect("a row");
    world.directory = Directory::knowing([("auth0|ada", profile("ada@example.com", true))]);
    assert!(matches!(world.login("auth0|ada", "ada@example.com"), Err(SyncError::EmailTaken)));
    assert_eq!(world.row("auth0|eve").standing, Standing::Active);
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

#[test]
fn the_address_of_a_row_without_one_is_nobodys_from_outside() {
    for text in ["user-1@displaced.invalid", " User-0@Displaced.INVALID ", "joker@displaced.invalid"] {
        assert_eq!(EmailAddress::from_outside(text), Err(EmailAddressError::Placeholder), "{text}");
        assert!(EmailAddress::parse(text).is_ok(), "{text}");
    }
    assert_eq!(EmailAddress::from_outside("Ada@Example.com"), EmailAddress::parse("ada@example.com"));
    assert!(EmailAddress::from_outside("ada@not-displaced.invalid").is_ok());
    assert_eq!(EmailAddress::from_outside("ada"), Err(EmailAddressError::Malformed));
}

/// Eve's row, and that of a joker who holds what would be her placeholder: another program may write anything.
fn jested() -> World {
    let world = World::default();
    let eve = world.login("auth0|eve", "eve@example.com").expect("a sync").into_user();
    world.hears(&alive("auth0|ada", 1, profile("ada@example.com", true))).expect("a row");
    world.users.add_row(subject("auth0|joker"), EmailAddress::placeholder(eve.id));
    world
}

fn assert_every_address_is_held_once(world: &World) {
    let mut seen = HashSet::new();
    for row in world.users.rows() {
        assert!(seen.insert(row.email.clone()), "{row:?}");
    }
}

#[test]
fn nobody_escapes_a_block_or_a_deletion_by_somebody_elses_placeholder() {
    let world = jested();
    // Her address is Ada's now, so she is to be without one.
    world.hears(&barred("auth0|eve", 2, profile("ada@example.com", false))).expect("taken in");
    let eve = token_of("auth0|eve", 1);
    assert!(matches!(confirm_user(&eve, &world.users), Err(ConfirmError::Blocked)));
    assert!(world.row("auth0|eve").is_displaced());
    world.hears(&deleted("auth0|eve", 3)).expect("taken in");
    assert!(matches!(confirm_user(&eve, &world.users), Err(ConfirmError::UnknownUser)));
    assert_every_address_is_held_once(&world);
}

#[test]
fn a_verified_owner_gets_the_address_whoever_holds_the_holders_placeholder() {
    let mut world = jested();
    world.directory = Directory::knowing([
        ("auth0|eve", profile("eve@example.com", false)),
        ("auth0|owner", profile("eve@example.com", true)),
    ]);
    world.login("auth0|owner", "eve@example.com").expect("a sync");
    assert_eq!(world.row("auth0|owner").email, email("eve@example.com"));
    assert!(world.row("auth0|eve").is_displaced());
    assert_every_address_is_held_once(&world);
}

#[test]
fn a_new_user_without_an_address_comes_in_whatever_strangers_hold() {
    let world = World::default();
    for (joker, id) in [0, 4, 5].into_iter().enumerate() {
        world.users.add_row(subject(&format!("auth0|joker{joker}")), EmailAddress::placeholder(UserId::new(id)));
    }
    let saved = world.hears(&alive("sms|1", 1, Profile::default())).expect("taken in");
    assert!(matches!(&saved, Saved::Created(user) if user.is_displaced()), "{saved:?}");
    let again = world.hears(&alive("sms|1", 1, Profile::default())).expect("taken in");
    assert!(matches!(again, Saved::Unchanged(_)), "what stands in for an address stays: {again:?}");
    assert_every_address_is_held_once(&world);
}

#[test]
fn a_stranger_under_a_placeholder_is_without_an_address_and_gets_the_real_one() {
    let world = jested();
    assert!(world.row("auth0|joker").is_displaced());
    world.hears(&alive("auth0|joker", 2, profile("joker@example.com", true))).expect("taken in");
    assert_eq!(world.row("auth0|joker").email, email("joker@example.com"));
}
