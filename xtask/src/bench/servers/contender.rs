//! The servers that are compared.

/// Where a server keeps its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bench) enum Store {
    /// It has none.
    Nothing,
    Postgres,
    Sqlite,
}

/// What runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bench) enum Program {
    /// One of `benches/peers`.
    Peer(&'static str),
    Authsync,
}

/// One of them, with its settings.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Contender {
    /// As `--servers` has it.
    pub(in crate::bench) name: &'static str,
    /// For the tables.
    pub(in crate::bench) title: &'static str,
    pub(in crate::bench) program: Program,
    pub(in crate::bench) store: Store,
    /// Beside what all have.
    pub(in crate::bench) settings: &'static [(&'static str, &'static str)],
    /// Takes part in the short run.
    pub(in crate::bench) in_short: bool,
}

/// The ceiling.
pub(in crate::bench) const BARE: &str = "bare-actix";
/// As it is delivered, on PostgreSQL.
pub(in crate::bench) const AUTHSYNC: &str = "authsync";
/// The users of the cache are looked up each time.
pub(in crate::bench) const USERS_UNCACHED: &str = "authsync-users-uncached";
/// Nothing is remembered.
pub(in crate::bench) const UNCACHED: &str = "authsync-uncached";

const QUIET: (&str, &str) = ("AUTHSYNC_LOG", "warn");
const NO_TOKENS: (&str, &str) = ("AUTHSYNC_TOKEN_CACHE_ENTRIES", "0");
const NO_USERS: (&str, &str) = ("AUTHSYNC_USER_CACHE_ENTRIES", "0");

/// In the order of the tables, and of each round.
pub(in crate::bench) const ALL: [Contender; 9] = [
    Contender {
        name: BARE,
        title: "bare actix-web handler",
        program: Program::Peer("bare-actix"),
        store: Store::Nothing,
        settings: &[],
        in_short: true,
    },
    Contender {
        name: "actix-manual",
        title: "actix-web, jsonwebtoken, diesel + r2d2",
        program: Program::Peer("actix-manual"),
        store: Store::Postgres,
        settings: &[],
        in_short: true,
    },
    Contender {
        name: "axum-jwt-authorizer",
        title: "axum, jwt-authorizer, sqlx",
        program: Program::Peer("axum-jwt-authorizer"),
        store: Store::Postgres,
        settings: &[],
        in_short: true,
    },
    Contender {
        name: AUTHSYNC,
        title: "authsync",
        program: Program::Authsync,
        store: Store::Postgres,
        settings: &[QUIET],
        in_short: true,
    },
    Contender {
        name: USERS_UNCACHED,
        title: "authsync, user cache off",
        program: Program::Authsync,
        store: Store::Postgres,
        settings: &[QUIET, NO_USERS],
        in_short: false,
    },
    Contender {
        name: UNCACHED,
        title: "authsync, both caches off",
        program: Program::Authsync,
        store: Store::Postgres,
        settings: &[QUIET, NO_TOKENS, NO_USERS],
        in_short: true,
    },
    Contender {
        name: "authsync-access-log",
        title: "authsync, access log on",
        program: Program::Authsync,
        store: Store::Postgres,
        settings: &[("AUTHSYNC_LOG", "info")],
        in_short: false,
    },
    Contender {
        name: "authsync-sqlite",
        title: "authsync on SQLite",
        program: Program::Authsync,
        store: Store::Sqlite,
        settings: &[QUIET],
        in_short: true,
    },
    Contender {
        name: "authsync-sqlite-uncached",
        title: "authsync on SQLite, both caches off",
        program: Program::Authsync,
        store: Store::Sqlite,
        settings: &[QUIET, NO_TOKENS, NO_USERS],
        in_short: false,
    },
];

impl Contender {
    /// Whether it is what others would be chosen instead of.
    pub(in crate::bench) fn is_peer(&self) -> bool {
        matches!(self.program, Program::Peer(_)) && self.store != Store::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_goals_speak_of_are_there_once() {
        for name in [BARE, AUTHSYNC, USERS_UNCACHED, UNCACHED] {
            assert_eq!(ALL.iter().filter(|one| one.name == name).count(), 1, "{name}");
        }
        assert_eq!(ALL.iter().filter(|one| one.is_peer()).count(), 2);
    }
}
