//! What the program is asked to do.

use std::ffi::OsString;

use persistence::DatabaseUrl;

/// One run of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve until told to stop.
    Serve,
    /// Change the schema or tell how it stands.
    Migrate {
        /// What to do with it.
        action: MigrateAction,
        /// The database, if not the configured one.
        database_url: Option<DatabaseUrl>,
    },
    /// Report whether everything that is configured can be reached.
    Check,
    /// Print [`USAGE`].
    Help,
    /// Print [`VERSION`].
    Version,
}

/// What to do with the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrateAction {
    /// Apply everything that is pending.
    Up,
    /// Take the latest step back.
    Down,
    /// List the steps.
    Status,
}

/// The arguments make no sense. What was typed is repeated only where it is a plain word: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// The first argument names no command.
    #[error("unknown command{0}")]
    UnknownCommand(Typed),
    /// An argument that the command does not take.
    #[error("unexpected argument{argument} to {command}")]
    UnexpectedArgument {
        /// The command.
        command: &'static str,
        /// What was typed.
        argument: Typed,
    },
    /// `migrate` without a direction, or with an unknown one.
    #[error("migrate takes up, down or status")]
    MigrateWhat,
    /// The database is named twice.
    #[error("--database-url is given twice")]
    DatabaseUrlTwice,
    /// No URL, or one that names no database.
    #[error("--database-url takes postgres://user:password@host/database or sqlite://PATH")]
    DatabaseUrl,
}

/// An argument as far as it may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed(Option<String>);

/// The program's name and version, in a line.
pub const VERSION: &str = concat!("authsync ", env!("CARGO_PKG_VERSION"), "\n");

/// How the program is called.
pub const USAGE: &str = "\
authsync: the backend half of an Auth0 login

Usage:
  authsync [serve]                  serve until SIGTERM or SIGINT
  authsync migrate up               bring the schema up to date
  authsync migrate down             take the latest step back
  authsync migrate status           list the steps, applied and pending
  authsync check                    reach issuer, keys and database; a line for each
  authsync --help | --version

Options of migrate:
  --database-url URL                this database instead of DATABASE_URL

Configuration (config/default.toml < config/$AUTHSYNC_ENV.toml < environment):
  AUTH0_DOMAIN                      tenant or custom domain: acme.eu.auth0.com       required
  AUTH0_API_IDENTIFIER              the audience of accepted tokens                  required
  AUTH0_CLIENT_ID                   client for the Management API, together with
  AUTH0_CLIENT_SECRET               its secret
  AUTH0_EVENTS_TOKEN                bearer of the Event Streams webhook
  DATABASE_URL                      postgres://… or sqlite://PATH                    sqlite://authsync.db
  AUTHSYNC_BIND                     host:port to listen on                           127.0.0.1:8080
  AUTHSYNC_CORS_ALLOWED_ORIGINS     whose pages may call, besides the Auth0 domain's
  AUTHSYNC_PUBLIC_URL               how clients reach the server
  AUTHSYNC_ALGORITHMS               what tokens may be signed with                   RS256
  AUTHSYNC_JWKS_MAX_AGE_SECS        for how long the issuer's keys are good          600
  AUTHSYNC_JWKS_COOLDOWN_SECS       how often an unknown key may cause a fetch       30
  AUTHSYNC_JWKS_STALE_SECS          for how long old keys outlive an outage          86400
  AUTHSYNC_LOG                      log filter, as RUST_LOG                          info
  AUTHSYNC_ENV                      names a file in config/
  SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY are honoured by outgoing requests

Exit: 0 done · 1 it did not work · 2 wrong arguments or configuration
";

impl Command {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// [`UsageError`] says what is wrong; print it with [`USAGE`] and exit with 2.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
            return Ok(Self::Help);
        }
        let Some((first, rest)) = arguments.split_first() else { return Ok(Self::Serve) };
        let (name, command) = match first.to_str() {
            Some("serve") => ("serve", Self::Serve),
            Some("check") => ("check", Self::Check),
            Some("help") => ("help", Self::Help),
            Some("--version" | "-V") => ("--version", Self::Version),
            Some("migrate") => return parse_migrate(rest),
            _ => return Err(UsageError::UnknownCommand(Typed::from(first))),
        };
        match rest.first() {
            None => Ok(command),
            Some(argument) => Err(UsageError::UnexpectedArgument { command: name, argument: Typed::from(argument) }),
        }
    }
}

