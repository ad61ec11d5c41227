//! `cargo xtask migrate`: the same code as `authsync migrate`, for a machine with cargo.

use anyhow::Context;
use persistence::{DatabaseUrl, LegacyUsers, MigrateError, MigrationStatus, Migrator, Phase};

use crate::arguments::{Arguments, UsageError};
use crate::screen::Screen;

/// Applies, reverts or lists migrations, one line each.
///
/// # Errors
/// The arguments are wrong, or the database refuses.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<()> {
    let arguments = Arguments::parse(arguments, &[], &["--database-url"], 1)?;
    let direction = arguments.word().ok_or_else(|| UsageError::because("`migrate` needs `up`, `down` or `status`"))?;
    if !["up", "down", "status"].contains(&direction) {
        return Err(UsageError::because(format!("`migrate` knows `up`, `down` and `status`, not `{direction}`")));
    }
    let url = database_url(arguments.value("--database-url"))?;
    let migrator = Migrator::new(url.clone());
    let lines = match direction {
        "up" => migrator.up().map(|names| names.iter().map(|name| format!("applied   {name}")).collect()),
        "down" => migrator.down().map(|name| name.iter().map(|name| format!("reverted  {name}")).collect()),
        _ => migrator.status().map(|list| list.iter().map(line_of).collect()),
    };
    let lines: Vec<String> = lines.map_err(with_advice)?;
    if lines.is_empty() {
        screen.line("nothing to do");
    }
    for line in lines {
        screen.line(line);
    }
    if direction == "up"
        && let Some(next) = next_step(url)
    {
        screen.line(format!("next: {next}"));
    }
    Ok(())
}

/// What follows where the table came from the password era and still is on its way.
fn next_step(url: DatabaseUrl) -> Option<&'static str> {
    // The migration is done; that nothing can be said of it is no failure.
    let status = LegacyUsers::new(url).status().ok()?;
    (!matches!(status.phase, Phase::NothingToDo | Phase::Finished)).then(|| status.next_step())
}

fn line_of(migration: &MigrationStatus) -> String {
    format!("{:<9} {}", if migration.applied { "applied" } else { "pending" }, migration.name)
}

fn with_advice(error: MigrateError) -> anyhow::Error {
    let is_out_of_reach = matches!(error, MigrateError::OutOfReach { .. });
    let error = anyhow::Error::new(error);
    if is_out_of_reach {
        error.context("start the database, or name another one with --database-url or DATABASE_URL")
    } else {
        error
    }
}

fn database_url(argument: Option<&str>) -> anyhow::Result<DatabaseUrl> {
    let (source, url) = match (argument, std::env::var_os("DATABASE_URL")) {
        (Some(url), _) => ("--database-url", url.to_owned()),
        (None, Some(url)) => ("DATABASE_URL", url.to_string_lossy().into_owned()),
        (None, None) => ("the default", "sqlite://authsync.db".to_owned()),
    };
    DatabaseUrl::parse(&url).with_context(|| format!("{source} is no database URL"))
}
