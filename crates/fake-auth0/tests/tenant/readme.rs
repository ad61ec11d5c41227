//! The README names everything that can be asked for.

use fake_auth0::{BadToken, Endpoint, GoodToken};

#[test]
fn the_readme_names_every_endpoint_and_every_kind_of_token() {
    let readme = include_str!("../../README.md");
    let bad = BadToken::ALL.iter().map(|bad| bad.name());
    let good = GoodToken::ALL.iter().map(|good| good.name());
    for name in bad.chain(good).chain(Endpoint::ALL.iter().map(|endpoint| endpoint.name())) {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
