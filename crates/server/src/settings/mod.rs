//! What an operator can set: read once at start, typed, with every problem reported at once.
//!
//! Three layers, the later over the earlier: `config/default.toml` (part of the program), `config/<AUTHSYNC_ENV>.toml`
//! (read from the working directory), and environment variables. `docs/configuration.md` describes each key.

mod auth0;
mod authority;
mod bind_address;
mod database;
mod dpop;
mod environment;
mod http;
mod key;
mod layers;
mod local;
mod log;
mod log_filter;
mod origin;
mod problems;
mod protected_resource;
mod public_url;
mod reader;
mod tenant;
#[cfg(test)]
mod tests;
mod token_rules;
mod user_cache;
mod websocket;

use self::reader::Reader;

pub use self::auth0::{Auth0Settings, ManagementCredentials};
pub use self::bind_address::{BindAddress, BindAddressError};
pub use self::database::{DatabaseSettings, ReplicaSettings};
pub use self::dpop::DpopSettings;
pub use self::environment::Environment;
pub use self::http::{HttpSettings, ShutdownTimings};
pub use self::local::LocalSettings;
pub use self::log::{LogFormat, LogFormatError, LogSettings};
pub use self::log_filter::{LogFilter, LogFilterError};
pub use self::origin::{Origin, OriginError};
pub use self::problems::Problems;
pub use self::protected_resource::ProtectedResource;
pub use self::public_url::{PublicUrl, PublicUrlError};
pub use self::tenant::TenantSettings;
pub use self::token_rules::TokenRules;
pub use self::user_cache::UserCacheSettings;
pub use self::websocket::WebSocketSettings;

/// Everything that the server needs to know. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The tenant.
    pub auth0: Auth0Settings,
    /// How tokens are judged.
    pub tokens: TokenRules,
    /// The users table.
    pub database: DatabaseSettings,
    /// How much of it is kept in memory.
    pub user_cache: UserCacheSettings,
    /// The listener and its clients.
    pub http: HttpSettings,
    /// How tokens are taken that are bound to a key; `None` where they are refused.
    pub dpop: Option<DpopSettings>,
    /// What is logged.
    pub log: LogSettings,
}

impl Settings {
    /// Reads all layers.
    ///
    /// # Errors
    /// [`Problems`] holds everything that is wrong, not only the first.
    pub fn load(environment: &Environment) -> Result<Self, Problems> {
        let mut reader = Reader::new(environment);
        let auth0 = Auth0Settings::read(&mut reader);
        let tokens = TokenRules::read(&mut reader);
        let database = DatabaseSettings::read(&mut reader, None);
        let user_cache = UserCacheSettings::read(&mut reader);
        let http = HttpSettings::read(&mut reader, auth0.as_ref());
        let dpop = DpopSettings::read(&mut reader, http.as_ref());
        let log = LogSettings::read(&mut reader);
        let settings = (|| {
            let (auth0, tokens, database, http) = (auth0?, tokens?, database?, http?);
            Some(Self { auth0, tokens, database, user_cache: user_cache?, http, dpop: dpop?, log: log? })
        })();
        reader.finish(settings)
    }
}
