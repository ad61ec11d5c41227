//! Bulk exports.

use std::io::{BufRead, BufReader, Read};

use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeAuth0, FakeUser};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::client::agent;
use crate::management::Management;

/// The lines of a download, unpacked as they arrive, up to the first error.
fn lines(location: &str) -> impl Iterator<Item = std::io::Result<Vec<u8>>> {
    let answer = agent().get(location).call().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/gzip");
    assert!(!answer.headers().contains_key("content-encoding"));
    let mut lines = BufReader::new(GzDecoder::new(answer.into_body().into_reader())).split(b'\n');
    let mut broken = false;
    std::iter::from_fn(move || {
        let line = if broken { None } else { lines.next() };
        broken = line.as_ref().is_some_and(Result::is_err);
        line
    })
}

fn people(location: &str) -> Vec<Value> {
    lines(location).map(|line| serde_json::from_slice(&line.unwrap()).unwrap()).collect()
}

fn ids(people: &[Value]) -> Vec<&str> {
    people.iter().map(|person| person["user_id"].as_str().unwrap()).collect()
}

#[test]
fn an_export_holds_everybody_with_the_fields_that_were_asked_for() {
    let management = Management::start();
    management.tenant.add_user(FakeUser::new("auth0|1").email("a@example.test", true).blocked(true));
    management.tenant.add_user(FakeUser::new("google-oauth2|2").name("G"));
    let everybody = people(&management.exported(&json!({ "format": "json" })));
    assert_eq!(ids(&everybody), ["auth0|1", "google-oauth2|2"]);
    assert_eq!((&everybody[0]["email"], everybody[0].get("blocked")), (&json!("a@example.test"), None));
    assert!(everybody[0]["updated_at"].is_string() && everybody[0]["identities"].is_array());

    let order = json!({
        "format": "json", "connection_id": DATABASE_CONNECTION_ID,
        "fields": [{ "name": "user_id" }, { "name": "blocked", "export_as": "barred" }],
    });
    assert_eq!(people(&management.exported(&order)), [json!({ "user_id": "auth0|1", "barred": true })]);
    assert_eq!(ids(&people(&management.exported(&json!({ "format": "json", "limit": 1 })))), ["auth0|1"]);
}

#[test]
fn an_export_is_a_job_whose_address_lasts_a_minute() {
    let tenant = FakeAuth0::builder().clock_at(1_800_000_000).start();
    let management = Management::of(tenant);
    let (status, job) = management.export(&json!({ "format": "json", "limit": 5, "fields": [{ "name": "email" }] }));
    assert_eq!(status, 200);
    assert_eq!(
        (&job["type"], &job["status"], &job["format"], &job["limit"], &job["fields"]),
        (&json!("users_export"), &json!("pending"), &json!("json"), &json!(5), &json!([{ "name": "email" }]))
    );
    let id = job["id"].as_str().unwrap();
    assert_eq!(management.job(id).1["status"], "processing");
    let (_, job) = management.job(id);
    assert_eq!((&job["status"], &job["percentage_done"]), (&json!("completed"), &json!(100)));
    let location = job["location"].as_str().unwrap();
    assert!(location.ends_with("/fake-auth0.json.gz"));
    assert_eq!(management.job(id).1["location"], location);
    let status = |location: &str| agent().get(location).call().unwrap().status().as_u16();
    assert_eq!(status(location), 200);
    assert_eq!(management.get(location.to_owned()).0, 400, "a token has no business at the storage");
    management.tenant.set_clock(1_800_000_059);
    assert_eq!(status(location), 200);
    management.tenant.set_clock(1_800_000_060);
    assert_eq!(status(location), 403);
    let (_, job) = management.job(id);
    let renewed = job["location"].as_str().unwrap();
    assert_ne!(renewed, location);
    assert_eq!((status(renewed), status(location)), (200, 403));
    assert_eq!(status(&renewed.replace(id, "job_0000000000000000")), 403);
}

#[test]
fn an_order_that_cannot_be_met_is_400() {
    let management = Management::start();
    for order in [
        json!({ "format": "csv" }),
        json!({}),
        json!({ "format": "json", "limit": 0 }),
        json!({ "format": "json", "connection_id": "con_0000000000000001" }),
        json!({ "format": "json", "fields": [{ "export_as": "x" }] }),
        json!({ "format": "json", "colour": "red" }),
    ] {
        assert_eq!(management.export(&order).0, 400, "{order}");
    }
}

#[test]
fn generated_people_are_read_and_exported_without_those_that_were_deleted() {
    let management = Management::of(FakeAuth0::builder().generated_people(3_000).start());
    let of = |number: u64| FakeUser::generated(number).user_id;
    assert_eq!(management.user(&of(2_999))["email"], "person-2999@generated.example.test");
    assert_eq!(management.user(&of(3_000))["statusCode"], 404);
    assert!(management.tenant.delete_user(&of(7)));
    assert_eq!(management.user(&of(7))["statusCode"], 404);
    assert!(management.tenant.update_user(&of(8), |user| user.name = Some("Changed".to_owned())));
    let exported = people(&management.exported(&json!({ "format": "json" })));
    assert_eq!(exported.len(), 2_999);
    let ids = ids(&exported);
    assert_eq!((ids[0], &exported[0]["name"]), (of(8).as_str(), &json!("Changed")));
    assert_eq!((ids[8], ids[2_998]), (of(9).as_str(), of(2_999).as_str()));
    assert!(!ids.contains(&of(7).as_str()) && ids.iter().filter(|id| **id == of(8)).count() == 1);
}

#[test]
fn a_download_breaks_off_in_the_middle() {
    let management = Management::of(FakeAuth0::builder().generated_people(5_000).start());
    let location = management.exported(&json!({ "format": "json" }));
    management.tenant.break_exports_after(1_234);
    let arrived: Vec<_> = lines(&location).collect();
    assert!(arrived.last().unwrap().is_err(), "the end of the connection is no end of the file");
    assert_eq!(arrived.iter().filter(|line| line.is_ok()).count(), 1_234);
    management.tenant.mend_exports();
    assert_eq!(lines(&location).filter(|line| line.is_ok()).count(), 5_000);
}

#[test]
fn malformed_lines_stand_between_the_good_ones() {
    let management = Management::of(FakeAuth0::builder().generated_people(1_000).start());
    let location = management.exported(&json!({ "format": "json" }));
    management.tenant.spoil_exports(100);
    let id = |line: Vec<u8>| Some(serde_json::from_slice::<Value>(&line).ok()?.get("user_id")?.as_str()?.to_owned());
    let (good, bad): (Vec<_>, Vec<_>) = lines(&location).map(|line| id(line.unwrap())).partition(Option::is_some);
    assert_eq!((good.len(), bad.len()), (1_000, 10));
}

#[test]
fn an_export_is_cut_and_counted_like_every_endpoint() {
    let management = Management::of(FakeAuth0::builder().generated_people(100).start());
    let location = management.exported(&json!({ "format": "json" }));
    management.tenant.truncate(Endpoint::ExportFile);
    let mut bytes = Vec::new();
    assert!(agent().get(&location).call().unwrap().into_body().into_reader().read_to_end(&mut bytes).is_err());
    management.tenant.fail(Endpoint::ExportFile, 500);
    assert_eq!(agent().get(&location).call().unwrap().status(), 500);
    assert_eq!(management.tenant.requests(Endpoint::ExportFile), 2);
}
