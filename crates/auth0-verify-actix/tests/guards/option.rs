//! What is peculiar to actix-web: it makes an `Option` of any extractor, and drops the reason of a failure.

use crate::world::World;

#[test]
fn an_option_without_a_guard_is_nobody_whatever_is_sent() {
    let world = World::start();
    for token in [None, Some(world.tenant.token("auth0|ada")), Some("opaque".to_owned())] {
        assert_eq!(world.get("/unguarded/option", token.as_deref()).body, "nobody");
    }
}
