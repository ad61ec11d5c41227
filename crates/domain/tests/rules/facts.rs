//! Rule 9, case by case: what Auth0 says changes the table, late and repeated statements do not.

use domain::{Profile, Saved, SyncError};

use crate::{World, alive, body, deleted, email, name, profile, request, token, token_of, token_with};

fn named(text: &str) -> Profile {
    Profile { name: Some(name(text)), ..Profile::default() }
}

#[test]
fn a_user_of_whom_auth0_tells_has_a_row_before_the_first_login() {
    let world = World::default();
    let saved = world.hears(&alive("auth0|ada", 1, profile("ada@example.com", true))).expect("taken in");
    assert!(matches!(&saved, Saved::Created(user) if user.email == email("ada@example.com") && user.email_verified));
    let synced = world.login("auth0|ada", "eve@example.com").expect("a sync");
    assert_eq!(synced, Saved::Unchanged(saved.into_user()), "the browser's word does not beat auth0's");
}

#[test]
fn a_late_statement_changes_nothing() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 2, Profile { ..profile("new@example.com", true) })).expect("taken in");
    let late = world.hears(&alive("auth0|ada", 1, profile("old@example.com", true))).expect("taken in");
    assert!(matches!(&late, Saved::Unchanged(user) if user.email == email("new@example.com")));
}

#[test]
fn a_late_statement_still_fills_in_what_a_later_one_was_silent_about() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 2, profile("new@example.com", true))).expect("taken in");
    world.hears(&alive("auth0|ada", 1, named("Ada"))).expect("taken in");
    let row = world.row("auth0|ada");
    assert_eq!((row.email, row.name), (email("new@example.com"), Some(name("Ada"))));
}

#[test]
fn a_user_without_an_address_waits_for_one_under_invalid() {
    let world = World::default();
    let row = world.hears(&alive("sms|alan", 1, named("Alan"))).expect("taken in").into_user();
    assert!(row.is_displaced());
    let row = world.login("sms|alan", "alan@example.com").expect("a sync").into_user();
    assert_eq!((row.email, row.email_verified), (email("alan@example.com"), false));
}

#[test]
fn a_stale_token_does_not_undo_what_auth0_said_since() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 200, profile("new@example.com", true))).expect("taken in");
    let stale = token_with("auth0|ada", 100, profile("old@example.com", true));
    let row = world.sync(&stale, &request("auth0|ada", "x@example.com")).expect("a sync").into_user();
    assert_eq!(row.email, email("new@example.com"));
    let fresh = token_with("auth0|ada", 300, profile("newer@example.com", true));
    let row = world.sync(&fresh, &request("auth0|ada", "x@example.com")).expect("a sync").into_user();
    assert_eq!(row.email, email("newer@example.com"));
}

#[test]
fn the_verified_owner_gets_the_address_and_the_squatter_keeps_the_id() {
    let world = World::default();
    let squatter = world.login("auth0|a-squatter", "ada@example.com").expect("a sync").into_user();
    world.hears(&alive("auth0|ada", 1, profile("ada@example.com", true))).expect("taken in");
    assert_eq!(world.row("auth0|ada").email, email("ada@example.com"));
    let row = world.row("auth0|a-squatter");
    assert_eq!((row.id, row.is_displaced(), row.email_verified), (squatter.id, true, false));
}

#[test]
fn of_two_verified_owners_the_older_has_the_address_and_the_other_waits_for_it() {
    let world = World::default();
    let of_age = |sub: &str, created: i64| {
        let mut fact = alive(sub, 500, profile("ada@example.com", true));
        fact.profile.as_mut().expect("a profile").created_at = Some(crate::secs(created));
        fact
    };
    world.hears(&of_age("google-oauth2|1", 20)).expect("taken in");
    world.hears(&of_age("auth0|1", 10)).expect("taken in");
    assert_eq!(world.row("auth0|1").email, email("ada@example.com"));
    assert!(world.row("google-oauth2|1").is_displaced());
    let refused = world.sync(&token_of("google-oauth2|1", 600), &request("google-oauth2|1", "ada@example.com"));
    assert!(matches!(refused, Err(SyncError::EmailTaken)));
    world.hears(&alive("auth0|1", 600, profile("moved@example.com", true))).expect("taken in");
    assert_eq!(world.row("google-oauth2|1").email, email("ada@example.com"));
}

#[test]
fn a_deletion_frees_the_address_for_whoever_waits() {
    let world = World::default();
    world.hears(&alive("auth0|1", 1, profile("ada@example.com", true))).expect("taken in");
    world.hears(&alive("auth0|2", 1, profile("ada@example.com", false))).expect("taken in");
    assert!(world.row("auth0|2").is_displaced());
    world.hears(&deleted("auth0|1", 2)).expect("taken in");
    let row = world.row("auth0|2");
    assert_eq!((row.email, row.email_verified), (email("ada@example.com"), false));
}

#[test]
fn auth0s_silence_about_a_name_leaves_the_browsers() {
    let world = World::default();
    let mut with_name = request("auth0|ada", "ada@example.com");
    with_name.profile = domain::BodyProfile { name: Some(name("Countess")), ..body("ada@example.com") };
    world.sync(&token("auth0|ada", Profile::default()), &with_name).expect("a sync");
    world.hears(&alive("auth0|ada", 1, profile("ada@example.com", true))).expect("taken in");
    assert_eq!(world.row("auth0|ada").name, Some(name("Countess")));
    world.hears(&alive("auth0|ada", 2, named("Ada"))).expect("taken in");
    assert_eq!(world.row("auth0|ada").name, Some(name("Ada")));
}

#[test]
fn an_address_that_its_heir_no_longer_waits_for_goes_to_the_next() {
    let world = World::default();
    world.hears(&alive("auth0|1", 1_000, profile("old@example.com", true))).expect("taken in");
    // The token knows of a change that Auth0's own statement has not told yet; then somebody else's claim is stronger.
    let ahead = token_with("auth0|1", 2_001, profile("new@example.com", false));
    world.sync(&ahead, &request("auth0|1", "x@example.com")).expect("a sync");
    world.hears(&alive("auth0|2", 1_500, profile("new@example.com", true))).expect("taken in");
    assert!(world.row("auth0|1").is_displaced());
    world.hears(&alive("auth0|3", 1_500, profile("old@example.com", false))).expect("taken in");
    world.hears(&alive("auth0|1", 2_000, profile("new@example.com", false))).expect("taken in");
    assert_eq!(world.row("auth0|3").email, email("old@example.com"));
}
