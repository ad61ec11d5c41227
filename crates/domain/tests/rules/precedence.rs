//! Rule 2: where the profile comes from, and what makes an address verified.

use domain::{PictureUrl, Profile, Saved, SyncError};

use crate::{Directory, World, alive, email, name, profile, request, secs, silent_claims, token, token_with};

#[test]
fn each_part_comes_from_the_best_source_that_has_it() {
    let directory = Profile { name: Some(name("From the directory")), ..Profile::default() };
    let claims = Profile { name: Some(name("From the claims")), ..profile("claims@example.com", true) };
    let mut body = request("auth0|ada", "body@example.com");
    body.profile.name = Some(name("From the body"));
    body.profile.picture = PictureUrl::parse("https://example.com/body.png").ok();
    let world = World::with(Directory::knowing([("auth0|ada", directory)]));
    let user = world.sync(&token("auth0|ada", claims), &body).expect("a sync").into_user();
    assert_eq!(user.name, Some(name("From the directory")));
    assert_eq!(user.email, email("claims@example.com"));
    assert_eq!(user.picture, PictureUrl::parse("https://example.com/body.png").ok());
}

#[test]
fn the_directorys_address_wins_over_the_claims() {
    let world = World::with(Directory::knowing([("auth0|ada", profile("directory@example.com", false))]));
    let user = world.verified_login("auth0|ada", "claims@example.com").expect("a sync").into_user();
    assert_eq!((user.email, user.email_verified), (email("directory@example.com"), false));
}

#[test]
fn an_address_from_the_body_is_never_verified() {
    let user = World::default().login("auth0|ada", "ada@example.com").expect("a sync").into_user();
    assert!(!user.email_verified);
}

#[test]
fn a_person_without_an_address_at_auth0_has_the_bodys_unverified() {
    let world = World::with(Directory::knowing([("sms|1", Profile::default())]));
    let user = world.login("sms|1", "phone@example.com").expect("a sync").into_user();
    assert_eq!((user.email, user.email_verified), (email("phone@example.com"), false));
}

#[test]
fn a_body_that_repeats_a_verified_address_does_not_unverify_it() {
    let world = World::default();
    world.verified_login("auth0|ada", "ada@example.com").expect("a sync");
    assert!(world.login("auth0|ada", "ada@example.com").expect("a sync").user().email_verified);
}

#[test]
fn a_new_address_from_the_body_is_unverified_although_the_old_one_was_not() {
    let world = World::default();
    world.verified_login("auth0|ada", "ada@example.com").expect("a sync");
    assert!(!world.login("auth0|ada", "new@example.com").expect("a sync").user().email_verified);
}

#[test]
fn auth0_can_take_its_word_back() {
    let world = World::default();
    world.verified_login("auth0|ada", "ada@example.com").expect("a sync");
    let doubt = token("auth0|ada", profile("ada@example.com", false));
    let user = world.sync(&doubt, &request("auth0|ada", "ada@example.com")).expect("a sync").into_user();
    assert!(!user.email_verified);
}

#[test]
fn a_token_that_names_a_verified_address_and_no_more_leaves_it_verified() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 10, profile("ada@example.com", true))).expect("a row");
    let silent = token_with("auth0|ada", 50, silent_claims("ada@example.com"));
    let saved = world.sync(&silent, &request("auth0|ada", "ada@example.com")).expect("a sync");
    assert!(matches!(&saved, Saved::Unchanged(user) if user.email_verified), "{saved:?}");
    // So that the older of two users keeps it.
    let mut twin = alive("google-oauth2|twin", 60, profile("ada@example.com", true));
    twin.profile.as_mut().expect("a profile").created_at = Some(secs(60));
    world.hears(&twin).expect("a statement that is taken in");
    assert_eq!(world.row("auth0|ada").email, email("ada@example.com"));
    assert!(world.row("google-oauth2|twin").is_displaced());
}

#[test]
fn a_token_that_names_another_address_and_no_more_brings_an_unverified_one() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 10, profile("ada@example.com", true))).expect("a row");
    for address in ["new@example.com", "ada@example.com"] {
        let silent = token_with("auth0|ada", 50, silent_claims(address));
        let user = world.sync(&silent, &request("auth0|ada", "body@example.com")).expect("a sync").into_user();
        // Back at the old one, too: nobody has said since that it is theirs.
        assert_eq!((user.email, user.email_verified), (email(address), false));
    }
}

#[test]
fn a_token_that_says_no_takes_the_word_back_and_silence_does_not_bring_it_again() {
    let world = World::default();
    world.hears(&alive("auth0|ada", 10, profile("ada@example.com", true))).expect("a row");
    let body = request("auth0|ada", "ada@example.com");
    let doubt = token_with("auth0|ada", 50, profile("ada@example.com", false));
    assert!(!world.sync(&doubt, &body).expect("a sync").user().email_verified);
    let silent = token_with("auth0|ada", 60, silent_claims("ada@example.com"));
    assert!(!world.sync(&silent, &body).expect("a sync").user().email_verified);
}

#[test]
fn an_address_of_which_a_token_says_no_more_is_not_vouched_for() {
    let world = World::default();
    let silent = token_with("auth0|eve", 50, silent_claims("eve@example.com"));
    let user = world.sync(&silent, &request("auth0|eve", "body@example.com")).expect("a sync").into_user();
    assert_eq!((user.email, user.email_verified), (email("eve@example.com"), false));
    // Nor does it open the door of the password era.
    let id = world.users.add_legacy_row(email("ada@example.com"), false);
    let silent = token_with("auth0|ada", 50, silent_claims("ada@example.com"));
    let refused = world.sync(&silent, &request("auth0|ada", "ada@example.com"));
    assert!(matches!(refused, Err(SyncError::EmailTaken)), "{refused:?}");
    assert_eq!(world.row(&format!("legacy|{id}")).email, email("ada@example.com"));
}
