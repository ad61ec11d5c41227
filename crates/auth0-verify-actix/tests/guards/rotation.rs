//! Keys that change while a service runs.

use fake_auth0::Endpoint;

use crate::world::World;

#[test]
fn a_key_that_appears_later_is_fetched_without_a_failed_request() {
    let world = World::start();
    assert_eq!(world.get("/token", Some(&world.tenant.token("auth0|ada"))).status, 200);
    let before = world.tenant.0.requests(Endpoint::Jwks);
    world.tenant.0.rotate_suddenly();
    assert_eq!(world.get("/token", Some(&world.tenant.token("auth0|ada"))).status, 200);
    assert_eq!(world.tenant.0.requests(Endpoint::Jwks), before + 1);
}
