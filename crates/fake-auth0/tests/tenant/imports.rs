//! Bulk imports.

use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeUser};
use serde_json::{Value, json};

use crate::management::Management;

const BCRYPT_TAIL: &str = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

fn code_of(refused: &Value) -> Value {
    refused[0]["errors"][0]["code"].clone()
}

#[test]
fn imported_rows_become_people() {
    let management = Management::start();
    let hash = format!("$2b$10${BCRYPT_TAIL}");
    let (job, refused) = management.import_whole(
        &json!([
            {
                "user_id": "42", "email": "Ada@Example.Test", "email_verified": true, "name": "Ada", "blocked": true,
                "picture": "https://example.test/ada.png", "username": "ada", "app_metadata": { "plan": "x" },
                "password_hash": hash,
            },
            { "email": "grace@example.test" },
        ]),
        false,
    );
    assert_eq!(job["summary"], json!({ "failed": 0, "updated": 0, "inserted": 2, "total": 2 }));
    assert_eq!((job["status"].as_str(), refused), (Some("completed"), Value::Null));

    let ada = management.user("auth0|42");
    assert_eq!(
        (&ada["email"], &ada["email_verified"], &ada["blocked"], &ada["app_metadata"]["plan"]),
        (&json!("ada@example.test"), &json!(true), &json!(true), &json!("x"))
    );
    assert_eq!(ada["identities"][0]["user_id"], "42");
    assert!(ada["created_at"].is_string() && ada.get("password_hash").is_none());
    let kept = management.tenant.imported_hash("auth0|42").unwrap();
    assert_eq!((kept.algorithm(), kept.text(), kept.member()), ("bcrypt", hash.as_str(), "password_hash"));
    assert!(!format!("{kept:?}").contains(BCRYPT_TAIL));

    let grace = management.tenant.users().into_iter().find(|user| user.user_id != "auth0|42").unwrap();
    let made_up = grace.user_id.strip_prefix("auth0|").unwrap();
    assert!(made_up.len() == 24 && made_up.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made_up}");
    assert_eq!((grace.email_verified, grace.name.as_deref()), (Some(false), Some("grace@example.test")));
    assert_eq!(management.tenant.imported_hash(&grace.user_id), None);
}

#[test]
fn a_job_advances_by_one_state_with_every_poll() {
    let management = Management::start();
    let (status, job) = management.import_form(
        b"[]",
        &[("connection_id", DATABASE_CONNECTION_ID), ("external_id", "part 1"), ("send_completion_email", "false")],
    );
    assert_eq!(status, 202);
    let id = job["id"].as_str().unwrap();
    assert!(id.starts_with("job_") && id.len() == 20, "{id}");
    assert_eq!(
        (&job["status"], &job["type"], &job["external_id"], &job["send_completion_email"], &job["upsert"]),
        (&json!("pending"), &json!("users_import"), &json!("part 1"), &json!(false), &json!(false))
    );
    assert_eq!(management.job_errors(id).1["status"], "pending");
    assert_eq!(management.job(id).1["status"], "processing");
    management.tenant.hold_jobs();
    assert_eq!(management.job(id).1["status"], "processing");
    management.tenant.release_jobs();
    assert_eq!(management.job(id).1["status"], "completed");
    assert_eq!(management.job_errors(id), (204, Value::Null));

    management.tenant.set_polls_per_job_state(2);
    let id = management.import(&json!([]), false);
    let states: Vec<Value> = (0..4).map(|_| management.job(&id).1["status"].clone()).collect();
    assert_eq!(states, ["pending", "processing", "processing", "completed"]);

    management.tenant.set_polls_per_job_state(0);
    let id = management.import(&json!([]), false);
    assert_eq!(management.job(&id).1["status"], "completed");
}

#[test]
fn a_job_is_forgotten_after_a_day_and_fails_after_two_hours() {
    let management = Management::start();
    management.tenant.hold_jobs();
    let id = management.import(&json!([]), false);
    management.tenant.set_clock_offset(7_201);
    assert_eq!(management.job(&id).1["status"], "failed");
    management.tenant.set_clock_offset(86_300);
    assert_eq!(management.job(&id).0, 200);
    management.tenant.set_clock_offset(86_401);
    let fresh = Management::of(management.tenant);
    assert_eq!(fresh.job(&id).0, 404);
    assert_eq!(fresh.job_errors(&id).0, 404);
}

#[test]
fn a_third_job_at_once_is_refused_until_one_of_the_two_is_done() {
    let management = Management::start();
    let first = management.import(&json!([]), false);
    management.import(&json!([]), false);
    management.tenant.hold_jobs();
    let fields = [("connection_id", DATABASE_CONNECTION_ID)];
    let (status, refusal) = management.import_form(b"[]", &fields);
    assert_eq!(status, 429);
    let message = "There are 2 active import users jobs, please wait until some of them are finished and try again";
    assert_eq!(refusal["message"], message);
    assert_eq!(management.tenant.active_import_jobs(), 2);
    management.tenant.release_jobs();
    management.job(&first);
    management.job(&first);
    assert_eq!(management.import_form(b"[]", &fields).0, 202);
    // Nobody asks about these two, and yet they end.
    assert_eq!(management.import_form(b"[]", &fields).0, 429);
    assert_eq!(management.import_form(b"[]", &fields).0, 429);
    assert_eq!(management.import_form(b"[]", &fields).0, 202);
}

