//! What is said of a user.

use domain::{Clock as _, DirectoryAnswer, Profile};
use fake_auth0::FakeUser;

use crate::{ADA, Bench};

#[test]
fn a_user_is_found_with_what_auth0_knows() {
    let bench = Bench::new();
    bench.tenant.update_user(ADA, |user| user.picture = Some("https://cdn.example.test/ada.png".to_owned()));
    let profile = bench.profile(ADA);
    let email = profile.email.expect("an email");
    assert_eq!((email.address.as_str(), email.verified), ("ada@example.test", true));
    assert_eq!(profile.name.expect("a name").as_str(), "Ada Lovelace");
    assert_eq!(profile.picture.expect("a picture").as_str(), "https://cdn.example.test/ada.png");
}

#[test]
fn a_user_whom_auth0_does_not_know_is_no_error() {
    let bench = Bench::new();
    let asked_at = bench.clock.now();
    assert_eq!(bench.ask("auth0|nobody").expect("an answer"), DirectoryAnswer::NoSuchUser { asked_at });
}

#[test]
fn a_blocked_user_has_a_profile_that_says_so() {
    let bench = Bench::new();
    bench.tenant.update_user(ADA, |user| user.blocked = Some(true));
    let Ok(DirectoryAnswer::Found(said)) = bench.ask(ADA) else { panic!("expected a user") };
    assert!(said.blocked && said.profile.email.is_some());
}

#[test]
fn a_user_without_an_email_has_a_profile_without_one() {
    let bench = Bench::new();
    bench.tenant.add_user(FakeUser::new("sms|alan"));
    assert_eq!(bench.profile("sms|alan"), Profile::default());
}

#[test]
fn an_unverified_email_and_one_that_is_verified_by_a_word_are_unverified() {
    let bench = Bench::new();
    bench.tenant.add_user(FakeUser::new("auth0|linus").email("linus@example.test", false));
    bench.tenant.add_user(FakeUser::new("auth0|word").email("word@example.test", false).with("email_verified", "true"));
    for id in ["auth0|linus", "auth0|word"] {
        assert!(bench.profile(id).email.is_some_and(|email| !email.verified), "{id}");
    }
}

#[test]
fn every_id_reaches_auth0_as_it_is() {
    let bench = Bench::new();
    let ids = [
        "auth0|1",
        "samlp|acme|a.b@c.org",
        "oauth2|x|a/b",
        "auth0|what?is=this",
        "auth0|50%",
        "auth0|%7C",
        "auth0|a b+c#d",
        "auth0|Żółć ☃",
    ];
    for id in ids {
        bench.tenant.add_user(FakeUser::new(id).name(id));
    }
    for id in ids {
        assert_eq!(bench.profile(id).name.expect("a name").as_str(), id);
    }
}

#[test]
fn an_answer_about_somebody_else_is_an_error() {
    let bench = Bench::new();
    bench.tenant.add_user(FakeUser::new("auth0|mallory").email("ada@example.test", true).with("user_id", ADA));
    let error = bench.trouble("auth0|mallory");
    assert!(matches!(error, auth0_management::ManagementError::Garbage(_)), "{error:?}");
}
