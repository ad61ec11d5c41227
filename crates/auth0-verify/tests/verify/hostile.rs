//! Tokens that somebody made in order to get in, over real sockets and with the rules that a service begins with.

use fake_auth0::{BadToken, GoodToken};

use crate::Bench;

#[test]
fn every_kind_of_bad_token_is_refused() {
    let bench = Bench::new();
    for bad in BadToken::ALL {
        let token = bad.mint(&bench.tenant, "auth0|eve");
        assert!(bench.verify(&token).is_err(), "{} was accepted", bad.name());
    }
}

#[test]
fn a_bad_token_is_the_same_trouble_with_the_keys_that_it_published_at_hand() {
    let bench = Bench::new();
    let tokens: Vec<_> = BadToken::ALL.iter().map(|bad| (bad, bad.mint(&bench.tenant, "auth0|eve"))).collect();
    bench.keys.refresh_if_due();
    for (bad, token) in tokens {
        assert!(bench.verify(&token).is_err(), "{} was accepted", bad.name());
    }
    assert_eq!(bench.fetches(), 3, "the first fetch, and two for all the kids that nobody knows");
}

#[test]
fn every_kind_of_good_but_unusual_token_is_accepted() {
    let bench = Bench::new();
    for good in GoodToken::ALL {
        let token = good.mint(&bench.tenant, "auth0|ada");
        assert!(bench.accepts(&token), "{} was refused", good.name());
    }
}
