//! Rule 2: where the profile comes from, and what makes an address verified.

use domain::{PictureUrl, Profile};

use crate::{Directory, World, email, name, profile, request, token};

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
