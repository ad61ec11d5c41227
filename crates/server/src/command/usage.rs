//! How the program is called, as its help says.

use std::ffi::OsString;

/// The program's name and version, in a line.
pub const VERSION: &str = concat!("authsync ", env!("CARGO_PKG_VERSION"), "\n");

/// The help that fits these arguments: a group of commands has a page of its own.
#[must_use]
pub fn usage_for(arguments: &[OsString]) -> &'static str {
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    match words.find(|word| *word != "help" && !word.starts_with('-')) {
        Some("events") => EVENTS_USAGE,
        Some("legacy") => LEGACY_USAGE,
        _ => USAGE,
    }
}

/// How the program is called.
pub const USAGE: &str = "\
authsync: the backend half of an Auth0 login

Usage:
  authsync [serve]                  serve until SIGTERM or SIGINT
  authsync migrate up               bring the schema up to date
  authsync migrate down             take the latest step back
  authsync migrate status           list the steps, applied and pending
  authsync check                    reach issuer, keys, Management API and database; a line for each
  authsync backfill                 take in every user whom Auth0 has; goes on where it left off
  authsync reconcile                report what differs between Auth0 and the table, and mend it
  authsync events …                 Auth0's events; see `authsync events --help`
  authsync legacy …                 from a table of passwords to Auth0; see `authsync legacy --help`
  authsync --help | --version

Options of migrate:
  --database-url URL                this database instead of DATABASE_URL
Options of check:
  --rehearse-rotation               show what a rotation of keys will do, at a tenant on this machine
Options of backfill:
  --connection ID                   only the users of this connection (con_…)
  --restart                         from the beginning, although an earlier run left off half-way
Options of reconcile:
  --dry-run                         report and change nothing
  --format table|json               how to report                                    table

Configuration (config/default.toml < config/$AUTHSYNC_ENV.toml < environment), what is set most often of it:
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
  AUTHSYNC_TOKEN_CACHE_ENTRIES      verified tokens that are known again             10000
  AUTHSYNC_LOG                      log filter, as RUST_LOG                          info
  AUTHSYNC_LOG_FORMAT               text or json                                     text
  AUTHSYNC_ENV                      names a file in config/
  SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY are honoured by outgoing requests
Everything, such as DPoP, caches and more databases: docs/configuration.md

Exit: 0 done · 1 it did not work, or not for everybody · 2 wrong arguments or configuration
";

const EVENTS_USAGE: &str = "\
authsync events: what Auth0 tells of its users

Usage:
  authsync events pull                 follow the events at Auth0 until SIGTERM or SIGINT
  authsync events dead-letters list    show what could not be applied, and why
  authsync events dead-letters retry   try it again

Options of dead-letters list:
  --format table|json                  how to show it                                table
Options of dead-letters list and retry:
  --database-url URL                   this database instead of DATABASE_URL

Configuration: see `authsync --help`; dead-letters needs DATABASE_URL alone.
Exit: 0 done · 1 it did not work · 2 wrong arguments or configuration
";

const LEGACY_USAGE: &str = "\
authsync legacy: from a table with passwords to Auth0, while the application runs

Usage:
  authsync legacy plan                 look at the table and say what would happen; changes nothing
  authsync legacy adopt                add the columns that authsync needs; the passwords stay
  authsync legacy export --out DIR     write the files of a bulk import
  authsync legacy import --dir DIR --connection ID
                                       have Auth0 import them into its database connection ID (con_…)
  authsync legacy link                 give the rows of imported users their Auth0 ids
  authsync legacy finish               drop the passwords, after a dump of them
  authsync legacy rollback             undo every step before finish
  authsync legacy status               say how far it has come

Every step can be run again, also after it was killed.

Options:
  --password-column NAME               of plan, adopt, export, finish: the hashes    hashed_password
  --format table|json                  of plan, status: how to report                table
  --uploaded DIR                       of link: its files were uploaded to Auth0 by hand
  --accept-unlinked N                  of finish: so many users may stay unlinked    0
  --dump FILE                          of finish: where the dump is written to       legacy-passwords.jsonl
  --newcomers keep|drop                of rollback: users without a password, who came since adopt
  --database-url URL                   of all but import: this database instead of DATABASE_URL

Configuration: see `authsync --help`; all but import need DATABASE_URL alone.
Exit: 0 done · 1 it did not work, or not for everybody · 2 wrong arguments or configuration
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_named_on_a_page_that_fits_a_screen() {
        let commands = [
            (USAGE, &["serve", "migrate up", "migrate down", "migrate status", "check", "backfill", "reconcile"][..]),
            (
                USAGE,
                &[
                    "events",
                    "legacy",
                    "--help",
                    "--version",
                    "--restart",
                    "--connection ID",
                    "--dry-run",
                    "--rehearse-rotation",
                ],
            ),
            (EVENTS_USAGE, &["pull", "dead-letters list", "dead-letters retry", "--format table|json"]),
            (LEGACY_USAGE, &["plan", "adopt", "export --out DIR", "import --dir DIR --connection ID", "link"]),
            (LEGACY_USAGE, &["finish", "rollback", "status", "--accept-unlinked N", "--dump FILE"]),
        ];
        for (page, words) in commands {
            assert!(words.iter().all(|word| page.contains(word)), "{words:?}");
            assert!(page.lines().all(|line| line.chars().count() <= 110));
            assert!(page.lines().count() <= 50);
        }
    }

    #[test]
    fn a_page_that_does_not_name_every_variable_says_where_they_are() {
        let defaults = include_str!("../../../../config/default.toml");
        let names = defaults.lines().filter_map(|line| line.strip_prefix("# ")).filter_map(|line| {
            let name = line.split([' ', ',', ':', '.']).next()?;
            ["AUTH0_", "AUTHSYNC_", "DATABASE_"].iter().any(|prefix| name.starts_with(prefix)).then_some(name)
        });
        let missing: Vec<_> = names.filter(|name| !USAGE.contains(name)).collect();
        assert!(missing.is_empty() || USAGE.contains("docs/configuration.md"), "{missing:?}");
    }

    #[test]
    fn a_group_of_commands_has_its_own_page() {
        let page = |line: &str| usage_for(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        assert_eq!([page("events --help"), page("--help events"), page("help events pull")], [EVENTS_USAGE; 3]);
        assert_eq!([page("legacy plan -h"), page("legacy nonsense")], [LEGACY_USAGE; 2]);
        assert_eq!([page("--help"), page(""), page("migrate up --help")], [USAGE; 3]);
    }
}
