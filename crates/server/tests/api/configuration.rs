//! How the program is configured, and what it says about mistakes.

use std::net::TcpListener;

use crate::client::sync_body;
use crate::databases::on_both_databases;
use crate::program::{Ended, Program, run};
use crate::spawn::Setup;

on_both_databases! {
    four_variables_are_enough_to_serve,
}

fn four_variables_are_enough_to_serve(setup: Setup) {
    let program = Program::of(setup).serve_ready();
    let client = program.client();
    let token = program.tenant.token("auth0|ada");
    assert_eq!(client.sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).id(), 1);
    client.verify(&token).assert_ok(r#"{"valid":true,"user":{"id":1,"email":"ada@example.com","name":null}}"#);
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"] {
        assert_eq!(client.get(path).status, 200, "{path}");
    }
}

/// Starts the program with these variables alone, which must not do.
fn misconfigured(variables: &[(&str, &str)]) -> Ended {
    let variables: Vec<_> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let ended = run(&variables, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.stdout, "");
    // The prompt comes on a line of its own.
    assert!(ended.stderr.ends_with('\n') && !ended.stderr.ends_with("\n\n"), "{ended:?}");
    ended
}

/// The names that a report complains about, one a line.
fn complaints(ended: &Ended) -> Vec<&str> {
    ended.stderr.lines().skip(1).filter_map(|line| line.trim_start().split_once(": ")).map(|(name, _)| name).collect()
}

const WELL: [(&str, &str); 3] = [
    ("AUTH0_DOMAIN", "acme.eu.auth0.com"),
    ("AUTH0_API_IDENTIFIER", "https://api.acme.com"),
    ("AUTHSYNC_BIND", "127.0.0.1:0"),
];

#[test]
fn what_is_missing_is_named() {
    assert_eq!(complaints(&misconfigured(&[])), ["AUTH0_DOMAIN", "AUTH0_API_IDENTIFIER"]);
}

#[test]
fn everything_that_is_wrong_is_named_at_once_and_no_value_shown() {
    let wrong = [
        ("AUTH0_DOMAIN", "http://value-of-domain.example.com"),
        ("AUTH0_API_IDENTIFIER", " "),
        ("AUTH0_CLIENT_SECRET", "value-of-secret"),
        ("AUTH0_EVENTS_TOKEN", "value of events token"),
        ("DATABASE_URL", "mysql://user:value-of-password@host/db"),
        ("AUTHSYNC_BIND", "value-of-bind"),
        ("AUTHSYNC_CORS_ALLOWED_ORIGINS", "https://fine.example.com, *"),
        ("AUTHSYNC_PUBLIC_URL", "value-of-public-url"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "0"),
        ("AUTHSYNC_JWKS_COOLDOWN_SECS", "value-of-cooldown"),
        ("AUTHSYNC_JWKS_STALE_SECS", "-1"),
        ("AUTHSYNC_LOG", "value=of=log"),
        ("AUTHSYNC_LOG_FORMAT", "value-of-format"),
        ("AUTHSYNC_ALGORITHMS", "RS256,HS256"),
    ];
    let ended = misconfigured(&wrong);
    let mut named = complaints(&ended);
    named.sort_unstable();
    let mut expected: Vec<_> = wrong
        .iter()
        .map(|(name, _)| *name)
        // It is the absence of the other one that is wrong.
        .map(|name| if name == "AUTH0_CLIENT_SECRET" { "AUTH0_CLIENT_ID" } else { name })
        .collect();
    expected.sort_unstable();
    assert_eq!(named, expected, "{}", ended.stderr);
    for (_, value) in wrong {
        assert!(!ended.stderr.contains(value.trim()) || value.len() < 3, "{value} is in {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("value-of") && !ended.stderr.contains("value of"), "{}", ended.stderr);
}

#[test]
fn each_wrong_value_alone_is_refused() {
    for (name, value) in [
        ("AUTH0_DOMAIN", "http://acme.eu.auth0.com"),
        ("AUTH0_DOMAIN", "acme.eu.auth0.com/path"),
        ("AUTH0_CLIENT_ID", "alone"),
        ("AUTHSYNC_ALGORITHMS", "none"),
        ("AUTHSYNC_ALGORITHMS", "HS256"),
        ("AUTHSYNC_ALGORITHMS", ","),
        ("AUTHSYNC_CORS_ALLOWED_ORIGINS", "*"),
        ("AUTHSYNC_CORS_ALLOWED_ORIGINS", "https://app.example.com/"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "1.5"),
        ("AUTHSYNC_JWKS_COOLDOWN_SECS", "0"),
        ("AUTHSYNC_BIND", "127.0.0.1"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite://:memory:"),
        ("AUTHSYNC_LOG", "info,http=loud"),
        ("AUTHSYNC_LOG_FORMAT", "JSON"),
        ("AUTHSYNC_ENV", "../../etc/passwd"),
        ("AUTHSYNC_ENV", "no-such-file"),
    ] {
        let mut variables = WELL.to_vec();
        variables.retain(|(other, _)| *other != name);
        variables.push((name, value));
        let ended = misconfigured(&variables);
        let expected = if name == "AUTH0_CLIENT_ID" { "AUTH0_CLIENT_SECRET" } else { name };
        assert_eq!(complaints(&ended), [expected], "{value}: {}", ended.stderr);
    }
}

#[test]
fn an_address_that_is_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let ended = Program::on_sqlite().with("AUTHSYNC_BIND", &address).run(&[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("AUTHSYNC_BIND") && ended.stderr.contains(&address), "{}", ended.stderr);
}

#[test]
fn wrong_arguments_are_refused_with_the_usage() {
    for arguments in [&["server"][..], &["serve", "now"], &["migrate"], &["migrate", "sideways"], &["--verbose"]] {
        let ended = run(&[], arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains("Usage:"), "{ended:?}");
    }
    let ended = run(&[], &["postgres://user:hunter2@host/db"]);
    assert_eq!(ended.code, Some(2));
    assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
}

#[test]
fn help_and_version_need_no_configuration() {
    for arguments in [&["--help"][..], &["-h"], &["help"], &["migrate", "--help"]] {
        let ended = run(&[], arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
        for name in ["AUTH0_DOMAIN", "DATABASE_URL", "AUTHSYNC_BIND", "authsync migrate up", "authsync check"] {
            assert!(ended.stdout.contains(name), "{name}");
        }
    }
    let version = run(&[], &["--version"]);
    assert_eq!((version.code, version.stdout), (Some(0), format!("authsync {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_variable_comes_before_the_file_and_the_file_before_the_default() {
    let file = "[auth0]\napi_identifier = \"https://of-the-file.example.test\"\n[http]\nmax_body_bytes = 1024";
    let program = Program::on_sqlite().with_file(file).serve_ready();
    let client = program.client();
    let token = program.tenant.token("auth0|ada");
    assert_eq!(client.verify(&token).status, 404);
    assert_eq!(client.sync(&token, &" ".repeat(1025)).status, 413);
}

#[test]
fn the_serve_command_is_the_default() {
    let ended = Program::on_sqlite().with("AUTHSYNC_ALGORITHMS", "HS256").run(&["serve"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
}
