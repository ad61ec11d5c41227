//! Keys that outlive the process: the server is killed, and started again while the issuer is out of reach.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fake_auth0::Endpoint;

use crate::client::{Client, PATIENCE, sync_body};
use crate::databases::on_both_databases;
use crate::program::{Program, ProgramSetup};
use crate::spawn::Setup;
use crate::waiting::eventually;

on_both_databases! {
    a_server_that_was_killed_serves_at_once_from_the_kept_keys,
    kept_keys_serve_up_to_the_stale_limit_and_no_longer,
}

/// A server that has fetched its keys and knows Ada, a token of hers that lasts for ten days; then the issuer goes down.
fn server_whose_issuer_went_down(setup: Setup) -> (Program, String) {
    let program = Program::of(setup).serve_ready();
    let token = program.tenant.token_for("auth0|ada").expires_in(10 * 86_400).mint();
    program.client().sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id();
    program.tenant.go_down();
    (program, token)
}

/// Ends the program without warning.
fn kill(mut program: Program) -> Program {
    program.signal("KILL");
    assert_eq!(program.wait(PATIENCE).code(), None);
    program
}

/// The same program once more, over the same database.
fn again(program: &Program) -> ProgramSetup {
    let mut setup = Program::on_sqlite();
    setup.tenant = Arc::clone(&program.tenant);
    // The very first request finds no connection: on a busy machine one takes its time.
    let setup = setup.with_file("[database]\ncheckout_timeout_ms = 20000");
    setup.with("AUTH0_DOMAIN", program.tenant.domain()).with("DATABASE_URL", program.database.url())
}

/// Lets the kept keys be so much older than they are.
fn age_kept_keys(program: &Program, span: Duration) {
    program.database.execute(&format!("UPDATE issuer_key_sets SET fetched_at = fetched_at - {}", span.as_millis()));
}

fn state_of_keys(client: &Client) -> String {
    client.get("/readyz").json()["keys"]["state"].as_str().expect("a state").to_owned()
}

fn a_server_that_was_killed_serves_at_once_from_the_kept_keys(setup: Setup) {
    let (program, token) = server_whose_issuer_went_down(setup);
    let killed = kill(program);
    let restarted = again(&killed).serve();
    // The very first request, with nobody having waited for anything.
    let answer = restarted.client().verify(&token);
    assert_eq!(answer.status, 200, "{answer:?}\n{}", restarted.log());
    eventually("it is ready", || (restarted.client().get("/readyz").status == 200).then_some(()));
    assert_eq!(state_of_keys(&restarted.client()), "fresh");
    restarted.client().verify("bad").assert_refuses_the_token();
}

fn kept_keys_serve_up_to_the_stale_limit_and_no_longer(setup: Setup) {
    let (program, token) = server_whose_issuer_went_down(setup);
    let killed = kill(program);
    age_kept_keys(&killed, Duration::from_secs(3_600));
    let an_hour_later = again(&killed).serve();
    assert_eq!(an_hour_later.client().verify(&token).status, 200);
    assert_eq!(state_of_keys(&an_hour_later.client()), "stale");
    let issuer = killed.tenant.issuer();
    for line in [
        "authsync_jwks_stale_uses_total 1".to_owned(),
        format!(r#"authsync_issuer_keys_state{{issuer="{issuer}",state="stale"}} 1"#),
        format!(r#"authsync_issuer_keys_last_fetch{{issuer="{issuer}",outcome="failed"}} 1"#),
    ] {
        let metrics = || an_hour_later.client().get("/metrics").body;
        eventually(&line, || metrics().lines().any(|written| written == line).then_some(()));
    }
    kill(an_hour_later);

    // An hour, and then to the limit of 24 hours and beyond.
    age_kept_keys(&killed, Duration::from_secs(23 * 3_600));
    let a_day_later = again(&killed).with("AUTHSYNC_JWKS_COOLDOWN_SECS", "1").serve();
    for _ in 0..3 {
        a_day_later.client().verify(&token).assert_unavailable();
    }
    assert_eq!(state_of_keys(&a_day_later.client()), "missing");
    a_day_later.client().verify("bad").assert_refuses_the_token();
    killed.tenant.come_back();
    eventually("recovery needs no restart", || (a_day_later.client().verify(&token).status == 200).then_some(()));
}

#[test]
fn a_server_that_was_killed_does_not_wait_for_an_issuer_that_does_not_answer() {
    let program = Program::on_sqlite().serve_ready();
    let token = program.tenant.token("auth0|ada");
    program.client().sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id();
    let killed = kill(program);
    killed.tenant.stall(Endpoint::Jwks);
    let restarted = again(&killed).serve();
    let began = Instant::now();
    assert_eq!(restarted.client().verify(&token).status, 200);
    // A fetch is given up after five seconds.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    killed.tenant.restore(Endpoint::Jwks);
}

#[test]
fn a_stale_limit_of_zero_makes_kept_keys_end_at_their_greatest_age() {
    let (program, token) = server_whose_issuer_went_down(Setup::on_sqlite());
    let killed = kill(program);
    let at_once = again(&killed).with("AUTHSYNC_JWKS_STALE_SECS", "0").serve();
    assert_eq!(at_once.client().verify(&token).status, 200);
    kill(at_once);
    age_kept_keys(&killed, Duration::from_secs(600));
    let later = again(&killed).with("AUTHSYNC_JWKS_STALE_SECS", "0").serve();
    later.client().verify(&token).assert_unavailable();
}

#[test]
fn a_node_that_never_reached_the_issuer_gets_its_keys_from_another_one() {
    let first = Setup::on_postgres().start();
    let token = first.tenant.token("auth0|ada");
    first.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id();
    first.tenant.go_down();
    let second = Setup::on_sqlite().with_file("[database]\ncheckout_timeout_ms = 20000");
    let second = second.with("AUTH0_DOMAIN", first.tenant.domain()).with("DATABASE_URL", first.database.url());
    let second = second.start_without_waiting();
    assert_eq!(second.verify(&token).status, 200);
    second.wait_until_ready();
    assert_eq!(second.get("/readyz").json()["keys"]["state"], "fresh");
}
