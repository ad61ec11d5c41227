//! Every variable's good and bad forms, and what is said about them.

use std::time::Duration;

use persistence::DatabaseUrl;

use super::*;

#[test]
fn two_variables_are_enough_and_the_rest_has_the_documented_defaults() {
    let settings = load(&minimal());
    assert_eq!(settings.auth0.issuers.iter().map(|i| i.as_str()).collect::<Vec<_>>(), ["https://acme.eu.auth0.com/"]);
    assert_eq!(settings.auth0.audiences.iter().map(|a| a.as_str()).collect::<Vec<_>>(), ["https://api.acme.com"]);
    assert!(settings.auth0.management.is_none());
    assert!(settings.auth0.events_tokens.is_empty());
    assert_eq!(settings.tokens.algorithms, auth0_verify::AllowedAlgorithms::parse("RS256").expect("an algorithm"));
    assert_eq!(settings.tokens.cache.max_age, Duration::from_secs(600));
    assert_eq!(settings.tokens.cache.cooldown, Duration::from_secs(30));
    assert_eq!(settings.tokens.cache.stale_if_error, Duration::from_secs(86_400));
    assert_eq!(settings.database.url, DatabaseUrl::parse("sqlite://authsync.db").expect("a URL"));
    assert_eq!(settings.http.bind.as_str(), "127.0.0.1:8080");
    assert_eq!(
        settings.http.allowed_origins.iter().map(Origin::as_str).collect::<Vec<_>>(),
        ["https://acme.eu.auth0.com"]
    );
    assert_eq!(settings.http.public_url, None);
    assert_eq!(settings.http.workers, None);
    assert_eq!(settings.http.max_body_bytes, 65_536);
    assert_eq!(
        settings.http.shutdown,
        ShutdownTimings { drain: Duration::from_secs(2), total: Duration::from_secs(25) }
    );
    assert_eq!(settings.log.filter.as_str(), "info");
}

#[test]
fn good_values_are_taken() {
    for (variable, value) in [
        ("AUTH0_DOMAIN", "localhost:4400"),
        ("AUTH0_DOMAIN", "http://127.0.0.1:4400"),
        ("AUTH0_DOMAIN", "acme.eu.auth0.com, login.acme.com,"),
        ("AUTH0_API_IDENTIFIER", "urn:acme:api, https://api.acme.com"),
        ("AUTH0_EVENTS_TOKEN", "old,new"),
        ("AUTHSYNC_ALGORITHMS", "RS256, ES384"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "1"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "99999999999999999999999999"),
        ("AUTHSYNC_JWKS_COOLDOWN_SECS", "1"),
        ("AUTHSYNC_JWKS_STALE_SECS", "0"),
        ("AUTHSYNC_TOKEN_CACHE_ENTRIES", "0"),
        ("AUTHSYNC_TOKEN_CACHE_ENTRIES", "1000000"),
        ("DATABASE_URL", "postgres://u:p@db1,db2/app?target_session_attrs=read-write"),
        ("DATABASE_URL", "sqlite:///var/lib/authsync.db"),
        ("AUTHSYNC_BIND", "[::]:0"),
        ("AUTHSYNC_BIND", "localhost:8080"),
        ("AUTHSYNC_CORS_ALLOWED_ORIGINS", "https://app.acme.com, http://localhost:3000"),
        ("AUTHSYNC_PUBLIC_URL", "https://api.acme.com/auth"),
        ("AUTHSYNC_LOG", "warn,http=debug"),
        ("RUST_LOG", "off"),
    ] {
        let outcome = Settings::load(&minimal().with(variable, value));
        assert!(outcome.is_ok(), "{variable}={value}: {}", outcome.err().unwrap_or_default());
    }
}

