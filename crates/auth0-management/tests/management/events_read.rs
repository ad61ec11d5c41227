//! Events as Auth0 writes them become facts; what is no event is told apart by member.

use auth0_management::{EventContent, EventFault, read_event};
use domain::{Auth0Fact, UnixTime};
use serde_json::{Value, json};

/// An event as the schema and the examples have it, with everything in it.
fn event(kind: &str, object: Value) -> Value {
    json!({
        "specversion": "1.0", "type": kind, "source": "urn:auth0:acme.eu.auth0.com", "id": "evt_1234567890abcdefghijkl",
        "time": "2026-01-31T12:00:00.500Z", "a0tenant": "acme", "a0stream": "est_1234567890abcdefghijkl",
        "data": { "object": object, "previous_object": null, "context": { "request": { "ip": "192.0.2.1" } } },
    })
}

fn user() -> Value {
    json!({
        "user_id": "auth0|ada", "email": "Ada@Example.com", "email_verified": true, "name": "Ada Lovelace",
        "picture": "https://cdn.example.com/ada.png", "blocked": false, "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-31T11:59:59.000Z", "logins_count": 7, "app_metadata": { "plan": [1, { "a": null }] },
        "identities": [{ "connection": "Username-Password-Authentication", "user_id": "ada", "isSocial": false }],
    })
}

fn without(mut value: Value, pointer: &str, member: &str) -> Value {
    value.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object").remove(member);
    value
}

