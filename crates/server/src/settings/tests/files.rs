//! The files below the variables, and what is said about them.

use std::time::Duration;

use super::*;

/// A directory with `config/test.toml` in it, and an environment that names it.
fn with_file(toml: &str) -> (tempfile::TempDir, Environment) {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join("config")).expect("a directory in it");
    std::fs::write(directory.path().join("config/test.toml"), toml).expect("a file in that");
    let environment = minimal().in_directory(directory.path()).with("AUTHSYNC_ENV", "test");
    (directory, environment)
}

#[test]
fn the_defaults_file_says_what_the_crates_below_have_as_their_own_defaults() {
    let settings = load(&minimal());
    let cache = auth0_verify::CachePolicy::default();
    assert_eq!(settings.tokens.cache.max_age, cache.max_age);
    assert_eq!(settings.tokens.cache.cooldown, cache.cooldown);
    assert_eq!(settings.tokens.cache.stale_if_error, cache.stale_if_error);
    let pool = persistence::PoolSettings::default();
    assert_eq!(settings.database.pool.max_connections, pool.max_connections);
    assert_eq!(settings.database.pool.checkout_timeout, pool.checkout_timeout);
    assert_eq!(settings.database.pool.statement_timeout, pool.statement_timeout);
}

#[test]
fn the_defaults_file_holds_every_key_and_names_its_variables() {
    let file = include_str!("../../../../../config/default.toml");
    for key in key::ALL {
        let (_, name) = key.path.split_once('.').expect("a group and a key");
        assert_eq!(file.lines().filter(|line| line.starts_with(&format!("{name} = "))).count(), 1, "{}", key.path);
        for variable in key.variables {
            assert!(
                file.contains(&format!("# {variable}")) || file.contains(&format!(" or {variable}:")),
                "{variable}"
            );
        }
    }
}

#[test]
fn every_key_is_described_in_the_documentation() {
    let page = include_str!("../../../../../docs/configuration.md");
    for key in key::ALL {
        let names = if key.variables.is_empty() { &[key.path][..] } else { key.variables };
        for name in names {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }
}

#[test]
fn a_variable_is_laid_over_the_file_and_the_file_over_the_defaults() {
    let (_directory, environment) = with_file(
        "[tokens]\nalgorithms = [\"ES256\", \"PS256\"]\njwks_cooldown_secs = 5\njwks_stale_secs = \"\"\n\
         [http]\nworkers = 3\nbind = \"0.0.0.0:1\"\n",
    );
    let settings = load(&environment.with("AUTHSYNC_BIND", "0.0.0.0:2"));
    assert_eq!(settings.tokens.algorithms, auth0_verify::AllowedAlgorithms::parse("ES256,PS256").expect("algorithms"));
    assert_eq!(settings.tokens.cache.cooldown, Duration::from_secs(5));
    assert_eq!(settings.tokens.cache.stale_if_error, Duration::from_secs(86_400));
    assert_eq!(settings.http.workers, Some(3));
    assert_eq!(settings.http.bind.as_str(), "0.0.0.0:2");
}

#[test]
fn a_problem_in_a_file_is_named_by_the_variable_of_its_key() {
    let (_directory, environment) = with_file(
        "[tokens]\nalgorithms = [\"HS256\"]\njwks_stale_secs = -1\n\
         [database]\nmax_connections = 0\nurl = { host = \"hunter2\" }\n\
         [http]\ndrain_ms = 26000\nworkers = true\n",
    );
    let problems = problems(&environment);
    assert_eq!(
        problems.names().collect::<Vec<_>>(),
        [
            "AUTHSYNC_ALGORITHMS",
            "AUTHSYNC_JWKS_STALE_SECS",
            "DATABASE_URL",
            "database.max_connections",
            "http.workers",
            "http.drain_ms",
        ]
    );
    assert!(!problems.to_string().contains("hunter2"));
}

#[test]
fn an_unknown_key_in_a_file_is_a_problem() {
    let (_directory, environment) =
        with_file("top = 1\n[auth0]\ndomian = \"hunter2\"\n[htpp]\n[tokens.algorithms]\nx = 1\n");
    let problems = problems(&environment);
    assert_eq!(problems.names().collect::<Vec<_>>(), ["auth0.domian", "htpp", "top", "AUTHSYNC_ALGORITHMS"]);
    assert!(!problems.to_string().contains("hunter2"));
}

#[test]
fn a_file_that_is_not_toml_is_a_problem_of_the_variable_that_names_it() {
    let (_directory, environment) = with_file("[auth0]\nclient_secret = hunter2 hunter2\n");
    let report = problems(&environment).to_string();
    assert_eq!(
        report,
        "authsync: the configuration has 1 problem\n  \
         AUTHSYNC_ENV: expected valid TOML in the file of AUTHSYNC_ENV (line 2 is not)"
    );
}

#[test]
fn a_missing_file_is_a_problem_of_the_variable_that_names_it() {
    let (_directory, environment) = with_file("");
    assert!(Settings::load(&environment).is_ok());
    assert_eq!(problems(&environment.with("AUTHSYNC_ENV", "prod")).names().collect::<Vec<_>>(), ["AUTHSYNC_ENV"]);
}

#[test]
fn the_file_for_development_is_good() {
    let environment = Environment::default()
        .in_directory(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .with("AUTHSYNC_ENV", "local");
    assert_eq!(load(&environment).auth0.issuers.first().map(|issuer| issuer.as_str()), Some("http://localhost:4400/"));
}
