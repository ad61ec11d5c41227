//! `authsync check --rehearse-rotation`.

use fake_auth0::{Endpoint, FakeAuth0};
use scratch_database::ScratchDatabase;

use crate::client::Client;
use crate::program::{Ended, Program, ProgramSetup};
use crate::spawn::Setup;

const REHEARSE: [&str; 2] = ["check", "--rehearse-rotation"];

/// The program over a tenant that has the developer's routes.
fn program() -> ProgramSetup {
    let tenant = FakeAuth0::builder().development(true).start();
    Program::of(Setup::on(ScratchDatabase::sqlite()).with_tenant(tenant))
}

/// Of each line of the table: verdict, event, what tokens do, and the fetches.
fn table(ended: &Ended) -> Vec<[String; 4]> {
    let rows = ended.stdout.lines().filter(|line| line.starts_with("ok") || line.starts_with("failed"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [verdict, _clock, event, seen, fetches] = cells[..] else { panic!("{row:?}") };
        [verdict, event, seen, fetches].map(str::to_owned)
    })
    .collect()
}

#[track_caller]
fn assert_row(table: &[[String; 4]], event: &str, seen: &str, fetches: u32) {
    let row = table.iter().find(|row| row[1] == event).unwrap_or_else(|| panic!("{event}: {table:?}"));
    assert_eq!((row[0].as_str(), row[3].parse()), ("ok", Ok(fetches)), "{row:?}");
    assert!(row[2].contains(seen), "{row:?}");
}

#[test]
fn a_rehearsal_shows_what_each_kind_of_rotation_does_and_leaves_the_tenant_in_order() {
    let setup = program();
    let tenant = setup.tenant.clone();
    tenant.fail(Endpoint::Users, 500);
    let before = tenant.keys().len();
    let ended = setup.run(&REHEARSE);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let rows = table(&ended);
    assert_row(&rows, "the service starts", "2 keys are held; its tokens pass", 1);
    assert_row(&rows, "a rotation, as Auth0 announces it", "old and new tokens pass", 0);
    assert_row(&rows, "a sudden rotation, without a word", "old and new tokens pass", 1);
    assert_row(&rows, "the previous keys are withdrawn", "their tokens pass for now", 0);
    // The tenant says max-age=15, so the keys are good for a minute, and refreshed at 80 % of it or a little earlier.
    let (later, row) = (44..=48)
        .find_map(|seconds| Some((seconds, rows.iter().find(|row| row[1] == format!("{seconds} s later"))?)))
        .unwrap_or_else(|| panic!("{ended:?}"));
    assert_eq!(row[2], "their tokens are refused (401, unknown_key), today's pass", "{later}");
    assert_row(&rows, "the issuer is out of reach", "tokens pass", 0);
    assert_row(&rows, "the last moment", "with keys 1 d old", 1);
    assert_row(&rows, "the stale limit has passed", "cannot be judged (503)", 1);
    assert_row(&rows, "the issuer is back", "tokens pass after", 1);
    let total: usize = rows.iter().map(|row| row[3].parse::<usize>().expect("a number")).sum();
    assert_eq!(tenant.requests(Endpoint::Jwks), total, "{ended:?}");
    assert_eq!(tenant.keys().len(), before + 2);

    let client = Client::new(tenant.address());
    assert_eq!(client.get("/.well-known/jwks.json").status, 200);
    // Somebody else's fault is left to whoever ordered it.
    assert_eq!(client.get("/api/v2/users/auth0%7Cada").status, 500);
    assert!(!ended.stdout.contains("eyJ") && !ended.stdout.contains('\u{1b}'), "{ended:?}");
}

#[test]
fn a_rehearsal_goes_by_the_configured_rules() {
    let setup = program().with("AUTHSYNC_JWKS_STALE_SECS", "0").with("AUTHSYNC_JWKS_COOLDOWN_SECS", "5");
    setup.tenant.set_jwks_header("cache-control", &[]);
    let ended = setup.with("AUTHSYNC_JWKS_MAX_AGE_SECS", "100").run(&REHEARSE);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let rows = table(&ended);
    assert!(!rows.iter().any(|row| row[1] == "the last moment"), "{ended:?}");
    assert!(
        (72..=80).any(|seconds| rows.iter().any(|row| row[1] == format!("{} later", spoken(seconds)))),
        "{ended:?}"
    );
}

fn spoken(seconds: u32) -> String {
    if seconds == 60 {
        "1 min".to_owned()
    } else if seconds > 60 {
        format!("1 min {} s", seconds - 60)
    } else {
        format!("{seconds} s")
    }
}

#[test]
fn nobody_elses_keys_are_rotated() {
    let ended = program().with("AUTH0_DOMAIN", "acme.eu.auth0.com").run(&REHEARSE);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains("https://acme.eu.auth0.com/"), "{ended:?}");

    let without_routes = Program::on_sqlite();
    let keys = without_routes.tenant.keys();
    let ended = without_routes.run(&REHEARSE);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains("does not have the developer's routes"), "{ended:?}");
    assert_eq!(without_routes.tenant.keys(), keys);
}

#[test]
fn a_rehearsal_that_cannot_begin_says_why_and_changes_nothing() {
    let setup = program();
    setup.tenant.fail(Endpoint::Jwks, 500);
    let keys = setup.tenant.keys();
    let ended = setup.run(&REHEARSE);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(table(&ended)[0][0] == "failed" && ended.stdout.contains("cannot be judged (503)"), "{ended:?}");
    assert_eq!(setup.tenant.keys(), keys);
    assert_eq!(Client::new(setup.tenant.address()).get("/.well-known/jwks.json").status, 500);

    setup.tenant.go_down();
    let ended = setup.run(&REHEARSE);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains("/dev/requests"), "{ended:?}");
}
