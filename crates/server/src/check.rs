//! `authsync check`: can everything that is configured be reached?

use std::fmt;

use auth0_verify::{HttpKeyFetcher, KeyFetcher as _};
use domain::SchemaState;
use persistence::Database;

use crate::settings::Settings;

/// What was found, a line for each part.
#[derive(Debug, Default)]
pub struct CheckReport {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    good: bool,
    part: &'static str,
    finding: String,
}

/// Reaches out to everything once. Changes nothing.
#[must_use]
pub fn run(settings: &Settings) -> CheckReport {
    let mut report = CheckReport::default();
    report.add("configuration", Ok("complete".to_owned()));
    for issuer in &settings.auth0.issuers {
        let keys = HttpKeyFetcher::new(issuer).fetch();
        report.add(
            "issuer keys",
            match keys {
                Ok(set) => Ok(format!("{} usable at {}", set.count(), issuer.jwks_url())),
                Err(error) => Err(format!("{}: {:#}", issuer.jwks_url(), anyhow::Error::from(error))),
            },
        );
    }
    let users = Database::open(&settings.database.url, &settings.database.pool).map(|database| database.users());
    report.add(
        "database",
        match users.map_err(anyhow::Error::from).and_then(|users| Ok(users.schema_state()?)) {
            Ok(SchemaState::Current) => Ok(format!("{}, schema current", settings.database.url)),
            Ok(SchemaState::Behind { pending }) => {
                Err(format!("{}, {pending} migrations pending: run `authsync migrate up`", settings.database.url))
            }
            Err(error) => Err(format!("{}: {error:#}", settings.database.url)),
        },
    );
    report
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn all_good(&self) -> bool {
        self.lines.iter().all(|line| line.good)
    }

    fn add(&mut self, part: &'static str, finding: Result<String, String>) {
        let good = finding.is_ok();
        let (Ok(finding) | Err(finding)) = finding;
        self.lines.push(Line { good, part, finding });
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| {
            writeln!(f, "{}  {:<13}  {}", if line.good { "ok    " } else { "failed" }, line.part, line.finding)
        })
    }
}
