//! `/readyz`: what it says, and that nothing needs a restart.

use scratch_database::ScratchDatabase;
use tempfile::TempDir;

use crate::client::{Answer, Client, sync_body};
use crate::databases::{count, on_both_databases};
use crate::program::Program;
use crate::spawn::Setup;
use crate::waiting::eventually;

on_both_databases! {
    a_server_that_is_ready_says_so_byte_for_byte,
}

fn a_server_that_is_ready_says_so_byte_for_byte(setup: Setup) {
    let server = setup.start();
    let answer = server.get("/readyz");
    let age = &answer.json()["keys"]["age_seconds"];
    assert!(age.as_u64().is_some_and(|age| age < 60), "{answer:?}");
    let issuer = server.tenant.issuer();
    answer.assert_ok(&format!(
        r#"{{"ready":true,"draining":false,"keys":{{"state":"fresh","age_seconds":{age},"issuers":[{{"issuer":"{issuer}","state":"fresh","age_seconds":{age},"last_fetch":"ok"}}]}},"database":{{"state":"reachable"}},"schema":{{"state":"current","pending":0,"hint":null}}}}"#
    ));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// Asks until the answer is as expected, and returns it.
fn readiness(client: &Client, what: &str, expected: impl Fn(&Answer) -> bool) -> Answer {
    eventually(what, || Some(client.get("/readyz")).filter(&expected))
}

#[test]
fn a_postgres_that_is_not_migrated_is_said_to_be_until_it_is() {
    let setup = Program::of(Setup::on(ScratchDatabase::postgres()));
    let migration = [("DATABASE_URL".to_owned(), setup.database_url().to_owned())];
    let steps = setup.run(&["migrate", "status"]).stdout.lines().filter(|line| line.starts_with("pending")).count();
    let program = setup.serve();
    let client = program.client();
    let answer = readiness(&client, "keys are there and the schema is behind", |answer| {
        let report = answer.json();
        report["keys"]["state"] == "fresh" && report["schema"]["state"] == "behind"
    });
    assert_eq!(answer.status, 503);
    let age = &answer.json()["keys"]["age_seconds"];
    let issuer = program.tenant.issuer();
    assert_eq!(
        answer.body,
        format!(
            r#"{{"ready":false,"draining":false,"keys":{{"state":"fresh","age_seconds":{age},"issuers":[{{"issuer":"{issuer}","state":"fresh","age_seconds":{age},"last_fetch":"ok"}}]}},"database":{{"state":"reachable"}},"schema":{{"state":"behind","pending":{steps},"hint":"run `authsync migrate up`"}}}}"#
        )
    );
    let token = program.tenant.token("auth0|ada");
    let body = sync_body("ada@example.com", "auth0|ada", None);
    client.verify(&token).assert_unavailable();
    client.sync(&token, &body).assert_unavailable();
    // Nobody but an operator migrates PostgreSQL.
    assert_eq!(program.database.scalar("SELECT to_regclass('users')"), None);

    let migrated = crate::program::run(&migration, &["migrate", "up"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    readiness(&client, "the server is ready", |answer| answer.status == 200);
    assert_eq!(client.sync(&token, &body).id(), 1);
    assert_eq!(client.verify(&token).status, 200);
}

#[test]
fn a_new_sqlite_database_is_migrated_by_the_server_itself() {
    let server = Setup::on_sqlite().start();
    assert_eq!(server.get("/readyz").json()["schema"]["state"], "current");
    assert_eq!(count(&server.database, "SELECT count(*) FROM users"), 0);
}

#[test]
fn a_sqlite_database_whose_place_appears_later_is_taken_into_use() {
    let directory = TempDir::new().expect("a directory");
    let mount = directory.path().join("not-mounted-yet");
    let url = format!("sqlite://{}/authsync.db", mount.display());
    let server = Setup::on_sqlite().with("DATABASE_URL", &url).start_without_waiting();
    let answer = readiness(&server, "keys are there", |answer| answer.json()["keys"]["state"] == "fresh");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["database"]["state"], "unreachable");
    assert_eq!(server.get("/healthz").status, 200);
    let token = server.tenant.token("auth0|ada");
    server.verify(&token).assert_unavailable();
    std::fs::create_dir(&mount).expect("a directory");
    server.wait_until_ready();
    assert_eq!(server.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id(), 1);
}

#[test]
fn missing_keys_are_said_to_be_missing() {
    let setup = Setup::on_sqlite();
    setup.tenant.go_down();
    let server = setup.start_without_waiting();
    let answer = readiness(&server, "the database is there and the issuer was asked", |answer| {
        let report = answer.json();
        report["schema"]["state"] == "current" && report["keys"]["issuers"][0]["last_fetch"] == "failed"
    });
    assert_eq!(answer.status, 503);
    let issuer = server.tenant.issuer();
    assert_eq!(
        answer.body,
        format!(
            r#"{{"ready":false,"draining":false,"keys":{{"state":"missing","age_seconds":null,"issuers":[{{"issuer":"{issuer}","state":"missing","age_seconds":null,"last_fetch":"failed"}}]}},"database":{{"state":"reachable"}},"schema":{{"state":"current","pending":0,"hint":null}}}}"#
        )
    );
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn eager_probes_cost_the_database_next_to_nothing() {
    let server = Setup::on_sqlite().start();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(server.get("/readyz").status, 200)));
        }
    });
}