#[track_caller]
fn fact(event: &Value) -> Auth0Fact {
    match read_event(event.to_string().as_bytes()).map(|event| event.content) {
        Ok(EventContent::Fact(fact)) => fact,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn fault(body: &[u8]) -> EventFault {
    read_event(body).expect_err("a problem").fault
}

fn at(text: &str) -> UnixTime {
    UnixTime::from_millis(text.parse::<jiff::Timestamp>().expect("a time").as_millisecond())
}

#[test]
fn a_user_who_was_made_or_changed_is_a_profile_of_that_time() {
    for kind in ["user.created", "user.updated"] {
        let read = read_event(event(kind, user()).to_string().as_bytes()).expect("an event");
        assert_eq!((read.id.as_str(), read.kind.name()), ("evt_1234567890abcdefghijkl", kind));
        assert_eq!(read.time, Some(at("2026-01-31T12:00:00.500Z")));
        let EventContent::Fact(fact) = read.content else { panic!("{read:?}") };
        assert_eq!((fact.subject.as_str(), fact.deleted_at), ("auth0|ada", None));
        let said = fact.profile.expect("a profile");
        assert_eq!(
            said.profile.email.map(|email| email.address.as_str().to_owned()).as_deref(),
            Some("ada@example.com")
        );
        assert_eq!(said.created_at, Some(at("2026-01-01T00:00:00Z")));
        assert_eq!(said.time.updated_at, at("2026-01-31T11:59:59Z"));
        assert_eq!(said.time.said_at, at("2026-01-31T12:00:00.500Z"));
    }
}

#[test]
fn a_deletion_has_its_time_from_the_object_or_from_the_event() {
    let mut gone = user();
    gone["deleted_at"] = "2026-01-31T12:00:00.100Z".into();
    let read = fact(&event("user.deleted", gone));
    assert_eq!(read.deleted_at, Some(at("2026-01-31T12:00:00.100Z")));
    assert!(read.profile.is_some());
    assert_eq!(fact(&event("user.deleted", user())).deleted_at, Some(at("2026-01-31T12:00:00.500Z")));
}

#[test]
fn a_deletion_is_never_before_the_last_change() {
    let mut gone = user();
    gone["deleted_at"] = "2026-01-31T11:00:00.000Z".into();
    assert_eq!(fact(&event("user.deleted", gone)).deleted_at, Some(at("2026-01-31T11:59:59Z")));
}

#[test]
fn a_user_who_lives_has_no_deletion_whatever_the_object_says() {
    let mut odd = user();
    odd["deleted_at"] = "2026-01-31T12:00:00.100Z".into();
    assert_eq!(fact(&event("user.updated", odd)).deleted_at, None);
}

#[test]
fn a_blocked_user_is_one() {
    let mut blocked = user();
    blocked["blocked"] = true.into();
    assert!(fact(&event("user.updated", blocked)).profile.expect("a profile").blocked);
}

#[test]
fn what_is_not_needed_may_be_missing_or_anything() {
    let least = json!({
        "id": "evt_1", "type": "user.created", "time": "2026-01-31T12:00:00Z", "data": { "object": { "user_id": "sms|1" } },
    });
    assert_eq!(fact(&least).subject.as_str(), "sms|1");
    let mut odd = event("user.updated", user());
    odd["specversion"] = 7.into();
    odd["a0tenant"] = json!([{}]);
    odd["a0purpose"] = "production".into();
    odd["data"]["object"]["identities"] = "none".into();
    odd["data"]["object"]["updated_at"] = Value::Null;
    odd["data"]["context"] = false.into();
    odd["more"] = json!({ "and": "more" });
    assert_eq!(fact(&odd).profile.expect("a profile").time.updated_at, at("2026-01-31T12:00:00.500Z"));
}

#[test]
fn without_a_time_the_object_s_own_stands_in() {
    let timeless = without(event("user.updated", user()), "", "time");
    assert_eq!(fact(&timeless).profile.expect("a profile").time.said_at, at("2026-01-31T11:59:59Z"));
    let mut unreadable = event("user.updated", user());
    unreadable["time"] = "yesterday".into();
    assert_eq!(fact(&unreadable), fact(&timeless));
    let mut gone = without(without(event("user.deleted", user()), "", "time"), "/data/object", "updated_at");
    assert_eq!(fault(gone.to_string().as_bytes()), EventFault::Time);
    gone["data"]["object"]["deleted_at"] = "2026-02-01T00:00:00Z".into();
    assert_eq!(fact(&gone).deleted_at, Some(at("2026-02-01T00:00:00Z")));
}

#[test]
fn test_deliveries_and_events_about_other_things_say_nothing() {
    let mut test = event("user.created", json!(null));
    test["a0purpose"] = "test".into();
    let content = |event: &Value| read_event(event.to_string().as_bytes()).expect("an event").content;
    assert_eq!(content(&test), EventContent::Test);
    for kind in ["organization.created", "user.updated.again", "USER.CREATED", "user", ""] {
        assert_eq!(content(&event(kind, json!("anything"))), EventContent::OtherType, "{kind}");
        let bare = json!({ "id": "evt_1", "type": kind });
        assert_eq!(content(&bare), EventContent::OtherType, "{kind}");
    }
}

#[test]
fn what_is_no_event_is_told_by_its_member_and_with_its_id_if_it_has_one() {
    for body in ["", "null", "[]", "7", "{", "\"x\"", "{}x", "\u{feff}{}", "{\"id\":\"a\",\"id\":\"b\"}"] {
        assert_eq!(fault(body.as_bytes()), EventFault::NoObject, "{body}");
    }
    assert_eq!(fault(b"\xff\xfe{}"), EventFault::NoObject);
    let nested = format!("{{\"id\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(fault(nested.as_bytes()), EventFault::NoObject);
    let mut nameless = event("user.created", user());
    for id in [json!(null), json!(7), json!(""), json!("x".repeat(256)), json!("a\u{0}")] {
        nameless["id"] = id;
        assert_eq!(fault(nameless.to_string().as_bytes()), EventFault::Id);
    }
    for (pointer, member, expected) in [
        ("", "type", EventFault::Type),
        ("", "data", EventFault::Object),
        ("/data", "object", EventFault::Object),
        ("/data/object", "user_id", EventFault::UserId),
    ] {
        let broken = without(event("user.created", user()), pointer, member).to_string();
        let problem = read_event(broken.as_bytes()).expect_err("a problem");
        assert_eq!(problem.fault, expected);
        assert_eq!(problem.event.map(|id| id.as_str().to_owned()).as_deref(), Some("evt_1234567890abcdefghijkl"));
    }
}

#[test]
fn an_object_and_a_subject_are_exactly_that() {
    let with = |object: Value| fault(event("user.created", object).to_string().as_bytes());
    for object in [json!(null), json!([["auth0|ada", null]]), json!("auth0|ada"), json!(7)] {
        assert_eq!(with(object), EventFault::Object);
    }
    for id in
        [json!(7), json!(["auth0|ada"]), json!(""), json!("x".repeat(256)), json!("m2m@clients"), json!("legacy|1")]
    {
        assert_eq!(with(json!({ "user_id": id })), EventFault::UserId);
    }
}

#[test]
fn a_problem_names_the_member_and_never_a_value() {
    let mut odd = event("user.created", user());
    odd["data"]["object"]["user_id"] = "hunter2\u{0}".into();
    let problem = read_event(odd.to_string().as_bytes()).expect_err("a problem");
    assert_eq!(problem.to_string(), "data.object.user_id is missing or no subject of a user");
    assert!(!format!("{problem:?}").contains("hunter2"));
}
