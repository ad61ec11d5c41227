//! What is peculiar to axum: an `Option` of an extractor keeps the reason of a failure.

use crate::world::World;

#[test]
fn an_option_without_a_guard_is_a_defect_and_not_nobody() {
    let world = World::start();
    for path in ["/unguarded/option", "/unguarded/option/user"] {
        for token in [None, Some(world.tenant.token("auth0|ada")), Some("opaque".to_owned())] {
            assert_eq!(world.get(path, token.as_deref()).status, 500, "{path}");
        }
    }
    assert_eq!(world.get("/token/option/user", Some(&world.tenant.token("auth0|ada"))).status, 500);
}
