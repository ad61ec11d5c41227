//! `authsync check`: can everything that is configured be reached?

use std::fmt;

use auth0_verify::{AnsweredKeys, HttpKeyFetcher, KeyAnswer, KeyFetcher as _};
use domain::{DirectoryAnswer, ProfileDirectory, SchemaState, Subject};
use persistence::Database;

use crate::composition::{Services, management_directory};
use crate::settings::Settings;

/// A user whom no tenant has: that Auth0 says so shows that it lets us read users.
const NOBODY: &str = "auth0|authsync-check-asks-for-nobody";

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
        let keys = HttpKeyFetcher::new(issuer).fetch(None);
        report.add(
            "issuer keys",
            match keys {
                Ok(KeyAnswer { keys: AnsweredKeys::Set(set, _), .. }) => {
                    Ok(format!("{} usable at {}", set.count(), issuer.jwks_url()))
                }
                Ok(_) => Err(format!("{}: no keys", issuer.jwks_url())),
                Err(error) => Err(format!("{}: {:#}", issuer.jwks_url(), anyhow::Error::from(error))),
            },
        );
    }
    if let Some(directory) = management_directory(settings, Services::system_clock()) {
        report.add(
            "management api",
            match ask_for_nobody(&directory) {
                Ok(_) => Ok("users can be read".to_owned()),
                Err(error) => Err(format!("{error:#}")),
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

fn ask_for_nobody(directory: &dyn ProfileDirectory) -> anyhow::Result<DirectoryAnswer> {
    Ok(directory.profile_of(&Subject::parse(NOBODY)?)?)
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
            writeln!(f, "{}  {:<14}  {}", if line.good { "ok    " } else { "failed" }, line.part, line.finding)
        })
    }
}
