//! What every adapter promises, asked of the same routes over real sockets.
//!
//! | route | guard | handler takes |
//! |---|---|---|
//! | `GET /open` | optional token | `Option<Caller>` |
//! | `GET /open/user` | optional token, with user | `Option<CurrentUser>` |
//! | `GET /open/caller` | optional token | `Caller` |
//! | `GET /token` | token | `Caller` |
//! | `GET /token/user` | token | `CurrentUser` |
//! | `GET /scopes` | scopes `read:notes` and `share:notes` | `Caller` |
//! | `GET /permission` | permission `write:notes` | `Caller` |
//! | `GET /organization` | organization `org_acme` | `Caller` |
//! | `GET /organizations/{id}` | token; the handler requires the organization of the path | `Caller` |
//! | `GET /user` | token, with user | `CurrentUser` |
//! | `GET /no-table` | token, with user, and the gate has no users table | `CurrentUser` |
//! | `POST /body` | permission `write:notes` | `Caller`, the body |
//! | `GET /nested/permission` | token outside, permission `write:notes` inside | `Caller` |
//! | `GET /nested/token` | optional token outside, token inside | nothing |
//! | `GET /silent` | token | nothing |
//! | `GET /unguarded`, `/unguarded/user` | none | `Caller`, `CurrentUser` |

use crate::world::{Answer, World};

const UNAUTHORIZED: &str = r#"{"error":"unauthorized","message":"Invalid or expired token"}"#;
const INSUFFICIENT: &str = r#"{"error":"forbidden","message":"Insufficient scope"}"#;
const UNAVAILABLE: &str = r#"{"error":"unavailable","message":"Temporarily unavailable"}"#;
const INTERNAL: &str = r#"{"error":"internal","message":"Internal error"}"#;
const NO_TOKEN: &str = r#"Bearer realm="notes""#;
const BAD_TOKEN: &str = r#"Bearer realm="notes", error="invalid_token""#;
const TOO_LITTLE: &str = r#"Bearer realm="notes", error="insufficient_scope""#;
const GUARDED: [&str; 10] = [
    "/silent",
    "/token",
    "/scopes",
    "/permission",
    "/organization",
    "/organizations/org_acme",
    "/user",
    "/nested/permission",
    "/nested/token",
    "/open/caller",
];

#[track_caller]
fn refused(answer: &Answer, status: u16, body: &str, challenge: Option<&str>) {
    assert_eq!((answer.status, answer.body.as_str()), (status, body));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("www-authenticate"), challenge);
}

#[track_caller]
fn let_in(answer: &Answer, body: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (200, body));
}

#[test]
fn without_a_token_every_guarded_route_asks_for_one() {
    let world = World::start();
    for path in GUARDED {
        refused(&world.get(path, None), 401, UNAUTHORIZED, Some(NO_TOKEN));
    }
}

#[test]
fn a_bad_token_is_refused_everywhere_also_where_none_is_needed() {
    let world = World::start();
    let expired = world.tenant.expired("auth0|ada");
    for path in GUARDED.into_iter().chain(["/open", "/open/user"]) {
        for bad in [&expired, "opaque"] {
            refused(&world.get(path, Some(bad)), 401, UNAUTHORIZED, Some(BAD_TOKEN));
        }
    }
}

#[test]
fn a_good_token_lets_its_holder_in() {
    let world = World::start();
    let (ada, stranger) = (world.tenant.token("auth0|ada"), world.tenant.token("auth0|stranger"));
    for path in ["/silent", "/nested/token"] {
        let_in(&world.get(path, Some(&ada)), "seen");
    }
    for path in ["/token", "/open/caller", "/open"] {
        let_in(&world.get(path, Some(&ada)), "auth0|ada");
        let_in(&world.get(path, Some(&stranger)), "auth0|stranger");
    }
}

