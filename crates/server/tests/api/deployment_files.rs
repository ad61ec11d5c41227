//! What a deployment is made of: the files under `deploy/` speak of routes, ports, commands and variables that there are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::program::run;
use crate::spawn::Setup;

const COMPOSE: &str = include_str!("../../../../deploy/compose.yaml");
const CONFIG_MAP: &str = include_str!("../../../../deploy/kubernetes/configmap.yaml");
const DEPLOYMENT: &str = include_str!("../../../../deploy/kubernetes/deployment.yaml");
const DOCKERFILE: &str = include_str!("../../../../deploy/Dockerfile");
const ENVIRONMENT: &str = include_str!("../../../../deploy/env.example");
const MIGRATE_JOB: &str = include_str!("../../../../deploy/kubernetes/migrate-job.yaml");
const MIGRATE_UNIT: &str = include_str!("../../../../deploy/systemd/authsync-migrate.service");
const NETWORK_POLICY: &str = include_str!("../../../../deploy/kubernetes/network-policy.yaml");
const SECRET: &str = include_str!("../../../../deploy/kubernetes/secret.example.yaml");
const UNIT: &str = include_str!("../../../../deploy/systemd/authsync.service");

/// The file of defaults: it names every variable.
const DEFAULTS: &str = include_str!("../../../../config/default.toml");

/// The values of a key of YAML or of a unit, wherever it stands: `key: value`, `- key: value`, `key=value`.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let value = |line: &'a str| line.trim().trim_start_matches("- ").strip_prefix(key)?.strip_prefix([':', '=']);
    text.lines()
        .filter_map(value)
        .map(|value| value.trim().trim_matches('"'))
        .filter(|value| !value.is_empty())
        .collect()
}

/// The one value of a key.
#[track_caller]
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let [value] = values(text, key)[..] else { panic!("not one {key} in {text}") };
    value
}

/// How long the server takes to end at most, when nothing is configured.
fn longest_end() -> Duration {
    let line = DEFAULTS.lines().find_map(|line| line.strip_prefix("shutdown_ms = ")).expect("a default");
    Duration::from_millis(line.parse().expect("a number"))
}

fn seconds(text: &str) -> Duration {
    Duration::from_secs(text.trim_end_matches('s').parse().expect("seconds"))
}

#[test]
fn probes_ask_routes_that_there_are_and_only_readiness_looks_at_others() {
    let server = Setup::on_sqlite().start();
    assert_eq!(values(DEPLOYMENT, "path"), ["/healthz", "/healthz", "/readyz"]);
    let probe = |name: &str| DEPLOYMENT.split(name).nth(1).and_then(|rest| values(rest, "path").first().copied());
    assert_eq!((probe("startupProbe:"), probe("livenessProbe:")), (Some("/healthz"), Some("/healthz")));
    assert_eq!(probe("readinessProbe:"), Some("/readyz"));
    for path in values(DEPLOYMENT, "path").into_iter().chain(values(DEPLOYMENT, "prometheus.io/path")) {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
}

#[test]
fn everybody_means_the_same_port() {
    let port = value(DEPLOYMENT, "containerPort");
    assert_eq!(value(CONFIG_MAP, "AUTHSYNC_BIND"), format!("0.0.0.0:{port}"));
    assert_eq!(value(DEPLOYMENT, "prometheus.io/port"), port);
    assert_eq!(values(DEPLOYMENT, "port"), ["http"; 3]);
    assert_eq!(values(NETWORK_POLICY, "port").first(), Some(&port));
    assert!(DOCKERFILE.contains(&format!("AUTHSYNC_BIND=0.0.0.0:{port}\nEXPOSE {port}\n")), "{DOCKERFILE}");
    assert!(COMPOSE.contains(&format!("\"127.0.0.1:8080:{port}\"")), "{COMPOSE}");
}

#[test]
fn every_variable_is_one_that_the_server_reads() {
    let data = |text: &'static str, key: &str| {
        let lines = text.split_once(key).expect("a section").1.lines();
        lines.filter_map(|line| line.trim().split_once(':').map(|(name, _)| name)).collect::<Vec<_>>()
    };
    let lines = ENVIRONMENT.lines().filter(|line| !line.starts_with('#'));
    let mut names: Vec<_> = lines.filter_map(|line| line.split_once('=').map(|(name, _)| name)).collect();
    // The one that is PostgreSQL's.
    names.retain(|name| *name != "POSTGRES_PASSWORD");
    names.extend(data(CONFIG_MAP, "\ndata:\n"));
    names.extend(data(SECRET, "\nstringData:\n"));
    names.extend(["AUTHSYNC_BIND", value(MIGRATE_JOB, "key")]);
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(DEFAULTS.contains(&format!("# {name}")), "{name}");
    }
}

#[test]
fn no_file_holds_a_secret() {
    for (_, value) in
        SECRET.split_once("\nstringData:\n").expect("values").1.lines().filter_map(|line| line.split_once(": "))
    {
        assert_eq!(value, "\"\"");
    }
    for name in ["AUTH0_CLIENT_SECRET", "AUTH0_EVENTS_TOKEN", "POSTGRES_PASSWORD", "DATABASE_URL"] {
        assert!(ENVIRONMENT.lines().any(|line| line == format!("{name}=")), "{name}");
    }
}

#[test]
fn everybody_waits_for_longer_than_the_server_takes_to_end() {
    let pre_stop = seconds(value(DEPLOYMENT, "seconds"));
    for (given, before) in [
        (value(UNIT, "TimeoutStopSec"), Duration::ZERO),
        (value(COMPOSE, "stop_grace_period"), Duration::ZERO),
        (value(DEPLOYMENT, "terminationGracePeriodSeconds"), pre_stop),
    ] {
        assert!(seconds(given) >= before + longest_end() + Duration::from_secs(5), "{given}");
    }
}

#[test]
fn the_commands_that_are_started_are_commands_of_the_program() {
    assert_eq!(value(MIGRATE_JOB, "args"), "[\"migrate\", \"up\"]");
    assert!(COMPOSE.contains("command: [\"migrate\", \"up\"]"));
    let variables = [("DATABASE_URL".to_owned(), "sqlite://there.db".to_owned())];
    let ended = run(&variables, &["migrate", "up"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn a_wrong_configuration_is_not_tried_again_and_anything_else_is() {
    let ended = run(&[], &[]);
    assert_eq!(ended.code.map(|code| code.to_string()).as_deref(), Some(value(UNIT, "RestartPreventExitStatus")));
    assert_eq!(value(UNIT, "Restart"), "always");
}

#[test]
fn both_units_read_the_same_configuration_in_the_same_folder_as_the_same_user() {
    for key in ["EnvironmentFile", "WorkingDirectory", "StateDirectory", "DynamicUser", "User"] {
        assert_eq!(value(MIGRATE_UNIT, key), value(UNIT, key), "{key}");
    }
}

/// The unit has nothing in `/proc` but processes.
#[test]
fn nothing_is_read_in_proc_but_what_is_the_process_s_own() {
    assert_eq!(value(UNIT, "ProcSubset"), "pid");
    let (mut folders, mut files) = (vec![crates()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs")
                && entry.components().any(|part| part.as_os_str() == "src")
            {
                let text = std::fs::read_to_string(&entry).expect("text");
                let foreign = text.match_indices("\"/proc/").find(|(at, _)| !text[*at..].starts_with("\"/proc/self"));
                assert_eq!(foreign, None, "{}", entry.display());
                files += 1;
            }
        }
    }
    assert!(files > 100, "{files}");
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
