//! What a command needs that asks nobody but the database.

use persistence::DatabaseUrl;

use super::reader::Reader;
use super::{DatabaseSettings, Environment, LogSettings, Problems};

/// The database and the log: no tenant, so that a schema can be changed and a table be looked at where none is configured.
#[derive(Clone, Debug)]
pub struct LocalSettings {
    /// The database to work on.
    pub database: DatabaseSettings,
    /// What is logged.
    pub log: LogSettings,
}

impl LocalSettings {
    /// Reads all layers, the database and the log of them. A URL from the command line takes the place of the
    /// configured one.
    ///
    /// # Errors
    /// [`Problems`] holds everything that is wrong with these two groups and with the files.
    pub fn load(environment: &Environment, database_url: Option<DatabaseUrl>) -> Result<Self, Problems> {
        let mut reader = Reader::new(environment);
        let database = DatabaseSettings::read(&mut reader, database_url);
        let log = LogSettings::read(&mut reader);
        let settings = (|| Some(Self { database: database?, log: log? }))();
        reader.finish(settings)
    }
}
