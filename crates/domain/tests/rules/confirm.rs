//! The rule of verify.

use domain::{ConfirmError, Profile, confirm_user};

use crate::{World, token};

#[test]
fn a_synced_user_is_confirmed() {
    let world = World::default();
    let user = world.login("auth0|ada", "ada@example.com").expect("a sync").into_user();
    let confirmed = confirm_user(&token("auth0|ada", Profile::default()), &world.users).expect("a user");
    assert_eq!(confirmed, user);
}

#[test]
fn a_stranger_is_not() {
    let world = World::default();
    world.login("auth0|ada", "ada@example.com").expect("a sync");
    for sub in ["auth0|eve", "AUTH0|ada", "m2m@clients", "anon@session"] {
        let outcome = confirm_user(&token(sub, Profile::default()), &world.users);
        assert!(matches!(outcome, Err(ConfirmError::UnknownUser)), "{sub}");
    }
}