fn parse_migrate(arguments: &[OsString]) -> Result<Command, UsageError> {
    let mut action = None;
    let mut database_url = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_str().unwrap_or_default();
        let url = match text.strip_prefix("--database-url") {
            Some("") => Some(rest.next().and_then(|url| url.to_str()).ok_or(UsageError::DatabaseUrl)?),
            Some(attached) => attached.strip_prefix('='),
            None => None,
        };
        if let Some(url) = url {
            let url = DatabaseUrl::parse(url).map_err(|_| UsageError::DatabaseUrl)?;
            if database_url.replace(url).is_some() {
                return Err(UsageError::DatabaseUrlTwice);
            }
            continue;
        }
        let direction = match text {
            "up" => MigrateAction::Up,
            "down" => MigrateAction::Down,
            "status" => MigrateAction::Status,
            _ if action.is_none() => return Err(UsageError::MigrateWhat),
            _ => return Err(UsageError::UnexpectedArgument { command: "migrate", argument: Typed::from(argument) }),
        };
        if action.replace(direction).is_some() {
            return Err(UsageError::MigrateWhat);
        }
    }
    Ok(Command::Migrate { action: action.ok_or(UsageError::MigrateWhat)?, database_url })
}

impl From<&OsString> for Typed {
    fn from(argument: &OsString) -> Self {
        let is_word = |text: &&str| text.len() <= 24 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        Self(argument.to_str().filter(is_word).map(str::to_owned))
    }
}

impl std::fmt::Display for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(word) => write!(f, " `{word}`"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, UsageError> {
        Command::parse(line.split_whitespace().map(OsString::from))
    }

    fn migrate(action: MigrateAction, url: Option<&str>) -> Result<Command, UsageError> {
        let database_url = url.map(|url| DatabaseUrl::parse(url).expect("a URL"));
        Ok(Command::Migrate { action, database_url })
    }

    #[test]
    fn every_command_is_understood() {
        assert_eq!(parse(""), Ok(Command::Serve));
        assert_eq!(parse("serve"), Ok(Command::Serve));
        assert_eq!(parse("check"), Ok(Command::Check));
        assert_eq!(parse("migrate up"), migrate(MigrateAction::Up, None));
        assert_eq!(parse("migrate down"), migrate(MigrateAction::Down, None));
        assert_eq!(parse("migrate status"), migrate(MigrateAction::Status, None));
        assert_eq!(parse("--version"), Ok(Command::Version));
        assert_eq!(parse("-V"), Ok(Command::Version));
    }

    #[test]
    fn a_database_may_be_named_before_or_after_the_direction() {
        let expected = migrate(MigrateAction::Up, Some("sqlite://a.db"));
        assert_eq!(parse("migrate up --database-url sqlite://a.db"), expected);
        assert_eq!(parse("migrate --database-url sqlite://a.db up"), expected);
        assert_eq!(parse("migrate up --database-url=sqlite://a.db"), expected);
    }

    #[test]
    fn help_is_given_wherever_it_is_asked_for() {
        for line in ["--help", "-h", "help", "serve --help", "migrate --help", "migrate up -h", "nonsense --help"] {
            assert_eq!(parse(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for line in [
            "server",
            "serve now",
            "check --fast",
            "--verbose",
            "migrate",
            "migrate sideways",
            "migrate up down",
            "migrate up 3",
            "migrate --database-url sqlite://a.db",
            "migrate up --database-url",
            "migrate up --database-url mysql://a",
            "migrate up --database-urls sqlite://a.db",
            "migrate up --database-url sqlite://a.db --database-url sqlite://b.db",
            "up",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn an_error_says_what_was_typed_if_that_is_a_plain_word() {
        assert_eq!(parse("server").expect_err("no command").to_string(), "unknown command `server`");
        assert_eq!(parse("serve --fast").expect_err("no option").to_string(), "unexpected argument `--fast` to serve");
    }

    #[test]
    fn an_error_never_shows_what_may_hold_a_password() {
        for line in [
            "postgres://u:hunter2@host/db",
            "serve postgres://u:hunter2@host/db",
            "migrate up postgres://u:hunter2@host/db",
            "migrate --url=postgres://u:hunter2@host/db up",
            "migrate up --database-url mysql://u:hunter2@host/db",
        ] {
            let error = parse(line).expect_err("wrong arguments");
            assert!(!error.to_string().contains("hunter2") && !format!("{error:?}").contains("hunter2"), "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_argument_that_is_not_utf_8_is_refused() {
        use std::os::unix::ffi::OsStringExt;
        let garbled = || OsString::from_vec(vec![0xff]);
        assert!(Command::parse([garbled()]).is_err());
        assert!(Command::parse([OsString::from("migrate"), garbled()]).is_err());
        let arguments = [OsString::from("migrate"), "up".into(), "--database-url".into(), garbled()];
        assert_eq!(Command::parse(arguments), Err(UsageError::DatabaseUrl));
    }

    #[test]
    fn the_usage_names_every_command_and_fits_a_screen() {
        for word in ["serve", "migrate up", "migrate down", "migrate status", "check", "--help", "--version"] {
            assert!(USAGE.contains(word), "{word}");
        }
        assert!(USAGE.lines().all(|line| line.chars().count() <= 110));
        assert!(USAGE.lines().count() <= 50);
    }
}
