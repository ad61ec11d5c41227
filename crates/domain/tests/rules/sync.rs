//! Rules 1, 3, 6 and 7: whose row it is, and when it is written.

use domain::{Profile, Saved, SyncError};

use crate::{Directory, World, email, name, profile, request, token};

#[test]
fn a_first_login_creates_the_row_and_a_second_one_changes_nothing() {
    let world = World::default();
    let first = world.login("auth0|ada", "ada@example.com").expect("a sync");
    let second = world.login("auth0|ada", "ADA@example.com").expect("a sync");
    assert!(matches!(&first, Saved::Created(_)));
    assert_eq!(second, Saved::Unchanged(first.into_user()));
}

#[test]
fn a_changed_address_updates_the_same_row() {
    let world = World::default();
    let before = world.login("auth0|ada", "ada@example.com").expect("a sync").into_user();
    let Saved::Updated(after) = world.login("auth0|ada", "countess@example.com").expect("a sync") else {
        panic!("expected an update")
    };
    assert_eq!((after.id, after.email.as_str()), (before.id, "countess@example.com"));
}

#[test]
fn a_request_about_somebody_else_is_refused_and_changes_nothing() {
    let world = World::default();
    let outcome = world.sync(&token("auth0|eve", Profile::default()), &request("auth0|ada", "ada@example.com"));
    assert!(matches!(outcome, Err(SyncError::NotYourIdentity)));
    assert!(world.users.rows().is_empty());
    assert!(world.directory.asked.lock().expect("no panic").is_empty());
}

#[test]
fn identities_that_differ_in_case_are_two_people() {
    let world = World::default();
    let outcome = world.sync(&token("auth0|ada", Profile::default()), &request("auth0|ADA", "ada@example.com"));
    assert!(matches!(outcome, Err(SyncError::NotYourIdentity)));
}

#[test]
fn machines_and_anonymous_sessions_are_no_users() {
    for sub in ["m2m@clients", "anon@session"] {
        let world = World::default();
        assert!(matches!(world.login(sub, "a@example.com"), Err(SyncError::NotYourIdentity)), "{sub}");
        assert!(world.users.rows().is_empty(), "{sub}");
    }
}

#[test]
fn an_absent_name_keeps_the_stored_one() {
    let world = World::default();
    let caller = token("auth0|ada", Profile::default());
    let mut named = request("auth0|ada", "ada@example.com");
    named.profile.name = Some(name("Ada"));
    world.sync(&caller, &named).expect("a sync");
    let outcome = world.login("auth0|ada", "ada@example.com").expect("a sync");
    assert!(matches!(&outcome, Saved::Unchanged(user) if user.name == Some(name("Ada"))));
}

#[test]
fn a_subject_that_auth0_no_longer_knows_is_refused() {
    let world = World::with(Directory::knowing([]));
    assert!(matches!(world.login("auth0|ada", "ada@example.com"), Err(SyncError::UnknownToAuth0)));
    assert!(world.users.rows().is_empty());
}

#[test]
fn while_auth0s_directory_is_out_of_reach_a_known_user_gets_the_stored_row() {
    let mut world = World::default();
    let stored = world.login("auth0|ada", "ada@example.com").expect("a sync").into_user();
    world.directory = Directory::out_of_reach();
    let outcome = world.login("auth0|ada", "eve@example.com").expect("a sync");
    assert_eq!(outcome, Saved::Unchanged(stored));
}

#[test]
fn while_auth0s_directory_is_out_of_reach_a_stranger_comes_in_on_a_verified_address_only() {
    let world = World::with(Directory::out_of_reach());
    assert!(matches!(world.login("auth0|eve", "eve@example.com"), Err(SyncError::Unavailable(_))));
    let unverified = token("auth0|eve", profile("eve@example.com", false));
    assert!(matches!(world.sync(&unverified, &request("auth0|eve", "e@e.de")), Err(SyncError::Unavailable(_))));
    let user = world.verified_login("auth0|ada", "ada@example.com").expect("a sync").into_user();
    assert_eq!((user.email, user.email_verified), (email("ada@example.com"), true));
}
