//! The database, and the schema in it.

use domain::SchemaState;
use persistence::{Database, server_version};

use super::{CheckReport, Verdict};
use crate::settings::Settings;

pub(super) fn check(settings: &Settings, report: &mut CheckReport) {
    let url = &settings.database.url;
    let users = Database::open(url, &settings.database.pool).map(|database| database.users());
    let schema = match users.map_err(anyhow::Error::from).and_then(|users| Ok(users.schema_state()?)) {
        Ok(schema) => schema,
        Err(error) => return report.add(Verdict::Failed, "database", format!("{url}: {error:#}")),
    };
    match server_version(url) {
        Ok(version) => report.add(Verdict::Ok, "database", format!("{version} at {url}")),
        Err(error) => report.add(Verdict::Note, "database", format!("{url}; its version is not known: {error}")),
    }
    match schema {
        SchemaState::Current => report.add(Verdict::Ok, "schema", "current"),
        SchemaState::Behind { pending } => {
            let finding = format!("{pending} migrations of the database are pending: run `authsync migrate up`");
            report.add(Verdict::Failed, "schema", finding);
        }
    }
}
