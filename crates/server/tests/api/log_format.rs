//! The log in JSON.

use serde_json::Value;

use crate::program::Program;
use crate::waiting::eventually;

#[test]
fn an_answered_request_leaves_an_object_with_its_parts() {
    let program = Program::on_sqlite().with("AUTHSYNC_LOG_FORMAT", "json").serve_ready();
    let token = program.tenant.token_for("auth0|ada").expires_in(-3600).mint();
    let answer = program.client().verify(&token);
    let id = answer.header("x-request-id").expect("an id").to_owned();
    let record = eventually("the request is in the log", || {
        let log = program.log();
        let mut records = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        records.find(|record| record["target"] == "access" && record["id"] == id.as_str())
    });
    assert_eq!(
        (&record["level"], &record["method"], &record["route"]),
        (&"info".into(), &"GET".into(), &"/auth/verify".into())
    );
    assert_eq!((&record["status"], &record["reason"]), (&401.into(), &"expired".into()));
    assert!(record["duration_us"].as_u64().is_some_and(|micros| micros > 0), "{record}");
}

#[test]
fn the_cause_of_our_own_trouble_has_the_id_of_its_request() {
    let program = Program::on_sqlite().with("AUTHSYNC_LOG_FORMAT", "json").serve_ready();
    program.database.execute("ALTER TABLE users RENAME COLUMN picture TO photograph");
    let answer = program.client().verify(&program.tenant.token("auth0|ada"));
    let id = answer.header("x-request-id").expect("an id").to_owned();
    let record = eventually("the cause is in the log", || {
        let log = program.log();
        let mut records = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        records.find(|record| record["target"] == "http" && record["id"] == id.as_str())
    });
    assert!(record["message"].as_str().is_some_and(|message| message.contains("picture")), "{record}");
}