#[test]
fn a_bad_value_is_named_by_its_variable_and_never_repeated() {
    for (variable, value) in [
        ("AUTH0_DOMAIN", "https://acme.example/hunter2"),
        ("AUTH0_DOMAIN", "http://hunter2.example.com"),
        ("AUTH0_DOMAIN", "acme.eu.auth0.com,hunter2 hunter2"),
        ("AUTH0_API_IDENTIFIER", "hunter2\u{7}hunter2"),
        ("AUTH0_EVENTS_TOKEN", "hunter2 hunter2"),
        ("AUTH0_EVENTS_TOKEN", "hünter2"),
        ("AUTHSYNC_ENV", "../hunter2"),
        ("AUTHSYNC_ENV", "hunter2"),
        ("AUTHSYNC_ALGORITHMS", "none"),
        ("AUTHSYNC_ALGORITHMS", "RS256,HS256"),
        ("AUTHSYNC_ALGORITHMS", "hunter2"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "0"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "-1"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "1.5"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "10m"),
        ("AUTHSYNC_JWKS_MAX_AGE_SECS", "hunter2"),
        ("AUTHSYNC_JWKS_COOLDOWN_SECS", "0"),
        ("AUTHSYNC_JWKS_STALE_SECS", "never"),
        ("AUTHSYNC_TOKEN_CACHE_ENTRIES", "off"),
        ("AUTHSYNC_TOKEN_CACHE_ENTRIES", "-1"),
        ("AUTHSYNC_TOKEN_CACHE_ENTRIES", "1000001"),
        ("DATABASE_URL", "mysql://user:hunter2@host/db"),
        ("DATABASE_URL", "hunter2"),
        ("AUTHSYNC_BIND", "hunter2"),
        ("AUTHSYNC_BIND", "hunter2:80800"),
        ("AUTHSYNC_CORS_ALLOWED_ORIGINS", "*"),
        ("AUTHSYNC_CORS_ALLOWED_ORIGINS", "null"),
        ("AUTHSYNC_CORS_ALLOWED_ORIGINS", "https://a.example.com,https://hunter2.example.com/"),
        ("AUTHSYNC_PUBLIC_URL", "hunter2"),
        ("AUTHSYNC_PUBLIC_URL", "https://user:hunter2@example.com"),
        ("AUTHSYNC_LOG", "http=hunter2"),
        ("RUST_LOG", "http=hunter2"),
    ] {
        let problems = problems(&minimal().with(variable, value));
        assert_eq!(problems.names().collect::<Vec<_>>(), [variable], "{variable}={value}");
        let report = problems.to_string();
        assert!(report.starts_with("authsync: the configuration has 1 problem\n  "), "{report}");
        assert!(!report.contains("hunter2") && !report.contains("hünter2"), "{report}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let environment = Environment::default()
        .with("AUTH0_CLIENT_ID", "abc")
        .with("AUTHSYNC_ALGORITHMS", "HS256")
        .with("DATABASE_URL", "oracle://")
        .with("AUTHSYNC_BIND", "here")
        .with("AUTHSYNC_CORS_ALLOWED_ORIGINS", "*")
        .with("AUTHSYNC_LOG", "a=b");
    let problems = problems(&environment);
    assert_eq!(
        problems.names().collect::<Vec<_>>(),
        [
            "AUTH0_DOMAIN",
            "AUTH0_API_IDENTIFIER",
            "AUTH0_CLIENT_SECRET",
            "AUTHSYNC_ALGORITHMS",
            "DATABASE_URL",
            "AUTHSYNC_BIND",
            "AUTHSYNC_CORS_ALLOWED_ORIGINS",
            "AUTHSYNC_LOG",
        ]
    );
    assert!(problems.to_string().starts_with("authsync: the configuration has 8 problems\n  AUTH0_DOMAIN: expected a"));
}

#[test]
fn the_management_client_is_whole_or_absent() {
    let names = |environment: &Environment| problems(environment).names().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names(&minimal().with("AUTH0_CLIENT_ID", "abc")), ["AUTH0_CLIENT_SECRET"]);
    assert_eq!(names(&minimal().with("AUTH0_CLIENT_SECRET", "hunter2")), ["AUTH0_CLIENT_ID"]);

    let whole = load(&minimal().with("AUTH0_CLIENT_ID", "abc").with("AUTH0_CLIENT_SECRET", "hunter2\n"));
    let client = whole.auth0.management.as_ref().expect("a client");
    assert_eq!((client.client_id.as_str(), client.client_secret.reveal()), ("abc", "hunter2"));
    assert!(!format!("{whole:?}").contains("hunter2"));

    let blank = load(&minimal().with("AUTH0_CLIENT_ID", "").with("AUTH0_CLIENT_SECRET", " "));
    assert!(blank.auth0.management.is_none());
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let mut environment = minimal();
    for variable in
        key::ALL.iter().flat_map(|key| key.variables).filter(|v| !["AUTH0_DOMAIN", "AUTH0_API_IDENTIFIER"].contains(v))
    {
        environment = environment.with(*variable, "");
    }
    assert_eq!(format!("{:?}", load(&environment)), format!("{:?}", load(&minimal())));
    assert_eq!(problems(&minimal().with("AUTH0_DOMAIN", "")).names().collect::<Vec<_>>(), ["AUTH0_DOMAIN"]);
    assert_eq!(problems(&minimal().with("AUTH0_DOMAIN", " , ,")).names().collect::<Vec<_>>(), ["AUTH0_DOMAIN"]);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_one_problem() {
    use std::os::unix::ffi::OsStringExt;
    for variable in key::ALL.iter().flat_map(|key| key.variables).chain([&key::ENV_VARIABLE]) {
        let mut environment = minimal().with("AUTH0_CLIENT_ID", "a").with("AUTH0_CLIENT_SECRET", "b");
        environment = environment.with(*variable, std::ffi::OsString::from_vec(vec![b'a', 0xff]));
        assert_eq!(problems(&environment).names().collect::<Vec<_>>(), [*variable]);
    }
}

#[test]
fn the_issuers_origins_are_always_allowed_once() {
    let environment = minimal()
        .with("AUTH0_DOMAIN", "acme.eu.auth0.com,login.acme.com:443")
        .with("AUTHSYNC_CORS_ALLOWED_ORIGINS", "https://LOGIN.acme.com, https://app.acme.com");
    let settings = load(&environment);
    assert_eq!(
        settings.http.allowed_origins.iter().map(Origin::as_str).collect::<Vec<_>>(),
        ["https://login.acme.com", "https://app.acme.com", "https://acme.eu.auth0.com"]
    );
}

#[test]
fn the_log_filter_of_this_program_comes_before_the_one_of_all_programs() {
    assert_eq!(load(&minimal().with("RUST_LOG", "debug")).log.filter.as_str(), "debug");
    assert_eq!(load(&minimal().with("RUST_LOG", "debug").with("AUTHSYNC_LOG", "warn")).log.filter.as_str(), "warn");
    assert_eq!(load(&minimal().with("RUST_LOG", "debug").with("AUTHSYNC_LOG", "")).log.filter.as_str(), "debug");
}

#[test]
fn a_migration_needs_no_tenant() {
    let environment = Environment::default().with("DATABASE_URL", "sqlite://a.db").with("RUST_LOG", "warn");
    let settings = LocalSettings::load(&environment, None).expect("a database");
    assert_eq!(settings.database.url, DatabaseUrl::parse("sqlite://a.db").expect("a URL"));
    assert_eq!(settings.log.filter.as_str(), "warn");
}

#[test]
fn a_url_from_the_command_line_takes_the_place_of_the_configured_one() {
    let environment = Environment::default().with("DATABASE_URL", "hunter2");
    let url = || DatabaseUrl::parse("sqlite://b.db").expect("a URL");
    let settings = LocalSettings::load(&environment, Some(url())).expect("a database");
    assert_eq!(settings.database.url, url());
    let problems = LocalSettings::load(&environment, None).expect_err("a bad URL");
    assert_eq!(problems.names().collect::<Vec<_>>(), ["DATABASE_URL"]);
}

#[test]
fn a_command_that_asks_the_management_api_needs_credentials_for_it_and_nothing_of_the_listener() {
    let refused = TenantSettings::load(&minimal()).expect_err("no credentials");
    assert_eq!(refused.names().collect::<Vec<_>>(), ["AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"]);
    let environment = minimal().with("AUTH0_CLIENT_ID", "id").with("AUTH0_CLIENT_SECRET", "hunter2");
    let environment = environment.with("AUTHSYNC_BIND", "nonsense");
    let settings = TenantSettings::load(&environment).expect("settings");
    assert_eq!(
        (settings.issuer.as_str(), settings.management.client_id.as_str()),
        ("https://acme.eu.auth0.com/", "id")
    );
    assert!(!format!("{settings:?}").contains("hunter2"));
}
