//! A server with a standby for lookups.

use scratch_database::OwnPostgres;

use crate::client::sync_body;
use crate::databases::migrate_up;
use crate::deployment::assert_a_replica_is_watched;
use crate::program::Program;
use crate::spawn::Setup;
use crate::waiting::eventually;

/// A primary and a standby that streams from it.
fn pair() -> (OwnPostgres, OwnPostgres) {
    let swift = || OwnPostgres::plan().durable().set("fsync", "off").set("autovacuum", "off");
    let primary = swift().start().expect("a primary");
    let standby = swift().copy_of(&primary).start().expect("a standby");
    (primary, standby)
}

#[test]
fn a_standby_answers_verify_and_its_loss_costs_no_request() {
    let (primary, standby) = pair();
    let database = primary.database();
    migrate_up(&database);
    let there = standby.url_of(&database.scalar("SELECT current_database()").expect("a name"));
    // Without memory, so that every look is one at a database.
    let setup = Program::of(Setup::on(database));
    let setup = setup.with("DATABASE_READ_URL", &there).with("AUTHSYNC_USER_CACHE_ENTRIES", "0");
    let checked = setup.run(&["check"]);
    assert!(checked.stdout.contains("within 1000 ms"), "{checked:?}");

    let program = setup.serve_ready();
    let client = program.client();
    let state = || client.get("/readyz").json()["database"]["replica"]["state"].as_str().map(str::to_owned);
    let lookups = |outcome: &str| {
        let series = format!("authsync_replica_lookups_total{{outcome=\"{outcome}\"}} ");
        let metrics = client.get("/metrics").body;
        let line = metrics.lines().find_map(|line| line.strip_prefix(&series)).map(str::to_owned);
        line.and_then(|count| count.parse::<u64>().ok()).unwrap_or_else(|| panic!("{metrics}"))
    };
    eventually("the standby is proven", || (state().as_deref() == Some("current")).then_some(()));
    let token = program.tenant.token("auth0|ada");
    let synced = client.sync(&token, &sync_body("ada@example.com", "auth0|ada", None));
    assert_eq!(synced.status, 200, "{synced:?}");
    // At once, wherever it is read; and sooner or later it is read at the standby.
    eventually("the standby answers", || {
        assert_eq!(client.verify(&token).status, 200);
        (lookups("answered") > 0).then_some(())
    });
    assert_a_replica_is_watched(&client.get("/metrics").body);

    standby.kill().expect("a standby to kill");
    eventually("the standby is known to be gone", || {
        assert_eq!(client.verify(&token).status, 200);
        (state().as_deref() == Some("unreachable")).then_some(())
    });
    assert_eq!(client.get("/readyz").status, 200);
    assert_eq!(client.verify(&token).status, 200);
}

#[test]
fn check_tells_of_a_standby_that_is_none() {
    let setup = Program::on_postgres();
    let url = setup.database_url().to_owned();
    let ended = setup.with("DATABASE_READ_URL", &url).run(&["check"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("follows no other server"), "{ended:?}");
}
