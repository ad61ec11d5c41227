//! Tokens that somebody made in order to get in.

use fake_auth0::{BadToken, GoodToken};

use crate::Bench;

#[test]
fn every_kind_of_bad_token_is_refused() {
    for bad in BadToken::ALL {
        let bench = Bench::new();
        bench.keys.refresh_if_due();
        let token = bad.mint(&bench.tenant, "auth0|eve");
        assert!(bench.verify(&token).is_err(), "{} was accepted", bad.name());
    }
}

#[test]
fn every_kind_of_good_but_unusual_token_is_accepted() {
    for good in GoodToken::ALL {
        let bench = Bench::new();
        let token = good.mint(&bench.tenant, "auth0|ada");
        assert!(bench.accepts(&token), "{} was refused", good.name());
    }
}
