//! What a command needs that asks the Management API.

use auth0_verify::Issuer;

use super::reader::Reader;
use super::{Auth0Settings, DatabaseSettings, Environment, LogSettings, ManagementCredentials, Problems, key};

/// The tenant, a client of its Management API, and the database.
#[derive(Clone, Debug)]
pub struct TenantSettings {
    /// The domain that is asked: the first that is configured.
    pub issuer: Issuer,
    /// Who asks.
    pub management: ManagementCredentials,
    /// The database to work on.
    pub database: DatabaseSettings,
    /// What is logged.
    pub log: LogSettings,
}

impl TenantSettings {
    /// Reads all layers, and what concerns the tenant, the database and the log of them.
    ///
    /// # Errors
    /// [`Problems`] holds everything that is wrong with these groups and with the files; missing credentials are a problem
    /// here.
    pub fn load(environment: &Environment) -> Result<Self, Problems> {
        let mut reader = Reader::new(environment);
        let auth0 = Auth0Settings::read(&mut reader);
        if let Some(Auth0Settings { management: None, .. }) = auth0 {
            reader.miss(key::AUTH0_CLIENT_ID, "the id of a client of the Management API, which this command asks");
            reader.miss(key::AUTH0_CLIENT_SECRET, "its secret");
        }
        let database = DatabaseSettings::read(&mut reader, None);
        let log = LogSettings::read(&mut reader);
        let settings = (|| {
            let Auth0Settings { issuers, management, .. } = auth0?;
            let issuer = issuers.into_iter().next()?;
            Some(Self { issuer, management: management?, database: database?, log: log? })
        })();
        reader.finish(settings)
    }
}
