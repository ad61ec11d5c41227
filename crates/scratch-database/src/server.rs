//! The PostgreSQL server of this test process.

use std::sync::OnceLock;

use anyhow::{Context, anyhow};

use crate::OwnPostgres;

/// Where databases are made.
#[derive(Debug)]
pub(crate) enum Server {
    /// One that was started for this process.
    Own(OwnPostgres),
    /// The one that `TEST_DATABASE_URL` names.
    Named(String),
}

/// Started when the first test asks. A static is never dropped; the end of the process ends the server.
static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();

impl Server {
    /// The one server of this process.
    pub(crate) fn of_this_process() -> anyhow::Result<&'static Self> {
        let server = SERVER.get_or_init(|| Self::start().map_err(|error| format!("{error:#}")));
        server.as_ref().map_err(|story| anyhow!(story.clone()))
    }

    /// Where databases are created and dropped from.
    pub(crate) fn admin_url(&self) -> String {
        match self {
            Self::Own(server) => server.url(),
            Self::Named(url) => url.clone(),
        }
    }

    /// The URL of one of its databases.
    pub(crate) fn url_of(&self, database: &str) -> String {
        match self {
            Self::Own(server) => server.url_of(database),
            Self::Named(url) => with_database(url, database),
        }
    }

    fn start() -> anyhow::Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "tests have no settings to read it from")]
        let named = std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
        match named {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Self::Named(url)),
            Some(_) => Err(anyhow!("TEST_DATABASE_URL must be a postgres:// URL")),
            None => OwnPostgres::plan().start().map(Self::Own).context("no PostgreSQL to test with"),
        }
    }
}

/// The URL with another database in its path.
fn with_database(url: &str, database: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (location, parameters) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let authority = location.split_once('/').map_or(location, |(authority, _)| authority);
    format!("{scheme}://{authority}/{database}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_a_url_changes() {
        for (url, expected) in [
            ("postgres://u:p@h:5433/old?sslmode=disable", "postgres://u:p@h:5433/new?sslmode=disable"),
            ("postgresql://h", "postgresql://h/new"),
            ("postgres://?host=%2Ftmp", "postgres:///new?host=%2Ftmp"),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
