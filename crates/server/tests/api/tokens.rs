//! Every kind of token that a tenant, or anybody else, may come up with.

use fake_auth0::{BadToken, GoodToken};

use crate::client::{USER_NOT_FOUND, sync_body};
use crate::databases::on_both_databases;
use crate::spawn::Setup;

on_both_databases! {
    every_bad_token_is_refused_on_both_routes_and_writes_nothing,
    every_good_token_is_accepted_on_both_routes,
}

fn every_bad_token_is_refused_on_both_routes_and_writes_nothing(setup: Setup) {
    let server = setup.start();
    let ada = server.tenant.token("auth0|ada");
    server.sync(&ada, &sync_body("ada@example.com", "auth0|ada", None)).id();
    let before = server.table();
    let body = sync_body("new@example.com", "auth0|ada", Some("New"));
    for bad in BadToken::ALL {
        let token = bad.mint(&server.tenant, "auth0|ada");
        for answer in [server.verify(&token), server.sync(&token, &body)] {
            assert_eq!(answer.status, 401, "{}", bad.name());
            // `Authorization: Bearer` with nothing behind it brings no token (RFC 6750 §3.1).
            if *bad == BadToken::Empty {
                answer.assert_asks_for_a_token();
            } else {
                answer.assert_refuses_the_token();
            }
        }
    }
    assert_eq!(server.table(), before);
    assert_eq!(server.verify(&ada).status, 200);
}

fn every_good_token_is_accepted_on_both_routes(setup: Setup) {
    let server = setup.start();
    for (n, good) in GoodToken::ALL.iter().enumerate() {
        let person = format!("auth0|{}", good.name());
        let (subject, token) = (good.subject(&person), good.mint(&server.tenant, &person));
        let unknown = server.verify(&token);
        assert_eq!(unknown.status, 404, "{}: {unknown:?}", good.name());
        unknown.assert_error(USER_NOT_FOUND);
        let synced = server.sync(&token, &sync_body(&format!("{n}@example.com"), &subject, None));
        assert_eq!(synced.status, 200, "{}: {synced:?}", good.name());
        assert_eq!(server.verify(&token).json()["user"], synced.json(), "{}", good.name());
    }
    assert_eq!(server.rows(), i64::try_from(GoodToken::ALL.len()).expect("a small number"));
}
