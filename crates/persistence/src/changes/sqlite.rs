//! Changes on SQLite: our own saves tell at once, other programs' writes show in the version of the file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use domain::UserChange;

use super::feed::{Feed, Source};
use super::listeners::Listeners;
use crate::connection_failures::one_line;
use crate::sqlite::pragmas::{Pragmas, file_name};

/// How long a look waits while somebody has the file for themselves.
const PATIENCE: Duration = Duration::from_secs(1);

/// `PRAGMA data_version`: a number that is another one after any other connection has committed.
pub(crate) struct FileVersion {
    path: String,
    connection: Option<SqliteConnection>,
    last: Option<i64>,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}

impl FileVersion {
    /// Tells of changes to these listeners, once there is one.
    pub(crate) fn feed(path: &str, listeners: Arc<Listeners>) -> Feed<Self> {
        let path = file_name(path);
        Feed::new(move || Self { path: path.clone(), connection: None, last: None }, listeners)
    }

    fn read(&mut self) -> Result<i64, String> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let mut connection =
                    SqliteConnection::establish(&self.path).map_err(|error| one_line(&error.to_string()))?;
                Pragmas::patient(PATIENCE)
                    .set(&mut connection)
                    .and_then(|()| connection.batch_execute("PRAGMA query_only = ON"))
                    .map_err(|error| one_line(&error.to_string()))?;
                // Versions compare within one connection only.
                self.last = None;
                none.insert(connection)
            }
        };
        let version: Version =
            sql_query("PRAGMA data_version").get_result(connection).map_err(|error| one_line(&error.to_string()))?;
        Ok(version.data_version)
    }
}

impl Source for FileVersion {
    /// A look reads a few bytes of shared memory.
    const PAUSE: Duration = Duration::from_millis(200);

    /// A file has nobody at its other end.
    fn patience(&self) -> Duration {
        PATIENCE * 60
    }

    fn look(&mut self) -> Result<Vec<UserChange>, String> {
        // Every commit from before this moment is in the version.
        let began = Instant::now();
        let version = self.read().inspect_err(|_| self.connection = None)?;
        let changed = self.last.replace(version) != Some(version);
        let news = changed.then_some(UserChange::Any);
        Ok(news.into_iter().chain([UserChange::ToldUntil(began)]).collect())
    }
}
