//! Nothing secret leaves the program: not in the log at its loudest, not in an answer, not in the metrics.

use fake_auth0::{BadToken, Endpoint, FakeUser};
use scratch_database::ScratchDatabase;

use crate::client::{Answer, Client, PATIENCE, bearer, sync_body};
use crate::program::{Program, ProgramSetup};
use crate::raw_connection::{head, request};
use crate::spawn::Setup;
use crate::waiting::eventually;

const CLIENT_SECRET: &str = "cl13nt-s3cret-of-the-test";
const EVENTS_TOKEN: &str = "ev3nts-t0ken-of-the-test";
const DATABASE_PASSWORD: &str = "d4tabase-passw0rd-of-the-test";

/// Everything that was secret in a run, and everything that came out of it.
#[derive(Debug, Default)]
struct Evidence {
    tokens: Vec<String>,
    answers: Vec<Answer>,
}

impl Evidence {
    /// Sends a request with this token to both routes and keeps what comes back.
    fn probe(&mut self, client: &Client, token: &str) {
        self.tokens.push(token.to_owned());
        self.answers.push(client.verify(token));
        self.answers.push(client.sync(token, &sync_body("ada@example.com", "auth0|ada", Some("Ada"))));
        self.answers.push(client.sync(token, &format!(r#"{{"email":"{token}","auth0_id":"{token}""#)));
    }

    /// Whatever a client may get wrong with a token in its hands.
    fn misplace(&mut self, program: &Program, token: &str) {
        let client = program.client();
        self.tokens.push(token.to_owned());
        self.answers.push(client.get(&format!("/auth/verify?access_token={token}")));
        self.answers.push(client.get(&format!("/auth/{token}")));
        for header in ["x-request-id", "cookie", "origin", "proxy-authorization", "referer", "user-agent"] {
            self.answers.push(client.ask("GET", "/auth/verify", &[(header, token)]));
        }
        for line in [
            head(token, "/auth/verify", &[]),
            head("GET", "/auth/verify", &[("authorization", &bearer(token)), ("authorization", &bearer(token))]),
            head("GET", "/auth/verify", &[("authorization", &format!("{}\u{e9}", bearer(token)))]),
            head("GET", "/auth/verify", &[("content-length", token)]),
            head("POST", "/auth/sync", &[("authorization", &bearer(token)), ("transfer-encoding", token)]),
            head("GET", "/auth/verify", &[("authorization", &bearer(token))]).replacen("host:", "host", 1),
            request("POST", "/auth/sync", Some(token), "{").replacen("HTTP/1.1", "HTTP/4.2", 1),
            format!("{token}\r\n\r\n"),
        ] {
            let mut connection = program.raw();
            connection.send_what_is_taken(line.as_bytes());
            connection.finish_sending();
            self.answers.extend(connection.answer_or_end());
        }
    }

    /// Fails if a secret is anywhere.
    fn assert_clean(&self, log: &str) {
        let said = |text: &str, json: &str| log.contains(text) || log.contains(json);
        assert!(
            said(" DEBUG access ", r#""level":"debug","target":"access""#)
                && said(" INFO  access ", r#""level":"info","target":"access""#),
            "the log is not at its loudest:\n{log}"
        );
        // How every JWT begins, those that the server itself was given for the Management API among them.
        let mut secrets = vec![CLIENT_SECRET, EVENTS_TOKEN, DATABASE_PASSWORD, "eyJ"];
        for token in &self.tokens {
            // Shorter pieces are found everywhere and give nothing away.
            secrets.extend(token.split(['.', ' ', '\t']).chain([token.as_str()]).filter(|part| part.len() >= 12));
        }
        for secret in secrets {
            if let Some(line) = log.lines().find(|line| line.contains(secret)) {
                panic!("{secret:?} is in the log: {line}");
            }
            for answer in &self.answers {
                assert!(!format!("{answer:?}").contains(secret), "{secret:?} is in {answer:?}");
            }
        }
        for answer in &self.answers {
            let text = format!("{answer:?}").to_ascii_lowercase();
            for word in
                ["select ", "insert ", "update ", "pg_", "sqlite", "libpq", "diesel", "panicked", ".rs:", "backtrace"]
            {
                assert!(!text.contains(word), "{word:?} is in {answer:?}");
            }
        }
    }
}

/// At its loudest, with everything secret that can be configured.
fn loud(setup: ProgramSetup, variable: &str) -> ProgramSetup {
    setup.tenant.set_client_secret(CLIENT_SECRET);
    setup.tenant.add_user(FakeUser::new("auth0|ada").email("ada@example.com", true));
    let client_id = setup.tenant.client_id();
    setup
        .with(variable, "trace")
        .with("AUTH0_CLIENT_ID", &client_id)
        .with("AUTH0_CLIENT_SECRET", CLIENT_SECRET)
        .with("AUTH0_EVENTS_TOKEN", EVENTS_TOKEN)
}

/// A whole life with good, bad and broken requests, an issuer that fails, and an end.
fn live(program: Program) -> (Evidence, String) {
    let client = program.client();
    let mut evidence = Evidence::default();
    let good = program.tenant.token_for("auth0|ada").email("ada@example.com", true).name("Ada").mint();
    evidence.probe(&client, &good);
    assert!(evidence.answers.iter().any(|answer| answer.status == 200 && answer.body.contains("ada@example.com")));
    evidence.misplace(&program, &good);
    for bad in BadToken::ALL {
        evidence.probe(&client, &bad.mint(&program.tenant, "auth0|ada"));
    }
    evidence.probe(&client, &program.tenant.machine_token_for("reporting").mint());
    evidence.probe(&client, &program.tenant.token("auth0|eve"));
    program.tenant.fail(Endpoint::Jwks, 500);
    evidence.probe(&client, &program.tenant.token_for("auth0|ada").kid("made-up").mint());
    for path in ["/metrics", "/readyz", "/healthz", "/openapi.json"] {
        evidence.answers.push(client.get(path));
    }
    (evidence, log_to_the_end(program))
}

/// All that it says, up to its end: a line is written some time after what it tells of.
fn log_to_the_end(mut program: Program) -> String {
    program.signal("INT");
    program.wait(PATIENCE);
    program.log()
}

/// The URL with a password in it: the one that it has, or one that a server which trusts everybody does not ask for.
fn with_password(url: &str) -> String {
    url.replacen("postgres://postgres@", &format!("postgres://postgres:{DATABASE_PASSWORD}@"), 1)
}

#[test]
fn nothing_secret_is_said_on_sqlite() {
    let (evidence, log) = live(loud(Program::on_sqlite(), "AUTHSYNC_LOG").serve_ready());
    evidence.assert_clean(&log);
}

#[test]
fn nothing_secret_is_said_in_json_and_every_line_is_an_object() {
    let setup = loud(Program::on_sqlite().with("AUTHSYNC_LOG_FORMAT", "json"), "AUTHSYNC_LOG");
    let (evidence, log) = live(setup.serve_ready());
    evidence.assert_clean(&log);
    for line in log.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for member in ["time", "level", "target", "message"] {
            assert!(record[member].is_string(), "no {member} in {line}");
        }
    }
}

#[test]
fn nothing_secret_is_said_on_postgres() {
    let setup = Program::on_postgres();
    let url = with_password(setup.database_url());
    let (evidence, log) = live(loud(setup.with("DATABASE_URL", &url), "RUST_LOG").serve_ready());
    evidence.assert_clean(&log);
}

#[test]
fn nothing_secret_is_said_about_a_postgres_that_is_not_migrated() {
    let setup = Program::of(Setup::on(ScratchDatabase::postgres()));
    let url = with_password(setup.database_url());
    let program = loud(setup.with("DATABASE_URL", &url), "AUTHSYNC_LOG").serve();
    let client = program.client();
    eventually("the keys are there", || (client.get("/readyz").json()["keys"]["state"] == "fresh").then_some(()));
    let mut evidence = Evidence::default();
    evidence.probe(&client, &program.tenant.token("auth0|ada"));
    assert_eq!(evidence.answers[0].status, 503);
    evidence.assert_clean(&log_to_the_end(program));
}

#[test]
fn nothing_secret_is_said_about_a_postgres_out_of_reach() {
    let url = format!("postgres://authsync:{DATABASE_PASSWORD}@/authsync?host=%2Fno%2Fsuch%2Fdirectory");
    let program = loud(Program::on_sqlite().with("DATABASE_URL", &url), "AUTHSYNC_LOG").serve();
    let client = program.client();
    eventually("the keys are there", || (client.get("/readyz").json()["keys"]["state"] == "fresh").then_some(()));
    let mut evidence = Evidence::default();
    evidence.probe(&client, &program.tenant.token("auth0|ada"));
    assert_eq!(evidence.answers[0].status, 503);
    eventually("the log tells of the outage", || program.log().contains("no connection to the database").then_some(()));
    evidence.assert_clean(&log_to_the_end(program));
}

#[test]
fn the_cause_of_our_own_trouble_stays_in_the_log() {
    let program = Program::on_sqlite().serve_ready();
    program.database.execute("ALTER TABLE users RENAME COLUMN picture TO photograph");
    let client = program.client();
    let token = program.tenant.token("auth0|ada");
    let answer = client.verify(&token);
    assert!(matches!(answer.status, 500 | 503), "{answer:?}");
    assert!(!format!("{answer:?}").contains("picture"), "{answer:?}");
    let id = answer.header("x-request-id").expect("an id");
    let line = eventually("the cause is in the log", || {
        let log = program.log();
        log.lines().find(|line| line.contains(id) && line.contains("picture")).map(str::to_owned)
    });
    assert!(!line.contains("SELECT") && !line.contains(&token), "{line}");
}
