//! What watches the server speaks of what there is: alerts and dashboard of its metrics, the runbook of the alerts.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::sync_body;
use crate::program::Program;
use crate::spawn::Setup;
use crate::waiting::eventually;

const ALERTS: &str = include_str!("../../../../deploy/prometheus/alerts.yaml");
const ALERT_TESTS: &str = include_str!("../../../../deploy/prometheus/alerts.test.yaml");
const DASHBOARD: &str = include_str!("../../../../deploy/grafana/authsync.json");
const RUNBOOK: &str = include_str!("../../../../docs/operations.md");

/// What a series is picked by: its name, and labels with the values that they must have, or must not have.
#[derive(Debug)]
struct Selector<'a> {
    name: &'a str,
    labels: Vec<(&'a str, &'a str)>,
}

/// Every selector of a metric of ours in a text that holds queries.
fn selectors(text: &str) -> Vec<Selector<'_>> {
    let starts = ["authsync_", "process_"].into_iter().flat_map(|prefix| text.match_indices(prefix));
    let starts = starts.filter(|(at, _)| !text[..*at].ends_with(is_of_a_name));
    let selector = |(at, _): (usize, &str)| {
        let rest = &text[at..];
        let end = rest.find(|c| !is_of_a_name(c)).unwrap_or(rest.len());
        let within =
            rest[end..].strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(within, _)| within);
        let equal = within.split(',').filter_map(|part| part.split_once("=\""));
        let labels = equal.map(|(label, value)| (label.trim_end_matches('!').trim(), value.trim_end_matches('"')));
        Selector { name: &rest[..end], labels: labels.collect() }
    };
    starts.map(selector).collect()
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// All queries of the dashboard, a line each.
fn queries() -> String {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let mut queries: Vec<_> = targets.map(|target| target["expr"].as_str().expect("a query")).collect();
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    queries.extend(variables.iter().filter_map(|variable| variable["definition"].as_str()));
    queries.join("\n")
}

/// What only a server with a replica tells of: another test has one.
const OF_A_REPLICA: &str = "authsync_replica_";

/// Every metric of these that an alert, its tests or the dashboard name, once it is found that this server tells of such series.
fn named_and_there(metrics: &str, of_these: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let queries = queries();
    let mut named = BTreeSet::new();
    let all = selectors(ALERTS).into_iter().chain(selectors(ALERT_TESTS)).chain(selectors(&queries));
    for selector in all.filter(|selector| of_these(selector.name)) {
        named.insert(selector.name.to_owned());
        // Those that Prometheus adds, and what is another one's in each place.
        let labels =
            selector.labels.iter().filter(|(label, _)| !["job", "instance", "issuer", "version", "le"].contains(label));
        let wanted: Vec<_> = labels.map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let is_there = metrics.lines().any(|line| {
            let name = line.split(['{', ' ']).next();
            name == Some(selector.name) && wanted.iter().all(|label| line.contains(label))
        });
        assert!(is_there, "no series {selector:?} in\n{metrics}");
    }
    named
}

/// That a server with a replica is watched as this text of its metrics lets it be.
pub(crate) fn assert_a_replica_is_watched(metrics: &str) {
    let named = named_and_there(metrics, |name| name.starts_with(OF_A_REPLICA));
    assert_eq!(named.len(), 3, "{named:?}");
    assert_eq!(not_on_the_dashboard(metrics), [""; 0]);
}

#[test]
fn alerts_and_dashboard_name_metrics_labels_and_values_that_a_server_has() {
    let server = Setup::on_sqlite().start();
    let metrics = server.get("/metrics").body;
    let named = named_and_there(&metrics, |name| !name.starts_with(OF_A_REPLICA));
    assert!(named.len() > 15, "{named:?}");
}

#[test]
fn every_family_of_metrics_is_on_the_dashboard_or_stands_for_one_that_is() {
    let server = Setup::on_sqlite().start();
    assert_eq!(not_on_the_dashboard(&server.get("/metrics").body), [""; 0]);
}

fn not_on_the_dashboard(metrics: &str) -> Vec<&str> {
    let queries = queries();
    let shown: BTreeSet<_> =
        selectors(&queries).into_iter().map(|selector| selector.name.trim_end_matches("_bucket")).collect();
    let families = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    // The same by issuer is shown; and the last outcome shows in the count of outcomes.
    let elsewhere = [
        "authsync_jwks_age_seconds",
        "authsync_jwks_fetches_total",
        "authsync_jwks_keys",
        "authsync_issuer_keys_last_fetch",
    ];
    families.filter(|name| !shown.contains(name) && !elsewhere.contains(name)).collect()
}

/// The alerts: name, severity, runbook.
fn alerts() -> Vec<(&'static str, &'static str, &'static str)> {
    let value = |rule: &'static str, key: &str| {
        let line = rule.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {key} in {rule}"))
    };
    let rules = ALERTS.split("- alert: ").skip(1);
    rules
        .map(|rule| {
            assert!(!value(rule, "summary").is_empty() && !value(rule, "description").is_empty(), "{rule}");
            (rule.lines().next().expect("a name"), value(rule, "severity"), value(rule, "runbook_url"))
        })
        .collect()
}

#[test]
fn every_alert_has_its_heading_in_the_runbook_and_every_heading_its_alert() {
    let section = RUNBOOK.split("\n## ").find(|section| section.starts_with("Alerts\n")).expect("a section");
    let mut parts = section.split("\n### ").skip(1);
    for (name, severity, runbook) in alerts() {
        let part = parts.next().unwrap_or_else(|| panic!("no heading for {name}"));
        assert_eq!(part.lines().next(), Some(name), "in the order of the rules");
        assert!(part.contains(&format!("\n*{severity}.* ")), "{name} is {severity}: {part}");
        assert_eq!(runbook, format!("docs/operations.md#{}", name.to_lowercase()));
    }
    assert_eq!(parts.next(), None);
}

#[test]
fn every_alert_is_shown_to_fire() {
    for (name, severity, _) in alerts() {
        assert!(ALERT_TESTS.contains(&format!("alertname=\"{name}\",severity=\"{severity}\"")), "{name}");
    }
}

#[test]
fn on_postgres_the_log_words_the_troubles_with_the_database_as_the_runbook_does() {
    let limits = "[database]\nmax_connections = 1\ncheckout_timeout_ms = 100\nstatement_timeout_ms = 1500";
    // On a busy machine the first syncs come in vain, and whoever came more than once is answered from memory for a while.
    let without_memory = Program::on_postgres().with_file(limits).with("AUTHSYNC_USER_CACHE_ENTRIES", "0");
    let program = without_memory.serve_ready();
    let token = program.tenant.token("auth0|ada");
    let saved = || program.client().sync(&token, &sync_body("ada@example.com", "auth0|ada", None)).status == 200;
    eventually("a user", || saved().then_some(()));
    program.database.execute("ALTER TABLE users RENAME TO people");
    program.database.execute("CREATE VIEW users AS SELECT people.* FROM people, (SELECT pg_sleep(10)) AS slow");
    let wanted = ["the database did not come to the request in time", "canceling statement due to statement timeout"];
    let are_said = || {
        let log = program.log();
        wanted.iter().all(|words| log.lines().any(|line| line.contains("unavailable: ") && line.contains(words)))
    };
    // Who comes while a lookup is under way waits in vain; who comes alone is under way.
    let in_vain = || {
        assert_eq!(program.client().verify(&token).status, 503);
        are_said().then_some(())
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| eventually("both are in the log", in_vain));
        }
    });
    for words in wanted {
        assert!(RUNBOOK.contains(&format!("| `{words}`")), "{words}");
    }
}