#[test]
fn a_file_that_is_no_array_fails_the_job_and_changes_nothing() {
    let management = Management::start();
    for file in [&b"{}"[..], b"", b"[{\"email\":\"a@example.test\"}", b"\xff"] {
        let (_, job) = management.import_form(file, &[("connection_id", DATABASE_CONNECTION_ID)]);
        management.tenant.finish_jobs();
        let id = job["id"].as_str().unwrap();
        let (_, job) = management.job(id);
        assert_eq!(job["status"], "failed");
        assert!(job["status_details"].as_str().unwrap().starts_with("Failed to parse users file JSON"));
        assert_eq!(management.job_errors(id), (204, Value::Null));
    }
    assert!(management.tenant.users().is_empty());
}

#[test]
fn a_file_of_more_than_500_kilobytes_is_413() {
    let management = Management::start();
    let fields = [("connection_id", DATABASE_CONNECTION_ID)];
    let file = |length: usize| format!("[{}]", " ".repeat(length - 2));
    assert_eq!(management.import_form(file(500_000).as_bytes(), &fields).0, 202);
    assert_eq!(management.import_form(file(500_001).as_bytes(), &fields).0, 413);
    assert_eq!(management.import_form(file(5_000_000).as_bytes(), &fields).0, 413);
    management.tenant.fail(Endpoint::UsersImports, 503);
    assert_eq!(management.import_form(file(500_000).as_bytes(), &fields).0, 503);
}

#[test]
fn a_form_that_lacks_something_is_400() {
    let management = Management::start();
    for fields in [
        &[][..],
        &[("connection_id", "con_0000000000000001")],
        &[("connection_id", DATABASE_CONNECTION_ID), ("upsert", "yes")],
        &[("connection_id", DATABASE_CONNECTION_ID), ("colour", "red")],
    ] {
        let (status, refusal) = management.import_form(b"[]", fields);
        assert_eq!((status, &refusal["errorCode"]), (400, &json!("invalid_body")), "{fields:?}");
    }
    assert_eq!(management.tenant.active_import_jobs(), 0);
}

#[test]
fn jobs_take_their_scopes() {
    let management = Management::start();
    let id = management.import(&json!([]), false);
    let fields = [("connection_id", DATABASE_CONNECTION_ID)];
    management.tenant.revoke_management_tokens();
    assert_eq!((management.import_form(b"[]", &fields).0, management.job(&id).0), (401, 401));

    let reader = Management::of(management.tenant);
    reader.tenant.set_management_scope("read:users");
    let body = json!({
        "grant_type": "client_credentials", "client_id": reader.tenant.client_id(),
        "client_secret": reader.tenant.client_secret(), "audience": reader.tenant.management_audience(),
    });
    let mut answer = crate::client::agent().post(reader.tenant.url(Endpoint::Token)).send_json(body).unwrap();
    let token = crate::client::json(&mut answer)["access_token"].as_str().unwrap().to_owned();
    let reader = Management { token, tenant: reader.tenant };
    let (status, refusal) = reader.import_form(b"[]", &fields);
    assert_eq!((status, &refusal["errorCode"]), (403, &json!("insufficient_scope")));
    assert_eq!((reader.job(&id).0, reader.export(&json!({ "format": "json" })).0), (200, 200));
}

#[test]
fn bad_rows_are_reported_and_do_not_fail_the_job() {
    let management = Management::start();
    management.tenant.add_user(FakeUser::new("auth0|1").email("taken@example.test", true));
    management.tenant.add_user(FakeUser::new("google-oauth2|1").email("elsewhere@example.test", true));
    let rows = json!([
        { "email": "good@example.test", "user_id": "a", "username": "good" },
        { "email": "GOOD@example.test" },
        { "email": "b@example.test", "user_id": "a" },
        { "email": "c@example.test", "username": "Good" },
        { "email": "Taken@example.test" },
        { "email": "d@example.test", "user_id": "1" },
        { "email": "elsewhere@example.test" },
        { "name": "no address" },
        "no object",
    ]);
    let (job, refused) = management.import_whole(&rows, false);
    assert_eq!(job["status"], "completed");
    assert_eq!(job["summary"], json!({ "failed": 7, "updated": 0, "inserted": 2, "total": 9 }));
    let codes: Vec<&Value> = refused.as_array().unwrap().iter().map(|row| &row["errors"][0]["code"]).collect();
    assert_eq!(
        codes,
        [
            "DUPLICATED_USER",
            "DUPLICATED_USER",
            "DUPLICATED_USER",
            "CONFLICT_EMAIL",
            "CONFLICT",
            "OBJECT_REQUIRED",
            "INVALID_TYPE",
        ]
    );
    assert_eq!(refused[0]["user"], rows[1]);
}

