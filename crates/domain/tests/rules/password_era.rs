//! Rule 5: rows of the password era find their users, and nobody else does.

use domain::{ConfirmError, Profile, RepositoryError, SyncError, confirm_user};

use crate::{World, alive, email, profile, token};

#[test]
fn an_exported_row_is_linked_by_its_id_whatever_the_address() {
    let world = World::default();
    let id = world.users.add_legacy_row(email("ada@example.com"), true);
    let row = world.login("auth0|1", "other@example.com").expect("a sync").into_user();
    assert_eq!((row.id, row.subject.as_str()), (id, "auth0|1"));
    assert_eq!(world.users.rows().len(), 1);
}

#[test]
fn a_row_that_was_not_exported_is_not_linked_by_its_id() {
    let world = World::default();
    world.users.add_legacy_row(email("ada@example.com"), false);
    assert!(matches!(world.login("auth0|1", "ada@example.com"), Err(SyncError::EmailTaken)));
    world.login("auth0|1", "other@example.com").expect("a sync");
    assert_eq!(world.users.rows().len(), 2);
}

#[test]
fn a_verified_address_links_and_an_unverified_one_never_does() {
    let world = World::default();
    let id = world.users.add_legacy_row(email("ada@example.com"), false);
    let before = world.users.rows();
    assert!(matches!(world.login("auth0|eve", "ada@example.com"), Err(SyncError::EmailTaken)));
    let doubt = alive("auth0|eve", 1, profile("ada@example.com", false));
    assert!(matches!(world.hears(&doubt), Err(RepositoryError::PasswordEra)));
    assert_eq!(world.users.rows(), before);
    let row = world.verified_login("google-oauth2|ada", "ada@example.com").expect("a sync").into_user();
    assert_eq!((row.id, row.subject.as_str(), row.email_verified), (id, "google-oauth2|ada", true));
}

#[test]
fn an_event_links_as_a_login_does() {
    let world = World::default();
    let exported = world.users.add_legacy_row(email("ada@example.com"), true);
    let other = world.users.add_legacy_row(email("grace@example.com"), false);
    world.hears(&alive("auth0|1", 1, profile("ada@example.com", false))).expect("taken in");
    world.hears(&alive("google-oauth2|grace", 1, profile("grace@example.com", true))).expect("taken in");
    assert_eq!(world.row("auth0|1").id, exported);
    assert_eq!(world.row("google-oauth2|grace").id, other);
    assert_eq!(world.users.rows().len(), 2);
}

#[test]
fn a_user_with_a_row_of_their_own_does_not_get_a_second_one() {
    let world = World::default();
    world.verified_login("google-oauth2|ada", "new@example.com").expect("a sync");
    world.users.add_legacy_row(email("ada@example.com"), false);
    let refused = world.verified_login("google-oauth2|ada", "ada@example.com");
    assert!(matches!(refused, Err(SyncError::EmailTaken)), "which of the two rows it is, somebody has to say");
    assert_eq!(world.row("legacy|2").email, email("ada@example.com"));
}

#[test]
fn no_token_speaks_for_a_row_that_waits() {
    let world = World::default();
    world.users.add_legacy_row(email("ada@example.com"), true);
    let forged = token("legacy|1", Profile::default());
    assert!(matches!(confirm_user(&forged, &world.users), Err(ConfirmError::UnknownUser)));
    assert!(matches!(world.login("legacy|1", "ada@example.com"), Err(SyncError::NotYourIdentity)));
}
