//! People and events by hand, at the routes of the program.

use std::time::{Duration, Instant};

use fake_auth0::FakeUser;
use serde_json::{Value, json};

use crate::binary::Program;
use crate::client::{agent, claims};
use crate::management::read;
use crate::receiver::Receiver;

fn url(program: &Program, path: &str) -> String {
    format!("{}dev/{path}", program.fact("issuer"))
}

#[test]
fn people_are_added_changed_blocked_and_deleted() {
    let program = Program::start(&[]);
    let person = json!({ "user_id": "auth0|new", "email": "new@example.test", "email_verified": true, "locale": "de" });
    let (status, added) = program.post("dev/users", person);
    assert_eq!((status, &added["email"], &added["locale"]), (201, &json!("new@example.test"), &json!("de")));
    assert!(added["created_at"].is_string());

    let change = json!({ "name": "New", "email_verified": null, "locale": null });
    let patch = |change: Value| read(agent().patch(url(&program, "users/auth0%7Cnew")).send_json(change).unwrap());
    let (status, changed) = patch(change);
    assert_eq!(patch(json!({ "user_id": "auth0|other" })).0, 400);
    assert_eq!(patch(json!({ "blocked": "yes" })).0, 400);
    assert_eq!((status, &changed["user_id"], &changed["name"]), (200, &json!("auth0|new"), &json!("New")));
    assert_eq!((&changed["email_verified"], changed.get("locale")), (&Value::Null, None));
    assert!(changed["updated_at"].as_str() > added["updated_at"].as_str());

    assert_eq!(program.post("dev/users/auth0%7Cnew/block", json!({})).1["blocked"], true);
    assert_eq!(program.post("dev/users/auth0%7Cnew/unblock", json!({})).1["blocked"], false);
    let delete = || agent().delete(url(&program, "users/auth0%7Cnew")).call().unwrap().status().as_u16();
    assert_eq!((delete(), delete()), (204, 404));
    assert_eq!(program.post("dev/users/auth0%7Cnew/block", json!({})).0, 404);
    assert_eq!(program.post("dev/users", json!({ "email": "nobody@example.test" })).0, 400);
}

#[test]
fn the_program_has_generated_people_and_a_token_for_every_endpoint() {
    let program = Program::start(&["--people", "1000000"]);
    let body = json!({
        "grant_type": "client_credentials", "client_id": program.fact("client_id"),
        "client_secret": program.fact("client_secret"), "audience": program.fact("management_audience"),
    });
    let (_, answer) = program.post("oauth/token", body);
    assert_eq!(answer["scope"], "read:users create:users read:events");
    let id = FakeUser::generated(999_999).user_id.replace('|', "%7C");
    let request = agent()
        .get(format!("{}api/v2/users/{id}", program.fact("issuer")))
        .header("authorization", format!("Bearer {}", answer["access_token"].as_str().unwrap()));
    assert_eq!(read(request.call().unwrap()).1["email"], "person-999999@generated.example.test");
}

#[test]
fn a_token_says_what_was_ordered_of_it() {
    let program = Program::start(&[]);
    let order = json!({ "scope": "read:notes", "permissions": ["write:notes"], "org_id": "org_acme" });
    let (status, answer) = program.post("dev/token", order);
    let said = claims(answer["access_token"].as_str().unwrap());
    assert_eq!((status, &said["sub"], &said["scope"]), (200, &json!("auth0|ada"), &json!("read:notes")));
    assert_eq!((&said["permissions"], &said["org_id"]), (&json!(["write:notes"]), &json!("org_acme")));
    let ordinary = program.post("dev/token", json!({})).1;
    let said = claims(ordinary["access_token"].as_str().unwrap());
    assert_eq!((said.get("permissions"), said.get("org_id")), (None, None));
    assert_eq!(program.post("dev/token", json!({ "permissions": "write:notes" })).0, 400);
}

#[test]
fn the_key_sets_headers_and_the_clock_are_changed_by_hand() {
    let program = Program::start(&[]);
    let jwks = || agent().get(program.fact("jwks")).call().unwrap();
    let order = json!({ "name": "cache-control", "values": ["max-age=7"] });
    assert_eq!(program.post("dev/jwks-header", order).0, 204);
    assert_eq!(jwks().headers()["cache-control"], "max-age=7");
    assert_eq!(program.post("dev/jwks-header", json!({ "name": "a b", "values": [] })).0, 400);
    let usual = jwks().headers()["date"].clone();
    assert_eq!(program.post("dev/clock", json!({ "offset": -86_400 })).0, 204);
    assert_ne!(jwks().headers()["date"], usual);
}

#[test]
fn the_program_sends_events_and_tells_what_became_of_them() {
    let receiver = Receiver::start();
    let program = Program::start(&["--webhook", &receiver.url(), "--webhook-token", "hush"]);
    assert_eq!(program.post("dev/events/test", json!({ "type": "user.updated" })).0, 204);
    assert_eq!(program.post("dev/events/test", json!({ "type": "user.vanished" })).0, 400);
    program.post("dev/users/auth0%7Cada/block", json!({}));
    let begun = Instant::now();
    let deliveries = loop {
        let deliveries = program.get("dev/deliveries");
        if deliveries.as_array().unwrap().len() == 2 {
            break deliveries;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{deliveries}");
    };
    let purposes: Vec<&Value> = (0..2).map(|position| &deliveries[position]["event"]["a0purpose"]).collect();
    assert_eq!(purposes, [&json!("test"), &Value::Null]);
    assert_eq!(deliveries[1]["attempts"], json!([{ "status": 204 }]));
    assert_eq!(receiver.received()[1].event["data"]["object"]["blocked"], true);
    assert_eq!(receiver.received()[0].event["a0stream"], program.fact("event_stream"));

    assert_eq!(program.post("dev/webhook", json!({ "url": "http://192.0.2.1/", "token": "t" })).0, 400);
    assert_eq!(program.post("dev/webhook", json!({ "url": null })).0, 204);
    program.post("dev/users/auth0%7Cada/unblock", json!({}));
    assert_eq!(program.get("dev/deliveries").as_array().unwrap().len(), 2);
}
