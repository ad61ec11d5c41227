//! Everything that can be configured, by its two names.

/// One thing that can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Where it stands in a TOML file: `group.key`.
    pub(super) path: &'static str,
    /// The environment variables that set it, the strongest first; none for what only a file sets.
    pub(super) variables: &'static [&'static str],
}

impl Key {
    /// What a problem calls it: its variable, or its place in the file where it has none.
    pub(super) fn name(self) -> &'static str {
        self.variables.first().copied().unwrap_or(self.path)
    }

    /// The key at a place in a TOML file.
    pub(super) fn at(path: &str) -> Option<Self> {
        ALL.iter().copied().find(|key| key.path == path)
    }

    /// Whether a TOML file has a table of this name.
    pub(super) fn is_group(name: &str) -> bool {
        ALL.iter().any(|key| key.path.split_once('.').is_some_and(|(group, _)| group == name))
    }
}

macro_rules! keys {
    ($($name:ident = $path:literal [$($variable:literal),*];)+) => {
        $(pub(super) const $name: Key = Key { path: $path, variables: &[$($variable),*] };)+

        /// Every key there is, in the order of `config/default.toml`.
        pub(super) const ALL: &[Key] = &[$($name),+];
    };
}

keys! {
    AUTH0_DOMAIN = "auth0.domain" ["AUTH0_DOMAIN"];
    AUTH0_API_IDENTIFIER = "auth0.api_identifier" ["AUTH0_API_IDENTIFIER"];
    AUTH0_CLIENT_ID = "auth0.client_id" ["AUTH0_CLIENT_ID"];
    AUTH0_CLIENT_SECRET = "auth0.client_secret" ["AUTH0_CLIENT_SECRET"];
    AUTH0_EVENTS_TOKEN = "auth0.events_token" ["AUTH0_EVENTS_TOKEN"];

    ALGORITHMS = "tokens.algorithms" ["AUTHSYNC_ALGORITHMS"];
    JWKS_MAX_AGE = "tokens.jwks_max_age_secs" ["AUTHSYNC_JWKS_MAX_AGE_SECS"];
    JWKS_COOLDOWN = "tokens.jwks_cooldown_secs" ["AUTHSYNC_JWKS_COOLDOWN_SECS"];
    JWKS_STALE = "tokens.jwks_stale_secs" ["AUTHSYNC_JWKS_STALE_SECS"];
    TOKEN_CACHE = "tokens.cache_entries" ["AUTHSYNC_TOKEN_CACHE_ENTRIES"];

    DATABASE_URL = "database.url" ["DATABASE_URL"];
    DATABASE_READ_URL = "database.read_url" ["DATABASE_READ_URL"];
    READ_MAX_LAG = "database.read_max_lag_ms" [];
    DATABASE_LISTEN_URL = "database.listen_url" ["DATABASE_LISTEN_URL"];
    PREPARED_STATEMENTS = "database.prepared_statements" ["AUTHSYNC_DATABASE_PREPARED_STATEMENTS"];
    SQLITE_SYNCHRONOUS = "database.sqlite_synchronous" ["AUTHSYNC_SQLITE_SYNCHRONOUS"];
    MAX_CONNECTIONS = "database.max_connections" [];
    CHECKOUT_TIMEOUT = "database.checkout_timeout_ms" [];
    STATEMENT_TIMEOUT = "database.statement_timeout_ms" [];

    USER_CACHE_ENTRIES = "user_cache.entries" ["AUTHSYNC_USER_CACHE_ENTRIES"];
    USER_CACHE_STALE = "user_cache.stale_secs" ["AUTHSYNC_USER_CACHE_STALE_SECS"];

    BIND = "http.bind" ["AUTHSYNC_BIND"];
    CORS_ALLOWED_ORIGINS = "http.cors_allowed_origins" ["AUTHSYNC_CORS_ALLOWED_ORIGINS"];
    PUBLIC_URL = "http.public_url" ["AUTHSYNC_PUBLIC_URL"];
    WORKERS = "http.workers" [];
    MAX_WAITING = "http.max_waiting" [];
    MAX_BODY_BYTES = "http.max_body_bytes" [];
    HEADER_TIMEOUT = "http.header_timeout_ms" [];
    BODY_TIMEOUT = "http.body_timeout_ms" [];
    KEEP_ALIVE = "http.keep_alive_ms" [];
    DRAIN = "http.drain_ms" [];
    SHUTDOWN = "http.shutdown_ms" [];

    DPOP = "dpop.mode" ["AUTHSYNC_DPOP"];
    DPOP_PROOF_MAX_AGE = "dpop.proof_max_age_secs" ["AUTHSYNC_DPOP_PROOF_MAX_AGE_SECS"];
    DPOP_NONCE_SECRET = "dpop.nonce_secret" ["AUTHSYNC_DPOP_NONCE_SECRET"];

    MAX_SOCKETS = "websocket.max_sockets" [];
    MAX_SOCKETS_PER_USER = "websocket.max_sockets_per_user" [];
    MAX_FRAMES = "websocket.max_frames" [];
    PING = "websocket.ping_ms" [];
    WRITE_TIMEOUT = "websocket.write_timeout_ms" [];

    LOG = "log.filter" ["AUTHSYNC_LOG", "RUST_LOG"];
    LOG_FORMAT = "log.format" ["AUTHSYNC_LOG_FORMAT"];
}

/// Names the file under `config/` that is read between the defaults and the environment.
pub(super) const ENV_VARIABLE: &str = "AUTHSYNC_ENV";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_keys_share_a_name() {
        let paths: HashSet<_> = ALL.iter().map(|key| key.path).collect();
        let variables: Vec<_> = ALL.iter().flat_map(|key| key.variables).collect();
        assert_eq!(paths.len(), ALL.len());
        assert_eq!(variables.iter().collect::<HashSet<_>>().len(), variables.len());
    }

    #[test]
    fn every_key_stands_in_one_group() {
        assert!(ALL.iter().all(|key| key.path.split('.').count() == 2));
        assert!(Key::is_group("auth0") && !Key::is_group("auth") && !Key::is_group("auth0.domain"));
    }
}
