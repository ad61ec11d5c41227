//! Where the database is, as an operator writes it.

use std::fmt;
use std::path::Path;

use crate::postgres_url::{PostgresUrl, PostgresUrlError};

/// A database and how to reach it. Neither `Debug` nor `Display` shows user name or password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Target);

/// What a [`DatabaseUrl`] points at.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A server, in libpq's own notation.
    Postgres(PostgresUrl),
    /// The path of a file, not empty.
    Sqlite(Box<str>),
}

/// The kind of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL, through libpq.
    Postgres,
    /// SQLite, compiled in.
    Sqlite,
}

/// Why a text is no [`DatabaseUrl`]. Says what was expected, never what was there.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Neither kind of URL.
    #[error("expected postgres://…, postgresql://… or sqlite://PATH")]
    UnknownScheme,
    /// A control character, which no part of either kind of URL may hold.
    #[error("expected a URL without control characters")]
    ControlCharacter,
    /// No file, a database in memory (every connection of a pool would have one of its own), or parameters.
    #[error(
        "expected sqlite:// and then the path of a file, without parameters: sqlite://authsync.db, sqlite:///var/x.db"
    )]
    SqlitePath,
    /// libpq would not understand it, or would take a part of the password for something else.
    #[error(transparent)]
    Postgres(#[from] PostgresUrlError),
}

impl DatabaseUrl {
    /// Takes `postgres://…` and `postgresql://…` as libpq understands them (several hosts, Unix sockets, parameters:
    /// PostgreSQL's manual, "Connection URIs"), and `sqlite://PATH` with a relative or an absolute path, taken as it
    /// stands.
    ///
    /// # Errors
    /// [`DatabaseUrlError`] says what was expected.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.contains(char::is_control) {
            return Err(DatabaseUrlError::ControlCharacter);
        }
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self(Target::Postgres(PostgresUrl::parse(text)?))),
            Some(("sqlite", path)) => {
                if path.is_empty() || path.contains('?') || path.starts_with(":memory:") {
                    return Err(DatabaseUrlError::SqlitePath);
                }
                Ok(Self(Target::Sqlite(path.into())))
            }
            _ => Err(DatabaseUrlError::UnknownScheme),
        }
    }

    /// The kind of database.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.0 {
            Target::Postgres(_) => Backend::Postgres,
            Target::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// Whether it names a SQLite file that is not there yet, in a folder that is. To connect makes the file.
    #[must_use]
    pub fn is_yet_to_be_made(&self) -> bool {
        let Target::Sqlite(path) = &self.0 else { return false };
        let path = Path::new(path.as_ref());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        matches!(path.try_exists(), Ok(false)) && folder.is_dir()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Postgres(url) => f.write_str(&url.concealed()),
            Target::Sqlite(path) => write!(f, "sqlite://{path}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Backend, DatabaseUrlError> {
        DatabaseUrl::parse(text).map(|url| url.backend())
    }

    #[test]
    fn both_kinds_of_database_are_understood() {
        for text in [
            "postgres://localhost/authsync",
            "postgresql://user:secret@db.example.com:5432/authsync?application_name=x",
            "postgres://a:1,b:2,[::1]:3/authsync?target_session_attrs=read-write",
            "postgres:///authsync?host=%2Frun%2Fpostgresql",
            "postgres:///authsync?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/authsync",
            "postgres://",
        ] {
            assert_eq!(parse(text), Ok(Backend::Postgres), "{text}");
        }
        for text in ["sqlite://authsync.db", "sqlite:///var/lib/x.db", "sqlite://data/a b%20c.db"] {
            assert_eq!(parse(text), Ok(Backend::Sqlite), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "authsync.db", "mysql://h/d", "postgres:h", "sqlite:authsync.db", "host=h", "POSTGRES://h"] {
            assert_eq!(parse(text), Err(DatabaseUrlError::UnknownScheme), "{text}");
        }
        for text in ["sqlite://", "sqlite://:memory:", "sqlite://a.db?mode=ro"] {
            assert_eq!(parse(text), Err(DatabaseUrlError::SqlitePath), "{text}");
        }
        for text in ["sqlite://a\0b", "postgres://h/d\n"] {
            assert_eq!(parse(text), Err(DatabaseUrlError::ControlCharacter), "{text:?}");
        }
    }

    #[test]
    fn neither_debug_nor_display_shows_a_credential() {
        let text = "postgres://alice:hunter2@db:5432/authsync?password=hunter3&sslpassword=hunter4&%70assword=hunter5\
                    &application_name=x";
        let url = DatabaseUrl::parse(text).expect("a URL");
        assert_eq!(
            url.to_string(),
            "postgres://***@db:5432/authsync?password=***&sslpassword=***&%70assword=***&application_name=x"
        );
        for shown in [url.to_string(), format!("{url:?}"), format!("{url:#?}")] {
            assert!(!shown.contains("hunter") && !shown.contains("alice"), "{shown}");
        }
    }

    #[test]
    fn an_error_never_shows_the_value() {
        for text in ["mysql://hunter2", "sqlite://?hunter2", "postgres://u:hunter2/x@h/d", "postgres://u:hunter2"] {
            let error = DatabaseUrl::parse(text).expect_err(text);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