#[test]
fn scopes_that_are_missing_are_named_in_the_challenge() {
    let world = World::start();
    let challenge = format!(r#"{TOO_LITTLE}, scope="read:notes share:notes""#);
    for scope in ["openid", "openid read:notes", "share:notes", "Read:notes share:notes"] {
        let token = world.tenant.scoped("auth0|ada", scope);
        refused(&world.get("/scopes", Some(&token)), 403, INSUFFICIENT, Some(&challenge));
    }
    let token = world.tenant.scoped("auth0|ada", "share:notes openid read:notes");
    let_in(&world.get("/scopes", Some(&token)), "auth0|ada");
    // What a scope allows a client, no permission of the user does.
    let token = world.tenant.permitted("auth0|ada", &["read:notes", "share:notes"]);
    refused(&world.get("/scopes", Some(&token)), 403, INSUFFICIENT, Some(&challenge));
}

#[test]
fn a_permission_that_is_missing_is_no_scope_to_ask_for() {
    let world = World::start();
    let scope_only = world.tenant.scoped("auth0|ada", "write:notes");
    for path in ["/permission", "/nested/permission"] {
        for token in
            [&world.tenant.token("auth0|ada"), &scope_only, &world.tenant.permitted("auth0|ada", &["read:notes"])]
        {
            refused(&world.get(path, Some(token)), 403, INSUFFICIENT, Some(TOO_LITTLE));
        }
        let token = world.tenant.permitted("auth0|ada", &["read:notes", "write:notes"]);
        let_in(&world.get(path, Some(&token)), "auth0|ada");
    }
}

#[test]
fn another_organization_or_none_is_not_enough() {
    let world = World::start();
    let of = |id: &str| world.tenant.of_organization("auth0|ada", id);
    for path in ["/organization", "/organizations/org_acme"] {
        for token in [&world.tenant.token("auth0|ada"), &of("org_other"), &of("ORG_ACME")] {
            refused(&world.get(path, Some(token)), 403, INSUFFICIENT, Some(TOO_LITTLE));
        }
        let_in(&world.get(path, Some(&of("org_acme"))), "auth0|ada");
    }
    refused(&world.get("/organizations/org_other", Some(&of("org_acme"))), 403, INSUFFICIENT, Some(TOO_LITTLE));
}

#[test]
fn nobody_is_let_in_as_nobody_only_without_a_token() {
    let world = World::start();
    let_in(&world.get("/open", None), "nobody");
    let_in(&world.get("/open/user", None), "nobody");
    let_in(&world.get("/open/user", Some(&world.tenant.token("auth0|ada"))), "ada@example.com");
    let not_found = r#"{"error":"not_found","message":"User not found"}"#;
    refused(&world.get("/open/user", Some(&world.tenant.token("auth0|stranger"))), 404, not_found, None);
    let blocked = r#"{"error":"forbidden","message":"User is blocked"}"#;
    refused(&world.get("/open/user", Some(&world.tenant.token("auth0|bob"))), 403, blocked, None);
}

#[test]
fn a_user_is_one_who_is_known_and_neither_blocked_nor_deleted() {
    let world = World::start();
    let_in(&world.get("/user", Some(&world.tenant.token("auth0|ada"))), "ada@example.com");
    let blocked = r#"{"error":"forbidden","message":"User is blocked"}"#;
    refused(&world.get("/user", Some(&world.tenant.token("auth0|bob"))), 403, blocked, None);
    let not_found = r#"{"error":"not_found","message":"User not found"}"#;
    let machine = world.tenant.token("machine@clients");
    for token in [&world.tenant.token("auth0|stranger"), &world.tenant.token("auth0|carol"), &machine] {
        refused(&world.get("/user", Some(token)), 404, not_found, None);
    }
}

#[test]
fn keys_out_of_reach_are_our_own_trouble() {
    let world = World::start_without_keys();
    for path in GUARDED.into_iter().chain(["/open", "/open/user"]) {
        let answer = world.get(path, Some(&world.tenant.token("auth0|ada")));
        refused(&answer, 503, UNAVAILABLE, None);
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    // Whom nobody has to judge is served.
    let_in(&world.get("/open", None), "nobody");
}

#[test]
fn a_users_table_out_of_reach_is_our_own_trouble() {
    let world = World::start();
    world.users.go_down();
    for path in ["/user", "/open/user"] {
        let answer = world.get(path, Some(&world.tenant.token("auth0|ada")));
        refused(&answer, 503, UNAVAILABLE, None);
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
}

#[test]
fn a_handler_that_no_guard_stands_before_lets_nobody_in() {
    let world = World::start();
    for path in ["/unguarded", "/unguarded/user"] {
        for token in [None, Some(world.tenant.token("auth0|ada"))] {
            refused(&world.get(path, token.as_deref()), 500, INTERNAL, None);
        }
    }
    // Nor does one that asks for more than its guard has looked up, or can.
    for path in ["/token/user", "/no-table"] {
        refused(&world.get(path, Some(&world.tenant.token("auth0|ada"))), 500, INTERNAL, None);
        refused(&world.get(path, None), 401, UNAUTHORIZED, Some(NO_TOKEN));
    }
}

#[test]
fn the_token_is_judged_before_the_body_is_read() {
    let world = World::start();
    let head = |token: &str| {
        format!("POST /body HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 5\r\n\r\n")
    };
    let too_little = world.tenant.token("auth0|ada");
    // The answer comes although the body never does.
    for (token, status) in [("opaque", "401"), (&too_little, "403")] {
        let answer = world.raw(&head(token), "");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let permitted = world.tenant.permitted("auth0|ada", &["write:notes"]);
    let answer = world.raw(&head(&permitted), "hello");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("auth0|ada: 5 bytes"), "{answer}");
}

#[test]
fn a_request_is_judged_once_however_many_guards_it_passes() {
    let world = World::start();
    let before = world.judged();
    let_in(&world.get("/nested/permission", Some(&world.tenant.permitted("auth0|ada", &["write:notes"]))), "auth0|ada");
    assert_eq!(world.judged() - before, 1);
}