#[test]
fn every_member_is_checked_against_the_schema() {
    let management = Management::start();
    let long = |length: usize| "x".repeat(length);
    for (member, value, code, path) in [
        ("email", json!("no address"), "FORMAT", "email"),
        ("email", json!("a@localhost"), "FORMAT", "email"),
        ("email", json!("a..b@example.test"), "FORMAT", "email"),
        ("email", json!(null), "INVALID_TYPE", "email"),
        ("email_verified", json!("true"), "INVALID_TYPE", "email_verified"),
        ("name", json!(""), "MIN_LENGTH", "name"),
        ("name", json!(long(301)), "MAX_LENGTH", "name"),
        ("nickname", json!(long(301)), "MAX_LENGTH", "nickname"),
        ("given_name", json!(long(151)), "MAX_LENGTH", "given_name"),
        ("family_name", json!(long(151)), "MAX_LENGTH", "family_name"),
        ("username", json!(long(129)), "MAX_LENGTH", "username"),
        ("user_id", json!(7), "INVALID_TYPE", "user_id"),
        ("user_id", json!(long(256)), "MAX_LENGTH", "user_id"),
        ("picture", json!("no address"), "FORMAT", "picture"),
        ("phone_number", json!("555"), "PATTERN", "phone_number"),
        ("blocked", json!(1), "INVALID_TYPE", "blocked"),
        ("user_metadata", json!([]), "INVALID_TYPE", "user_metadata"),
        ("app_metadata", json!({ "blocked": true }), "NOT_PASSED", "app_metadata"),
        ("created_at", json!("2020-01-01T00:00:00Z"), "NOT_PASSED", "created_at"),
        ("mfa_factors", json!([]), "ARRAY_LENGTH_SHORT", "mfa_factors"),
        ("mfa_factors", json!([{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}]), "ARRAY_LENGTH_LONG", "mfa_factors"),
        ("mfa_factors", json!([{ "totp": { "secret": "1=" } }]), "PATTERN", "mfa_factors[0].totp.secret"),
        (
            "mfa_factors",
            json!([{ "phone": { "value": "+1" }, "email": { "value": "a@b.c" } }]),
            "NOT_PASSED",
            "mfa_factors[0]",
        ),
    ] {
        let mut row = json!({ "email": "a@example.test" });
        row[member] = value.clone();
        let (_, refused) = management.import_whole(&json!([row]), false);
        assert_eq!(code_of(&refused), code, "{member} {value}: {refused}");
        assert_eq!(refused[0]["errors"][0]["path"], path);
    }
    let good = json!({
        "email": "ünï+tag@example.test", "email_verified": false, "phone_number": "+15550100", "phone_verified": true,
        "user_id": long(255), "username": long(128), "given_name": long(150), "family_name": long(150),
        "name": "ü".repeat(300), "nickname": long(300), "picture": "https://example.test/?a=b", "blocked": false,
        "app_metadata": { "a": 1 }, "user_metadata": { "blocked": "mine" },
        "mfa_factors": [{ "totp": { "secret": "JBSWY3DP" } }, { "phone": { "value": "+15550100" } }],
    });
    assert_eq!(management.import_whole(&json!([good]), false).1, Value::Null);
}

#[test]
fn an_upsert_changes_what_may_be_changed_and_matches_by_address() {
    let management = Management::start();
    management.tenant.set_polls_per_job_state(0);
    let first = json!([{
        "email": "a@example.test", "user_id": "1", "name": "Old", "email_verified": true, "user_metadata": { "a": 1 },
        "custom_password_hash": { "algorithm": "bcrypt", "hash": { "value": format!("$2a$12${BCRYPT_TAIL}") } },
    }]);
    management.import(&first, false);
    let created = management.user("auth0|1");
    let hash = json!({ "algorithm": "bcrypt", "hash": { "value": format!("$2y$05${BCRYPT_TAIL}") } });
    let again = json!([{
        "email": "A@example.test", "user_id": "2", "name": "New", "blocked": true, "user_metadata": { "b": 2 },
        "custom_password_hash": hash,
    }]);
    let (job, _) = management.import_whole(&again, true);
    assert_eq!(job["summary"], json!({ "failed": 0, "updated": 1, "inserted": 0, "total": 1 }));
    let updated = management.user("auth0|1");
    assert_eq!(
        (&updated["name"], &updated["email_verified"], &updated["user_metadata"]),
        (&json!("New"), &json!(true), &json!({ "b": 2 }))
    );
    assert!(updated.get("blocked").is_none() && management.tenant.user("auth0|2").is_none());
    assert!(updated["updated_at"].as_str() > created["updated_at"].as_str());
    assert_eq!(management.tenant.imported_hash("auth0|1").unwrap().value(), &hash);

    management.tenant.update_user("auth0|1", |user| {
        user.extra.insert("last_login".to_owned(), json!("2026-01-01T00:00:00.000Z"));
    });
    management.import(&first, true);
    assert_eq!(management.tenant.imported_hash("auth0|1").unwrap().value(), &hash);
}
