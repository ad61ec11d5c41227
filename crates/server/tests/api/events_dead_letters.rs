//! `authsync events dead-letters list|retry`.

use serde_json::{Value, json};
use server::command::{Format, Outcome};
use server::events::{dead_letters_list, dead_letters_retry};
use server::settings::{Environment, LocalSettings};

use crate::databases::on_both_databases;
use crate::events::{TOKEN, event, listening, user};
use crate::spawn::{Setup, TestServer};

on_both_databases! {
    letters_are_listed_with_their_bodies_and_nothing_changes,
    a_letter_that_can_be_applied_now_goes_and_the_others_stay,
    an_unreadable_letter_stays_one_letter,
    many_letters_are_tried_once_each,
}

const TIME: &str = "2026-01-31T12:00:00.000Z";
const LATER: &str = "2026-01-31T13:00:00.000Z";

fn settings(server: &TestServer) -> LocalSettings {
    let environment = Environment::default().with("DATABASE_URL", server.database.url());
    LocalSettings::load(&environment, None).unwrap_or_else(|problems| panic!("{problems}"))
}

fn list(server: &TestServer) -> Vec<Value> {
    let mut out = Vec::new();
    dead_letters_list(&settings(server), Format::Json, &mut out).expect("a list");
    let document: Value = serde_json::from_slice(&out).expect("JSON");
    document["dead_letters"].as_array().expect("letters").clone()
}

/// Whether all is done, and what was written.
fn retry(server: &TestServer) -> (bool, String) {
    let mut out = Vec::new();
    let Outcome { complete, report } = dead_letters_retry(&settings(server), &mut out).expect("a retry");
    assert_eq!(report, "");
    (complete, String::from_utf8(out).expect("text"))
}

/// Two users of one address: the second waits for it.
fn with_a_conflict(setup: Setup) -> TestServer {
    let server = listening(setup);
    server.hears(&event("evt_1", "user.created", TIME, &user("auth0|1", "ada@example.com", TIME)));
    server.hears(&event("evt_2", "user.created", TIME, &user("auth0|2", "ada@example.com", TIME)));
    server
}

fn letters_are_listed_with_their_bodies_and_nothing_changes(setup: Setup) {
    let server = with_a_conflict(setup);
    server.deliver(TOKEN, b"{\"no\": \"event\"}");
    let letters = list(&server);
    assert_eq!(letters.len(), 2);
    assert_eq!(
        [&letters[0]["event_id"], &letters[0]["auth0_id"], &letters[0]["source"], &letters[0]["attempts"]],
        [&json!("evt_2"), &json!("auth0|2"), &json!("push"), &json!(1)]
    );
    assert!(letters[0]["body"].as_str().is_some_and(|body| body.contains("ada@example.com")));
    assert_eq!([&letters[1]["event_id"], &letters[1]["auth0_id"]], [&Value::Null, &Value::Null]);
    assert_eq!(
        [&letters[1]["body"], &letters[1]["reason"]],
        ["{\"no\": \"event\"}", "id is missing or no string of 1 to 255 characters"]
    );
    assert_eq!(list(&server), letters);
    let mut table = Vec::new();
    dead_letters_list(&settings(&server), Format::Table, &mut table).expect("a list");
    let table = String::from_utf8(table).expect("text");
    assert!(table.lines().count() == 3 && table.contains("evt_2") && !table.contains("ada@example.com"), "{table}");
}

fn a_letter_that_can_be_applied_now_goes_and_the_others_stay(setup: Setup) {
    let server = with_a_conflict(setup);
    let (complete, report) = retry(&server);
    assert!(!complete && report.ends_with("0 done, 1 still parked\n"), "{report}");
    assert_eq!(list(&server)[0]["attempts"], 2);
    server.hears(&event("evt_3", "user.updated", LATER, &user("auth0|1", "moved@example.com", LATER)));
    assert_eq!(server.letters(), 1);
    let (complete, report) = retry(&server);
    assert!(complete && report.ends_with("1 done, 0 still parked\n"), "{report}");
    assert_eq!(server.letters(), 0);
    assert_eq!(retry(&server), (true, "0 done, 0 still parked\n".to_owned()));
    // The event counts as seen now.
    server.hears(&event("evt_2", "user.updated", LATER, &user("auth0|2", "else@example.com", LATER)));
    assert_eq!(server.column("email", "auth0|2").as_deref(), Some("ada@example.com"));
}

fn an_unreadable_letter_stays_one_letter(setup: Setup) {
    let server = listening(setup);
    server.deliver(TOKEN, b"nonsense");
    server.hears(&event("evt_1", "user.created", TIME, &json!({ "user_id": "m2m@clients" })));
    for attempts in 2..4 {
        let (complete, report) = retry(&server);
        assert!(!complete && report.ends_with("0 done, 2 still parked\n"), "{report}");
        let letters = list(&server);
        assert_eq!((letters.len(), &letters[0]["body"]), (2, &json!("nonsense")));
        assert_eq!(letters[1]["attempts"], attempts);
    }
}

fn many_letters_are_tried_once_each(setup: Setup) {
    let server = with_a_conflict(setup);
    for number in 3..40 {
        let id = format!("auth0|{number}");
        server.hears(&event(&format!("evt_{number}"), "user.created", TIME, &user(&id, "ada@example.com", TIME)));
    }
    assert_eq!(server.letters(), 38);
    let (complete, report) = retry(&server);
    assert!(!complete && report.ends_with("0 done, 38 still parked\n"), "{report}");
    assert!(list(&server).iter().all(|letter| letter["attempts"] == 2));
}
